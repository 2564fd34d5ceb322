package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// syncBody holds the rows. It is as high as all of them.
type syncBody struct {
	widget.BaseWidget

	t      *syncTable
	render *syncBodyRenderer
	shown  map[int]*syncRowView
	free   []*syncRowView
	mark   *canvas.Rectangle // stands for the body where the canvas is told that something changed
	fits   map[syncFit]string
}

var (
	_ desktop.Mouseable = (*syncBody)(nil)
	_ desktop.Hoverable = (*syncBody)(nil)
)

// A syncFit is everything that a cut text depends on.
type syncFit struct {
	text string
	room float32
	bold bool
}

// fit cuts a text to its room, or remembers how it was cut before.
func (b *syncBody) fit(k syncFit, cut syncCut) string {
	const kept = 4096
	if k.text == "" || k.room <= 0 {
		return ""
	}
	text, known := b.fits[k]
	if !known {
		if len(b.fits) >= kept {
			clear(b.fits)
		}
		style := fyne.TextStyle{Bold: k.bold}
		text = cut(k.text, k.room, func(s string) float32 { return fyne.MeasureText(s, b.t.look.size, style).Width })
		b.fits[k] = text
	}
	return text
}

// forget makes every row anew, as after a change of colours.
func (b *syncBody) forget() {
	b.free = nil
	clear(b.shown)
	clear(b.fits)
}

// CreateRenderer implements fyne.Widget.
func (b *syncBody) CreateRenderer() fyne.WidgetRenderer {
	b.render = &syncBodyRenderer{b: b}
	b.update()
	return b.render
}

type syncBodyRenderer struct {
	b       *syncBody
	objects []fyne.CanvasObject
}

func (r *syncBodyRenderer) Layout(fyne.Size) { r.b.update() }

func (r *syncBodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, float32(r.b.t.rows())*r.b.t.pitch())
}
func (r *syncBodyRenderer) Refresh()                     { r.b.update() }
func (r *syncBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *syncBodyRenderer) Destroy()                     {}

// update brings the rows in view up to date.
func (b *syncBody) update() {
	t := b.t
	if b.render == nil || t.look.text == nil || t.columns.whyEnd == 0 {
		return
	}
	top := t.scroll.Offset.Y
	first := max(0, int(top/b.t.pitch()))
	last := min(t.rows(), int(math.Ceil(float64((top+t.scroll.Size().Height)/b.t.pitch()))))
	for row, v := range b.shown {
		if row < first || row >= last {
			delete(b.shown, row)
			b.free = append(b.free, v)
		}
	}
	objects := b.render.objects[:0]
	for row := first; row < last; row++ {
		v := b.shown[row]
		if v == nil {
			v = b.take()
			b.shown[row] = v
		}
		r := t.model.Row(row)
		objects = append(objects, v.show(b, &r, float32(row)*b.t.pitch(), b.fill(row, &r))...)
	}
	b.render.objects = objects
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Refresh(b.mark) // the body itself would free the textures of all icons in it
	}
}

func (b *syncBody) take() *syncRowView {
	if n := len(b.free); n > 0 {
		v := b.free[n-1]
		b.free = b.free[:n-1]
		return v
	}
	return newSyncRowView()
}

// fill is the colour behind a row; nil: none.
func (b *syncBody) fill(row int, r *state.SyncRow) color.Color {
	t := b.t
	switch {
	case row == t.cursor && t.focused:
		return t.look.cursor
	case row == t.cursor:
		return t.look.idle
	case r.Head:
		return t.look.head
	case row == t.hover:
		return t.look.hover
	}
	return nil
}

func (b *syncBody) rowAt(y float32) int {
	row := int(math.Floor(float64(y / b.t.pitch())))
	if row < 0 || row >= b.t.rows() {
		return -1
	}
	return row
}

// MouseDown implements desktop.Mouseable: in the box it ticks.
func (b *syncBody) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
	row := b.rowAt(e.Position.Y)
	if row < 0 || e.Button != desktop.MouseButtonPrimary {
		return
	}
	t.call(t.OnScroll)
	if e.Position.X < syncIconLeft-2 {
		t.toggle(row)
	}
	t.point(row)
}

// MouseUp implements desktop.Mouseable.
func (b *syncBody) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (b *syncBody) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *syncBody) MouseMoved(e *desktop.MouseEvent) {
	if row := b.rowAt(e.Position.Y); row != b.t.hover {
		b.t.hover = row
		b.update()
	}
}

// MouseOut implements desktop.Hoverable.
func (b *syncBody) MouseOut() {
	b.t.hover = -1
	b.update()
}
