package client

import "strings"

// A ProxyKind says what stands between this computer and the server by choice.
type ProxyKind uint8

// The kinds of proxies.
const (
	ProxyNone   ProxyKind = iota // straight to the server
	ProxySystem                  // what the desktop or the environment has set (ALL_PROXY, HTTPS_PROXY, NO_PROXY)
	ProxySOCKS5                  // RFC 1928, with the login of RFC 1929
	ProxyHTTP                    // HTTP CONNECT (RFC 9110, 9.3.6)
	ProxyFTP                     // an FTP proxy, which is logged in to by one of the forms
)

var proxyNames = []string{"none", "system", "socks5", "http", "ftp"}

// String returns "none", "system", "socks5", "http" or "ftp".
func (k ProxyKind) String() string { return nameOf(proxyNames, int(k)) }

// ParseProxyKind is the inverse of String.
func ParseProxyKind(s string) (ProxyKind, error) {
	i, err := indexOf(proxyNames, s, "kind of proxy")
	return ProxyKind(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (k ProxyKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *ProxyKind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseProxyKind(string(text))
	return err
}

// A ProxyForm is the way in which an FTP proxy is told where to go.
type ProxyForm uint8

// The forms. {host} is the server with its port where that is not 21.
const (
	ProxyUserAtHost  ProxyForm = iota // USER {user}@{host}, PASS {password}; after USER and PASS of the proxy where it has a user
	ProxySite                         // USER and PASS of the proxy, SITE {host}, USER {user}, PASS {password}
	ProxyOpen                         // USER and PASS of the proxy, OPEN {host}, USER {user}, PASS {password}
	ProxyUserAtProxy                  // USER {user}@{proxy user}@{host}, PASS {password}@{proxy password}
	ProxyUserBlank                    // USER {user}@{host} {proxy user}, PASS {password}, ACCT {proxy password}
)

var proxyForms = []string{"user@host", "site", "open", "user@proxyuser@host", "user@host proxyuser"}

// String returns the form's name, such as "user@host".
func (f ProxyForm) String() string { return nameOf(proxyForms, int(f)) }

// ParseProxyForm is the inverse of String.
func ParseProxyForm(s string) (ProxyForm, error) {
	i, err := indexOf(proxyForms, strings.TrimSpace(s), "login form of an FTP proxy")
	return ProxyForm(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (f ProxyForm) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *ProxyForm) UnmarshalText(text []byte) (err error) {
	*f, err = ParseProxyForm(string(text))
	return err
}

// A Proxy is where to connect first. The zero value is none.
type Proxy struct {
	Kind     ProxyKind
	Addr     string // host or host:port; the usual ports are 1080, 3128 and 21. Not of ProxyNone and ProxySystem
	User     string
	Password string    `json:"-"` // never shown by String and its like
	Form     ProxyForm // of ProxyFTP
}

// String is the proxy for people: "socks5 user@proxy.example.org". It has no password.
func (p Proxy) String() string {
	switch {
	case p.Addr == "":
		return p.Kind.String()
	case p.User == "":
		return Printable(p.Kind.String() + " " + p.Addr)
	}
	return Printable(p.Kind.String() + " " + p.User + "@" + p.Addr)
}

// GoString is String: the password stays away from %#v too.
func (p Proxy) GoString() string { return p.String() }
