package dtp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"portside/client/internal/pi"
)

// acceptLater begins to take in the server's connection. It refuses connections
// from any other address and goes on listening (RFC 2577, 4).
func (d *Data) acceptLater() error {
	host, err := AddrPort(d.ctl.RemoteAddr())
	if err != nil {
		return d.acceptError(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.killed {
		return d.acceptError(net.ErrClosed)
	}
	ln := d.ln
	d.stopDial, d.dialled = func() { _ = ln.Close() }, make(chan arrival, 1)
	go func() { d.arrived(d.acceptFrom(ln, host.Addr().String())) }()
	return nil
}

// arrived hands over a connection that was made while others had the Data, and
// closes it where nobody wants it any more.
func (d *Data) arrived(a arrival) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.killed && a.nc != nil {
		_ = a.nc.Close()
		a = arrival{err: net.ErrClosed}
	}
	d.dialled <- a
}

// dialLater begins a passive connect and returns before it is there.
func dialLater(ctx context.Context, ctl Control, m Method, cfg Config, addr netip.AddrPort) *Data {
	d := newData(ctl, m, cfg, nil, nil)
	dctx, cancel := context.WithCancel(ctx)
	d.stopDial, d.dialled, d.where = cancel, make(chan arrival, 1), addr
	go func() {
		nc, err := connect(dctx, ctl, m, cfg, addr)
		d.arrived(arrival{nc, err})
	}()
	return d
}

// await waits for a connection that is made while the transfer command is out. It
// gives up when the server refuses on the control connection, when the time is
// over, or with ctx. With orReply a reply of any kind is enough.
func (d *Data) await(ctx context.Context, orReply bool) error {
	if d.refused != nil {
		return d.acceptError(d.refused)
	}
	bound, took := d.bound(), d.dialled
	end := func(err error) error {
		d.stopDial()
		if res := <-took; res.nc != nil {
			_ = res.nc.Close()
		}
		took <- arrival{err: net.ErrClosed} // for whoever waits again
		return err
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	replies := d.ctl.Replies()
	for {
		select {
		case res := <-took:
			if res.err != nil {
				took <- res // for whoever waits again
			}
			if res.err != nil && orReply && d.refusedBefore(ctx) {
				return nil
			}
			if res.err != nil {
				var de *DataError
				if errors.As(res.err, &de) || ctx.Err() != nil {
					return res.err
				}
				return d.acceptError(res.err)
			}
			if !d.setConn(res.nc) {
				return d.acceptError(net.ErrClosed)
			}
			return nil
		case rep := <-replies:
			d.ctl.Unread(rep)
			if orReply {
				return nil
			}
			if rep.Class() >= 4 {
				d.refused = &pi.ReplyError{Reply: rep}
				return end(d.acceptError(d.refused))
			}
			if rep.Class() != 1 {
				replies = nil // the end of a short transfer: its connection is on the way
			}
		case <-d.ctl.Done():
			if len(replies) > 0 {
				continue // the last words first
			}
			return end(d.ctl.Err())
		case <-ctx.Done():
			return end(context.Cause(ctx))
		case <-timer.C:
			return end(d.late(bound))
		}
	}
}

// wordMoment is how long a reply may come after the end of the port that it closed.
const wordMoment = 100 * time.Millisecond

// refusedBefore reports whether a passive connect has failed only because the server
// refuses the transfer, and has closed the port for the EPSV behind it: its word, which
// is left to be read, comes with that.
func (d *Data) refusedBefore(ctx context.Context) bool {
	if d.method.Active() || ctx.Err() != nil {
		return false
	}
	timer := time.NewTimer(wordMoment)
	defer timer.Stop()
	select {
	case rep := <-d.ctl.Replies():
		d.ctl.Unread(rep)
		return rep.Class() != 1
	case <-d.ctl.Done():
	case <-ctx.Done():
	case <-timer.C:
	}
	return false
}

// bound is how long the connection may take.
func (d *Data) bound() time.Duration {
	if d.method.Active() {
		return orElse(d.cfg.AcceptTimeout, d.ctl.Timeout())
	}
	return orElse(d.cfg.ConnectTimeout, d.ctl.Timeout())
}

// late says that the connection was not there in time.
func (d *Data) late(bound time.Duration) error {
	if d.method.Active() {
		return d.acceptError(&pi.TimeoutError{What: "the server's data connection", After: bound})
	}
	return &DataError{Method: d.method, Step: StepDial, Addr: d.addr(), Err: &pi.TimeoutError{What: "the data connection", After: bound}}
}

func (d *Data) acceptError(err error) error {
	return &DataError{Method: d.method, Step: StepAccept, Addr: d.addr(), Err: err}
}

// An arrival is a connection that came, or why it did not.
type arrival struct {
	nc  net.Conn
	err error
}

// acceptFrom returns the first connection from host; strangers are closed.
func (d *Data) acceptFrom(ln *net.TCPListener, host string) arrival {
	for {
		nc, err := ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return arrival{err: net.ErrClosed}
			}
			return arrival{err: err}
		}
		peer, err := AddrPort(nc.RemoteAddr())
		if err == nil && peer.Addr().WithZone("").String() == host || err == nil && peer.Addr().String() == host {
			return arrival{nc: nc}
		}
		_ = nc.Close()
		d.ctl.Note("refused a data connection from %s, which is not the server", nc.RemoteAddr())
		if d.cfg.OnStranger != nil {
			d.cfg.OnStranger(peer)
		}
	}
}
