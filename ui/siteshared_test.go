package ui

import (
	"context"
	"sync/atomic"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client/access"
	"portside/client/diagnose"
	"portside/client/secrets"
	"portside/client/sites"
)

// What somebody else changes in a site while it is being edited is not taken back.
func TestAChangeElsewhereOutlivesTheForm(t *testing.T) {
	one := named("One")
	one.ID = harbourID
	b := openSites(t, nil, one)
	other, err := sites.Open(b.book.Path())
	if err != nil {
		t.Fatal(err)
	}
	put := func(change func(*sites.Site)) {
		t.Helper()
		s := other.Content().Sites[0]
		change(&s)
		if perr := other.Put(s); perr != nil {
			t.Fatal(perr)
		}
	}
	b.into("host", "two.example.org") // not saved yet
	put(func(s *sites.Site) { s.Bookmarks = []sites.Bookmark{{Name: "pub", RemoteDir: "/pub"}} })
	b.m.settled()
	b.idle()
	if s := b.site("One"); s.Host != "two.example.org" || len(s.Bookmarks) != 1 {
		t.Fatalf("saved %+v", s)
	}
	put(func(s *sites.Site) { s.Charset = "windows-1252" })
	b.into("host", "three.example.org")
	b.m.reload(nil) // it is shown, but what is typed stays
	b.idle()
	b.m.settled()
	b.idle()
	if s := b.site("One"); s.Host != "three.example.org" || s.Charset != "windows-1252" || len(s.Bookmarks) != 1 {
		t.Errorf("saved %+v", s)
	}
	b.into("host", "four.example.org")
	b.into("host", "three.example.org") // and back, which is no reason to save
	b.m.settled()
	b.idle()
	if s := b.site("One"); s.Host != "three.example.org" || s.Charset != "windows-1252" {
		t.Errorf("saved %+v", s)
	}
}

// A password that is typed last is kept although the program ends.
func TestAPasswordTypedLastIsKept(t *testing.T) {
	one := named("One")
	one.ID, one.User = harbourID, "joe"
	ctx, cancel := context.WithCancel(t.Context())
	b := openSites(t, func(_ *siteBench, d *siteDeps) { d.Ctx = ctx }, one)
	b.into("password", "s3cret")
	cancel()
	b.m.Close()
	b.idle()
	if b.keyring.held()[passwordItem()] != "s3cret" {
		t.Errorf("the keyring holds %v", b.keyring.held())
	}
}

// A test asks for all that is missing, and each answer is for what was asked.
func TestATestAsksForEachSecret(t *testing.T) {
	var got map[secrets.Kind]string
	b := openSites(t, func(_ *siteBench, d *siteDeps) {
		d.Test = func(_ context.Context, _ sites.Site, typed map[secrets.Kind]string, _ func(diagnose.Probe)) (*diagnose.Report, error) {
			for _, kind := range []secrets.Kind{secrets.Password, secrets.ProxyPassword} {
				if typed[kind] == "" {
					return nil, &siteSecretMissing{access.Question{Kind: kind, Of: "joe", Reason: "It is missing."}}
				}
			}
			got = typed
			return &diagnose.Report{}, nil
		}
	}, named("One"))
	b.press("Test connection")
	for _, password := range []string{"of joe", "of the proxy"} {
		b.reads("It is missing. It is used for this test only.")
		b.Type(password)
		b.Key(fyne.KeyReturn)
		b.idle()
	}
	if got[secrets.Password] != "of joe" || got[secrets.ProxyPassword] != "of the proxy" {
		t.Errorf("tried with %q and %q", got[secrets.Password], got[secrets.ProxyPassword])
	}
}

// Where the server of a site is changed, its password goes there: that is said, and can be
// prevented.
func TestAPasswordDoesNotMoveInSilence(t *testing.T) {
	one := named("One")
	one.ID, one.User = harbourID, "joe"
	b := openSites(t, func(b *siteBench, _ *siteDeps) { b.keyring.items[passwordItem()] = "s3cret" }, one)
	b.reads("Stored in the keyring.")
	b.into("host", "two.example.org")
	b.m.settled()
	b.idle()
	b.reads("The password that is stored for one.example.org goes to two.example.org now.")
	b.press("Forget the password")
	b.idle()
	if held := b.keyring.held(); len(held) != 0 {
		t.Errorf("the keyring holds %v", held)
	}
}

// What the end of the program owes to the keyring is paid although nothing is shown any
// more: of a site that asks each time, and of one that was deleted a moment ago.
func TestTheEndRemovesPasswords(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(b *siteBench)
	}{
		{"asks each time", func(b *siteBench) {
			b.ClickText("Password in the keyring")
			b.ClickText("Ask each time")
		}},
		{"deleted", func(b *siteBench) { b.Key(fyne.KeyDelete) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var over atomic.Bool
			b := openSites(t, func(b *siteBench, d *siteDeps) {
				d.Do = func(f func()) {
					b.loop.Do(func() {
						if !over.Load() {
							f()
						}
					})
				}
			}, named("One"), named("Two"))
			b.keyring.items[b.site("One").ID+"/password"] = "s3cret"
			b.Click(b.row("Two"))
			b.idle()
			b.Click(b.row("One"))
			b.idle()
			over.Store(true)
			tt.do(b)
			b.m.Close()
			b.idle()
			if held := b.keyring.held(); len(held) != 0 {
				t.Errorf("%d passwords stay", len(held))
			}
		})
	}
}
