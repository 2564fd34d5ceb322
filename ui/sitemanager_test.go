package ui

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/uitest"
)

func TestASiteIsMadeAndSavedByItself(t *testing.T) {
	b := openSites(t, nil)
	b.reads("No sites yet")
	b.press("New site")
	b.Replace("Web")
	b.Key(fyne.KeyTab)
	b.Type("ftp.example.org")
	if n := len(b.book.Content().Sites); n != 0 {
		t.Fatalf("%d sites are saved in the middle of a word", n)
	}
	b.clock.Advance(siteSaveAfter)
	b.idle()
	if got := b.site("Web"); got.Host != "ftp.example.org" {
		t.Fatalf("saved: %+v", got)
	}
	b.into("user", "anna")
	b.into("password", "s3cret") // the field above is left, and saved
	b.Key(fyne.KeyTab)           // and so is this one
	b.idle()
	b.reads("Stored in the keyring.")
	s := b.site("Web")
	if want := map[string]string{s.ID + "/password": "s3cret"}; !maps.Equal(b.keyring.held(), want) || s.User != "anna" {
		t.Errorf("the keyring holds %v, want %v; user %q", b.keyring.held(), want, s.User)
	}
	if uitest.HasText(b.Canvas(), "s3cret") || b.m.form.rows["password"].input.(*siteSecretInput).entry.Text != "" {
		t.Error("the password is in the window")
	}
	b.m.form.Focus("name")
	b.Key(fyne.KeyReturn)
	b.idle()
	if len(b.connected) != 1 || b.connected[0].ID != s.ID {
		t.Errorf("Return connects to %+v", b.connected)
	}
	b.Key(fyne.KeyEscape)
	if b.closed != 1 || b.m.Visible() {
		t.Error("Escape does not leave the view")
	}
}

func TestWhatIsWrongIsSaidAndKept(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"))
	b.Click(b.row("One"))
	b.into("port", "99999")
	b.reads("Want a number from 1 to 65535")
	b.into("remote_dir", "/pub")
	b.Click(b.row("Two"))
	b.idle()
	if s := b.site("One"); s.RemoteDir != "/pub" || s.Port != 0 {
		t.Errorf("saved: %+v", s)
	}
	if !b.m.model.Row(0).Marked || b.m.model.Row(1).Marked {
		t.Error("the site with something wrong in it is not the one that is marked")
	}
	b.Click(b.row("One"))
	b.idle()
	b.m.form.Section(0)
	b.reads("99999")
	b.press("Connect")
	if len(b.connected) != 0 {
		t.Error("connects though something is wrong")
	}
	if b.Canvas().Focused() != b.m.form.rows["port"].input.Focus() {
		t.Errorf("the keyboard is at %T, want what is wrong", b.Canvas().Focused())
	}
	b.Replace("2121")
	b.press("Connect")
	if len(b.connected) != 1 || b.connected[0].Port != 2121 || b.site("One").Port != 2121 || b.m.model.Row(0).Marked {
		t.Errorf("mended: connected %+v, saved %+v", b.connected, b.site("One"))
	}
}

func TestChangesAreUndone(t *testing.T) {
	b := openSites(t, nil, named("One"))
	b.into("host", "other.example.org")
	b.Key(fyne.KeyTab)
	b.idle()
	if b.site("One").Host != "other.example.org" {
		t.Fatal("not saved")
	}
	b.press("Undo changes")
	if got := b.site("One").Host; got != "one.example.org" {
		t.Errorf("the host is %q", got)
	}
	b.press("Undo")
	if got := b.site("One").Host; got != "other.example.org" {
		t.Errorf("after undoing the undoing the host is %q", got)
	}
}

