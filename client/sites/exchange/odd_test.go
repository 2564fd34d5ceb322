package exchange

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"portside/client/secrets"
)

// People also paste whole addresses where a name or a host belongs: what may be a password
// in them shows nowhere.
func TestMisplacedPasswordsAreNotPrinted(t *testing.T) {
	const secret = "hunter2hunter2"
	address := "ftp://anna:" + secret + "@a.example"
	for file, text := range map[string]string{
		"bookmarks":       "work ftp://b.example\n" + address + "\n",
		"sitemanager.xml": "<FileZilla3><Servers><Server><Host>" + address + "</Host><Port>21</Port><Protocol>0</Protocol><User>x</User><Logontype>1</Logontype><Name>n</Name></Server></Servers></FileZilla3>",
		"winscp.ini": "[Sessions\\a]\nHostName=anna:" + secret + "@a.example\nPortNumber=21\nFSProtocol=5\nUserName=x\n" +
			"[Sessions\\b]\nHostName=b.example\nPortNumber=21\nFSProtocol=5\nUserName=x\nProxyMethod=1\nProxyHost=anna:" + secret + "@p\n",
		"rclone.conf": "[a]\ntype = ftp\nhost = anna:" + secret + "@a.example\nuser = x\n",
		".netrc":      "machine anna:" + secret + "@a.example login x password y\n",
		"a.duck":      `<plist><dict><key>Protocol</key><string>ftp</string><key>Hostname</key><string>` + address + `</string><key>Username</key><string>x</string></dict></plist>`,
	} {
		imp := mustRead(t, file, text)
		data, err := json.Marshal(imp)
		if err != nil || len(imp.Rows) == 0 {
			t.Fatalf("%s: %v, %d rows", file, err, len(imp.Rows))
		}
		if out := string(data) + fmt.Sprint(imp.Rows); strings.Contains(out, secret) {
			t.Errorf("%s: a secret shows: %s", file, out)
		}
	}
}

// What begins with # is a comment, but not where a value is expected: a password may.
func TestNetrcHash(t *testing.T) {
	imp := mustRead(t, ".netrc", "machine a.example login #anna password #1st # a comment\n# another\nmachine b.example login bert password\n\tsecret\n")
	if len(imp.Rows) != 2 {
		t.Fatalf("%v", imp.Rows)
	}
	if a, b := imp.Rows[0], imp.Rows[1]; a.Site.User != "#anna" || a.Secrets[secrets.Password] != "#1st" || b.Secrets[secrets.Password] != "secret" {
		t.Errorf("users %q and %q, or their passwords, are others", a.Site.User, b.Site.User)
	}
}

// FileZilla counts the lengths in a path in the units that its system has for text.

// FileZilla counts the lengths in a path in the units that its system has for text.
func TestSafePathUnits(t *testing.T) {
	for goos, want := range map[string]string{"linux": "1 0 1 𝄞", "darwin": "1 0 1 𝄞", "windows": "1 0 2 𝄞"} {
		if out, ok := safePathFor("/𝄞", goos); !ok || out != want {
			t.Errorf("%s: %q, want %q", goos, out, want)
		}
	}
}
