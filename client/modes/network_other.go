//go:build !linux

package modes

import (
	"context"
	"net/netip"

	"github.com/jackpal/gateway"
)

// gatewayOf returns the system's default gateway where it lies in the interface's
// own network. The system is asked for IPv4 only: the prefix tells IPv6 networks
// apart.
func gatewayOf(ctx context.Context, _ string, prefix netip.Prefix) netip.Addr {
	if !prefix.Addr().Is4() || ctx.Err() != nil {
		return netip.Addr{}
	}
	ip, err := gateway.DiscoverGateway()
	if err != nil {
		return netip.Addr{}
	}
	addr, ok := netip.AddrFromSlice(ip)
	if addr = addr.Unmap(); !ok || !prefix.Contains(addr) {
		return netip.Addr{}
	}
	return addr
}
