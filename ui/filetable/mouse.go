package filetable

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// mouse is what the pointer is about. Places are -1 where there is none.
type mouse struct {
	press     int           // the row under the last press
	pending   int           // a selected row that was pressed: the click selects it alone, a drag takes all
	hover     int           // the row under the pointer
	viewY     float32       // where the pointer is, below the top of the view; negative: outside
	abs       fyne.Position // where a drag is
	dragging  bool          // rows are being dragged
	band      bool          // a drag over empty space selects rows
	refused   bool          // this drag is none, or Escape ended it
	lastClick int           // the row of the last click, for double clicks
	clickedAt time.Time
}

var (
	_ desktop.Mouseable      = (*body)(nil)
	_ desktop.Hoverable      = (*body)(nil)
	_ fyne.SecondaryTappable = (*body)(nil)
	_ fyne.Draggable         = (*body)(nil)
)

// MouseDown implements desktop.Mouseable. It selects at once: a tap would come
// only when the button is let go, and without its modifiers.
func (b *body) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	t.endEdit(true)
	t.Focus()
	t.stopFind()
	t.tip.hide()
	m := &t.mouse
	m.pending, m.refused = -1, false
	place := b.rowAt(e.Position.Y)
	m.press = place
	if e.Button == desktop.MouseButtonSecondary {
		m.lastClick = -1
		switch {
		case place < 0:
			t.model.SelectNone()
		case t.model.Selected(place):
			t.model.SetCursor(place)
		default:
			t.model.SelectOnly(place)
		}
		t.selectionChanged()
		return
	}
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	ctrl := e.Modifier&fyne.KeyModifierShortcutDefault != 0
	shift := e.Modifier&fyne.KeyModifierShift != 0
	switch {
	case place < 0 && !ctrl && !shift:
		t.model.SelectNone()
	case place < 0:
	case shift:
		t.model.SelectTo(place, ctrl)
	case ctrl:
		t.model.ToggleSelected(place)
	case t.model.Selected(place) && t.model.SelectedCount() > 1:
		m.pending = place
	default:
		t.model.SelectOnly(place)
	}
	t.selectionChanged()
	b.countClick(place, ctrl || shift)
}

// countClick tells a second click on the same row soon after the first, and opens
// the row. fyne.DoubleTappable would delay every click and not tell rows apart.
func (b *body) countClick(place int, modified bool) {
	t, m := b.t, &b.t.mouse
	now := t.Now()
	twice := place >= 0 && !modified && place == m.lastClick &&
		now.Sub(m.clickedAt) < fyne.CurrentApp().Driver().DoubleTapDelay()
	m.lastClick, m.clickedAt = place, now
	if modified {
		m.lastClick = -1
	}
	if !twice {
		return
	}
	m.lastClick, m.pending, m.refused = -1, -1, true
	if t.OnOpen != nil {
		t.OnOpen(place)
	}
}

// MouseUp implements desktop.Mouseable.
func (b *body) MouseUp(*desktop.MouseEvent) {
	m := &b.t.mouse
	place := m.pending
	m.pending = -1
	if place >= 0 && !m.dragging && place < b.t.model.Len() {
		b.t.model.SelectOnly(place)
		b.t.selectionChanged()
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (b *body) TappedSecondary(e *fyne.PointEvent) {
	if b.t.OnMenu != nil {
		b.t.OnMenu(e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *body) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *body) MouseMoved(e *desktop.MouseEvent) {
	b.t.mouse.viewY = e.Position.Y - b.t.scroll.Offset.Y
	place := b.rowAt(e.Position.Y)
	if e.Button != 0 {
		place = -1 // something is being dragged
	}
	if place != b.t.mouse.hover {
		b.t.mouse.hover = place
		b.update()
	}
	b.t.tip.point(place, e.Position.X)
}

// MouseOut implements desktop.Hoverable.
func (b *body) MouseOut() {
	b.t.tip.hide()
	b.t.mouse.viewY = -1
	if b.t.mouse.hover >= 0 {
		b.t.mouse.hover = -1
		b.update()
	}
}

// Dragged implements fyne.Draggable: rows that were pressed are dragged away,
// empty space that was pressed spans a range.
func (b *body) Dragged(e *fyne.DragEvent) {
	t, m := b.t, &b.t.mouse
	m.abs = e.AbsolutePosition
	if !m.dragging && !m.band && !m.refused {
		b.beginDrag()
	}
	switch {
	case m.band:
		if place := min(max(0, int(e.Position.Y/t.RowHeight())), t.model.Len()-1); place >= 0 {
			t.model.SetCursor(t.model.Len() - 1)
			if e.Position.Y < float32(t.model.Len())*t.RowHeight() {
				t.model.SelectTo(place, false)
			} else {
				t.model.SelectNone()
			}
			t.selectionChanged()
		}
	case m.dragging && t.OnDrag != nil:
		t.OnDrag(e.AbsolutePosition)
	}
}

func (b *body) beginDrag() {
	t, m := b.t, &b.t.mouse
	t.tip.hide()
	m.lastClick = -1
	switch {
	case m.press < 0:
		m.band = t.model.Len() > 0
		m.refused = !m.band
	case m.press >= t.model.Len() || !t.model.Selected(m.press) || t.OnDragStart == nil,
		!t.OnDragStart(t.model.SelectedRows()):
		m.refused = true
	default:
		m.dragging, m.pending, m.hover = true, -1, -1
		b.update()
	}
}

// DragEnd implements fyne.Draggable.
func (b *body) DragEnd() {
	m := &b.t.mouse
	dropped := m.dragging
	m.dragging, m.band, m.refused = false, false, false
	m.press, m.pending = -1, -1
	if dropped && b.t.OnDrop != nil {
		b.t.OnDrop(m.abs)
	}
	b.update()
}

// stopDrag ends a drag without a drop, and reports whether there was one.
func (t *Table) stopDrag() bool {
	if !t.mouse.dragging {
		return false
	}
	t.mouse.dragging, t.mouse.refused = false, true
	if t.OnDragStop != nil {
		t.OnDragStop()
	}
	t.body.update()
	return true
}
