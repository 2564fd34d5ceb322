package dtp

import (
	"context"
	"errors"
	"net"
	"time"

	"portside/client/internal/pi"
)

// accept takes in the server's connection. It refuses connections from any
// other address and goes on listening (RFC 2577, 4), and gives up when the
// server refuses on the control connection, when the time is over, or with ctx.
func (d *Data) accept(ctx context.Context) error {
	if d.refused != nil {
		return d.acceptError(d.refused)
	}
	host, err := addrPort(d.ctl.RemoteAddr())
	if err != nil {
		return d.acceptError(err)
	}
	took := make(chan acceptResult, 1)
	ln := d.ln
	go func() { took <- acceptFrom(ln, host.Addr().String(), d.ctl.Note) }()
	end := func(err error) error {
		_ = ln.Close()
		if res := <-took; res.nc != nil {
			_ = res.nc.Close()
		}
		return err
	}
	timer := time.NewTimer(d.ctl.Timeout())
	defer timer.Stop()
	replies := d.ctl.Replies()
	for {
		select {
		case res := <-took:
			if res.err != nil {
				return d.acceptError(res.err)
			}
			if !d.setConn(res.nc) {
				return d.acceptError(net.ErrClosed)
			}
			return nil
		case rep := <-replies:
			d.ctl.Unread(rep)
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
			return end(d.acceptError(&pi.TimeoutError{What: "the server's data connection", After: d.ctl.Timeout()}))
		}
	}
}

func (d *Data) acceptError(err error) error {
	return &DataError{Method: d.method, Step: StepAccept, Addr: d.addr(), Err: err}
}

type acceptResult struct {
	nc  net.Conn
	err error
}

// acceptFrom returns the first connection from host; strangers are closed.
func acceptFrom(ln *net.TCPListener, host string, note func(string, ...any)) acceptResult {
	for {
		nc, err := ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return acceptResult{err: net.ErrClosed}
			}
			return acceptResult{err: err}
		}
		peer, err := addrPort(nc.RemoteAddr())
		if err == nil && peer.Addr().WithZone("").String() == host || err == nil && peer.Addr().String() == host {
			return acceptResult{nc: nc}
		}
		_ = nc.Close()
		note("refused a data connection from %s, which is not the server", nc.RemoteAddr())
	}
}
