package exchange

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/sites"
)

// fullSite has a value in each field.
func fullSite() sites.Site {
	return sites.Site{
		ID: "0123456789abcdef", Name: "All <&> \"of\" it", Folder: []string{"Work", "Ä & Ö"}, Host: "ftp.example.org", Port: 2121,
		Security: client.SecurityRequire, User: "änna", Logon: sites.LogonAccount, Account: "billing", Mode: client.PASV, PreferActive: true,
		ActivePorts: "50000-50100", ActiveAddress: "192.0.2.1", TrustPASVAddress: true, Charset: "koi8-r", TimeOffset: -330,
		LocalDir: localOnly("/srv/data"), RemoteDir: "/home/a b", SyncDirs: true, MaxConnections: 4, DownLimit: 1 << 20, UpLimit: 1 << 19,
		Exists: "newer", TempUpload: true, AfterLogin: []string{"SITE UMASK 022"},
		Proxy:      sites.Proxy{Kind: client.ProxyFTP, Addr: "proxy.example.org:2121", User: "fw", Form: client.ProxySite},
		ClientCert: localOnly("/home/anna/cert.pem"), ClientKey: localOnly("/home/anna/key.pem"), Colour: "magenta", Notes: "one\n<two> & \"three\"",
		Bookmarks: []sites.Bookmark{
			{Name: "Logs", LocalDir: localOnly("/var/log"), RemoteDir: "/var/log", SyncDirs: true}, {Name: "Root", RemoteDir: "/"},
		},
		Used: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	}
}

// TestFullSite keeps fullSite complete when Site gets a field.
func TestFullSite(t *testing.T) {
	v := reflect.ValueOf(fullSite())
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && localOnly("/") != "" {
			t.Errorf("fullSite has no %s", name)
		}
	}
}

func TestPortsideRoundTrip(t *testing.T) {
	list := []sites.Site{fullSite(), {Name: "small", Host: "h.example"}}
	var b bytes.Buffer
	if err := WritePortside(&b, list, [][]string{{"Work"}, {"Empty"}}, WriteOptions{ClientFiles: true}); err != nil {
		t.Fatal(err)
	}
	imp := mustRead(t, "a.portside", b.String())
	want := slices.Clone(list)
	want[0].ID, want[0].Used = "", time.Time{}
	for i, r := range imp.Rows {
		if !reflect.DeepEqual(r.Site, want[i]) || r.Outcome != Imported || len(r.Lost) > 0 {
			t.Errorf("%v, lost %q\nsite %+v\nwant %+v", r, r.Lost, r.Site, want[i])
		}
	}
	if len(imp.Rows) != 2 {
		t.Errorf("%d rows", len(imp.Rows))
	}
}

func TestPortsideHoldsNothingOfThisComputer(t *testing.T) {
	var b bytes.Buffer
	if err := WritePortside(&b, []sites.Site{fullSite()}, nil); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"cert.pem", "key.pem", "0123456789abcdef", "2026", `"id"`, `"used"`} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the export holds %q:\n%s", bad, b.String())
		}
	}
}

func TestFileZillaRoundTrip(t *testing.T) {
	full := fullSite()
	list := []sites.Site{
		full,
		{Name: "implicit", Host: "2001:db8::1", Security: client.SecurityImplicit, User: "bert", Logon: sites.LogonAsk, Mode: client.Passive, Charset: "utf-8"},
		{Name: "plain", Folder: []string{"Work"}, Host: "p.example", Security: client.SecurityOff, User: "c", Logon: sites.LogonAsk, Mode: client.Active, RemoteDir: `C:\foo`},
		{Name: "mirror", Host: "m.example", Logon: sites.LogonAnonymous, Colour: "blue"},
	}
	var b bytes.Buffer
	if err := WriteFileZilla(&b, list, [][]string{{"Work"}, {"Empty"}}); err != nil {
		t.Fatal(err)
	}
	imp := mustRead(t, "sitemanager.xml", b.String())
	// What FileZilla has, of the full site: it asks for passwords, and knows passive
	// and active only.
	first := sites.Site{
		Name: full.Name, Folder: full.Folder, Host: full.Host, Port: full.Port, Security: full.Security, User: full.User, Logon: sites.LogonAsk,
		Mode: client.Passive, Charset: full.Charset, TimeOffset: full.TimeOffset, LocalDir: full.LocalDir, RemoteDir: full.RemoteDir, SyncDirs: true,
		MaxConnections: 4, AfterLogin: full.AfterLogin, Colour: full.Colour, Notes: full.Notes, Bookmarks: full.Bookmarks,
	}
	// Folders stand before sites.
	checkRows(t, imp, []expected{{site: first}, {site: list[2]}, {site: list[1]}, {site: list[3]}})
	if !slices.ContainsFunc(imp.Notes, func(n string) bool { return strings.Contains(n, `"Empty" is empty`) }) {
		t.Errorf("notes = %q", imp.Notes)
	}
	for _, bad := range []string{"<Pass", "billing", "cert.pem", "proxy.example.org"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the export holds %q", bad)
		}
	}
}
