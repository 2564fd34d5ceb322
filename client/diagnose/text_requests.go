package diagnose

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"portside/client"
)

// The texts in this file are letters: to whoever keeps the firewall of this
// network, or to whoever runs the server. Each holds what was measured, what is
// asked for, and a test, so that the reader needs nobody else.

// client names this computer, with its address outside where that is known.
func (e *evidence) client() string {
	l := e.r.Local
	switch {
	case !l.Addr.IsValid():
		return "this computer"
	case l.External.IsValid() && l.External != l.Addr:
		return fmt.Sprintf("%s (seen outside as %s)", l.Addr, l.External)
	}
	return l.Addr.String()
}

// outside is how the server sees this computer.
func (e *evidence) outside() string {
	if e.r.Local.External.IsValid() {
		return e.r.Local.External.String()
	}
	if e.r.Local.Addr.IsValid() {
		return e.r.Local.Addr.String()
	}
	return "my computer"
}

// server names the server with address and software.
func (e *evidence) server() string {
	s := e.hostAndAddr()
	if e.r.Server.Software != "" {
		s += ", " + shown(e.r.Server.Software)
	}
	return s
}

// serverAddr is the server's address, else its name.
func (e *evidence) serverAddr() string {
	if a := e.r.Server.Remote.Addr(); a.IsValid() {
		return a.String()
	}
	return e.host()
}

// control says that the control connection works, and how fast.
func (e *evidence) control() string {
	rtt := span(e.r.Server.ConnectRTT)
	if rtt <= 0 {
		rtt = span(e.r.Server.RTT)
	}
	if rtt <= 0 {
		return fmt.Sprintf("The control connection, TCP %s, works.", e.port())
	}
	return fmt.Sprintf("The control connection, TCP %s, works (round trip %s).", e.port(), secs(rtt))
}

// test is the command that shows whether it helped.
func (e *evidence) test(only string) string {
	addr := e.r.Server.Addr
	if addr == "" {
		addr = net.JoinHostPort(e.r.Server.Host, e.port())
	}
	s := "Test: portside-cli diagnose"
	if only != "" {
		s += " --only " + only
	}
	return s + e.proxyFlag() + " ftp://" + shown(strings.TrimSuffix(addr, ":21")) + "/"
}

// times lists when attempts were made.
func times(list []Attempt) string {
	const most = 6
	var out []string
	for i, a := range list {
		if i == most {
			out = append(out, "…")
			break
		}
		if !a.Began.IsZero() {
			out = append(out, clock(a.Began))
		}
	}
	if len(out) == 0 {
		return "no time known"
	}
	return list[0].Began.UTC().Format(time.DateOnly) + " " + strings.Join(out, ", ") + " UTC"
}

// letter joins paragraphs and leaves out empty ones.
func letter(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.TrimSpace(p) == "" })
	return strings.Join(parts, "\n\n") + "\n"
}

// list puts lines under each other.
func listed(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "- " + strings.Join(lines, "\n- ")
}

// request is a letter to the hosting provider for whatever has no letter of its own.
func (e *evidence) request(problem, please string, lines []string) string {
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		problem, listed(lines), please, e.test(""))
}

// requestControl asks for the control port.
func (e *evidence) requestControl() string {
	return letter(
		fmt.Sprintf("FTP from %s to %s on %s.", e.client(), e.hostAndAddr(), utc(e.r.Started)),
		fmt.Sprintf("The control connection, TCP %s, cannot be made:", e.port()),
		listed(controlLines(e.r.Control)),
		fmt.Sprintf("Please permit TCP from %s to %s port %s, stateful, or say at which address and port the server answers.", e.outside(), e.serverAddr(), e.port()),
		e.test("control"))
}

// rangeWords describes the passive ports for a firewall rule.
func (e *evidence) rangeWords() (span, note string) {
	low, high, n := e.passiveRange()
	if n == 0 {
		return "the server's passive range", ""
	}
	return portSpan(low, high), fmt.Sprintf("The range is what %s showed; the server's administrator knows its exact bounds.", client.Counted(n, "port", "ports"))
}

// requestPassiveOut asks this network's firewall to let passive connections out.
func (e *evidence) requestPassiveOut(list []Attempt) string {
	span, note := e.rangeWords()
	alg := ""
	if e.tls {
		alg = "TLS is used, so an FTP helper (ALG) in the firewall cannot open these ports by reading along."
	}
	return letter(
		fmt.Sprintf("Request: FTP from %s to %s.", e.client(), e.hostAndAddr()),
		e.control()+" "+fmt.Sprintf("Outbound TCP from %s to %s ports %s is %s: tried at %s, ports %s.",
			e.localAddr(), e.serverAddr(), span, stopped(list), times(list), ports(dialled(list))),
		alg,
		fmt.Sprintf("Please permit TCP from %s to %s, port %s and ports %s, outbound and stateful. No inbound rule is needed.", e.localAddr(), e.serverAddr(), e.port(), span),
		note,
		e.test("passive"))
}

