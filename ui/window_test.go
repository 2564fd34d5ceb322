package ui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"portside/client"
	"portside/client/ftptest"
	"portside/ui/uitest"
)

// bench is a window of the test driver with a person before it.
type bench struct {
	*uitest.User
	t    *testing.T
	w    *Window
	loop *uitest.Loop
	home string // the local folder that is shown
	cfg  string // where recent.json is

	ahead atomic.Int64 // how far the window's clock is, in nanoseconds
}

// wait lets the window's clock run.
func (b *bench) wait(d time.Duration) { b.ahead.Add(int64(d)) }

// openWindow opens a window on an empty local folder.
func openWindow(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, loop: uitest.NewLoop(t), home: t.TempDir(), cfg: t.TempDir()}
	app := uitest.App(t)
	win := test.NewTempWindow(t, nil)
	cfg := Config{ConfigDir: b.cfg, LocalDir: b.home, Do: b.loop.Do, Options: client.Options{Timeout: 10 * time.Second}}
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	if change != nil {
		change(&cfg)
	}
	b.w = New(t.Context(), app, win, cfg)
	win.Resize(fyne.NewSize(1280, 800))
	b.User = uitest.NewUser(t, win.Canvas())
	for _, p := range []*Pane{b.w.local, b.w.remote} {
		p.Table().Forward = func(s fyne.Shortcut) { uitest.CanvasShortcut(win.Canvas(), s) }
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := b.w.Close(ctx); err != nil {
			t.Errorf("closing the window: %v", err)
		}
	})
	b.sees("0 files", func() bool { return !b.w.local.Busy() })
	return b
}

// sees waits until ok holds.
func (b *bench) sees(what string, ok func() bool) {
	b.t.Helper()
	b.loop.Until(what, ok)
}

// reads waits until a text that holds s is seen.
func (b *bench) reads(s string) {
	b.t.Helper()
	b.sees("the text "+s, func() bool { return uitest.HasText(b.Canvas(), s) })
}

// press clicks the text s once it is seen.
func (b *bench) press(s string) {
	b.t.Helper()
	b.sees("the text "+s, func() bool { return slices.Contains(uitest.Texts(b.Canvas()), s) })
	b.ClickText(s)
}

// connect types an address and presses Return.
func (b *bench) connect(address string) {
	b.t.Helper()
	b.w.bar.Focus()
	b.Replace(address)
	b.Key(fyne.KeyReturn)
}

func (b *bench) isUp() {
	b.t.Helper()
	b.sees("the server's files", func() bool {
		return b.w.shown.State == linkUp && !b.w.remote.Busy() && b.w.remote.Path() != ""
	})
}

// with puts a user and a password into a server's URL.
func with(url, user, password string) string {
	return strings.Replace(url, "ftp://", "ftp://"+user+":"+password+"@", 1)
}

func TestConnectShowsTheServer(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/docs/a.txt", "hello"), ftptest.File("/z.bin", "z"))
	b := openWindow(t, nil)
	if b.w.win.Canvas().Focused() != b.w.bar.address {
		t.Error("the address does not have the keyboard at the start")
	}
	b.reads("Not connected")
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.isUp()
	b.reads("docs")
	b.reads("z.bin")
	if b.w.win.Canvas().Focused() != b.w.remote.Table() {
		t.Errorf("the keyboard is at %T, want the server's files", b.w.win.Canvas().Focused())
	}
	b.reads("plain · passive EPSV")
	b.reads("This server offers no TLS")
	b.reads("Disconnect")
	if f := b.w.bar.Fields(); f.Address != "127.0.0.1" || f.User != "joe" || f.Password != "s3cret" {
		t.Errorf("the connect bar says %+v", f)
	}
	b.w.transcript.Pull()
	if text := b.w.transcript.Text(); strings.Contains(text, "s3cret") || !strings.Contains(text, "> PASS") {
		t.Errorf("transcript:\n%s", text)
	}
	b.w.tasks.Wait()
	data, err := os.ReadFile(filepath.Join(b.cfg, "recent.json"))
	if err != nil || !strings.Contains(string(data), "ftp://joe@127.0.0.1") || strings.Contains(string(data), "s3cret") {
		t.Errorf("recent.json: %s, %v", data, err)
	}
	b.press("Disconnect")
	b.reads("Not connected")
	b.reads("ftp://joe@127.0.0.1") // among the recent ones
}

func TestWrongPasswordIsSaidAndCanBeMended(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(with(srv.URL, "joe", "wrong"))
	b.reads("The server did not accept the user name or the password.")
	b.press("Enter the password")
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.reads("a.txt")
}

