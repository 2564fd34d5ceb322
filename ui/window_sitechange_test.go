package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/sites"
)

// putSite changes the saved site as another part of the program would, and tells the window.
func (b *bench) putSite(dir string, change func(*sites.Site)) sites.Site {
	b.t.Helper()
	book, err := sites.Open(filepath.Join(dir, "sites.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	s := book.Content().Sites[0]
	change(&s)
	if err = book.Put(s); err != nil {
		b.t.Fatal(err)
	}
	b.w.sitesChanged()
	b.sees("the change", func() bool {
		now, ok := b.w.content().ByID(s.ID)
		return ok && now.Addr() == s.Addr() && now.User == s.User
	})
	b.w.tasks.Wait()
	return s
}

// A site that becomes another server while it is connected leaves the connection what it
// is: its new password goes to the new server alone.
func TestASiteThatMovesTakesItsPasswordAlong(t *testing.T) {
	old := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	fresh := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/b.txt", "hello"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(old, func(s *sites.Site) { s.User = "" })))
	b.connect("Harbour")
	b.isUp()
	b.putSite(dir, func(s *sites.Site) {
		to := harbour(fresh, nil)
		s.Host, s.Port, s.User = to.Host, to.Port, "joe"
	})
	if err := r.Set(t.Context(), passwordItem(), "", "s3cret"); err != nil {
		t.Fatal(err)
	}
	b.w.reconnect()
	b.isUp()
	b.reads("a.txt")
	if slices.ContainsFunc(old.Commands(), func(c string) bool { return strings.Contains(c, "s3cret") }) {
		t.Fatalf("the old server was told the new one's password: %q", old.Commands())
	}
	if v := b.w.link.View(); v.Target.Site.Addr() != v.Target.addr() {
		t.Errorf("connected to %s and called %s", v.Target.addr(), v.Target.Site.Addr())
	}
	b.connect("Harbour")
	b.reads("b.txt")
}

// Trying again after the site was mended tries the site as it is now.
func TestTryingAgainTriesTheSiteAsItIsNow(t *testing.T) {
	old := ftptest.NewServer(t, ftptest.User("joe", "other"))
	fresh := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/b.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "old"}}
	b := openWindow(t, withSites(t, dir, r, harbour(old, nil)))
	b.connect("Harbour")
	b.sees("the question", func() bool { return b.w.sheets.Open() })
	b.Key(fyne.KeyEscape)
	b.putSite(dir, func(s *sites.Site) { to := harbour(fresh, nil); s.Host, s.Port = to.Host, to.Port })
	if err := r.Set(t.Context(), passwordItem(), "", "s3cret"); err != nil {
		t.Fatal(err)
	}
	b.press("Try again")
	b.reads("b.txt")
	if slices.ContainsFunc(old.Commands(), func(c string) bool { return strings.Contains(c, "s3cret") }) {
		t.Error("the old server was told the new one's password")
	}
}

// What is typed for a server is not kept for a site that has become another one since.
func TestAPasswordIsKeptForTheServerItWasTypedFor(t *testing.T) {
	old := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(old, nil)))
	b.connect("Harbour")
	b.reads("No password is saved for this site.")
	b.putSite(dir, func(s *sites.Site) { s.Host = "other.example.org" })
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.isUp()
	b.w.tasks.Wait()
	if got := r.holds(); len(got) != 0 {
		t.Errorf("the keyring holds %v for another server", got)
	}
}

func TestAProxysPasswordStaysWithItsProxy(t *testing.T) {
	dir := t.TempDir()
	proxied := func(s *sites.Site) {
		s.Proxy = sites.Proxy{Kind: client.ProxySOCKS5, Addr: "one.example.org", User: "ann"}
		s.ClientCert = filepath.Join(dir, "one.p12")
	}
	srv := ftptest.NewServer(t)
	site := harbour(srv, proxied)
	b := openWindow(t, withSites(t, dir, &ring{}, site))
	had := targetOf(site)
	had.Password, had.ProxyPassword, had.Passphrase = "of joe", "of ann", "of one"
	site.Proxy.Addr, site.ClientCert = "two.example.org", filepath.Join(dir, "two.p12")
	content := sites.Content{Sites: []sites.Site{site}}
	b.w.saved.Store(&content)
	got := b.w.asSaved(had)
	if got.Site.Proxy.Addr != "two.example.org" || got.Password != "of joe" || got.ProxyPassword != "" || got.Passphrase != "" {
		t.Errorf("the passwords are %q, %q and %q", got.Password, got.ProxyPassword, got.Passphrase)
	}

	// The queue asks the keyring for what it has not got.
	book := siteBook{
		saved:   func(string) (sites.Site, bool) { return site, true },
		secrets: func(_ context.Context, t target) (target, error) { t.ProxyPassword = "of the new one"; return t, nil },
	}
	book.learn(had, readable, nil)
	if now, err := book.login(t.Context(), siteKey(had)); err != nil || now.ProxyPassword != "of the new one" || now.Password != "of joe" {
		t.Errorf("the queue logs in with %q: %v", now.ProxyPassword, err)
	}
}

// What a site allows holds for what is added, too.
func TestAddingTransfersKeepsTheLimitsOfTheSite(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.MaxConnections, s.DownLimit, s.UpLimit = 2, 1<<20, 1<<19 })))
	b.connect("Harbour")
	b.isUp()
	b.sees("the queue", func() bool { return b.w.queue.get() != nil })
	b.w.panel.pauseAll(true)
	b.sees("the pause", func() bool { return b.w.panel.snap.paused })
	b.w.remote.Select("a.txt")
	b.w.remote.TransferSelected()
	b.reads("1 to go, paused")
	list, err := b.w.queue.get().Sites(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "Harbour" || list[0].MaxConnections != 2 || list[0].Down != 1<<20 || list[0].Up != 1<<19 {
		t.Errorf("the queue knows %+v, %v", list, err)
	}
}

// A recent address is that address, also where a saved site is called so.
func TestARecentAddressIsNoSavedSite(t *testing.T) {
	bar := newConnectBar()
	var to target
	bar.OnConnect = func(t target) { to = t }
	bar.OnSite = func(s sites.Site) { t.Errorf("it has become the site of %s", s.User) }
	bar.FindSite = func(string) (sites.Site, bool) {
		return sites.Site{ID: harbourID, Name: "ftp.example.org", Host: "ftp.example.org", User: "joe"}, true
	}
	bar.take("ftp.example.org")
	if to.URL.Host != "ftp.example.org" || to.URL.User != "" {
		t.Errorf("connects to %+v", to.URL)
	}
}

// A folder whose name is no text in the server's character set cannot be found by it again.
func TestNoBookmarkThatLeadsNowhere(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/caf\xe9/a.txt", "x"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Harbour")
	b.isUp()
	b.w.remote.Go("/caf\xe9")
	b.reads("a.txt")
	b.w.bookmarkFolder()
	b.reads("cannot be bookmarked")
	if b.w.sheets.Open() {
		t.Error("it asks for a name")
	}
}