// localAddr is this computer's address as its own firewall sees it.
func (e *evidence) localAddr() string {
	if e.r.Local.Addr.IsValid() {
		return e.r.Local.Addr.String()
	}
	return "this computer"
}

// stopped says how connections ended.
func stopped(list []Attempt) string {
	n := map[string]int{}
	for _, a := range list {
		n[a.How]++
	}
	switch {
	case n[HowRefused] > n[HowDropped] && n[HowRefused] > n[HowProhibited]:
		return "refused (RST)"
	case n[HowProhibited] > n[HowDropped]:
		return "prohibited (ICMP)"
	}
	longest := time.Duration(0)
	for _, a := range list {
		longest = max(longest, span(a.Connect))
	}
	if longest <= 0 {
		return "dropped (no answer to SYN)"
	}
	return "dropped (no answer to SYN within " + secs(longest) + ")"
}

// requestPassiveIn asks the provider to open the passive range.
func (e *evidence) requestPassiveIn(list []Attempt) string {
	span, _ := e.rangeWords()
	tried, worked := 0, 0
	for _, a := range e.passive {
		if a.Result == Works {
			worked++
		}
		if a.Result != Unknown {
			tried++
		}
	}
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		e.control()+" "+fmt.Sprintf("The server names a port for each file (seen: %s), and connections to them fail: %d of %d succeeded, the others were %s (%s).", span, worked, tried, stopped(list), times(list)),
		listed(attemptLines(list)),
		"Please open the range of passive ports in the server's firewall, or have the router before it pass the range on, and set the range in the server:",
		fixPassive(e),
		e.test("passive"))
}

// requestAddress asks the provider to set the passive address.
func (e *evidence) requestAddress(named []Attempt) string {
	a := named[0]
	reply := ""
	if a.Reply != "" {
		reply = fmt.Sprintf(" (reply at %s UTC: %q)", clock(a.Began), shown(a.Reply))
	}
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		fmt.Sprintf("The server's PASV reply names the address %s%s, but the server is reached at %s. Programs that follow it cannot make data connections.", a.Announced.Addr(), reply, e.serverAddr()),
		fmt.Sprintf("Please set the address that the server announces in passive mode to %s, and pass the range of passive ports on to the server:", e.serverAddr()),
		fixPassive(e),
		e.test("passive"))
}

// requestEnable asks the provider to switch a mode on.
func (e *evidence) requestEnable(what string, refused []Attempt, fix func(*evidence) string) string {
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		what+":", listed(attemptLines(refused)),
		"Please switch it on, or say which mode your server supports:", fix(e), e.test(""))
}

// requestForward asks for a way through the router, for those who need active mode.
func (e *evidence) requestForward(list []Attempt) string {
	return letter(
		fmt.Sprintf("Request: active FTP from %s to %s.", e.client(), e.hostAndAddr()),
		e.control()+" "+fmt.Sprintf("In active mode the server connects back to this computer; that does not arrive (%s).", times(list)),
		listed(attemptLines(list)),
		fmt.Sprintf("If passive mode is possible, no change is needed. Otherwise please pass a range of TCP ports, for example 50000-50100, from the address outside (%s) on to %s, for connections from %s only. An FTP helper (ALG) does not help with TLS.", e.outside(), e.localAddr(), e.serverAddr()),
		fmt.Sprintf("This computer then uses: --active-ports 50000-50100 --active-address %s", e.outside()),
		e.test("active"))
}

// requestCalls asks this network's firewall to let the server's calls in.
func (e *evidence) requestCalls(list []Attempt) string {
	return letter(
		fmt.Sprintf("Request: active FTP from %s to %s.", e.client(), e.hostAndAddr()),
		e.control()+" "+fmt.Sprintf("In active mode the server connects back to this computer; that does not arrive (%s).", times(list)),
		listed(attemptLines(list)),
		fmt.Sprintf("If passive mode is possible, no change is needed. Otherwise please permit TCP from %s, any source port, to %s ports 50000-50100, inbound and stateful.", e.serverAddr(), e.localAddr()),
		e.test("active"))
}

