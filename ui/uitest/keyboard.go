package uitest

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// With does f while the modifier keys are held.
func (u *User) With(mods fyne.KeyModifier, f func()) {
	u.hold(mods, true)
	f()
	u.hold(mods, false)
}

// hold presses or lets go modifier keys, of which only Shift is told by its key.
func (u *User) hold(mods fyne.KeyModifier, down bool) {
	if down {
		u.mods |= mods
	} else {
		u.mods &^= mods
	}
	for _, m := range []struct {
		mod fyne.KeyModifier
		key fyne.KeyName
	}{
		{fyne.KeyModifierControl, desktop.KeyControlLeft},
		{fyne.KeyModifierAlt, desktop.KeyAltLeft},
		{fyne.KeyModifierShift, desktop.KeyShiftLeft},
	} {
		if mods&m.mod == 0 {
			continue
		}
		e := &fyne.KeyEvent{Name: m.key}
		k, ok := u.c.Focused().(desktop.Keyable)
		switch {
		case ok && down:
			k.KeyDown(e)
		case ok:
			k.KeyUp(e)
		}
	}
}

// Key types keys one after the other.
func (u *User) Key(names ...fyne.KeyName) {
	for _, name := range names {
		u.key(name)
	}
}

func (u *User) key(name fyne.KeyName) {
	e := &fyne.KeyEvent{Name: name}
	if k, ok := u.c.Focused().(desktop.Keyable); ok {
		k.KeyDown(e)
	}
	if !u.tab(name) && !u.shortcut(name) {
		if f := u.c.Focused(); f != nil {
			f.TypedKey(e)
		} else if f := u.c.OnTypedKey(); f != nil {
			f(e)
		}
	}
	if k, ok := u.c.Focused().(desktop.Keyable); ok {
		k.KeyUp(e)
	}
}

// tab moves the focus, unless what has it wants the Tab key itself.
func (u *User) tab(name fyne.KeyName) bool {
	if name != fyne.KeyTab || u.mods&^fyne.KeyModifierShift != 0 {
		return false
	}
	if t, ok := u.c.Focused().(fyne.Tabbable); ok && t.AcceptsTab() {
		return false
	}
	if u.mods == fyne.KeyModifierShift {
		u.c.FocusPrevious()
	} else {
		u.c.FocusNext()
	}
	return true
}

// shortcut hands the shortcut that name is with the held modifiers to what has
// the focus, or else to the canvas.
func (u *User) shortcut(name fyne.KeyName) bool {
	s := shortcutOf(name, u.mods)
	if s == nil {
		return false
	}
	if f, ok := u.c.Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(s)
	} else {
		CanvasShortcut(u.c, s)
	}
	return true
}

// CanvasShortcut triggers a shortcut that was added to the canvas, as the desktop
// canvas lets a widget do. The test driver's canvas hides that ability behind the
// software canvas that it embeds.
func CanvasShortcut(c fyne.Canvas, s fyne.Shortcut) {
	if sc, ok := c.(fyne.Shortcutable); ok {
		sc.TypedShortcut(s)
		return
	}
	inner := reflect.Indirect(reflect.ValueOf(c)).FieldByName("WindowlessCanvas")
	if !inner.IsValid() {
		return
	}
	if sc, ok := inner.Interface().(fyne.Shortcutable); ok {
		sc.TypedShortcut(s)
	}
}

func shortcutOf(name fyne.KeyName, mods fyne.KeyModifier) fyne.Shortcut {
	if mods == fyne.KeyModifierControl {
		switch name {
		case fyne.KeyA:
			return &fyne.ShortcutSelectAll{}
		case fyne.KeyC:
			return &fyne.ShortcutCopy{Clipboard: fyne.CurrentApp().Clipboard()}
		case fyne.KeyV:
			return &fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()}
		case fyne.KeyX:
			return &fyne.ShortcutCut{Clipboard: fyne.CurrentApp().Clipboard()}
		case fyne.KeyZ:
			return &fyne.ShortcutUndo{}
		case fyne.KeyY:
			return &fyne.ShortcutRedo{}
		}
	}
	switch {
	case mods == fyne.KeyModifierShift && name == fyne.KeyDelete:
		return &fyne.ShortcutCut{Clipboard: fyne.CurrentApp().Clipboard(), Secondary: true}
	case mods == fyne.KeyModifierShift && name == fyne.KeyInsert:
		return &fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard(), Secondary: true}
	case mods == 0 || mods == fyne.KeyModifierShift:
		return nil
	}
	return &desktop.CustomShortcut{KeyName: name, Modifier: mods}
}

// Chord types one key with modifiers held.
func (u *User) Chord(mods fyne.KeyModifier, name fyne.KeyName) {
	u.With(mods, func() { u.key(name) })
}

// Type types text into what has the focus.
func (u *User) Type(text string) {
	for _, r := range text {
		if f := u.c.Focused(); f != nil {
			f.TypedRune(r)
		} else {
			test.TypeOnCanvas(u.c, string(r))
		}
	}
}

// Replace types text in place of all that is in the focused entry.
func (u *User) Replace(text string) {
	u.Chord(fyne.KeyModifierControl, fyne.KeyA)
	u.Type(text)
}
