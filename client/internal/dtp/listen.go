package dtp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"

	"portside/client/internal/pi"
)

// listen opens a listener and tells the server where it is.
func listen(ctx context.Context, ctl Control, m Method, cfg Config) (*Data, error) {
	local, err := AddrPort(ctl.LocalAddr())
	if err != nil {
		return nil, &DataError{Method: m, Step: StepListen, Err: err}
	}
	if m == PORT && !announced(local.Addr(), cfg).Is4() {
		return nil, &DataError{Method: m, Step: StepNegotiate, Err: errNoIPv6}
	}
	ln, err := listenOn(ctx, local.Addr(), cfg)
	if err != nil {
		return nil, listenError(ctx, m, local.Addr(), err)
	}
	if ln, err = checked(ctx, ln, local.Addr(), cfg); err != nil {
		return nil, listenError(ctx, m, local.Addr(), err)
	}
	d := newData(ctl, m, cfg, nil, ln)
	if err = d.announce(ctx, local.Addr()); err != nil {
		d.Kill()
		return nil, err
	}
	return d, nil
}

func listenError(ctx context.Context, m Method, local netip.Addr, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &DataError{Method: m, Step: StepListen, Addr: local.String(), Err: err}
}

// checked returns ln where it can be reached from this computer. Where it cannot
// and that is to be passed over, it returns another listener: a connection of our
// own may still wait in the first.
func checked(ctx context.Context, ln *net.TCPListener, local netip.Addr, cfg Config) (*net.TCPListener, error) {
	if cfg.SelfReach == nil {
		return ln, nil
	}
	err := SelfReach(ctx, ln)
	if err == nil {
		return ln, nil
	}
	_ = ln.Close()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err = cfg.SelfReach(err); err != nil {
		return nil, err
	}
	return listenOn(ctx, local, cfg)
}

// announced is the address that is told to the server where nothing else says so.
func announced(local netip.Addr, cfg Config) netip.Addr {
	if cfg.ActiveAddress.IsValid() {
		return cfg.ActiveAddress.Unmap()
	}
	return local
}

// announce tells the server where we listen.
func (d *Data) announce(ctx context.Context, local netip.Addr) error {
	m := d.method
	bound, err := AddrPort(d.ln.Addr())
	if err != nil {
		return &DataError{Method: m, Step: StepListen, Err: err}
	}
	where := netip.AddrPortFrom(announced(local, d.cfg), bound.Port())
	if d.cfg.Announce != nil {
		outside, release, mapErr := d.cfg.Announce(ctx, bound)
		switch {
		case mapErr == nil:
			where, d.release = outside, release
			if outside != bound {
				d.ctl.Note("the router sends %s to our port %d", outside, bound.Port())
			}
		case ctx.Err() != nil:
			return context.Cause(ctx)
		default:
			d.ctl.Note("no port mapping: %v", mapErr)
		}
	}
	arg, err := Argument(m, where)
	if err != nil {
		return &DataError{Method: m, Step: StepNegotiate, Err: err}
	}
	rep, err := ask(ctx, d.ctl, m, d.cfg, arg)
	if err != nil {
		return err
	}
	if rep.Class() != 2 {
		return &DataError{Method: m, Step: StepNegotiate, Addr: where.String(), Err: &pi.ReplyError{Verb: m.String(), Reply: rep}}
	}
	d.where = where
	return nil
}

// Listen listens on addr, at a random port of the range: ports in sequence
// would tell a stranger which one comes next (RFC 2577, 8).
func Listen(ctx context.Context, addr netip.Addr, r PortRange) (*net.TCPListener, error) {
	return listenOn(ctx, addr, Config{ActivePorts: r})
}

func listenOn(ctx context.Context, addr netip.Addr, cfg Config) (*net.TCPListener, error) {
	var lc net.ListenConfig
	if cfg.Narrow {
		lc.Control = setNarrow
		lc.SetMultipathTCP(false) // whose sockets do not let the size be set on all kernels
	}
	r := cfg.ActivePorts
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
