package dtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"portside/client/internal/pi"
)

// Control is what dtp needs of a control connection.
type Control interface {
	Cmd(ctx context.Context, verb, arg string) (pi.Reply, error)
	Replies() <-chan pi.Reply
	Unread(pi.Reply)
	Done() <-chan struct{}
	Err() error
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
	Timeout() time.Duration
	Note(format string, args ...any)
}

// A Dialer makes outgoing connections.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// Config says how data connections are made. Dialer must be set.
type Config struct {
	Dialer           Dialer
	TLS              *tls.Config // nil: plain (PROT C)
	ActivePorts      PortRange
	ActiveAddress    netip.Addr // to announce; zero: the control connection's local address
	TrustPASVAddress bool       // connect to the address in a 227 where it differs
}

// The steps in which a data connection can fail.
const (
	StepNegotiate = "negotiate" // the reply to EPSV, PASV, EPRT or PORT
	StepListen    = "listen"    // our own listener
	StepDial      = "dial"      // the passive connect
	StepAccept    = "accept"    // waiting for the server's connection
	StepTLS       = "tls"       // the handshake or the check of the certificate
	StepCopy      = "copy"      // moving bytes
)

// A DataError says at which step of which method a data connection failed.
type DataError struct {
	Method Method
	Step   string // one of the Step constants
	Addr   string // the address concerned, where there is one
	Err    error
}

func (e *DataError) Error() string {
	at := ""
	if e.Addr != "" {
		at = " " + e.Addr
	}
	return fmt.Sprintf("data connection (%s, %s%s): %v", e.Method, e.Step, at, e.Err)
}

func (e *DataError) Unwrap() error { return e.Err }

// Timeout reports whether a wait ran out.
func (e *DataError) Timeout() bool {
	var t interface{ Timeout() bool }
	return errors.As(e.Err, &t) && t.Timeout()
}

// Temporary reports whether the same may work later: all but a refusal for good.
func (e *DataError) Temporary() bool {
	var re *pi.ReplyError
	if errors.As(e.Err, &re) {
		return re.Temporary()
	}
	return e.Step != StepTLS
}

// Open agrees on a data connection by method m. Passive: it is connected when
// Open returns. Active: it listens, and the server has been told where; the
// connection is taken in by the first use of the Data. The caller closes it.
func Open(ctx context.Context, ctl Control, m Method, cfg Config) (*Data, error) {
	if m.Active() {
		return listen(ctx, ctl, m, cfg)
	}
	return dial(ctx, ctl, m, cfg)
}

func dial(ctx context.Context, ctl Control, m Method, cfg Config) (*Data, error) {
	addr, err := askPassive(ctx, ctl, m, cfg)
	if err != nil {
		return nil, err
	}
	dctx, cancel := context.WithTimeout(ctx, ctl.Timeout())
	defer cancel()
	nc, err := cfg.Dialer.DialContext(dctx, "tcp", addr.String())
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if dctx.Err() != nil {
			err = &pi.TimeoutError{What: "the data connection", After: ctl.Timeout()}
		}
		return nil, &DataError{Method: m, Step: StepDial, Addr: addr.String(), Err: err}
	}
	return newData(ctl, m, cfg, nc, nil), nil
}

