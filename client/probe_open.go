package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"portside/client/internal/dtp"
)

// A prober is one probe under way. It belongs to the goroutine of Probe.
type prober struct {
	s     *Session
	spec  ProbeSpec
	res   ProbeResult
	began time.Time

	ln    *net.TCPListener // active, until the connection has been taken in
	took  chan accepted    // one value where ln is served
	knock chan netip.AddrPort
	nc    net.Conn
	unmap func()

	silent bool // a command was sent and nothing came: nobody can tell whose the next reply is
	owed   bool // the transfer command was sent, and its final reply has not come
}

// ask sends a command of the negotiation and waits for its reply.
func (p *prober) ask(ctx context.Context, verb, arg string) error {
	sent := time.Now()
	actx, cancel := context.WithTimeout(ctx, p.spec.Answer)
	defer cancel()
	rep, err := p.s.ctl.Cmd(actx, verb, arg)
	p.res.ReplyTook = time.Since(sent)
	switch {
	case err == nil:
		p.res.Reply = rep
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case actx.Err() != nil:
		p.silent = true
		return &TimeoutError{What: "the reply to " + verb, After: p.spec.Answer}
	default:
		return err
	}
	if rep.Class() != 2 {
		return &ReplyError{Verb: verb, Reply: rep}
	}
	return nil
}

// errNotHere says that PASV and PORT have no room for an IPv6 address.
var errNotHere = fmt.Errorf("%w: this method has no room for an IPv6 address", ErrUnsupported)

// askPassive sends EPSV or PASV and finds out where to connect.
func (p *prober) askPassive(ctx context.Context) error {
	host := p.s.info.Remote.Addr()
	m := p.spec.Method
	if m == MethodPASV && host.Is6() {
		return errNotHere
	}
	if err := p.ask(ctx, m.String(), ""); err != nil {
		return err
	}
	rep := p.res.Reply
	bad := func(err error) error {
		return &ProtocolError{Line: rep.String(), What: err.Error()}
	}
	if m == MethodEPSV {
		port, err := dtp.ParseEPSV(rep.Text())
		if err != nil {
			return bad(err)
		}
		p.res.Announced = netip.AddrPortFrom(host, port)
		p.res.Dialled = p.res.Announced
		return nil
	}
	said, err := dtp.ParsePASV(rep.Text())
	if err != nil {
		return bad(err)
	}
	p.res.Announced, p.res.Dialled = said, said
	if !p.spec.AtReply {
		p.res.Dialled = netip.AddrPortFrom(host, said.Port())
	}
	return nil
}

// dial makes the passive connection, before the transfer command is sent: a
// failure then leaves the control connection clean.
func (p *prober) dial(ctx context.Context) error {
	began := time.Now()
	dctx, cancel := context.WithTimeout(ctx, p.spec.Connect)
	defer cancel()
	dialer := p.s.route.dialer
	if p.spec.Narrow {
		dialer = dtp.Narrow(dialer)
	}
	nc, err := dialer.DialContext(dctx, "tcp", dtp.Target(p.s.route.tunnel, p.res.Dialled))
	p.res.Connect = time.Since(began)
	var pe *ProxyError
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &pe):
		if dctx.Err() != nil {
			pe.Err = &TimeoutError{What: "the proxy to make the data connection", After: p.spec.Connect}
		}
		return err
	case dctx.Err() != nil || isTimeoutErr(err):
		return &TimeoutError{What: "the data connection", After: p.spec.Connect}
	default:
		return err
	}
	p.setConn(nc)
	return nil
}

func (p *prober) setConn(nc net.Conn) {
	p.nc, p.res.Connected = nc, true
	if peer, err := dtp.AddrPort(nc.RemoteAddr()); err == nil {
		p.res.Peer = peer
	}
}

// listen opens our listener and tells the server where it is.
func (p *prober) listen(ctx context.Context) (string, error) {
	m, o := p.spec.Method, p.s.opt
	if p.s.route.tunnel != "" {
		return StepListen, ErrActiveProxy
	}
	local := p.s.info.Local.Addr()
	if m == MethodPORT && !local.Is4() {
		return StepNegotiate, errNotHere
	}
	ln, err := dtp.Listen(ctx, local, o.ActivePorts)
	if err != nil {
		return StepListen, err
	}
	p.serve(ln)
	if p.res.Listener, err = dtp.AddrPort(ln.Addr()); err != nil {
		return StepListen, err
	}
	where := p.res.Listener
	switch {
	case p.spec.Map != nil:
		if where, p.unmap, err = p.spec.Map(ctx, p.res.Listener); err != nil {
			return StepListen, err
		}
	case p.spec.Announce.IsValid():
		where = netip.AddrPortFrom(p.spec.Announce.Unmap(), where.Port())
	case o.ActiveAddress.IsValid():
		where = netip.AddrPortFrom(o.ActiveAddress.Unmap(), where.Port())
	}
	p.res.Announced = where
	arg, err := dtp.Argument(m, where)
	if err != nil {
		return StepNegotiate, err
	}
	if err = p.ask(ctx, m.String(), arg); err != nil {
		return StepNegotiate, err
	}
	return "", nil
}

// accepted is the end of the listener's work.
type accepted struct {
	nc  net.Conn
	err error
}

// maxStrangers bounds how many foreign connections are counted.
const maxStrangers = 32

// serve takes in the server's connection and turns away all others (RFC 2577, 4).
func (p *prober) serve(ln *net.TCPListener) {
	p.ln, p.took = ln, make(chan accepted, 1)
	p.knock = make(chan netip.AddrPort, maxStrangers)
	server, took, knock := p.s.info.Remote.Addr().WithZone(""), p.took, p.knock
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				took <- accepted{err: err}
				return
			}
			peer, err := dtp.AddrPort(nc.RemoteAddr())
			if err == nil && peer.Addr().WithZone("") == server {
				took <- accepted{nc: nc}
				return
			}
			_ = nc.Close()
			select {
			case knock <- peer:
			default: // enough have been counted
			}
		}
	}()
}

// takeIn keeps the server's connection.
func (p *prober) takeIn(a accepted) error {
	_ = p.ln.Close()
	p.ln = nil
	p.countStrangers()
	if a.err != nil {
		return a.err
	}
	p.setConn(a.nc)
	return nil
}

// endListening closes the listener and waits for its goroutine.
func (p *prober) endListening() {
	if p.ln == nil {
		return
	}
	_ = p.ln.Close()
	p.ln = nil
	if a := <-p.took; a.nc != nil {
		_ = a.nc.Close()
	}
	p.countStrangers()
}

func (p *prober) countStrangers() {
	for {
		select {
		case peer := <-p.knock:
			p.res.Strangers = append(p.res.Strangers, peer)
			p.s.note("refused a data connection from %s, which is not the server", peer)
		default:
			return
		}
	}
}
