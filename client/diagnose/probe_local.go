package diagnose

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"portside/client"
	"portside/client/modes"
)

// probeLocal describes this computer, and finds out by what proxy the server is reached.
// The source address is known only once the control connection is there.
func (r *run) probeLocal(ctx context.Context, t *task) {
	list, ipv6 := interfaces()
	firewall, proxy := systemFirewall(), systemProxy(os.Getenv)
	r.update(func(rep *Report) {
		rep.Local.Interfaces, rep.Local.IPv6, rep.Local.Firewall, rep.Local.Proxy = list, ipv6, firewall, proxy
	})
	detail := count(len(list), "interface")
	if ipv6 {
		detail += ", with IPv6"
	}
	for _, i := range list {
		if i.VPN {
			detail += ", " + i.Name + " looks like a VPN"
		}
	}
	if proxy != "" {
		detail += ", proxy " + proxy
	}
	if firewall != "" {
		detail += ", " + firewall
	}
	way, err := r.findWay(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		t.skip("%s", stopReason(ctx))
		return
	case err != nil:
		r.fail(&client.DialError{Op: client.OpConnect, Addr: r.hostPort, Err: err})
		t.show(Fails, "%s", r.said(client.Explain(err).Sentence))
		return
	case way.Proxy != "":
		detail += "; all connections go by " + way.String()
	}
	t.show(Works, "%s", detail)
}

// findWay finds the way to the server. Where there is none nothing is connected to: not
// past a proxy either.
func (r *run) findWay(ctx context.Context) (client.Way, error) {
	way, err := client.FindWay(ctx, r.target.Addr, r.target.Options)
	if err != nil {
		return way, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.way = way
	for _, s := range way.Secrets() {
		if len(s) >= leastSecret && s != r.target.Options.User {
			r.secrets = append(r.secrets, s)
		}
	}
	if way.Proxy != "" {
		r.rep.Proxy = &ProxyFacts{Kind: way.Kind.String(), Addr: said(way.Proxy), From: way.From}
	}
	return way, nil
}

// mostInterfaces bounds the list of a computer with many containers.
const mostInterfaces = 32

func interfaces() (list []Interface, ipv6 bool) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, false
	}
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || len(list) == mostInterfaces {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		one := Interface{Name: said(i.Name), VPN: looksLikeVPN(i.Name, i.Flags)}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			one.Addrs = append(one.Addrs, p)
			class := classOf(p.Addr())
			ipv6 = ipv6 || p.Addr().Is6() && (class == "public" || class == "ula")
		}
		if len(one.Addrs) > 0 {
			list = append(list, one)
		}
	}
	return list, ipv6
}

// vpnNames are how the interfaces of tunnels begin.
var vpnNames = []string{"tun", "tap", "utun", "wg", "ppp", "ipsec", "zt", "tailscale", "nordlynx", "proton", "vpn", "gpd", "cscotun"}

func looksLikeVPN(name string, flags net.Flags) bool {
	name = strings.ToLower(name)
	for _, v := range vpnNames {
		if strings.HasPrefix(name, v) {
			return true
		}
	}
	return flags&net.FlagPointToPoint != 0
}

// classOf sorts an address by where it can be reached from.
func classOf(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10) // RFC 6598
	switch {
	case !a.IsValid():
		return ""
	case a.IsLoopback():
		return "loopback"
	case a.IsLinkLocalUnicast():
		return "link-local"
	case shared.Contains(a):
		return "cgnat"
	case a.IsPrivate() && a.Is6():
		return "ula"
	case a.IsPrivate():
		return "private"
	default:
		return "public"
	}
}

// systemProxy names a proxy of the environment, without its password.
func systemProxy(getenv func(string) string) string {
	for _, name := range []string{"ftp_proxy", "FTP_PROXY", "all_proxy", "ALL_PROXY"} {
		v := getenv(name)
		if v == "" {
			continue
		}
		if u, err := url.Parse(v); err == nil && u.Host != "" {
			return said(u.Scheme + "://" + u.Host)
		}
		return name + " is set"
	}
	return ""
}

// systemFirewall tells of the system's own firewall what may be read without
// special rights.
func systemFirewall() string {
	if b, err := os.ReadFile("/etc/ufw/ufw.conf"); err == nil {
		for l := range strings.Lines(string(b)) {
			if strings.EqualFold(strings.TrimSpace(l), "ENABLED=yes") {
				return "ufw is on"
			}
		}
	}
	if _, err := os.Stat("/run/firewalld/firewalld.pid"); err == nil {
		return "firewalld is on"
	}
	if _, err := os.Stat("/run/firewalld.pid"); err == nil {
		return "firewalld is on"
	}
	return ""
}

// setLocal takes note of the source address of the control connection.
func (r *run) setLocal(ctx context.Context, local netip.Addr) {
	network := modes.LocalNetwork(ctx, local).String()
	r.update(func(rep *Report) {
		rep.Local.Addr, rep.Local.Class, rep.Local.Network = local, classOf(local), network
	})
}

// probeSelf connects to a listener of ours by the address that EPRT and PORT tell.
func (r *run) probeSelf(ctx context.Context, t *task) {
	r.mu.Lock()
	local := r.rep.Local.Addr
	r.mu.Unlock()
	result, detail := selfReach(ctx, local, r.target.Options.ActivePorts)
	r.update(func(rep *Report) { rep.Local.SelfReach = result })
	t.show(result, "%s", detail)
}
