package ui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client/ftptest"
	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

func TestParseMode(t *testing.T) {
	for text, want := range map[string]uint32{"644": 0o644, " 755 ": 0o755, "0644": 0o644, "4755": 0o4755, "000": 0} {
		if got, err := parseMode(text); err != nil || got != want {
			t.Errorf("%q: %o, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "6", "64", "888", "rwx", "17777", "-44", "00644"} {
		if got, err := parseMode(text); err == nil {
			t.Errorf("%q is read as %o", text, got)
		}
	}
}

// TestTheBoxesAndTheNumberSayTheSame changes either and looks at the other.
func TestTheBoxesAndTheNumberSayTheSame(t *testing.T) {
	m := newModeBoxes()
	ticks := func() string {
		text := []byte("rwxrwxrwx")
		for i, b := range m.boxes {
			if !b.Checked {
				text[i] = '-'
			}
		}
		return string(text)
	}
	for text, want := range map[string]string{"644": "rw-r--r--", "751": "rwxr-x--x", "4755": "rwxr-xr-x", "": "---------", "64": "---------"} {
		m.number.SetText(text)
		if got := ticks(); got != want || m.number.Text != text {
			t.Errorf("%q: the boxes say %q, want %q; the number says %q", text, got, want, m.number.Text)
		}
	}
	for _, c := range []struct {
		before string
		box    int
		want   string
	}{{"644", 2, "744"}, {"644", 1, "444"}, {"", 0, "400"}, {"4755", 8, "4754"}, {"777", 8, "776"}, {"001", 8, "000"}} {
		m.number.SetText(c.before)
		m.boxes[c.box].SetChecked(!m.boxes[c.box].Checked)
		if m.number.Text != c.want {
			t.Errorf("%q and box %d: %q, want %q", c.before, c.box, m.number.Text, c.want)
		}
	}
}

func TestModeNow(t *testing.T) {
	file := func(mode uint32) state.Row { return state.Row{Type: listing.File, Mode: mode} }
	for _, c := range []struct {
		rows        []state.Row
		said, start string
	}{
		{[]state.Row{file(0o644)}, "Now 644", "644"},
		{[]state.Row{file(0o4755), file(0o4755)}, "Now 4755", "4755"},
		{[]state.Row{file(0o644), file(0o600)}, "Now not all the same", ""},
		{[]state.Row{file(listing.ModeUnknown)}, "Now unknown", ""},
		{[]state.Row{{Type: listing.Dir, Mode: 0o755}}, "Now 755", ""},
	} {
		if said, start := modeNow(c.rows); said != c.said || start != c.start {
			t.Errorf("%+v: %q, %q", c.rows, said, start)
		}
	}
}

// TestPermissionsAreTickedByKeyboard has a file with known permissions.
func TestPermissionsAreTickedByKeyboard(t *testing.T) {
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := ftptest.NewServer(t, ftptest.FileAt("/a.sh", "x", old, 0o644))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.sh")
	b.w.askMode(b.w.remote.Selection())
	b.reads("Now 644")
	b.Replace("64")
	b.Key(fyne.KeyReturn)
	b.reads("Type three octal digits, such as 644 or 755.")
	b.Replace("644")
	if uitest.HasText(b.Canvas(), "Type three octal digits") {
		t.Error("what was wrong is still said")
	}
	c := b.Canvas()
	b.Key(fyne.KeyTab, fyne.KeyTab, fyne.KeyTab) // from the number to the owner's third
	b.Type(" ")
	b.Key(fyne.KeyReturn)
	b.sees("the command", func() bool { return slices.Contains(srv.Commands(), "SITE CHMOD 744 /a.sh") })
	b.w.remote.Select("a.sh")
	b.w.askMode(b.w.remote.Selection())
	b.Key(fyne.KeyTab)
	if _, ok := c.Focused().(*modeBox); !ok {
		t.Errorf("the keyboard is at %T", c.Focused())
	}
	b.Key(fyne.KeyEscape)
	if b.w.sheets.Open() {
		t.Error("Escape on a box does not close the sheet")
	}
}
