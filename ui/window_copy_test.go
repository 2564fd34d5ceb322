package ui

import (
	"bytes"
	"context"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/sites"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"
	"portside/ui/uitest"
)

// isleID names the second site of these tests.
const isleID = "fedcba9876543210"

func isle(srv *ftptest.Server, change func(*sites.Site)) sites.Site {
	return harbour(srv, func(s *sites.Site) {
		s.ID, s.Name, s.User, s.Folder = isleID, "Isle", "ann", nil
		if change != nil {
			change(s)
		}
	})
}

// copyMenu chooses "Copy to another site…" in the context menu of the selection.
func (b *bench) copyMenu(names ...string) {
	b.t.Helper()
	b.w.remote.Select(names...)
	for _, it := range b.w.remote.menuItems(b.w.remote.Selection()) {
		if it.Label == "Copy to another site…" {
			it.Action()
			return
		}
	}
	b.t.Fatal("the menu does not offer it")
}

// chooses clicks on a site in the list of the sheet.
func (b *bench) chooses(site string) {
	b.t.Helper()
	b.press(site)
}

// ended waits until so many entries were added and nothing is left to do.
func (b *bench) ended(jobs int) {
	b.t.Helper()
	b.sees("the end of the copies", func() bool {
		return len(b.jobs()) == jobs && !b.w.transferring()
	})
}

func TestCopiesGoToAnotherSite(t *testing.T) {
	data := make([]byte, 300_000)
	rand.New(rand.NewSource(7)).Read(data) //nolint:gosec // test data
	from := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/site/img/a.bin", string(data)),
		ftptest.File("/site/b.txt", "b"), ftptest.Dir("/site/empty"), ftptest.File("/c.bin", string(data[:70_000])), ftptest.File("/left.txt", "no"))
	to := ftptest.NewServer(t, ftptest.User("ann", "other"), ftptest.Dir("/pub/in"), ftptest.Dir("/start"))
	r := &ring{items: map[string]string{passwordItem(): "s3cret", isleID + "/password": "other"}}
	b := openWindow(t, withSites(t, t.TempDir(), r, harbour(from, nil), isle(to, func(s *sites.Site) { s.RemoteDir = "/start" })))
	b.connect("Harbour")
	b.isUp()
	if b.w.panel.Open() {
		b.w.togglePanel()
	}
	b.copyMenu("site", "c.bin")
	b.reads("Copy 1 folder and 1 file to another site")
	b.reads("1 folder and 1 file go through this computer to Isle: /start.") // not the one that is connected
	b.reads("You are asked about files that are there already.")
	b.chooses("Harbour")
	b.reads("1 folder and 1 file go through this computer to Harbour")
	b.Key(fyne.KeyReturn)
	b.reads("“site” is in that folder already.")
	b.chooses("Isle")
	b.sees("the problem gone", func() bool { return !uitest.HasText(b.Canvas(), "is in that folder already") })
	b.Canvas().Focus(b.w.sheets.stack[0].inputs[0])
	b.Replace("/pub/in/")
	b.reads("to Isle: /pub/in/.")
	b.Key(fyne.KeyReturn)
	if b.w.sheets.Open() {
		t.Fatal("Return did not copy")
	}
	b.ended(2)
	for path, want := range map[string][]byte{"/pub/in/site/img/a.bin": data, "/pub/in/site/b.txt": []byte("b"), "/pub/in/c.bin": data[:70_000]} {
		if got := to.File(path); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes arrived, want these %d", path, len(got), len(want))
		}
	}
	if !to.Exists("/pub/in/site/empty") || to.Exists("/pub/in/left.txt") || len(to.Names("/start")) != 0 {
		t.Errorf("in /pub/in: %q, in /start: %q", to.Names("/pub/in"), to.Names("/start"))
	}
	if !b.w.panel.Open() {
		t.Error("the panel is not shown")
	}
	b.reads("Harbour › Isle")
	for _, it := range b.jobs() {
		if row := state.PanelRowOf(it, b.w.panelWords()); row.Sign != state.PanelCopy || !slices.ContainsFunc(row.Whole, func(s string) bool {
			return strings.HasPrefix(s, "to Isle: /pub/in/")
		}) {
			t.Errorf("the panel says %+v", row)
		}
	}
}

