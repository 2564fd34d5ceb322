package modes

import (
	"context"
	"net"
	"net/netip"
)

// A Network is the local network as a session sees it. It holds nothing that names a
// person, a place or a device: no host name, no name of a wireless network, no
// hardware address. Two networks with the same numbers (many homes are
// 192.168.1.0/24) are the same to it; what is remembered wrongly then costs one
// failed attempt.
type Network struct {
	Gateway netip.Addr   // of the default route; zero: none is known, or there is none
	Prefix  netip.Prefix // zero: not known
}

// String is the network's fingerprint: "192.0.2.0/24 via 192.0.2.1", the prefix
// alone where no gateway is known, "loopback", or "unknown".
func (n Network) String() string {
	switch {
	case n.Prefix.IsValid() && n.Prefix.Addr().IsLoopback():
		return "loopback"
	case n.Prefix.IsValid() && n.Gateway.IsValid():
		return n.Prefix.String() + " via " + n.Gateway.String()
	case n.Prefix.IsValid():
		return n.Prefix.String()
	case n.Gateway.IsValid():
		return "via " + n.Gateway.String()
	default:
		return "unknown"
	}
}

// LocalNetwork finds the network that local, the source address of a control
// connection, is in: the prefix of its interface and the gateway of its default route.
// What cannot be found out is left empty. It asks the system only, never the network;
// outside Linux it may take some tens of milliseconds.
func LocalNetwork(ctx context.Context, local netip.Addr) Network {
	local = local.Unmap().WithZone("")
	if !local.IsValid() {
		return Network{}
	}
	if local.IsLoopback() {
		bits := 8
		if local.Is6() {
			bits = 128
		}
		return Network{Prefix: netip.PrefixFrom(local, bits).Masked()}
	}
	name, prefix := interfaceOf(local)
	if name == "" {
		return Network{}
	}
	n := Network{Prefix: anonymousPrefix(prefix)}
	if gw := gatewayOf(ctx, name, prefix); gw.IsValid() {
		n.Gateway = anonymous(gw)
	}
	return n
}

// interfaceOf returns the name of the interface that has the address, and its prefix.
func interfaceOf(local netip.Addr) (name string, prefix netip.Prefix) {
	list, err := net.Interfaces()
	if err != nil {
		return "", netip.Prefix{}
	}
	for _, ifc := range list {
		addrs, err := ifc.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && p.Addr().Unmap() == local {
				return ifc.Name, p
			}
		}
	}
	return "", netip.Prefix{}
}

// anonymousPrefix is the network part of p. A prefix of one address, as tunnels and
// dialled connections have it, names one computer and changes with each login: it is
// widened, as is one that shows part of a hardware address.
func anonymousPrefix(p netip.Prefix) netip.Prefix {
	bits := p.Bits()
	switch {
	case p.Addr().Is4() && bits == 32:
		bits = 24
	case p.Addr().Is6() && bits > 64 && (bits == 128 || fromHardware(p.Addr())):
		bits = 64
	}
	return netip.PrefixFrom(p.Addr(), bits).Masked()
}

// anonymous returns a without an interface identifier that was made of a hardware
// address: that of a router is listed with its place in public databases.
func anonymous(a netip.Addr) netip.Addr {
	a = a.WithZone("")
	if !fromHardware(a) {
		return a
	}
	return netip.PrefixFrom(a, 64).Masked().Addr()
}

// fromHardware reports whether a holds a hardware address (modified EUI-64; RFC 4291,
// appendix A): ff:fe in the middle of its interface identifier.
func fromHardware(a netip.Addr) bool {
	if !a.Is6() || a.Is4In6() {
		return false
	}
	b := a.As16()
	return b[11] == 0xff && b[12] == 0xfe
}
