package modes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// gatewayOf returns the gateway of the interface's default route in the family of
// prefix. It reads the routing table of the network namespace that this thread is in.
func gatewayOf(_ context.Context, name string, prefix netip.Prefix) netip.Addr {
	if prefix.Addr().Is4() {
		return bestGateway(routes4(readProc("route")), name)
	}
	return bestGateway(routes6(readProc("ipv6_route")), name)
}

// readProc reads /proc/net/name as this thread sees it; nil where it cannot.
func readProc(name string) []byte {
	for _, dir := range []string{"/proc/thread-self/net/", "/proc/net/"} {
		if data, err := os.ReadFile(dir + name); err == nil {
			return data
		}
	}
	return nil
}

// A route is a line of the routing table that has a gateway.
type route struct {
	iface   string
	bits    int // length of the destination's prefix; 0: the default route
	metric  uint64
	gateway netip.Addr
}

// The flags of a route, from linux/route.h.
const (
	routeUp      = 0x0001
	routeGateway = 0x0002
	routeReject  = 0x0200
)

// bestGateway returns the gateway of the interface's widest route, which is the
// default route where there is one; of equal ones that with the lowest metric.
func bestGateway(list []route, iface string) netip.Addr {
	var best *route
	for i := range list {
		r := &list[i]
		if r.iface != iface {
			continue
		}
		if best == nil || r.bits < best.bits || r.bits == best.bits && r.metric < best.metric {
			best = r
		}
	}
	if best == nil {
		return netip.Addr{}
	}
	return best.gateway
}

// routes4 reads /proc/net/route: a line of titles, then
// "Iface Destination Gateway Flags RefCnt Use Metric Mask …", the addresses in
// hexadecimal as the machine has them in memory.
func routes4(table []byte) []route {
	var out []route
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 8 {
			continue
		}
		gateway, gwErr := addr4(f[2])
		mask, maskErr := addr4(f[7])
		flags, flagsErr := strconv.ParseUint(f[3], 16, 32)
		metric, metricErr := strconv.ParseUint(f[6], 10, 64)
		if gwErr != nil || maskErr != nil || flagsErr != nil || metricErr != nil || !leads(flags) {
			continue
		}
		bits := 0
		for _, b := range mask.As4() {
			for ; b != 0; b <<= 1 {
				bits++
			}
		}
		out = append(out, route{iface: f[0], bits: bits, metric: metric, gateway: gateway})
	}
	return out
}

// leads reports whether a route with these flags has a gateway and is in use.
func leads(flags uint64) bool {
	return flags&routeUp != 0 && flags&routeGateway != 0 && flags&routeReject == 0
}

func addr4(s string) (netip.Addr, error) {
	v, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return netip.Addr{}, err
	}
	var b [4]byte
	binary.NativeEndian.PutUint32(b[:], uint32(v))
	return netip.AddrFrom4(b), nil
}

// routes6 reads /proc/net/ipv6_route, lines of
// "destination bits source bits gateway metric references uses flags interface",
// everything but the last in hexadecimal, the addresses in network order.
func routes6(table []byte) []route {
	var out []route
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 10 {
			continue
		}
		bits, bitsErr := strconv.ParseUint(f[1], 16, 8)
		raw, rawErr := hex.DecodeString(f[4])
		gateway, ok := netip.AddrFromSlice(raw)
		metric, metricErr := strconv.ParseUint(f[5], 16, 64)
		flags, flagsErr := strconv.ParseUint(f[8], 16, 64)
		if bitsErr != nil || rawErr != nil || !ok || metricErr != nil || flagsErr != nil || !leads(flags) {
			continue
		}
		out = append(out, route{iface: f[9], bits: int(bits), metric: metric, gateway: gateway})
	}
	return out
}
