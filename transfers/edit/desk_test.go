package edit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/listing"
	"portside/transfers"
)

// faster is by how much time goes faster on a bench.
const faster = 10

// long is how long something may take that ends in an event.
const long = 20 * time.Second

// A bench is a desk with a server.
type bench struct {
	*Desk
	t    *testing.T
	srv  *ftptest.Server
	dir  string
	news chan struct{}
	opt  Options

	mu   sync.Mutex // guards what follows
	sent []string
}

func newBench(t *testing.T, change func(*Options), faults ...ftptest.Option) *bench {
	t.Helper()
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	all := append([]ftptest.Option{ftptest.FileAt("/www/index.html", "hello", old, 0o644)}, faults...)
	b := &bench{t: t, srv: ftptest.NewServer(t, all...), dir: filepath.Join(t.TempDir(), "edited"), news: make(chan struct{}, 1)}
	began := time.Now()
	b.opt = Options{
		Dir: b.dir,
		Dial: func(ctx context.Context, site string) (transfers.Remote, func(bool), error) {
			if site != "site" {
				t.Errorf("a session of %q is asked for", site)
			}
			s, err := client.Dial(ctx, b.srv.Addr, client.Options{Security: client.SecurityOff, Timeout: 5 * time.Second})
			if err != nil {
				return nil, nil, err
			}
			return s, func(broken bool) {
				if broken {
					s.Abort()
					return
				}
				_ = s.Close()
			}, nil
		},
		OnChange: func() {
			select {
			case b.news <- struct{}{}:
			default:
			}
		},
		OnSent: func(_, remote string) {
			b.mu.Lock()
			b.sent = append(b.sent, remote)
			b.mu.Unlock()
		},
		Now:   func() time.Time { return began.Add(time.Since(began) * faster) },
		After: func(d time.Duration) <-chan time.Time { return time.After(d / faster) },
	}
	if change != nil {
		change(&b.opt)
	}
	b.open()
	t.Cleanup(func() { b.close() })
	return b
}

func (b *bench) open() {
	b.t.Helper()
	var err error
	if b.Desk, err = Open(b.t.Context(), b.opt); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) close() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Errorf("Close = %v", err)
	}
}

func request(remote string) Request {
	return Request{Site: "site", SiteName: "example.org", Remote: remote}
}

// fetch begins to edit a file.
func (b *bench) fetch(remote string) File {
	b.t.Helper()
	f, err := b.Fetch(b.t.Context(), request(remote), nil)
	if err != nil {
		b.t.Fatalf("Fetch(%q): %v", remote, err)
	}
	return f
}

// file returns the file as it is now.
func (b *bench) file(id string) File {
	b.t.Helper()
	for _, f := range b.Files() {
		if f.ID == id {
			return f
		}
	}
	b.t.Fatalf("there is no file %s", id)
	return File{}
}

// until waits until the file is so.
func (b *bench) until(id, what string, ok func(File) bool) File {
	b.t.Helper()
	over := time.After(long)
	for {
		f := b.file(id)
		if ok(f) {
			return f
		}
		select {
		case <-b.news:
		case <-over:
			b.t.Fatalf("%s does not come: %+v, sent %q", what, f, b.srv.Verbs())
		}
	}
}

func (b *bench) state(id string, s State) File {
	b.t.Helper()
	return b.until(id, s.String(), func(f File) bool { return f.State == s })
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace writes as careful editors do: beside the file, and over it.
func replace(t *testing.T, path, text string) {
	t.Helper()
	fresh := filepath.Join(filepath.Dir(path), ".x.swp")
	write(t, fresh, text)
	if err := os.Rename(fresh, path); err != nil {
		t.Fatal(err)
	}
}

func TestAFileIsFetchedChangedAndSent(t *testing.T) {
	for _, tt := range []struct {
		name string
		save func(t *testing.T, path, text string)
		opt  func(*Options)
	}{
		{"written into", write, nil},
		{"replaced", replace, nil},
		{"replaced, nothing to watch with", replace, func(o *Options) {
			o.Watch = func() (Watcher, error) { return nil, errors.New("no watches left") }
		}},
		{"removed and made again", func(t *testing.T, path, text string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			write(t, path, text)
		}, nil},
		{"under a temporary name", write, func(o *Options) {
			o.Rules = func(_ string, opt *transfers.Options) { opt.TempUpload, opt.Times = true, true }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, tt.opt)
			f := b.fetch("/www/index.html")
			if filepath.Base(f.Local) != "index.html" || !filepath.IsAbs(f.Local) || !strings.HasPrefix(f.Local, b.dir) {
				t.Errorf("the copy is %s", f.Local)
			}
			for dir := filepath.Dir(f.Local); dir != filepath.Dir(b.dir); dir = filepath.Dir(dir) {
				if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
					t.Errorf("%s: %v, %v", dir, fi.Mode(), err)
				}
			}
			for n, text := range []string{"hello there", "hello you"} {
				tt.save(t, f.Local, text)
				b.state(f.ID, Changed)
				if b.srv.Count("STOR") != n {
					t.Fatal("it was sent without a question")
				}
				b.Upload(f.ID, Plainly)
				b.state(f.ID, Same)
				if got := string(b.srv.File("/www/index.html")); got != text {
					t.Errorf("the server has %q, want %q", got, text)
				}
			}
			if n := len(b.srv.Names("/www")); n != 1 {
				t.Errorf("the folder has %q", b.srv.Names("/www"))
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.sent) != 2 || b.sent[0] != "/www/index.html" {
				t.Errorf("told of %q", b.sent)
			}
		})
	}
}

