package lab

import (
	"fmt"
	"strings"
)

// A place is one namespace of the path and how it is set up.
type place struct {
	name    string
	devices []string // device=address, up to two addresses
	routes  []string
	rules   string // nftables
	forward bool
	ports   [2]int // range of the ports that the system hands out
}

// setup is what ip has to do in the namespace.
func (p place) setup() string {
	var b strings.Builder
	b.WriteString("link set lo up\n")
	for _, d := range p.devices {
		name, addrs, _ := strings.Cut(d, "=")
		fmt.Fprintf(&b, "link set %s up\n", name)
		for a := range strings.FieldsSeq(addrs) {
			nodad := ""
			if strings.Contains(a, ":") {
				nodad = " nodad"
			}
			fmt.Fprintf(&b, "addr add %s dev %s%s\n", a, name, nodad)
		}
	}
	for _, r := range p.routes {
		fmt.Fprintf(&b, "route add %s\n", r)
	}
	return b.String()
}

// sysctls is a script for the settings of the namespace.
func (p place) sysctls() string {
	var b strings.Builder
	if p.forward {
		b.WriteString("echo 1 >/proc/sys/net/ipv4/ip_forward\necho 1 >/proc/sys/net/ipv6/conf/all/forwarding\n")
	}
	if p.ports[1] > 0 {
		fmt.Fprintf(&b, "echo %d %d >/proc/sys/net/ipv4/ip_local_port_range\n", p.ports[0], p.ports[1])
	}
	return b.String()
}

// plan is the path of a scene, place by place.
func (sc *scene) plan() []place {
	lan, home := "192.0.2", clientPublic
	if sc.nat {
		lan, home = "192.168.50", clientPrivate
	}
	client := place{
		name:    atClient,
		devices: []string{"c0=" + home + "/24"},
		routes:  []string{"default via " + lan + ".1"},
		rules:   sc.clientRules,
	}
	near := place{
		name:    atNear,
		devices: []string{"n0=" + lan + ".1/24", "wire=" + nearOutside + "/24"},
		routes:  []string{"default via 198.51.100.2"},
		rules:   sc.nearRules,
		forward: true,
	}
	far := place{
		name:    atFar,
		devices: []string{"wire=198.51.100.2/24", "f0=203.0.113.1/24", "f2=198.18.0.1/24"},
		routes:  []string{"192.0.2.0/24 via " + nearOutside},
		rules:   sc.farRules,
		forward: true,
	}
	server := place{
		name:    atServer,
		devices: []string{"s0=" + serverPublic + "/24"},
		routes:  []string{"default via 203.0.113.1"},
		rules:   sc.serverRules,
		ports:   [2]int{passiveLow, passiveHigh},
	}
	stranger := place{
		name:    atStranger,
		devices: []string{"x0=" + strangerAddr + "/24"},
		routes:  []string{"default via 198.18.0.1"},
	}
	if sc.nat {
		near.rules += masquerade("wire")
	}
	if sc.hidden {
		server.devices, server.routes = []string{"s0=" + serverPrivate + "/24"}, []string{"default via 10.9.9.1"}
		far.devices[1] = "f0=10.9.9.1/24 " + serverPublic + "/32"
		far.rules += hide
	}
	if sc.ipv6 {
		client.devices[0] += " 2001:db8:1::2/64"
		client.routes = append(client.routes, "default via 2001:db8:1::1")
		near.devices[0] += " 2001:db8:1::1/64"
		near.devices[1] += " 2001:db8:2::1/64"
		near.routes = append(near.routes, "default via 2001:db8:2::2")
		far.devices[0] += " 2001:db8:2::2/64"
		far.devices[1] += " 2001:db8:3::1/64"
		far.routes = append(far.routes, "2001:db8:1::/64 via 2001:db8:2::1")
		server.devices[0] += " " + serverIPv6 + "/64"
		server.routes = append(server.routes, "default via 2001:db8:3::1")
	}
	return []place{client, near, far, server, stranger}
}

// masquerade hides everybody behind the address of a device.
func masquerade(device string) string {
	return `
table ip mask {
	chain postrouting {
		type nat hook postrouting priority 100
		oifname "` + device + `" masquerade
	}
}
`
}

// hide puts the server behind a NAT that passes on the control port and the
// passive ports.
const hide = `
table ip hide {
	chain prerouting {
		type nat hook prerouting priority -100
		iifname "wire" ip daddr 203.0.113.10 tcp dport { 21, 40000-49999 } dnat to 10.9.9.10
	}
	chain postrouting {
		type nat hook postrouting priority 100
		ip saddr 10.9.9.10 snat to 203.0.113.10
	}
}
`

// filter is a table with one chain for packets that pass, and one for those
// that are for the router itself.
func filter(forward, input string) string {
	return `
table inet lab {
	chain forward {
		type filter hook forward priority 0
		` + forward + `
	}
	chain input {
		type filter hook input priority 0
		` + input + `
	}
}
`
}

// dropInbound lets nobody outside begin a connection, without a word.
func dropInbound() string {
	return filter(`iifname "wire" ct state new drop`, `iifname "wire" ct state new drop`)
}

// refuseInbound says no to whoever begins a connection outside.
func refuseInbound() string {
	const rule = `iifname "wire" meta l4proto tcp ct state new reject with tcp reset`
	return filter(rule, rule)
}

// closePassive stops connections to a range of ports of the server.
func closePassive(ports, how string) string {
	return filter(`oifname "f0" tcp dport `+ports+` ct state new `+how, "")
}
