package ui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"portside/ui/uitest"
)

func openBoard(t *testing.T) (*uitest.User, *sheetBoard, *inputEntry) {
	t.Helper()
	below := newInputEntry("below")
	win := openIn(t, container.NewVBox(below), 800, 600)
	return uitest.NewUser(t, win.Canvas()), newSheetBoard(win.Canvas()), below
}

func TestSheetKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(*uitest.User)
		want string
	}{
		{"Return", func(u *uitest.User) { u.Key(fyne.KeyReturn) }, "yes"},
		{"Enter", func(u *uitest.User) { u.Key(fyne.KeyEnter) }, "yes"},
		{"Escape", func(u *uitest.User) { u.Key(fyne.KeyEscape) }, ""},
		{"the button", func(u *uitest.User) { u.ClickText("Delete") }, "yes"},
		{"the other button", func(u *uitest.User) { u.ClickText("Cancel") }, ""},
		{"Return on the focused Cancel", func(u *uitest.User) { u.Key(fyne.KeyTab, fyne.KeyReturn) }, ""},
		{"Escape on the focused Cancel", func(u *uitest.User) { u.Key(fyne.KeyTab, fyne.KeyEscape) }, ""},
		{"Return on the focused Delete", func(u *uitest.User) { u.Key(fyne.KeyTab, fyne.KeyTab, fyne.KeyReturn) }, "yes"},
	} {
		u, b, below := openBoard(t)
		u.Canvas().Focus(below)
		got := ""
		b.Confirm("Delete 2 files?", "They cannot be brought back.", "Delete", func() { got += "yes" })
		if !uitest.HasText(u.Canvas(), "Delete 2 files?") || !b.Open() {
			t.Fatalf("%s: no sheet is seen", c.name)
		}
		c.act(u)
		if got != c.want || b.Open() {
			t.Errorf("%s: answered %q, want %q; open %v", c.name, got, c.want, b.Open())
		}
		if u.Canvas().Focused() != below {
			t.Errorf("%s: the keyboard is at %T afterwards", c.name, u.Canvas().Focused())
		}
	}
}

func TestSheetsLieOneAboveTheOther(t *testing.T) {
	u, b, _ := openBoard(t)
	before := 0
	u.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { before++ })
	var got []string
	b.Confirm("first", "", "Yes", func() { got = append(got, "first") })
	b.Confirm("second", "", "Yes", func() { got = append(got, "second") })
	u.Key(fyne.KeyReturn, fyne.KeyEscape)
	if len(got) != 1 || got[0] != "second" || b.Open() {
		t.Errorf("answered %q, open %v", got, b.Open())
	}
	u.Canvas().Unfocus()
	u.Key(fyne.KeyF5)
	if before != 1 {
		t.Errorf("the window got %d keys after the sheets, want 1", before)
	}
}

func TestAskNameChecksBeforeItCloses(t *testing.T) {
	u, b, _ := openBoard(t)
	got := ""
	b.AskName("New folder", "folder", func(name string) error {
		if name == "taken" {
			return errors.New("There is a folder of that name already.") //nolint:revive // a sentence to be shown
		}
		return nil
	}, func(name string) { got = name })
	u.Type("taken") // the proposed name is selected, so typing replaces it
	u.Key(fyne.KeyReturn)
	if got != "" || !b.Open() || !uitest.HasText(u.Canvas(), "There is a folder of that name already.") {
		t.Fatalf("got %q, open %v, seen %q", got, b.Open(), uitest.Texts(u.Canvas()))
	}
	u.Replace("free")
	u.Key(fyne.KeyReturn)
	if got != "free" || b.Open() {
		t.Errorf("got %q, open %v", got, b.Open())
	}
}

func TestAskPasswordShowsDotsOnly(t *testing.T) {
	u, b, _ := openBoard(t)
	got := ""
	b.AskPassword("joe", "ftp.example.org", "", func(p string) { got = p })
	u.Type("s3cret")
	if uitest.HasText(u.Canvas(), "s3cret") {
		t.Error("the password is on the screen")
	}
	u.Key(fyne.KeyReturn)
	if got != "s3cret" {
		t.Errorf("got %q", got)
	}
}
