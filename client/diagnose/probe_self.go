package diagnose

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"portside/client"
	"portside/client/internal/dtp"
)

// selfReachFor bounds the connection to our own listener: it does not leave this
// computer.
const selfReachFor = 1500 * time.Millisecond

// selfReach listens as in active mode and connects to it from here.
func selfReach(ctx context.Context, local netip.Addr, ports client.PortRange) (Result, string) {
	ln, err := dtp.Listen(ctx, local, ports)
	if err != nil {
		return Fails, "no port could be opened: " + said(err.Error())
	}
	taken := make(chan net.Conn, 1)
	go func() {
		nc, acceptErr := ln.Accept()
		if acceptErr != nil {
			nc = nil
		}
		taken <- nc
	}()
	began := time.Now()
	dctx, cancel := context.WithTimeout(ctx, selfReachFor)
	defer cancel()
	var d net.Dialer
	nc, err := d.DialContext(dctx, "tcp", ln.Addr().String())
	took := time.Since(began)
	if err != nil {
		_ = ln.Close()
		if other := <-taken; other != nil {
			_ = other.Close()
		}
		if ctx.Err() != nil {
			return Unknown, "it was broken off"
		}
		return Fails, fmt.Sprintf("nothing came through to our own port %s: %s", ln.Addr(), said(err.Error()))
	}
	other := <-taken
	_ = nc.Close()
	_ = ln.Close()
	if other == nil {
		return Fails, "our own listener took no connection"
	}
	_ = other.Close()
	return Works, fmt.Sprintf("it can be reached from this computer at %s, in %s", local, round(took))
}
