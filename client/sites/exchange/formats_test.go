package exchange

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
)

const winscpFile = "\ufeff" + `[Configuration\Interface]
Theme=0
[Sessions\Default%20Settings]
HostName=no
[Sessions\Work/%EF%BB%BF%C3%84rchive/Every%20thing]
HostName=ftp.example.org
PortNumber=2121
UserName=anna
Password=A35C41595B545556573D32323D3A282C7239243D312C303972332E3B3B39343935317CBEC0CF4D7E
FSProtocol=5
Ftps=3
FtpPasvMode=0
FtpForcePasvIp2=1
FtpAccount=billing
LocalDirectory=%2Fsrv%2Fdata
RemoteDirectory=/home/a%20b
SynchronizeBrowsing=1
Color=4227327
Note=one%0D%0Atwo
PostLoginCommands=SITE%20UMASK%20022%0D%0ASITE%20IDLE%20600
Utf=1
Timeout=60
ProxyMethod=2
ProxyHost=proxy.example.org
ProxyPort=1081
ProxyUsername=prox
ProxyPasswordEnc=A35C475C2C2E33242C2E3324257239243D312C303972332E3B2829323239304D7E
[Sessions\implicit]
HostName=ftps.example.org
PortNumber=990
UserName=bert
PasswordPlain=a%25b
FSProtocol=5
Ftps=1
[Sessions\master]
HostName=m.example.org
PortNumber=21
UserName=carl
Password=A35D7E4B
FSProtocol=5
FtpProxyLogonType=8
ProxyHost=ftpproxy.example.org
ProxyUsername=fw
[Sessions\shell]
HostName=ssh.example.org
UserName=dora
[Sessions\mirror]
HostName=mirror.example.net
PortNumber=21
UserName=anonymous
Password=A35C
FSProtocol=5
[Sessions\workspace/0]
IsWorkspace=1
HostName=w
`

func TestWinSCP(t *testing.T) {
	imp := mustRead(t, "WinSCP.ini", winscpFile)
	checkRows(t, imp, []expected{
		{site: sites.Site{
			Name: "Every thing", Folder: []string{"Work", "Ärchive"}, Host: "ftp.example.org", Port: 2121, Security: client.SecurityRequire,
			User: "anna", Logon: sites.LogonAccount, Account: "billing", Mode: client.Active, TrustPASVAddress: true, Charset: "utf-8",
			LocalDir: localOnly("/srv/data"), RemoteDir: "/home/a b", SyncDirs: true, Colour: "orange", Notes: "one\ntwo",
			AfterLogin: []string{"SITE UMASK 022", "SITE IDLE 600"},
			Proxy:      sites.Proxy{Kind: client.ProxySOCKS5, Addr: "proxy.example.org:1081", User: "prox"},
		}, secret: "geheim ✓"},
		{site: sites.Site{Name: "implicit", Host: "ftps.example.org", Security: client.SecurityImplicit, User: "bert", Logon: sites.LogonKeyring}, secret: "a%b"},
		{site: sites.Site{
			Name: "master", Host: "m.example.org", Security: client.SecurityOff, User: "carl", Logon: sites.LogonKeyring,
			Proxy: sites.Proxy{Kind: client.ProxyFTP, Addr: "ftpproxy.example.org:21", User: "fw", Form: client.ProxyUserAtProxy},
		}},
		{site: sites.Site{Name: "shell"}, outcome: Skipped},
		{site: sites.Site{Name: "mirror", Host: "mirror.example.net", Security: client.SecurityOff, Logon: sites.LogonAnonymous}},
	})
	if got := imp.Rows[0].Secrets[secrets.ProxyPassword]; got != "tunnel" {
		t.Error("the proxy's password was not read")
	}
	if lost := strings.Join(imp.Rows[2].Lost, "; "); !strings.Contains(lost, "master password") {
		t.Errorf("lost = %q", lost)
	}
	if lost := strings.Join(imp.Rows[0].Lost, "; "); !strings.Contains(lost, "time that is waited") {
		t.Errorf("lost = %q", lost)
	}
}

