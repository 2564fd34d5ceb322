package ui

import (
	"path/filepath"
	"runtime"
	"testing"

	"portside/ui/state"
	"portside/ui/uitest"
)

// TestNoProgramOpensAFile has a system without one, and an editor that is not there.
func TestNoProgramOpensAFile(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there is always one")
	}
	t.Setenv("PATH", t.TempDir())
	b := openWindow(t, nil)
	at := filepath.Join(b.home, "README.txt")
	b.w.openWithEditor("README.txt", at)
	b.reads("No program was found to open “README.txt”.")
	if uitest.HasText(b.Canvas(), "$PATH") {
		t.Error("the words of the system are shown")
	}
	b.w.changePrefs(func(p *state.Prefs) { p.Editor = "scribble --wait" })
	b.w.openWithEditor("README.txt", at)
	b.reads("“scribble” was not found to open “README.txt”.")
	b.w.changePrefs(func(p *state.Prefs) { p.Editor = filepath.Join(b.home, "gone") })
	b.w.openFile(b.w.local, state.Row{Name: "b.txt", Text: "b.txt"})
	b.reads("gone” was not found to open “b.txt”.")
	b.press("Settings")
	b.sees("the settings", func() bool { return b.w.prefs.view.Visible() })
}
