package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"portside/client"
)

// proxyStopped returns the proxy where it failed at step before there was a session.
func (e *evidence) proxyStopped(step string) (*ProxyFacts, bool) {
	p := e.r.Proxy
	return p, e.r.Error != "" && p != nil && p.Step == step
}

// proxyEvidence repeats what the proxy did.
func (e *evidence) proxyEvidence() []string {
	lines := e.errorLine()
	if e.r.Proxy.Err != "" {
		lines = append(lines, "the reason that the proxy gave, or that was seen: "+shown(e.r.Proxy.Err))
	}
	return append(lines, controlLines(e.controlTries())...)
}

// proxyUnreachable: no connection to the proxy itself. Nothing was tried past it.
func proxyUnreachable(e *evidence) (Verdict, bool) {
	p, ok := e.proxyStopped(client.ProxyReach)
	if !ok {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: fmt.Sprintf("The %s cannot be reached.", p),
		Meaning:  "Check its address and this computer's network. The server itself was not tried, as nothing goes past the proxy.",
		Evidence: e.proxyEvidence(),
		ForAdmin: e.requestProxyUp(),
	}
	if p.Kind == "system" {
		v.Sentence = "The proxy that this computer has set cannot be used."
		v.Meaning = "Correct that setting, or choose the proxy in the site. The server itself was not tried, as nothing goes past a proxy."
		v.ForAdmin = ""
	}
	return v, true
}

// proxyOdd: something listens at the proxy's address and does not speak its protocol, or
// not at all.
func proxyOdd(e *evidence) (Verdict, bool) {
	p, ok := e.proxyStopped(client.ProxyTalk)
	if !ok {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: fmt.Sprintf("The %s does not answer as one.", p),
		Meaning:  "Check its port, and whether it is a proxy of this kind (SOCKS5, HTTP or FTP).",
		Evidence: e.proxyEvidence(),
		ForAdmin: e.requestProxyUp(),
	}
	if p.Late {
		v.Confidence = Likely
		v.Sentence = fmt.Sprintf("The %s took the connection, and did not answer in time.", p)
		v.Meaning = "It is overloaded, it is of another kind, or it waits for a server that does not answer. Check its port and kind, and the server's address."
	}
	return v, true
}

// proxyLogin: the proxy wants a login, or another one.
func proxyLogin(e *evidence) (Verdict, bool) {
	p, ok := e.proxyStopped(client.ProxyLogin)
	if !ok {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Failure, Actor: ActYou,
		Sentence: fmt.Sprintf("The %s did not accept the login.", p),
		Meaning:  "Check the user and the password for the proxy, which are not those for the server. Its administrator gives them out.",
		Evidence: e.proxyEvidence(),
	}, true
}

// proxyDenied: the proxy refuses to connect to the server's control port.
func proxyDenied(e *evidence) (Verdict, bool) {
	p, ok := e.proxyStopped(client.ProxyDenied)
	if !ok {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Failure, Actor: ActNetwork,
		Sentence: fmt.Sprintf("The %s does not permit connections to %s at port %s.", p, e.host(), e.port()),
		Meaning:  "Its rules decide where connections may go; many HTTP proxies let port 443 through only. Its administrator has to permit the server's port, and the ports that it uses for files.",
		Evidence: e.proxyEvidence(),
		ForAdmin: e.requestPermit(nil),
	}, true
}

// proxyNoServer: the proxy was willing, and did not get through to the server, or an FTP
// proxy says so.
func proxyNoServer(e *evidence) (Verdict, bool) {
	p, ok := e.proxyStopped(client.ProxyServer)
	if !ok {
		return Verdict{}, false
	}
	return Verdict{
		Severity: Failure, Confidence: Likely, Actor: ActYou,
		Sentence:    fmt.Sprintf("The %s answers, and cannot connect to %s at port %s.", p, e.host(), e.port()),
		Meaning:     "The server's name or port is wrong, the server is switched off, or a firewall beyond the proxy stops it. The proxy looks the name up by itself, and may be in another network. Check both first; the texts for its administrator and for the provider are ready.",
		Evidence:    e.proxyEvidence(),
		ForAdmin:    e.requestPermit(nil),
		ForProvider: e.requestFromProxy(nil),
	}, true
}

// byProxy returns the passive attempts that the proxy ended at one of these steps.
func (e *evidence) byProxy(steps ...string) []Attempt {
	return only(withHow(slices.Concat(e.passive, e.atReply), HowProxy), func(a Attempt) bool { return slices.Contains(steps, a.ProxyStep) })
}

// proxyPorts tells which ports came through the proxy and which did not; some says that
// there are both.
func (e *evidence) proxyPorts(failed []Attempt) (lines []string, some bool) {
	good := sorted(dialled(only(e.passive, works)), e.coveredPorts(""))
	if good = slices.Compact(good); len(good) > 0 {
		lines = append(lines, "ports to which the proxy connects: "+ports(good))
	}
	return append(lines, "ports to which it does not: "+ports(dialled(failed))), len(good) > 0
}

