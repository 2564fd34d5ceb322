package filetable

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// FocusGained implements fyne.Focusable.
func (t *Table) FocusGained() {
	t.focused = true
	if t.model.Cursor() < 0 && t.model.Len() > 0 {
		t.model.SetCursor(0)
	}
	t.focusChanged()
}

// FocusLost implements fyne.Focusable.
func (t *Table) FocusLost() {
	t.focused, t.shift = false, false
	t.stopFind()
	t.focusChanged()
}

func (t *Table) focusChanged() {
	t.paintRing()
	t.body.update()
	if t.OnFocus != nil {
		t.OnFocus(t.focused)
	}
}

// AcceptsTab implements fyne.Tabbable.
func (t *Table) AcceptsTab() bool { return t.OnTab != nil }

// KeyDown implements desktop.Keyable: typed keys come without modifiers.
func (t *Table) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		t.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (t *Table) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		t.shift = false
	}
}

// TypedKey implements fyne.Focusable.
func (t *Table) TypedKey(e *fyne.KeyEvent) {
	t.tip.hide()
	if t.find.active() && t.findKey(e.Name) {
		return
	}
	if to, ok := t.target(e.Name); ok {
		t.stopFind()
		t.moveTo(to, t.shift, false)
		return
	}
	call := func(f func()) {
		t.stopFind()
		if f != nil {
			f()
		}
	}
	at := t.model.Cursor()
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		t.stopFind()
		if at >= 0 && t.OnOpen != nil {
			t.OnOpen(at)
		}
	case fyne.KeyBackspace:
		call(t.OnBack)
	case fyne.KeyF2:
		t.Rename()
	case fyne.KeyF5:
		call(t.OnRefresh)
	case fyne.KeyDelete:
		t.deleteKey()
	case desktop.KeyMenu:
		t.menuKey()
	case fyne.KeyEscape:
		t.escapeKey()
	case fyne.KeyTab:
		if t.OnTab != nil {
			t.OnTab(t.shift)
		}
	default:
		var mod fyne.KeyModifier
		if t.shift {
			mod = fyne.KeyModifierShift
		}
		if t.OnShortcut != nil && t.OnShortcut(&desktop.CustomShortcut{KeyName: e.Name, Modifier: mod}) {
			t.stopFind()
		}
	}
}

// target returns where a key moves the cursor.
func (t *Table) target(key fyne.KeyName) (int, bool) {
	at, last := t.model.Cursor(), t.model.Len()-1
	page := max(1, int(t.scroll.Size().Height/t.RowHeight())-1)
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

// moveTo moves the cursor: it selects the row alone, or to it from where the
// range began.
func (t *Table) moveTo(place int, extend, add bool) {
	if place < 0 {
		return
	}
	if extend {
		t.model.SelectTo(place, add)
	} else {
		t.model.SelectOnly(place)
	}
	t.ScrollTo(place)
	t.selectionChanged()
}

func (t *Table) deleteKey() {
	t.stopFind()
	if t.takeCursor() && t.OnDelete != nil {
		t.OnDelete()
	}
}

// takeCursor selects the cursor's row where nothing is selected, so that a
// command has something to be about; it reports whether it has.
func (t *Table) takeCursor() bool {
	if t.model.SelectedCount() == 0 {
		if at := t.model.Cursor(); at >= 0 {
			t.model.SelectOnly(at)
			t.selectionChanged()
		}
	}
	return t.model.SelectedCount() > 0
}

func (t *Table) menuKey() {
	t.stopFind()
	at := t.model.Cursor()
	if at >= 0 && !t.model.Selected(at) {
		t.model.SelectOnly(at)
		t.selectionChanged()
	}
	if t.OnMenu == nil {
		return
	}
	if at < 0 {
		t.OnMenu(fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll).AddXY(nameLeft, 0))
		return
	}
	t.ScrollTo(at)
	t.OnMenu(t.RowCentre(at).AddXY(iconSize, t.RowHeight()/2))
}

func (t *Table) escapeKey() {
	switch {
	case t.stopDrag():
	case t.OnEscape != nil:
		t.OnEscape()
	}
}

// TypedRune implements fyne.Focusable.
func (t *Table) TypedRune(r rune) {
	if r == ' ' && !t.find.active() {
		t.toggleCursor()
		return
	}
	t.typeToFind(r)
}

func (t *Table) toggleCursor() {
	t.stopFind()
	t.model.ToggleSelected(t.model.Cursor())
	t.selectionChanged()
}

// TypedShortcut implements fyne.Shortcutable. A focused widget gets every
// shortcut and the driver does not ask the canvas after it, so this does.
func (t *Table) TypedShortcut(s fyne.Shortcut) {
	if t.shortcut(s) || t.OnShortcut != nil && t.OnShortcut(s) {
		return
	}
	if t.Forward != nil {
		t.Forward(s)
	} else if c, ok := t.canvas().(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// shortcut handles the shortcuts that are about the selection.
func (t *Table) shortcut(s fyne.Shortcut) bool {
	if _, all := s.(*fyne.ShortcutSelectAll); all {
		t.stopFind()
		t.model.SelectAll()
		t.selectionChanged()
		return true
	}
	c, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return false
	}
	const ctrl = fyne.KeyModifierControl
	to, moves := t.target(c.KeyName)
	switch {
	case c.Modifier == ctrl && c.KeyName == fyne.KeySpace:
		t.toggleCursor()
	case c.Modifier == ctrl|fyne.KeyModifierShift && moves:
		t.moveTo(to, true, true)
	case c.Modifier == ctrl && moves:
		if to >= 0 {
			t.model.SetCursor(to)
			t.ScrollTo(to)
			t.body.update()
		}
	default:
		return false
	}
	return true
}
