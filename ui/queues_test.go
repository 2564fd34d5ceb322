package ui

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/sitekey"
	"portside/transfers/queue"
	"portside/ui/uitest"
)

func TestSiteKeys(t *testing.T) {
	joe := target{URL: client.URL{Host: "ftp.example.org", Port: 2121, User: "joe smith", Path: "/pub"}, Password: "s3cret"}
	with := func(change func(*target)) target {
		c := joe
		change(&c)
		return c
	}
	key := siteKey(joe)
	if strings.Contains(key, "s3cret") || strings.Contains(key, "/pub") {
		t.Errorf("the key %q holds a password or a folder", key)
	}
	if got := siteKey(with(func(c *target) { c.Password, c.URL.Path, c.Return, c.Mode = "other", "", "/x", client.Active })); got != key {
		t.Errorf("the same site has the keys %q and %q", key, got)
	}
	for name, other := range map[string]target{
		"user":     with(func(c *target) { c.URL.User = "ann" }),
		"port":     with(func(c *target) { c.URL.Port = 21 }),
		"required": with(func(c *target) { c.Security = client.SecurityRequire }),
		"implicit": with(func(c *target) { c.Security = client.SecurityImplicit }),
		"off":      with(func(c *target) { c.Security = client.SecurityOff }),
	} {
		if k := siteKey(other); k == key || sameSite(k, key) {
			t.Errorf("%s: %q stands for %q", name, k, key)
		}
		if got, want := sameAccount(siteKey(other), key), name == "required" || name == "off" || name == "implicit"; got != want {
			t.Errorf("%s: the same account = %v, want %v", name, got, want)
		}
		back, err := keyTarget(siteKey(other))
		other.Password, other.URL.Path = "", ""
		if other.URL.Port == 21 {
			other.URL.Port = 0
		}
		if err != nil || back != other {
			t.Errorf("%s: read back as %+v, want %+v", name, back, other)
		}
	}
	pinned := siteKey(with(func(c *target) { c.Pin = "ab:cd" }))
	if pinned == key || sameSite(pinned, key) {
		t.Errorf("one certificate and no other: %q and %q", pinned, key)
	}
	if back, err := keyTarget(pinned); err != nil || back.Pin != "ab:cd" {
		t.Errorf("the certificate of %q is lost: %+v, %v", pinned, back, err)
	}
	if _, err := keyTarget("nonsense"); err == nil {
		t.Error("nonsense is a site")
	}
	demo := target{URL: client.URL{Host: "127.0.0.1", Port: 4711, User: "demo"}, Passing: true, Pin: "x"}
	if siteKey(demo) != demoSite {
		t.Errorf("the demo server is %q: it has another port each time", siteKey(demo))
	}
}