func TestMissingPasswordIsAskedFor(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	b := openWindow(t, nil)
	address := strings.Replace(srv.URL, "ftp://", "ftp://joe@", 1)
	b.connect(address)
	b.reads("Password of joe at 127.0.0.1")
	b.Key(fyne.KeyEscape)
	if b.w.sheets.Open() || len(srv.Commands()) != 0 {
		t.Fatalf("after Escape: sheet open %v, sent %v", b.w.sheets.Open(), srv.Commands())
	}
	b.connect(address)
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
}

func TestUnknownCertificateTakesADecision(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS(), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.reads("The certificate of 127.0.0.1 cannot be verified")
	b.reads("SHA-256")
	b.w.showLink() // comes late, for a change that was shown already
	if n := len(b.w.sheets.stack); n != 1 {
		t.Errorf("%d sheets ask the same", n)
	}
	b.Key(fyne.KeyReturn) // must not accept
	if b.w.sheets.Open() {
		t.Error("Return left the sheet open")
	}
	b.reads("Nothing was sent.")
	if slices.Contains(srv.Verbs(), "PASS") {
		t.Fatal("the password was sent to a server that nobody vouched for")
	}
	b.press("Show the certificate")
	b.press("Trust once")
	b.isUp()
	b.reads("TLS 1.3 · passive EPSV")
}

func TestALostConnectionIsSaidAndComesBack(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/docs/deep/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Go("/docs/deep")
	b.reads("a.txt")
	addr := srv.Addr
	srv.Close()
	b.reads("The connection to " + addr + " was lost.")
	b.w.remote.Relist() // F5 says the same, in the pane
	b.reads("The connection was lost")
	ftptest.NewServer(t, ftptest.Addr(addr), ftptest.File("/docs/deep/a.txt", "hello"))
	b.press("Reconnect")
	b.isUp()
	b.sees("the folder as before", func() bool { return b.w.remote.Path() == "/docs/deep" })
	if b.w.banners.Has("lost") {
		t.Error("the banner stayed")
	}
}

func TestADialCanBeCancelled(t *testing.T) {
	b := openWindow(t, func(c *Config) {
		c.Dial = func(ctx context.Context, _ string, _ client.Options) (Session, error) {
			<-ctx.Done() // a server that never answers
			return nil, ctx.Err()
		}
	})
	b.connect("silent.example.org")
	b.reads("Connecting to silent.example.org")
	b.press("Cancel")
	b.reads("Not connected")
}

func TestModeIsChosenAndShown(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/docs/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.press("plain · passive EPSV")
	b.press("PORT only (active)")
	b.isUp()
	b.reads("plain · active PORT")
	if !slices.Contains(srv.Verbs(), "PORT") {
		t.Errorf("sent %v", srv.Verbs())
	}
}

func TestShortcutsStopAtASheet(t *testing.T) {
	b := openWindow(t, nil)
	b.w.showAbout()
	before := b.w.bottom.Trailing.Visible()
	b.w.menus.transcript.Action() // what Ctrl+T does, sheet or not
	if b.w.bottom.Trailing.Visible() != before {
		t.Error("a menu shortcut reached through the sheet")
	}
	b.Key(fyne.KeyEscape)
	b.w.menus.transcript.Action()
	if b.w.bottom.Trailing.Visible() == before {
		t.Error("the shortcut does nothing without a sheet either")
	}
}

func TestDeletingSaysWhatAndHowMany(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/site/a.txt", "a"), ftptest.File("/b.txt", "b"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("site", "b.txt")
	b.w.remote.Focus()
	b.Key(fyne.KeyDelete)
	b.reads("1 folder and 1 file")
	b.Key(fyne.KeyEscape)
	if !srv.Exists("/b.txt") {
		t.Fatal("Escape deleted")
	}
	b.Key(fyne.KeyDelete)
	b.press("Delete")
	b.sees("the deletion", func() bool { return !srv.Exists("/b.txt") && !srv.Exists("/site") })
}

func TestTheDemoServerIsOpened(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("demo", "demo"), ftptest.File("/welcome.txt", "hello"))
	closed := false
	t.Cleanup(func() { // after the window is closed
		if !closed {
			t.Error("the demo server was left running")
		}
	})
	b := openWindow(t, func(c *Config) {
		c.Demo = func(context.Context) (*DemoServer, error) {
			return &DemoServer{Address: strings.Replace(srv.URL, "ftp://", "ftp://demo@", 1), Password: "demo", Close: func() error { closed = true; return nil }}, nil
		}
	})
	b.press("Open the demo server")
	b.isUp()
	b.reads("welcome.txt")
}
