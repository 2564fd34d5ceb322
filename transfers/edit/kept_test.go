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

// reopen begins anew; where that tells of a folder that it keeps, that is returned.
func (b *bench) reopen() string {
	b.t.Helper()
	b.close()
	var err error
	b.Desk, err = Open(b.t.Context(), b.opt)
	if err == nil {
		return ""
	}
	ke, ok := errors.AsType[*KeptError](err)
	if !ok || !strings.Contains(err.Error(), ke.Dir) {
		b.t.Fatalf("Open = %v", err)
	}
	return ke.Dir
}

// What was saved under another name in the folder of a copy stays and is told, start
// after start, whether the copy is there or not.
func TestWhatLiesBesideACopyStays(t *testing.T) {
	for name, saveAs := range map[string]func(from, to string) error{
		"moved":   os.Rename,
		"save as": func(_, to string) error { return os.WriteFile(to, []byte("mine"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			f := b.fetch("/www/index.html")
			dir := filepath.Dir(f.Local)
			beside := filepath.Join(dir, "other.html")
			if err := saveAs(f.Local, beside); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				told := b.reopen()
				if _, err := os.Stat(beside); err != nil || len(b.Files()) != 0 || told != dir {
					t.Fatalf("%v, %v, told of %q", err, b.Files(), told)
				}
			}
			if err := os.Remove(beside); err != nil {
				t.Fatal(err)
			}
			if told := b.reopen(); told != "" {
				t.Errorf("told of %q", told)
			}
		})
	}
}

// An editor that has the file open still makes its folder again: that stays too.
func TestWhatWasSavedAfterTheEndStays(t *testing.T) {
	b := newBench(t, nil, ftptest.File("/other.txt", "x"))
	f, other := b.fetch("/www/index.html"), b.fetch("/other.txt")
	write(t, other.Local, "keeps the list")
	b.close()
	dir := filepath.Dir(f.Local)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, f.Local, "mine")
	for range 2 {
		if told := b.reopen(); told != dir {
			t.Errorf("told of %q", told)
		}
		if data, err := os.ReadFile(f.Local); string(data) != "mine" {
			t.Fatalf("%q, %v", data, err)
		}
	}
}

// Work whose list is lost stays, start after start; what was never finished goes.
func TestALostList(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	write(t, f.Local, "mine")
	b.close()
	run := filepath.Dir(filepath.Dir(f.Local))
	write(t, filepath.Join(run, listName), "{")
	half := filepath.Join(run, fetchName+"7")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), b.opt)
	if err == nil || !strings.Contains(err.Error(), run) {
		t.Errorf("Open = %v", err)
	}
	if err = d.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if told := b.reopen(); told != filepath.Dir(f.Local) {
			t.Errorf("told of %q", told)
		}
		if data, rerr := os.ReadFile(f.Local); string(data) != "mine" {
			t.Fatalf("the copy is %q, %v", data, rerr)
		}
	}
	if _, err = os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("half a download: %v", err)
	}
}

// Who edits a kept file again is asked about it again.
func TestAKeptFileIsEditedAgain(t *testing.T) {
	b := newBench(t, nil)
	write(t, b.fetch("/www/index.html").Local, "mine")
	b.reopen()
	if f := b.fetch("/www/index.html"); f.Kept || f.Quiet || b.Files()[0].Quiet || !f.Unsent() {
		t.Errorf("%+v", f)
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
