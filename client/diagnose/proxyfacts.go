package diagnose

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"portside/client"
)

// ProxyFacts are about the proxy that a diagnosis went through. Nothing of what is in the
// report was then sent past it.
type ProxyFacts struct {
	Kind string `json:"kind"`           // "socks5", "http", "ftp"; "system" where the setting cannot be read
	Addr string `json:"addr"`           // "host:port"
	From string `json:"from,omitempty"` // of a proxy of the system: who has set it
	Step string `json:"step,omitempty"` // client.Proxy… where it failed before there was a session
	Err  string `json:"err,omitempty"`  // why, in its own words where there are any
	Late bool   `json:"late,omitempty"` // it did not answer in time
}

// HowProxy is the Attempt.How of a connection that the proxy did not make;
// Attempt.ProxyStep says at which step.
const HowProxy = "proxy"

// ClassProxy is the Control.Class of the same.
const ClassProxy = "proxy"

// WhatProxy is the Control.What of the port of an FTP proxy, which stands in the server's
// place.
const WhatProxy = "ftp proxy"

// The verdict codes of proxies.
const (
	ProxyInUse       = "PROXY_IN_USE"
	ProxyUnreachable = "PROXY_UNREACHABLE"
	ProxyOdd         = "PROXY_ODD"
	ProxyLogin       = "PROXY_LOGIN"
	ProxyDenied      = "PROXY_DENIED"
	ProxyNoServer    = "PROXY_NO_SERVER"
	ProxyDataDenied  = "PROXY_DATA_DENIED"
	ProxyDataFailed  = "PROXY_DATA_FAILED"
)

// tunnels reports that the proxy passes connections on to the server; an FTP proxy does
// not, as it is the other end of all of them.
func (p *ProxyFacts) tunnels() bool { return p != nil && p.Kind != client.ProxyFTP.String() }

// String names the proxy: "SOCKS5 proxy at proxy.example.org:1080".
func (p *ProxyFacts) String() string {
	switch {
	case p.Addr == "":
		return "proxy that this computer has set"
	case p.Kind == client.ProxyFTP.String(), p.Kind == client.ProxyHTTP.String(), p.Kind == client.ProxySOCKS5.String():
		return shown(strings.ToUpper(p.Kind) + " proxy at " + p.Addr)
	}
	return shown("proxy at " + p.Addr)
}

// a is String with its article.
func (p *ProxyFacts) a() string {
	s := p.String()
	if strings.HasPrefix(s, "HTTP") || strings.HasPrefix(s, "FTP") {
		return "an " + s
	}
	return "a " + s
}

// proxyFailed takes note of what err says of the proxy, if it does.
func (r *run) proxyFailed(err error) {
	var pe *client.ProxyError
	if !errors.As(err, &pe) {
		return
	}
	if r.rep.Proxy == nil {
		r.rep.Proxy = &ProxyFacts{Kind: "system", Addr: pe.Addr}
	}
	r.rep.Proxy.Step, r.rep.Proxy.Late = pe.Step, pe.Timeout()
	r.rep.Proxy.Err = r.said(proxyWords(pe))
}

// proxyWords is the reason of a proxy's failure: its own words, then what they mean.
func proxyWords(pe *client.ProxyError) string {
	var parts []string
	if pe.Said != "" {
		parts = append(parts, strconv.Quote(pe.Said))
	}
	var re *client.ReplyError
	if pe.Err != nil && !errors.As(pe.Err, &re) {
		parts = append(parts, pe.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// leavesOut reports whether a step goes past the proxy, or has no meaning through it.
func (p *ProxyFacts) leavesOut(s step) bool {
	switch {
	case p == nil || s.proxied == "":
		return false
	case s.proxied == proxiedOthers:
		return true
	}
	return p.tunnels()
}

// direct says why a step that goes past a proxy, or has no meaning through one, is not
// run; "" where it is.
func (r *run) direct(s step) string {
	r.mu.Lock()
	p := r.rep.Proxy
	r.mu.Unlock()
	switch {
	case !p.leavesOut(s):
		return ""
	case s.proxied == proxiedOthers:
		return fmt.Sprintf("all connections go by %s, so that no other one is made past it", p.a())
	case s.proxied == proxiedActive:
		return fmt.Sprintf("through %s active mode cannot work: the server cannot connect through it to this computer", p.a())
	}
	return fmt.Sprintf("through %s this would show nothing: the proxy, not this computer, meets the firewall", p.a())
}

// The values of step.proxied: why a step is left out with a proxy.
const (
	proxiedActive = "active" // active mode: the server cannot connect through the proxy
	proxiedPath   = "path"   // what is looked at lies beyond the proxy
	proxiedOthers = "others" // connections to other ports and addresses than the session's
)

// portIn reads the port of "host:port"; 0 where there is none.
func portIn(target string) uint16 {
	_, p, err := net.SplitHostPort(target)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// port is the port of a try, also where the proxy alone knows the server's address.
func (c Control) port() uint16 {
	if p := c.Addr.Port(); p != 0 {
		return p
	}
	return portIn(c.Target)
}

// where is what was connected to.
func (c Control) where() string {
	if c.Addr.IsValid() || c.Target == "" {
		return c.Addr.String()
	}
	return shown(c.Target)
}
