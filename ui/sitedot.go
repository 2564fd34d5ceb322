package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// siteColourDot is one colour to choose.
type siteColourDot struct {
	widget.BaseWidget

	name     string
	chosen   bool
	focused  bool
	onEscape func()
	onTapped func()
	dot      *canvas.Circle
	ring     *canvas.Rectangle
}

var (
	_ fyne.Focusable = (*siteColourDot)(nil)
	_ fyne.Tappable  = (*siteColourDot)(nil)
)

func newSiteDot(name string, escape, tapped func()) *siteColourDot {
	d := &siteColourDot{name: name, onEscape: escape, onTapped: tapped, dot: canvas.NewCircle(color.Transparent), ring: canvas.NewRectangle(color.Transparent)}
	d.ring.CornerRadius = 4
	d.ExtendBaseWidget(d)
	return d
}

func (d *siteColourDot) choose(on bool) {
	if d.chosen != on {
		d.chosen = on
		d.Refresh()
	}
}

// Tapped implements fyne.Tappable.
func (d *siteColourDot) Tapped(*fyne.PointEvent) { d.onTapped() }

// FocusGained implements fyne.Focusable.
func (d *siteColourDot) FocusGained() {
	d.focused = true
	d.Refresh()
}

// FocusLost implements fyne.Focusable.
func (d *siteColourDot) FocusLost() {
	d.focused = false
	d.Refresh()
}

// TypedRune implements fyne.Focusable.
func (d *siteColourDot) TypedRune(r rune) {
	if r == ' ' {
		d.onTapped()
	}
}

// TypedKey implements fyne.Focusable.
func (d *siteColourDot) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		d.onEscape()
	case fyne.KeyReturn, fyne.KeyEnter:
		d.onTapped()
	}
}

// CreateRenderer implements fyne.Widget.
func (d *siteColourDot) CreateRenderer() fyne.WidgetRenderer {
	r := &siteDotRenderer{d}
	r.paint()
	return r
}

type siteDotRenderer struct{ d *siteColourDot }

const siteDotRoom = 24

func (r *siteDotRenderer) paint() {
	d := r.d
	d.dot.FillColor, d.dot.StrokeWidth = siteColour(d.name), 0
	if d.name == "" {
		d.dot.StrokeColor, d.dot.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1.5
	}
	d.ring.FillColor, d.ring.StrokeWidth = color.Transparent, 0
	if d.chosen {
		d.ring.StrokeColor, d.ring.StrokeWidth = theme.Color(theme.ColorNameForeground), 1.5
	}
	if d.focused {
		d.ring.FillColor = theme.Color(theme.ColorNameFocus)
	}
}

func (r *siteDotRenderer) Layout(size fyne.Size) {
	r.d.ring.Resize(size)
	const inset = 5
	r.d.dot.Move(fyne.NewPos(inset, inset))
	r.d.dot.Resize(fyne.NewSize(size.Width-2*inset, size.Height-2*inset))
}

func (r *siteDotRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(siteDotRoom) }
func (r *siteDotRenderer) Destroy()           {}

func (r *siteDotRenderer) Refresh() {
	r.paint()
	canvas.Refresh(r.d)
}

func (r *siteDotRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.ring, r.d.dot}
}
