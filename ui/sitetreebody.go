package ui

import (
	"image/color"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// siteBody holds the rows of a siteTree. It is as high as all of them.
type siteBody struct {
	widget.BaseWidget

	t      *siteTree
	render *siteBodyRenderer
	shown  map[int]*siteRowView
	free   []*siteRowView
	line   *canvas.Rectangle // where something dragged would go
	onto   *canvas.Rectangle // the folder that it would go into
	mark   *canvas.Rectangle // stands for the body where the canvas is told that something changed
}

var (
	_ desktop.Mouseable      = (*siteBody)(nil)
	_ desktop.Hoverable      = (*siteBody)(nil)
	_ fyne.Draggable         = (*siteBody)(nil)
	_ fyne.SecondaryTappable = (*siteBody)(nil)
)

func newSiteBody(t *siteTree) *siteBody {
	b := &siteBody{
		t: t, shown: map[int]*siteRowView{}, line: canvas.NewRectangle(color.Transparent),
		onto: canvas.NewRectangle(color.Transparent), mark: canvas.NewRectangle(color.Transparent),
	}
	b.onto.StrokeWidth, b.onto.CornerRadius = 1, 3
	b.ExtendBaseWidget(b)
	return b
}

// forget makes every row anew, as after a change of colours.
func (b *siteBody) forget() {
	b.free = nil
	clear(b.shown)
}

// CreateRenderer implements fyne.Widget.
func (b *siteBody) CreateRenderer() fyne.WidgetRenderer {
	b.render = &siteBodyRenderer{b: b}
	b.update()
	return b.render
}

type siteBodyRenderer struct {
	b       *siteBody
	objects []fyne.CanvasObject
}

func (r *siteBodyRenderer) Layout(fyne.Size) { r.b.update() }

// MinSize leaves some ground below the rows, to drop something at the end.
func (r *siteBodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, (float32(r.b.t.model.Len())+0.7)*siteRowHeight)
}
func (r *siteBodyRenderer) Refresh()                     { r.b.update() }
func (r *siteBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *siteBodyRenderer) Destroy()                     {}

// update brings the rows in view up to date.
func (b *siteBody) update() {
	t := b.t
	if b.render == nil || t.look.text == nil || b.Size().Width == 0 {
		return
	}
	top := t.scroll.Offset.Y
	first := max(0, int(top/siteRowHeight))
	last := min(t.model.Len(), int(math.Ceil(float64((top+t.scroll.Size().Height)/siteRowHeight))))
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
		objects = append(objects, v.show(b, t.model.Row(row), float32(row)*siteRowHeight, b.fill(row))...)
	}
	b.render.objects = append(objects, b.dropMarks()...)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Refresh(b.mark) // the body itself would free the textures of all icons in it
	}
}

func (b *siteBody) take() *siteRowView {
	if n := len(b.free); n > 0 {
		v := b.free[n-1]
		b.free = b.free[:n-1]
		return v
	}
	return newSiteRowView()
}

// fill is the colour behind a row; nil: none.
func (b *siteBody) fill(row int) color.Color {
	t := b.t
	switch chosen := row == t.model.Chosen(); {
	case chosen && t.focused:
		return t.look.chosen
	case chosen:
		return t.look.idle
	case row == t.hover && !t.drag.on:
		return t.look.hover
	}
	return nil
}

// dropMarks shows where what is dragged would go.
func (b *siteBody) dropMarks() []fyne.CanvasObject {
	d := &b.t.drag
	if !d.on || !d.ok {
		return nil
	}
	accent := theme.Color(theme.ColorNamePrimary)
	width := b.Size().Width
	if d.to.Onto >= 0 {
		b.onto.FillColor, b.onto.StrokeColor = fade(accent, 0x24), accent
		b.onto.Move(fyne.NewPos(2, float32(d.to.Onto)*siteRowHeight))
		b.onto.Resize(fyne.NewSize(width-4, siteRowHeight))
		return []fyne.CanvasObject{b.onto}
	}
	b.line.FillColor = accent
	left := siteLeft(d.to.Depth)
	b.line.Move(fyne.NewPos(left, max(0, float32(d.to.Line)*siteRowHeight-1)))
	b.line.Resize(fyne.NewSize(width-left-4, 2))
	return []fyne.CanvasObject{b.line}
}