// A quick connection is a source as well, and the menu bar offers the same.
func TestAQuickConnectionIsCopiedFrom(t *testing.T) {
	from := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	to := ftptest.NewServer(t, ftptest.User("ann", "other"), ftptest.Dir("/pub"))
	r := &ring{items: map[string]string{isleID + "/password": "other"}}
	b := openWindow(t, withSites(t, t.TempDir(), r, isle(to, func(s *sites.Site) { s.RemoteDir = "/pub" })))
	if !b.w.menus.copy.Disabled {
		t.Error("the menu offers it without a server")
	}
	b.connect(with(from.URL, "joe", "s3cret"))
	b.isUp()
	b.w.menus.copy.Action()
	b.reads("Select the files and folders of the server that are to be copied first.")
	b.w.remote.Select("a.txt")
	b.w.menus.copy.Action()
	b.reads("“a.txt” goes through this computer to Isle: /pub.")
	b.Key(fyne.KeyEscape)
	if b.w.sheets.Open() || len(b.items()) != 0 {
		t.Fatal("Escape did not end it")
	}
	b.w.menus.copy.Action()
	b.Key(fyne.KeyReturn) // in the list of sites
	b.ended(1)
	if got := string(to.File("/pub/a.txt")); got != "hello" {
		t.Errorf("arrived: %q", got)
	}
}

// Files go to another folder of the server that they are on, too.
func TestACopyToTheSameSite(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/pub/a.txt", "hello"), ftptest.Dir("/backup"))
	r := &ring{items: map[string]string{passwordItem(): "s3cret"}}
	b := openWindow(t, withSites(t, t.TempDir(), r, harbour(srv, nil)))
	b.connect("Harbour")
	b.isUp()
	b.copyMenu("pub")
	for _, c := range []struct{ folder, want string }{
		{"/pub/deep", "“pub” cannot be copied into itself."},
		{"pub", "“pub” cannot be copied into itself."},
		{"/", "“pub” is in that folder already."},
		{"/back\x07up", "The folder has a character in it that no path can have."},
	} {
		b.w.sheets.stack[0].inputs[0].SetText(c.folder)
		b.press("Copy")
		b.reads(c.want)
	}
	b.w.sheets.stack[0].inputs[0].SetText(" backup ") // where the login ends
	b.press("Copy")
	b.ended(1)
	if got := string(srv.File("/backup/pub/a.txt")); got != "hello" {
		t.Errorf("arrived: %q", got)
	}
}

func TestWithoutSitesThereIsTheSiteManager(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(srv.URL)
	b.isUp()
	b.copyMenu("a.txt")
	b.reads("There is no saved site yet.")
	b.press("Site manager…")
	b.sees("the site manager", func() bool { return b.w.manager.Visible() })
}

func TestTheSitesOfACopyAreSearched(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	one, two := named("One"), named("Two", "Work")
	two.RemoteDir = "/two"
	b := openWindow(t, withSites(t, t.TempDir(), nil, one, two))
	b.connect(srv.URL)
	b.isUp()
	b.copyMenu("a.txt")
	b.Type("two") // in the list: it is searched for
	b.reads("“a.txt” goes through this computer to Two: /two.")
	b.Type("x")
	b.reads("Nothing is found.")
	b.Key(fyne.KeyReturn)
	b.reads("Choose a site first.")
	b.Key(fyne.KeyEscape)
	if !b.w.sheets.Open() {
		t.Fatal("Escape closed the sheet instead of the search")
	}
	b.Key(fyne.KeyEscape)
	if b.w.sheets.Open() || len(b.items()) != 0 {
		t.Error("Escape did not end it")
	}
}

