package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"portside/client/ftptest"
	"portside/transfers/edit"
	"portside/ui/state"
	"portside/ui/uitest"
)

// noEditor is a program that does nothing with a file.
func noEditor(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the tests run a program of Unix as the editor")
	}
	return "true"
}

// openEditing opens a window that is connected to a server with some files.
func openEditing(t *testing.T, change func(*Config), more ...ftptest.Option) (*bench, *ftptest.Server) {
	t.Helper()
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	srv := ftptest.NewServer(t, append([]ftptest.Option{
		ftptest.FileAt("/a.txt", "hello", old, 0o644), ftptest.FileAt("/b.txt", "hello", old, 0o644), ftptest.Dir("/docs"),
	}, more...)...)
	b := openWindow(t, change)
	b.w.changePrefs(func(p *state.Prefs) { p.Editor = noEditor(t) })
	b.connect(srv.URL)
	b.isUp()
	return b, srv
}

func (b *bench) edits() []edit.File {
	if d := b.w.edits.desk.Load(); d != nil {
		return d.Files()
	}
	return nil
}

// edit edits files of the server, and returns their copies.
func (b *bench) edit(names ...string) []string {
	b.t.Helper()
	before := len(b.edits())
	b.w.remote.Select(names...)
	b.w.remote.Focus()
	b.Key(fyne.KeyF4)
	b.sees("the copies", func() bool { return len(b.edits()) == before+len(names) && !b.w.remote.Busy() })
	var out []string
	for _, f := range b.edits()[before:] {
		out = append(out, f.Local)
	}
	return out
}

func (b *bench) save(path, text string) {
	b.t.Helper()
	fresh := path + "~"
	if err := os.WriteFile(fresh, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Rename(fresh, path); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) has(srv *ftptest.Server, path, text string) {
	b.t.Helper()
	b.sees(path+" as "+text, func() bool { return string(srv.File(path)) == text })
}

// answer presses a button of a banner, once that is seen.
func (b *bench) answer(key, label string) {
	b.t.Helper()
	button := func() *pushButton {
		if !b.w.banners.Has(key) {
			return nil
		}
		at := slices.IndexFunc(b.w.banners.shown, func(n notice) bool { return n.key == key })
		for _, o := range test.LaidOutObjects(b.w.banners.Content.Objects[at]) {
			if p, ok := o.(*pushButton); ok && p.Text == label {
				return p
			}
		}
		return nil
	}
	b.sees("the button "+label, func() bool { return button() != nil })
	found := button()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(found)
	b.Click(at.AddXY(found.Size().Width/2, found.Size().Height/2))
}

func TestAFileOfTheServerIsEdited(t *testing.T) {
	b, srv := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	b.save(local, "hello there")
	b.reads("“a.txt” was changed. Upload it?")
	if got := string(srv.File("/a.txt")); got != "hello" {
		t.Fatalf("it was uploaded without an answer: %q", got)
	}
	b.answer(editChanged, "Upload")
	b.has(srv, "/a.txt", "hello there")
	b.sees("no banner", func() bool { return !b.w.banners.Has(editChanged) && b.edits()[0].State == edit.Same })
	b.save(local, "again")
	b.reads("“a.txt” was changed. Upload it?")
	b.answer(editChanged, "Not now")
	b.save(local, "and again")
	b.answer(editChanged, "Always for this file")
	b.has(srv, "/a.txt", "and again")
	b.sees("the end", func() bool { return b.edits()[0].State == edit.Same })
	b.save(local, "by itself")
	b.has(srv, "/a.txt", "by itself")
	if b.w.banners.Has(editChanged) {
		t.Error("it asks in spite of Always")
	}
}

func TestSeveralFilesAreEdited(t *testing.T) {
	b, srv := openEditing(t, nil)
	for _, local := range b.edit("a.txt", "b.txt") {
		b.save(local, "changed")
	}
	b.reads("“a.txt” and “b.txt” were changed. Upload them?")
	b.answer(editChanged, "Upload all")
	b.has(srv, "/a.txt", "changed")
	b.has(srv, "/b.txt", "changed")
}

func TestEditedFilesAreUploadedAtOnce(t *testing.T) {
	b, srv := openEditing(t, nil)
	b.w.changePrefs(func(p *state.Prefs) { p.UploadEdited, p.FileOpen = "at-once", "edit" })
	b.w.remote.openRow(b.w.remote.model.Index("a.txt")) // a double click
	b.sees("the copy", func() bool { return len(b.edits()) == 1 })
	b.save(b.edits()[0].Local, "at once")
	b.has(srv, "/a.txt", "at once")
	if b.w.banners.Has(editChanged) {
		t.Error("it asks")
	}
}

// The editor gets one absolute path, whatever the server calls its file.
func TestTheEditorGetsAnAbsolutePath(t *testing.T) {
	noEditor(t)
	said := filepath.Join(t.TempDir(), "said")
	script := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >"+said+".new && mv "+said+".new "+said+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	b, _ := openEditing(t, nil, ftptest.File("/-x; touch y", "hello"))
	b.w.changePrefs(func(p *state.Prefs) { p.Editor = script + " --wait" })
	local := b.edit("-x; touch y")[0]
	b.sees("the editor", func() bool { _, err := os.Stat(said); return err == nil })
	data, err := os.ReadFile(said)
	if err != nil || string(data) != "--wait\n"+local+"\n" || !filepath.IsAbs(local) || filepath.Base(local) != "-x; touch y" {
		t.Errorf("the editor got %q, %v; the copy is %q", data, err, local)
	}
}

func TestEditCommand(t *testing.T) {
	for _, tt := range []struct{ system, editor, path, want string }{
		{"linux", "", "/a.txt", "xdg-open /a.txt"},
		{"linux", "vim", "/a.desktop", "vim /a.desktop"},
		{"linux", "", "/a.desktop", ""},
		{"darwin", "", "/a.command", "open -t /a.command"},
		{"windows", "", "/a.js", "notepad.exe /a.js"},
	} {
		got, err := editCommand(tt.system, tt.editor, tt.path)
		if strings.Join(got, " ") != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s, %q, %s: %q, %v", tt.system, tt.editor, tt.path, got, err)
		}
	}
}