func (b *siteBody) rowAt(y float32) int {
	row := int(math.Floor(float64(y / siteRowHeight)))
	if row < 0 || row >= b.t.model.Len() {
		return -1
	}
	return row
}

// siteClicks tells a double click: Fyne's own would delay every single one.
type siteClicks struct {
	row string // key of the row that was clicked last
	at  time.Time
}

// MouseDown implements desktop.Mouseable.
func (b *siteBody) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	row := b.rowAt(e.Position.Y)
	t.drag.from = -1
	if row < 0 {
		t.clicks = siteClicks{}
		t.Focus()
		return
	}
	r := t.model.Row(row)
	if row != t.model.Chosen() {
		t.Choose(row)
	}
	t.Focus()
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	if left := siteLeft(r.Depth); r.IsFolder() && e.Position.X < left+siteArrow+2 {
		t.clicks = siteClicks{}
		t.setOpen(row, !r.Open)
		return
	}
	t.drag.from = row
	key, now := r.ID+"/"+r.Name, time.Now()
	if t.clicks.row == key && now.Sub(t.clicks.at) < fyne.CurrentApp().Driver().DoubleTapDelay() {
		t.clicks = siteClicks{}
		t.open(row)
		return
	}
	t.clicks = siteClicks{row: key, at: now}
}

// MouseUp implements desktop.Mouseable.
func (b *siteBody) MouseUp(*desktop.MouseEvent) {}

// TappedSecondary implements fyne.SecondaryTappable.
func (b *siteBody) TappedSecondary(e *fyne.PointEvent) {
	if b.t.OnMenu != nil {
		b.t.OnMenu(e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *siteBody) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *siteBody) MouseMoved(e *desktop.MouseEvent) {
	if row := b.rowAt(e.Position.Y); row != b.t.hover {
		b.t.hover = row
		b.update()
	}
}

// MouseOut implements desktop.Hoverable.
func (b *siteBody) MouseOut() {
	b.t.hover = -1
	b.update()
}

// siteDrag is a row on its way.
type siteDrag struct {
	from int // the row under the mouse when the button went down; -1: none
	on   bool
	ok   bool // letting go here would do something
	to   state.SiteDrop
}

// Dragged implements fyne.Draggable. At the edges of the list it scrolls.
func (b *siteBody) Dragged(e *fyne.DragEvent) {
	t := b.t
	if t.drag.from < 0 || t.OnDrop == nil {
		return
	}
	t.drag.on = true
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	at := e.AbsolutePosition.Subtract(origin)
	size := t.scroll.Size()
	const edge = siteRowHeight / 2
	most := max(0, b.MinSize().Height-size.Height)
	switch {
	case at.Y < edge:
		t.scroll.ScrollToOffset(fyne.NewPos(0, max(0, t.scroll.Offset.Y-edge)))
	case at.Y > size.Height-edge:
		t.scroll.ScrollToOffset(fyne.NewPos(0, min(most, t.scroll.Offset.Y+edge)))
	}
	t.drag.ok = false
	if at.X >= 0 && at.X < size.Width && at.Y >= 0 && at.Y < size.Height {
		t.drag.to, t.drag.ok = t.model.Drop(t.drag.from, float64((at.Y+t.scroll.Offset.Y)/siteRowHeight))
	}
	b.update()
}

// DragEnd implements fyne.Draggable.
func (b *siteBody) DragEnd() {
	d := b.t.drag
	b.t.endDrag()
	if d.on && d.ok {
		b.t.clicks = siteClicks{}
		b.t.OnDrop(d.from, d.to)
	}
}

// endDrag gives a drag up.
func (t *siteTree) endDrag() {
	t.drag = siteDrag{from: -1}
	t.body.update()
}
