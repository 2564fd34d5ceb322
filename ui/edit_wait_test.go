package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portside/transfers/edit"
	"portside/ui/uitest"
)

// A conflict that comes while something else is asked is asked about after that, and
// the wish to quit stays until then.
func TestAConflictWaitsForAnotherQuestion(t *testing.T) {
	b, srv := openEditing(t, nil)
	local := b.edit("a.txt")[0]
	srv.SetFile("/a.txt", []byte("somebody else"))
	b.w.sheets.Confirm("Something else?", "It is still open.", "Yes", func() {})
	b.save(local, "mine")
	b.sees("the change", func() bool { return b.w.banners.Has(editChanged) })
	b.w.uploadAndQuit(b.w.unsentEdits())
	b.sees("the conflict", func() bool { return b.edits()[0].State == edit.Conflicted && !b.w.edits.pending.Load() })
	if uitest.HasText(b.Canvas(), "was changed on the server meanwhile") || len(b.w.edits.quitting) != 1 {
		t.Errorf("asked above another question, or %v waits for the end", b.w.edits.quitting)
	}
	b.Key(fyne.KeyEscape)
	b.reads("“a.txt” was changed on the server meanwhile")
	b.press("Overwrite theirs")
	b.has(srv, "/a.txt", "mine")
}

// A banner about work is no answer when others come.
func TestABannerThatIsPushedOutIsNoAnswer(t *testing.T) {
	b, srv := openEditing(t, nil)
	b.save(b.edit("a.txt")[0], "mine")
	b.reads("“a.txt” was changed. Upload it?")
	for i := range bannerMost + 1 {
		b.w.banners.Show(notice{key: fmt.Sprint(i), text: "news"})
		b.w.pullEdits()
	}
	if f := b.edits()[0]; f.Quiet || !b.w.banners.Has(editChanged) || len(b.w.banners.shown) != bannerMost {
		t.Errorf("quiet %v, banners %v", f.Quiet, b.w.banners.shown)
	}
	b.answer(editChanged, "Upload")
	b.has(srv, "/a.txt", "mine")
}

// What the system would run is not opened by it, wherever the file is.
func TestALocalFileThatWouldRunIsNotOpened(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have an editor for it")
	}
	b := openWindow(t, nil)
	for name, content := range map[string]string{"a.desktop": "[Desktop Entry]", "tool": "#!/bin/sh"} {
		if err := os.WriteFile(filepath.Join(b.home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.w.local.Relist()
	b.reads("a.desktop")
	b.sees("no work", func() bool { return !b.w.local.Busy() })
	for _, name := range []string{"a.desktop", "tool"} {
		b.w.local.Select(name)
		b.w.editRows(b.w.local, b.w.local.Selection())
		b.reads("“" + name + "” was not opened.")
	}
}

// Where copies are kept for this run only, nothing else is promised.
func TestCopiesInATemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	b, _ := openEditing(t, func(c *Config) { c.ConfigDir = "" })
	local := b.edit("a.txt")[0]
	b.save(local, "mine")
	b.answer(editChanged, "Not now")
	b.w.endOrAsk()
	b.reads("A copy that is kept is not offered again: it stays in")
	if !strings.HasPrefix(local, b.w.edits.temp) || uitest.HasText(b.Canvas(), "when Portside starts") {
		t.Errorf("the copy is %s, said is %q", local, uitest.Texts(b.Canvas()))
	}
	b.Key(fyne.KeyEscape)
}

// Copies are in the folder that the program names.
func TestTheFolderOfCopies(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "edited")
	b, _ := openEditing(t, func(c *Config) { c.EditDir = dir })
	if local := b.edit("a.txt")[0]; !strings.HasPrefix(local, dir+string(filepath.Separator)) {
		t.Errorf("the copy is %s", local)
	}
}