// askPassive sends EPSV or PASV and returns where to connect.
func askPassive(ctx context.Context, ctl Control, m Method, cfg Config) (netip.AddrPort, error) {
	host, err := addrPort(ctl.RemoteAddr())
	if err != nil {
		return netip.AddrPort{}, &DataError{Method: m, Step: StepNegotiate, Err: err}
	}
	if m == PASV && !host.Addr().Is4() {
		return netip.AddrPort{}, &DataError{Method: m, Step: StepNegotiate, Err: errNoIPv6}
	}
	rep, err := ctl.Cmd(ctx, m.String(), "")
	if err != nil {
		return netip.AddrPort{}, err
	}
	want := 229
	if m == PASV {
		want = 227
	}
	if rep.Class() != 2 {
		return netip.AddrPort{}, &DataError{Method: m, Step: StepNegotiate, Err: &pi.ReplyError{Verb: m.String(), Reply: rep}}
	}
	bad := func(parseErr error) error {
		return &DataError{Method: m, Step: StepNegotiate, Err: &pi.ProtocolError{Line: rep.String(), What: parseErr.Error()}}
	}
	if rep.Code != want {
		return netip.AddrPort{}, bad(fmt.Errorf("the code %d was to be expected", want))
	}
	if m == EPSV {
		port, parseErr := ParseEPSV(rep.Text())
		if parseErr != nil {
			return netip.AddrPort{}, bad(parseErr)
		}
		return netip.AddrPortFrom(host.Addr(), port), nil
	}
	said, parseErr := ParsePASV(rep.Text())
	if parseErr != nil {
		return netip.AddrPort{}, bad(parseErr)
	}
	if said.Addr() == host.Addr() {
		return said, nil
	}
	if cfg.TrustPASVAddress {
		ctl.Note("the 227 names %s, which is not the server's address %s; using it as this site allows", said.Addr(), host.Addr())
		return said, nil
	}
	ctl.Note("the 227 names %s, which is not the server's address %s; connecting to the server instead", said.Addr(), host.Addr())
	return netip.AddrPortFrom(host.Addr(), said.Port()), nil
}

var errNoIPv6 = errors.New("this method has no room for an IPv6 address")

// addrPort returns the address of a TCP connection, IPv4 in its own form.
func addrPort(a net.Addr) (netip.AddrPort, error) {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%v is no TCP address", a)
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}

// listen opens a listener and tells the server where it is.
func listen(ctx context.Context, ctl Control, m Method, cfg Config) (*Data, error) {
	local, err := addrPort(ctl.LocalAddr())
	if err != nil {
		return nil, &DataError{Method: m, Step: StepListen, Err: err}
	}
	announce := local.Addr()
	if cfg.ActiveAddress.IsValid() {
		announce = cfg.ActiveAddress.Unmap()
	}
	if m == PORT && !announce.Is4() {
		return nil, &DataError{Method: m, Step: StepNegotiate, Err: errNoIPv6}
	}
	ln, err := listenIn(ctx, local.Addr(), cfg.ActivePorts)
	if err != nil {
		return nil, &DataError{Method: m, Step: StepListen, Addr: local.Addr().String(), Err: err}
	}
	bound, err := addrPort(ln.Addr())
	if err != nil {
		_ = ln.Close()
		return nil, &DataError{Method: m, Step: StepListen, Err: err}
	}
	where := netip.AddrPortFrom(announce, bound.Port())
	arg := formatPORT
	if m == EPRT {
		arg = formatEPRT
	}
	rep, err := ctl.Cmd(ctx, m.String(), arg(where))
	if err != nil {
		_ = ln.Close()
		return nil, err
	}
	if rep.Class() != 2 {
		_ = ln.Close()
		return nil, &DataError{Method: m, Step: StepNegotiate, Addr: where.String(), Err: &pi.ReplyError{Verb: m.String(), Reply: rep}}
	}
	return newData(ctl, m, cfg, nil, ln), nil
}

// listenIn listens on addr, at a random port of the range: ports in sequence
// would tell a stranger which one comes next (RFC 2577, 8).
func listenIn(ctx context.Context, addr netip.Addr, r PortRange) (*net.TCPListener, error) {
	var lc net.ListenConfig
	one := func(port uint16) (*net.TCPListener, error) {
		ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(addr, port).String())
		if err != nil {
			return nil, err
		}
		tl, ok := ln.(*net.TCPListener)
		if !ok {
			_ = ln.Close()
			return nil, fmt.Errorf("%v is no TCP listener", ln.Addr())
		}
		return tl, nil
	}
	if r == (PortRange{}) {
		return one(0)
	}
	size := int(r.Max-r.Min) + 1
	start := rand.IntN(size) //nolint:gosec // not a secret: spread, and each port is checked for its peer
	var lastErr error
	for i := range size {
		ln, err := one(r.Min + uint16((start+i)%size))
		if err == nil {
			return ln, nil
		}
		lastErr = err
	}
	return nil, fmt.Errorf("no port of %s is free: %w", r, lastErr)
}
