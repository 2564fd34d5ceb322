// Package sitekey writes a server, the user and every setting that a connection
// to it depends on as one line of text, and reads it back. The transfer queue
// knows servers by these keys, in a file that several programs use: the same
// settings give the same key in all of them, and no session that was made under
// weaker security can stand for one under stronger.
//
// A key is an address without a path (RFC 1738, 3.2), followed by the settings
// as a query, in the order of the alphabet:
//
//	ftpes://anna@example.org:2121?charset=latin1&security=require
//
// The package leaves out passwords, which no key ever holds, and settings of a
// program rather than a server, such as time-outs.
package sitekey

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portside/client"
)

// A Site is what a key says.
type Site struct {
	Host string
	Port uint16 // 0: the usual one
	User string // empty: anonymous

	Account          string
	Security         client.Security
	MaxTLS           uint16 // as in client.Options
	Pin              string // SHA-256 fingerprint of the certificate, in hexadecimal
	CAFile           string // absolute path of a PEM file with the certificates to trust; empty: the system's
	Insecure         bool   // certificates are not checked
	Mode             client.ConnMode
	PreferActive     bool
	Charset          string
	ActivePorts      client.PortRange
	ActiveAddress    netip.Addr
	ActiveFromServer bool
	TrustPASVAddress bool

	Proxy      client.Proxy  // without its password
	ClientCert string        // path of the file with the certificate that is shown to the server
	ClientKey  string        // path of its key, where that is a file of its own
	AfterLogin string        // commands, one a line
	TimeOffset time.Duration // as in client.Options
	SiteID     string        // of the saved site that this is, under which its secrets and limits are found
}

// Of returns the site that sessions to u with these options belong to. caFile is
// where opt.RootCAs comes from; ClientCert, ClientKey and SiteID are for the caller. The usual port and the user anonymous are left
// out, so that it is the same site whether or not they were written.
func Of(u client.URL, opt client.Options, caFile string) Site {
	usual := client.URL{Host: u.Host, Security: opt.Security}
	written := client.URL{Host: u.Host, Port: u.Port, Security: opt.Security}
	if written.Addr() == usual.Addr() {
		u.Port = 0
	}
	if strings.EqualFold(opt.User, "anonymous") {
		opt.User = ""
	}
	return Site{
		Host: u.Host, Port: u.Port, User: opt.User, Account: opt.Account,
		Security: opt.Security, MaxTLS: opt.MaxTLS, Pin: opt.Pin, CAFile: caFile, Insecure: opt.Insecure,
		Mode: opt.Mode, PreferActive: opt.PreferActive, Charset: opt.Charset,
		ActivePorts: opt.ActivePorts, ActiveAddress: opt.ActiveAddress, ActiveFromServer: opt.ActiveFromServer,
		TrustPASVAddress: opt.TrustPASVAddress,
		Proxy:            withoutPassword(opt.Proxy), AfterLogin: strings.Join(opt.AfterLogin, "\n"), TimeOffset: opt.TimeOffset,
	}
}

// withoutPassword is p as keys have it: what its kind does not use is left out.
func withoutPassword(p client.Proxy) client.Proxy {
	p.Password = ""
	switch p.Kind {
	case client.ProxyNone, client.ProxySystem:
		return client.Proxy{Kind: p.Kind}
	case client.ProxySOCKS5, client.ProxyHTTP:
		p.Form = 0
	case client.ProxyFTP:
	}
	return p
}

// URL returns the site's address, without a path.
func (s Site) URL() client.URL {
	return client.URL{Host: s.Host, Port: s.Port, User: s.User, Security: s.Security}
}

// Options returns base with the site's settings. The certificates of CAFile and ClientCert
// are for the caller to read, and the passwords, that of the proxy included, are base's.
func (s Site) Options(base client.Options) client.Options {
	base.User, base.Account = s.User, s.Account
	base.Security, base.MaxTLS, base.Pin, base.Insecure = s.Security, s.MaxTLS, s.Pin, s.Insecure
	base.Mode, base.PreferActive, base.Charset = s.Mode, s.PreferActive, s.Charset
	base.ActivePorts, base.ActiveAddress, base.ActiveFromServer = s.ActivePorts, s.ActiveAddress, s.ActiveFromServer
	base.TrustPASVAddress = s.TrustPASVAddress
	secret := base.Proxy.Password
	base.Proxy, base.TimeOffset, base.AfterLogin = s.Proxy, s.TimeOffset, nil
	if s.Proxy.Kind != client.ProxyNone && s.Proxy.Kind != client.ProxySystem {
		base.Proxy.Password = secret
	}
	if s.AfterLogin != "" {
		base.AfterLogin = strings.Split(s.AfterLogin, "\n")
	}
	return base
}

