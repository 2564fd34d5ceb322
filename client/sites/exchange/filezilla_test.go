package exchange

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

// readText reads text as a file of the name.
func readText(t *testing.T, name, text string, opt ReadOptions) (*Import, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(t.Context(), path, opt)
}

// mustRead is readText for a file without a fault.
func mustRead(t *testing.T, name, text string) *Import {
	t.Helper()
	imp, err := readText(t, name, text, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

// zilla is a list of FileZilla around entries.
func zillaFile(entries string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><FileZilla3 version="3.63.0" platform="*nix"><Servers>` + entries + `</Servers></FileZilla3>`
}

func TestFileZillaEveryField(t *testing.T) {
	imp := mustRead(t, "sitemanager.xml", zillaFile(`<Folder expanded="1">Work&#xA;<Folder expanded="0">Old<Server>
		<Host>FTP.example.org</Host><Port>2121</Port><Protocol>4</Protocol><Type>3</Type><User>anna</User>
		<Pass encoding="base64">Z2hlaW0g4pyT</Pass><Account>acct</Account><Logontype>4</Logontype><TimezoneOffset>-90</TimezoneOffset>
		<PasvMode>MODE_ACTIVE</PasvMode><MaximumMultipleConnections>3</MaximumMultipleConnections>
		<EncodingType>Custom</EncodingType><CustomEncoding>KOI8-R</CustomEncoding>
		<PostLoginCommands><Command>SITE UMASK 022</Command><Command>PASS x</Command></PostLoginCommands>
		<BypassProxy>1</BypassProxy><Name>Backup</Name><Comments>one&#xA;two</Comments><Colour>7</Colour>
		<LocalDir>/srv/data</LocalDir><RemoteDir>1 0 4 home 3 a b 2 üx</RemoteDir><SyncBrowsing>1</SyncBrowsing>
		<DirectoryComparison>1</DirectoryComparison><Parameter Name="region">x</Parameter><Quirk>7</Quirk>
		<Bookmark><Name>Logs</Name><LocalDir>/var/log</LocalDir><RemoteDir>1 0</RemoteDir><SyncBrowsing>1</SyncBrowsing></Bookmark>
		</Server></Folder></Folder>`))
	if len(imp.Rows) != 1 {
		t.Fatalf("rows = %v", imp.Rows)
	}
	r := imp.Rows[0]
	want := sites.Site{
		Name: "Backup", Folder: []string{"Work", "Old"}, Host: "FTP.example.org", Port: 2121, Security: client.SecurityRequire,
		User: "anna", Logon: sites.LogonAccount, Account: "acct", Mode: client.Active, Charset: "koi8-r", TimeOffset: 90,
		LocalDir: "/srv/data", RemoteDir: "/home/a b/üx", SyncDirs: true, MaxConnections: 3, AfterLogin: []string{"SITE UMASK 022"},
		Colour: "orange", Notes: "one\ntwo",
		Bookmarks: []sites.Bookmark{{Name: "Logs", LocalDir: "/var/log", RemoteDir: "/", SyncDirs: true}},
	}
	if !reflect.DeepEqual(r.Site, want) {
		t.Errorf("site = %+v\nwant   %+v", r.Site, want)
	}
	if r.Secrets[secrets.Password] != "gheim ✓" || r.Outcome != Imported || !r.Chosen || r.Where != "Work/Old/Backup" {
		t.Errorf("row = %v, chosen %v", r, r.Chosen)
	}
	for _, lost := range []string{"DOS", "comparing folders", `"region"`, `"Quirk"`, "PASS"} {
		if !slices.ContainsFunc(r.Lost, func(s string) bool { return strings.Contains(s, lost) }) {
			t.Errorf("nothing says that %s is lost: %q", lost, r.Lost)
		}
	}
}

func TestFileZillaKinds(t *testing.T) {
	server := func(fields string) string {
		return zillaFile("<Server><Host>h.example</Host><Port>21</Port>" + fields + "</Server>")
	}
	user := "<Protocol>0</Protocol><User>u</User>"
	for _, c := range []struct {
		name, fields string
		check        func(Row) bool
	}{
		{"anonymous", "<Protocol>0</Protocol><Logontype>0</Logontype><User>anonymous</User><Pass>x</Pass>", func(r Row) bool {
			return r.Site.Logon == sites.LogonAnonymous && r.Site.User == "" && r.Secrets == nil && r.Site.Port == 0
		}},
		{"plain password", user + "<Logontype>1</Logontype><Pass>old &amp; plain</Pass>", func(r Row) bool {
			return r.Site.Logon == sites.LogonKeyring && r.Secrets[secrets.Password] == "old & plain"
		}},
		{"ask", user + "<Logontype>2</Logontype><Pass>no</Pass>", func(r Row) bool {
			return r.Site.Logon == sites.LogonAsk && r.Secrets == nil
		}},
		{"interactive", user + "<Logontype>3</Logontype>", func(r Row) bool {
			return r.Site.Logon == sites.LogonAsk && strings.Contains(r.Lost[0], "interactive")
		}},
		{"master password", user + `<Logontype>1</Logontype><Pass encoding="crypt" pubkey="x">abc</Pass>`, func(r Row) bool {
			return r.Outcome == Imported && r.Secrets == nil && strings.Contains(r.Lost[0], "master password")
		}},
		{"bad base64", user + `<Logontype>1</Logontype><Pass encoding="base64">!!</Pass>`, func(r Row) bool {
			return r.Outcome == Imported && r.Secrets == nil && strings.Contains(r.Lost[0], "base64")
		}},
		{"implicit", "<Protocol>3</Protocol><Logontype>0</Logontype>", func(r Row) bool {
			return r.Site.Security == client.SecurityImplicit && r.Site.Port == 21
		}},
		{"plain", "<Protocol>6</Protocol><Logontype>0</Logontype>", func(r Row) bool { return r.Site.Security == client.SecurityOff }},
		{"sftp", "<Protocol>1</Protocol><Logontype>0</Logontype>", func(r Row) bool {
			return r.Outcome == Skipped && !r.Chosen && strings.Contains(r.Why, "SFTP is another protocol")
		}},
		{"unknown protocol", "<Protocol>77</Protocol>", func(r Row) bool { return r.Outcome == Skipped && strings.Contains(r.Why, "77") }},
		{"unknown logon", user + "<Logontype>9</Logontype>", func(r Row) bool { return r.Outcome == Skipped && strings.Contains(r.Why, "type of login") }},
		{"no user", "<Protocol>0</Protocol><Logontype>1</Logontype>", func(r Row) bool { return r.Outcome == Skipped && strings.Contains(r.Why, "no user") }},
		{"utf-8", "<Protocol>0</Protocol><Logontype>0</Logontype><EncodingType>UTF-8</EncodingType>", func(r Row) bool { return r.Site.Charset == "utf-8" }},
		{"passive", "<Protocol>0</Protocol><Logontype>0</Logontype><PasvMode>MODE_PASSIVE</PasvMode>", func(r Row) bool { return r.Site.Mode == client.Passive }},
		{"odd mode", "<Protocol>0</Protocol><Logontype>0</Logontype><PasvMode>MODE_X</PasvMode>", func(r Row) bool { return r.Site.Mode == client.Auto }},
		{"offset", "<Protocol>0</Protocol><Logontype>0</Logontype><TimezoneOffset>1441</TimezoneOffset>", func(r Row) bool {
			return r.Site.TimeOffset == 0 && strings.Contains(r.Lost[0], "more than a day")
		}},
		{"name in the text", "old name<Protocol>0</Protocol><Logontype>0</Logontype>", func(r Row) bool { return r.Site.Name == "old name" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			imp := mustRead(t, "sitemanager.xml", server(c.fields))
			if len(imp.Rows) != 1 || !c.check(imp.Rows[0]) {
				t.Errorf("rows = %v, lost %q, site %+v", imp.Rows, imp.Rows[0].Lost, imp.Rows[0].Site)
			}
		})
	}
}

func TestFileZillaRecent(t *testing.T) {
	imp := mustRead(t, "recentservers.xml", `<FileZilla3><RecentServers><Server><Host>a.example</Host><Port>21</Port><Protocol>0</Protocol>`+
		`<Logontype>0</Logontype></Server></RecentServers></FileZilla3>`)
	if len(imp.Rows) != 1 || imp.Rows[0].Site.Name != "a.example" || imp.Format.ID != "filezilla" {
		t.Errorf("%v: %v", imp, imp.Rows)
	}
}

func TestDuplicates(t *testing.T) {
	list := "ftp://anna@A.example/x\nftp://anna@a.example:21/\nftp://bert@a.example\nftps://anna@a.example\nftp://b.example\nftp://anonymous@b.example\n"
	imp, err := readText(t, "list.txt", list, ReadOptions{Existing: []sites.Site{{Name: "Mine", Folder: []string{"F"}, Host: "a.example", User: "bert", Logon: sites.LogonAsk}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Outcome{Imported, Duplicate, Duplicate, Imported, Imported, Duplicate}
	for i, r := range imp.Rows {
		if r.Outcome != want[i] || r.Chosen != (want[i] == Imported) {
			t.Errorf("row %d: %v, chosen %v; want %v", i, r, r.Chosen, want[i])
		}
	}
	if why := imp.Rows[2].Why; !strings.Contains(why, `your site "F/Mine"`) {
		t.Errorf("why = %q", why)
	}
}