// TestTheTargetsRuleHolds has sites with rules of their own for what is there already.
func TestTheTargetsRuleHolds(t *testing.T) {
	for _, c := range []struct {
		name         string
		source, site string // rules of the sites
		want         map[string]string
		note         string
	}{
		{"the target overwrites", "skip", "overwrite", map[string]string{"/a.txt": "new"}, "Files that are there already are overwritten."},
		{"the target skips", "overwrite", "skip", map[string]string{"/a.txt": "old"}, "Files that are there already are skipped."},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "new"))
			to := ftptest.NewServer(t, ftptest.User("ann", "other"), ftptest.File("/a.txt", "old"))
			r := &ring{items: map[string]string{passwordItem(): "s3cret", isleID + "/password": "other"}}
			b := openWindow(t, withSites(t, t.TempDir(), r, harbour(from, func(s *sites.Site) { s.Exists = c.source }),
				isle(to, func(s *sites.Site) { s.Exists = c.site })))
			b.connect("Harbour")
			b.isUp()
			b.copyMenu("a.txt")
			b.reads(c.note)
			b.press("Copy")
			b.ended(1)
			if names := to.Names("/"); len(names) != len(c.want) {
				t.Errorf("there are %q", names)
			}
			for path, want := range c.want {
				if got := string(to.File(path)); got != want {
					t.Errorf("%s is %q, want %q", path, got, want)
				}
			}
		})
	}
}

// The rule of the source, which overwrites, does not answer for a target that asks.
func TestACopyAsksAboutWhatIsThere(t *testing.T) {
	from := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "new"))
	to := ftptest.NewServer(t, ftptest.User("ann", "other"), ftptest.File("/a.txt", "old"))
	r := &ring{items: map[string]string{passwordItem(): "s3cret", isleID + "/password": "other"}}
	b := openWindow(t, withSites(t, t.TempDir(), r, harbour(from, func(s *sites.Site) { s.Exists = "overwrite" }), isle(to, nil)))
	b.connect("Harbour")
	b.isUp()
	b.copyMenu("a.txt")
	b.reads("You are asked about files that are there already.")
	b.press("Copy")
	b.reads("“a.txt” exists on Isle")
	if got := string(to.File("/a.txt")); got != "old" {
		t.Fatalf("it was %q before anybody answered", got)
	}
	b.press("Overwrite")
	b.ended(1)
	if got := string(to.File("/a.txt")); got != "new" {
		t.Errorf("it is %q", got)
	}
}

// TestACopyAsksForThePassword has a target whose password nobody knows yet.
func TestACopyAsksForThePassword(t *testing.T) {
	from := ftptest.NewServer(t, ftptest.File("/a.txt", "hello"))
	to := ftptest.NewServer(t, ftptest.User("ann", "other"))
	r := &ring{}
	b := openWindow(t, withSites(t, t.TempDir(), r, isle(to, nil)))
	b.connect(from.URL)
	b.isUp()
	b.copyMenu("a.txt")
	b.press("Copy")
	b.reads("Log in to Isle")
	b.Key(fyne.KeyEscape)
	if len(b.items()) != 0 || to.Exists("/a.txt") {
		t.Fatal("something was added although nobody logged in")
	}
	b.copyMenu("a.txt")
	b.press("Copy")
	b.reads("No password is saved for this site.")
	b.Type("wrong")
	b.Key(fyne.KeyReturn)
	b.reads("The server did not accept the user name or the password.")
	if len(r.holds()) != 0 || len(b.items()) != 0 {
		t.Fatalf("kept %v, added %d", r.holds(), len(b.items()))
	}
	b.Type("other")
	b.Key(fyne.KeyReturn)
	b.ended(1)
	if got := string(to.File("/a.txt")); got != "hello" {
		t.Errorf("arrived: %q", got)
	}
	if r.holds()[isleID+"/password"] != "other" {
		t.Error("the password that has worked is not kept")
	}
	if v := b.w.link.View(); v.State != linkUp || v.Target.Site != nil {
		t.Error("the window has left the server that it shows")
	}
}

