package dtp

import (
	"context"
	"net"
	"net/netip"
)

// Listen opens a listener on addr for active mode, at a random port of the range.
// It is for those who measure a data connection and make it step by step.
func Listen(ctx context.Context, addr netip.Addr, r PortRange) (*net.TCPListener, error) {
	return listenIn(ctx, addr, r)
}

// Argument gives what follows EPRT (RFC 2428, 2) or PORT (RFC 959, 4.1.2) for a
// listener at where. PORT has no room for an IPv6 address.
func Argument(m Method, where netip.AddrPort) (string, error) {
	switch {
	case m == EPRT:
		return formatEPRT(where), nil
	case !where.Addr().Is4():
		return "", errNoIPv6
	default:
		return formatPORT(where), nil
	}
}

// AddrPort returns the address of a TCP connection, IPv4 in its own form.
func AddrPort(a net.Addr) (netip.AddrPort, error) { return addrPort(a) }
