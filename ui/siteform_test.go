package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// cutAt makes the window so low that the entry of a field is the last thing in the form.
func (b *siteBench) cutAt(key string) *inputEntry {
	b.t.Helper()
	e, is := b.m.form.rows[key].input.Focus().(*inputEntry)
	if !is {
		b.t.Fatalf("%s is no entry", key)
	}
	driver := fyne.CurrentApp().Driver()
	low := driver.AbsolutePositionForObject(b.m.form.scroll).Y + b.m.form.scroll.Size().Height
	edge := driver.AbsolutePositionForObject(e).Y + e.Size().Height + 1
	for _, win := range driver.AllWindows() {
		if win.Canvas() == b.Canvas() {
			win.Resize(win.Canvas().Size().SubtractWidthHeight(0, low-edge))
		}
	}
	return e
}

// A field at the lower edge comes into view once the mouse is let go: what moves before
// that is not under the mouse any more, and what is typed then is lost.
func TestAClickOnAFieldAtTheEdge(t *testing.T) {
	for _, key := range []string{"user", "password"} {
		b := openSites(t, nil, named("One"))
		e := b.cutAt(key)
		b.Move(centreOf(e))
		b.Press(desktop.MouseButtonPrimary)
		if at := b.m.form.scroll.Offset.Y; at != 0 {
			t.Errorf("%s: the form has moved by %v under the mouse", key, at)
		}
		b.Release(desktop.MouseButtonPrimary)
		if f := b.Canvas().Focused(); f != fyne.Focusable(e) {
			t.Fatalf("%s: the keyboard is at %T", key, f)
		}
		b.Replace("abc")
		if e.Text != "abc" {
			t.Errorf("%s: what was typed is %q", key, e.Text)
		}
		if b.m.form.scroll.Offset.Y == 0 {
			t.Errorf("%s: the field is still at the edge", key)
		}
	}
}

// Tab brings the next field into view, a password too.
func TestTabBringsAFieldIntoView(t *testing.T) {
	for key, before := range map[string]string{"user": "port", "password": "user"} {
		b := openSites(t, nil, named("One"))
		e := b.cutAt(key)
		b.m.form.Focus(before)
		at := b.m.form.scroll.Offset.Y
		for range 3 { // there may be a button between them
			if b.Canvas().Focused() != fyne.Focusable(e) {
				b.Key(fyne.KeyTab)
			}
		}
		if b.Canvas().Focused() != fyne.Focusable(e) {
			t.Fatalf("Tab led from %s to %T", before, b.Canvas().Focused())
		}
		if b.m.form.scroll.Offset.Y <= at {
			t.Errorf("%s stays at the edge", key)
		}
	}
}
