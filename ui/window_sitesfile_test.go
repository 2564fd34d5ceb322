package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client/ftptest"
)

func TestSitesThatAnEditorChangesAreSeen(t *testing.T) {
	srv := ftptest.NewServer(t)
	dir := t.TempDir()
	b := openWindow(t, withSites(t, dir, &ring{}, harbour(srv, nil)))
	b.reads("Harbour")
	edit := func(old, now string) {
		name := filepath.Join(dir, "sites.json")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err = os.WriteFile(name, []byte(strings.ReplaceAll(string(text), old, now)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(`"Harbour"`, `"The quay"`)
	back, ok := fyne.CurrentApp().Lifecycle().(interface{ OnEnteredForeground() func() })
	if !ok {
		t.Fatal("the application does not tell of its windows' focus")
	}
	back.OnEnteredForeground()()
	b.reads("The quay")
	edit(`"Work"`, `"Somewhere else"`)
	b.w.showSitesMenu()
	b.sees("the menu", func() bool { return b.Canvas().Overlays().Top() != nil })
	b.reads("Somewhere else")
}
