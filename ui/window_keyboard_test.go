package ui

import (
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portside/client/ftptest"
)

// openPanes opens a window on two folders, with the keyboard in the remote one.
func openPanes(t *testing.T) *bench {
	t.Helper()
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "a"), ftptest.File("/b.txt", "b"), ftptest.File("/c.txt", "c"))
	b := openWindow(t, nil)
	b.write(map[string]string{"here.txt": "1", "there.txt": "2"})
	b.w.local.Relist()
	b.connect(srv.URL)
	b.isUp()
	b.sees("the local files", func() bool { return !b.w.local.Busy() && b.w.local.model.Len() == 2 })
	b.w.showPane(b.w.remote)
	if !b.w.remote.Focused() {
		t.Fatal("the remote pane has no keyboard")
	}
	b.Key(fyne.KeyHome)
	return b
}

// Fyne takes the keyboard away at a click elsewhere, as on the menu: the next key goes to
// the pane that had it, and gives it back.
func TestTheKeyboardComesBackWithTheNextKey(t *testing.T) {
	b := openPanes(t)
	c := b.w.win.Canvas()
	c.Unfocus()
	b.Key(fyne.KeyDown)
	if at := b.w.remote.model.Cursor(); at != 1 || c.Focused() != b.w.remote.Table() {
		t.Errorf("the cursor is at %d and the keyboard at %T", at, c.Focused())
	}
	c.Unfocus()
	b.Key(desktop.KeyShiftLeft)
	if c.Focused() != b.w.remote.Table() {
		t.Errorf("Shift left the keyboard at %T", c.Focused())
	}
	c.Unfocus()
	b.Type("c")
	if at := b.w.remote.model.Cursor(); at != 2 {
		t.Errorf("a letter led to row %d", at)
	}
}

func TestTheKeyboardComesBackAfterAMenu(t *testing.T) {
	b := openPanes(t)
	c := b.w.win.Canvas()
	c.Unfocus()
	b.w.menus.transcript.Action()
	if c.Focused() != b.w.remote.Table() {
		t.Errorf("after a command the keyboard is at %T", c.Focused())
	}
	b.w.bar.Focus()
	b.w.menus.transcript.Action() // by its key
	if c.Focused() != b.w.bar.address {
		t.Errorf("a command took the keyboard from the address to %T", c.Focused())
	}
}

func TestTheKeyboardComesBackAfterADrag(t *testing.T) {
	b := openPanes(t)
	from := b.Find("a.txt")
	b.Move(from)
	b.Press(desktop.MouseButtonPrimary)
	b.Move(from.AddXY(20, 20))
	b.Move(centreOf(b.w.local))
	b.Release(desktop.MouseButtonPrimary)
	if f := b.w.win.Canvas().Focused(); f != b.w.remote.Table() {
		t.Errorf("after the drop the keyboard is at %T", f)
	}
	b.sees("the copy", func() bool {
		_, err := os.Stat(filepath.Join(b.home, "a.txt"))
		return err == nil
	})
}

// Nothing gives the panes the keyboard while something else is there to have it.
func TestTheKeyboardIsNotStolen(t *testing.T) {
	b := openPanes(t)
	c := b.w.win.Canvas()
	for _, tt := range []struct {
		name       string
		open, shut func()
	}{
		{"settings", b.w.ShowSettings, b.w.leaveSettings},
		{"site manager", func() { b.w.openManager("") }, func() { b.w.closeManager() }},
		{"synchronisation", b.w.Synchronise, b.w.closeSync},
		{"a sheet", b.w.showAbout, b.w.sheets.CancelAll},
	} {
		tt.open()
		c.Unfocus()
		b.Type("x")
		b.Key(fyne.KeyDown)
		b.w.keyboardBack()
		if f := c.Focused(); f == b.w.remote.Table() || f == b.w.local.Table() || b.w.remote.model.Cursor() != 0 {
			t.Errorf("%s: the keyboard went to %T", tt.name, f)
		}
		tt.shut()
	}
}
