package filetable

import (
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// findPause is how long what was typed counts as one name.
const findPause = 1500 * time.Millisecond

// A finder is what has been typed to find a name.
type finder struct {
	text string
	stop func() // stops the clock that forgets text
}

func (f *finder) active() bool { return f.text != "" }

// typeToFind goes to the next name that begins with what was typed. The same
// letter again and again goes through the names that begin with it.
func (t *Table) typeToFind(r rune) {
	again := t.find.text == string(r)
	if !again {
		t.find.text += string(r)
	}
	t.search(again || len([]rune(t.find.text)) == 1)
}

// search goes to the first match after the cursor, or with onward false at it.
func (t *Table) search(onward bool) {
	from := max(t.model.Cursor(), 0)
	if onward && t.model.SelectedCount() > 0 {
		from++
	}
	place := t.model.Find(t.find.text, from)
	if place >= 0 {
		t.model.SelectOnly(place)
		t.ScrollTo(place)
		t.selectionChanged()
	}
	t.hint.say(t.look, t.find.text, place >= 0)
	t.hint.place(t.Size())
	t.keepFinding()
}

// keepFinding starts the pause anew.
func (t *Table) keepFinding() {
	if t.find.stop != nil {
		t.find.stop()
	}
	t.find.stop = t.After(findPause, t.stopFind)
}

// stopFind forgets what was typed.
func (t *Table) stopFind() {
	if t.find.stop != nil {
		t.find.stop()
	}
	t.find = finder{}
	t.hint.Hide()
}

// findKey handles the keys that mean something else while a name is typed.
func (t *Table) findKey(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyEscape:
		t.stopFind()
	case fyne.KeyBackspace:
		typed := []rune(t.find.text)
		t.find.text = string(typed[:len(typed)-1])
		if t.find.text == "" {
			t.stopFind()
			break
		}
		t.search(false)
	default:
		return false
	}
	return true
}

// A hint shows what has been typed, in the lower left corner.
type hint struct {
	widget.BaseWidget
	back  *canvas.Rectangle
	icon  *canvas.Image
	text  *canvas.Text
	found bool
}

func newHint() *hint {
	h := &hint{
		back: canvas.NewRectangle(color.Transparent), text: canvas.NewText("", color.Transparent),
		icon:  canvas.NewImageFromResource(theme.NewColoredResource(theme.SearchIcon(), theme.ColorNamePlaceHolder)),
		found: true,
	}
	h.back.CornerRadius = 4
	h.icon.FillMode = canvas.ImageFillContain
	h.ExtendBaseWidget(h)
	h.Hide()
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *hint) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(&fyne.Container{Layout: hintLayout{h}, Objects: []fyne.CanvasObject{h.back, h.icon, h.text}})
}

type hintLayout struct{ h *hint }

const hintHeight = 24

func (l hintLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.h.text.MinSize().Width+36, hintHeight)
}

func (l hintLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l.h.back.Resize(size)
	l.h.icon.Move(fyne.NewPos(7, 5))
	l.h.icon.Resize(fyne.NewSquareSize(14))
	text := l.h.text.MinSize()
	l.h.text.Move(fyne.NewPos(26, whole((hintHeight-text.Height)/2)))
	l.h.text.Resize(text)
}

// say shows what was typed, and whether a name was found.
func (h *hint) say(look palette, typed string, found bool) {
	h.found = found
	h.text.Text = typed
	if strings.HasSuffix(typed, " ") {
		h.text.Text = strings.TrimSuffix(typed, " ") + "␣"
	}
	if !found {
		h.text.Text += " — no such name"
	}
	h.paint(look)
	h.Show()
	h.Refresh()
}

func (h *hint) paint(look palette) {
	h.back.FillColor, h.back.StrokeColor, h.back.StrokeWidth = look.tip, look.accent, 1
	h.text.Color, h.text.TextSize = look.text, look.textSize
	if !h.found {
		h.text.Color, h.back.StrokeColor = look.trouble, look.trouble
	}
}

// place puts h in the corner of a table of that size.
func (h *hint) place(table fyne.Size) {
	size := h.MinSize()
	size.Width = min(size.Width, max(0, table.Width-16))
	h.Resize(size)
	h.Move(fyne.NewPos(8, table.Height-size.Height-8))
}

// warn shows a sentence about what is being typed elsewhere.
func (h *hint) warn(look palette, sentence string) {
	h.found = false
	h.text.Text = sentence
	h.paint(look)
	h.Show()
	h.Refresh()
}
