package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
	"portside/ui/themed"
)

// syncTable shows a preview: heads of groups and entries with boxes to tick. It
// has canvas objects only for the rows in view.
type syncTable struct {
	widget.BaseWidget

	OnToggle func()        // ticks have changed
	OnCursor func(row int) // another row has the cursor; -1: none
	OnEscape func()
	OnScroll func() // a person scrolls

	model   *state.Sync // nil: nothing
	busy    bool        // nothing can be ticked
	cursor  int         // row; -1: none
	hover   int
	focused bool

	look    syncLook
	columns syncColumns
	icons   *syncIcons
	header  *syncHeader
	body    *syncBody
	scroll  *container.Scroll
	flat    fyne.CanvasObject
}

var _ fyne.Focusable = (*syncTable)(nil)

func newSyncTable() *syncTable {
	t := &syncTable{cursor: -1, hover: -1, icons: newSyncIcons()}
	t.ExtendBaseWidget(t)
	t.body = &syncBody{t: t, shown: map[int]*syncRowView{}, fits: map[syncFit]string{}, mark: canvas.NewRectangle(color.Transparent)}
	t.body.ExtendBaseWidget(t.body)
	t.header = &syncHeader{t: t}
	t.header.ExtendBaseWidget(t.header)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) {
		t.body.update()
		t.call(t.OnScroll)
	}
	t.flat = themed.New(t.scroll, syncFlatTheme{})
	return t
}

// syncFlatTheme is the theme of the app without the shadows that a scroll
// container draws over its first and last row.
type syncFlatTheme struct{ splitTheme }

// Color implements fyne.Theme.
func (f syncFlatTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameShadow {
		return color.Transparent
	}
	return f.splitTheme.Color(name, v)
}

func (t *syncTable) call(f func()) {
	if f != nil {
		f()
	}
}

// Set shows a preview from its top; nil shows nothing.
func (t *syncTable) Set(s *state.Sync, busy bool) {
	t.model, t.busy, t.hover = s, busy, -1
	t.scroll.Offset.Y = 0
	t.reload()
	t.point(min(0, t.rows()-1))
}

// Reload shows what has become of the preview; the rows may be others.
func (t *syncTable) Reload(busy bool) {
	t.busy = busy
	t.reload()
	t.point(min(t.cursor, t.rows()-1))
}

// pitch is how far it is from one row to the next.
func (t *syncTable) pitch() float32 {
	if t.look.row > 0 {
		return t.look.row
	}
	return syncRowHeight
}

func (t *syncTable) reload() {
	most := max(0, float32(t.rows())*t.pitch()-t.scroll.Size().Height)
	t.scroll.Offset.Y = min(t.scroll.Offset.Y, most)
	t.scroll.Refresh()
	t.body.update()
}

// Update shows the rows in view again.
func (t *syncTable) Update() { t.body.update() }

func (t *syncTable) rows() int {
	if t.model == nil {
		return 0
	}
	return t.model.Len()
}

// point gives a row the cursor.
func (t *syncTable) point(row int) {
	t.cursor = row
	t.body.update()
	if t.OnCursor != nil {
		t.OnCursor(row)
	}
}

// ScrollTo brings a row in view.
func (t *syncTable) ScrollTo(row int) {
	y, top, height := float32(row)*t.pitch(), t.scroll.Offset.Y, t.scroll.Size().Height
	switch {
	case row < 0:
		return
	case y < top:
		top = y
	case y+t.pitch() > top+height:
		top = y + t.pitch() - height
	default:
		return
	}
	t.scroll.ScrollToOffset(fyne.NewPos(0, max(0, top)))
	t.body.update()
}

// toggle takes a row in or leaves it out.
func (t *syncTable) toggle(row int) {
	if t.busy || t.model == nil || !t.model.Toggle(row) {
		return
	}
	t.body.update()
	t.call(t.OnToggle)
}

// FocusGained implements fyne.Focusable.
func (t *syncTable) FocusGained() {
	t.focused = true
	if t.cursor < 0 && t.rows() > 0 {
		t.cursor = 0
	}
	t.body.update()
}

// FocusLost implements fyne.Focusable.
func (t *syncTable) FocusLost() {
	t.focused = false
	t.body.update()
}

// TypedRune implements fyne.Focusable: the space bar ticks.
func (t *syncTable) TypedRune(r rune) {
	if r == ' ' {
		t.toggle(t.cursor)
	}
}

// TypedKey implements fyne.Focusable.
func (t *syncTable) TypedKey(e *fyne.KeyEvent) {
	at, last := t.cursor, t.rows()-1
	page := max(1, int(t.scroll.Size().Height/t.pitch())-1)
	switch e.Name {
	case fyne.KeyEscape:
		t.call(t.OnEscape)
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
	t.call(t.OnScroll)
	t.point(at)
	t.ScrollTo(at)
}

// CreateRenderer implements fyne.Widget.
func (t *syncTable) CreateRenderer() fyne.WidgetRenderer {
	t.look = newSyncLook()
	return &syncTableRenderer{t}
}

type syncTableRenderer struct{ t *syncTable }

const syncHeaderHeight = 22

func (r *syncTableRenderer) Layout(size fyne.Size) {
	t := r.t
	t.columns = syncColumnsIn(size.Width)
	t.header.Resize(fyne.NewSize(size.Width, syncHeaderHeight))
	t.header.Refresh()
	t.flat.Move(fyne.NewPos(0, syncHeaderHeight))
	t.flat.Resize(fyne.NewSize(size.Width, max(0, size.Height-syncHeaderHeight)))
	t.body.update()
}

func (r *syncTableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(400, syncHeaderHeight+3*r.t.pitch())
}
func (r *syncTableRenderer) Destroy() {}

func (r *syncTableRenderer) Refresh() {
	r.t.look = newSyncLook()
	r.t.body.forget()
	r.t.reload()
	r.t.header.Refresh()
	r.t.body.update()
	canvas.Refresh(r.t)
}

func (r *syncTableRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.flat, r.t.header}
}
