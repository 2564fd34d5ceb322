package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
	"portside/ui/themed"
)

// importTable shows what a file of another program holds: entries with boxes to
// tick. It has canvas objects only for the rows in view.
type importTable struct {
	widget.BaseWidget

	OnToggle func()        // ticks have changed
	OnCursor func(row int) // another row has the cursor; -1: none
	OnEscape func()
	OnEnter  func()

	list    *state.ImportList // nil: nothing
	busy    bool              // nothing can be ticked
	cursor  int
	hover   int
	focused bool

	look   syncLook
	icons  *syncIcons
	body   *importBody
	head   *importHead
	scroll *container.Scroll
	flat   fyne.CanvasObject
}

var _ fyne.Focusable = (*importTable)(nil)

// importColumns are where the columns end, of a table so wide: name, folder,
// host, outcome.
func importColumns(width float32) [5]float32 {
	left, end := float32(syncIconLeft), width-syncScrollRoom
	room := end - left
	at := func(part float32) float32 { return float32(int(left + room*part)) }
	return [5]float32{left, at(0.24), at(0.42), at(0.62), end}
}

func newImportTable() *importTable {
	t := &importTable{cursor: -1, hover: -1, icons: newSyncIcons()}
	t.ExtendBaseWidget(t)
	t.body = &importBody{t: t, shown: map[int]*importRowView{}, mark: canvas.NewRectangle(color.Transparent)}
	t.body.ExtendBaseWidget(t.body)
	t.head = &importHead{t: t}
	t.head.ExtendBaseWidget(t.head)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.body.update() }
	t.flat = themed.New(t.scroll, syncFlatTheme{})
	return t
}

// Set shows a list from its top; nil shows nothing.
func (t *importTable) Set(list *state.ImportList) {
	t.list, t.hover, t.busy = list, -1, false
	t.scroll.Offset.Y = 0
	t.scroll.Refresh()
	t.point(min(0, t.rows()-1))
}

// Update shows the rows in view again.
func (t *importTable) Update() { t.body.update() }

func (t *importTable) rows() int {
	if t.list == nil {
		return 0
	}
	return t.list.Len()
}

func (t *importTable) point(row int) {
	t.cursor = row
	t.body.update()
	if t.OnCursor != nil {
		t.OnCursor(row)
	}
}

func (t *importTable) scrollTo(row int) {
	y, top, height := float32(row)*syncRowHeight, t.scroll.Offset.Y, t.scroll.Size().Height
	switch {
	case y < top:
		t.scroll.ScrollToOffset(fyne.NewPos(0, y))
	case y+syncRowHeight > top+height:
		t.scroll.ScrollToOffset(fyne.NewPos(0, y+syncRowHeight-height))
	}
	t.body.update()
}

func (t *importTable) toggle(row int) {
	if t.busy || t.list == nil || !t.list.Toggle(row) {
		return
	}
	t.body.update()
	if t.OnToggle != nil {
		t.OnToggle()
	}
}

// FocusGained implements fyne.Focusable.
func (t *importTable) FocusGained() {
	t.focused = true
	t.body.update()
}

// FocusLost implements fyne.Focusable.
func (t *importTable) FocusLost() {
	t.focused = false
	t.body.update()
}

// TypedRune implements fyne.Focusable: the space bar ticks.
func (t *importTable) TypedRune(r rune) {
	if r == ' ' {
		t.toggle(t.cursor)
	}
}

// TypedKey implements fyne.Focusable.
func (t *importTable) TypedKey(e *fyne.KeyEvent) {
	at, last := t.cursor, t.rows()-1
	page := max(1, int(t.scroll.Size().Height/syncRowHeight)-1)
	switch e.Name {
	case fyne.KeyEscape:
		t.OnEscape()
		return
	case fyne.KeyReturn, fyne.KeyEnter:
		t.OnEnter()
		return
	case fyne.KeyUp:
		at--
	case fyne.KeyDown:
		at++
	case fyne.KeyPageUp:
		at -= page
	case fyne.KeyPageDown:
		at += page
	case fyne.KeyHome:
		at = 0
	case fyne.KeyEnd:
		at = last
	default:
		return
	}
	if last < 0 {
		return
	}
	at = min(max(at, 0), last)
	t.point(at)
	t.scrollTo(at)
}

