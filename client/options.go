package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"portside/client/internal/dtp"
	"portside/client/internal/pi"
	"portside/client/modes"
	"portside/client/transcript"
)

// Security says whether and how a session is protected by TLS (RFC 4217).
type Security uint8

// The kinds of security.
const (
	SecurityAuto     Security = iota // AUTH TLS if the server has it, else plain, which is said
	SecurityOff                      // plain
	SecurityRequire                  // AUTH TLS or nothing
	SecurityImplicit                 // TLS from the first byte, port 990
)

var securityNames = []string{"auto", "off", "require", "implicit"}

// String returns "auto", "off", "require" or "implicit".
func (s Security) String() string { return nameOf(securityNames, int(s)) }

// ParseSecurity is the inverse of String.
func ParseSecurity(s string) (Security, error) {
	i, err := indexOf(securityNames, s, "kind of TLS")
	return Security(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (s Security) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Security) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSecurity(string(text))
	return err
}

// ConnMode is the choice of how data connections are made.
type ConnMode uint8

// The modes. Auto finds a way by itself: EPSV, PASV, EPRT, PORT, or active
// first where Options.PreferActive says so. Passive is EPSV, then PASV; Active is
// EPRT, then PORT; the others are one method and no other.
const (
	Auto ConnMode = iota
	Passive
	Active
	EPSV
	PASV
	EPRT
	PORT
)

var modeNames = []string{"auto", "passive", "active", "epsv", "pasv", "eprt", "port"}

// String returns the mode's name in lower case.
func (m ConnMode) String() string { return nameOf(modeNames, int(m)) }

// ParseMode is the inverse of String.
func ParseMode(s string) (ConnMode, error) {
	i, err := indexOf(modeNames, s, "connection mode")
	return ConnMode(i), err
}

// MarshalText implements encoding.TextMarshaler.
func (m ConnMode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *ConnMode) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMode(string(text))
	return err
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%d", i)
}

