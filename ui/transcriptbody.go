package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// transcriptBody is as large as all lines together, but holds canvas objects
// only for the rows in sight.
type transcriptBody struct {
	widget.BaseWidget

	view  *transcriptView
	slots []*transcriptSlot
	back  *fyne.Container
	text  *fyne.Container
}

// A transcriptSlot is the objects of one visible row, used again and again.
type transcriptSlot struct {
	back           *canvas.Rectangle
	at, mark, text *canvas.Text
}

var (
	_ fyne.Draggable         = (*transcriptBody)(nil)
	_ desktop.Mouseable      = (*transcriptBody)(nil)
	_ fyne.SecondaryTappable = (*transcriptBody)(nil)
)

func newTranscriptBody(v *transcriptView) *transcriptBody {
	b := &transcriptBody{view: v, back: container0(), text: container0()}
	b.ExtendBaseWidget(b)
	return b
}

// container0 is a container that leaves its objects where they are.
func container0() *fyne.Container { return &fyne.Container{} }

func (b *transcriptBody) textSize() float32 { return theme.Size(theme.SizeNameCaptionText) }

func (b *transcriptBody) measure(s string) fyne.Size {
	return fyne.MeasureText(s, b.textSize(), fyne.TextStyle{Monospace: true})
}

func (b *transcriptBody) rowHeight() float32 {
	return float32(math.Ceil(float64(b.measure("Mg").Height))) + 1
}

// columns returns where the time, the mark and the text begin.
func (b *transcriptBody) columns() (at, mark, text float32) {
	at = theme.Padding() * 2
	mark = at + b.measure("00:00:00 #00  ").Width
	return at, mark, mark + b.measure("< ").Width
}

// MinSize is the size of all lines.
func (b *transcriptBody) MinSize() fyne.Size {
	_, _, text := b.columns()
	width := text + b.measure("0").Width*float32(b.view.wide) + theme.Padding()*4
	return fyne.NewSize(width, b.rowHeight()*float32(len(b.view.rows))+theme.Padding())
}

// CreateRenderer returns the rows in sight.
func (b *transcriptBody) CreateRenderer() fyne.WidgetRenderer {
	return &transcriptBodyRenderer{b}
}

type transcriptBodyRenderer struct{ b *transcriptBody }

func (r *transcriptBodyRenderer) Layout(size fyne.Size) {
	r.b.back.Resize(size)
	r.b.text.Resize(size)
	r.b.update()
}
func (r *transcriptBodyRenderer) MinSize() fyne.Size { return r.b.MinSize() }
func (r *transcriptBodyRenderer) Refresh()           { r.b.update() }
func (r *transcriptBodyRenderer) Destroy()           {}
func (r *transcriptBodyRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.back, r.b.text}
}

// update fills the slots with the rows in sight.
func (b *transcriptBody) update() {
	v, height := b.view, b.rowHeight()
	first := max(0, int(v.scroll.Offset.Y/height))
	count := min(int(v.scroll.Size().Height/height)+2, len(v.rows)-first)
	for len(b.slots) < count {
		b.slots = append(b.slots, b.newSlot())
	}
	from, to := v.selected()
	at, mark, text := b.columns()
	for i, s := range b.slots {
		if i >= count {
			s.hide()
			continue
		}
		n := first + i
		y := float32(n) * height
		row := v.rows[n]
		s.show(row)
		s.at.Move(fyne.NewPos(at, y))
		s.mark.Move(fyne.NewPos(mark, y))
		s.text.Move(fyne.NewPos(text, y))
		s.back.Move(fyne.NewPos(0, y))
		s.back.Resize(fyne.NewSize(max(b.Size().Width, v.scroll.Size().Width), height))
		s.back.Hidden = n < from || n >= to
		s.back.FillColor = theme.Color(theme.ColorNameSelection)
	}
	canvas.Refresh(b)
}

func (b *transcriptBody) newSlot() *transcriptSlot {
	newText := func() *canvas.Text {
		t := canvas.NewText("", theme.Color(theme.ColorNameForeground))
		t.TextStyle.Monospace = true
		return t
	}
	s := &transcriptSlot{back: canvas.NewRectangle(color.Transparent), at: newText(), mark: newText(), text: newText()}
	b.back.Objects = append(b.back.Objects, s.back)
	b.text.Objects = append(b.text.Objects, s.at, s.mark, s.text)
	return s
}

func (s *transcriptSlot) hide() {
	s.back.Hidden, s.at.Hidden, s.mark.Hidden, s.text.Hidden = true, true, true, true
}

func (s *transcriptSlot) show(row transcriptRow) {
	size := theme.Size(theme.SizeNameCaptionText)
	set := func(t *canvas.Text, text string, ink fyne.ThemeColorName) {
		t.Text, t.TextSize, t.Color, t.Hidden = text, size, theme.Color(ink), false
		t.Resize(t.MinSize())
	}
	set(s.at, row.at, theme.ColorNamePlaceHolder)
	set(s.mark, row.mark, theme.ColorNamePlaceHolder)
	set(s.text, row.text, row.ink)
}

// rowAt returns the line under a position in the body, the nearest where there
// is none.
func (b *transcriptBody) rowAt(y float32) int {
	return max(0, min(int(y/b.rowHeight()), len(b.view.rows)-1))
}

// MouseDown selects the line; with Shift it reaches from the last one.
func (b *transcriptBody) MouseDown(e *desktop.MouseEvent) {
	v := b.view
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		c.Focus(v)
	}
	if len(v.rows) == 0 {
		return
	}
	n := b.rowAt(e.Position.Y)
	if from, to := v.selected(); e.Button == desktop.MouseButtonSecondary {
		if n < from || n >= to {
			v.anchor, v.cursor = n, n
		}
		b.update()
		return
	}
	v.cursor = n
	if e.Modifier&fyne.KeyModifierShift == 0 || v.anchor < 0 {
		v.anchor = n
	}
	b.update()
}

// MouseUp implements desktop.Mouseable.
func (b *transcriptBody) MouseUp(*desktop.MouseEvent) {}

// Dragged selects as far as the pointer has come.
func (b *transcriptBody) Dragged(e *fyne.DragEvent) {
	if b.view.anchor < 0 || len(b.view.rows) == 0 {
		return
	}
	b.view.cursor = b.rowAt(e.Position.Y)
	b.update()
}

// DragEnd implements fyne.Draggable.
func (b *transcriptBody) DragEnd() {}

// TappedSecondary opens the context menu.
func (b *transcriptBody) TappedSecondary(e *fyne.PointEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(b)
	if c == nil {
		return
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		fyne.NewMenuItem("Copy", b.view.copy),
		fyne.NewMenuItem("Select all", b.view.SelectAll),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Clear", b.view.Clear),
	), c, e.AbsolutePosition)
}
