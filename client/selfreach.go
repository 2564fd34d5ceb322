package client

import (
	"context"
	"net/netip"

	"portside/client/internal/dtp"
)

// SelfReach tells whether this computer reaches a listener of its own: it listens on
// local, the address of a control connection's near end, at a port of the range (zero:
// any), connects to itself and proves by a random token that its own socket answered. It
// returns where it listened, which is not valid where listening failed already. Nothing
// leaves the computer, and it takes 300 ms at most.
//
// An error means that active mode cannot work for a cause on this computer. Success says
// nothing of its firewall: the questions that Windows and macOS ask about incoming
// connections concern those from elsewhere.
func SelfReach(ctx context.Context, local netip.Addr, ports PortRange) (netip.AddrPort, error) {
	return dtp.SelfReachAt(ctx, local, ports)
}
