package dtp

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// SelfReachTime bounds a SelfReach.
const SelfReachTime = 300 * time.Millisecond

const selfReachToken = 16 // bytes

// SelfReach connects to ln by its own address and proves with a random token that it was
// this very socket that took the connection. It is meant for a listener whose address
// nobody has been told yet, before PORT or EPRT is sent; a stranger who knocks meanwhile
// is turned away. It takes microseconds where all is well, and SelfReachTime at most.
//
// A nil error leaves ln as it was, with none of our own connections waiting in it. After
// an error one may still wait in it, and would be taken for the server's where the server
// is on this computer: ln is then to be closed, and another one to be opened.
//
// What it shows is whether the socket itself works: that the address is one of this
// computer, and that no program here (an antivirus, a filter of a VPN) swallows or answers
// connections to it. What it does not show is whether the system's firewall lets others
// in. A connection to an own address stays inside the computer, where the firewalls of
// Windows and macOS do not filter it as they do others; so it succeeds also while their
// question "allow incoming connections?" is still on the screen. Until the user has
// answered that, the server's connections fail, or arrive after the click. Thus: failed,
// the cause is here; succeeded, and the server does not come in, the cause is a firewall,
// this computer's own included.
func SelfReach(ctx context.Context, ln *net.TCPListener) error {
	ctx, cancel := context.WithTimeoutCause(ctx, SelfReachTime, errSelfReachSlow)
	defer cancel()
	addr, err := AddrPort(ln.Addr())
	if err != nil {
		return err
	}
	token := make([]byte, selfReachToken)
	_, _ = rand.Read(token) // never fails
	deadline, _ := ctx.Deadline()
	if err = ln.SetDeadline(deadline); err != nil {
		return fmt.Errorf("our own listener: %w", err)
	}
	// The wait ends with ctx as well; the deadline is taken back when nobody can set it again.
	stop := context.AfterFunc(ctx, func() { _ = ln.SetDeadline(time.Now()) })
	dialled := make(chan knock, 1)
	go func() {
		k := knockAt(ctx, addr, token)
		dialled <- k
		if k.err != nil {
			_ = ln.SetDeadline(time.Now()) // nothing will come
		}
	}()
	err = letIn(ctx, ln, dialled, token)
	if !stop() {
		err = context.Cause(ctx) // it may have ended after the knock was let in
	}
	if err != nil {
		cancel()
	}
	k := <-dialled
	if k.nc != nil {
		_ = k.nc.Close() // it has said what it is for
	}
	if err != nil {
		if k.err != nil && !errors.Is(k.err, context.Canceled) && !errors.Is(k.err, context.DeadlineExceeded) {
			err = k.err
		}
		return fmt.Errorf("our own listener %s cannot be reached from this computer: %w", addr, err)
	}
	return ln.SetDeadline(time.Time{})
}

var errSelfReachSlow = errors.New("no answer within " + SelfReachTime.String())

// A knock is our own connection to our own listener.
type knock struct {
	nc  net.Conn
	err error
}

// knockAt connects from the listener's address to the listener and says the token.
func knockAt(ctx context.Context, addr netip.AddrPort, token []byte) knock {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr.Addr(), 0)), KeepAlive: -1}
	if addr.Addr().IsUnspecified() {
		d.LocalAddr = nil
	}
	nc, err := d.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return knock{err: err}
	}
	if _, err = nc.Write(token); err != nil {
		_ = nc.Close()
		return knock{err: err}
	}
	return knock{nc: nc}
}

// letIn takes connections from ln until one is the knock, and closes the end that it has
// taken. Whatever it returns, the knock is in the channel afterwards, or still to come: the
// caller waits for it, also where ctx ends just when it has been let in.
func letIn(ctx context.Context, ln *net.TCPListener, dialled chan knock, token []byte) error {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return err
		}
		k := <-dialled // connect ends before or soon after accept, and with ctx
		dialled <- k
		ours := k.err == nil && isKnock(ctx, nc, k.nc, token)
		_ = nc.Close()
		switch {
		case k.err != nil:
			return k.err
		case ours:
			return nil
		}
	}
}

// isKnock reports whether nc is the other end of ours.
func isKnock(ctx context.Context, nc, ours net.Conn, token []byte) bool {
	from, err1 := AddrPort(nc.RemoteAddr())
	to, err2 := AddrPort(ours.LocalAddr())
	if err1 != nil || err2 != nil || from != to {
		return false
	}
	deadline, _ := ctx.Deadline()
	if nc.SetDeadline(deadline) != nil {
		return false
	}
	got := make([]byte, len(token))
	if _, err := io.ReadFull(nc, got); err != nil {
		return false
	}
	return subtle.ConstantTimeCompare(got, token) == 1
}

// SelfReachAt opens a listener on addr, at a port of the range, and tries SelfReach on it.
// It returns where it listened.
func SelfReachAt(ctx context.Context, addr netip.Addr, r PortRange) (netip.AddrPort, error) {
	ln, err := Listen(ctx, addr, r)
	if err != nil {
		return netip.AddrPort{}, err
	}
	where, err := AddrPort(ln.Addr())
	if err == nil {
		err = SelfReach(ctx, ln)
	}
	return where, errors.Join(err, ln.Close())
}