func TestWhatIsNoChange(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	write(t, f.Local, "other")
	b.state(f.ID, Changed)
	b.NotNow(f.ID)
	turn := b.file(f.ID).Turn
	replace(t, f.Local, "other")
	write(t, f.Local, "hello") // undone
	got := b.state(f.ID, Same)
	if !b.file(f.ID).Quiet && got.Turn != turn+1 {
		t.Errorf("asked again for the same content: turn %d after %d", got.Turn, turn)
	}
	if len(b.Unsent()) != 0 || b.srv.Count("STOR") != 0 {
		t.Errorf("unsent %v, %d STOR", b.Unsent(), b.srv.Count("STOR"))
	}
}

func TestAlwaysAndAtOnce(t *testing.T) {
	atOnce := make(chan bool, 1)
	atOnce <- false
	b := newBench(t, func(o *Options) {
		o.AtOnce = func() bool { v := <-atOnce; atOnce <- v; return v }
	})
	f := b.fetch("/www/index.html")
	write(t, f.Local, "one")
	b.state(f.ID, Changed)
	b.Always(f.ID)
	write(t, f.Local, "two")
	b.until(f.ID, "the upload", func(f File) bool { return f.State == Same })
	if got := string(b.srv.File("/www/index.html")); got != "two" {
		t.Errorf("the server has %q", got)
	}
	b.srv.SetFile("/www/b.txt", []byte("b"))
	g := b.fetch("/www/b.txt")
	<-atOnce
	atOnce <- true
	write(t, g.Local, "bb")
	b.until(g.ID, "the upload", func(f File) bool { return f.State == Same && f.Size == 2 })
	if got := string(b.srv.File("/www/b.txt")); got != "bb" {
		t.Errorf("the server has %q", got)
	}
}

func TestTheServerHasAnotherFileByNow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		theirs func(s *ftptest.Server)
		way    Way
		want   map[string]string
		gone   bool
	}{
		{
			"overwrite", func(s *ftptest.Server) { s.SetFile("/www/index.html", []byte("theirs")) }, Overwrite,
			map[string]string{"/www/index.html": "mine!"},
			false,
		},
		{
			"the same size", func(s *ftptest.Server) { s.SetFile("/www/index.html", []byte("HELLO")) }, Overwrite,
			map[string]string{"/www/index.html": "mine!"},
			false,
		},
		{
			"beside it", func(s *ftptest.Server) { s.SetFile("/www/index.html", []byte("theirs")) }, BesideIt,
			map[string]string{"/www/index.html": "theirs", "/www/index (1).html": "mine!"},
			false,
		},
		{
			"deleted", func(s *ftptest.Server) { s.Remove("/www/index.html") }, Overwrite,
			map[string]string{"/www/index.html": "mine!"},
			true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			f := b.fetch("/www/index.html")
			tt.theirs(b.srv)
			before := string(b.srv.File("/www/index.html"))
			write(t, f.Local, "mine!")
			b.state(f.ID, Changed)
			b.Upload(f.ID, Plainly)
			c := b.state(f.ID, Conflicted).Conflict
			if c == nil || c.Gone != tt.gone || c.Unsure || c.Interrupted || !c.Gone && c.Theirs.Size != int64(len(before)) {
				t.Errorf("the conflict is %+v", c)
			}
			if got := string(b.srv.File("/www/index.html")); got != before || b.srv.Count("STOR") != 0 {
				t.Fatalf("the server has %q before anybody decided, %d STOR", got, b.srv.Count("STOR"))
			}
			if n := len(b.Unsent()); n != 1 {
				t.Errorf("%d are unsent", n)
			}
			b.Upload(f.ID, tt.way)
			got := b.state(f.ID, Same)
			for path, text := range tt.want {
				if has := string(b.srv.File(path)); has != text {
					t.Errorf("%s is %q, want %q", path, has, text)
				}
			}
			if tt.way == BesideIt && (got.Remote != "/www/index (1).html" || got.Text != "index (1).html") {
				t.Errorf("it is now %q, %q", got.Remote, got.Text)
			}
			write(t, f.Local, "mine again") // the next one is no conflict
			b.state(f.ID, Changed)
			b.Upload(f.ID, Plainly)
			b.state(f.ID, Same)
			if has := string(b.srv.File(got.Remote)); has != "mine again" {
				t.Errorf("then %s is %q", got.Remote, has)
			}
		})
	}
}