func TestWhatIsNotEdited(t *testing.T) {
	var many []ftptest.Option
	var names []string
	for i := range 11 {
		names = append(names, fmt.Sprintf("x%02d", i))
		many = append(many, ftptest.File("/"+names[i], "x"))
	}
	b, srv := openEditing(t, nil, append(many, ftptest.BigFile("/big.iso", 20<<20))...)
	press := func(names ...string) {
		b.w.remote.Select(names...)
		b.w.remote.Focus()
		b.Key(fyne.KeyF4)
	}
	press("docs")
	b.reads("“docs” is a folder: only files can be edited.")
	press(names...)
	b.reads("At most 10 files can be edited at once.")
	press("big.iso")
	b.reads("“big.iso” has 21 MB")
	if srv.Count("RETR") != 0 {
		t.Error("it was fetched before the answer")
	}
	b.Key(fyne.KeyEscape)
	if len(b.edits()) != 0 || b.w.sheets.Open() {
		t.Errorf("%v, sheet %v", b.edits(), b.w.sheets.Open())
	}
	press("big.iso")
	b.press("Edit")
	b.sees("the copy", func() bool { return len(b.edits()) == 1 })
	items := b.w.remote.menuItems([]state.Row{{Name: "docs", Type: 2}})
	if slices.ContainsFunc(items, func(i *fyne.MenuItem) bool { return i.Label == "Edit" }) {
		t.Error("the menu of a folder offers to edit it")
	}
	items = b.w.remote.menuItems(b.w.remote.Selection())
	if !slices.ContainsFunc(items, func(i *fyne.MenuItem) bool { return i.Label == "Edit" && i.Shortcut != nil }) {
		t.Error("the menu of a file does not offer to edit it, or without the key")
	}
}

func TestAFetchForEditingIsCancelled(t *testing.T) {
	b, _ := openEditing(t, nil, ftptest.BigFile("/slow", 8<<20), ftptest.Bandwidth(1<<20))
	b.w.remote.Select("slow")
	b.w.remote.Focus()
	b.Key(fyne.KeyF4)
	b.sees("the fetch", func() bool { return b.w.remote.op.running() })
	b.Key(fyne.KeyEscape)
	b.sees("its end", func() bool { return !b.w.remote.op.running() })
	if len(b.edits()) != 0 || b.w.remote.alert.Visible() {
		t.Errorf("%v, alert %v", b.edits(), b.w.remote.alert.Visible())
	}
}

func TestAFileThatWasChangedOnTheServerMeanwhile(t *testing.T) {
	b, srv := openEditing(t, nil)
	b.w.changePrefs(func(p *state.Prefs) { p.UploadEdited = "at-once" })
	local := b.edit("a.txt")[0]
	srv.SetFile("/a.txt", []byte("somebody else"))
	b.save(local, "mine")
	b.reads("“a.txt” was changed on the server meanwhile")
	b.Key(fyne.KeyReturn) // keeps mine only here
	b.sees("the answer", func() bool { return b.edits()[0].Quiet })
	if got := string(srv.File("/a.txt")); got != "somebody else" || srv.Count("STOR") != 0 {
		t.Fatalf("the server has %q", got)
	}
	b.save(local, "mine!") // which is asked about again
	b.reads("“a.txt” was changed on the server meanwhile")
	b.press("Keep mine only here")
	b.save(local, "mine")
	b.reads("“a.txt” was changed on the server meanwhile")
	b.Key(fyne.KeyEscape)
	b.sees("the answer", func() bool { return b.edits()[0].Quiet })
	b.w.endOrAsk()
	b.reads("“a.txt” was not uploaded")
	b.press("Upload and quit")
	b.reads("“a.txt” was changed on the server meanwhile") // and the program stays
	b.press("Save mine under another name")
	b.has(srv, "/a (1).txt", "mine")
	if got := string(srv.File("/a.txt")); got != "somebody else" {
		t.Errorf("theirs is %q", got)
	}
	b.sees("the end", func() bool { return b.edits()[0].State == edit.Same })
	srv.SetFile("/a (1).txt", []byte("theirs too"))
	b.save(local, "mine again")
	b.press("Overwrite theirs")
	b.has(srv, "/a (1).txt", "mine again")
}

