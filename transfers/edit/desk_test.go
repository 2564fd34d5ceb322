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
