package filetable

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
	"portside/ui/themed"
)

// A Table shows a model as a list of files. Its callbacks may be nil.
type Table struct {
	widget.BaseWidget

	OnOpen      func(place int)                   // Enter or a double click on a row
	OnBack      func()                            // Backspace
	OnRename    func(row state.Row, text string)  // a new name was typed; text differs from the old one
	CheckName   func(text string) error           // why a name is refused, asked before OnRename
	RenameWhole bool                              // renaming selects the extension too
	OnDelete    func()                            // Delete, with a selection
	OnRefresh   func()                            // F5
	OnMenu      func(abs fyne.Position)           // right click, Menu key; what it is about is selected
	OnColumns   func(abs fyne.Position)           // right click on the header
	OnSelection func()                            // what is selected has changed
	OnSort      func()                            // the order has changed
	OnFocus     func(focused bool)                // the keyboard came or went
	OnLayout    func()                            // widths or columns were changed by hand
	OnEscape    func()                            // Escape, with nothing of the table's own to end
	OnTab       func(back bool)                   // Tab; nil leaves it to the canvas
	OnShortcut  func(shortcut fyne.Shortcut) bool // a shortcut that is not the table's; false hands it to the canvas

	Forward func(shortcut fyne.Shortcut) // takes what OnShortcut does not; nil: the canvas

	OnDragStart func(rows []state.Row) bool // a drag of the selection begins; false refuses it
	OnDrag      func(abs fyne.Position)     // the pointer moved
	OnDrop      func(abs fyne.Position)     // the button was let go
	OnDragStop  func()                      // Escape: nothing is dropped

	// After calls f on the Fyne goroutine after d, unless stopped before. Tests
	// hand in their own clock.
	After func(d time.Duration, f func()) (stop func())
	// Now is the clock by which double clicks are told.
	Now func() time.Time

	model   *state.Model
	layout  Layout
	blank   [state.ColumnCount]bool // columns that the folder has nothing to show in
	icons   *icons
	look    palette
	columns []span

	header *header
	body   *body
	scroll *container.Scroll
	flat   fyne.CanvasObject // scroll without its shadows: what is laid out
	ring   *ring
	tip    *tip
	hint   *hint

	focused, shift bool
	find           finder
	mouse          mouse
	edit           *editor
	dropRow        int
	dropOn         bool
}

var (
	_ fyne.Focusable    = (*Table)(nil)
	_ fyne.Tabbable     = (*Table)(nil)
	_ fyne.Shortcutable = (*Table)(nil)
	_ desktop.Keyable   = (*Table)(nil)
)

// New makes a table that shows model.
func New(model *state.Model) *Table {
	t := &Table{model: model, icons: newIcons(), dropRow: -1, Now: time.Now, After: afterOnUI}
	t.mouse = mouse{press: -1, hover: -1, pending: -1, lastClick: -1}
	t.ExtendBaseWidget(t)
	t.body = newBody(t)
	t.header = newHeader(t)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.flat = themed.New(t.scroll, shadowless{})
	t.ring = newRing()
	t.tip = newTip(t)
	t.hint = newHint()
	return t
}

func afterOnUI(d time.Duration, f func()) func() {
	timer := time.AfterFunc(d, func() { fyne.Do(f) })
	return func() { timer.Stop() }
}

// Model returns what t shows.
func (t *Table) Model() *state.Model { return t.model }

// Reload shows what has become of the model. With fromTop it begins at the top,
// else it stays where it is as far as there are rows.
func (t *Table) Reload(fromTop bool) {
	t.endEdit(false)
	t.stopFind()
	t.tip.hide()
	t.mouse.press, t.mouse.pending, t.mouse.lastClick = -1, -1, -1
	most := max(0, float32(t.model.Len())*t.RowHeight()-t.scroll.Size().Height)
	if y := t.scroll.Offset.Y; fromTop || y > most {
		if fromTop {
			most = 0
		}
		t.scroll.Offset.Y = most
	}
	t.placeColumns(t.Size().Width)
	t.scroll.Refresh()
	t.header.Refresh()
	t.body.update()
}

// RowHeight returns how far it is from one row to the next.
func (t *Table) RowHeight() float32 {
	if t.look.row > 0 {
		return t.look.row
	}
	return RowHeight
}

// repitch keeps the first row in view where it is, after the rows came closer or
// moved apart.
func (t *Table) repitch(before float32) {
	if before > 0 {
		t.scroll.Offset.Y = t.scroll.Offset.Y / before * t.RowHeight()
	}
	t.Reload(false)
}

// SetFormat changes how sizes and times are written.
func (t *Table) SetFormat(f state.Format) {
	t.model.SetFormat(f)
	t.Reload(false)
}

// Layout returns how the columns are arranged.
func (t *Table) Layout() Layout { return t.layout }

// SetLayout arranges the columns.
func (t *Table) SetLayout(l Layout) {
	t.layout = l
	t.relayout()
}

// ResetWidths gives all columns their usual widths, as if by hand.
func (t *Table) ResetWidths() {
	t.layout.Width = [state.ColumnCount]float32{}
	t.relayout()
	if t.OnLayout != nil {
		t.OnLayout()
	}
}

