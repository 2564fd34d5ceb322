package secrets

import (
	"fmt"
	"strings"

	"portside/client"
)

// A Kind is what a secret is for.
type Kind uint8

// The kinds of secrets that a site may have.
const (
	Password       Kind = iota // of the user on the server
	ProxyPassword              // of the user on the proxy
	CertPassphrase             // of the file with the client certificate's key
)

var (
	kindNames = []string{"password", "proxy-password", "certificate-passphrase"}
	kindWords = []string{"password", "password of the proxy", "passphrase of the certificate"}
)

// ForAll stands in a Key for no site but all of them: the proxy that the settings
// name has its password there. It is never a leftover.
const ForAll = "proxy-for-all"

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{Password, ProxyPassword, CertPassphrase} }

// String returns "password", "proxy-password" or "certificate-passphrase".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind-%d", uint8(k))
}

// Words names the kind in a sentence: "password of the proxy".
func (k Kind) Words() string {
	if int(k) < len(kindWords) {
		return kindWords[k]
	}
	return "secret"
}

// ParseKind is the inverse of String.
func ParseKind(s string) (Kind, error) {
	for i, name := range kindNames {
		if s == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("%q is no kind of secret", s)
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// A Key names a secret: the ID of its site, and what it is for.
type Key struct {
	Site string `json:"site"`
	Kind Kind   `json:"kind"`
}

// service is the name under which everything of this program is in a keyring.
const service = "portside"

// item is the key's name within the service: "0123456789abcdef/password".
func (k Key) item() string { return k.Site + "/" + k.Kind.String() }

// check refuses what is no key: a site's ID is short, and plain letters and digits.
func (k Key) check() error {
	const most = 64
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_'
	}
	if k.Site == "" || len(k.Site) > most || strings.ContainsFunc(k.Site, func(r rune) bool { return !plain(r) }) {
		return fmt.Errorf("%q is no ID of a site", k.Site)
	}
	if int(k.Kind) >= len(kindNames) {
		return fmt.Errorf("%s is no kind of secret", k.Kind)
	}
	return nil
}

// parseItem is the inverse of item.
func parseItem(item string) (Key, bool) {
	site, kind, ok := strings.Cut(item, "/")
	if !ok {
		return Key{}, false
	}
	k, err := ParseKind(kind)
	key := Key{Site: site, Kind: k}
	return key, err == nil && key.check() == nil
}

const labelStart = "Portside: "

// labelOf is what programs that show the keyring call the item: "Portside: Work/Backup
// (password)".
func labelOf(name string, kind Kind) string {
	return labelStart + plainName(name) + " (" + kind.Words() + ")"
}

// nameIn is the inverse of labelOf, "" where the label is somebody else's.
func nameIn(label string, kind Kind) string {
	name, ok := strings.CutPrefix(label, labelStart)
	if !ok {
		return ""
	}
	if name, ok = strings.CutSuffix(name, " ("+kind.Words()+")"); !ok {
		return ""
	}
	return plainName(name)
}

// plainName is a site's name fit for a label: printable and bounded.
func plainName(name string) string {
	const most = 200
	text := []rune(client.Printable(strings.ToValidUTF8(name, "\uFFFD")))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return string(text)
}