// An edited file goes where it came from, whatever the window shows by then.
func TestAnEditedFileGoesToItsOwnServer(t *testing.T) {
	b, srv := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	other := ftptest.NewServer(t, ftptest.File("/a.txt", "of another"))
	b.connect(other.URL)
	b.isUp()
	b.sees("the other server", func() bool { return strings.Contains(other.URL, fmt.Sprint(b.w.shown.Target.URL.Port)) })
	b.save(local, "mine")
	b.reads("“a.txt” was changed. Upload it to " + b.edits()[0].SiteName + "?")
	b.answer(editChanged, "Upload")
	b.has(srv, "/a.txt", "mine")
	b.reads("“a.txt” was uploaded")
	if string(other.File("/a.txt")) != "of another" {
		t.Error("it went to another server")
	}
}

func TestAFailedUploadIsSaidAndStays(t *testing.T) {
	b, srv := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	if err := srv.Apply(ftptest.Reply("STOR", "553 Not allowed.")); err != nil {
		t.Fatal(err)
	}
	b.save(local, "mine")
	b.answer(editChanged, "Upload")
	b.reads("“a.txt” was not uploaded to 127.0.0.1")
	srv.ClearFaults()
	b.answer(editFailed, "Try again")
	b.has(srv, "/a.txt", "mine")
	b.sees("no banner", func() bool { return !b.w.banners.Has(editFailed) })
}

// What was not uploaded is asked about at the end, kept, and offered at the next start.
func TestEditedFilesAreKept(t *testing.T) {
	b, srv := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	b.save(local, "mine")
	b.answer(editChanged, "Not now")
	quit := false
	b.w.cfg.OnQuit = func() { quit = true }
	b.w.endOrAsk()
	b.reads("“a.txt” was not uploaded")
	b.Key(fyne.KeyEscape)
	if quit {
		t.Fatal("Escape quits")
	}
	b.w.endOrAsk()
	b.press("Keep and quit")
	b.sees("the end", func() bool { return quit })
	if err := b.w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(b.cfg, func(path string, _ os.DirEntry, err error) error {
		if data, rerr := os.ReadFile(path); rerr == nil && strings.Contains(string(data), "s3cret") {
			t.Errorf("%s has the password", path)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	dir := b.cfg
	b = openWindow(t, func(c *Config) { c.ConfigDir = dir })
	b.reads("was not uploaded. It was edited before Portside ended.")
	b.answer(editKept, "Show folder")
	b.reads("a.txt")
	b.answer(editKept, "Upload")
	b.has(srv, "/a.txt", "mine")
	b.sees("no banner", func() bool { return !b.w.banners.Has(editKept) && b.edits()[0].State == edit.Same })
}

func TestKeptFilesAreDiscarded(t *testing.T) {
	b, _ := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	b.save(local, "mine")
	b.reads("was changed. Upload it?")
	if err := b.w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := b.cfg
	b = openWindow(t, func(c *Config) { c.ConfigDir = dir })
	b.answer(editKept, "Discard")
	b.reads("Discard “a.txt”?")
	b.Key(fyne.KeyEscape)
	b.reads("It was edited before Portside ended.")
	b.answer(editKept, "Discard")
	b.Key(fyne.KeyReturn)
	b.sees("it gone", func() bool { _, err := os.Stat(local); return os.IsNotExist(err) && len(b.edits()) == 0 })
	if uitest.HasText(b.Canvas(), "It was edited before") {
		t.Error("the banner stayed")
	}
}

// A site that wants a password waits for the login, and says so.
func TestAnEditedFileWaitsForALogin(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.w.changePrefs(func(p *state.Prefs) { p.Editor = noEditor(t) })
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.isUp()
	b.save(b.edit("a.txt")[0], "mine")
	b.reads("was changed. Upload it?")
	if err := b.w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := b.cfg
	b = openWindow(t, func(c *Config) { c.ConfigDir = dir })
	b.answer(editKept, "Upload")
	b.reads("“a.txt” waits for a connection to joe@127.0.0.1:")
	b.answer(editFailed, "Log in") // which is no “Not now”
	b.reads("Password of joe")
	b.Key(fyne.KeyEscape)
	b.sees("the banner", func() bool { return b.w.banners.Has(editFailed) && !b.edits()[0].Quiet })
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.isUp()
	b.has(srv, "/a.txt", "mine")
}