func TestADeletedSiteComesBackWithItsPassword(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"), named("Three"))
	id := b.site("Two").ID
	b.keyring.items[id+"/password"] = "s3cret"
	b.Click(b.row("Two"))
	b.Key(fyne.KeyDelete)
	b.idle()
	b.reads("“Two” was deleted.")
	if got, want := b.paths(), []string{"One", "Three"}; !slices.Equal(got, want) {
		t.Fatalf("the book has %v, want %v", got, want)
	}
	if len(b.keyring.held()) != 1 {
		t.Fatal("the password is gone while the deletion can be undone")
	}
	b.press("Undo")
	if got, want := b.paths(), []string{"One", "Two", "Three"}; !slices.Equal(got, want) || b.site("Two").ID != id {
		t.Errorf("the book has %v, want %v, with the same ID", got, want)
	}
	b.Key(fyne.KeyDelete)
	b.idle()
	b.Key(fyne.KeyEscape) // leaves the view: now it is final
	b.idle()
	if n := len(b.keyring.held()); n != 0 {
		t.Errorf("%d passwords of deleted sites stay in the keyring", n)
	}
}

func TestAFolderWithSitesIsAskedAbout(t *testing.T) {
	b := openSites(t, nil, named("One", "Work"), named("Two", "Work", "Deep"), named("Three"))
	b.Click(b.row("Work"))
	b.reads("2 sites are in it.")
	b.Key(fyne.KeyDelete)
	b.reads("Delete the folder “Work”?")
	b.Key(fyne.KeyEscape)
	b.idle()
	if len(b.paths()) != 3 {
		t.Fatal("Escape deleted")
	}
	b.Click(b.row("Work"))
	b.Key(fyne.KeyDelete)
	b.ClickText("Delete")
	b.loop.Until("the deletion", func() bool { return len(b.paths()) <= 1 || !b.m.deps.Sheets.Open() })
	b.idle()
	if got, want := b.paths(), []string{"Three"}; !slices.Equal(got, want) {
		t.Fatalf("the book has %v, want %v", got, want)
	}
	b.press("Undo")
	if got := b.paths(); len(got) != 3 || b.site("Two").Path() != "Work/Deep/Two" {
		t.Errorf("the book has %v", got)
	}
}

func TestSitesAreArrangedByMouse(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"), named("Three"), named("Four", "Work"))
	b.Drag(b.row("Three"), b.row("One").AddXY(0, -6))
	b.idle()
	if got, want := b.paths(), []string{"Work/Four", "Three", "One", "Two"}; !slices.Equal(got, want) {
		t.Fatalf("above One: %v, want %v", got, want)
	}
	b.DragTo(b.row("Two"), b.row("Work"))
	if !b.m.tree.drag.ok || b.m.tree.drag.to.Onto != 0 {
		t.Errorf("over a folder the drag is %+v", b.m.tree.drag)
	}
	b.Release(1)
	b.idle()
	if got, want := b.paths(), []string{"Work/Four", "Work/Two", "Three", "One"}; !slices.Equal(got, want) {
		t.Fatalf("into Work: %v, want %v", got, want)
	}
	b.reads("“Two” was moved.")
	b.press("Undo")
	if got, want := b.paths(), []string{"Work/Four", "Three", "One", "Two"}; !slices.Equal(got, want) {
		t.Errorf("undone: %v, want %v", got, want)
	}
	b.m.tree.Focus()
	b.Click(b.row("Three"))
	b.Chord(fyne.KeyModifierAlt, fyne.KeyDown)
	b.idle()
	if got, want := b.paths(), []string{"Work/Four", "One", "Three", "Two"}; !slices.Equal(got, want) {
		t.Errorf("moved down by keys: %v, want %v", got, want)
	}
	b.Chord(fyne.KeyModifierAlt, fyne.KeyUp)
	b.idle()
	if got, want := b.paths(), []string{"Work/Four", "Three", "One", "Two"}; !slices.Equal(got, want) {
		t.Errorf("moved up by keys: %v, want %v", got, want)
	}
}

