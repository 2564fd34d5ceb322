package diagnose

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"portside/client"
	"portside/client/internal/dtp"
)

// selfReach listens as in active mode and connects to it from here.
func selfReach(ctx context.Context, local netip.Addr, ports client.PortRange) (Result, string) {
	began := time.Now()
	where, err := dtp.SelfReachAt(ctx, local, ports)
	switch {
	case err == nil:
		return Works, fmt.Sprintf("it can be reached from this computer at %s, in %s", local, round(time.Since(began)))
	case ctx.Err() != nil:
		return Unknown, "it was broken off"
	case !where.IsValid():
		return Fails, "no port could be opened: " + said(err.Error())
	default:
		return Fails, fmt.Sprintf("nothing came through to our own port %s: %s", where, said(err.Error()))
	}
}
