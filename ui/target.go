package ui

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"portside/client"
	"portside/client/clientcert"
	"portside/client/sitekey"
	"portside/client/sites"
	"portside/ui/state"
)

// A target is everything a dial needs. Only its address is ever written to
// disk or shown; the passwords stay in memory.
type target struct {
	URL      client.URL // host, port, user and path; never a password
	Password string
	Security client.Security
	Mode     client.ConnMode
	Pin      string // fingerprint of the certificate of a server of our own
	Passing  bool   // the server is gone when the program is: nothing of it is remembered
	Return   string // raw absolute path to go back to; empty: where URL says

	Site *sites.Site   // the saved site that this is; nil: typed. What it points to is never changed
	Key  *sitekey.Site // of the queue, whose settings these are; nil: none but those above

	ProxyPassword string
	Passphrase    string // of the key of the client certificate
	Keep          keptSecrets
	own           *tls.Certificate // the client certificate, once it was read
	patient       bool             // the user waits for the keyring, and may have to unlock it
}

// targetOf returns what a saved site is connected by, without its secrets.
func targetOf(s sites.Site) target {
	u := s.URL()
	u.Password, u.HasPassword, u.Path = "", false, ""
	return target{URL: u, Security: s.Security, Mode: s.Mode, Site: &s}
}

// with is t with the settings that its saved site has now, where that is the same server
// and user still. What belongs to a proxy or a certificate that it had before is left out.
func (t target) with(s sites.Site) (now target, same bool) {
	if t.Site == nil || t.Site.ID != s.ID {
		return t, false
	}
	u := targetOf(s).URL
	u.Security, u.Path = t.Security, t.URL.Path
	if u.Addr() != t.addr() || u.User != t.URL.User {
		return t, false
	}
	if s.Proxy != t.Site.Proxy {
		t.ProxyPassword, t.Keep.Proxy = "", false
	}
	if s.ClientCert != t.Site.ClientCert || s.ClientKey != t.Site.ClientKey {
		t.Passphrase, t.Keep.Passphrase, t.own = "", false, nil
	}
	t.Site = &s
	return t, true
}

// settings returns the engine's options for t on top of base, without what stands in
// files: certificates.
func (t target) settings(base client.Options) (client.Options, error) {
	var err error
	switch {
	case t.Site != nil:
		if base, err = t.Site.Options(base); err != nil {
			return base, err
		}
	case t.Key != nil:
		base = t.Key.Options(base)
	}
	base.User, base.Password = t.URL.User, t.Password
	base.Security, base.Mode = t.Security, t.Mode
	base.Proxy.Password = t.ProxyPassword
	if t.Pin != "" {
		base.Pin = t.Pin
	}
	return base, nil
}

// options returns the engine's options for t on top of base. It reads files.
func (t target) options(base client.Options) (client.Options, error) {
	opt, err := t.settings(base)
	if err != nil {
		return opt, err
	}
	cert, key, authorities := t.files()
	switch {
	case t.own != nil:
		opt.Certificates = []tls.Certificate{*t.own}
	case cert != "":
		own, certErr := clientcert.Load(cert, key, t.Passphrase)
		if certErr != nil {
			return opt, certErr
		}
		opt.Certificates = []tls.Certificate{own}
	}
	if authorities != "" {
		opt.RootCAs, err = readAuthorities(authorities)
	}
	return opt, err
}

// files returns the paths of the client certificate, of its key, and of the
// certificates to trust; "" where there is none.
func (t target) files() (cert, key, authorities string) {
	switch {
	case t.Site != nil:
		return t.Site.ClientCert, t.Site.ClientKey, ""
	case t.Key != nil:
		return t.Key.ClientCert, t.Key.ClientKey, t.Key.CAFile
	}
	return "", "", ""
}

// readAuthorities reads a PEM file with certificates.
func readAuthorities(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the certificates to trust: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("the certificates to trust: no certificate in %s", path)
	}
	return pool, nil
}

// id returns the ID of the saved site, "" where there is none.
func (t target) id() string {
	switch {
	case t.Site != nil:
		return t.Site.ID
	case t.Key != nil:
		return t.Key.SiteID
	}
	return ""
}