func TestFoldersAreArranged(t *testing.T) {
	b := openSites(t, nil, named("One", "Alpha"), named("Two", "Beta"), named("Three", "Gamma"))
	folders := func(what string, want ...string) {
		t.Helper()
		b.idle()
		var got []string
		for _, f := range b.book.Content().Folders {
			got = append(got, strings.Join(f, "/"))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
	const nearTop = -siteRowHeight/2 + 3
	b.Drag(b.row("Gamma"), b.row("Alpha").AddXY(0, nearTop))
	folders("in front of Alpha", "Gamma", "Alpha", "Beta")
	if path, _ := b.m.chosenFolder(); !slices.Equal(path, []string{"Gamma"}) {
		t.Errorf("%v is chosen, want what was dragged", path)
	}
	b.m.tree.Focus()
	b.Chord(fyne.KeyModifierAlt, fyne.KeyDown)
	folders("down by keys", "Alpha", "Gamma", "Beta")
	b.Chord(fyne.KeyModifierAlt, fyne.KeyDown)
	folders("to the end by keys", "Alpha", "Beta", "Gamma")
	b.Chord(fyne.KeyModifierAlt, fyne.KeyDown)
	folders("further down", "Alpha", "Beta", "Gamma")
	b.Chord(fyne.KeyModifierAlt, fyne.KeyUp)
	folders("up by keys", "Alpha", "Gamma", "Beta")

	b.Drag(b.row("Beta"), b.row("Gamma"))
	folders("into Gamma", "Alpha", "Gamma", "Gamma/Beta")
	b.reads("“Beta” was moved.")
	b.press("Undo")
	folders("undone", "Alpha", "Gamma", "Beta")
	b.Click(b.row("Alpha"))
	b.Key(fyne.KeyDelete)
	b.press("Delete")
	folders("deleted", "Gamma", "Beta")
	b.press("Undo")
	folders("brought back to its place", "Alpha", "Gamma", "Beta")
}

func TestTheTreeByKeyboardAndDoubleClick(t *testing.T) {
	b := openSites(t, nil, named("One", "Work"), named("Two"))
	if b.Canvas().Focused() != b.m.tree {
		t.Fatalf("the keyboard is at %T, want the tree", b.Canvas().Focused())
	}
	b.Key(fyne.KeyHome, fyne.KeyLeft)
	if b.m.model.Len() != 2 {
		t.Error("the arrow to the left does not close a folder")
	}
	b.Key(fyne.KeyRight, fyne.KeyRight)
	b.reads("one.example.org")
	b.Key(fyne.KeyReturn)
	if len(b.connected) != 1 || b.connected[0].Name != "One" {
		t.Fatalf("connected to %+v", b.connected)
	}
	b.Key(fyne.KeyF2)
	b.Replace("Uno")
	b.Key(fyne.KeyTab)
	b.idle()
	if b.site("Uno").Folder[0] != "Work" {
		t.Errorf("renamed: %v", b.paths())
	}
	b.Click(b.row("Two"))
	b.Click(b.row("Two"))
	if n := len(b.connected); n != 2 || b.connected[1].Name != "Two" {
		t.Errorf("a double click connects to %+v", b.connected[1:])
	}
	b.Type("uno") // typing searches
	b.idle()
	if b.m.search.Text != "uno" || b.m.model.Len() != 2 || b.m.model.Chosen() != 1 {
		t.Errorf("search %q shows %d rows, chosen %d", b.m.search.Text, b.m.model.Len(), b.m.model.Chosen())
	}
	b.Key(fyne.KeyEscape)
	if b.m.search.Text != "" || !b.m.Visible() {
		t.Error("the first Escape does not end the search alone")
	}
}

func TestAFolderIsMadeAndNamed(t *testing.T) {
	b := openSites(t, nil, named("One"))
	b.press("New folder")
	b.Type("Work")
	b.Key(fyne.KeyReturn)
	b.idle()
	b.press("New site in it")
	b.Replace("Deep")
	b.Key(fyne.KeyTab)
	b.Type("deep.example.org")
	b.Key(fyne.KeyTab)
	b.idle()
	if got, want := b.paths(), []string{"Work/Deep", "One"}; !slices.Equal(got, want) {
		t.Fatalf("the book has %v, want %v", got, want)
	}
	b.Click(b.row("Work"))
	b.m.folder.Focus()
	b.Replace("Job")
	b.Key(fyne.KeyReturn)
	b.idle()
	if got, want := b.paths(), []string{"Job/Deep", "One"}; !slices.Equal(got, want) {
		t.Errorf("the book has %v, want %v", got, want)
	}
	if i := b.m.model.Chosen(); i < 0 || b.m.model.Row(i).Name != "Job" {
		t.Errorf("row %d is chosen after renaming", i)
	}
}

func TestACopyHasThePassword(t *testing.T) {
	b := openSites(t, nil, named("One"))
	b.keyring.items[b.site("One").ID+"/password"] = "s3cret"
	b.press("Duplicate")
	s := b.site("One (copy)")
	if b.keyring.held()[s.ID+"/password"] != "s3cret" || len(b.keyring.held()) != 2 {
		t.Errorf("the keyring holds %v", b.keyring.held())
	}
	if got := b.keyring.labels[s.ID+"/password"]; !strings.Contains(got, "One (copy)") {
		t.Errorf("in the keyring the copy's password is called %q", got)
	}
	b.reads("Stored in the keyring.")
	b.press("Forget")
	if _, there := b.keyring.held()[s.ID+"/password"]; there || len(b.keyring.held()) != 1 {
		t.Errorf("after Forget the keyring holds %v", b.keyring.held())
	}
	b.reads("Goes into the keyring once you leave the field.")
}

func TestAKeyringInTroubleIsSaid(t *testing.T) {
	b := openSites(t, func(b *siteBench, _ *siteDeps) { b.keyring.trouble = secrets.Locked }, named("One"))
	b.reads("The keyring is locked.")
	b.into("password", "s3cret")
	b.Key(fyne.KeyTab)
	b.idle()
	b.reads("Kept in memory until Portside ends. The keyring is locked.")
	if got, err := b.m.deps.Secrets.Get(t.Context(), secrets.Key{Site: b.site("One").ID}); got != "s3cret" {
		t.Errorf("for this run there is %q, %v", got, err)
	}
}

func TestAnAddressFillsInTheFields(t *testing.T) {
	b := openSites(t, nil)
	b.press("New site")
	b.into("host", "ftpes://anna:s3cret@ftp.example.org:2121/pub")
	b.Key(fyne.KeyTab)
	b.idle()
	s := b.site("New site")
	if s.Host != "ftp.example.org" || s.Port != 2121 || s.User != "anna" || s.Security != client.SecurityRequire || s.RemoteDir != "pub" {
		t.Errorf("saved: %+v", s)
	}
	if b.keyring.held()[s.ID+"/password"] != "s3cret" {
		t.Errorf("the keyring holds %v", b.keyring.held())
	}
}

func TestTryingASiteOut(t *testing.T) {
	var asked []string
	var result error
	b := openSites(t, func(_ *siteBench, d *siteDeps) {
		d.Test = func(_ context.Context, s sites.Site, _ map[secrets.Kind]string, onProbe func(diagnose.Probe)) (*diagnose.Report, error) {
			asked = append(asked, s.Host)
			onProbe(diagnose.Probe{ID: "epsv", Title: "Passive, by EPSV", State: diagnose.StateDone})
			if result != nil {
				return nil, result
			}
			return &diagnose.Report{
				TLS:     &diagnose.TLSFacts{Version: "TLS 1.3"},
				Methods: []diagnose.Attempt{{Method: "EPSV", Result: diagnose.Works}, {Method: "EPRT", Result: diagnose.Fails}},
			}, nil
		}
		d.Trust = func(_ sites.Site, _ *client.CertError, then func()) {
			result = nil
			then()
		}
	}, named("One"))
	b.press("Test connection")
	b.reads("The connection works.")
	b.reads("These work: EPSV; these do not: EPRT. Encrypted with TLS 1.3.")
	result = &client.CertError{Host: "one.example.org", Reason: errors.New("x")}
	b.press("Test connection")
	b.reads("The server's certificate cannot be verified.")
	b.press("Show the certificate")
	b.reads("The connection works.")
	result = errors.New("nobody is there")
	b.press("Test connection")
	b.reads("Nobody is there")
	if len(asked) != 4 || asked[0] != "one.example.org" {
		t.Errorf("tried %v", asked)
	}
}

// Two programs share the book: what the other one adds is shown, and what it
// removes is not brought back behind its back.
func TestTheBookIsSharedWithOthers(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"))
	other, err := sites.Open(b.book.Path())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = other.Add(named("Three")); err != nil {
		t.Fatal(err)
	}
	b.Click(b.row("Two"))
	b.into("host", "two.example.net")
	b.Key(fyne.KeyTab)
	b.idle()
	if got, want := b.paths(), []string{"One", "Two", "Three"}; !slices.Equal(got, want) || b.m.model.Len() != 3 {
		t.Fatalf("the book has %v, want %v", got, want)
	}
	if _, err = other.Remove(b.site("Two").ID); err != nil {
		t.Fatal(err)
	}
	b.into("host", "two.example.com")
	b.Key(fyne.KeyTab)
	b.idle()
	if got, want := b.paths(), []string{"One", "Three"}; !slices.Equal(got, want) {
		t.Errorf("the book has %v, want %v", got, want)
	}
	b.reads("Somebody else has removed “Two” meanwhile.")
}

func TestANameThatIsTakenIsSaid(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"))
	b.Click(b.row("Two"))
	b.into("name", "one")
	b.Key(fyne.KeyTab)
	b.idle()
	b.reads("There is a site of that name in the folder already")
	if got, want := b.paths(), []string{"One", "Two"}; !slices.Equal(got, want) {
		t.Errorf("the book has %v, want %v", got, want)
	}
}

func TestTheViewKeepsPaceWithManySites(t *testing.T) {
	slowUnderRace(t)
	var list []sites.Site
	for range 3000 {
		list = append(list, sites.Site{Name: "Site", Host: "h.example.org", Folder: []string{"A", "B"}})
	}
	b := openSites(t, nil)
	if _, err := b.book.Add(list...); err != nil {
		t.Fatal(err)
	}
	b.m.Open("")
	b.idle()
	began := time.Now()
	for range 20 {
		b.Key(fyne.KeyDown)
	}
	b.Type("site 29")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("twenty rows and a search take %v", took)
	}
	b.idle()
	want := 0
	for i := range 3001 {
		if strings.Contains(strconv.Itoa(i), "29") {
			want++
		}
	}
	if n := b.m.model.Matches(); n != want {
		t.Errorf("%d sites are found, want %d", n, want)
	}
}

// A keyring that does not answer keeps nobody from typing, and nothing from being
// saved.
func TestAKeyringThatHangsHoldsNothingUp(t *testing.T) {
	hang := make(chan struct{})
	b := openSites(t, func(b *siteBench, d *siteDeps) {
		d.Secrets = secrets.Open(secrets.Options{Backend: &hungKeyring{hang}, Patience: 20 * time.Millisecond})
	}, named("One"))
	b.reads("The keyring did not answer in time.")
	b.into("password", "s3cret")
	b.into("port", "2121") // the keyring is being asked, for a minute
	b.m.settled()
	b.loop.Until("the port to be saved", func() bool { return b.site("One").Port == 2121 })
	if got, err := b.m.deps.Secrets.Get(t.Context(), secrets.Key{Site: b.site("One").ID}); got != "s3cret" {
		t.Errorf("for this run there is %q, %v", got, err)
	}
	close(hang)
	b.idle()
}

// hungKeyring answers nothing until its channel is closed.
type hungKeyring struct{ until chan struct{} }

// Get implements secrets.Backend.
func (k *hungKeyring) Get(context.Context, string) (string, error) {
	<-k.until
	return "", &secrets.Error{Op: "get", State: secrets.NotFound}
}

// Set implements secrets.Backend.
func (k *hungKeyring) Set(context.Context, string, string, string) error {
	<-k.until
	return &secrets.Error{Op: "set", State: secrets.Refused}
}

// Delete implements secrets.Backend.
func (k *hungKeyring) Delete(context.Context, string) error {
	<-k.until
	return nil
}

func TestAPasswordThatIsOfNoUseIsRemovedOnceTheFormIsLeft(t *testing.T) {
	b := openSites(t, nil, named("One"), named("Two"))
	b.keyring.items[b.site("One").ID+"/password"] = "s3cret"
	b.ClickText("Password in the keyring")
	b.ClickText("Ask each time")
	b.idle()
	if b.site("One").Logon != sites.LogonAsk || len(b.keyring.held()) != 1 {
		t.Fatalf("logon %q; the keyring holds %v while the change can be undone", b.site("One").Logon, b.keyring.held())
	}
	b.Click(b.row("Two"))
	b.idle()
	if n := len(b.keyring.held()); n != 0 {
		t.Errorf("%d passwords stay of a site that asks each time", n)
	}
}