// TestSitesOfTheCommandLine has keys that portside-cli wrote: the usual ones are
// the window's own, and those with more settings are none of its business.
func TestSitesOfTheCommandLine(t *testing.T) {
	u := client.URL{Host: "ftp.example.org", Port: 21, User: "joe"}
	of := func(change func(*client.Options)) string {
		opt := client.Options{User: u.User, Security: client.SecurityRequire}
		change(&opt)
		return sitekey.Of(u, opt, "").Encode()
	}
	mine := siteKey(target{URL: u, Security: client.SecurityRequire, Password: "s3cret"})
	if key := of(func(*client.Options) {}); key != mine {
		t.Errorf("the command line writes %q, the window %q", key, mine)
	}
	if key := of(func(o *client.Options) { o.Mode = client.EPSV }); !sameSite(key, mine) {
		t.Errorf("%q is not %q", key, mine)
	}
	var b siteBook
	for name, key := range map[string]string{
		"insecure": of(func(o *client.Options) { o.Insecure = true }),
		"newer":    mine + "&newer=thing",
		"nonsense": "nonsense",
	} {
		keys := b.learn(target{URL: u, Security: client.SecurityRequire, Password: "s3cret"}, readable, []string{key})
		_, err := b.login(t.Context(), key)
		if sameSite(key, mine) || slices.Contains(keys, key) || !errors.Is(err, queue.ErrLogin) || !b.foreign(key) {
			t.Errorf("%s: %q would be run over %q: %v", name, key, mine, err)
		}
	}
	// With these the window makes the very connection that they stand for, and no other.
	for name, key := range map[string]string{
		"account": of(func(o *client.Options) { o.Account = "a" }),
		"charset": of(func(o *client.Options) { o.Charset = "latin1" }),
		"tls":     of(func(o *client.Options) { o.MaxTLS = tls.VersionTLS12 }),
		"ports":   of(func(o *client.Options) { o.ActivePorts = client.PortRange{Min: 5000, Max: 5001} }),
		"cacert":  sitekey.Of(u, client.Options{User: u.User, Security: client.SecurityRequire}, "/ca.pem").Encode(),
		"proxy":   of(func(o *client.Options) { o.Proxy = client.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy:1080"} }),
		"after":   of(func(o *client.Options) { o.AfterLogin = []string{"SITE UMASK 022"} }),
	} {
		back, err := keyTarget(key)
		if err != nil || siteKey(back) != key || sameSite(key, mine) || b.foreign(key) {
			t.Errorf("%s: %q is read back as %q, %v", name, key, siteKey(back), err)
		}
		if _, err = b.login(t.Context(), key); !errors.Is(err, queue.ErrLogin) {
			t.Errorf("%s: logged in without a password: %v", name, err)
		}
	}
	if b.foreign(demoSite) || b.foreign(mine) {
		t.Error("the window does not know its own sites")
	}
}

// TestAForeignSiteIsSaid has an entry in the queue that the window must not run.
func TestAForeignSiteIsSaid(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	u, err := client.ParseURL(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "queue.db")
	q, _, err := queue.Open(t.Context(), queue.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	key := sitekey.Of(u, client.Options{Insecure: true}, "").Encode()
	if err = q.AddSite(t.Context(), queue.Site{Key: key}); err != nil {
		t.Fatal(err)
	}
	if _, err = q.Add(t.Context(), queue.Job{
		Kind: queue.Download, Site: key, Remote: "/a.txt", Local: filepath.Join(t.TempDir(), "a.txt"), Paused: true,
	}); err != nil {
		t.Fatal(err)
	}
	if err = q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := openWindow(t, func(c *Config) { c.QueueFile = file })
	b.connect(srv.URL) // the same server, with the window's settings
	b.isUp()
	b.sees("the entry", func() bool { return len(b.items()) == 1 })
	if err = b.w.queue.get().Resume(t.Context(), b.items()[0].ID); err != nil {
		t.Fatal(err)
	}
	b.reads("portside-cli queue run")
	if slices.Contains(srv.Verbs(), "RETR") {
		t.Error("it was run all the same")
	}
	if uitest.HasText(b.Canvas(), "Log in again to go on.") {
		t.Error("a login is asked for, which would not help")
	}
}

func TestWhoMayLogInWithoutBeingAsked(t *testing.T) {
	var b siteBook
	key := func(user, pin string) string {
		return siteKey(target{URL: client.URL{Host: "h", User: user}, Pin: pin})
	}
	for k, free := range map[string]bool{
		key("", ""): true, key("anonymous", ""): true, key("joe", ""): false, key("", "ab:cd"): true, demoSite: false, "x": false,
	} {
		_, err := b.login(t.Context(), k)
		if free != (err == nil) || err != nil && !errors.Is(err, queue.ErrLogin) {
			t.Errorf("%q: %v", k, err)
		}
	}
	joe := target{URL: client.URL{Host: "h", User: "joe"}, Password: "s3cret", Mode: client.Active}
	byMode := sitekey.Site{Host: "h", User: "joe", Mode: client.PASV}.Encode()
	keys := b.learn(joe, readable, []string{key("joe", ""), key("ann", ""), key("joe", "ab:cd"), byMode})
	slices.Sort(keys)
	want := []string{key("joe", ""), byMode}
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Errorf("go on: %q, want %q", keys, want)
	}
	if got, err := b.login(t.Context(), byMode); err != nil || got.Password != "s3cret" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := b.login(t.Context(), key("ann", "")); err == nil {
		t.Error("another user's login is known")
	}
}

// TestWhatIsLeftGoesOnNextTime has a window closed with work to do, and another one
// opened on the same file.
func TestWhatIsLeftGoesOnNextTime(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	file := filepath.Join(t.TempDir(), "queue.db")
	keep := func(c *Config) { c.QueueFile = file }
	b := openWindow(t, keep)
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.isUp()
	b.sees("the queue", func() bool { return b.w.queue.get() != nil })
	b.w.panel.pauseAll(true)
	b.sees("the pause", func() bool { return b.w.panel.snap.paused })
	b.w.remote.Select("a.txt")
	b.w.remote.TransferSelected()
	b.reads("1 to go, paused")
	local := b.home
	if err := b.w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), "s3cret") {
		t.Errorf("the queue's file holds the password, or nothing: %v", err)
	}

	again := openWindow(t, keep)
	again.reads("1 to go, paused")
	again.press("Go on")
	again.reads("Log in again to go on.")
	if again.w.transferring() {
		t.Error("closing would ask about what only waits for a login")
	}
	again.press("Log in")
	again.Type("s3cret")
	again.Key(fyne.KeyReturn)
	again.isUp()
	again.sees("the file", func() bool {
		data, err := os.ReadFile(filepath.Join(local, "a.txt"))
		return err == nil && string(data) == "hello"
	})
	again.reads("1 done")
}

func TestADamagedQueueIsSetAsideAndSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "queue.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no list of transfers. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	b := openWindow(t, func(c *Config) { c.QueueFile = file })
	b.sees("a banner", func() bool { return b.w.banners.Has("queue") })
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.txt")
	b.w.remote.TransferSelected()
	b.reads("1 done")
}

// TestAHeldQueueIsWaitedFor has another program give the file back in time, and keep
// it.
func TestAHeldQueueIsWaitedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "queue.db")
	other, _, err := queue.Open(t.Context(), queue.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	said := openWindow(t, func(c *Config) { c.QueueFile = file })
	said.reads("in use by another program")
	said.sees("a queue all the same", func() bool { return said.w.queue.get() != nil })

	closed := make(chan error, 1)
	time.AfterFunc(4*openEvery, func() { closed <- other.Close(context.WithoutCancel(t.Context())) })
	b := openWindow(t, func(c *Config) { c.QueueFile = file })
	b.sees("the queue", func() bool { return b.w.queue.get() != nil })
	if err = <-closed; err != nil {
		t.Fatal(err)
	}
	if b.w.banners.Has("queue") {
		t.Error("it fell back before the other program had ended")
	}
}

// TestQuittingWaitsForAllOfIt has the queue at rest with something left.
func TestQuittingWaitsForAllOfIt(t *testing.T) {
	quit := 0
	b := openWindow(t, func(c *Config) { c.OnQuit = func() { quit++ } })
	b.sees("the queue", func() bool { return b.w.queue.get() != nil })
	if err := b.w.queue.get().SetWhenDone(t.Context(), queue.WhenDone{Action: queue.DoQuit}); err != nil {
		t.Fatal(err)
	}
	b.w.allDone(queue.Totals{Files: 1, Left: 1})
	if quit != 0 {
		t.Fatal("the window quits though a transfer waits for a login")
	}
	b.w.allDone(queue.Totals{Files: 1})
	b.sees("the end", func() bool { return quit == 1 })
}

func TestClosingWithWorkAsks(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big.bin", 1<<30), ftptest.Bandwidth(1<<20))
	quit := 0
	b := openWindow(t, func(c *Config) {
		c.QueueFile = filepath.Join(t.TempDir(), "queue.db")
		c.OnQuit = func() { quit++ }
	})
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("big.bin")
	b.w.remote.TransferSelected()
	b.reads("1 to go")
	b.w.askToClose()
	b.reads("Transfers are still going on")
	b.press("Go on working")
	if quit > 0 || b.w.sheets.Open() {
		t.Fatal("did not go on working")
	}
	b.w.askToClose()
	b.press("Stop and forget")
	b.sees("the end", func() bool { return quit == 1 })
	items := b.items()
	if len(items) != 1 || items[0].State != queue.Cancelled {
		t.Errorf("left: %+v", items)
	}
}

func TestPermissionsAreSetByTheQueue(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.sh", "x"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.sh")
	b.w.askMode(b.w.remote.Selection())
	b.Replace("888")
	b.Key(fyne.KeyReturn)
	b.reads("Type three octal digits, such as 644 or 755.")
	b.Replace("755")
	b.Key(fyne.KeyReturn)
	b.sees("the command", func() bool { return slices.Contains(srv.Commands(), "SITE CHMOD 755 /a.sh") })
}

func TestTransferLater(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.w.remote.Select("a.txt")
	b.w.active = b.w.remote
	b.w.transferLater()
	b.Type("soon")
	b.Key(fyne.KeyReturn)
	b.reads("want a time such as 22:30")
	b.Replace(b.w.cfg.Now().AddDate(0, 0, 2).Format("2006-01-02 15:04"))
	b.Key(fyne.KeyReturn)
	b.reads("Starts at ")
	if slices.Contains(srv.Verbs(), "RETR") {
		t.Error("it was transferred at once")
	}
}
