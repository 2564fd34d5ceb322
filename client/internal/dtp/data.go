package dtp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"portside/client/internal/pi"
)

// A Data is one data connection. It belongs to one caller; only Kill may be
// called from elsewhere.
type Data struct {
	method Method
	ctl    Control
	cfg    Config

	ln *net.TCPListener // active, until the connection has been taken in
	nc net.Conn         // the TCP connection

	where    netip.AddrPort // announced to or by the server, where it is not connected yet
	dialled  chan arrival   // gets the connection where it is still being made
	stopDial func()         // ends that
	release  func()         // gives a port mapping back
	pace     Pace           // nil: as fast as it goes

	tls *tls.Conn // over nc; nil where plain or before the handshake
	end *endWatch // under tls

	refused *pi.ReplyError // a refusal that came instead of a connection
	used    bool           // bytes were written
	begun   bool           // bytes moved, or the handshake is done
	replied bool           // the final reply came while bytes moved
	acked   ackMark        // what had arrived before the upload

	mu     sync.Mutex // guards killed and, for Kill, the assignments of ln and nc
	killed bool
	closed bool
}

func newData(ctl Control, m Method, cfg Config, nc net.Conn, ln *net.TCPListener) *Data {
	return &Data{ctl: ctl, method: m, cfg: cfg, nc: nc, ln: ln}
}

// Method returns the method by which the connection is made.
func (d *Data) Method() Method { return d.method }

// TLS returns the state of the protected connection; nil where it is plain or
// not up yet.
func (d *Data) TLS() *tls.ConnectionState {
	if d.tls == nil {
		return nil
	}
	st := d.tls.ConnectionState()
	return &st
}

// Establish brings the connection up: it takes in the server's connection in
// active mode, and shakes hands where the connection is protected. It is to be
// called after the preliminary reply to the transfer command, since servers
// expect the handshake only then. Calling it again does nothing.
func (d *Data) Establish(ctx context.Context) error {
	if d.nc == nil {
		if err := d.arrive(ctx); err != nil {
			return err
		}
	}
	if d.cfg.TLS == nil || d.tls != nil {
		return nil
	}
	bound := d.ctl.Timeout()
	suspect := d.cfg.NarrowAfter > 0 && d.cfg.NarrowAfter < bound
	if suspect {
		bound = d.cfg.NarrowAfter * 3 / 5 // a handshake waits for no disk; its certificates fill several packets
	}
	hctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	d.end = &endWatch{Conn: d.nc}
	t := tls.Client(d.end, d.cfg.TLS)
	if err := t.HandshakeContext(hctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if hctx.Err() != nil && suspect {
			return d.copyError(ErrNarrow)
		}
		if hctx.Err() != nil {
			err = &pi.TimeoutError{What: "the TLS handshake", After: bound}
		}
		return &DataError{Method: d.method, Step: StepTLS, Addr: d.addr(), Err: err}
	}
	d.tls = t
	d.first()
	return nil
}

// first tells once that the connection carries data.
func (d *Data) first() {
	if !d.begun {
		d.begun = true
		if d.cfg.OnFirst != nil {
			d.cfg.OnFirst()
		}
	}
}

// arrive waits for the TCP connection: the server's in active mode, ours where
// it was not waited for.
func (d *Data) arrive(ctx context.Context) error {
	if d.dialled == nil {
		if err := d.acceptLater(); err != nil {
			return err
		}
	}
	return d.await(ctx, false)
}

// Sign waits, after a transfer command, for the first sign of the server: a reply,
// which is left to be read, or the connection, which some servers make before they
// say anything (vsftpd). Without either it gives up when Establish would.
func (d *Data) Sign(ctx context.Context) error {
	if d.nc != nil {
		return nil
	}
	if d.dialled == nil {
		if err := d.acceptLater(); err != nil {
			return err
		}
	}
	return d.await(ctx, true)
}

func (d *Data) addr() string {
	switch {
	case d.cfg.Through != "" && d.where != (netip.AddrPort{}):
		return Target(d.cfg.Through, d.where)
	case d.nc != nil:
		return d.nc.RemoteAddr().String()
	case d.where.IsValid():
		return d.where.String()
	case d.ln != nil:
		return d.ln.Addr().String()
	}
	return ""
}

// An endWatch sees whether the TCP connection ended under a TLS connection:
// crypto/tls reports io.EOF for that as it does for close_notify, but it reads no
// further once it has close_notify.
type endWatch struct {
	net.Conn
	ended bool
}

