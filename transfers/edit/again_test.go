package edit

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/ftptest"
	"portside/transfers"
)

// conflicted is a copy that the user has changed, and somebody else the file.
func (b *bench) conflicted(mine, theirs string) File {
	b.t.Helper()
	f := b.fetch("/www/index.html")
	b.srv.SetFile("/www/index.html", []byte(theirs))
	write(b.t, f.Local, mine)
	b.state(f.ID, Changed)
	b.Upload(f.ID, Plainly)
	return b.state(f.ID, Conflicted)
}

func (b *bench) apply(o ftptest.Option) {
	b.t.Helper()
	if err := b.srv.Apply(o); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) has(path, want string) {
	b.t.Helper()
	if got := string(b.srv.File(path)); got != want {
		b.t.Errorf("%s has %d bytes, %.20q, want %d, %.20q", path, len(got), got, len(want), want)
	}
}

// What fails under another name makes nobody's file ours, and is tried again so.
func TestBesideItFailsAndIsTriedAgain(t *testing.T) {
	mine := strings.Repeat("mine ", 100_000)
	for name, fault := range map[string]ftptest.Option{
		"refused": ftptest.Reply("STOR", "553 Not allowed."), "broken off": ftptest.CutData(100_000, "STOR", "APPE"),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			f := b.conflicted(mine, "theirs")
			b.apply(fault)
			b.Upload(f.ID, BesideIt)
			b.state(f.ID, Failed)
			b.srv.ClearFaults()
			b.has("/www/index.html", "theirs")
			b.Upload(f.ID, Plainly)
			b.state(f.ID, Conflicted)
			b.has("/www/index.html", "theirs")
			b.apply(fault)
			b.Upload(f.ID, BesideIt)
			b.state(f.ID, Failed)
			b.srv.ClearFaults()
			b.Retry(f.ID)
			got := b.state(f.ID, Same)
			b.has("/www/index.html", "theirs")
			if got.Remote == "/www/index.html" {
				t.Error("it is said to be under its old name")
			}
			b.has(got.Remote, mine)
		})
	}
}

// A try that has sent nothing is no reason to leave the next one unchecked.
func TestEveryTryLooksAtTheFile(t *testing.T) {
	mine := strings.Repeat("mine ", 100_000)
	for name, theirs := range map[string]string{
		"another file": "theirs", "what mine begins with": "", "as long as mine": strings.Repeat("their", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			f := b.fetch("/www/index.html")
			tried := 0
			b.apply(ftptest.Handle("STOR", func(c *ftptest.Conn, _ string) bool {
				if tried++; tried > 1 {
					return false
				}
				if theirs == "" {
					theirs = mine[:len(mine)/2]
				}
				b.srv.SetFile("/www/index.html", []byte(theirs)) // meanwhile
				c.Reply(450, "Busy.")
				return true
			}))
			write(t, f.Local, mine)
			b.state(f.ID, Changed)
			b.Upload(f.ID, Plainly)
			b.until(f.ID, "the end", func(f File) bool { return f.State == Conflicted || f.State == Same || f.State == Failed })
			if s := b.file(f.ID).State; s != Conflicted {
				t.Errorf("it is %s", s)
			}
			b.has("/www/index.html", theirs)
			if b.srv.Count("APPE")+b.srv.Count("REST") != 0 {
				t.Error("it went on from bytes of somebody else")
			}
		})
	}
}

// A half of ours is sent anew, not gone on from; another file in its place is asked about.
func TestAHalfOfOurs(t *testing.T) {
	mine := strings.Repeat("mine ", 100_000)
	for name, theirs := range map[string]string{"ours": "", "replaced meanwhile": "theirs"} {
		t.Run(name, func(t *testing.T) {
			var b *bench
			dials := 0
			b = newBench(t, func(o *Options) {
				dial := o.Dial
				o.Dial = wrapDial(dial, func() {
					if dials++; dials == 3 && theirs != "" {
						b.srv.SetFile("/www/index.html", []byte(theirs))
					}
				})
			})
			f := b.fetch("/www/index.html")
			b.apply(ftptest.Times(1, ftptest.CutData(100_000, "STOR")))
			write(t, f.Local, mine)
			b.state(f.ID, Changed)
			b.Upload(f.ID, Plainly)
			if theirs != "" {
				b.state(f.ID, Conflicted)
				b.has("/www/index.html", theirs)
				return
			}
			b.state(f.ID, Same)
			b.has("/www/index.html", mine)
			if b.srv.Count("APPE")+b.srv.Count("REST") != 0 || b.srv.Count("STOR") != 2 {
				t.Errorf("sent %q", b.srv.Verbs())
			}
		})
	}
}

// wrapDial calls before each dial.
func wrapDial(dial dialFunc, before func()) dialFunc {
	return func(ctx context.Context, site string) (transfers.Remote, func(bool), error) {
		before()
		return dial(ctx, site)
	}
}

type dialFunc = func(ctx context.Context, site string) (transfers.Remote, func(bool), error)

// A conflict that was left alone is asked about again when the copy is saved again.
func TestAConflictIsAskedAboutAgain(t *testing.T) {
	b := newBench(t, nil)
	f := b.conflicted("mine", "theirs")
	b.NotNow(f.ID)
	write(t, f.Local, "mine again")
	got := b.until(f.ID, "the next question", func(g File) bool { return g.Turn > f.Turn && !g.Quiet })
	if got.State != Conflicted || got.Conflict == nil {
		t.Errorf("%+v", got)
	}
}

// A login sends what waits for one, unless somebody has said no, and asks again before
// it overwrites.
func TestReconnectedAsksAgain(t *testing.T) {
	refuse := make(chan bool, 1)
	refuse <- false
	b := newBench(t, func(o *Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, site string) (transfers.Remote, func(bool), error) {
			no := <-refuse
			refuse <- no
			if no {
				return nil, nil, errNoLogin
			}
			return dial(ctx, site)
		}
	})
	all := func(string) bool { return true }
	f := b.conflicted("mine", "theirs")
	<-refuse
	refuse <- true
	b.Upload(f.ID, Overwrite)
	b.state(f.ID, Failed)
	<-refuse
	refuse <- false
	b.NotNow(f.ID)
	b.Reconnected(all)
	if s := b.file(f.ID).State; s != Failed {
		t.Fatalf("it is %s after Not now", s)
	}
	<-refuse
	refuse <- true
	b.Upload(f.ID, Overwrite)
	b.state(f.ID, Failed)
	<-refuse
	refuse <- false
	b.Reconnected(all)
	b.until(f.ID, "the end", func(f File) bool { return f.State == Conflicted || f.State == Same })
	b.has("/www/index.html", "theirs")
}

var errNoLogin = errors.New("nobody knows the password")

// A file that takes the place of another gets its permissions.
func TestATemporaryNameKeepsThePermissions(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.Rules = func(_ string, opt *transfers.Options) { opt.TempUpload = true }
	}, ftptest.FileAt("/www/run.cgi", "hello", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 0o750))
	f := b.fetch("/www/run.cgi")
	for _, text := range []string{"mine", "mine again"} {
		write(t, f.Local, text)
		b.state(f.ID, Changed)
		b.Upload(f.ID, Plainly)
		b.state(f.ID, Same)
		b.has("/www/run.cgi", text)
		b.apply(ftptest.Reply("SITE", "500 Unknown.")) // the second time
	}
	if n := slices.Index(b.srv.Commands(), "SITE CHMOD 750 /www/run.cgi"); n < 0 {
		t.Errorf("sent %q", b.srv.Commands())
	}
}
