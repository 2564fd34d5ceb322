package ui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/sites"
	"portside/transfers/queue"
)

// TestALimitHoldsWithTheWindow has a site with two connections, and a server that turns
// a third one away: the window browses over one of them or the queue has both.
func TestALimitHoldsWithTheWindow(t *testing.T) {
	const files = 200
	opts := []ftptest.Option{ftptest.MaxConns(2), ftptest.RTT(10 * time.Millisecond)}
	for i := range files {
		opts = append(opts, ftptest.File(fmt.Sprintf("/f%d", i), fmt.Sprintf("file %d", i)))
	}
	srv := ftptest.NewServer(t, opts...)
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.User, s.MaxConnections, s.Mode = "", 2, client.EPSV })))
	b.connect("Harbour")
	b.isUp()
	var jobs []queue.Job
	for i := range files {
		name := fmt.Sprintf("f%d", i)
		jobs = append(jobs, queue.Job{Kind: queue.Download, Remote: "/" + name, Local: filepath.Join(b.home, name)})
	}
	b.w.addJobs(jobs)
	b.sees("transfers beside the browsing", func() bool { return srv.Count("RETR") > 20 })
	b.isUp()
	if n := srv.Count("USER"); n != 2 {
		t.Errorf("%d logins while the window browses, want 2", n)
	}
	b.w.disconnect()
	b.sees("both connections in the queue", func() bool { return srv.Count("USER") == 3 && srv.OpenConns() == 2 })
	b.w.reconnect()
	b.isUp()
	if srv.Count("RETR") == files {
		t.Error("the transfers were over before the window came back")
	}
	b.sees("the end of the transfers", func() bool { return srv.Count("RETR") >= files && !b.w.transferring() })
	for i := range files {
		name := fmt.Sprintf("f%d", i)
		if got, err := os.ReadFile(filepath.Join(b.home, name)); err != nil || !bytes.Equal(got, srv.File("/"+name)) {
			t.Errorf("%s is not what the server has: %q, %v", name, got, err)
		}
	}
	for _, c := range srv.Conns() {
		if !slices.Contains(c.Verbs, "USER") {
			t.Error("the server had more than two connections")
		}
	}
}

// TestTheServerTurnsBrowsingAway has transfers of large files on all connections: the
// window says what it waits for, may give up, and else gets in when a file has ended.
func TestTheServerTurnsBrowsingAway(t *testing.T) {
	const size = 2_000_000
	opts := []ftptest.Option{ftptest.MaxConns(2), ftptest.Bandwidth(300_000)}
	for _, name := range []string{"/x", "/y"} {
		opts = append(opts, ftptest.BigFile(name, size))
	}
	srv := ftptest.NewServer(t, opts...)
	dir, r := t.TempDir(), &ring{}
	b := openWindow(t, withSites(t, dir, r, harbour(srv, func(s *sites.Site) { s.User, s.MaxConnections, s.Mode = "", 2, client.EPSV })))
	b.connect("Harbour")
	b.isUp()
	b.w.disconnect()
	var jobs []queue.Job
	for _, name := range []string{"x", "y"} {
		jobs = append(jobs, queue.Job{Kind: queue.Download, Remote: "/" + name, Local: filepath.Join(b.home, name)})
	}
	b.w.addJobs(jobs)
	b.sees("two transfers", func() bool { return srv.OpenDataConns() == 2 })
	b.w.reconnect()
	b.reads("Transfers use all the connections")
	b.press("Cancel")
	b.sees("no dial", func() bool { return b.w.shown.State == linkIdle })
	b.w.reconnect()
	b.isUp()
	if n := srv.Count("RETR"); n != 2 {
		t.Errorf("%d files were asked for: one was broken off", n)
	}
	b.sees("the end of the transfers", func() bool { return !b.w.transferring() })
}

// TestSessionsBesideCountUntilTheyEnd has those of editing and synchronising.
func TestSessionsBesideCountUntilTheyEnd(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.MaxConns(1))
	b := openWindow(t, nil)
	to, err := fields{Address: srv.URL}.spread()
	if err != nil {
		t.Fatal(err)
	}
	server, err := to.target()
	if err != nil {
		t.Fatal(err)
	}
	other := server
	other.URL.User = "joe"
	s, err := b.w.dialBeside(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	if n, no := b.w.sites.beside.count(siteKey(server)), b.w.sites.beside.count(siteKey(other)); n != 1 || no != 0 {
		t.Errorf("%d sessions, and %d at another site, want 1 and 0", n, no)
	}
	if _, err = b.w.dialBeside(t.Context(), server); err == nil {
		t.Error("a second session was let in")
	}
	if n := b.w.sites.beside.count(siteKey(server)); n != 1 {
		t.Errorf("%d sessions after a dial that failed, want 1", n)
	}
	if err = s.Close(); err != nil {
		t.Error(err)
	}
	b.w.tasks.Wait()
	if n := b.w.sites.beside.count(siteKey(server)); n != 0 {
		t.Errorf("%d sessions after the end, want none", n)
	}
}

// The limit holds for a connection whose site has got other settings since it was made.
func TestACountedConnectionOutlivesItsSettings(t *testing.T) {
	var b besides
	u := client.URL{Host: "ftp.example.org", User: "joe"}
	release := b.hold(siteKey(target{URL: u}))
	saved := targetOf(sites.Site{ID: harbourID, Name: "Harbour", Host: u.Host, User: u.User, Security: client.SecurityRequire, Charset: "UTF-8"})
	if n := b.count(siteKey(saved)); n != 1 {
		t.Errorf("%d connections to the site that was saved meanwhile, want 1", n)
	}
	if n := b.count(siteKey(target{URL: client.URL{Host: "ftp.example.org", User: "ann"}})); n != 0 {
		t.Errorf("%d connections of somebody else, want 0", n)
	}
	release()
	if n := b.count(siteKey(saved)); n != 0 {
		t.Errorf("%d connections after the end, want 0", n)
	}
}
