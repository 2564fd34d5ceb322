package edit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
)

func TestQuitAndStartAgain(t *testing.T) {
	b := newBench(t, nil, ftptest.File("/same.txt", "same"))
	f, same := b.fetch("/www/index.html"), b.fetch("/same.txt")
	write(t, f.Local, "mine")
	other, err := Open(t.Context(), b.opt) // another window at the same time leaves them alone
	if err != nil || len(other.Files()) != 0 {
		t.Fatalf("the other has %v, %v", other.Files(), err)
	}
	if err = other.Close(); err != nil {
		t.Error(err)
	}
	b.close() // at once: nothing was judged yet
	if _, err = os.Stat(filepath.Dir(same.Local)); !os.IsNotExist(err) {
		t.Errorf("the copy that is the same: %v", err)
	}
	list, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(f.Local)), listName))
	if err != nil || !strings.Contains(string(list), "example.org") {
		t.Errorf("%s, %v", list, err)
	}
	b.open()
	all := b.Files()
	if len(all) != 1 || !all[0].Kept || all[0].State != Changed || all[0].Remote != "/www/index.html" || all[0].SiteName != "example.org" {
		t.Fatalf("kept: %+v", all)
	}
	b.Upload(all[0].ID, Plainly)
	b.state(all[0].ID, Same)
	if got := string(b.srv.File("/www/index.html")); got != "mine" {
		t.Errorf("the server has %q", got)
	}
	b.close()
	if left, _ := os.ReadDir(b.dir); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	b.open()
}

// What was saved under another name in the folder of a copy stays, start after start.
func TestWhatLiesBesideACopyStays(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	beside := filepath.Join(filepath.Dir(f.Local), "other.html")
	if err := os.Rename(f.Local, beside); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b.close()
		b.open()
		if _, err := os.Stat(beside); err != nil || len(b.Files()) != 0 {
			t.Fatalf("%v, %v", err, b.Files())
		}
	}
}

// What was saved a moment ago is not fetched over, though the server has another file.
func TestAFreshSaveIsNotFetchedOver(t *testing.T) {
	b := newBench(t, func(o *Options) { // nothing is ever judged
		o.Watch = func() (Watcher, error) { return nil, errors.New("no watches left") }
		o.After = func(time.Duration) <-chan time.Time { return nil }
	})
	f := b.fetch("/www/index.html")
	write(t, f.Local, "mine")
	b.srv.SetFile("/www/index.html", []byte("theirs"))
	g := b.fetch("/www/index.html")
	if data, err := os.ReadFile(g.Local); string(data) != "mine" || g.ID != f.ID {
		t.Errorf("the copy is %q, %v", data, err)
	}
}

func TestKeptFilesKnowAConflict(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	write(t, f.Local, "mine")
	b.close()
	b.srv.SetFile("/www/index.html", []byte("theirs"))
	b.open()
	id := b.Files()[0].ID
	b.Upload(id, Plainly)
	b.state(id, Conflicted)
	if err := b.Discard(id); err != nil || len(b.Files()) != 0 {
		t.Errorf("Discard = %v, %v", err, b.Files())
	}
	if _, err := os.Stat(f.Local); !os.IsNotExist(err) {
		t.Errorf("the copy: %v", err)
	}
	if got := string(b.srv.File("/www/index.html")); got != "theirs" {
		t.Errorf("the server has %q", got)
	}
}

// A list that cannot be read is told, and the copies stay.
func TestADamagedList(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	write(t, f.Local, "mine")
	b.close()
	run := filepath.Dir(filepath.Dir(f.Local))
	for _, text := range []string{
		"{", `{"version":1,"files":[{"id":"../..","site":"s","remote":"YQ==","name":"YQ=="}]}`,
		`{"version":1,"files":[{"id":"1","site":"s","remote":"YQ==","name":"Li4vYQ=="}]}`,
	} {
		write(t, filepath.Join(run, listName), text)
		d, err := Open(t.Context(), b.opt)
		if err == nil || !strings.Contains(err.Error(), run) || len(d.Files()) != 0 {
			t.Errorf("%s: %v, %v", text, err, d.Files())
		}
		if err = d.Close(); err != nil {
			t.Error(err)
		}
		if data, rerr := os.ReadFile(f.Local); string(data) != "mine" {
			t.Fatalf("%s: the copy is %q, %v", text, data, rerr)
		}
	}
}