// TestTheTargetOfACopyIsLoggedInTo has a target that refuses the password that is kept:
// the panel says so, and offers to log in, which leaves the server that is shown.
func TestTheTargetOfACopyIsLoggedInTo(t *testing.T) {
	from := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	to := ftptest.NewServer(t, ftptest.User("ann", "other"))
	r := &ring{items: map[string]string{isleID + "/password": "old"}}
	b := openWindow(t, withSites(t, t.TempDir(), r, isle(to, nil)))
	b.connect(with(from.URL, "joe", "s3cret"))
	b.isUp()
	shown := b.w.link.View().Session
	b.copyMenu("a.txt")
	b.press("Copy")
	b.reads("1 transfer waits. Log in again to go on.")
	b.press("Log in")
	b.reads("The server did not accept the user name or the password.")
	b.sees("the question", func() bool { return b.w.sheets.Open() })
	b.Type("other")
	b.Key(fyne.KeyReturn)
	b.sees("the file, at once and not at the time of its next try", func() bool { return string(to.File("/a.txt")) == "hello" })
	if items := b.items(); len(items) != 1 || items[0].Kind != queue.Copy || items[0].Rule != transfers.Ask {
		t.Fatalf("there are %+v", items)
	}
	if v := b.w.link.View(); v.State != linkUp || v.Session != shown {
		t.Error("the window has left the server that it shows")
	}
	if r.holds()[isleID+"/password"] != "other" {
		t.Error("the password that has worked is not kept")
	}
}

// TestAQuickConnectionIsLoggedInToBeside has transfers of a server that is no saved site
// wait for a password while another server is shown.
func TestAQuickConnectionIsLoggedInToBeside(t *testing.T) {
	shown := ftptest.NewServer(t, ftptest.File("/left.txt", "hello"))
	other := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(shown.URL)
	b.isUp()
	session := b.w.link.View().Session
	u, err := client.ParseURL(with(other.URL, "joe", ""))
	if err != nil {
		t.Fatal(err)
	}
	b.w.addJobsOf(target{URL: u, Security: client.SecurityOff}, []queue.Job{
		{Kind: queue.Download, Remote: "/a.txt", Local: filepath.Join(b.home, "a.txt")},
	})
	b.press("Log in")
	b.reads("Password of joe at ")
	b.Type("wrong")
	b.Key(fyne.KeyReturn)
	b.reads("The server did not accept the user name or the password.")
	b.Type("s3cret")
	b.Key(fyne.KeyReturn)
	b.sees("the file", func() bool {
		got, err := os.ReadFile(filepath.Join(b.home, "a.txt"))
		return err == nil && string(got) == "hello"
	})
	if v := b.w.link.View(); v.State != linkUp || v.Session != session {
		t.Error("the window has left the server that it shows")
	}
}

// TestTheDemoServerIsLoggedInToBeside has transfers of the demo server wait while
// another server is shown.
func TestTheDemoServerIsLoggedInToBeside(t *testing.T) {
	shown := ftptest.NewServer(t, ftptest.File("/left.txt", "hello"))
	demo := ftptest.NewServer(t, ftptest.User("demo", "demo"))
	b := openWindow(t, nil)
	b.connect(shown.URL)
	b.isUp()
	session := b.w.link.View().Session
	b.w.cfg.Demo = func(context.Context) (*DemoServer, error) {
		return &DemoServer{Address: strings.Replace(demo.URL, "ftp://", "ftp://demo@", 1), Password: "demo"}, nil
	}
	b.w.loginSite(demoSite)
	b.sees("the login", func() bool { return b.w.sites.target(demoSite).Passing })
	if v := b.w.link.View(); v.State != linkUp || v.Session != session {
		t.Error("the window has left the server that it shows")
	}
}
