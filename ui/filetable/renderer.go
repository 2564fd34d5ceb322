package filetable

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// CreateRenderer implements fyne.Widget.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	t.look = newPalette(t)
	r := &tableRenderer{t: t, surface: canvas.NewLine(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.surface, t.flat, t.header, t.ring, t.hint, t.tip}
	r.paint()
	return r
}

// tableRenderer paints the surface as one thick line: without a graphics card that
// takes less than half the time of a rectangle, which is most of a frame's.
type tableRenderer struct {
	t       *Table
	surface *canvas.Line
	objects []fyne.CanvasObject
}

func (r *tableRenderer) Layout(size fyne.Size) {
	t := r.t
	t.placeColumns(size.Width)
	const feather = 1 // the edges of a line are soft
	r.surface.StrokeWidth = size.Height + 2*feather
	r.surface.Position1 = fyne.NewPos(0, size.Height/2)
	r.surface.Position2 = fyne.NewPos(size.Width, size.Height/2)
	t.header.Resize(fyne.NewSize(size.Width, headerHeight))
	t.flat.Move(fyne.NewPos(0, headerHeight))
	t.flat.Resize(fyne.NewSize(size.Width, max(0, size.Height-headerHeight)))
	t.header.Refresh()
	t.tip.hide()
	t.ring.Resize(size)
	t.hint.place(size)
	t.body.update()
}

func (r *tableRenderer) MinSize() fyne.Size { return fyne.NewSize(160, headerHeight+4*r.t.RowHeight()) }

func (r *tableRenderer) Refresh() {
	before := r.t.look.row
	r.t.look = newPalette(r.t)
	r.paint()
	if r.t.look.row != before {
		r.t.repitch(before)
	}
	r.t.placeColumns(r.t.Size().Width)
	r.t.header.Refresh()
	r.t.body.forgetTexts()
	r.t.body.update()
	r.t.hint.paint(r.t.look)
	canvas.Refresh(r.t)
}

func (r *tableRenderer) paint() {
	r.surface.StrokeColor = r.t.look.surface
	r.t.paintRing()
}

func (r *tableRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *tableRenderer) Destroy() {
	r.t.tip.hide()
	r.t.stopFind()
}

// A ring is the outline that says that the table has the keyboard, or that a drop
// would go to its folder. It is four lines, since a rectangle would be painted in
// its whole area in every frame for the sake of its edge.
type ring struct {
	widget.BaseWidget
	lines [4]*canvas.Rectangle // top, bottom, left, right
	wash  *canvas.Rectangle    // over everything, while something is dragged here
	width float32
}

func newRing() *ring {
	r := &ring{wash: canvas.NewRectangle(color.Transparent), width: 1}
	for i := range r.lines {
		r.lines[i] = canvas.NewRectangle(color.Transparent)
	}
	r.wash.Hide()
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *ring) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{r.wash}
	for _, line := range r.lines {
		objects = append(objects, line)
	}
	return &ringRenderer{r: r, objects: objects}
}

type ringRenderer struct {
	r       *ring
	objects []fyne.CanvasObject
}

func (r *ringRenderer) Layout(size fyne.Size) {
	w := r.r.width
	r.r.wash.Resize(size)
	top, bottom, left, right := r.r.lines[0], r.r.lines[1], r.r.lines[2], r.r.lines[3]
	for _, line := range []*canvas.Rectangle{top, bottom} {
		line.Resize(fyne.NewSize(size.Width, w))
	}
	for _, line := range []*canvas.Rectangle{left, right} {
		line.Resize(fyne.NewSize(w, size.Height))
	}
	bottom.Move(fyne.NewPos(0, size.Height-w))
	right.Move(fyne.NewPos(size.Width-w, 0))
}

func (r *ringRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *ringRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *ringRenderer) Destroy()                     {}

func (r *ringRenderer) Refresh() {
	r.Layout(r.r.Size())
	canvas.Refresh(r.r)
}

// paintRing draws the outline as things are now.
func (t *Table) paintRing() {
	var ink color.Color = color.Transparent
	t.ring.width = 1
	t.ring.wash.Hidden = true
	switch {
	case t.dropOn && t.dropRow < 0:
		t.ring.wash.FillColor = fade(t.look.accent, 0.08)
		t.ring.wash.Hidden = false
		ink, t.ring.width = t.look.accent, 2
	case t.focused:
		ink = t.look.accent
	}
	for _, line := range t.ring.lines {
		line.FillColor = ink
	}
	t.ring.Refresh()
}
