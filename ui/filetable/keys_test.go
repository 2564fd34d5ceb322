package filetable_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portside/ui/uitest"
)

func TestSelectWithTheKeyboard(t *testing.T) {
	b := open(t, wide, letters(26)...)
	b.table.Focus()
	b.user.Key(fyne.KeyDown, fyne.KeyDown)
	b.wantSelected("down, down", "c.txt")
	b.user.Chord(shift, fyne.KeyDown)
	b.user.Chord(shift, fyne.KeyDown)
	b.wantSelected("Shift and down", "c.txt", "d.txt", "e.txt")
	b.user.Chord(shift, fyne.KeyUp)
	b.wantSelected("Shift and up", "c.txt", "d.txt")
	b.user.Chord(ctrl, fyne.KeyDown)
	b.wantSelected("Ctrl moves the cursor only", "c.txt", "d.txt")
	b.user.Chord(ctrl, fyne.KeyDown)
	b.user.Chord(ctrl, fyne.KeySpace)
	b.wantSelected("Ctrl and Space", "c.txt", "d.txt", "f.txt")
	b.user.Chord(ctrl|shift, fyne.KeyDown)
	b.wantSelected("Ctrl, Shift and down", "c.txt", "d.txt", "f.txt", "g.txt")
	b.user.Key(fyne.KeyEnd)
	b.wantSelected("End", "z.txt")
	if b.table.Offset() == 0 {
		t.Error("End does not scroll")
	}
	b.user.Chord(shift, fyne.KeyHome)
	if got := len(b.selected()); got != 26 {
		t.Errorf("Shift and Home select %d", got)
	}
	b.user.Key(fyne.KeyHome, fyne.KeyPageDown)
	page := b.model.Cursor()
	if page < 8 || page > 20 {
		t.Errorf("a page is %d rows", page)
	}
	b.user.Key(fyne.KeyPageUp)
	b.wantSelected("and back", "a.txt")
	b.user.Key(fyne.KeyUp)
	b.wantSelected("no further", "a.txt")
	b.user.Chord(ctrl, fyne.KeyA)
	if got := len(b.selected()); got != 26 {
		t.Errorf("Ctrl and A select %d", got)
	}
}

func TestCommandKeys(t *testing.T) {
	b := open(t, wide, letters(5)...)
	b.table.Focus()
	b.user.Key(fyne.KeyDelete)
	b.wantCalls("Delete takes the row of the cursor", "delete a.txt")
	b.user.Key(fyne.KeyDown, fyne.KeyReturn, fyne.KeyBackspace, fyne.KeyF5, desktop.KeyMenu, fyne.KeyEscape)
	b.wantCalls("keys", "open b.txt", "back", "refresh", "menu b.txt", "escape")
	var seen []string
	b.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyL, Modifier: ctrl}, func(s fyne.Shortcut) {
		seen = append(seen, "canvas "+s.ShortcutName())
	})
	b.table.Forward = func(s fyne.Shortcut) { uitest.CanvasShortcut(b.window.Canvas(), s) }
	b.table.OnShortcut = func(s fyne.Shortcut) bool {
		seen = append(seen, "own "+s.ShortcutName())
		return strings.HasSuffix(s.ShortcutName(), "+T")
	}
	b.user.Chord(ctrl, fyne.KeyL)
	b.user.Chord(ctrl, fyne.KeyT)
	if want := []string{"own CustomDesktop:Control+L", "canvas CustomDesktop:Control+L", "own CustomDesktop:Control+T"}; !slices.Equal(seen, want) {
		t.Errorf("shortcuts went to %q, want %q", seen, want)
	}
}

func TestTypeToFind(t *testing.T) {
	b := open(t, wide, file("alpha", 1), file("beta", 1), file("betamax", 1), file("gamma", 1), file("my file", 1))
	b.table.Focus()
	b.user.Type("b")
	b.wantSelected("b", "beta")
	b.user.Type("b")
	b.wantSelected("the same again goes on", "betamax")
	b.clock.Advance(3 * time.Second)
	b.user.Type("betam")
	b.wantSelected("a longer beginning", "betamax")
	if !uitest.HasText(b.window.Canvas(), "betam") {
		t.Error("what is typed is not seen")
	}
	b.user.Key(fyne.KeyBackspace)
	b.wantCalls("Backspace corrects what is typed")
	b.user.Type("x")
	if !uitest.HasText(b.window.Canvas(), "no such name") {
		t.Error("that nothing is found is not seen")
	}
	b.user.Key(fyne.KeyEscape)
	b.wantCalls("Escape ends it")
	b.user.Key(fyne.KeyBackspace)
	b.wantCalls("after that Backspace goes up again", "back")
	b.user.Type("my ")
	b.user.Type("f")
	b.wantSelected("a name with a space", "my file")
	b.clock.Advance(3 * time.Second)
	if _, seen := uitest.PosOf(b.window.Canvas(), "my f"); seen {
		t.Error("what was typed is not forgotten")
	}
	b.user.Type(" ")
	b.wantSelected("Space alone toggles")
}

func TestRename(t *testing.T) {
	b := open(t, wide, file("photo.tar.gz", 1), file("z", 2))
	b.table.CheckName = func(name string) error {
		if strings.Contains(name, "/") {
			return errors.New("a name cannot hold “/”")
		}
		return nil
	}
	b.table.Focus()
	b.user.Key(fyne.KeyDown, fyne.KeyUp, fyne.KeyF2)
	entry, ok := b.window.Canvas().Focused().(interface{ SelectedText() string })
	if !ok {
		t.Fatalf("no entry has the focus but %T", b.window.Canvas().Focused())
	}
	if got := entry.SelectedText(); got != "photo" {
		t.Errorf("%q is selected, want the stem", got)
	}
	b.user.Type("picture")
	b.user.Key(fyne.KeyReturn)
	b.wantCalls("a new stem", "rename photo.tar.gz to picture.tar.gz")
	if !b.table.Focused() || b.table.Renaming() {
		t.Error("the table does not take the focus back")
	}
	b.user.Key(fyne.KeyF2)
	b.user.Type("x")
	b.user.Key(fyne.KeyEscape)
	b.wantCalls("Escape changes nothing")
	if !b.table.Focused() {
		t.Error("the table does not take the focus back after Escape")
	}
	b.user.Key(fyne.KeyF2)
	b.user.Type("a/b")
	if !uitest.HasText(b.window.Canvas(), "a name cannot hold “/”") {
		t.Error("why a name is refused is not seen")
	}
	b.user.Key(fyne.KeyReturn)
	b.wantCalls("a refused name changes nothing")
	b.user.Key(fyne.KeyF2, fyne.KeyReturn)
	b.wantCalls("the same name changes nothing")
	b.user.Key(fyne.KeyF2)
	b.user.Type("elsewhere")
	entryElsewhere := uitest.Entry(b.window.Canvas(), "elsewhere")
	b.window.Canvas().Focus(entryElsewhere)
	b.clock.Advance(time.Millisecond)
	b.wantCalls("leaving the entry keeps the name", "rename photo.tar.gz to elsewhere.tar.gz")
	if b.window.Canvas().Focused() != fyne.Focusable(entryElsewhere) {
		t.Error("the table steals the focus")
	}
}
