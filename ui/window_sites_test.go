package ui

import (
	"context"
	"encoding/json"
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
	"portside/client/secrets"
	"portside/client/sites"
	"portside/transfers/queue"
	"portside/ui/uitest"
)

func TestASiteIsConnectedToFromTheKeyring(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/site/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.RemoteDir = "/site" })))
	b.press("Harbour") // on the start page
	b.isUp()
	b.reads("a.txt")
	if b.w.remote.Path() != "/site" || b.w.sheets.Open() {
		t.Errorf("in %q, sheet open %v", b.w.remote.Path(), b.w.sheets.Open())
	}
	b.sees("the note that it was used", func() bool { return !b.keptSite(dir).Used.IsZero() })
	if f := b.w.bar.Fields(); f.Address != "Harbour" || f.User != "joe" || f.Password != "" {
		t.Errorf("the bar says %+v", f)
	}
	if _, err := os.Stat(filepath.Join(dir, "recent.json")); err == nil {
		t.Error("it is among the recent servers too")
	}
}

func TestAMissingPasswordIsStoredOnceItHasWorked(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("harbour")
	b.reads("No password is saved for this site.")
	b.Key(fyne.KeyReturn)
	b.reads("Type the password.")
	b.Type("wrong")
	b.Key(fyne.KeyReturn)
	b.reads("The server did not accept the user name or the password.")
	if got := r.holds(); len(got) != 0 {
		t.Fatalf("a password that was refused is in the keyring: %v", got)
	}
	b.sees("the question", func() bool { return b.w.sheets.Open() })
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.sees("the keyring", func() bool { return r.holds()[passwordItem()] == "s3cret" })
}

func TestAStoredPasswordThatIsWrongIsReplacedAfterSuccessOnly(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "old"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Work/Harbour")
	b.sees("the question", func() bool { return b.w.sheets.Open() })
	if r.holds()[passwordItem()] != "old" {
		t.Error("the stored password is gone before another one has worked")
	}
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.sees("the new one", func() bool { return r.holds()[passwordItem()] == "s3cret" })
}

func TestASiteThatAsksEachTimeStoresNothing(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.Logon = sites.LogonAsk })))
	b.connect("Harbour")
	b.reads("This site asks for its password each time.")
	if uitest.HasText(b.Canvas(), "Store it in the keyring") {
		t.Error("it offers to store what is to be asked each time")
	}
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.w.tasks.Wait()
	if len(r.holds()) != 0 {
		t.Errorf("stored %v", r.holds())
	}
	b.w.disconnect()
	b.reads("Not connected")
	b.connect("Harbour")
	b.reads("This site asks for its password each time.")
}

func TestAKeyringThatHangsDelaysNobodyForLong(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	dir := t.TempDir()
	b := openWindow(t, withSites(t, dir, &ring{hang: true}, harbour(srv, nil)))
	began := time.Now()
	b.connect("Harbour")
	b.reads("The keyring did not answer in time.")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("said after %v, want 3 s at most", took)
	}
	b.reads("What you type is kept until Portside ends")
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.reads("a.txt")
}

// TestTransfersOfASiteGoOnWithoutBeingAsked has a window closed with work to do, and
// another one that finds the password in the keyring.
func TestTransfersOfASiteGoOnWithoutBeingAsked(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS(), ftptest.File("/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	file := filepath.Join(dir, "queue.db")
	site := withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.MaxConnections, s.DownLimit = 2, 1<<20 }))
	keep := func(c *Config) {
		site(c)
		c.QueueFile = file
	}
	b := openWindow(t, keep)
	b.connect("Harbour")
	b.press("Always trust for this server")
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

	again := openWindow(t, func(c *Config) {
		keep(c)
		c.Secrets = secrets.Open(secrets.Options{Backend: r})
	})
	again.reads("1 to go, paused")
	again.press("Go on")
	again.sees("the file", func() bool {
		data, err := os.ReadFile(filepath.Join(local, "a.txt"))
		return err == nil && string(data) == "hello"
	})
	list, err := again.w.queue.get().Sites(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "Harbour" || list[0].MaxConnections != 2 || list[0].Down != 1<<20 {
		t.Errorf("the queue knows %+v, %v", list, err)
	}
}

