package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// surface is an area in a colour of the theme, which it follows. It is painted
// as one thick line: without a graphics card that takes less than half the time
// of a rectangle.
type surface struct {
	widget.BaseWidget

	name fyne.ThemeColorName
	line *canvas.Line
}

func newSurface(name fyne.ThemeColorName) *surface {
	s := &surface{name: name, line: canvas.NewLine(color.Transparent)}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer returns the line.
func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	s.line.StrokeColor = theme.Color(s.name)
	return &surfaceRenderer{widget.NewSimpleRenderer(s.line), s}
}

type surfaceRenderer struct {
	fyne.WidgetRenderer
	s *surface
}

func (r *surfaceRenderer) Layout(size fyne.Size) {
	const feather = 1 // the edges of a line are soft
	l := r.s.line
	l.StrokeWidth = size.Height + 2*feather
	l.Position1 = fyne.NewPos(0, size.Height/2)
	l.Position2 = fyne.NewPos(size.Width, size.Height/2)
}

func (r *surfaceRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *surfaceRenderer) Refresh() {
	r.s.line.StrokeColor = theme.Color(r.s.name)
	r.s.line.Refresh()
}