func (e *endWatch) Read(p []byte) (int, error) {
	n, err := e.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		e.ended = true
	}
	return n, err
}

// conn returns what bytes go through.
func (d *Data) conn() net.Conn {
	if d.tls != nil {
		return d.tls
	}
	return d.nc
}

// HalfClose says that nothing will be sent, on a plain connection that is established.
// It is for downloads from servers that wait with their last word until the end of the
// data is acknowledged (SO_LINGER, as vsftpd does): where something between carries bytes
// and no packets, such as a proxy or a tunnel, its far end holds that acknowledgement back
// for some 40 ms, unless it has closed its own side (RFC 1122, 4.2.3.2; RFC 9293, 3.6).
// It reports whether it did.
func (d *Data) HalfClose() bool {
	t, ok := d.nc.(*net.TCPConn)
	return ok && d.cfg.TLS == nil && t.CloseWrite() == nil
}

// Reset ends the connection so that the server sees a failure and not an end of
// file (TCP reset where the system allows it).
func (d *Data) Reset() {
	if t, ok := d.nc.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it the connection closes all the same, only more politely
	}
	d.Kill()
}

// drainFor is how long the rest of a protected download is thrown away after
// ABOR, before the connection is closed on the server.
const drainFor = 250 * time.Millisecond

// Abandon ends a transfer that has failed or is not wanted any more. An upload
// is reset, so that the server does not take a part for the whole. A protected
// download is first given a moment to end by itself: ProFTPD gives up the control
// connection when a protected data connection breaks under it.
func (d *Data) Abandon() {
	if d.used {
		d.Reset()
		return
	}
	if d.tls != nil {
		if err := d.tls.SetReadDeadline(time.Now().Add(drainFor)); err == nil {
			_, _ = io.Copy(io.Discard, d.tls)
		}
	}
	d.Kill()
}

// Kill ends the connection at once, from any goroutine.
func (d *Data) Kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.killed = true
	if d.ln != nil {
		_ = d.ln.Close()
	}
	if d.stopDial != nil {
		d.stopDial()
		select {
		case res := <-d.dialled:
			if res.nc != nil {
				_ = res.nc.Close()
			}
			d.dialled <- arrival{err: net.ErrClosed} // for whoever waits
		default:
		}
	}
	if d.release != nil {
		d.release()
		d.release = nil
	}
	if d.nc != nil {
		_ = d.nc.Close()
	}
}

// setConn makes nc the connection, unless the Data has been killed meanwhile.
func (d *Data) setConn(nc net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.killed {
		_ = nc.Close()
		return false
	}
	d.nc = nc
	if d.ln != nil {
		_ = d.ln.Close() // one connection is all that was asked for
		d.ln = nil
	}
	return true
}

// Close ends the connection. It is idempotent.
func (d *Data) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	d.Kill()
	return nil
}

// lingerFor is how long an upload over TLS waits for the server to close.
const lingerFor = 3 * time.Second

// finishTLS says close_notify and waits a moment for the server to close, so that
// bytes the server has not read yet are not lost with a reset.
func (d *Data) finishTLS(ctx context.Context) {
	if err := d.tls.SetDeadline(time.Now().Add(lingerFor)); err != nil {
		return
	}
	defer context.AfterFunc(ctx, func() { _ = d.nc.SetDeadline(time.Now()) })()
	if err := d.tls.CloseWrite(); err != nil {
		return
	}
	if t, ok := d.nc.(*net.TCPConn); ok {
		if err := t.CloseWrite(); err != nil {
			return
		}
	}
	// Unread bytes, such as session tickets, would turn our close into a reset.
	_, _ = io.Copy(io.Discard, d.tls)
}

// FinishUpload tells the server that the file is complete. On a plain
// connection that is the end of our half.
func (d *Data) FinishUpload(ctx context.Context) error {
	d.used = true
	if err := d.Establish(ctx); err != nil {
		return err
	}
	if d.tls != nil {
		d.finishTLS(ctx)
	}
	if t, ok := d.nc.(*net.TCPConn); ok && d.cfg.NarrowUp && t.CloseWrite() == nil {
		if err := d.awaitArrival(ctx); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return d.Close()
}

// stalled is what a wait for data runs out with.
func (d *Data) stalled() error {
	return d.copyError(&pi.TimeoutError{What: "data", After: d.ctl.Timeout()})
}

func (d *Data) copyError(err error) error {
	return &DataError{Method: d.method, Step: StepCopy, Addr: d.addr(), Err: err}
}

// isTimeout reports whether a deadline ran out, and nothing worse.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
