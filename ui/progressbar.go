package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// thinBar is a progress bar of two rectangles, cheap enough for hundreds of
// rows ten times a second.
type thinBar struct {
	widget.BaseWidget

	value    float64
	back, on *canvas.Rectangle
}

func newThinBar() *thinBar {
	b := &thinBar{back: canvas.NewRectangle(color.Transparent), on: canvas.NewRectangle(color.Transparent)}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows v, from 0 to 1.
func (b *thinBar) Set(v float64) {
	v = max(0, min(1, v))
	if v == b.value {
		return
	}
	b.value = v
	b.place()
	canvas.Refresh(b.on)
}

const thinBarHeight = 6

func (b *thinBar) place() {
	size := b.Size()
	y := (size.Height - thinBarHeight) / 2
	b.back.Move(fyne.NewPos(0, y))
	b.back.Resize(fyne.NewSize(size.Width, thinBarHeight))
	b.on.Move(fyne.NewPos(0, y))
	b.on.Resize(fyne.NewSize(size.Width*float32(b.value), thinBarHeight))
}

// CreateRenderer returns the two rectangles.
func (b *thinBar) CreateRenderer() fyne.WidgetRenderer {
	r := &thinBarRenderer{b}
	r.paint()
	return r
}

type thinBarRenderer struct{ b *thinBar }

func (r *thinBarRenderer) paint() {
	r.b.back.FillColor = theme.Color(theme.ColorNameSeparator)
	r.b.on.FillColor = theme.Color(theme.ColorNamePrimary)
	r.b.back.CornerRadius, r.b.on.CornerRadius = thinBarHeight/2, thinBarHeight/2
}
func (r *thinBarRenderer) Layout(fyne.Size)   { r.b.place() }
func (r *thinBarRenderer) MinSize() fyne.Size { return fyne.NewSize(40, thinBarHeight+4) }
func (r *thinBarRenderer) Destroy()           {}
func (r *thinBarRenderer) Refresh() {
	r.paint()
	r.b.place()
	canvas.Refresh(r.b)
}

func (r *thinBarRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.back, r.b.on}
}