// CreateRenderer implements fyne.Widget.
func (t *importTable) CreateRenderer() fyne.WidgetRenderer {
	t.look = newSyncLook()
	return &importTableRenderer{t}
}

type importTableRenderer struct{ t *importTable }

func (r *importTableRenderer) Layout(size fyne.Size) {
	t := r.t
	t.head.Resize(fyne.NewSize(size.Width, syncHeaderHeight))
	t.head.Refresh()
	t.flat.Move(fyne.NewPos(0, syncHeaderHeight))
	t.flat.Resize(fyne.NewSize(size.Width, max(0, size.Height-syncHeaderHeight)))
	t.body.update()
}

func (r *importTableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(400, syncHeaderHeight+3*syncRowHeight)
}
func (r *importTableRenderer) Destroy() {}

func (r *importTableRenderer) Refresh() {
	r.t.look = newSyncLook()
	r.t.body.free = nil
	clear(r.t.body.shown)
	r.t.head.Refresh()
	r.t.body.update()
	canvas.Refresh(r.t)
}

func (r *importTableRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.flat, r.t.head}
}

// importBody holds the rows. It is as high as all of them.
type importBody struct {
	widget.BaseWidget

	t      *importTable
	render *importBodyRenderer
	shown  map[int]*importRowView
	free   []*importRowView
	mark   *canvas.Rectangle
}

var (
	_ desktop.Mouseable = (*importBody)(nil)
	_ desktop.Hoverable = (*importBody)(nil)
)

// CreateRenderer implements fyne.Widget.
func (b *importBody) CreateRenderer() fyne.WidgetRenderer {
	b.render = &importBodyRenderer{b: b}
	b.update()
	return b.render
}

type importBodyRenderer struct {
	b       *importBody
	objects []fyne.CanvasObject
}

func (r *importBodyRenderer) Layout(fyne.Size) { r.b.update() }

func (r *importBodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, float32(r.b.t.rows())*syncRowHeight)
}
func (r *importBodyRenderer) Refresh()                     { r.b.update() }
func (r *importBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *importBodyRenderer) Destroy()                     {}

// update brings the rows in view up to date.
func (b *importBody) update() {
	t := b.t
	if b.render == nil || t.look.text == nil || b.Size().Width == 0 {
		return
	}
	top := t.scroll.Offset.Y
	first := max(0, int(top/syncRowHeight))
	last := min(t.rows(), int(math.Ceil(float64((top+t.scroll.Size().Height)/syncRowHeight))))
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
			if n := len(b.free); n > 0 {
				v, b.free = b.free[n-1], b.free[:n-1]
			} else {
				v = newImportRowView()
			}
			b.shown[row] = v
		}
		objects = append(objects, v.show(b, row)...)
	}
	b.render.objects = objects
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Refresh(b.mark)
	}
}

func (b *importBody) rowAt(y float32) int {
	row := int(math.Floor(float64(y / syncRowHeight)))
	if row < 0 || row >= b.t.rows() {
		return -1
	}
	return row
}

// MouseDown implements desktop.Mouseable: in the box it ticks.
func (b *importBody) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
	row := b.rowAt(e.Position.Y)
	if row < 0 || e.Button != desktop.MouseButtonPrimary {
		return
	}
	if e.Position.X < syncIconLeft-2 {
		t.toggle(row)
	}
	t.point(row)
}

// MouseUp implements desktop.Mouseable.
func (b *importBody) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (b *importBody) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *importBody) MouseMoved(e *desktop.MouseEvent) {
	if row := b.rowAt(e.Position.Y); row != b.t.hover {
		b.t.hover = row
		b.update()
	}
}

// MouseOut implements desktop.Hoverable.
func (b *importBody) MouseOut() {
	b.t.hover = -1
	b.update()
}