// Name is what people call the site: user@host, with a port that is not the
// usual one.
func (s Site) Name() string {
	name := s.Host
	if s.Port != 0 && s.URL().Addr() != (client.URL{Host: s.Host, Security: s.Security}).Addr() {
		name = s.URL().Addr()
	}
	if s.User != "" && !strings.EqualFold(s.User, "anonymous") {
		name = s.User + "@" + name
	}
	return client.Printable(name)
}

// The parameters of a key.
const (
	paramAccount    = "account"
	paramAddress    = "active-address"
	paramAfterLogin = "after-login"
	paramCAFile     = "cacert"
	paramCharset    = "charset"
	paramClientCert = "client-cert"
	paramClientKey  = "client-key"
	paramInsecure   = "insecure"
	paramMaxTLS     = "max-tls"
	paramMode       = "mode"
	paramPin        = "pin"
	paramPorts      = "active-ports"
	paramPrefer     = "prefer-active"
	paramProxy      = "proxy"
	paramProxyAddr  = "proxy-address"
	paramProxyForm  = "proxy-form"
	paramProxyUser  = "proxy-user"
	paramSecurity   = "security"
	paramSiteID     = "site"
	paramTimeOffset = "time-offset"
	paramTrustPASV  = "trust-pasv-address"
	addressOfServer = "server" // of paramAddress: the one that the server sees
)

// Encode writes the key of s.
func (s Site) Encode() string {
	v := url.Values{paramSecurity: {s.Security.String()}}
	text := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	flag := func(name string, on bool) {
		if on {
			v.Set(name, "true")
		}
	}
	text(paramAccount, s.Account)
	text(paramPin, s.Pin)
	text(paramCAFile, s.CAFile)
	text(paramCharset, s.Charset)
	text(paramAfterLogin, s.AfterLogin)
	text(paramClientCert, s.ClientCert)
	text(paramClientKey, s.ClientKey)
	text(paramSiteID, s.SiteID)
	s.encodeProxy(text)
	if s.TimeOffset != 0 {
		v.Set(paramTimeOffset, s.TimeOffset.String())
	}
	flag(paramInsecure, s.Insecure)
	flag(paramPrefer, s.PreferActive)
	flag(paramTrustPASV, s.TrustPASVAddress)
	if s.MaxTLS != 0 {
		v.Set(paramMaxTLS, strconv.Itoa(int(s.MaxTLS)))
	}
	if s.Mode != client.Auto {
		v.Set(paramMode, s.Mode.String())
	}
	if s.ActivePorts != (client.PortRange{}) {
		v.Set(paramPorts, fmt.Sprintf("%d-%d", s.ActivePorts.Min, s.ActivePorts.Max))
	}
	switch {
	case s.ActiveAddress.IsValid():
		v.Set(paramAddress, s.ActiveAddress.String())
	case s.ActiveFromServer:
		v.Set(paramAddress, addressOfServer)
	}
	return s.base() + "?" + v.Encode()
}

// encodeProxy writes what stands between. The kind is always there where anything is.
func (s Site) encodeProxy(text func(name, value string)) {
	p := withoutPassword(s.Proxy)
	if p.Kind == client.ProxyNone {
		return
	}
	text(paramProxy, p.Kind.String())
	text(paramProxyAddr, p.Addr)
	text(paramProxyUser, p.User)
	if p.Kind == client.ProxyFTP {
		text(paramProxyForm, p.Form.String())
	}
}

// base writes the address. A colon in a user's name must not look like the one
// before a password.
func (s Site) base() string {
	u := s.URL()
	u.User = ""
	scheme, host, _ := strings.Cut(strings.TrimSuffix(u.String(), "/"), "://")
	if s.User != "" {
		user := strings.NewReplacer(":", "%3A", "@", "%40").Replace(url.PathEscape(s.User))
		host = user + "@" + host
	}
	return scheme + "://" + host
}

// A KeyError is text that is no key of this version.
type KeyError struct {
	Key  string
	What string // a clause
}

