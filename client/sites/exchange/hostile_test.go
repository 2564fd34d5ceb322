package exchange

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// hostile is a broken or malicious file. Either reading it fails with err, or it
// gives rows, which then are skipped (or have lost what is bad) with the words in row.
type hostile struct {
	name    string // of the case
	file    string // name of the file
	content func() string
	make    func(path string) error // makes what is no ordinary file; content is nil then
	err     string                  // words of the error
	row     string                  // words of the only row's Why or Lost
	skipped bool                    // the row is skipped; else it is imported without what is lost
}

func fixed(s string) func() string { return func() string { return s } }

func zillaEntry(fields string) func() string {
	return fixed(zillaFile("<Server><Host>h.example</Host><Port>21</Port><Protocol>0</Protocol><User>u</User>" +
		"<Logontype>1</Logontype><Name>n</Name>" + fields + "</Server>"))
}

func deepXML(element string, n int) func() string {
	return func() string {
		return `<FileZilla3><Servers>` + strings.Repeat("<"+element+">", n) + strings.Repeat("</"+element+">", n) + `</Servers></FileZilla3>`
	}
}

func utf16Text(s string) string {
	var b bytes.Buffer
	b.WriteString("\xff\xfe")
	_ = binary.Write(&b, binary.LittleEndian, utf16.Encode([]rune(s)))
	return b.String()
}

// binaryList is a binary property list of the objects; the first is the outermost.
func binaryList(refSize byte, objects ...string) string {
	var b bytes.Buffer
	b.WriteString("bplist00")
	offsets := make([]uint32, 0, len(objects))
	for _, o := range objects {
		offsets = append(offsets, uint32(b.Len()))
		b.WriteString(o)
	}
	table := uint64(b.Len())
	_ = binary.Write(&b, binary.BigEndian, offsets)
	b.Write([]byte{0, 0, 0, 0, 0, 0, 4, refSize})
	_ = binary.Write(&b, binary.BigEndian, []uint64{uint64(len(objects)), 0, table})
	return b.String()
}

