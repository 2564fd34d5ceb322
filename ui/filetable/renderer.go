package filetable

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// CreateRenderer implements fyne.Widget.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	t.look = newPalette(t)
	r := &tableRenderer{t: t, surface: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.surface, t.flat, t.header, t.ring, t.hint, t.tip}
	r.paint()
	return r
}

type tableRenderer struct {
	t       *Table
	surface *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *tableRenderer) Layout(size fyne.Size) {
	t := r.t
	t.columns = t.layout.spans(size.Width, t.columns)
	r.surface.Resize(size)
	t.header.Resize(fyne.NewSize(size.Width, headerHeight))
	t.flat.Move(fyne.NewPos(0, headerHeight))
	t.flat.Resize(fyne.NewSize(size.Width, max(0, size.Height-headerHeight)))
	t.header.Refresh()
	t.tip.hide()
	t.ring.Resize(size)
	t.hint.place(size)
	t.body.update()
}

func (r *tableRenderer) MinSize() fyne.Size { return fyne.NewSize(160, headerHeight+4*RowHeight) }

func (r *tableRenderer) Refresh() {
	r.t.look = newPalette(r.t)
	r.paint()
	r.t.header.Refresh()
	r.t.body.forgetTexts()
	r.t.body.update()
	r.t.hint.paint(r.t.look)
	canvas.Refresh(r.t)
}

func (r *tableRenderer) paint() {
	r.surface.FillColor = r.t.look.surface
	r.t.paintRing()
}

func (r *tableRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *tableRenderer) Destroy() {
	r.t.tip.hide()
	r.t.stopFind()
}

// paintRing draws the outline that says that the table has the keyboard, or that
// a drop would go to its folder.
func (t *Table) paintRing() {
	t.ring.FillColor = color.Transparent
	t.ring.StrokeWidth = 1
	switch {
	case t.dropOn && t.dropRow < 0:
		t.ring.FillColor = fade(t.look.accent, 0.08)
		t.ring.StrokeColor = t.look.accent
		t.ring.StrokeWidth = 2
	case t.focused:
		t.ring.StrokeColor = t.look.accent
	default:
		t.ring.StrokeColor = color.Transparent
	}
	t.ring.Refresh()
}