// Error returns the key and what is wrong with it.
func (e *KeyError) Error() string {
	return fmt.Sprintf("%s names no server: %s", client.Printable(e.Key), e.What)
}

// Parse reads a key. One with a setting that it does not know is a *KeyError,
// since the setting may be what protects the connection.
func Parse(key string) (Site, error) {
	bad := func(format string, args ...any) (Site, error) {
		return Site{}, &KeyError{Key: key, What: fmt.Sprintf(format, args...)}
	}
	base, query, found := strings.Cut(key, "?")
	if !found || !strings.Contains(base, "://") {
		return bad("it is not written as one")
	}
	u, err := client.ParseURL(base)
	if err != nil {
		return bad("%v", err)
	}
	if u.HasPassword || u.Path != "" {
		return bad("it has more than an address")
	}
	v, err := url.ParseQuery(query)
	if err != nil {
		return bad("its settings are not written well")
	}
	s := Site{Host: u.Host, Port: u.Port, User: u.User}
	if !v.Has(paramSecurity) {
		return bad("it does not say how the connection is protected")
	}
	for name, values := range v {
		if len(values) != 1 {
			return bad("%s is given more than once", client.Printable(name))
		}
		if err := s.set(name, values[0]); err != nil {
			return bad("%v", err)
		}
	}
	if err := s.checkAround(); err != nil {
		return bad("%v", err)
	}
	if u.Security != client.SecurityAuto && u.Security != s.Security {
		return bad("its scheme and its settings contradict each other")
	}
	return s, nil
}

// checkAround judges what does not show in one parameter: the parts of a proxy fit its
// kind, and the commands are such that can be sent.
func (s Site) checkAround() error {
	switch known := s.Proxy.Kind == client.ProxySOCKS5 || s.Proxy.Kind == client.ProxyHTTP || s.Proxy.Kind == client.ProxyFTP; {
	case s.Proxy != withoutPassword(s.Proxy) || s.Proxy.Kind == client.ProxyNone && s.Proxy != (client.Proxy{}):
		return errors.New("the parts of its proxy do not fit together")
	case known && s.Proxy.Addr == "":
		return errors.New("its proxy has no address")
	}
	if s.AfterLogin == "" {
		return nil
	}
	for line := range strings.SplitSeq(s.AfterLogin, "\n") {
		if err := client.CheckAfterLogin(line); err != nil {
			return err
		}
	}
	return nil
}

// set reads one parameter.
func (s *Site) set(name, value string) (err error) {
	switch name {
	case paramAccount:
		s.Account = value
	case paramPin:
		s.Pin = value
	case paramCAFile:
		s.CAFile = value
	case paramCharset:
		s.Charset = value
	case paramInsecure:
		s.Insecure, err = strconv.ParseBool(value)
	case paramPrefer:
		s.PreferActive, err = strconv.ParseBool(value)
	case paramTrustPASV:
		s.TrustPASVAddress, err = strconv.ParseBool(value)
	case paramMaxTLS:
		var n uint64
		n, err = strconv.ParseUint(value, 10, 16)
		s.MaxTLS = uint16(n)
	case paramMode:
		s.Mode, err = client.ParseMode(value)
	case paramSecurity:
		s.Security, err = client.ParseSecurity(value)
	case paramPorts:
		s.ActivePorts, err = client.ParsePortRange(value)
	case paramAddress:
		if value == addressOfServer {
			s.ActiveFromServer = true
			return nil
		}
		s.ActiveAddress, err = netip.ParseAddr(value)
	case paramAfterLogin:
		s.AfterLogin = value
	case paramClientCert:
		s.ClientCert = value
	case paramClientKey:
		s.ClientKey = value
	case paramSiteID:
		s.SiteID = value
	case paramTimeOffset:
		s.TimeOffset, err = time.ParseDuration(value)
	case paramProxy:
		s.Proxy.Kind, err = client.ParseProxyKind(value)
	case paramProxyAddr:
		s.Proxy.Addr = value
	case paramProxyUser:
		s.Proxy.User = value
	case paramProxyForm:
		s.Proxy.Form, err = client.ParseProxyForm(value)
	default:
		return fmt.Errorf("the setting %s is not known", client.Printable(name))
	}
	if err != nil {
		return fmt.Errorf("the setting %s: %w", name, err)
	}
	return nil
}
