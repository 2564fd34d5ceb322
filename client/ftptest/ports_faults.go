package ftptest

import (
	"context"
	"net"
	"sync"
	"time"
)

// DropPorts makes the passive ports for which drop is true answer no connection
// attempt, as a firewall does that lets part of a range through. drop is given
// "PASV" or "EPSV" and the port. It needs a system that drops connections to a
// full queue, such as Linux; elsewhere the command is refused with 425.
func DropPorts(drop func(verb string, port uint16) bool) Option {
	return func(c *config) { c.dropPorts = drop }
}

// RefusePorts makes the passive ports for which refuse is true refuse connections:
// nobody listens there.
func RefusePorts(refuse func(verb string, port uint16) bool) Option {
	return func(c *config) { c.refusePorts = refuse }
}

// GhostPassive makes somebody else take the connections to passive ports, as an
// antivirus program or a proxy may: they complete, nothing comes, and the server
// sees nobody (425 after the DataTimeout).
func GhostPassive(verbs ...string) Option {
	return func(c *config) { c.addFault(onPassive, verbs, func(p *plan) { p.ghost = true }) }
}

// IdleTimeout ends a control connection with 421 when no command came for d,
// transfers aside.
func IdleTimeout(d time.Duration) Option { return func(c *config) { c.idle = d } }

// ghost takes connections and does nothing with them.
type ghost struct {
	ln net.Listener
	wg sync.WaitGroup
}

func newGhost(ln net.Listener) *ghost {
	g := &ghost{ln: ln}
	g.wg.Go(func() {
		var taken []net.Conn
		defer func() {
			for _, conn := range taken {
				_ = conn.Close()
			}
		}()
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			taken = append(taken, conn)
		}
	})
	return g
}

// close lets the connections go.
func (g *ghost) close() {
	if g != nil {
		_ = g.ln.Close()
		g.wg.Wait()
	}
}

// deadPort makes the port of ln one that answers nothing.
func (s *Server) deadPort(ctx context.Context, ln net.Listener) error {
	h, err := blackHoleOf(ctx, ln)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holes = append(s.holes, h)
	if len(s.holes) > maxHoles { // the oldest is long forgotten
		s.holes[0].close()
		s.holes = s.holes[1:]
	}
	return nil
}

// maxHoles bounds the dead ports of DropPorts at a time.
const maxHoles = 64

// nextLine waits for a command; false means that none comes any more.
func (c *Conn) nextLine() (request, bool) {
	d := c.srv.settings().idle
	if d <= 0 {
		l, ok := <-c.lines
		return l, ok
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case l, ok := <-c.lines:
		return l, ok
	case <-t.C:
		c.Send("421 Timeout: nothing was said for " + d.String() + ". Closing the control connection.")
		return request{}, false
	}
}
