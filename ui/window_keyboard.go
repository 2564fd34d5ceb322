package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// keyboardBack gives the keyboard to the pane that had it last, where nothing has it
// any more: Fyne takes it away at a click on a menu, or where a drag ends.
// What is in the place of the panes, or asks something, is left alone.
func (w *Window) keyboardBack() {
	if w.closed.Load() || w.covered() || w.sheets.Open() || w.folder != nil {
		return
	}
	c := w.win.Canvas()
	if c.Overlays().Top() != nil || c.Focused() != nil {
		return
	}
	switch {
	case w.active == w.remote && w.welcome.Content.Visible():
		c.Focus(w.welcome.list)
	case w.active.Path() != "":
		w.active.Focus()
	}
}

// keyToPane is keyboardBack for a key that nothing has taken, which then goes there.
func (w *Window) keyToPane(e *fyne.KeyEvent) {
	w.keyboardBack()
	f := w.win.Canvas().Focused()
	if f == nil {
		return
	}
	if k, ok := f.(desktop.Keyable); ok {
		k.KeyDown(e)
	}
	f.TypedKey(e)
}

// typedRune takes what is typed while nothing has the keyboard.
func (w *Window) typedRune(r rune) {
	w.keyboardBack()
	if f := w.win.Canvas().Focused(); f != nil {
		f.TypedRune(r)
	}
}