func hostiles() []hostile {
	const mib = 1 << 20
	bomb := `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	return append([]hostile{
		// XML
		{name: "entity bomb", file: "sitemanager.xml", content: fixed(`<?xml version="1.0"?>` + bomb + `<FileZilla3><Servers><Server><Host>&c;</Host></Server></Servers></FileZilla3>`), err: "DOCTYPE"},
		{name: "external entity", file: "sitemanager.xml", content: fixed(`<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><FileZilla3><Servers><Server><Host>&x;</Host></Server></Servers></FileZilla3>`), err: "DOCTYPE"},
		{name: "undeclared entity", file: "sitemanager.xml", content: fixed(zillaFile("<Server><Host>&host;</Host></Server>")), err: "entity"},
		{name: "folders 10,000 deep", file: "sitemanager.xml", content: deepXML("Folder", 10_000), err: "64 deep"},
		{name: "elements 10,000 deep", file: "sitemanager.xml", content: deepXML("x", 10_000), err: "64 deep"},
		{name: "elements 1,000,000 deep", file: "sitemanager.xml", content: func() string { return "<FileZilla3><Servers>" + strings.Repeat("<x>", 3_000_000) }, err: "64 deep"},
		{name: "truncated XML", file: "sitemanager.xml", content: fixed(strings.TrimSuffix(zillaEntry("")(), "er></Servers></FileZilla3>")), err: "cut off"},
		{name: "truncated behind a site", file: "sitemanager.xml", content: fixed(strings.TrimSuffix(zillaEntry("")(), "</Servers></FileZilla3>")), err: "cut off"},
		{name: "mismatched tags", file: "sitemanager.xml", content: fixed(zillaFile("<Server><Host>h</Server></Host>")), err: "well-formed"},
		{name: "another XML", file: "sitemanager.xml", content: fixed("<html><body>not found</body></html>"), err: `outermost element is "html"`},
		{name: "FileZilla 2", file: "FileZilla.xml", content: fixed(`<FileZilla><Sites><Site Name="x" Host="h"/></Sites></FileZilla>`), err: "FileZilla 2"},
		{name: "a million attributes", file: "sitemanager.xml", content: func() string { return "<FileZilla3><Servers " + strings.Repeat(`a="" `, 2_000_000) + "/></FileZilla3>" }, err: "longer than 64 KiB"},
		{name: "millions of elements", file: "sitemanager.xml", content: func() string {
			return "<FileZilla3><Servers>" + strings.Repeat("<x/>", 2_200_000) + "</Servers></FileZilla3>"
		}, err: "more than 2000000 elements"},
		{name: "50,001 sites", file: "sitemanager.xml", content: func() string { return zillaFile(strings.Repeat("<Server></Server>", MaxEntries+1)) }, err: "more than 50000 entries"},
		{name: "a site with 100,000 bookmarks", file: "sitemanager.xml", content: func() string {
			return zillaFile("<Server>" + strings.Repeat("<Bookmark><Name>n</Name></Bookmark>", 100_000) + "</Server>")
		}, err: "more than 2000 settings"},
		{name: "declared Latin-1", file: "sitemanager.xml", content: fixed(`<?xml version="1.0" encoding="ISO-8859-1"?><FileZilla3><Servers/></FileZilla3>`), err: `"ISO-8859-1"`},
		{name: "Latin-1 bytes", file: "sitemanager.xml", content: fixed(zillaFile("\n<Server><Host>caf\xe9</Host></Server>")), err: "line 2: is not written in UTF-8"},
		{name: "UTF-32", file: "sitemanager.xml", content: fixed("\xff\xfe\x00\x00<\x00\x00\x00"), err: "UTF-32"},
		{name: "UTF-16 cut off", file: "sitemanager.xml", content: fixed(utf16Text("<FileZilla3/>") + "x"), err: "even number of bytes"},
		{name: "UTF-16 with half a character", file: "sitemanager.xml", content: fixed(utf16Text("<FileZilla3>") + "\x00\xd8<\x00"), err: "half a character"},
		{name: "NUL in XML", file: "sitemanager.xml", content: fixed(zillaFile("<Server><Host>h\x00.example</Host></Server>")), err: "NUL"},
		// values of a site
		{name: "line break in a host", file: "sitemanager.xml", content: fixed(zillaFile("<Server><Host>h.example&#13;&#10;DELE x</Host><Port>21</Port></Server>")), row: "host name holds a line break", skipped: true},
		{name: "line break in a user", file: "sitemanager.xml", content: fixed(zillaFile("<Server><Host>h</Host><Port>21</Port><User>u&#10;PASS x</User><Logontype>1</Logontype></Server>")), row: "user name holds a line break", skipped: true},
		{name: "line break in a command", file: "sitemanager.xml", content: zillaEntry("<PostLoginCommands><Command>SITE X&#13;&#10;DELE y</Command></PostLoginCommands>"), row: "command after login, which holds a line break"},
		{name: "line break in a password", file: "sitemanager.xml", content: zillaEntry(`<Pass encoding="base64">eA0KREVMRSB5</Pass>`), row: "holds a line break; it will be asked for"},
		{name: "NUL in a password", file: "sitemanager.xml", content: zillaEntry(`<Pass encoding="base64">eAB5</Pass>`), row: "holds a NUL; it will be asked for"},
		{name: "bad base64", file: "sitemanager.xml", content: zillaEntry(`<Pass encoding="base64">*</Pass>`), row: "base64"},
		{name: "negative port", file: "sitemanager.xml", content: zillaEntry("<Port>-1</Port>"), row: `port "-1"`, skipped: true},
		{name: "huge port", file: "sitemanager.xml", content: zillaEntry("<Port>99999999999999999999</Port>"), row: "not a number from 1 to 65535", skipped: true},
		{name: "huge host", file: "sitemanager.xml", content: func() string {
			return zillaFile("<Server><Host>" + strings.Repeat("h", 9*mib) + "</Host></Server>")
		}, row: "longer than 253 bytes", skipped: true},
		{name: "folder that leads upwards", file: "sitemanager.xml", content: zillaEntry("<LocalDir>/home/../etc</LocalDir>"), row: "leads upwards"},
		{name: "folder on another computer", file: "sitemanager.xml", content: zillaEntry(`<LocalDir>\\evil.example\share</LocalDir>`), row: "on another computer"},
		{name: "safe path that leads upwards", file: "sitemanager.xml", content: zillaEntry("<RemoteDir>1 0 4 home 2 ..</RemoteDir>"), row: "leads elsewhere"},
		{name: "safe path with a huge length", file: "sitemanager.xml", content: zillaEntry("<RemoteDir>1 0 999999999 home</RemoteDir>"), row: "not written well"},
		{name: "escape sequence in a name", file: "sitemanager.xml", content: zillaEntry("<Name>a&#x9b;31mb</Name>"), row: "held control characters"},
		// lists of other programs
		{name: "INI without brackets", file: "WinSCP.ini", content: fixed("[Sessions\\a\nHostName=h\n"), err: "closing bracket"},
		{name: "INI bomb of settings", file: "WinSCP.ini", content: func() string {
			var b strings.Builder
			b.WriteString("[Sessions\\a]\n")
			for i := range 800_000 {
				fmt.Fprintf(&b, "k%d=v\n", i)
			}
			return b.String()
		}, err: "more than 2000 settings"},
		{name: "INI bomb of sections", file: "WinSCP.ini", content: func() string { return strings.Repeat("[Sessions\\a]\nFSProtocol=5\n", MaxEntries+1) }, err: "more than 50000 entries"},
		{name: "WinSCP folders 10,000 deep", file: "WinSCP.ini", content: func() string { return "[Sessions\\" + strings.Repeat("a/", 10_000) + "b]\nFSProtocol=5\n" }, err: "64 deep"},
		{name: "WinSCP password without sense", file: "WinSCP.ini", content: fixed("[Sessions\\a]\nHostName=h.example\nPortNumber=21\nFSProtocol=5\nUserName=u\nPassword=zz\n"), row: "not written as WinSCP does it"},
		{name: "line break in a WinSCP host", file: "WinSCP.ini", content: fixed("[Sessions\\a]\nHostName=h%0D%0ADELE\nPortNumber=21\nFSProtocol=5\n"), row: "line break", skipped: true},
		{name: "a line of 10 MB", file: "bookmarks", content: func() string { return "x ftp://h/" + strings.Repeat("a", 9*mib) }, err: "line 1: is longer than 64 KiB"},
		{name: "a million bookmarks", file: "bookmarks", content: func() string { return strings.Repeat("x ftp://h\n", mib) }, err: "more than 50000 entries"},
		{name: "line break in an address", file: "list.txt", content: fixed("ftp://h%0d%0aDELE/\n"), row: "no server's name has", skipped: true},
		{name: "line break in the user of an address", file: "list.txt", content: fixed("ftp://u%0d%0aDELE@h/\n"), row: "line break", skipped: true},
		{name: "address with port 0", file: "list.txt", content: fixed("ftp://h:0/\n"), row: "1 to 65535", skipped: true},
		{name: "quotes without end", file: ".netrc", content: fixed("machine h login u password \"abc\n"), err: "quoted string"},
		{name: "cut-off .netrc", file: ".netrc", content: fixed("machine h login"), err: "cut off behind the word login"},
		{name: ".netrc without sense", file: ".netrc", content: fixed("machine h login u pasword x\n"), err: "does not know"},
		{name: "line break in a .netrc password", file: ".netrc", content: fixed(`machine h.example login u password "a\nb"`), row: "holds a line break"},
		{name: "encrypted rclone.conf", file: "rclone.conf", content: fixed("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc="), err: "encrypted by rclone"},
		{name: "rclone password without sense", file: "rclone.conf", content: fixed("[a]\ntype = ftp\nhost = h.example\nuser = u\npass = !!!\n"), row: "not written well (base64)"},
		{name: "setting before a section", file: "rclone.conf", content: fixed("type = ftp\n[a]\n"), err: "before the first section"},
	}, append(hostilePlists(), hostileRest()...)...)
}

// hostilePlists are bad bookmarks of Cyberduck.
func hostilePlists() []hostile {
	const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`
	text := func(s string) string { return string(rune(0x50|len(s))) + s }
	return []hostile{
		{name: "billion laughs plist", file: "a.duck", content: fixed(`<!DOCTYPE plist [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><plist><dict><key>Hostname</key><string>&b;</string></dict></plist>`), err: "DOCTYPE"},
		{name: "billion laughs in Apple's words", file: "a.duck", content: fixed(`<!DOCTYPE plist PUBLIC "a" "b" [<!ENTITY a "ha">]><plist><dict><key>Hostname</key><string>&a;</string></dict></plist>`), err: "DOCTYPE"},
		{name: "plist of arrays 10,000 deep", file: "a.duck", content: func() string { return head + "<plist><dict><key>x</key>" + strings.Repeat("<array>", 10_000) }, err: "64 deep"},
		{name: "plist without a dictionary", file: "a.duck", content: fixed(head + "<plist><array/></plist>"), err: `holds "array"`},
		{name: "cut-off plist", file: "a.duck", content: fixed(head + "<plist><dict><key>Hostname</key><string>h"), err: "cut off"},
		{name: "binary plist in itself", file: "a.duck", content: fixed(binaryList(1, "\xd1\x01\x00", text("Hostname"))), err: "names no protocol and no host"},
		{name: "binary plist with a UID for a host", file: "a.duck", content: fixed(binaryList(1, "\xd2\x01\x03\x02\x04", text("Hostname"), "\x80\x01", text("Protocol"), text("ftp"))), row: "names no host", skipped: true},
		{name: "binary plist with a huge count", file: "a.duck", content: fixed(binaryList(1, "\xdf\x13\x40\x00\x00\x00\x00\x00\x00\x00")), err: "longer than the file"},
		{name: "binary plist with references of no size", file: "a.duck", content: fixed(binaryList(0, "\xdf\x12\x7f\xff\xff\xff")), err: "table of contents is wrong"},
		{name: "binary plist that refers to nothing", file: "a.duck", content: fixed(binaryList(1, "\xd1\x50\x51", text("x"))), err: "leads nowhere"},
		{name: "cut-off binary plist", file: "a.duck", content: fixed("bplist00\xd1"), err: "cut off"},
		{name: "large plist", file: "a.duck", content: func() string { return head + strings.Repeat(" ", 2<<20) + "<plist><dict/></plist>" }, err: "larger than 1024 KiB"},
	}
}

