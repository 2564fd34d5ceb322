package exchange

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// expected is a row as a test wants it.
type expected struct {
	site    sites.Site
	secret  string
	outcome Outcome
}

func checkRows(t *testing.T, imp *Import, want []expected) {
	t.Helper()
	if len(imp.Rows) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(imp.Rows), len(want), imp.Rows)
	}
	for i, w := range want {
		r := imp.Rows[i]
		if !reflect.DeepEqual(r.Site, w.site) {
			t.Errorf("row %d:\nsite %+v\nwant %+v", i, r.Site, w.site)
		}
		if r.Outcome != w.outcome || r.Secrets[secrets.Password] != w.secret {
			t.Errorf("row %d: %v, password right: %v", i, r, r.Secrets[secrets.Password] == w.secret)
		}
	}
}

func recorded(t *testing.T, name, format string) *Import {
	t.Helper()
	imp, err := Read(t.Context(), filepath.Join("testdata", name), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if imp.Format.ID != format {
		t.Errorf("format = %q, want %q", imp.Format.ID, format)
	}
	return imp
}

func TestRecordedFileZilla(t *testing.T) {
	checkRows(t, recorded(t, "filezilla-sitemanager.xml", "filezilla"), []expected{
		{site: sites.Site{Name: "Anonymous mirror", Host: "mirror.example.net", Logon: sites.LogonAnonymous}},
		{site: sites.Site{Name: "Interactive", Host: "inter.example.net", Security: client.SecurityRequire, User: "dora", Logon: sites.LogonAsk}},
		{site: sites.Site{
			Name: "Plain, asks", Host: "plain.example.net", Security: client.SecurityOff, User: "carl", Logon: sites.LogonAsk,
			Colour: "green", RemoteDir: `C:\inetd`,
		}},
		{site: sites.Site{Name: "SFTP with key", Host: "sftp.example.net", Port: 22, User: "emil"}, outcome: Skipped},
		{site: sites.Site{Name: "Typed in", Host: "typed.example.org", Port: 2100, User: "greta", Logon: sites.LogonKeyring, Notes: "by hand"}, secret: "pa ss"},
		{site: sites.Site{
			Name: "Implicit", Folder: []string{"Work & Co"}, Host: "2001:db8::7", Security: client.SecurityImplicit, User: "bert",
			Logon: sites.LogonKeyring, Mode: client.Passive, Charset: "utf-8",
		}, secret: "secret"},
		{site: sites.Site{
			Name: "Everything <1>", Folder: []string{"Work & Co", "Ärchive"}, Host: "ftp.example.org", Port: 2121,
			Security: client.SecurityRequire, User: "änna", Logon: sites.LogonAccount, Account: "billing", Mode: client.Active,
			Charset: "koi8-r", TimeOffset: 90, LocalDir: localOnly("/tmp"), RemoteDir: "/home/a b/üx✓", SyncDirs: true, MaxConnections: 3,
			AfterLogin: []string{"SITE UMASK 022", "SITE IDLE 600"}, Colour: "orange", Notes: "first line\nsecond ✓ line",
			Bookmarks: []sites.Bookmark{{Name: "Logs", LocalDir: localOnly("/var/log"), RemoteDir: "/var/log", SyncDirs: true}, {Name: "Root", RemoteDir: "/"}},
		}, secret: "gheim ✓ & <"},
	})
}

// localOnly is a path of Unix where this is one: elsewhere it is not taken.
func localOnly(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return ""
}

func TestRecordedFileZillaRecent(t *testing.T) {
	checkRows(t, recorded(t, "filezilla-recentservers.xml", "filezilla"), []expected{
		{site: sites.Site{Name: "127.0.0.1", Host: "127.0.0.1", Port: 9, User: "rita", Logon: sites.LogonKeyring}, secret: "recent1"},
	})
}

func TestRecordedRclone(t *testing.T) {
	imp := recorded(t, "rclone.conf", "rclone")
	checkRows(t, imp, []expected{
		{site: sites.Site{
			Name: "backup", Host: "ftp.example.org", Port: 2121, Security: client.SecurityRequire, User: "anna", Logon: sites.LogonKeyring,
			Mode: client.PASV, MaxConnections: 4,
		}, secret: "gheim ✓ & <"},
		{site: sites.Site{Name: "implicit", Host: "ftps.example.org", Security: client.SecurityImplicit, User: "bert", Logon: sites.LogonKeyring}, secret: "secret"},
		{site: sites.Site{Name: "mirror", Host: "mirror.example.net", Security: client.SecurityOff, Logon: sites.LogonAnonymous}},
		{site: sites.Site{Name: "asks", Host: "asks.example.net", Security: client.SecurityOff, User: "carl", Logon: sites.LogonAsk}},
		{site: sites.Site{Name: "files"}, outcome: Skipped},
	})
	if lost := imp.Rows[3].Lost; len(lost) != 1 {
		t.Errorf("lost %q, want the unchecked certificates", lost)
	}
}

func TestRecordedLftp(t *testing.T) {
	checkRows(t, recorded(t, "lftp-bookmarks", "lftp"), []expected{
		{site: sites.Site{Name: "abs", Host: "h.example.net", User: "carl", Logon: sites.LogonKeyring, RemoteDir: "/srv/data"}},
		{site: sites.Site{Name: "files"}, outcome: Skipped},
		{site: sites.Site{Name: "one", Host: "ftp.example.org", Port: 2121, User: "anna", Logon: sites.LogonKeyring, RemoteDir: "pub/a b"}, secret: "gh@m"},
		{site: sites.Site{Name: "two", Host: "ftps.example.org", Security: client.SecurityImplicit, User: "bert", Logon: sites.LogonKeyring}},
		{site: sites.Site{Name: "web"}, outcome: Skipped},
		{site: sites.Site{Name: "x", Host: "127.0.0.1", Port: 1, User: "anna", Logon: sites.LogonKeyring}, secret: "secret"},
	})
}

// TestRecordedNetrc has what curl sends to the servers that the file names.
func TestRecordedNetrc(t *testing.T) {
	named := func(host string, s sites.Site) sites.Site {
		s.Name, s.Host = host, host
		return s
	}
	checkRows(t, recorded(t, "netrc", "netrc"), []expected{
		{site: named("127.0.0.1", sites.Site{User: "anna", Logon: sites.LogonKeyring}), secret: `ge"h \ x`},
		{site: named("127.0.0.2", sites.Site{User: "bert b", Logon: sites.LogonKeyring}), secret: "p#q"},
		{site: named("127.0.0.3", sites.Site{User: "carl", Logon: sites.LogonAccount, Account: "acct"}), secret: "ü ✓"},
		{site: named("127.0.0.5", sites.Site{User: "emil", Logon: sites.LogonKeyring}), secret: "'single'"},
	})
}

func TestRecordedNcFTP(t *testing.T) {
	imp := recorded(t, "ncftp-bookmarks", "ncftp")
	checkRows(t, imp, []expected{
		{site: sites.Site{Name: "one", Host: "127.0.0.1", Port: 21323, User: "an,na", Logon: sites.LogonKeyring}, secret: "gehe$i, m"},
		{site: sites.Site{Name: "mirror", Host: "127.0.0.1", Port: 21323, Logon: sites.LogonAnonymous}},
	})
	// NcFTP has written a letter that is not ASCII as bytes that are none.
	if lost := imp.Rows[0].Lost; len(lost) != 1 || !strings.Contains(lost[0], "not written in UTF-8") {
		t.Errorf("lost = %q", lost)
	}
	if got := ncftpFields(`a\,b,c$2c,\$d`); !slices.Equal(got, []string{"a,b", "c,", "$d"}) {
		t.Errorf("fields = %q", got)
	}
}
