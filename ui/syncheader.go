package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// syncHeader is the row of titles over a preview.
type syncHeader struct {
	widget.BaseWidget

	t *syncTable
}

// CreateRenderer implements fyne.Widget.
func (h *syncHeader) CreateRenderer() fyne.WidgetRenderer {
	r := &syncHeaderRenderer{h: h, back: canvas.NewRectangle(color.Transparent), base: canvas.NewRectangle(color.Transparent)}
	for _, title := range []string{"Action", "Name", "Size", "Why"} {
		t := canvas.NewText(title, color.Transparent)
		r.titles = append(r.titles, t)
	}
	r.titles[2].Alignment = fyne.TextAlignTrailing
	r.Refresh()
	return r
}

type syncHeaderRenderer struct {
	h          *syncHeader
	back, base *canvas.Rectangle
	titles     []*canvas.Text
}

func (r *syncHeaderRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.base.Move(fyne.NewPos(0, size.Height-1))
	r.base.Resize(fyne.NewSize(size.Width, 1))
	c := r.h.t.columns
	spans := [][2]float32{{syncWordLeft, syncPathLeft - syncCellPad}, {syncPathLeft, c.pathEnd}, {c.pathEnd, c.sizeEnd}, {c.whyLeft, c.whyEnd}}
	for i, t := range r.titles {
		height := t.MinSize().Height
		t.Move(fyne.NewPos(spans[i][0], float32(int((size.Height-height)/2))))
		t.Resize(fyne.NewSize(spans[i][1]-spans[i][0], height))
	}
}

func (r *syncHeaderRenderer) MinSize() fyne.Size { return fyne.NewSize(1, syncHeaderHeight) }
func (r *syncHeaderRenderer) Destroy()           {}

func (r *syncHeaderRenderer) Refresh() {
	r.back.FillColor, r.base.FillColor = theme.Color(theme.ColorNameHeaderBackground), theme.Color(theme.ColorNameSeparator)
	for _, t := range r.titles {
		t.Color, t.TextSize = theme.Color(theme.ColorNamePlaceHolder), theme.CaptionTextSize()
	}
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

func (r *syncHeaderRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.back, r.base}
	for _, t := range r.titles {
		objects = append(objects, t)
	}
	return objects
}
