package ftptest

import (
	"context"
	"net"
	"net/netip"
)

// portTries is how often PassivePorts is asked for a port that is free.
const portTries = 16

// PassivePorts makes the server listen for data on the ports that choose names,
// where it otherwise leaves the choice to the system. choose is given "PASV" or
// "EPSV", may be called by several goroutines at once, and is asked again where
// the port is taken; 0 leaves one choice to the system.
func PassivePorts(choose func(verb string) uint16) Option {
	return func(c *config) { c.passivePorts = choose }
}

// listenPassive opens a port for data.
func (c *Conn) listenPassive(verb string, ip netip.Addr) (net.Listener, error) {
	var lc net.ListenConfig
	choose := c.srv.settings().passivePorts
	if choose == nil {
		return lc.Listen(c.ctx, "tcp", netip.AddrPortFrom(ip, 0).String())
	}
	return listenChosen(c.ctx, ip, func() uint16 { return choose(verb) })
}

func listenChosen(ctx context.Context, ip netip.Addr, next func() uint16) (net.Listener, error) {
	var lc net.ListenConfig
	for try := 1; ; try++ {
		ln, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(ip, next()).String())
		if err == nil || try == portTries {
			return ln, err
		}
	}
}
