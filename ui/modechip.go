package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
)

// chipDetails lists what is known about the connection: names and values.
func chipDetails(info client.Info) [][2]string {
	var facts [][2]string
	if info.Addr != info.Remote.String() {
		facts = append(facts, [2]string{"Server", client.Printable(info.Addr)})
	}
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, [2]string{name, client.Printable(readable(value))})
		}
	}
	if info.Remote.IsValid() {
		add("Address", info.Remote.String())
	}
	switch {
	case info.TLS == nil && info.FellBackToPlain:
		add("Encryption", "none, the server offers no TLS")
	case info.TLS == nil:
		add("Encryption", "none")
	default:
		add("Encryption", info.TLS.Version+", "+info.TLS.Cipher)
		if info.TLS.Resumed {
			add("", "data connections resume the session")
		}
	}
	add("System", info.System)
	add("File names", info.Charset)
	return facts
}

// modeChip is the small rounded label that always says how the window is
// connected. A press opens more.
type modeChip struct {
	widget.BaseWidget

	OnTapped func(at fyne.Position)

	text    string
	safe    bool // encrypted
	hovered bool
	focused bool

	back  *canvas.Rectangle
	dot   *canvas.Circle
	label *canvas.Text
}

var (
	_ fyne.Tappable      = (*modeChip)(nil)
	_ fyne.Focusable     = (*modeChip)(nil)
	_ desktop.Hoverable  = (*modeChip)(nil)
	_ desktop.Cursorable = (*modeChip)(nil)
)

func newModeChip() *modeChip {
	c := &modeChip{
		back:  canvas.NewRectangle(color.Transparent),
		dot:   canvas.NewCircle(color.Transparent),
		label: canvas.NewText("", color.Transparent),
	}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows how a session talks and reports whether that is news.
func (c *modeChip) Set(text string, safe bool) bool {
	if c.text == text && c.safe == safe {
		return false
	}
	c.text, c.safe = text, safe
	c.Refresh()
	return true
}

// Tapped opens the details.
func (c *modeChip) Tapped(*fyne.PointEvent) {
	if c.OnTapped == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c)
	c.OnTapped(at.AddXY(0, c.Size().Height+2))
}

// FocusGained implements fyne.Focusable.
func (c *modeChip) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost implements fyne.Focusable.
func (c *modeChip) FocusLost() { c.focused = false; c.Refresh() }

// TypedRune implements fyne.Focusable.
func (c *modeChip) TypedRune(rune) {}

// TypedKey opens the details with Space or Return.
func (c *modeChip) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.Tapped(nil)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *modeChip) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (c *modeChip) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (c *modeChip) MouseOut() { c.hovered = false; c.Refresh() }

// Cursor is a hand: the chip can be pressed.
func (c *modeChip) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer returns a dot and a text on a rounded ground.
func (c *modeChip) CreateRenderer() fyne.WidgetRenderer {
	r := &modeChipRenderer{c}
	r.paint()
	return r
}

type modeChipRenderer struct{ c *modeChip }

const chipDot = 7

func (r *modeChipRenderer) paint() {
	c := r.c
	ink := theme.ColorNameWarning
	if c.safe {
		ink = theme.ColorNameSuccess
	}
	c.dot.FillColor = theme.Color(ink)
	c.label.Text, c.label.TextSize = c.text, theme.Size(theme.SizeNameCaptionText)
	c.label.Color = theme.Color(theme.ColorNameForeground)
	c.back.FillColor = theme.Color(theme.ColorNameButton)
	c.back.StrokeColor, c.back.StrokeWidth = color.Transparent, 0
	if c.hovered {
		c.back.StrokeColor, c.back.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1
	}
	if c.focused {
		c.back.StrokeColor, c.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 1
	}
}

func (r *modeChipRenderer) MinSize() fyne.Size {
	text := r.c.label.MinSize()
	return fyne.NewSize(text.Width+chipDot+theme.Padding()*7, text.Height+theme.Padding())
}

func (r *modeChipRenderer) Layout(size fyne.Size) {
	c, pad := r.c, theme.Padding()
	c.back.CornerRadius = size.Height / 2
	c.back.Resize(size)
	c.dot.Resize(fyne.NewSquareSize(chipDot))
	c.dot.Move(fyne.NewPos(3*pad, (size.Height-chipDot)/2))
	h := c.label.MinSize().Height
	c.label.Move(fyne.NewPos(3*pad+chipDot+1.5*pad, (size.Height-h)/2))
	c.label.Resize(fyne.NewSize(size.Width-6*pad-chipDot, h))
}

func (r *modeChipRenderer) Refresh() {
	r.paint()
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
func (r *modeChipRenderer) Destroy() {}
func (r *modeChipRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.back, r.c.dot, r.c.label}
}
