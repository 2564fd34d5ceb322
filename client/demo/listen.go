package demo

import (
	"net"
)

// controlListener remembers the connections it accepts.
type controlListener struct {
	net.Listener
	s *Server
}

// Accept implements net.Listener.
func (l *controlListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &trackedConn{Conn: conn, s: l.s}
		if l.s.track(c, true) {
			return c, nil
		}
		_ = conn.Close()
	}
}

// trackedConn is forgotten when it is closed.
type trackedConn struct {
	net.Conn
	s *Server
}

// Close implements net.Conn.
func (c *trackedConn) Close() error {
	c.s.forget(c)
	return c.Conn.Close()
}

// passiveListener lets loopback in alone: the library's passive ports are open
// on every interface.
type passiveListener struct {
	net.Listener
	s *Server
}

// Accept implements net.Listener.
func (l *passiveListener) Accept() (net.Conn, error) {
	defer l.s.forget(l.Listener)
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &trackedConn{Conn: conn, s: l.s}
		if loopback(conn.RemoteAddr()) && l.s.track(c, false) {
			return c, nil
		}
		_ = conn.Close()
	}
}
