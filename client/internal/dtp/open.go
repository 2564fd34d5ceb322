package dtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"portside/client/internal/pi"
	"portside/client/internal/proxydial"
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
	Through          string      // the server's host as it was named, where Dialer goes through a proxy: passive connections are to it
	TLS              *tls.Config // nil: plain (PROT C)
	ActivePorts      PortRange
	ActiveAddress    netip.Addr // to announce; zero: the control connection's local address
	TrustPASVAddress bool       // connect to the address in a 227 where it differs

	// The longest waits; zero stands for the control connection's timeout.
	NegotiateTimeout time.Duration // for the reply to EPSV, PASV, EPRT and PORT
	ConnectTimeout   time.Duration // for the passive connect
	AcceptTimeout    time.Duration // for the server's connection in active mode

	// Overlap lets a passive connect go on while the transfer command is sent. It
	// is for methods that have worked: a failure then leaves a command behind.
	Overlap bool

	// Narrow makes connections with small segments, for paths on which large packets get
	// lost. NarrowAfter, where positive, is how long after Agreed a download may wait for
	// its first byte, and a handshake for its end, until that is suspected: ErrNarrow.
	// NarrowUp has uploads watched for it. Agreed says that the transfer command has got a
	// reply.
	Narrow      bool
	NarrowAfter time.Duration
	NarrowUp    bool
	Agreed      func() bool

	// Announce, where set, is asked in active mode for the address to announce
	// for our listener, such as that of a port mapping. release is called when
	// the listener is closed.
	Announce func(ctx context.Context, local netip.AddrPort) (announce netip.AddrPort, release func(), err error)

	// SelfReach, where set, has our listener reached from this computer before the
	// server is told of it, and is told where that fails; an error that it returns
	// ends the attempt.
	SelfReach func(error) error

	OnPassive  func(said netip.AddrPort, foreign bool) // each address of a 227 or 229
	OnStranger func(netip.AddrPort)                    // a foreign connection that was refused
	OnFirst    func()                                  // the first bytes moved, or the TLS handshake is done
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
	if cfg.Overlap {
		return dialLater(ctx, ctl, m, cfg, addr), nil
	}
	nc, err := connect(ctx, ctl, m, cfg, addr)
	if err != nil {
		return nil, err
	}
	d := newData(ctl, m, cfg, nc, nil)
	d.where = addr
	return d, nil
}

// connect makes the passive connection.
func connect(ctx context.Context, ctl Control, m Method, cfg Config, addr netip.AddrPort) (net.Conn, error) {
	bound := orElse(cfg.ConnectTimeout, ctl.Timeout())
	dctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	target := Target(cfg.Through, addr)
	dialer := cfg.Dialer
	if cfg.Narrow {
		dialer = Narrow(dialer)
	}
	nc, err := dialer.DialContext(dctx, "tcp", target)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var pe *proxydial.Error
		late := &pi.TimeoutError{What: "the data connection", After: bound}
		switch {
		case dctx.Err() == nil:
		case errors.As(err, &pe):
			pe.Err = late
		default:
			err = late
		}
		return nil, &DataError{Method: m, Step: StepDial, Addr: target, Err: err}
	}
	return nc, nil
}

// orElse returns d, or def where d is zero.
func orElse(d, def time.Duration) time.Duration {
	if d > 0 {
		return min(d, def)
	}
	return def
}

// ask sends a command that negotiates a data connection, and bounds the wait for
// its reply: something on the way may swallow the one or the other.
func ask(ctx context.Context, ctl Control, m Method, cfg Config, arg string) (pi.Reply, error) {
	bound := orElse(cfg.NegotiateTimeout, ctl.Timeout())
	if bound >= ctl.Timeout() {
		return ctl.Cmd(ctx, m.String(), arg)
	}
	actx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	rep, err := ctl.Cmd(actx, m.String(), arg)
	if err != nil && ctx.Err() == nil && actx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		late := &pi.TimeoutError{What: "the reply to " + m.String(), After: bound}
		return rep, &DataError{Method: m, Step: StepNegotiate, Err: late}
	}
	return rep, err
}

// askPassive sends EPSV or PASV and returns where to connect.
func askPassive(ctx context.Context, ctl Control, m Method, cfg Config) (netip.AddrPort, error) {
	host, err := cfg.server(ctl)
	if err != nil {
		return netip.AddrPort{}, &DataError{Method: m, Step: StepNegotiate, Err: err}
	}
	if m == PASV && host.Is6() {
		return netip.AddrPort{}, &DataError{Method: m, Step: StepNegotiate, Err: errNoIPv6}
	}
	rep, err := ask(ctx, ctl, m, cfg, "")
	if err != nil {
		return netip.AddrPort{}, err
	}
	return passiveReply(ctl, m, cfg, host, rep)
}

// passiveReply returns where to connect according to the reply to EPSV or PASV.
func passiveReply(ctl Control, m Method, cfg Config, host netip.Addr, rep pi.Reply) (netip.AddrPort, error) {
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
		where := netip.AddrPortFrom(host, port)
		cfg.sawPassive(where, false)
		return where, nil
	}
	said, parseErr := ParsePASV(rep.Text())
	if parseErr != nil {
		return netip.AddrPort{}, bad(parseErr)
	}
	cfg.sawPassive(said, host.IsValid() && said.Addr() != host)
	if said.Addr() == host {
		return said, nil
	}
	if cfg.TrustPASVAddress {
		ctl.Note("the 227 names %s, which is not the server's address %s; using it as this site allows", said.Addr(), orHost(host, cfg.Through))
		return said, nil
	}
	if host.IsValid() {
		ctl.Note("the 227 names %s, which is not the server's address %s; connecting to the server instead", said.Addr(), host)
	}
	return netip.AddrPortFrom(host, said.Port()), nil
}

// server is the address that passive connections go to: the control connection's other
// end, or what is known of the server where that is a proxy. It is invalid where the
// server's name is looked up by the proxy.
func (cfg Config) server(ctl Control) (netip.Addr, error) {
	if cfg.Through != "" {
		addr, err := netip.ParseAddr(cfg.Through)
		if err != nil {
			return netip.Addr{}, nil //nolint:nilerr // it is a name
		}
		return addr.Unmap(), nil
	}
	host, err := AddrPort(ctl.RemoteAddr())
	return host.Addr(), err
}

// Target is what is dialled for where: itself, or the port on the host through, which a
// proxy looks up, where the address is not known.
func Target(through string, where netip.AddrPort) string {
	if through == "" || where.Addr().IsValid() {
		return where.String()
	}
	return net.JoinHostPort(through, strconv.Itoa(int(where.Port())))
}

// orHost is the server's address as it stands in a note.
func orHost(addr netip.Addr, through string) string {
	if addr.IsValid() {
		return addr.String()
	}
	return through
}

func (cfg Config) sawPassive(said netip.AddrPort, foreign bool) {
	if cfg.OnPassive != nil {
		cfg.OnPassive(said, foreign)
	}
}

var errNoIPv6 = errors.New("this method has no room for an IPv6 address")

// AddrPort returns the address of a TCP connection, IPv4 in its own form.
func AddrPort(a net.Addr) (netip.AddrPort, error) {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%v is no TCP address", a)
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
}
