package diagnose

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// evidence is a Report sorted for the rules.
type evidence struct {
	r   *Report
	tls bool // the session is protected

	passive []Attempt // at the server's address, with the session's security
	active  []Attempt // with the session's security
	atReply []Attempt // PASV at the address in the 227
	other   []Attempt // with the other security: the differential test

	nat         Result // Works: there is NAT between us and the server
	passiveOK   bool   // some passive attempt delivered
	activeOK    bool   // some active attempt delivered
	wantPassive bool   // the site's mode allows nothing but passive
	wantActive  bool   // the site's mode allows nothing but active
}

func newEvidence(r *Report) *evidence {
	e := &evidence{r: r, tls: sessionTLS(r), nat: natOf(r)}
	for _, a := range r.Methods {
		switch {
		case a.Result == Fails && a.How == HowTLS && r.TLS != nil && (r.TLS.Only12 || r.TLS.OnlySmall):
			// TLS 1.3 failed, and 1.2 works: TLS_ONLY_12 says so, and these tries nothing
			// more. The same goes for small packets and PMTU.
		case a.TLS != e.tls:
			e.other = append(e.other, a)
		case isActive(a):
			e.active = append(e.active, a)
		case a.At == "reply":
			e.atReply = append(e.atReply, a)
		default:
			e.passive = append(e.passive, a)
		}
	}
	e.passiveOK, e.activeOK = anyWorks(e.passive), anyWorks(e.active)
	switch strings.ToLower(r.Mode) {
	case "passive", "epsv", "pasv":
		e.wantPassive = true
	case "active", "eprt", "port":
		e.wantActive = true
	}
	return e
}

// sessionTLS reports whether the data connections that count are protected: those
// of a protected session, or all where there are no others.
func sessionTLS(r *Report) bool {
	if len(r.Methods) == 0 {
		return r.TLS != nil
	}
	want := r.TLS != nil
	if slices.ContainsFunc(r.Methods, func(a Attempt) bool { return a.TLS == want }) {
		return want
	}
	return !want
}

// natOf says whether there is address translation. The server's word on how it
// sees this computer decides. Without it, an inner address that talks to a
// public one proves translation; two inner addresses prove nothing, as they may
// be in one network.
func natOf(r *Report) Result {
	local, remote := r.Local.Addr, r.Server.Remote.Addr()
	switch {
	case r.Proxy.tunnels():
		return Unknown // what the server sees is the proxy
	case r.Local.NAT != Unknown:
		return r.Local.NAT
	case r.Local.External.IsValid() && local.IsValid() && r.Local.External.Is4() == local.Is4():
		if r.Local.External == local {
			return Fails
		}
		return Works
	case local.IsValid() && remote.IsValid() && local.Is4() && inner(local) && !inner(remote):
		return Works
	}
	return Unknown
}

func isActive(a Attempt) bool { return a.Method == "EPRT" || a.Method == "PORT" }

func anyWorks(list []Attempt) bool {
	return slices.ContainsFunc(list, func(a Attempt) bool { return a.Result == Works })
}

// inner reports an address that is not reachable from the whole internet:
// private (RFC 1918), shared by a provider (RFC 6598), unique local (RFC 4193),
// loopback, link-local, or none at all.
func inner(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || shared(a)
}

// shared reports an address of carrier-grade NAT, 100.64.0.0/10 (RFC 6598).
func shared(a netip.Addr) bool {
	a = a.Unmap()
	if !a.Is4() {
		return false
	}
	b := a.As4()
	return b[0] == 100 && b[1]&0xc0 == 64
}

// withHow returns the failed attempts that ended in one of these ways.
func withHow(list []Attempt, hows ...string) []Attempt {
	return only(list, func(a Attempt) bool { return a.Result == Fails && slices.Contains(hows, a.How) })
}

// only returns the attempts that keep accepts.
func only(list []Attempt, keep func(Attempt) bool) []Attempt {
	var out []Attempt
	for _, a := range list {
		if keep(a) {
			out = append(out, a)
		}
	}
	return out
}

// deadFamilies returns the failed attempts of those address families in which
// nothing of the list delivered, so that a working IPv6 does not hide a dead
// IPv4, and a single lost connection does not condemn a path that works.
func deadFamilies(list []Attempt) []Attempt {
	var out []Attempt
	for _, family := range []int{4, 6} {
		of := only(list, func(a Attempt) bool { return a.Family == family })
		if !anyWorks(of) {
			out = append(out, only(of, func(a Attempt) bool { return a.Result == Fails })...)
		}
	}
	return out
}

// families names the address families of the attempts: "IPv4", "IPv6" or "".
// Empty where both, or where the report has attempts of one family only.
func (e *evidence) families(list []Attempt) string {
	has := func(in []Attempt, family int) bool {
		return slices.ContainsFunc(in, func(a Attempt) bool { return a.Family == family })
	}
	if !has(e.r.Methods, 4) || !has(e.r.Methods, 6) {
		return ""
	}
	switch v4, v6 := has(list, 4), has(list, 6); {
	case v4 && !v6:
		return "IPv4"
	case v6 && !v4:
		return "IPv6"
	}
	return ""
}

// dialled returns the ports that passive attempts connected to, in order and
// once each.
func dialled(list []Attempt) []uint16 {
	var out []uint16
	for _, a := range list {
		if p := portOf(a); p != 0 {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// portOf is the port of a passive attempt.
func portOf(a Attempt) uint16 {
	if a.Dialled.IsValid() {
		return a.Dialled.Port()
	}
	if p := a.Announced.Port(); p != 0 {
		return p
	}
	return portIn(a.Target)
}

// controls returns the tries of ports with this purpose.
func (e *evidence) controls(what string) []Control {
	var out []Control
	for _, c := range e.r.Control {
		if c.What == what {
			out = append(out, c)
		}
	}
	return out
}

// controlTries returns the tries of the control port: of FTP, or of TLS from the
// first byte where the site has it so.
func (e *evidence) controlTries() []Control {
	if ftp := e.controls(WhatFTP); len(ftp) > 0 {
		return ftp
	}
	if proxy := e.controls(WhatProxy); len(proxy) > 0 {
		return proxy
	}
	return slices.DeleteFunc(e.controls(WhatImplicit), func(c Control) bool {
		return !strings.HasSuffix(e.r.Server.Addr, ":"+strconv.Itoa(int(c.port())))
	})
}

// passiveRange is what is known of the server's passive ports: the estimate of
// the analysis, else the ports seen.
func (e *evidence) passiveRange() (low, high uint16, samples int) {
	var ports []uint16
	for _, s := range e.r.Ports.Samples {
		ports = append(ports, s.Port)
	}
	ports = append(ports, dialled(e.passive)...)
	if len(ports) == 0 {
		return 0, 0, 0
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	low, high = ports[0], ports[len(ports)-1]
	if e.r.Ports.Low != 0 {
		low = min(low, e.r.Ports.Low)
	}
	high = max(high, e.r.Ports.High)
	return low, high, len(ports)
}

// span is a Span as a time.Duration.
func span(s Span) time.Duration { return time.Duration(s) }

// connected reports that the server let in a control connection.
func (e *evidence) connected() bool {
	if e.r.Server.Banner != "" || len(e.r.Methods) > 0 {
		return true
	}
	return slices.ContainsFunc(e.controlTries(), func(c Control) bool { return c.Class == ClassOpen })
}
