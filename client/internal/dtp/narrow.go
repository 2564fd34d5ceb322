package dtp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"portside/client/internal/proxydial"
)

// narrowSegment is the largest TCP segment of a narrow connection: with its headers it
// fits every path that IPv6 allows (1280 bytes; RFC 8200, 5), and nearly all of IPv4's.
const narrowSegment = 1160

// ErrNarrow ends a transfer of which nothing comes through though its connection was
// made: large packets get lost on the way, and nobody says so (RFC 2923, 2.1).
var ErrNarrow = errors.New("nothing came through on the data connection, as where large packets get lost on the way")

// narrowTick is how often an upload whose bytes are all written is looked at.
const narrowTick = 100 * time.Millisecond

// Narrow is d for connections with small segments in both directions, but on this
// computer. Dialers that are not known stay as they are.
func Narrow(d Dialer) Dialer {
	switch d := d.(type) {
	case *net.Dialer:
		if d.Control != nil || d.ControlContext != nil {
			return d
		}
		n := *d
		n.Control = setNarrow
		return &n
	case *proxydial.Dialer:
		if forward, ok := d.Forward.(*net.Dialer); ok {
			n := *d
			n.Forward = Narrow(forward)
			return &n
		}
	}
	return d
}

// setNarrow is for the Control of dialers and listeners. Where the system does not let
// the size be set, the connection is an ordinary one.
func setNarrow(_, addr string, c syscall.RawConn) error {
	if where, err := netip.ParseAddrPort(addr); err == nil && where.Addr().IsLoopback() {
		return nil
	}
	return c.Control(func(fd uintptr) { setSegment(fd, narrowSegment) })
}

// lostAll reports whether a download looks as if large packets got lost: the server has
// agreed to it, and nothing has come.
func (t *transfer) lostAll() bool {
	after := t.d.cfg.NarrowAfter
	return after > 0 && !t.d.used && t.total == 0 && time.Since(t.lastMove) > after && t.d.cfg.agreed()
}

func (cfg Config) agreed() bool { return cfg.Agreed == nil || cfg.Agreed() }

// sendLost reports whether what was sent looks as if large packets got lost: it goes out
// again and again, and nothing of it has arrived.
func (d *Data) sendLost() bool { return d.cfg.NarrowUp && d.acked.none(d.nc) }

// watchSend ends a write that waits for its whole time, where it looks as if large
// packets got lost. It watches until its result is called.
func (t *transfer) watchSend() (stop func()) {
	if !t.d.cfg.NarrowUp {
		return func() {}
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(tick)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if t.d.sendLost() {
				t.sendsLost.Store(true)
				_ = t.d.nc.SetWriteDeadline(time.Now())
				return
			}
		}
	}()
	return func() { close(over); <-done }
}

// awaitArrival waits until the server's system has all that was sent, or the server replies.
// It is asked of an upload that is complete, where it is not known whether large packets
// come through.
func (d *Data) awaitArrival(ctx context.Context) error {
	if !d.cfg.NarrowUp {
		return nil
	}
	tick := time.NewTicker(narrowTick)
	defer tick.Stop()
	for since := time.Now(); time.Since(since) < d.ctl.Timeout(); {
		if d.acked.all(d.nc) {
			return nil
		}
		if d.sendLost() {
			return d.copyError(ErrNarrow)
		}
		select {
		case rep := <-d.ctl.Replies():
			d.ctl.Unread(rep)
			if rep.Class() != 1 {
				return nil
			}
		case <-d.ctl.Done():
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}