func TestWinSCPPasswords(t *testing.T) {
	for _, c := range []struct{ name, hidden, key, want string }{
		{"two bytes of length", "A35E5D705F5B54553E392E283A282C2F7239243D312C303972332E3B" + strings.Repeat("3033323B", 70) + "4D7E", "bertftps.example.org", strings.Repeat("long", 70)},
		{"old form", "5F5E55553D3028", "", "alt"},
	} {
		if got, err := winscpReveal(c.hidden, c.key); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	for _, bad := range []string{"", "A3", "A35C", "A35CFF", "zz", "A359", "A35C41595B545556573D3232"} {
		if got, err := winscpReveal(bad, "annaftp.example.org"); err == nil {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestNetrc(t *testing.T) {
	imp := mustRead(t, ".netrc", `# a comment
machine a.example login anna password "ge\"h \\ x" account acct
macdef init
  cd /pub
  machine not.example login x

machine b.example
	login bert
	password p#q
machine c.example login anonymous password me@example.org
machine d.example password x
default login anonymous password x
`)
	checkRows(t, imp, []expected{
		{site: sites.Site{Name: "a.example", Host: "a.example", User: "anna", Logon: sites.LogonAccount, Account: "acct"}, secret: `ge"h \ x`},
		{site: sites.Site{Name: "b.example", Host: "b.example", User: "bert", Logon: sites.LogonKeyring}, secret: "p#q"},
		{site: sites.Site{Name: "c.example", Host: "c.example", Logon: sites.LogonAnonymous}},
		{site: sites.Site{Name: "d.example", Host: "d.example"}, outcome: Skipped},
		{site: sites.Site{Name: "default"}, outcome: Skipped},
	})
	if imp.Rows[0].Where != "line 2" || !slices.Contains(imp.Rows[0].Lost, "the macros (macdef)") {
		t.Errorf("where %q, lost %q", imp.Rows[0].Where, imp.Rows[0].Lost)
	}
}

func TestReadableByOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".netrc")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o644: true, 0o640: true} {
		if err := os.WriteFile(path, []byte("machine h.example login u password p\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Skipf("this system does not keep the mode %v", mode)
		}
		imp, err := Read(t.Context(), path, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(imp.Notes, func(n string) bool { return strings.Contains(n, "Other users") })
		if warned != want {
			t.Errorf("mode %v: notes %q", mode, imp.Notes)
		}
	}
}

const duckXML = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Protocol</key><string>ftps</string><key>Provider</key><string>iterate GmbH</string><key>Nickname</key><string>Büro &amp; Co</string>
<key>UUID</key><string>0f4c</string><key>Hostname</key><string>ftp.example.org</string><key>Port</key><string>2121</string>
<key>Username</key><string>anna</string><key>Path</key><string>/home/anna</string><key>Encoding</key><string>ISO-8859-1</string>
<key>FTP Connect Mode</key><string>active</string><key>Comment</key><string>one
two</string><key>Web URL</key><string>http://example.org/</string><key>Custom</key><dict><key>Hostname</key><string>no</string></dict>
<key>Readonly</key><true/></dict></plist>
`

func TestCyberduck(t *testing.T) {
	imp := mustRead(t, "a.duck", duckXML)
	checkRows(t, imp, []expected{{site: sites.Site{
		Name: "Büro & Co", Host: "ftp.example.org", Port: 2121, Security: client.SecurityRequire, User: "anna", Logon: sites.LogonKeyring,
		Mode: client.Active, RemoteDir: "/home/anna", Charset: "iso-8859-1", Notes: "one\ntwo",
	}}})
	if lost := strings.Join(imp.Rows[0].Lost, "; "); !strings.Contains(lost, "web site") || !strings.Contains(lost, "nothing is changed") {
		t.Errorf("lost = %q", lost)
	}
	ascii := func(s string) string { return string([]byte{0x50 | byte(len(s))}) + s }
	imp = mustRead(t, "b.duck", binaryList(1, "\xd4\x01\x02\x03\x04\x05\x06\x07\x08", ascii("Protocol"), ascii("Hostname"), ascii("Nickname"), ascii("Port"),
		ascii("ftps"), ascii("h.example"), "\x62\x00\xc4\x27\x13", ascii("990")))
	checkRows(t, imp, []expected{{site: sites.Site{Name: "Ä✓", Host: "h.example", Security: client.SecurityImplicit, Logon: sites.LogonAsk}}})
}

func TestCyberduckFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.duck": duckXML, "b.duck": strings.Replace(duckXML, "ftp.example.org", "b.example.org", 1), "c.txt": "no",
		"d.duck": strings.Replace(duckXML, "ftps", "sftp", 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	imp, err := Read(t.Context(), dir, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if imp.Count(Imported) != 2 || imp.Count(Skipped) != 1 {
		t.Errorf("%v: %v", imp, imp.Rows)
	}
	// One that is broken is an error of the whole: nothing is imported by half.
	if err = os.WriteFile(filepath.Join(dir, "b.duck"), []byte("<plist>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if imp, err = Read(t.Context(), dir, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "b.duck") {
		t.Errorf("import %v, error %v", imp, err)
	}
}

func TestURLs(t *testing.T) {
	imp := mustRead(t, "list.txt", "# mine\r\nftp://anna:p%40ss@a.example/pub/;type=a  My server\r\n\r\nftpes://b.example\nftps://[2001:db8::1]:990/%2Fsrv/\n"+
		"c.example:2121\nhello world\nsftp://d.example\nftp://h.example/a/../b\n")
	checkRows(t, imp, []expected{
		{site: sites.Site{Name: "My server", Host: "a.example", User: "anna", Logon: sites.LogonKeyring, RemoteDir: "pub"}, secret: "p@ss"},
		{site: sites.Site{Name: "b.example", Host: "b.example", Security: client.SecurityRequire, Logon: sites.LogonAnonymous}},
		{site: sites.Site{Name: "2001:db8::1", Host: "2001:db8::1", Security: client.SecurityImplicit, Logon: sites.LogonAnonymous, RemoteDir: "/srv"}},
		{site: sites.Site{Name: "c.example", Host: "c.example", Port: 2121, Logon: sites.LogonAnonymous}},
		{site: sites.Site{Name: "world"}, outcome: Skipped},
		{site: sites.Site{}, outcome: Skipped},
		{site: sites.Site{Name: "h.example", Host: "h.example", Logon: sites.LogonAnonymous}},
	})
}

func TestUTF16(t *testing.T) {
	text := zillaFile("<Server><Host>h.example</Host><Port>21</Port><Protocol>0</Protocol><Logontype>0</Logontype><Name>Ä 𝄞</Name></Server>")
	for name, content := range map[string]string{
		"little endian": utf16Text(strings.Replace(text, "UTF-8", "UTF-16", 1)), "without a mark": utf16Text(text)[2:], "UTF-8 with a mark": bomUTF8 + text,
	} {
		imp := mustRead(t, "sitemanager.xml", content)
		if len(imp.Rows) != 1 || imp.Rows[0].Site.Name != "Ä 𝄞" {
			t.Errorf("%s: %v", name, imp.Rows)
		}
	}
}

func TestSafePath(t *testing.T) {
	for in, want := range map[string]string{
		"1 0": "/", "1 0 4 home 3 foo": "/home/foo", "1 0 5 a b c 1 d": "/a b c/d", "1 0 2 𝄞": "/𝄞", "1 0 1 𝄞": "/𝄞", "3 0 2 C:": `C:\`,
		"3 0 2 C: 3 foo": `C:\foo`, "10 0 2 C: 3 foo": "C:/foo", "": "", "1": "", "1 0 4 hom": "", "1 0 4 homes": "", "x": "", "1 0 -1 a": "",
		"2 0 3 foo": "", "1 0 3 a/b": "", "1 0 0 ": "", "1 0 1 .": "",
	} {
		e := newEntry("")
		if got := e.safePath("the folder", in); got != want || (want == "" && in != "") != (len(e.row.Lost) == 1) {
			t.Errorf("safePath(%q) = %q, lost %q; want %q", in, got, e.row.Lost, want)
		}
	}
	for _, path := range []string{"/", "/home/foo", "/a b/üx", `C:\`, `C:\foo\bar`} {
		out, ok := safePathOf(path)
		if e := newEntry(""); !ok || e.safePath("", out) != path {
			t.Errorf("%q became %q", path, out)
		}
	}
	for _, path := range []string{"", "a/b", "/a/../b", `C:\..\x`} {
		if out, ok := safePathOf(path); ok {
			t.Errorf("%q became %q", path, out)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"sitemanager.xml", zillaFile(""), "filezilla"},
		{"export.xml", zillaFile(""), "filezilla"},
		{"FileZilla.xml", utf16Text(zillaFile("")), "filezilla"},
		{"sitemanager.xml", "", "filezilla"},
		{"WinSCP.ini", winscpFile, "winscp"},
		{"backup.ini", winscpFile, "winscp"},
		{"bookmarks", "a ftp://h\n", "lftp"},
		{"saved", "a\tftp://h\n", "lftp"},
		{".netrc", "machine h login u password p", "netrc"},
		{"_netrc", "", "netrc"},
		{"mine", "# x\nmachine h\nlogin u", "netrc"},
		{"a.duck", duckXML, "cyberduck"},
		{"a", "bplist00xx", "cyberduck"},
		{"rclone.conf", "[a]\ntype = ftp\n", "rclone"},
		{"old.conf", "[a]\ntype = ftp\n", "rclone"},
		{"bookmarks", "NcFTP bookmark-file version: 8\n", "ncftp"},
		{"list.txt", "ftp://h\n", "urls"},
		{"links", "# x\n\nFTPS://h\n", "urls"},
		{"server.url", "[InternetShortcut]\r\nURL=ftp://h/\r\n", "urls"},
		{"a.portside", `{"format": "portside-sites"`, "portside"},
		{"a.json", "{\n  \"format\": \"portside-sites\"", "portside"},
		{"a.doc", "Dear Sir or Madam", ""},
		{"a.json", "{}", ""},
	} {
		f, ok := Detect("/some/folder/"+c.name, []byte(c.head))
		if f.ID != c.want || ok != (c.want != "") {
			t.Errorf("Detect(%q, %.20q) = %q, want %q", c.name, c.head, f.ID, c.want)
		}
	}
}

func TestFormatChosen(t *testing.T) {
	imp, err := readText(t, "a.dat", "ftp://h.example\n", ReadOptions{Format: "urls"})
	if err != nil || len(imp.Rows) != 1 {
		t.Errorf("%v, %v", imp, err)
	}
	if _, err = readText(t, "a.dat", "ftp://h.example\n", ReadOptions{Format: "x"}); err == nil || !strings.Contains(err.Error(), "filezilla") {
		t.Errorf("error = %v, want one that names the formats", err)
	}
}