func indexOf(names []string, s, what string) (int, error) {
	for i, n := range names {
		if strings.EqualFold(n, s) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%q is no %s; choose one of %s", s, what, strings.Join(names, ", "))
}

// A Method is one of the four ways to make a data connection.
type Method = dtp.Method

// The methods.
const (
	MethodNone = dtp.None
	MethodEPSV = dtp.EPSV
	MethodPASV = dtp.PASV
	MethodEPRT = dtp.EPRT
	MethodPORT = dtp.PORT
)

// methods returns what mode m stands for, in the order of trying.
func (m ConnMode) methods() []Method {
	switch m {
	case Active:
		return []Method{MethodEPRT, MethodPORT}
	case EPSV:
		return []Method{MethodEPSV}
	case PASV:
		return []Method{MethodPASV}
	case EPRT:
		return []Method{MethodEPRT}
	case PORT:
		return []Method{MethodPORT}
	case Auto:
		return []Method{MethodEPSV, MethodPASV, MethodEPRT, MethodPORT}
	default:
		return []Method{MethodEPSV, MethodPASV}
	}
}

// A PassivePort is what a server handed out in a 227 or 229.
type PassivePort struct {
	Time    time.Time
	Method  Method
	Said    netip.AddrPort // for a 229 the server's own address
	Foreign bool           // the address in a 227 is not the server's
}

// A PortRange bounds the local ports of active mode; the zero value leaves the
// choice to the system.
type PortRange = dtp.PortRange

// ParsePortRange reads "50000-50100".
func ParsePortRange(s string) (PortRange, error) { return dtp.ParsePortRange(s) }

// A Dialer makes outgoing connections; net.Dialer is one.
type Dialer = dtp.Dialer

// Limits bounds what a server may send. Zero fields stand for the defaults. To
// go over one is an error, never a silent cut.
type Limits struct {
	ReplyLine   int // bytes of one reply line; default 64 KiB
	Reply       int // bytes of one reply; default 1 MiB
	ListingLine int // bytes of one line of a listing; default 64 KiB
	Entries     int // of one listing; default 2,000,000
}

// DefaultTimeout bounds every single wait where Options.Timeout is zero.
const DefaultTimeout = pi.DefaultTimeout

// Options says how to make a session. The zero value logs in anonymously, uses
// TLS if the server has it, and passive methods.
type Options struct {
	User     string // empty: anonymous
	Password string
	Account  string // for servers that ask for one (ACCT)

	Mode         ConnMode
	PreferActive bool          // Auto tries the active methods first
	Memory       *modes.Memory // what worked here before; nil: nothing is remembered
	Security     Security
	MaxTLS       uint16 // tls.VersionTLS12 for servers that fail with 1.3; 0: no bound

	ServerName string         // to be verified in the certificate; default: the host of the address
	RootCAs    *x509.CertPool // default: the system's
	Pin        string         // SHA-256 fingerprint of the server's certificate, in hexadecimal; decides alone
	// Trusted is the SHA-256 fingerprint of a certificate that is taken although it
	// cannot be verified, since somebody has looked at it. One that can be verified is
	// taken too; another one that cannot is a *CertError that has Known.
	Trusted  string
	Insecure bool // no check of certificates at all

	// Certificates are shown to a server that asks for one (TLS client authentication):
	// the first that it can read, and the same on data connections.
	Certificates []tls.Certificate

	// AfterLogin are commands that are sent after each login, that of a further session
	// included. One that the server refuses is noted in the transcript and in Info, and
	// is no failure. CheckAfterLogin says which commands can be here.
	AfterLogin []string
	// TimeOffset is how far the server's clock is ahead of UTC in the times of LIST, which
	// have no zone. Those of MLSD and MDTM are UTC (RFC 3659, 2.3) and stay as they are.
	TimeOffset time.Duration

	// Proxy is what is connected to first; the zero value: the server itself. Through
	// SOCKS5 and HTTP all connections are made by the proxy, and active modes cannot be.
	// With an FTP proxy, TLS and its certificate are the proxy's.
	Proxy Proxy

	Charset string        // of names; WHATWG label such as "latin1" or "shift_jis"; default UTF-8
	Timeout time.Duration // of every single wait; default DefaultTimeout

	ActivePorts      PortRange
	ActiveAddress    netip.Addr // announced in PORT and EPRT; default: the local one, or as ActiveFromServer has it
	ActiveFromServer bool       // announce the address that the server sees (STAT, 220, 230); also where ActivePorts is set
	TrustPASVAddress bool       // use an address in a 227 that is not the server's

	// Announce, where set, is asked for the address to announce for our listener
	// in active mode, such as that of a port mapping; release gives it back.
	Announce func(ctx context.Context, local netip.AddrPort) (announce netip.AddrPort, release func(), err error)

	// OnPassive is called with each port that the server hands out, OnStranger where
	// a foreign connection to our listener was refused; both from any goroutine, also
	// at the same time.
	OnPassive  func(PassivePort)
	OnStranger func(netip.AddrPort)

	Limits     Limits
	Transcript *transcript.Recorder // nil: discarded
	Logger     *slog.Logger         // nil: discarded; never given secrets
	Dialer     Dialer               // default: net.Dialer
	Now        func() time.Time     // default: time.Now
	KeepAlive  time.Duration        // send NOOP after so long without a command; 0: never

	certAddr string // CertAddr as first dialled: further connections are made to the address that was found
}

func (o Options) withDefaults() Options {
	if o.User == "" {
		o.User = "anonymous"
		if o.Password == "" {
			o.Password = "anonymous@"
		}
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Dialer == nil {
		o.Dialer = &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 45 * time.Second, Interval: 15 * time.Second}}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// secrets are the strings that must not show in a transcript or an error, also
// as they are sent in the session's character set. What equals the user's name is
// no secret, and a short one would blot out ordinary text; the arguments of PASS
// and ACCT are masked in any case.
func (s *Session) secrets() []string {
	var out []string
	for _, secret := range []string{s.opt.Password, s.opt.Account, s.route.secret} {
		if len(secret) < 3 || secret == s.opt.User || secret == "anonymous@" {
			continue
		}
		out = append(out, secret)
		if raw, err := s.charset.encode(secret); err == nil && raw != secret {
			out = append(out, raw)
		}
	}
	return out
}

// dialPort returns addr with a port: 990 for implicit TLS, else 21.
func dialPort(addr string, sec Security) (host, hostPort string, err error) {
	port := "21"
	if sec == SecurityImplicit {
		port = "990"
	}
	h, p, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		h, p = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"), port
	}
	if p == "" {
		p = port
	}
	if h == "" {
		return "", "", fmt.Errorf("the address %q names no host", addr)
	}
	return h, net.JoinHostPort(h, p), nil
}
