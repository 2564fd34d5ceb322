package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// framed draws the border of an entry around a widget that has none, so that a
// row of inputs looks like one.
type framed struct {
	widget.BaseWidget

	inner fyne.CanvasObject
	edge  *canvas.Rectangle
}

func newFramed(inner fyne.CanvasObject) *framed {
	f := &framed{inner: inner, edge: canvas.NewRectangle(color.Transparent)}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer returns the widget below its border.
func (f *framed) CreateRenderer() fyne.WidgetRenderer {
	r := &framedRenderer{f}
	r.paint()
	return r
}

type framedRenderer struct{ f *framed }

func (r *framedRenderer) paint() {
	r.f.edge.StrokeWidth = theme.Size(theme.SizeNameInputBorder)
	r.f.edge.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	r.f.edge.CornerRadius = theme.Size(theme.SizeNameInputRadius)
}

func (r *framedRenderer) Layout(size fyne.Size) {
	r.f.inner.Resize(size)
	r.f.edge.Resize(size)
}
func (r *framedRenderer) MinSize() fyne.Size { return r.f.inner.MinSize() }
func (r *framedRenderer) Destroy()           {}
func (r *framedRenderer) Refresh() {
	r.paint()
	r.f.inner.Refresh()
	r.f.edge.Refresh()
}

func (r *framedRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.f.inner, r.f.edge}
}
