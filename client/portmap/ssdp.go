package portmap

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/net/ipv4"
)

// ssdpTargets are searched for: some routers answer to the device only, some to a service.
// Version 2 answers to searches for version 1 (UPnP Device Architecture 1.1, 1.3.2).
var ssdpTargets = [...]string{
	"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
	"urn:schemas-upnp-org:service:WANIPConnection:1",
	"urn:schemas-upnp-org:service:WANPPPConnection:1",
}

var ssdpGroup = netip.AddrFrom4([4]byte{239, 255, 255, 250})

const (
	ssdpBytes     = 2048
	ssdpLocations = 4 // that are looked at
)

// ssdpTimes are when a search is sent, after the first: datagrams get lost.
var ssdpTimes = []time.Duration{300 * time.Millisecond, 600 * time.Millisecond}

// search asks the gateway where its device descriptions are, by multicast on the local
// interface and directly (UPnP Device Architecture 1.1, 1.3.2). It gives each to found
// until that returns true, or ctx is over.
func search(ctx context.Context, opt Options, found func(*url.URL) bool) error {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, "udp4", netip.AddrPortFrom(opt.Local, 0).String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	pc := ipv4.NewPacketConn(conn)
	if ifc := interfaceOf(opt.Local); ifc != nil {
		_ = pc.SetMulticastInterface(ifc) // without it the system goes by the source address
	}
	_ = pc.SetMulticastTTL(2)
	_ = pc.SetMulticastLoopback(false)
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	seen := map[string]bool{}
	buf := make([]byte, ssdpBytes)
	for round := 0; ; round++ {
		if round <= len(ssdpTimes) {
			if err = sendSearch(conn, opt); err != nil {
				return err
			}
		}
		var until time.Time
		if round < len(ssdpTimes) {
			until = time.Now().Add(ssdpTimes[round])
		}
		if err = conn.SetReadDeadline(until); err != nil {
			return err
		}
		if ctx.Err() != nil { // and the deadline of the AfterFunc may just have been moved
			return context.Cause(ctx)
		}
		for {
			loc, err := readLocation(conn, buf, opt.Gateway)
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() {
				break
			}
			if err != nil {
				return err
			}
			if loc == nil || seen[loc.String()] || len(seen) == ssdpLocations {
				continue
			}
			seen[loc.String()] = true
			if found(loc) {
				return nil
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// sendSearch sends one round. It fails only where no datagram could be sent.
func sendSearch(conn net.PacketConn, opt Options) error {
	var last error
	sent := false
	for _, to := range []netip.Addr{ssdpGroup, opt.Gateway} {
		for _, target := range ssdpTargets {
			msg := fmt.Sprintf("M-SEARCH * HTTP/1.1\r\nHOST: %s:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: %s\r\n\r\n", ssdpGroup, target)
			_, err := conn.WriteTo([]byte(msg), net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, opt.ports.ssdp)))
			if err != nil {
				last = err
				continue
			}
			sent = true
		}
	}
	if sent {
		return nil
	}
	return last
}

// readLocation reads one datagram. It is nil where that is no answer of the gateway's, or
// names a place that is not the gateway.
func readLocation(conn net.PacketConn, buf []byte, gateway netip.Addr) (*url.URL, error) {
	n, from, err := conn.ReadFrom(buf)
	if err != nil {
		return nil, err
	}
	u, ok := from.(*net.UDPAddr)
	if !ok || u.AddrPort().Addr().Unmap() != gateway {
		return nil, nil //nolint:nilnil // a datagram of no interest
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(buf[:n])), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, nil //nolint:nilnil,nilerr // a datagram of no interest
	}
	defer func() { _ = resp.Body.Close() }()
	loc, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || !isGateway(loc, gateway) {
		return nil, nil //nolint:nilnil,nilerr // a datagram of no interest
	}
	return loc, nil
}

// isGateway reports whether a URL leads to the gateway, named by its address.
func isGateway(u *url.URL, gateway netip.Addr) bool {
	host, err := netip.ParseAddr(u.Hostname())
	return err == nil && u.Scheme == "http" && host.Unmap() == gateway
}

// interfaceOf returns the interface that has the address; nil where there is none.
func interfaceOf(local netip.Addr) *net.Interface {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for i := range list {
		addrs, err := list[i].Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok && p.IP.Equal(local.AsSlice()) {
				return &list[i]
			}
		}
	}
	return nil
}
