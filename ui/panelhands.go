package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

var (
	_ desktop.Mouseable      = (*panelBody)(nil)
	_ desktop.Hoverable      = (*panelBody)(nil)
	_ desktop.Cursorable     = (*panelBody)(nil)
	_ fyne.SecondaryTappable = (*panelBody)(nil)
)

// MouseDown implements desktop.Mouseable: it selects at once, with the modifiers
// that a tap would not have.
func (b *panelBody) MouseDown(e *desktop.MouseEvent) {
	t := b.t
	t.Focus()
	t.tip.hide()
	place := b.rowAt(e.Position.Y)
	if e.Button == desktop.MouseButtonSecondary {
		if place >= 0 && !t.list.Selected(place) {
			t.list.SelectOnly(place)
		}
		b.update()
		return
	}
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	if do, ok := b.linkAt(place, e.Position.X); ok {
		if row := t.list.Row(place); row != nil && t.OnDo != nil {
			t.OnDo(do, row.ID)
		}
		return
	}
	ctrlHeld, shiftHeld := e.Modifier&fyne.KeyModifierShortcutDefault != 0, e.Modifier&fyne.KeyModifierShift != 0
	switch {
	case place < 0:
		t.list.SelectNone()
	case shiftHeld:
		t.selectTo(place)
	case ctrlHeld:
		t.list.Toggle(place)
	default:
		t.list.SelectOnly(place)
	}
	b.update()
}

// MouseUp implements desktop.Mouseable.
func (b *panelBody) MouseUp(*desktop.MouseEvent) {}

// TappedSecondary implements fyne.SecondaryTappable.
func (b *panelBody) TappedSecondary(e *fyne.PointEvent) {
	if b.t.OnMenu != nil {
		b.t.OnMenu(e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *panelBody) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *panelBody) MouseMoved(e *desktop.MouseEvent) {
	t := b.t
	t.hoverY = e.Position.Y - t.scroll.Offset.Y
	if place := b.rowAt(e.Position.Y); place != t.hover {
		t.hover = place
		b.update()
	}
	t.tip.point(t.hover)
}

// MouseOut implements desktop.Hoverable.
func (b *panelBody) MouseOut() {
	t := b.t
	t.tip.hide()
	t.hoverY = -1
	if t.hover >= 0 {
		t.hover = -1
		b.update()
	}
}

// Cursor implements desktop.Cursorable.
func (b *panelBody) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// selectTo selects from where the selection began, over rows that may not be here.
func (t *panelTable) selectTo(place int) {
	if first, last := t.list.SelectTo(place); last > first && t.OnRange != nil {
		t.OnRange(first, last)
	}
}

// FocusGained implements fyne.Focusable.
func (t *panelTable) FocusGained() { t.setFocused(true) }

// FocusLost implements fyne.Focusable.
func (t *panelTable) FocusLost() { t.setFocused(false) }

func (t *panelTable) setFocused(on bool) {
	t.focused, t.shift = on, false
	if on && t.list.Cursor() < 0 && t.list.Len() > 0 {
		t.list.SelectOnly(0)
	}
	t.Refresh()
}

// KeyDown implements desktop.Keyable: typed keys come without modifiers.
func (t *panelTable) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		t.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (t *panelTable) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		t.shift = false
	}
}

// TypedRune implements fyne.Focusable.
func (t *panelTable) TypedRune(r rune) {
	if r == ' ' {
		t.do(panelPause)
	}
}

// TypedKey implements fyne.Focusable.
func (t *panelTable) TypedKey(e *fyne.KeyEvent) {
	t.tip.hide()
	if to, ok := t.target(e.Name); ok {
		if to < 0 {
			return
		}
		if t.shift {
			t.selectTo(to)
		} else {
			t.list.SelectOnly(to)
		}
		t.reveal(to)
		t.body.update()
		return
	}
	switch e.Name {
	case fyne.KeyDelete:
		t.do(panelCancel)
	case desktop.KeyMenu:
		t.menuKey()
	case fyne.KeyEscape:
		if t.list.SelectedCount() > 1 {
			t.list.SelectNone()
			t.body.update()
		} else if t.OnEscape != nil {
			t.OnEscape()
		}
	}
}

func (t *panelTable) do(what panelDo) {
	if t.OnKey != nil && t.list.SelectedCount() > 0 {
		t.OnKey(what)
	}
}

// target returns where a key moves the cursor.
func (t *panelTable) target(key fyne.KeyName) (int, bool) {
	at, last := t.list.Cursor(), t.list.Len()-1
	page := max(1, int(t.scroll.Size().Height/t.pitch())-1)
	switch key {
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
		return 0, false
	}
	return min(max(at, 0), last), true
}

func (t *panelTable) menuKey() {
	at := t.list.Cursor()
	if at < 0 || t.OnMenu == nil {
		return
	}
	if !t.list.Selected(at) {
		t.list.SelectOnly(at)
	}
	t.reveal(at)
	t.OnMenu(t.rowCentre(at))
}

// rowCentre returns the absolute position of a row's beginning, for its menu.
func (t *panelTable) rowCentre(place int) fyne.Position {
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	return origin.AddXY(t.cols.name.x, (float32(place)+0.5)*t.pitch()-t.scroll.Offset.Y)
}

// TypedShortcut implements fyne.Shortcutable; what is not the table's goes to the
// canvas, which the driver does not ask after a widget.
func (t *panelTable) TypedShortcut(s fyne.Shortcut) {
	if _, all := s.(*fyne.ShortcutSelectAll); all {
		t.list.SelectAll()
		t.body.update()
		return
	}
	if c, ok := s.(*desktop.CustomShortcut); ok && c.Modifier == fyne.KeyModifierAlt {
		where := map[fyne.KeyName]panelDo{
			fyne.KeyUp: panelMoveUp, fyne.KeyDown: panelMoveDown, fyne.KeyHome: panelMoveTop, fyne.KeyEnd: panelMoveBottom,
		}
		if do, moves := where[c.KeyName]; moves {
			t.do(do)
			return
		}
	}
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(t).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}
