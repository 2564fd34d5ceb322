package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// surface is a rectangle in a colour of the theme, which it follows.
type surface struct {
	widget.BaseWidget

	name fyne.ThemeColorName
	rect *canvas.Rectangle
}

func newSurface(name fyne.ThemeColorName) *surface {
	s := &surface{name: name, rect: canvas.NewRectangle(color.Transparent)}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer returns the rectangle.
func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	s.rect.FillColor = theme.Color(s.name)
	return &surfaceRenderer{widget.NewSimpleRenderer(s.rect), s}
}

type surfaceRenderer struct {
	fyne.WidgetRenderer
	s *surface
}

func (r *surfaceRenderer) Refresh() {
	r.s.rect.FillColor = theme.Color(r.s.name)
	r.s.rect.Refresh()
}