// What only looks like another file is none: a touched one, and the same change.
func TestWhatIsNoConflict(t *testing.T) {
	for name, text := range map[string]string{"touched": "hello", "the same change": "mine!"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			f := b.fetch("/www/index.html")
			b.srv.SetFile("/www/index.html", []byte(text))
			write(t, f.Local, "mine!")
			b.state(f.ID, Changed)
			b.Upload(f.ID, Plainly)
			b.state(f.ID, Same)
			if got := string(b.srv.File("/www/index.html")); got != "mine!" {
				t.Errorf("the server has %q", got)
			}
		})
	}
}

func TestTheServerIsGone(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	addr := b.srv.Addr
	b.srv.Close()
	write(t, f.Local, "mine")
	b.state(f.ID, Changed)
	b.Upload(f.ID, Plainly)
	got := b.state(f.ID, Failed)
	if _, ok := errors.AsType[*DialError](got.Err); !ok || Explain(got.Err).Sentence == "" {
		t.Errorf("Err = %v", got.Err)
	}
	b.srv = ftptest.NewServer(t, ftptest.Addr(addr), ftptest.FileAt("/www/index.html", "hello", got.Base.Time, 0o644))
	b.Reconnected(func(site string) bool { return site == "another" })
	if b.file(f.ID).State != Failed {
		t.Error("another site was meant")
	}
	b.Reconnected(func(site string) bool { return site == "site" })
	b.state(f.ID, Same)
	if got := string(b.srv.File("/www/index.html")); got != "mine" {
		t.Errorf("the server has %q", got)
	}
}

// An upload that broke off is no conflict with ourselves, and the copy stays.
func TestABrokenUploadIsTriedAgain(t *testing.T) {
	b := newBench(t, nil)
	f := b.fetch("/www/index.html")
	text := strings.Repeat("mine ", 100_000)
	if err := b.srv.Apply(ftptest.CutData(100_000, "STOR", "APPE")); err != nil {
		t.Fatal(err)
	}
	write(t, f.Local, text)
	b.state(f.ID, Changed)
	b.Upload(f.ID, Plainly)
	if got := b.state(f.ID, Failed); got.Err == nil {
		t.Error("it failed without saying why")
	}
	if len(b.srv.File("/www/index.html")) == 0 {
		t.Fatal("nothing was left there: the test shows nothing")
	}
	b.srv.ClearFaults()
	b.Upload(f.ID, Plainly)
	b.state(f.ID, Same)
	if got := string(b.srv.File("/www/index.html")); got != text {
		t.Errorf("the server has %d bytes, want %d", len(got), len(text))
	}
}

func TestAnUploadIsCancelled(t *testing.T) {
	b := newBench(t, nil, ftptest.Bandwidth(1<<20))
	f := b.fetch("/www/index.html")
	write(t, f.Local, strings.Repeat("x", 8<<20))
	b.state(f.ID, Changed)
	b.Upload(f.ID, Plainly)
	b.until(f.ID, "the first bytes", func(f File) bool { return f.Sent > 0 })
	b.Cancel(f.ID)
	got := b.state(f.ID, Changed)
	if !got.Quiet || len(b.Unsent()) != 1 {
		t.Errorf("quiet %v, %d unsent", got.Quiet, len(b.Unsent()))
	}
	if fi, err := os.Stat(f.Local); err != nil || fi.Size() != 8<<20 {
		t.Errorf("the copy: %v, %v", fi, err)
	}
}

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
	if left, _ := filepath.Glob(filepath.Join(b.dir, "*", "1")); len(left) != 0 || len(b.Files()) != 0 {
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
	write(t, g.Local, "mine")
	b.state(g.ID, Changed)
	if again := b.fetch("/www/index.html"); again.Local != g.Local || b.srv.Count("RETR") != 2 {
		t.Error("a changed copy was fetched over")
	}
}

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
