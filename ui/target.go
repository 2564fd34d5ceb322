package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"portside/client"
	"portside/ui/state"
)

// A target is everything a dial needs. Only its address is ever written to
// disk or shown; the password stays in memory.
type target struct {
	URL      client.URL // host, port, user and path; never a password
	Password string
	Security client.Security
	Mode     client.ConnMode
	Pin      string // fingerprint of a certificate that was accepted by hand, for this time
	Passing  bool   // the server is gone when the program is: nothing of it is remembered
	Return   string // raw absolute path to go back to; empty: where URL says
}

// options returns the engine's options for t on top of base.
func (t target) options(base client.Options) client.Options {
	base.User, base.Password = t.URL.User, t.Password
	base.Security, base.Mode = t.Security, t.Mode
	if t.Pin != "" {
		base.Pin = t.Pin
	}
	return base
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
	return t == o
}

// start returns the raw path to show first, for a login that ends in home.
func (t target) start(home string) string {
	switch {
	case t.Return != "":
		return t.Return
	case t.URL.Path == "":
		return ""
	default:
		return state.SlashPaths.Resolve(home, t.URL.Path)
	}
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
	return t.Password == "" && t.URL.User != "" && !isAnonymous(t.URL.User)
}

func isAnonymous(user string) bool { return user == "anonymous" || user == "ftp" }

// name is what the window calls the server: user@host, with a port that is not
// the usual one.
func (t target) name() string {
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
