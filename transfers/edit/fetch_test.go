package edit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
	"portside/client/listing"
	"portside/transfers"
)

func TestAFetchIsCancelled(t *testing.T) {
	b := newBench(t, nil, ftptest.BigFile("/big", 1<<30), ftptest.Bandwidth(1<<20))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := b.Fetch(ctx, request("/big"), func(p transfers.Progress) {
		if p.FileBytes > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch = %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*", "*1")); len(left) != 0 || len(b.Files()) != 0 {
		t.Errorf("it left %q and %v", left, b.Files())
	}
	cancel()
}

func TestWhatIsNotFetched(t *testing.T) {
	b := newBench(t, nil, ftptest.BigFile("/big", 1<<30), ftptest.Symlink("/to-big", "/big"), ftptest.Symlink("/to-www", "/www"),
		ftptest.Symlink("/to-index", "/www/index.html"))
	limited := func(remote string, e listing.Entry) error {
		q := request(remote)
		q.Limit, q.Entry = 10<<20, e
		_, err := b.Fetch(t.Context(), q, nil)
		return err
	}
	link := func(to string) listing.Entry {
		return listing.Entry{Name: to, Target: to, Type: listing.Link, Size: int64(len(to))}
	}
	for remote, e := range map[string]listing.Entry{"/big": {}, "/to-big": link("/big")} {
		if se, ok := errors.AsType[*SizeError](limited(remote, e)); !ok || se.Size != 1<<30 {
			t.Errorf("%s: %v", remote, limited(remote, e))
		}
	}
	for remote, e := range map[string]listing.Entry{"/www": {}, "/to-www": link("/www")} {
		if ke, ok := errors.AsType[*KindError](limited(remote, e)); !ok || !ke.Dir {
			t.Errorf("%s: %v", remote, limited(remote, e))
		}
	}
	if b.srv.Count("RETR") != 0 {
		t.Errorf("%d RETR", b.srv.Count("RETR"))
	}
	if err := limited("/nothing", listing.Entry{}); err == nil {
		t.Error("a file was fetched that is not there")
	}
	if err := limited("/to-index", link("/www/index.html")); err != nil || len(b.Files()) != 1 {
		t.Errorf("a link to a file: %v", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(b.dir, "run-*", "[0-9]*")); len(entries) != 1 {
		t.Errorf("folders %q", entries)
	}
}

// The one that a server does not say the size of ends at the limit.
func TestAFileOfUnknownSizeIsBounded(t *testing.T) {
	give := bound(nil, 100, "x")
	if n, err := give(t.Context(), 60); n != 60 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := give(t.Context(), 60); n != 40 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := give(t.Context(), -10); n != -10 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := give(t.Context(), 60); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := give(t.Context(), 1); err == nil {
		t.Error("there is no end")
	}
}

func TestHostileNames(t *testing.T) {
	names := map[string]bool{ // whether it can be fetched
		"-x": true, "a\tb": true, "--exec=rm": true, "$(touch x)": true, "a\\..\\b": true, "\xff\xfe": true, " ": true,
	}
	var files []ftptest.Option
	for name := range names {
		files = append(files, ftptest.File("/"+name, "hello"))
	}
	b := newBench(t, nil, files...)
	for name := range names {
		f := b.fetch("/" + name)
		rel, err := filepath.Rel(b.dir, f.Local)
		if err != nil || !filepath.IsLocal(rel) || strings.Count(rel, string(filepath.Separator)) != 2 || !filepath.IsAbs(f.Local) {
			t.Errorf("%q is %q", name, f.Local)
		}
		if strings.ContainsAny(f.Text, "\t\x1b") {
			t.Errorf("%q is shown as %q", name, f.Text)
		}
	}
	for _, name := range []string{"..", ".", "a\nb", "a\x00b", ""} {
		if f, err := b.Fetch(t.Context(), request("/www/"+name), nil); err == nil {
			t.Errorf("%q was fetched as %s", name, f.Local)
		}
	}
}

func TestEditedAgain(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	if g := b.fetch("/www/index.html"); g.Local != f.Local || b.srv.Count("RETR") != 1 {
		t.Errorf("fetched again: %s, %d RETR", g.Local, b.srv.Count("RETR"))
	}
	b.srv.SetFile("/www/index.html", []byte("theirs"))
	g := b.fetch("/www/index.html")
	if data, err := os.ReadFile(g.Local); string(data) != "theirs" || len(b.Files()) != 1 {
		t.Errorf("the copy is %q, %v; %d files", data, err, len(b.Files()))
	}
	if g.Local != f.Local || g.ID != f.ID {
		t.Errorf("it is %s, %s, where an editor has %s", g.ID, g.Local, f.Local)
	}
	write(t, g.Local, "mine")
	b.state(g.ID, Changed)
	if again := b.fetch("/www/index.html"); again.Local != g.Local || b.srv.Count("RETR") != 2 {
		t.Error("a changed copy was fetched over")
	}
}

// Where nothing says whether the server has another file, its content does, and an
// editor's file is not replaced by the same.
func TestEditedAgainAndUnsure(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	before, err := os.Stat(f.Local)
	if err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []string{"hello", "hallo"} {
		b.Desk.mu.Lock()
		b.find(f.ID).Base.Time = time.Time{}
		b.Desk.mu.Unlock()
		b.srv.SetFile("/www/index.html", []byte(theirs))
		g := b.fetch("/www/index.html")
		data, rerr := os.ReadFile(g.Local)
		if rerr != nil || string(data) != theirs || g.ID != f.ID || g.Local != f.Local || g.State != Same || g.Base.Time.IsZero() {
			t.Fatalf("%q, %v: %+v", data, rerr, g)
		}
		after, serr := os.Stat(g.Local)
		if serr != nil || os.SameFile(before, after) != (theirs == "hello") {
			t.Errorf("%s: the same file: %v, %v", theirs, os.SameFile(before, after), serr)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "run-*", "*[0-9]")); len(left) != 1 {
		t.Errorf("folders %q", left)
	}
	write(t, f.Local, "mine")
	b.state(f.ID, Changed)
	b.Upload(f.ID, Plainly)
	b.state(f.ID, Same)
}

// A copy whose list cannot be written is none: no folder stays that nobody knows.
func TestAFetchThatCannotBeListed(t *testing.T) {
	b := newBench(t, nil, ftptest.File("/b.txt", "b"))
	f := b.fetch("/www/index.html")
	run := filepath.Dir(filepath.Dir(f.Local))
	list := filepath.Join(run, listName)
	if err := errors.Join(os.Remove(list), os.MkdirAll(filepath.Join(list, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Fetch(t.Context(), request("/b.txt"), nil); err == nil || len(b.Files()) != 1 {
		t.Errorf("Fetch = %v, %d files", err, len(b.Files()))
	}
	if left, _ := filepath.Glob(filepath.Join(run, "*[0-9]")); len(left) != 1 {
		t.Errorf("folders %q", left)
	}
	if err := os.RemoveAll(list); err != nil {
		t.Fatal(err)
	}
}