// addr returns what to dial; the usual port depends on the security.
func (t target) addr() string {
	u := t.URL
	u.Security = t.Security
	return u.Addr()
}

// sameServer reports whether sessions to o are made exactly as those to t, so
// that one may stand for the other.
func (t target) sameServer(o target) bool {
	t.URL.Path, o.URL.Path, t.Return, o.Return = "", "", "", ""
	if siteOf(t) != siteOf(o) {
		return false
	}
	for _, x := range []*target{&t, &o} { // compared by what they say
		x.Site, x.Key, x.own, x.Keep, x.patient = nil, nil, nil, keptSecrets{}, false
	}
	return t == o
}

// A namer is what a target asks of a session to find its first folder.
type namer interface {
	Info() client.Info
	Encode(text string) (string, error)
}

// start returns the raw path to show first; "" is where the login ended.
func (t target) start(s namer) string {
	home := s.Info().Home
	switch {
	case t.Return != "":
		return t.Return
	case t.URL.Path != "":
		return state.SlashPaths.Resolve(home, t.URL.Path)
	case t.Site != nil && t.Site.RemoteDir != "":
		raw, err := s.Encode(t.Site.RemoteDir)
		if err != nil {
			return "" // it cannot be a folder of this server
		}
		return state.SlashPaths.Resolve(home, raw)
	}
	return ""
}

// urlText writes a URL without the slash that means nothing.
func urlText(u client.URL) string {
	s := u.String()
	if u.Path == "" {
		s = strings.TrimSuffix(s, "/")
	}
	return s
}

// needsPassword reports whether the user ought to be asked before dialling.
func (t target) needsPassword() bool {
	return t.Site == nil && t.Password == "" && t.URL.User != "" && !isAnonymous(t.URL.User)
}

func isAnonymous(user string) bool { return user == "anonymous" || user == "ftp" }

// name is what the window calls the server: the name of the site, or user@host,
// with a port that is not the usual one.
func (t target) name() string {
	if t.Site != nil {
		return client.Printable(t.Site.Name)
	}
	return t.server()
}

// server is user@host, with a port that is not the usual one.
func (t target) server() string {
	s := t.URL.Host
	if t.URL.Port != 0 && t.URL.Port != 21 {
		s = t.addr()
	}
	if t.URL.User != "" && !isAnonymous(t.URL.User) {
		s = t.URL.User + "@" + s
	}
	return client.Printable(s)
}

// fields are the texts of the connect bar, as typed.
type fields struct {
	Address, User, Password, Port string
	Security                      client.Security
}

// errNoAddress says that there is nothing to connect to yet.
var errNoAddress = errors.New("type the address of a server first, for example ftp.example.org")

// spread moves what an address says about user, password, port and security
// into the other fields, so that a password never stays in sight and no field
// contradicts another. The address keeps host and path.
func (f fields) spread() (fields, error) {
	text := strings.TrimSpace(f.Address)
	if text == "" {
		return f, errNoAddress
	}
	u, err := client.ParseURL(text)
	if err != nil {
		return f, err
	}
	if u.User != "" {
		if f.User != "" && u.User != f.User && !u.HasPassword {
			f.Password = "" // it belonged to another user
		}
		f.User = u.User
	}
	if u.HasPassword {
		f.Password = u.Password
	}
	if u.Port != 0 {
		f.Port = strconv.Itoa(int(u.Port))
	}
	if u.Security != client.SecurityAuto {
		f.Security = u.Security
	}
	plain := client.URL{Host: u.Host, Path: u.Path}
	f.Address = strings.TrimPrefix(urlText(plain), "ftp://")
	return f, nil
}

// target reads the fields, which need not be spread yet.
func (f fields) target() (target, error) {
	f, err := f.spread()
	if err != nil {
		return target{}, err
	}
	u, err := client.ParseURL(f.Address)
	if err != nil {
		return target{}, err
	}
	if port := strings.TrimSpace(f.Port); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return target{}, fmt.Errorf("%q is no port: want a number from 1 to 65535", port)
		}
		u.Port = uint16(n)
	}
	u.User = strings.TrimSpace(f.User)
	u.Password, u.HasPassword = "", false
	return target{URL: u, Password: f.Password, Security: f.Security}, nil
}