// SetColumnShown shows or hides a column, as if by hand. The name is always shown.
func (t *Table) SetColumnShown(c state.Column, shown bool) {
	if c == state.ColumnName {
		return
	}
	t.layout.Hidden[c] = !shown
	t.relayout()
	if t.OnLayout != nil {
		t.OnLayout()
	}
}

// SortBy orders the rows, as a click on the header does.
func (t *Table) SortBy(c state.Column, descending bool) {
	t.endEdit(false)
	t.model.SortBy(c, descending)
	t.header.Refresh()
	if at := t.model.Cursor(); at >= 0 {
		t.ScrollTo(at)
	}
	t.body.update()
	if t.OnSort != nil {
		t.OnSort()
	}
}

// ScrollTo scrolls as little as is needed to bring the row at place in view.
func (t *Table) ScrollTo(place int) {
	y := float32(place) * t.RowHeight()
	top, height := t.scroll.Offset.Y, t.scroll.Size().Height
	switch {
	case y < top:
		top = y
	case y+t.RowHeight() > top+height:
		top = y + t.RowHeight() - height
	default:
		return
	}
	t.scrollTo(top)
}

// Offset returns how far the rows are scrolled, in pixels.
func (t *Table) Offset() float32 { return t.scroll.Offset.Y }

// ScrollBy scrolls the rows by so many pixels, within their bounds.
func (t *Table) ScrollBy(dy float32) { t.scrollTo(t.scroll.Offset.Y + dy) }

func (t *Table) scrollTo(top float32) {
	most := max(0, float32(t.model.Len())*t.RowHeight()-t.scroll.Size().Height)
	t.scroll.ScrollToOffset(fyne.NewPos(0, min(max(0, top), most)))
	t.scrolled() // ScrollToOffset does not call OnScrolled
}

func (t *Table) scrolled() {
	t.tip.hide()
	t.mouse.hover = t.rowAtView(t.mouse.viewY)
	t.body.update()
}

// Select selects the rows with these raw names and brings the first in view.
func (t *Table) Select(names ...string) {
	if at := t.model.SelectNames(names...); at >= 0 {
		t.ScrollTo(at)
	}
	t.selectionChanged()
}

func (t *Table) selectionChanged() {
	t.body.update()
	if t.OnSelection != nil {
		t.OnSelection()
	}
}

// Focus gives the table the keyboard.
func (t *Table) Focus() {
	if c := t.canvas(); c != nil {
		c.Focus(t)
	}
}

// Focused reports whether the table has the keyboard.
func (t *Table) Focused() bool { return t.focused }

func (t *Table) canvas() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(t) }

// RowAt returns the place of the row at an absolute position, or -1.
func (t *Table) RowAt(abs fyne.Position) int {
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	size := t.scroll.Size()
	p := abs.Subtract(origin)
	if p.X < 0 || p.Y < 0 || p.X >= size.Width || p.Y >= size.Height {
		return -1
	}
	return t.rowAtView(p.Y)
}

// rowAtView returns the place of the row at y pixels below the top of the view.
func (t *Table) rowAtView(y float32) int {
	if y < 0 || y >= t.scroll.Size().Height {
		return -1
	}
	return t.body.rowAt(y + t.scroll.Offset.Y)
}

// EdgeScroll scrolls by a row where abs is near the upper or lower edge of the
// view, as something dragged there asks for; it reports whether it has.
func (t *Table) EdgeScroll(abs fyne.Position) bool {
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	y, height := abs.Y-origin.Y, t.scroll.Size().Height
	before := t.scroll.Offset.Y
	switch {
	case height < 4*t.RowHeight() || y < -headerHeight || y > height+t.RowHeight():
	case y < t.RowHeight():
		t.ScrollBy(-t.RowHeight())
	case y > height-t.RowHeight():
		t.ScrollBy(t.RowHeight())
	}
	return t.scroll.Offset.Y != before
}

// RowCentre returns the absolute position of the middle of a row's icon; for
// menus and tests.
func (t *Table) RowCentre(place int) fyne.Position {
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	return origin.AddXY(iconLeft+iconSize/2, (float32(place)+0.5)*t.RowHeight()-t.scroll.Offset.Y)
}

// MarkDrop shows that a drop would go to the row at place, or with -1 to the
// whole folder. UnmarkDrop ends it.
func (t *Table) MarkDrop(place int) {
	if t.dropOn && t.dropRow == place {
		return
	}
	t.dropOn, t.dropRow = true, place
	t.body.update()
	t.paintRing()
}

// UnmarkDrop shows no target of a drop any more.
func (t *Table) UnmarkDrop() {
	if !t.dropOn {
		return
	}
	t.dropOn, t.dropRow = false, -1
	t.body.update()
	t.paintRing()
}

// relayout places the columns anew.
func (t *Table) relayout() {
	t.placeColumns(t.Size().Width)
	t.header.Refresh()
	t.body.update()
}

func (t *Table) placeColumns(width float32) {
	l := t.layout.without(t.model.Folder(), &t.blank)
	l.sizes, l.dates = t.model.Format().Sizes, t.model.Format().Dates
	t.columns = l.spans(width, t.columns)
}

// Rewrite writes every cell anew, as where its text depends on the time of day.
func (t *Table) Rewrite() { t.body.update() }
