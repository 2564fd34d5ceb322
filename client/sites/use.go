package sites

import (
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"

	"portside/client"
)

// FromServer is the ActiveAddress that stands for the address which the server sees.
const FromServer = "server"

// NewID returns an ID that no other site has.
func NewID() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails
	return hex.EncodeToString(raw[:])
}

// FromURL returns a site for what u leads to, with the path as its start folder. A
// security that u's scheme names counts more than sec. A password in u is not in it.
func FromURL(u client.URL, sec client.Security) Site {
	if u.Security != client.SecurityAuto {
		sec = u.Security
	}
	s := Site{ID: NewID(), Name: u.Host, Host: u.Host, Port: u.Port, Security: sec, User: u.User}
	if (client.URL{Host: u.Host, Security: sec}).Addr() == (client.URL{Host: u.Host, Port: u.Port, Security: sec}).Addr() {
		s.Port = 0
	}
	if s.anonymous() {
		s.User = ""
	} else {
		s.Name = s.User + "@" + s.Host
	}
	if text, err := client.DecodeText("", u.Path); err == nil {
		s.RemoteDir = text
	}
	return s
}

// URL returns the site's address, without its start folder.
func (s Site) URL() client.URL {
	u := client.URL{Security: s.Security, Host: strings.TrimSpace(s.Host), Port: s.Port, User: s.User}
	if s.anonymous() {
		u.User = ""
	}
	return u
}

// Addr returns "host:port", with the usual port where the site names none.
func (s Site) Addr() string { return s.URL().Addr() }

// Path returns "Folder/Name", which people know the site by.
func (s Site) Path() string {
	return strings.Join(append(append([]string(nil), s.Folder...), s.Name), "/")
}

// NeedsPassword reports whether logging in takes a password, which the keyring has
// or the user is asked for.
func (s Site) NeedsPassword() bool { return !s.anonymous() }

func (s Site) anonymous() bool {
	if s.Logon == LogonAnonymous {
		return true
	}
	return s.Logon == LogonDefault && (s.User == "" || strings.EqualFold(s.User, "anonymous"))
}

// Options returns base with the settings of the site, but for what others have to
// find: passwords, the client certificate, and which certificate is trusted. The
// error is a *CheckError for a setting that says nothing sensible, or where a password is
// to be asked for and nobody is named: it would go to the server as that of anonymous.
func (s Site) Options(base client.Options) (client.Options, error) {
	problems := s.Check()
	if s.Logon == LogonAsk && s.User == "" {
		problems = append(problems, FieldError{Field: "user", What: "the user's name is missing; write it, or choose anonymous"})
	}
	if len(problems) > 0 {
		return base, &CheckError{Site: s.Path(), Problems: problems}
	}
	base.User, base.Account = s.URL().User, ""
	if s.Logon == LogonAccount {
		base.Account = s.Account
	}
	base.Security = s.Security
	base.Mode, base.PreferActive, base.TrustPASVAddress = s.Mode, s.PreferActive, s.TrustPASVAddress
	base.Charset = strings.TrimSpace(s.Charset)
	base.ActivePorts = client.PortRange{}
	if s.ActivePorts != "" {
		ports, err := client.ParsePortRange(s.ActivePorts)
		if err != nil {
			return base, err
		}
		base.ActivePorts = ports
	}
	base.ActiveAddress, base.ActiveFromServer = netip.Addr{}, s.ActiveAddress == FromServer
	if s.ActiveAddress != "" && !base.ActiveFromServer {
		addr, err := netip.ParseAddr(s.ActiveAddress)
		if err != nil {
			return base, err
		}
		base.ActiveAddress = addr
	}
	base.AfterLogin = slices.Clone(s.AfterLogin)
	base.TimeOffset = time.Duration(s.TimeOffset) * time.Minute
	base.Proxy = client.Proxy{Kind: s.Proxy.Kind, Addr: s.Proxy.Addr, User: s.Proxy.User, Form: s.Proxy.Form}
	return base, nil
}
