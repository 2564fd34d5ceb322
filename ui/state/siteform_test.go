package state

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/sites"
)

func aSite() sites.Site {
	return sites.Site{ID: "0123456789abcdef", Name: "Web", Host: "ftp.example.org", User: "anna"}
}

// Each text that a field shows is read back as the same, and what is wrong stays
// as it was typed.
func TestSiteFieldsReadWhatTheyWrite(t *testing.T) {
	full := sites.Site{
		ID: "0123456789abcdef", Name: "Web", Host: "ftp.example.org", Port: 2121, Security: client.SecurityImplicit, User: "anna",
		Logon: sites.LogonAccount, Account: "acct", Mode: client.Active, PreferActive: true, ActivePorts: "50000-50100", ActiveAddress: "192.0.2.7",
		TrustPASVAddress: true, Charset: "windows-1252", TimeOffset: -210, LocalDir: "/home/anna", RemoteDir: "/pub", SyncDirs: true,
		MaxConnections: 3, DownLimit: 2_500_000, UpLimit: 500_000, Exists: "newer", TempUpload: true, AfterLogin: []string{"SITE UMASK 022", "SITE IDLE 600"},
		Proxy:      sites.Proxy{Kind: client.ProxyFTP, Addr: "proxy:21", User: "p", Form: client.ProxyOpen},
		ClientCert: "/c.pem", ClientKey: "/k.pem", Colour: "green", Notes: "two\nlines",
	}
	from, to := NewSiteForm(full, true), NewSiteForm(sites.Site{ID: full.ID}, true)
	for _, f := range SiteFields() {
		if f.set == nil {
			continue
		}
		text := from.Text(f.Key)
		if text == "" {
			t.Errorf("%s shows nothing", f.Key)
		}
		if f.Kind == SiteChoice && !slices.Contains(f.Choices, text) {
			t.Errorf("%s shows %q, which is none of its choices", f.Key, text)
		}
		to.Set(f.Key, text)
	}
	if got := to.Draft(); !sameSite(got, full) {
		t.Errorf("read back:\n%+v\nwant\n%+v", got, full)
	}
	if p := to.Problems(); len(p) > 0 {
		t.Errorf("problems %v", p)
	}
}

func TestEveryFieldIsExplained(t *testing.T) {
	seen := map[string]bool{}
	f := NewSiteForm(aSite(), true)
	for _, field := range SiteFields() {
		if field.Label == "" || seen[field.Key] {
			t.Errorf("field %q has no label, or is there twice", field.Key)
		}
		seen[field.Key] = true
		if hint := f.Hint(field.Key); hint == "" && field.Kind != SiteSecret {
			t.Errorf("%s is not explained", field.Key)
		} else if hint != "" && !strings.ContainsAny(hint[len(hint)-1:], ".…") {
			t.Errorf("%s: %q is no sentence", field.Key, hint)
		}
		for _, choice := range field.Choices { // each choice is explained, too
			f.Set(field.Key, choice)
			if f.Hint(field.Key) == "" {
				t.Errorf("%s: %q is not explained", field.Key, choice)
			}
		}
	}
}

func TestSiteFormParsing(t *testing.T) {
	for _, tt := range []struct {
		key, text, shows string
		wrong            bool
	}{
		{"port", "2121", "2121", false},
		{"port", " 21 ", "21", false},
		{"port", "0", "0", true},
		{"port", "65536", "65536", true},
		{"port", "ftp", "ftp", true},
		{"max_connections", "2", "2", false},
		{"max_connections", "-1", "-1", true},
		{"down_limit", "500 kB/s", "500 kB/s", false},
		{"down_limit", "8 Mbit/s", "1 MB/s", false},
		{"down_limit", "fast", "fast", true},
		{"time_offset", "2", "+2:00", false},
		{"time_offset", "-03:30", "-3:30", false},
		{"time_offset", "−1:00", "-1:00", false},
		{"time_offset", "25:00", "25:00", true},
		{"time_offset", "1:99", "1:99", true},
		{"time_offset", "", "", false},
		{"active_ports", "50000-50100", "50000-50100", false},
		{"active_ports", "9-1", "9-1", true},
		{"active_address", "not an address", "not an address", true},
		{"charset", "klingon", "klingon", true},
		{"name", "  Web 2 ", "Web 2", false},
		{"host", "", "", true},
		{"after_login", "SITE A\n\n  SITE B \n", "SITE A\nSITE B", false},
	} {
		f := NewSiteForm(aSite(), true)
		f.Set("mode", "Active")
		f.Set(tt.key, tt.text)
		if got := f.Text(tt.key); got != tt.shows {
			t.Errorf("%s %q shows %q, want %q", tt.key, tt.text, got, tt.shows)
		}
		if p := f.Problems(); (p[tt.key] != "") != tt.wrong {
			t.Errorf("%s %q: problems %v, want wrong %v", tt.key, tt.text, p, tt.wrong)
		}
	}
}

