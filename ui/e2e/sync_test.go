//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/ui/uitest"
)

// siteTime is the time of the files that are the same on both sides.
func siteTime() time.Time { return time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC) }

// site makes a folder with files below the home folder of a window.
func (a *app) site(files map[string]string) {
	a.t.Helper()
	for name, text := range files {
		at := filepath.Join(a.home, "site", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			a.t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			a.t.Fatal(err)
		}
		if err := os.Chtimes(at, siteTime(), siteTime()); err != nil {
			a.t.Fatal(err)
		}
	}
}

func TestSynchronise(t *testing.T) {
	big := string(random(900_000, 6))
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.ShowDotFiles(),
		ftptest.FileAt("/same.txt", "same", siteTime(), 0o644), ftptest.FileAt("/both.txt", "old", siteTime(), 0o644),
		ftptest.FileAt("/old/gone.txt", "gone", siteTime(), 0o644), ftptest.FileAt("/keep.log", "log", siteTime(), 0o644),
		ftptest.FileAt("/precious.txt", "dear", siteTime(), 0o644))
	a := start(t, nil)
	a.site(map[string]string{"same.txt": "same", "both.txt": "newer", "images/big.bin": big, "images/small.txt": "small", "draft.txt": "not yet"})
	a.connect(login(srv.URL))
	a.find("precious.txt", 0)
	a.keys("ctrl+1", "F5")
	a.click("site")
	a.keys("Return")
	a.sees("draft.txt")

	a.click("Synchronise…") // by mouse
	a.sees("What would change?")
	a.click("Delete what the source lacks")
	a.click("Leave out, such as *.tmp, .git/")
	a.write("*.log")
	a.click("Compare")
	a.sees("4 new, 1 changed, 3 to delete, 1 the same, 1 left alone; 900 kB to send")
	a.sees("Delete on the server")
	if srv.Exists("/draft.txt") || !srv.Exists("/old/gone.txt") {
		t.Fatal("something was changed before anybody said so")
	}
	_, y := a.find("precious.txt", 0)
	a.move(16, y) // its box
	a.do("click", "1")
	a.sees("Synchronise: 5 changes, delete 2")
	_, y = a.find("draft.txt", 0)
	a.move(400, y) // the row, then its box by key
	a.do("click", "1")
	a.keys("space")
	a.sees("Synchronise: 4 changes, delete 2")

	a.move(a.still("Synchronise: 4 changes, delete 2"))
	a.carriesOut(func() { a.do("click", "1") }, "Done: 3 new, 1 changed, 2 deleted; 900 kB in ")
	server := dial(t, login(srv.URL), client.Options{})
	for name, want := range map[string]string{
		"/same.txt": "same", "/both.txt": "newer", "/images/big.bin": big, "/images/small.txt": "small",
		"/keep.log": "log", "/precious.txt": "dear",
	} {
		if got := retrieve(t, server, name); !bytes.Equal(got, []byte(want)) {
			t.Errorf("%s has %d bytes, want the %d that are here", name, len(got), len(want))
		}
	}
	if srv.Exists("/draft.txt") || srv.Exists("/old") {
		t.Errorf("on the server: %q", srv.Names("/"))
	}

	a.keys("Escape") // by keyboard, the other way
	a.find("precious.txt", 0)
	a.keys("ctrl+shift+s")
	a.sees("What would change?")
	a.click("to the server")
	a.click("to this computer")
	a.keys("ctrl+Return")
	a.sees("1 new, ")
	for _, seen := range a.dump() {
		if strings.Contains(seen.Text, "to delete") {
			t.Errorf("deletion is still on: %q", seen.Text)
		}
	}
	a.carriesOut(func() { a.keys("ctrl+Return") }, "Done: 1 new; 4 B in ")
	if !a.holds("site/precious.txt", []byte("dear")) || !a.holds("site/draft.txt", []byte("not yet")) {
		t.Error("the local folder is not as it should be")
	}
	a.click("Compare again")
	a.sees("There is nothing to do.")
	a.click("Back")
	a.find("precious.txt", 1) // both panes show it
	if verbs := srv.Verbs(); !slices.Contains(verbs, "MFMT") {
		t.Errorf("times were not kept: %q", verbs)
	}
}

// carriesOut carries out a preview, which takes nothing before it can have been read.
func (a *app) carriesOut(press func(), done string) {
	a.t.Helper()
	a.until("the text "+done, func() bool {
		press()
		return slices.ContainsFunc(a.dump(), func(seen uitest.Seen) bool { return strings.Contains(seen.Text, done) })
	})
}
