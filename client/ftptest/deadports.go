package ftptest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// blackHole is a port that answers no connection attempt: it listens, and its
// queue is full.
type blackHole struct {
	ln      net.Listener
	fillers []net.Conn
}

func newBlackHole(ctx context.Context, at netip.AddrPort) (*blackHole, error) {
	lc := net.ListenConfig{}
	ln, err := lc.Listen(ctx, "tcp", at.String())
	if err != nil {
		return nil, err
	}
	return blackHoleOf(ctx, ln)
}

// blackHoleOf makes the port of ln answer nothing any more; it closes ln where it cannot.
func blackHoleOf(ctx context.Context, ln net.Listener) (*blackHole, error) {
	h := &blackHole{ln: ln}
	if err := shrinkBacklog(ln); err != nil {
		h.close()
		return nil, err
	}
	d := net.Dialer{Timeout: 100 * time.Millisecond}
	// One that comes too late may be a computer that had no time; two are a full queue.
	for missed := 0; missed < 2; {
		if len(h.fillers) == 16 {
			h.close()
			return nil, errors.New("this system does not drop connections to a full queue")
		}
		conn, err := d.DialContext(ctx, "tcp", ln.Addr().String())
		if err != nil {
			missed++
			continue
		}
		missed, h.fillers = 0, append(h.fillers, conn)
	}
	return h, nil
}

func (h *blackHole) close() {
	if h == nil {
		return
	}
	for _, f := range h.fillers {
		_ = f.Close()
	}
	_ = h.ln.Close()
}

// refuser is a port that refuses: the near end of a connection, taken, but
// not listened on.
type refuser struct {
	ln   net.Listener
	conn net.Conn
}

func newRefuser(ctx context.Context, ip netip.Addr) (*refuser, error) {
	lc := net.ListenConfig{}
	ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(ip, 0).String())
	if err != nil {
		return nil, err
	}
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, 0))}
	conn, err := d.DialContext(ctx, "tcp", ln.Addr().String())
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &refuser{ln: ln, conn: conn}, nil
}

func (r *refuser) close() {
	if r == nil {
		return
	}
	_ = r.conn.Close()
	_ = r.ln.Close()
}

// ClosedPort returns a port of 127.0.0.1 that refuses connections until the end of the
// test. It is taken: no other program gets it meanwhile, as may happen to the port of a
// listener that was closed.
func ClosedPort(tb testing.TB) netip.AddrPort {
	tb.Helper()
	r, err := newRefuser(tb.Context(), netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.close)
	return r.at()
}

// at is the address that refuses.
func (r *refuser) at() netip.AddrPort {
	local, _ := r.conn.LocalAddr().(*net.TCPAddr) // its dialer is told to use TCP
	return local.AddrPort()
}

// holePort returns the server's black hole, made at first need.
func (s *Server) holePort(ctx context.Context, ip netip.Addr) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hole == nil {
		h, err := newBlackHole(ctx, netip.AddrPortFrom(ip, 0))
		if err != nil {
			return 0, err
		}
		s.hole = h
	}
	return portOf(s.hole.ln.Addr()), nil
}

// refusedPort returns the server's refusing port, made at first need.
func (s *Server) refusedPort(ctx context.Context, ip netip.Addr) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuser == nil {
		r, err := newRefuser(ctx, ip)
		if err != nil {
			return 0, err
		}
		s.refuser = r
	}
	return int(s.refuser.at().Port()), nil
}

func portOf(a net.Addr) int {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.Port
	}
	return 0
}