// requestActiveOut asks the provider whether the server may make connections.
func (e *evidence) requestActiveOut(list []Attempt) string {
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		"PORT and EPRT are accepted, but the server's data connection does not arrive:", listed(attemptLines(list)),
		"Please check whether the server's firewall lets it make outgoing connections to clients (source port 20 or any).",
		fixActive(e), e.test("active"))
}

// requestInspection asks for inspection to be switched off.
func (e *evidence) requestInspection() string {
	return letter(
		fmt.Sprintf("FTP from %s to %s on %s.", e.client(), e.hostAndAddr(), utc(e.r.Started)),
		"A device on the way inspects the FTP conversation and changes it or acts on it (FTP inspection, ALG, application proxy).",
		listed(slices.Concat(e.bannerLine(), e.epsvLines())),
		"Please switch FTP inspection off for connections to this server, or let EPSV and AUTH TLS (RFC 2428, RFC 4217) pass unchanged, and permit the server's passive range outbound.",
		e.test("control,passive,tls"))
}

// epsvLines tell failed EPSV attempts.
func (e *evidence) epsvLines() []string {
	return attemptLines(only(e.passive, func(a Attempt) bool { return a.Method == "EPSV" && a.Result == Fails }))
}

// requestProxy asks about a proxy in between.
func (e *evidence) requestProxy(ghosts []Attempt) string {
	return letter(
		fmt.Sprintf("FTP from %s to %s on %s.", e.client(), e.hostAndAddr(), utc(e.r.Started)),
		"TCP connections to the server's passive ports are answered by something nearer than the server:", listed(attemptLines(ghosts)),
		"Please check for a transparent proxy or an endpoint protection that takes these connections, and exempt this server.",
		e.test("passive"))
}

// requestReuse tells the provider about failing protected data connections.
func (e *evidence) requestReuse(failed []Attempt) string {
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		"The control connection is protected by TLS; protected data connections fail:", listed(append(attemptLines(failed), e.tlsLines()...)),
		"The client offers to resume the TLS session of the control connection each time. Please check that the server hands out and accepts session tickets:",
		fixReuse(e), e.test("tls"))
}

// requestLimit asks for more connections.
func (e *evidence) requestLimit() string {
	said := e.r.Limits.SecondErr
	if said == "" {
		said = e.r.Error
	}
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		fmt.Sprintf("A connection was refused for want of room: %q.", shown(said)),
		"Please allow some connections at a time for each client, for example 4:", fixLimit(e))
}

// requestRandomPorts asks for ports in no order.
func (e *evidence) requestRandomPorts() string {
	return letter(
		fmt.Sprintf("FTP server %s, seen from %s on %s:", e.server(), e.outside(), utc(e.r.Started)),
		"Its passive ports are predictable (RFC 2577, 8; CERT VU#2558), so that a stranger can connect to the next one before the client does:", listed(e.portLines()),
		"Please require TLS with session reuse for data connections, and let the server choose its passive ports at random from a wide range:",
		fixPorts(e), e.test("ports"))
}

// requestIdle asks for a longer timer.
func (e *evidence) requestIdle(first Idle) string {
	return letter(
		fmt.Sprintf("FTP from %s to %s on %s.", e.client(), e.hostAndAddr(), utc(e.r.Started)),
		fmt.Sprintf("An idle TCP connection to port %s is forgotten after at most %s, so that long transfers fail at their end.", e.port(), secs(span(first.Wait))),
		"Please raise the timer for idle TCP connections in NAT and firewall to 2 hours and 4 minutes or more (RFC 5382, REQ-5).")
}

// requestMTU tells about lost large packets.
func (e *evidence) requestMTU(stuck []SizeTry) string {
	var lines []string
	for _, s := range stuck {
		way := "download"
		if s.Up {
			way = "upload"
		}
		lines = append(lines, fmt.Sprintf("%s of %d bytes stood still after %d bytes", way, s.Bytes, s.Moved))
	}
	return e.letterMTU("Small transfers work, larger ones stand still", lines)
}

// requestSmall tells about handshakes that end with small packets only.
func (e *evidence) requestSmall(lines []string) string {
	return e.letterMTU("TLS handshakes on data connections stand still, and end with small segments", lines)
}

func (e *evidence) letterMTU(what string, lines []string) string {
	return letter(
		fmt.Sprintf("TCP between %s and %s on %s.", e.client(), e.hostAndAddr(), utc(e.r.Started)),
		what+", as they do where full-sized packets are lost and ICMP “fragmentation needed” (type 3 code 4, or ICMPv6 type 2) is filtered (RFC 2923, 2.1):", listed(lines),
		"Please let these ICMP messages pass, or lower the MSS of TCP on the narrow link (MSS clamping).",
		e.test("sizes"))
}