// hostileRest are bad files of ours, and what is no file of sites, or no file at all.
func hostileRest() []hostile {
	ours := func(sites string) string { return `{"format":"portside-sites","version":1,"sites":[` + sites + `]}` }
	return []hostile{
		{name: "our own, 10,000 deep", file: "a.portside", content: func() string {
			return ours(`{"name":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}")
		}, err: "64 deep"},
		{name: "our own, cut off", file: "a.portside", content: fixed(strings.TrimSuffix(ours(`{"name":"a","host":"h"}`), "]}")), err: "cut off"},
		{name: "our own, newer", file: "a.portside", content: fixed(`{"format":"portside-sites","version":7,"sites":[]}`), err: "newer version"},
		{name: "our own, another JSON", file: "a.portside", content: fixed(`{"sites":[]}`), err: "no export of Portside"},
		{name: "our own, three million sites", file: "a.portside", content: func() string { return ours(strings.Repeat("{},", 3_000_000) + "{}") }, err: "more than 50000 entries"},
		{name: "our own, a site of a million bookmarks", file: "a.portside", content: func() string {
			return ours(`{"host":"h","bookmarks":[` + strings.Repeat("{},", 1_000_000) + `{}]}`)
		}, row: "larger than 256 KiB", skipped: true},
		{name: "our own, wrong kind of value", file: "a.portside", content: fixed(ours(`{"name":"a","host":"h","port":-5}`)), row: `field "port"`, skipped: true},
		{name: "our own, line break in the proxy", file: "a.portside", content: fixed(ours(`{"name":"a","host":"h","proxy":{"kind":"http","address":"p:1","user":"a\r\nb"}}`)), row: "proxy", skipped: true},
		{name: "empty", file: "sitemanager.xml", content: fixed(""), err: "is empty"},
		{name: "a picture", file: "a.png", content: fixed("\x89PNG\r\n\x1a\n\x00\x00"), err: "no format that is known"},
		{name: "100 MB", file: "sitemanager.xml", make: func(path string) error {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			return errors.Join(f.Truncate(100<<20), f.Close())
		}, err: "larger than 10 MiB"},
		{name: "a folder", file: "folder", make: func(path string) error { return os.Mkdir(path, 0o700) }, err: "is a folder"},
		{name: "a link to itself", file: "loop.xml", make: func(path string) error { return os.Symlink(path, path) }, err: "link that leads to itself"},
		{name: "not there", file: "gone.xml", make: func(string) error { return nil }, err: "is not there"},
	}
}

// place makes the case's file in dir.
func (h hostile) place(dir string) (string, error) {
	path := filepath.Join(dir, h.file)
	if h.make != nil {
		return path, h.make(path)
	}
	return path, os.WriteFile(path, []byte(h.content()), 0o600)
}

// verdict says how the outcome of reading the case's file differs from what is
// expected, "" where it does not.
func (h hostile) verdict(imp *Import, err error) string {
	if h.err != "" {
		switch _, ok := errors.AsType[*Error](err); {
		case imp != nil:
			return fmt.Sprintf("was read, with %d rows", len(imp.Rows))
		case !ok || !strings.Contains(err.Error(), h.err):
			return fmt.Sprintf("error %v, want one with %q", err, h.err)
		}
		return ""
	}
	if err != nil || len(imp.Rows) != 1 {
		return fmt.Sprintf("error %v, import %v; want one row", err, imp)
	}
	r := imp.Rows[0]
	if said := r.Why + strings.Join(r.Lost, "; "); !strings.Contains(said, h.row) {
		return fmt.Sprintf("the row says %q, want %q", said, h.row)
	}
	if h.skipped != (r.Outcome == Skipped) || h.skipped == r.Chosen {
		return fmt.Sprintf("outcome %v, chosen %v", r.Outcome, r.Chosen)
	}
	return ""
}

// unclean says which value of a site could do harm where it is sent or shown.
func unclean(r Row) string {
	s := r.Site
	values := append([]string{s.Name, s.Host, s.User, s.Account, s.LocalDir, s.RemoteDir, s.Charset, s.Proxy.Addr, s.Proxy.User, r.Where, r.Why}, s.Folder...)
	values = append(append(values, s.AfterLogin...), r.Lost...)
	for _, b := range s.Bookmarks {
		values = append(values, b.Name, b.LocalDir, b.RemoteDir)
	}
	for _, v := range values {
		if strings.ContainsFunc(v, control) {
			return fmt.Sprintf("%q", v)
		}
	}
	if strings.ContainsAny(s.Notes, "\r\x00\x1b") {
		return fmt.Sprintf("notes %q", s.Notes)
	}
	for k, v := range r.Secrets {
		if strings.ContainsAny(v, "\r\n\x00") {
			return k.Words()
		}
	}
	return ""
}

func TestHostileFiles(t *testing.T) {
	if n := len(hostiles()); n < 40 {
		t.Fatalf("%d cases", n)
	}
	seen := map[string]bool{}
	for _, h := range hostiles() {
		if seen[h.name] {
			t.Errorf("two cases are named %q", h.name)
		}
		seen[h.name] = true
		t.Run(h.name, func(t *testing.T) {
			path, err := h.place(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if info, statErr := os.Stat(path); raceDetector && statErr == nil && info.Size() > 1<<20 {
				t.Skip("large files are read once, by the child of TestHostileFilesAreCheap")
			}
			imp, err := Read(t.Context(), path, ReadOptions{})
			if v := h.verdict(imp, err); v != "" {
				t.Error(v)
			}
			if imp == nil {
				return
			}
			for _, r := range imp.Rows {
				if v := unclean(r); v != "" {
					t.Errorf("row %v holds %s", r, v)
				}
			}
		})
	}
	t.Log(len(seen), "files")
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every file")
	}
	path := filepath.Join(t.TempDir(), "sitemanager.xml")
	if err := os.WriteFile(path, []byte("<FileZilla3/>"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), path, ReadOptions{}); err == nil || !strings.Contains(err.Error(), "may not be read by you") {
		t.Errorf("error = %v", err)
	}
}