// proxyDataDenied: the proxy connects to the control port and refuses, by its rules, to
// connect to a port that the server has just named. That is the proxy's own word.
func proxyDataDenied(e *evidence) (Verdict, bool) {
	denied := e.byProxy(client.ProxyDenied)
	if len(denied) == 0 || e.r.Proxy == nil {
		return Verdict{}, false
	}
	lines, some := e.proxyPorts(denied)
	v := Verdict{
		Severity: e.passiveSeverity(), Actor: ActNetwork,
		Sentence: fmt.Sprintf("The login works, but the %s does not permit the connections for files.", e.r.Proxy),
		Meaning:  fmt.Sprintf("The login goes to port %s, and each file to a port of its own that the server chooses. Many proxies permit port 21 or 443 alone. Its administrator has to permit the server's range of ports; active mode is no way out, as it cannot work through this proxy.", e.port()),
		Evidence: append(lines, attemptLines(denied)...),
		ForAdmin: e.requestPermit(denied),
	}
	if some {
		v.Sentence = fmt.Sprintf("The %s permits only some of the ports that the server uses for files, so that transfers fail now and then.", e.r.Proxy)
	}
	return v, true
}

// proxyDataFailed: the proxy connects to the control port, and to a port that the server
// has just named it cannot. Which firewall beyond the proxy stops that is not seen from
// here; a refusal comes from the server's side, as PASV_REFUSED has it.
func proxyDataFailed(e *evidence) (Verdict, bool) {
	failed := e.byProxy(client.ProxyServer, client.ProxyTalk, client.ProxyReach, client.ProxyLogin)
	if len(failed) == 0 || e.r.Proxy == nil {
		return Verdict{}, false
	}
	lines, some := e.proxyPorts(failed)
	v := Verdict{
		Severity: e.passiveSeverity(), Confidence: Likely, Actor: ActYou,
		Sentence:    fmt.Sprintf("The login works, but the %s cannot make the connections for files.", e.r.Proxy),
		Meaning:     "A firewall beyond the proxy stops them, which is the server's or the one of the proxy's network. From here the two look alike; the texts for both are ready.",
		Evidence:    append(lines, attemptLines(failed)...),
		ForAdmin:    e.requestPermit(failed),
		ForProvider: e.requestFromProxy(failed),
	}
	if some {
		v.Sentence = fmt.Sprintf("The %s can connect to only some of the ports that the server uses for files, so that transfers fail now and then.", e.r.Proxy)
	}
	if !slices.ContainsFunc(failed, func(a Attempt) bool { return !mentions(a.Err, "refused, as seen from the proxy") }) {
		v.Actor = ActProvider
		v.Meaning = "The server names a port and then the proxy is turned away there. Usually a router before the server does not pass its range of ports on, or a firewall there refuses them."
	}
	return v, true
}

// proxyInUse says what a proxy leaves out, and what of the rest is said of the proxy.
func proxyInUse(e *evidence) (Verdict, bool) {
	p := e.r.Proxy
	if p == nil || p.Step != "" || p.Kind == "system" {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Note, Actor: ActNobody,
		Sentence: fmt.Sprintf("The %s stands in the server's place: all connections are made with it.", p),
		Meaning:  "What is said here of the server's address, ports and firewall is said of the proxy. How the proxy reaches the server cannot be seen from here.",
		Evidence: []string{"all connections went by " + p.a()},
	}
	if p.From != "" {
		v.Evidence = append(v.Evidence, "it is set by "+shown(p.From))
	}
	if left := e.leftOut(); left != "" {
		v.Evidence = append(v.Evidence, "not run: "+left)
	}
	if !p.tunnels() {
		return v, true
	}
	v.Sentence = fmt.Sprintf("Through %s active mode cannot work; the proxy, not this computer, meets the firewall.", p.a())
	v.Meaning = "In active mode the server would have to connect to this computer. What needs a connection past the proxy was left out as well: other ports and addresses, distances, the router's port mapping, the address outside."
	if e.wantActive {
		v.Severity, v.Actor, v.Mode = Failure, ActYou, "passive"
		v.Meaning = "This site asks for active mode, in which the server would have to connect to this computer. Choose automatic or passive mode for it, or connect without the proxy."
	}
	return v, true
}

// leftOut names the probes that were not run because of the proxy.
func (e *evidence) leftOut() string {
	var out []string
	for _, s := range steps(Options{}) {
		run := slices.ContainsFunc(e.r.Probes, func(p Probe) bool { return p.ID == s.id && p.State == StateDone })
		if e.r.Proxy.leavesOut(s) && !run {
			out = append(out, s.title)
		}
	}
	return strings.Join(out, "; ")
}