// What is wrong is kept and said; what is right is saved beside it.
func TestSiteFormSavesWhatIsRight(t *testing.T) {
	f := NewSiteForm(aSite(), true)
	if _, ok := f.Save(); ok || f.Unsaved() || f.Changed() {
		t.Error("nothing was typed, and there is something to save")
	}
	f.Set("port", "99999")
	f.Set("remote_dir", "/pub")
	f.Set("charset", "klingon")
	s, ok := f.Save()
	if !ok || s.RemoteDir != "/pub" || s.Port != 0 || s.Charset != "" {
		t.Fatalf("save %v: %+v", ok, s)
	}
	f.Asked(s)
	if _, again := f.Save(); again {
		t.Error("what is on its way is saved again")
	}
	f.Saved(s, s)
	if !f.Unsaved() || f.Text("port") != "99999" || f.Text("charset") != "klingon" {
		t.Errorf("what is wrong was lost: port %q, charset %q", f.Text("port"), f.Text("charset"))
	}
	if want := []string{"charset", "port"}; !slices.Equal(slices.Sorted(maps.Keys(f.Problems())), want) {
		t.Errorf("problems %v, want %v", f.Problems(), want)
	}
	if !f.ProblemIn(SiteGeneral) || !f.ProblemIn(SiteServer) || f.ProblemIn(SiteNotes) {
		t.Error("the sections do not know what is wrong in them")
	}
	f.Set("port", "2121")
	f.Set("charset", "")
	if s, ok = f.Save(); !ok || s.Port != 2121 {
		t.Errorf("mended: %v, %+v", ok, s)
	}
	f.Revert()
	if f.Draft().RemoteDir != "" || f.Changed() {
		t.Errorf("reverted: %+v", f.Draft())
	}
	if s, ok = f.Save(); !ok || s.RemoteDir != "" {
		t.Errorf("what was saved is not taken back: %v, %+v", ok, s)
	}
}

func TestSiteFormOfANewSite(t *testing.T) {
	f := NewSiteForm(sites.Site{ID: sites.NewID(), Name: "New site"}, false)
	if !f.Untouched() || f.Complains("host") {
		t.Error("a new site is blamed for having no host yet")
	}
	f.Set("notes", "x")
	if _, ok := f.Save(); ok {
		t.Error("a site without a host can be saved")
	}
	f.Set("host", "ftp.example.org")
	s, ok := f.Save()
	if !ok {
		t.Fatalf("cannot be saved: %v", f.Problems())
	}
	got := s
	got.Name = "New site 2"
	f.Saved(s, got)
	if !f.InBook() || f.Text("name") != "New site 2" || f.Unsaved() {
		t.Errorf("saved: name %q, unsaved %v", f.Text("name"), f.Unsaved())
	}
}

func TestSiteFormSpreadsAnAddress(t *testing.T) {
	for _, tt := range []struct {
		typed, host, port, user, dir, password string
		security                               client.Security
		changed                                bool
	}{
		{"ftps://anna:pw@ftp.example.org:9990/pub/x", "ftp.example.org", "9990", "anna", "pub/x", "pw", client.SecurityImplicit, true},
		{"ftpes://ftp.example.org", "ftp.example.org", "", "", "", "", client.SecurityRequire, true},
		{"bob@ftp.example.org", "ftp.example.org", "", "bob", "", "", client.SecurityAuto, true},
		{"ftp.example.org", "ftp.example.org", "", "", "", "", client.SecurityAuto, false},
		{"sftp://ftp.example.org", "sftp://ftp.example.org", "", "", "", "", client.SecurityAuto, false},
	} {
		f := NewSiteForm(sites.Site{ID: sites.NewID(), Name: "n"}, false)
		f.Set("host", tt.typed)
		password, changed := f.Settle()
		d := f.Draft()
		if d.Host != tt.host || f.Text("port") != tt.port || d.User != tt.user || d.RemoteDir != tt.dir || password != tt.password || d.Security != tt.security || changed != tt.changed {
			t.Errorf("%s: %+v, password %q, changed %v", tt.typed, d, password, changed)
		}
	}
}

func TestSiteFormShowsWhatHasAMeaning(t *testing.T) {
	f := NewSiteForm(sites.Site{ID: sites.NewID(), Name: "n", Host: "h"}, false)
	shown := func(want bool, keys ...string) {
		t.Helper()
		for _, k := range keys {
			if f.Shown(k) != want {
				t.Errorf("%s is shown: %v", k, !want)
			}
		}
	}
	shown(true, "user", "prefer_active", "active_ports")
	shown(false, "password", "account", "proxy.address", "proxy.password", "client_key", "certificate_passphrase")
	if f.Text("logon") != "Anonymous" {
		t.Errorf("without a user the logon is %q", f.Text("logon"))
	}
	f.Set("user", "anna")
	shown(true, "password")
	if f.Text("logon") != "Password in the keyring" {
		t.Errorf("with a user the logon is %q", f.Text("logon"))
	}
	f.Set("logon", "Ask each time")
	shown(false, "password")
	f.Set("logon", "Password and account")
	shown(true, "password", "account")
	f.Set("mode", "EPSV only")
	shown(false, "prefer_active", "active_ports", "active_address", "trust_pasv_address")
	f.Set("proxy.kind", "SOCKS5")
	shown(true, "proxy.address", "proxy.user")
	shown(false, "proxy.form", "proxy.password")
	f.Set("proxy.user", "p")
	shown(true, "proxy.password")
	f.Set("client_certificate", "/c.p12")
	shown(true, "client_key", "certificate_passphrase")
}

// What somebody else has changed is taken over, unless something is unsaved.
func TestSiteFormReload(t *testing.T) {
	f := NewSiteForm(aSite(), true)
	other := aSite()
	other.Notes = "from elsewhere"
	if !f.Reload(other) || f.Text("notes") != "from elsewhere" {
		t.Errorf("notes %q", f.Text("notes"))
	}
	f.Set("port", "2121")
	other.Notes = "once more"
	if f.Reload(other) || f.Text("port") != "2121" {
		t.Error("what was typed was lost")
	}
	f.Object("proxy.address", "is gone")
	f.Object("bookmarks[2].name", "is missing")
	if p := f.Problems(); p["proxy.address"] != "is gone" || p["bookmarks"] != "is missing" {
		t.Errorf("problems %v", p)
	}
}