// TestAPasswordGoesToNoOtherServer has a site that became another one since its transfers
// were added.
func TestAPasswordGoesToNoOtherServer(t *testing.T) {
	old := targetOf(sites.Site{ID: harbourID, Name: "Harbour", Host: "old.example.org", User: "joe", Security: client.SecurityRequire})
	asked := 0
	book := siteBook{secrets: func(_ context.Context, t target) (target, error) { asked++; return t, nil }}
	for name, now := range map[string]sites.Site{
		"another host":      {ID: harbourID, Name: "Harbour", Host: "new.example.org", User: "joe", Security: client.SecurityRequire},
		"another port":      {ID: harbourID, Name: "Harbour", Host: "old.example.org", Port: 2121, User: "joe", Security: client.SecurityRequire},
		"another user":      {ID: harbourID, Name: "Harbour", Host: "old.example.org", User: "ann", Security: client.SecurityRequire},
		"weaker protection": {ID: harbourID, Name: "Harbour", Host: "old.example.org", User: "joe"},
	} {
		book.saved = func(string) (sites.Site, bool) { return now, true }
		if _, err := book.login(t.Context(), siteKey(old)); err == nil || asked != 0 {
			t.Errorf("%s: logged in, keyring asked %d times", name, asked)
		}
	}
	book.saved = func(string) (sites.Site, bool) {
		s := *old.Site
		s.Charset = "latin1"
		return s, true
	}
	if got, err := book.login(t.Context(), siteKey(old)); err != nil || asked != 1 || got.Site.Charset != "latin1" {
		t.Errorf("another setting of the same server: %v, asked %d", err, asked)
	}
	old.Password = "s3cret"
	book.learn(old, readable, nil)
	if got, err := book.login(t.Context(), siteKey(old)); err != nil || got.Password != "s3cret" || got.Site.Charset != "latin1" {
		t.Errorf("a login that worked does not know what has changed: %v", err)
	}
	book.saved = func(string) (sites.Site, bool) {
		return sites.Site{ID: harbourID, Name: "Harbour", Host: "new.example.org", User: "joe"}, true
	}
	if got, err := book.login(t.Context(), siteKey(old)); err != nil || got.addr() != old.addr() || got.Security != client.SecurityRequire {
		t.Errorf("a login that worked has become %+v, %v", got.addr(), err)
	}
}

func TestTLSIsRequiredOnceItWasThere(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS())
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Harbour")
	b.press("Trust once")
	b.isUp()
	b.reads("“Harbour” takes TLS")
	b.sees("the file", func() bool { return b.keptSite(dir).Security == client.SecurityRequire })
	b.press("Undo")
	b.sees("the file", func() bool { return b.keptSite(dir).Security == client.SecurityAuto })
	b.w.reconnect()
	b.isUp()
	b.w.tasks.Wait()
	if b.w.banners.Has("required") || b.keptSite(dir).Security != client.SecurityAuto {
		t.Error("what was undone is done again")
	}
	if _, ok := b.w.trust.Known(srv.Addr); ok {
		t.Error("a certificate that is trusted once is kept")
	}
}

func TestPlainToAServerWithTLSOffersToSwitch(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS())
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.Security = client.SecurityOff })))
	b.connect("Harbour")
	b.isUp()
	b.reads("This server offers TLS")
	b.press("Switch to TLS")
	b.press("Trust once")
	b.isUp()
	b.reads("TLS 1.3")
	if s := b.keptSite(dir); s.Security != client.SecurityRequire {
		t.Errorf("the site still says %v", s.Security)
	}
	if f := b.w.bar.Fields(); f.Address != "Harbour" || f.Security != client.SecurityRequire {
		t.Errorf("the bar says %+v", f)
	}
	if b.w.banners.Has("plain") {
		t.Error("the banner stayed")
	}
}

