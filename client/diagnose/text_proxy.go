package diagnose

import (
	"fmt"
	"strings"

	"portside/client"
)

// The letters about a proxy: to whoever keeps it, and to the hosting provider.

// proxyHead begins a letter.
func (e *evidence) proxyHead() string {
	return fmt.Sprintf("FTP from %s by the %s to %s, on %s.", e.client(), e.r.Proxy, e.host(), utc(e.r.Started))
}

// proxyFlag has a test go the same way as the diagnosis.
func (e *evidence) proxyFlag() string {
	switch p := e.r.Proxy; {
	case p == nil:
		return ""
	case p.From != "" || p.Kind == "system":
		return " --proxy system"
	default:
		return " --proxy " + shown(p.Kind+"://"+p.Addr)
	}
}

// requestProxyUp asks whether the proxy is there, and for whom.
func (e *evidence) requestProxyUp() string {
	return letter(
		e.proxyHead(),
		"No connection through the proxy comes about:", listed(e.proxyEvidence()),
		fmt.Sprintf("Please say at which address and port the proxy answers, of which kind it is, and whether %s may use it.", e.client()),
		e.test("control"))
}

// requestPermit asks for rules of the proxy that let FTP through; failed are connections
// for files that it did not make.
func (e *evidence) requestPermit(failed []Attempt) string {
	problem := fmt.Sprintf("The proxy does not connect to TCP port %s of the server:", e.port())
	lines := e.proxyEvidence()
	if len(failed) > 0 {
		problem = fmt.Sprintf("The control connection to TCP port %s works through the proxy. The connections for files (passive mode), which go to the ports that the server names, do not (%s):", e.port(), times(failed))
		lines = attemptLines(failed)
	}
	words, span := e.permitted()
	squid := ""
	if e.r.Proxy.Kind == client.ProxyHTTP.String() {
		squid = fmt.Sprintf("With Squid: acl SSL_ports port %s %s (and the same for Safe_ports where that is asked for)", e.port(), span)
	}
	return letter(
		e.proxyHead(),
		problem, listed(lines),
		fmt.Sprintf("Please permit connections through the proxy to %s, TCP port %s, and for files %s. If the proxy reaches the server through a firewall, that has to let the same ports out.", e.host(), e.port(), words),
		squid,
		e.test("control,passive"))
}

// requestFromProxy asks the provider to let the proxy in.
func (e *evidence) requestFromProxy(failed []Attempt) string {
	problem := fmt.Sprintf("TCP port %s of the server cannot be reached from the proxy:", e.port())
	lines := e.proxyEvidence()
	if len(failed) > 0 {
		problem, lines = "The login works. The connections for files (passive mode) that the proxy makes do not come about:", attemptLines(failed)
	}
	return letter(
		fmt.Sprintf("FTP server %s, reached by a proxy, on %s:", e.server(), utc(e.r.Started)),
		problem, listed(lines),
		"Please check whether the server's firewall, or a router before it, lets the control port and the whole range of passive ports in from the address that the control connection comes from:",
		fixPassive(e), e.test("control,passive"))
}

// permitted are the ports that a rule has to have: in words, and as a range.
func (e *evidence) permitted() (words, span string) {
	span, note := e.rangeWords()
	if note == "" {
		return "to its range of passive ports (its provider knows it, else 1024-65535)", "1024-65535"
	}
	return "to its passive ports " + span + ". " + strings.TrimSuffix(note, "."), span
}
