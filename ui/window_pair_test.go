package ui

import (
	"os"
	"path/filepath"
	"testing"

	"portside/client/ftptest"
	"portside/client/sites"
)

func TestBothSidesGoTogether(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/site/css/a.css", "x"), ftptest.File("/site/old/b", "x"), ftptest.File("/other/c", "x"))
	dir, r, local := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}, t.TempDir()
	if err := os.MkdirAll(filepath.Join(local, "css"), 0o700); err != nil {
		t.Fatal(err)
	}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) {
		s.RemoteDir, s.LocalDir, s.SyncDirs = "/site", local, true
	})))
	b.connect("Harbour")
	b.isUp()
	b.sees("the pair", func() bool { return b.w.pair.on })
	b.w.local.Go(filepath.Join(local, "css"))
	b.sees("the server's folder", func() bool { return b.w.remote.Path() == "/site/css" })
	b.w.remote.Go("/site")
	b.sees("the local folder", func() bool { return b.w.local.Path() == local })
	b.w.remote.Go("/site/old")
	b.reads("there is no folder “old” on this computer")
	b.sees("both stay", func() bool { return b.w.remote.Path() == "/site/old" && b.w.local.Path() == local && !b.w.local.Busy() })
	if b.w.pair.on {
		t.Error("it goes on")
	}
	b.w.local.Go(filepath.Join(local, "css"))
	b.sees("the local folder", func() bool { return b.w.local.Path() == filepath.Join(local, "css") })
	if b.w.remote.Path() != "/site/old" {
		t.Error("the other side still follows")
	}
}

func TestTheBarFollowsASiteThatIsRenamed(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, nil)))
	b.connect("Harbour")
	b.isUp()
	rename := func(name string) {
		s := b.keptSite(dir)
		s.Name = name
		if err := b.w.book.Put(s); err != nil {
			t.Fatal(err)
		}
		b.w.sitesChanged()
		b.sees("the site's name", func() bool { return b.w.link.View().Target.Site.Name == name })
	}
	rename("Quay")
	if f := b.w.bar.Fields(); f.Address != "Quay" {
		t.Errorf("the bar says %+v", f)
	}
	b.w.bar.address.SetText("other.example.org") // what is being typed stays
	rename("Pier")
	if f := b.w.bar.Fields(); f.Address != "other.example.org" {
		t.Errorf("the bar says %+v", f)
	}
}

// A folder of this computer that is not there is no folder to go along with.
func TestNoPairWithAFolderThatIsNotThere(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/site/css/a.css", "x"))
	dir, r := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) {
		s.RemoteDir, s.LocalDir, s.SyncDirs = "/site", filepath.Join(dir, "gone"), true
	})))
	if err := os.Mkdir(filepath.Join(b.home, "css"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.connect("Harbour")
	b.isUp()
	b.reads("css")
	b.sees("the local failure", func() bool { return !b.w.local.Busy() && b.w.local.load.failed != "" })
	b.w.remote.Go("/site/css")
	b.sees("the folder", func() bool { return b.w.remote.Path() == "/site/css" && !b.w.remote.Busy() })
	if b.w.pair.on {
		t.Errorf("%s goes along with %s", b.w.pair.local, b.w.pair.remote)
	}
}

// Somebody who goes elsewhere while a pane is following is followed in turn.
func TestThePairKeepsUpWithBothHands(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/site/css/a.css", "x"), ftptest.File("/site/img/b", "x"))
	dir, r, local := t.TempDir(), &ring{items: map[string]string{passwordItem(): "s3cret"}}, t.TempDir()
	for _, name := range []string{"css", "img"} {
		if err := os.Mkdir(filepath.Join(local, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.RemoteDir, s.LocalDir, s.SyncDirs = "/site", local, true })))
	b.connect("Harbour")
	b.isUp()
	b.sees("the pair", func() bool { return b.w.pair.on })
	b.loop.Do(func() {
		b.w.pair.following, b.w.pair.to = b.w.remote, "/site/css" // it is on its way there
		b.w.remote.Go("/site/img")                                // and sent elsewhere
	})
	b.sees("the local folder", func() bool { return b.w.local.Path() == filepath.Join(local, "img") })
}