func TestAConnectionIsSavedAsASite(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.TLS(), ftptest.File("/pub/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r))
	b.connect(with(srv.URL, "joe", "s3cret"))
	b.press("Trust once")
	b.isUp()
	b.w.remote.Go("/pub")
	b.reads("a.txt")
	b.w.bookmarkFolder() // belongs to a site, so that comes first
	b.reads("Bookmarks belong to a saved site.")
	b.Replace("Harbour")
	b.Key(fyne.KeyReturn)
	b.reads("Bookmark this folder")
	b.Key(fyne.KeyReturn)
	b.sees("the bookmark", func() bool { return len(b.keptSite(dir).Bookmarks) == 1 })
	s := b.keptSite(dir)
	if s.Name != "Harbour" || s.Security != client.SecurityRequire || s.User != "joe" || s.Bookmarks[0].RemoteDir != "/pub" || s.Bookmarks[0].Name != "pub" {
		t.Errorf("saved %+v", s)
	}
	if got := r.holds(); len(got) != 1 || got[s.ID+"/"+secrets.Password.String()] != "s3cret" {
		t.Errorf("the keyring holds %v", got)
	}
	b.w.remote.Go("/")
	b.sees("the top", func() bool { return b.w.remote.Path() == "/" && !b.w.remote.Busy() })
	b.sees("the menu", func() bool { return menuHas(b.w.menus.siteMenu, "pub") })
	b.w.goBookmark(s.Bookmarks[0])
	b.sees("the bookmark's folder", func() bool { return b.w.remote.Path() == "/pub" })
	data, err := json.Marshal(b.w.content())
	if err != nil || strings.Contains(string(data), "s3cret") {
		t.Errorf("the sites hold the password, or %v", err)
	}
	b.w.organiseBookmarks()
	b.press("pub")
	b.Replace("Public")
	addElsewhere(t, dir, s.ID, sites.Bookmark{Name: "From elsewhere", RemoteDir: "/far"})
	b.press("Save")
	b.sees("the new name", func() bool { return b.keptSite(dir).Bookmarks[0].Name == "Public" })
	if now := b.keptSite(dir).Bookmarks; len(now) != 2 || now[1].RemoteDir != "/far" {
		t.Errorf("what was added elsewhere meanwhile is lost: %+v", now)
	}
}

// addElsewhere adds a bookmark as another program does.
func addElsewhere(t *testing.T, dir, id string, mark sites.Bookmark) {
	t.Helper()
	book, err := sites.Open(filepath.Join(dir, "sites.json"))
	if err == nil {
		_, err = book.Update(id, func(s *sites.Site) error {
			s.Bookmarks = append(s.Bookmarks, mark)
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func menuHas(m *fyne.Menu, label string) bool {
	return slices.ContainsFunc(m.Items, func(it *fyne.MenuItem) bool { return it.Label == label })
}

func TestASiteKeepsItsMode(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Harbour")
	b.isUp()
	b.w.setMode(client.PORT)
	b.sees("the file", func() bool { return b.keptSite(dir).Mode == client.PORT })
	b.isUp()
	b.w.disconnect()
	b.w.setMode(client.Auto)
	b.w.picked = false
	b.connect("Harbour")
	b.isUp()
	b.reads("active PORT")
}

func TestALinkMeansNoSavedSite(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.Name = "127.0.0.1" })))
	b.w.Connect(srv.URL)
	b.isUp()
	if slices.ContainsFunc(srv.Commands(), func(c string) bool { return strings.Contains(c, "joe") || strings.Contains(c, "s3cret") }) {
		t.Errorf("the link has used what belongs to a site: %q", srv.Commands())
	}
	if b.w.shown.Target.Site != nil {
		t.Error("it is taken for the saved site")
	}
}

func TestTheStartPageByKeyboard(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil), sites.Site{ID: "fedcba9876543210", Name: "Attic", Host: "attic.example.org"}))
	b.reads("Attic")
	b.reads("Work")
	list := b.w.welcome.list
	b.Canvas().Focus(list)
	b.Key(fyne.KeyEnd, fyne.KeyHome, fyne.KeyDown)
	if got := list.rows[list.at]; got.text != "Harbour" {
		t.Errorf("marked %q", got.text)
	}
	b.Type("att")
	if got := list.rows[list.at]; got.text != "Attic" {
		t.Errorf("typed att, marked %q", got.text)
	}
	b.Key(fyne.KeyEnd, fyne.KeyReturn)
	b.isUp()
	b.w.disconnect()
	b.reads("just now")
}

func TestForgettingPasswords(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Harbour")
	b.reads("No password is saved")
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.sees("the keyring", func() bool { return len(r.holds()) == 1 })
	b.w.ForgetPasswords()
	b.press("Forget all passwords")
	b.sees("an empty keyring", func() bool { return len(r.holds()) == 0 })
	b.reads("1 password was removed from the keyring.")
	if _, err := b.w.sites.login(t.Context(), siteKey(b.w.shown.Target)); !errors.Is(err, queue.ErrLogin) {
		t.Errorf("the queue still knows it: %v", err)
	}
	b.w.RemoveLeftovers()
	b.reads("The keyring holds nothing of Portside's that belongs to no site.")
}
