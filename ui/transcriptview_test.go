package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"portside/client/transcript"
)

// openIn shows an object in a window of the test driver, with our theme.
func openIn(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	lightApp(t)
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

func talk(r *transcript.Recorder, n int) {
	for i := range n {
		r.Add(transcript.Line{Time: time.Date(2026, 11, 20, 9, 8, 7, 0, time.Local), Kind: transcript.Received, Text: fmt.Sprintf("200 line %d", i)})
	}
}

func TestTranscriptFollowsTheEndUnlessScrolledUp(t *testing.T) {
	rec := transcript.New(0, nil)
	v := newTranscriptView(rec)
	openIn(t, v, 600, 200)
	talk(rec, 100)
	if !v.Pull() || !v.atEnd() {
		t.Fatalf("not at the end after the first lines: offset %v of %v", v.scroll.Offset.Y, v.body.MinSize().Height)
	}
	if v.Pull() {
		t.Error("Pull reported lines though none came")
	}
	if shown := visibleRows(v); shown > 30 || shown < 8 {
		t.Errorf("%d rows hold objects in a view 200 high", shown)
	}
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageUp})
	at := v.scroll.Offset.Y
	talk(rec, 10)
	v.Pull()
	if v.scroll.Offset.Y != at {
		t.Errorf("moved from %v to %v though scrolled up", at, v.scroll.Offset.Y)
	}
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	talk(rec, 10)
	v.Pull()
	if !v.atEnd() {
		t.Error("does not follow after End")
	}
}

func visibleRows(v *transcriptView) (n int) {
	for _, s := range v.body.slots {
		if !s.text.Hidden {
			n++
		}
	}
	return n
}

func TestTranscriptIsBounded(t *testing.T) {
	rec := transcript.New(3*transcriptKeep, nil)
	v := newTranscriptView(rec)
	openIn(t, v, 600, 200)
	talk(rec, transcriptKeep)
	v.Pull()
	talk(rec, 5)
	v.Pull()
	if len(v.rows) > transcriptKeep || len(v.rows) < transcriptKeep/2 {
		t.Errorf("%d rows kept", len(v.rows))
	}
	if last := v.rows[len(v.rows)-1].text; last != "200 line 4" {
		t.Errorf("last row is %q", last)
	}
}

func TestTranscriptInk(t *testing.T) {
	for _, c := range []struct {
		kind transcript.Kind
		text string
		want fyne.ThemeColorName
	}{
		{transcript.Command, "RETR a", theme.ColorNamePrimary},
		{transcript.Note, "fell back to PASV", theme.ColorNamePlaceHolder},
		{transcript.Received, "226 done", theme.ColorNameForeground},
		{transcript.Received, "550 No such file", theme.ColorNameError},
		{transcript.Received, "421-bye", theme.ColorNameError},
		{transcript.Received, "5500 files here", theme.ColorNameForeground},
		{transcript.Received, "", theme.ColorNameForeground},
	} {
		if got := shownLine(transcript.Line{Kind: c.kind, Text: c.text}).ink; got != c.want {
			t.Errorf("%q: ink %s, want %s", c.text, got, c.want)
		}
	}
}

func TestTranscriptTellsConnectionsApart(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 8, 7, 0, time.Local)
	if got := shownLine(transcript.Line{Time: at, Conn: 2, Kind: transcript.Command, Text: "NOOP"}); got.at != "09:08:07 #2" {
		t.Errorf("%+v", got)
	}
}

func TestTranscriptShowsEveryByteSafely(t *testing.T) {
	if got := shownLine(transcript.Line{Kind: transcript.Received, Text: "220 caf\xe9"}).text; got != "220 caf\u00e9" {
		t.Errorf("Latin-1 shows as %q", got)
	}
	if got := shownLine(transcript.Line{Kind: transcript.Received, Text: "220 a\x1b[2Jb"}).text; strings.Contains(got, "\x1b") {
		t.Errorf("an escape sequence got through: %q", got)
	}
}

func TestTranscriptCopiesTheSelection(t *testing.T) {
	rec := transcript.New(0, nil)
	v := newTranscriptView(rec)
	openIn(t, v, 600, 400)
	talk(rec, 10)
	v.Pull()
	press := func(row int, mod fyne.KeyModifier) {
		e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mod}
		e.Position = fyne.NewPos(50, (float32(row)+.5)*v.body.rowHeight())
		v.body.MouseDown(e)
		v.body.MouseUp(e)
	}
	press(4, 0)
	press(2, fyne.KeyModifierShift)
	v.TypedShortcut(&fyne.ShortcutCopy{})
	want := "09:08:07 < 200 line 2\n09:08:07 < 200 line 3\n09:08:07 < 200 line 4\n"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	v.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := strings.Count(v.Text(), "\n"); got != 10 {
		t.Errorf("all is %d lines, want 10", got)
	}
	v.Clear()
	if v.Text() != "" || v.Pull() {
		t.Error("lines came back after Clear")
	}
}
