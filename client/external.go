package client

import (
	"context"
	"errors"
	"net/netip"
	"regexp"
	"strings"
)

// Where an address of this computer was told, as ExternalAddress takes and
// returns it.
const (
	ToldByStat     = "STAT" // the reply to STAT without a pathname (RFC 959, 4.1.3)
	ToldByGreeting = "220"
	ToldByLogin    = "230"
)

// externalText and externalLines bound how much of a reply is searched for an address:
// what a server means to say of the client stands at the top.
const (
	externalText  = 16 << 10
	externalLines = 64
	externalLine  = 512
)

// ExternalAddress finds in what a server said the address from which it sees this
// computer. kind is ToldByStat, ToldByGreeting or ToldByLogin, text the lines of the
// reply, server the address of the control connection's other end.
//
// Servers name their own address as well, with nearly the same words: in the reply to
// STAT, "Connected to 192.0.2.7" is the client with vsftpd, and "Connected to:
// 192.0.2.7:21" the server with pyftpdlib, behind NAT with an address that the client has
// never seen. Only forms that are known to mean the client are taken:
//
//   - STAT, "Connected from": ProFTPD, ftpserverlib, Apache FtpServer
//   - STAT, "Connected to": where the reply is signed by vsftpd, or has the host's name
//     with the address in parentheses, as the BSD servers and their heirs do
//   - greeting and login: "your IP is", "you are connected from" and the like, unless the
//     line speaks of an earlier login, or the address is the server's
//
// IPv4-mapped addresses are unmapped. Where nothing of the kind is said, ok is false, as
// with Pure-FTPd (its STAT names its web site) and pyftpdlib.
func ExternalAddress(kind, text string, server netip.Addr) (addr netip.Addr, ok bool) {
	server = plainAddr(server)
	if len(text) > externalText {
		text = text[:externalText]
	}
	signed := strings.Contains(text, "vsFTPd ")
	n := 0
	for line := range strings.Lines(text) {
		if n++; n > externalLines {
			break
		}
		line = strings.TrimSpace(line[:min(len(line), externalLine)])
		var certain bool
		switch kind {
		case ToldByStat:
			addr, certain, ok = statAddress(line, signed)
		case ToldByGreeting, ToldByLogin:
			addr, ok = welcomeAddress(line)
		}
		// A client behind the same NAT as the server may share its outer address, but
		// that is believed only where nothing else can be meant.
		if addr == server && !certain && !server.IsLoopback() {
			continue
		}
		if ok && plausible(addr, server) {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// plainAddr is a without zone and without the form of IPv4 in IPv6.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// plausible reports whether a connection may have come to server from a.
func plausible(a, server netip.Addr) bool {
	if a.IsLoopback() && !server.IsLoopback() {
		return false
	}
	return AddressClass(a) != ""
}

var (
	statFrom = regexp.MustCompile(`(?i)^connected\b.{0,300}?\bfrom:?\s+(\S+)(?:\s+[(\[]([^)\]\s]+)[)\]])?`)
	statTo   = regexp.MustCompile(`(?i)^connected to (\S+)(?:\s+\(([^)\s]+)\))?$`)
)

// statAddress reads the line of STAT that tells who is connected. certain says that it
// can be nobody but the client.
func statAddress(line string, signed bool) (addr netip.Addr, certain, ok bool) {
	if m := statFrom.FindStringSubmatch(line); m != nil {
		addr, ok = readAddress(m[2]) // the name before it is whatever the client's DNS says
		if !ok {
			addr, ok = readAddress(m[1])
		}
		return addr, true, ok
	}
	m := statTo.FindStringSubmatch(line)
	switch {
	case m != nil && m[2] != "":
		addr, ok = readAddress(m[2])
		return addr, false, ok
	case m != nil && signed:
		addr, ok = readAddress(m[1])
		return addr, true, ok
	default:
		return netip.Addr{}, false, false
	}
}

var (
	// A word that ties the address behind it to the reader.
	welcomeWords = regexp.MustCompile(`(?i)(?:\byour (?:(?:current|client|remote|public|external) )?(?:ip[- ]?address|ip|address|host)(?: is| was)?|\b(?:client|remote) (?:ip[- ]?address|ip|address|host)(?: is)?|\byou(?: are|'re)(?: (?:connected|connecting|logged in|coming))?(?: from)?|\b(?:connected|connecting|connection|logged in|login|coming) from)\s*[:=]?\s*[(\["']?([0-9a-fA-F:.]{2,51}(?:\]:\d{1,5})?)(?:[^0-9a-zA-Z]|$)`)
	// "You are user number 3 of 50 from 192.0.2.7", "Hello, user from 192.0.2.7"
	welcomeFrom = regexp.MustCompile(`(?i)\b(?:you|user|hello|welcome)\b.{0,200}?\bfrom\s+[(\["']?([0-9a-fA-F:.]{2,51})(?:[^0-9a-zA-Z]|$)`)
	// What is told of another time or another computer.
	elsewhere = regexp.MustCompile(`(?i)\b(?:last|previous|previously|earlier|failed|since|mirror|mirrored|download|downloads)\b`)
)

// welcomeAddress reads a line of a greeting.
func welcomeAddress(line string) (netip.Addr, bool) {
	if elsewhere.MatchString(line) {
		return netip.Addr{}, false
	}
	for _, re := range []*regexp.Regexp{welcomeWords, welcomeFrom} {
		for _, m := range re.FindAllStringSubmatch(line, 4) {
			if a, ok := readAddress(m[1]); ok {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// readAddress reads an address with or without a port and with the punctuation that
// may surround it.
func readAddress(s string) (netip.Addr, bool) {
	s = strings.Trim(s, `.,;!"'()<>`)
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plainAddr(ap.Addr()), true
	}
	s, _, _ = strings.Cut(s, "]:")
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}, false
	}
	return plainAddr(a), true
}

// ExternalAddress returns the address from which the server sees this computer, and who
// told it: ToldByGreeting, ToldByLogin or ToldByStat. STAT is sent once at most, where the
// greeting and the login told nothing; the answer is remembered. Where the server does not
// tell, addr is the zero Addr and from is empty; err is about the control connection only.
func (s *Session) ExternalAddress(ctx context.Context) (addr netip.Addr, from string, err error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return netip.Addr{}, "", err
	}
	defer release()
	return s.externalAddress(ctx)
}

// externalAddress is ExternalAddress for whoever has the turn.
func (s *Session) externalAddress(ctx context.Context) (addr netip.Addr, from string, err error) {
	if s.external.known {
		return s.external.addr, s.external.from, nil
	}
	info := s.Info()
	for _, said := range [][2]string{{ToldByLogin, info.LoginText}, {ToldByGreeting, info.Greeting}} {
		if a, ok := ExternalAddress(said[0], said[1], info.Remote.Addr()); ok {
			s.external = externalAddress{known: true, addr: a, from: said[0]}
			return a, said[0], nil
		}
	}
	s.external.known = true // asked once, whatever comes of it
	bounded, cancel := context.WithTimeout(ctx, s.patience(negotiateFor))
	defer cancel()
	rep, err := s.cmd(bounded, "STAT", "")
	var refused *ReplyError
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		return netip.Addr{}, "", nil // the reply is owed, and passed over when it comes
	}
	if err != nil && !errors.As(err, &refused) {
		return netip.Addr{}, "", err
	}
	if a, ok := ExternalAddress(ToldByStat, rep.Text(), info.Remote.Addr()); ok && err == nil {
		s.external.addr, s.external.from = a, ToldByStat
	}
	return s.external.addr, s.external.from, nil
}

// An externalAddress is what the server told of our own address.
type externalAddress struct {
	known bool // it has been asked for
	addr  netip.Addr
	from  string
}

var (
	sharedSpace = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598
	dsLite      = netip.MustParsePrefix("192.0.0.0/29")  // RFC 6333, RFC 7335
)

// AddressClass says what kind of address a is: "public", "private" (RFC 1918), "cgnat"
// (a provider's NAT: RFC 6598, and the inner addresses of DS-Lite and 464XLAT, RFC 7335),
// "ula" (RFC 4193), "loopback" or "link-local"; "" where no computer can have it as its
// own, such as a multicast address.
func AddressClass(a netip.Addr) string {
	a = plainAddr(a)
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast():
		return ""
	case a.Is4() && (a.As4()[0] == 0 || a.As4()[0] >= 240):
		return ""
	case a.IsLoopback():
		return "loopback"
	case a.IsLinkLocalUnicast():
		return "link-local"
	case a.IsPrivate() && a.Is4():
		return "private"
	case a.IsPrivate():
		return "ula"
	case sharedSpace.Contains(a) || dsLite.Contains(a):
		return "cgnat"
	default:
		return "public"
	}
}

// MappingHelps reports whether a port mapping of the user's router may let the server in:
// server is no neighbour in the same private network, to which the router's outer address
// would only be a detour. local and server are the ends of the control connection, seen
// is how the server sees this computer, where that is known.
func MappingHelps(local, server, seen netip.Addr) bool {
	local, server, seen = plainAddr(local), plainAddr(server), plainAddr(seen)
	if c := AddressClass(local); c == "" || c == "loopback" || c == "link-local" {
		return false
	}
	if seen.IsValid() && seen.Is4() {
		return seen != local
	}
	return AddressClass(server) == "public"
}
