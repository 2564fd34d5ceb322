package lab

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"portside/client/diagnose"
	"portside/client/ftptest"
	"portside/client/internal/realserver"
)

// Often used truths.
var (
	allOpen    = ways{open, open, open, open}
	behindNAT  = ways{open, open, "rejected/dropped", "rejected/dropped"}
	noPassive  = ways{dropped, dropped, open, open}
	passiveWay = []string{"EPSV", "PASV"}
	activeWay  = []string{"EPRT", "PORT"}
	allWell    = []int{0}
	wellEnough = []int{0, 4}
	detour     = []int{4}
	noWay      = []int{3}
	noSession  = []int{2}
)

// whichFirewall is why a verdict may leave open who has to act.
const whichFirewall = "nothing comes back from either of two firewalls, and no high port of the server answers"

// scenes lists every scene. The first is what the others are measured by.
func scenes() []scene {
	return slices.Concat(openScenes(), clientScenes(), serverPathScenes(), inspectedScenes(), portScenes(), serverScenes())
}

// openScenes have nothing in the way.
func openScenes() []scene {
	well := truth{ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit, must: []string{diagnose.PASVOK, diagnose.ActiveOK}, exits: allWell}
	demanding := well
	demanding.must = append(slices.Clone(well.must), diagnose.TLSReuseRequired)
	v6 := well
	v6.ways = ways{open, rejected, open, rejected}
	return []scene{
		{name: "open", about: "nothing in the way", truth: well},
		{name: "open-tls", about: "nothing in the way, TLS", tls: true, truth: well},
		{name: "open-proftpd", about: "nothing in the way, TLS, ProFTPD", kind: realserver.ProFTPD, tls: true, like: "open-proftpd", truth: demanding},
		{name: "open-ipv6", about: "nothing in the way, IPv6", ipv6: true, truth: v6},
		{name: "stranger", about: "a stranger connects to our active port first", stranger: true, server: knock, truth: well},
	}
}

// clientScenes have something in the way at the client's network.
func clientScenes() []scene {
	const out21 = `iifname "n0" tcp dport 21 ct state new accept
		iifname "n0" ct state new drop
		`
	return []scene{
		{
			name: "nat-drop", about: "the client's NAT drops what comes in", nat: true, nearRules: dropInbound(),
			truth: truth{
				ways: behindNAT, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveNAT}, exits: wellEnough,
				who: map[string][]string{diagnose.ActiveNAT: {diagnose.ActNetwork}},
			},
		},
		{
			name: "nat-rst", about: "the client's NAT refuses what comes in", nat: true, nearRules: refuseInbound(),
			truth: truth{
				ways: ways{open, open, "rejected/refused", "rejected/refused"}, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveNAT}, exits: wellEnough,
				who: map[string][]string{diagnose.ActiveNAT: {diagnose.ActNetwork}},
			},
		},
		{
			name: "nat-lax", about: "a NAT that drops, and a server that takes any address", nat: true, nearRules: dropInbound(),
			farRules: noWayTo192168,
			server:   func() []ftptest.Option { return []ftptest.Option{ftptest.AllowForeignData()} },
			truth: truth{
				ways: ways{open, open, "dropped/dropped", "dropped/dropped"}, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveNAT}, exits: wellEnough,
				who: map[string][]string{diagnose.ActiveNAT: {diagnose.ActNetwork}},
			},
		},
		{
			name: "nat-alg", about: "the client's NAT rewrites FTP (ALG)", nat: true, nearRules: dropInbound() + alg,
			truth: truth{
				ways: ways{open, open, "open/dropped", "open/dropped"}, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveOK, diagnose.ALGRewrites}, exits: wellEnough,
				who: map[string][]string{diagnose.ALGRewrites: {diagnose.ActNetwork}},
			},
		},
		{
			name: "nat-alg-tls", about: "the same with TLS, which it cannot read", nat: true, tls: true, nearRules: dropInbound() + alg,
			truth: truth{
				ways: behindNAT, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveNAT}, may: []string{diagnose.ALGRewrites}, exits: wellEnough,
				who: map[string][]string{diagnose.ActiveNAT: {diagnose.ActNetwork}},
			},
		},
		{
			name: "egress-21", about: "only port 21 is let out, port 20 in",
			nearRules: filter(out21+`iifname "wire" tcp sport 20 ct state new accept
		iifname "wire" ct state new drop`, ""),
			server: func() []ftptest.Option { return []ftptest.Option{ftptest.FromPort20()} },
			truth: truth{
				ways: noPassive, finds: activeWay, cold: coldLimit,
				must: []string{diagnose.PASVDropped, diagnose.ActiveOK}, exits: detour,
				unsure: whichFirewall, who: map[string][]string{diagnose.PASVDropped: {diagnose.ActYou, diagnose.ActNetwork}},
			},
		},
		{
			name: "both-blocked", about: "only port 21 is let out, nothing in", kind: realserver.VSFTPD,
			nearRules: filter(out21+`iifname "wire" ct state new drop`, ""),
			truth: truth{
				ways: ways{dropped, dropped, dropped, dropped}, cold: worstLimit, byChoice: true,
				must: []string{diagnose.PASVDropped, diagnose.ActiveFiltered}, exits: noWay,
				unsure: whichFirewall, who: map[string][]string{diagnose.PASVDropped: {diagnose.ActYou, diagnose.ActNetwork}},
			},
		},
		{
			name: "nat-blocked", about: "the client's NAT drops what comes in, the server's firewall passive ports", nat: true,
			nearRules: dropInbound(), farRules: closePassive("1024-65535", "drop"),
			truth: truth{
				ways: ways{dropped, dropped, "rejected/dropped", "rejected/dropped"}, cold: worstLimit,
				must: []string{diagnose.PASVDropped, diagnose.ActiveNAT}, exits: noWay,
				unsure: whichFirewall, who: map[string][]string{diagnose.PASVDropped: {diagnose.ActYou, diagnose.ActProvider}},
			},
		},
		{
			name: "local-firewall", about: "the client's own firewall drops what comes in",
			clientRules: filter("", `iifname "c0" ct state new drop`),
			truth: truth{
				ways: ways{open, open, dropped, dropped}, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK}, either: []string{diagnose.ActiveLocalFW, diagnose.ActiveFiltered},
				unsure: "no connection tells a firewall on the client from one before it", exits: wellEnough,
			},
		},
		{
			name: "ghost", about: "a shield on the client answers for dead ports", ghost: true,
			clientRules: ghostRules, farRules: closePassive("40000-49999", "drop"),
			truth: truth{
				ways: ways{ghostly, ghostly, open, open}, finds: activeWay, cold: coldLimit,
				must: []string{diagnose.GhostAccept, diagnose.ActiveOK}, may: []string{diagnose.PASVDropped}, exits: detour,
				who: map[string][]string{diagnose.GhostAccept: {diagnose.ActYou}},
			},
		},
		{
			name: "pmtu", about: "large packets vanish on the way (PMTU)", mtu: 1400,
			nearRules: noFragNeeded, farRules: noFragNeeded,
			truth: truth{
				ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit,
				must: []string{diagnose.PMTU}, may: []string{diagnose.PASVOK, diagnose.ActiveOK}, exits: []int{3, 4},
				who: map[string][]string{diagnose.PMTU: {diagnose.ActNetwork}},
			},
		},
	}
}

// alg makes near understand FTP: it rewrites PORT, 227 and the like, and lets
// in what they announce.
const alg = `
table ip alg {
	ct helper ftp-standard {
		type "ftp" protocol tcp
		l3proto ip
	}
	chain prerouting {
		type filter hook prerouting priority 0
		tcp dport 21 ct helper set "ftp-standard"
	}
}
`

// noWayTo192168 drops what is sent to such addresses, as providers do.
const noWayTo192168 = `
table ip bogons {
	chain prerouting {
		type filter hook prerouting priority 0
		iifname "f0" ip daddr 192.168.0.0/16 drop
	}
}
`

// noFragNeeded keeps the message back that would tell of a smaller packet size.
const noFragNeeded = `
table ip silence {
	chain output {
		type filter hook output priority 0
		icmp type destination-unreachable drop
	}
}
`

// serverPathScenes have something in the way at the server's network.
func serverPathScenes() []scene {
	return []scene{
		{
			name: "server-nat", about: "the server's 227 has its private address", hidden: true,
			truth: truth{
				ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVPrivateIP, diagnose.ActiveOK}, may: []string{diagnose.PASVOK}, exits: wellEnough,
				who: map[string][]string{diagnose.PASVPrivateIP: {diagnose.ActProvider}},
			},
		},
		{
			name: "server-nat-old", about: "the same, and it knows PASV and PORT only", hidden: true,
			server: func() []ftptest.Option { return []ftptest.Option{ftptest.Without("EPSV", "EPRT")} },
			truth: truth{
				ways: ways{rejected, open, rejected, open}, finds: []string{"PASV"}, cold: coldLimit,
				must: []string{diagnose.PASVPrivateIP, diagnose.ActiveOK}, may: []string{diagnose.PASVOK}, exits: wellEnough,
				who: map[string][]string{diagnose.PASVPrivateIP: {diagnose.ActProvider}},
			},
		},
		{
			name: "passive-drop", about: "the server's firewall drops passive ports", farRules: closePassive("1024-65535", "drop"),
			kind: realserver.VSFTPD,
			truth: truth{
				ways: noPassive, finds: activeWay, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVDropped, diagnose.ActiveOK}, exits: detour,
				unsure: whichFirewall, who: map[string][]string{diagnose.PASVDropped: {diagnose.ActYou, diagnose.ActProvider}},
			},
		},
		{
			name: "passive-drop-ipv6", about: "the same over IPv6", ipv6: true, farRules: closePassive("40000-49999", "drop"),
			truth: truth{
				ways: ways{dropped, rejected, open, rejected}, finds: []string{"EPRT"}, cold: coldLimit,
				must: []string{diagnose.PASVDropped, diagnose.ActiveOK}, exits: detour,
				who: map[string][]string{diagnose.PASVDropped: {diagnose.ActProvider}},
			},
		},
		{
			name: "passive-rst", about: "the server's firewall refuses passive ports, TLS", farRules: closePassive("1024-65535", "reject with tcp reset"),
			kind: realserver.ProFTPD, tls: true, like: "open-proftpd",
			truth: truth{
				ways: ways{refused, refused, open, open}, finds: activeWay, cold: coldLimit,
				must: []string{diagnose.PASVRefused, diagnose.ActiveOK, diagnose.TLSReuseRequired}, exits: detour,
			},
		},
		{
			name: "change", about: "nothing in the way, until the server's firewall drops passive ports",
			laterRules: closePassive("1024-65535", "drop"),
			truth: truth{
				ways: allOpen, finds: []string{"EPSV"}, later: activeWay, cold: coldLimit,
				must: []string{diagnose.PASVDropped, diagnose.ActiveOK}, exits: detour,
				unsure: whichFirewall, who: map[string][]string{diagnose.PASVDropped: {diagnose.ActYou, diagnose.ActProvider}},
			},
		},
		{
			name: "down", about: "no server there", down: true,
			truth: truth{exit: 3, cold: coldLimit, must: []string{diagnose.CtrlRefused}, exits: noSession},
		},
		{
			name: "unreachable", about: "the server's firewall drops everything", down: true, stall: true,
			farRules: filter(`oifname "f0" drop`, ""),
			truth:    truth{exit: 3, cold: coldLimit, must: []string{diagnose.CtrlTimeout}, exits: noSession},
		},
		{
			name: "passive-part", about: "a quarter of the passive ports is closed, the client behind NAT", nat: true, single: true,
			nearRules: dropInbound(), farRules: closePassive("47500-49999", "drop"),
			server: func() []ftptest.Option { return ports(everyFourthHigh()) },
			truth: truth{
				ways: behindNAT, finds: passiveWay, cold: coldLimit,
				must: []string{diagnose.PASVPartialRange, diagnose.ActiveNAT}, may: []string{diagnose.PASVOK}, exits: detour,
				who: map[string][]string{diagnose.PASVPartialRange: {diagnose.ActProvider}},
			},
		},
	}
}

// inspectedScenes have a firewall at the client that reads the control
// connection.
func inspectedScenes() []scene {
	natted := [2]string{"rejected/dropped", "rejected/dropped"}
	return []scene{
		{
			name: "epsv-pinhole", about: "a firewall opens the ports of PASV, not those of EPSV", nat: true,
			inspect: opensPASV, nearRules: inspectRules + pinholeRules,
			truth: truth{
				ways: ways{dropped, open, natted[0], natted[1]}, finds: []string{"PASV"}, cold: coldLimit,
				must: []string{diagnose.EPSVFiltered, diagnose.ActiveNAT}, may: []string{diagnose.PASVOK}, exits: detour,
				who: map[string][]string{diagnose.EPSVFiltered: {diagnose.ActNetwork}},
			},
		},
		{
			name: "epsv-swallowed", about: "a firewall swallows EPSV", nat: true,
			inspect: swallowsEPSV, nearRules: inspectRules + dropInbound(),
			truth: truth{
				ways: ways{silent, open, natted[0], natted[1]}, finds: []string{"PASV"}, cold: coldLimit,
				must: []string{diagnose.EPSVFiltered, diagnose.ActiveNAT}, may: []string{diagnose.PASVOK}, exits: detour,
				who: map[string][]string{diagnose.EPSVFiltered: {diagnose.ActNetwork}},
			},
		},
		{
			name: "epsv-garbled", about: "a firewall blots out EPSV and EPRT", nat: true,
			inspect: garblesEPSV, nearRules: inspectRules + dropInbound(),
			truth: truth{
				ways: ways{rejected, open, "rejected/rejected", natted[1]}, finds: []string{"PASV"}, cold: coldLimit,
				must: []string{diagnose.PASVOK, diagnose.ActiveNAT}, may: []string{diagnose.EPSVFiltered}, exits: wellEnough,
			},
		},
		{
			name: "proxy-banner", about: "a transparent proxy masks the banner", nat: true,
			inspect: masksBanner, nearRules: inspectRules + dropInbound(),
			truth: truth{
				ways: ways{open, open, natted[0], natted[1]}, finds: []string{"EPSV"}, cold: coldLimit,
				must: []string{diagnose.CtrlIntercepted, diagnose.PASVOK, diagnose.ActiveNAT}, exits: wellEnough,
				who: map[string][]string{diagnose.CtrlIntercepted: {diagnose.ActNetwork}},
			},
		},
	}
}

// portScenes have servers that choose their passive ports in their own ways.
func portScenes() []scene {
	says := func(codes ...string) truth {
		return truth{
			ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit,
			must: append([]string{diagnose.PASVOK, diagnose.ActiveOK}, codes...), exits: wellEnough,
		}
	}
	random := says()
	random.exits = allWell
	return []scene{
		{
			name: "ports-sequential", about: "passive ports one after the other",
			server: func() []ftptest.Option { return ports(steps(func() int { return 1 })) }, truth: says(diagnose.PortsSequential),
		},
		{
			name: "ports-stride", about: "passive ports in steps of seven",
			server: func() []ftptest.Option { return ports(steps(func() int { return 7 })) }, truth: says(diagnose.PortsSequential),
		},
		{
			name: "ports-busy", about: "one after the other, other clients take some",
			server: func() []ftptest.Option { return ports(steps(func() int { return 1 + rand.IntN(4) })) }, truth: says(diagnose.PortsSequential),
		},
		{
			name: "ports-narrow", about: "passive ports at random, of twenty",
			server: func() []ftptest.Option { return ports(func() int { return rand.IntN(20) }) }, truth: says(diagnose.PortsNarrow),
		},
		{
			name: "ports-random", about: "passive ports at random, of ten thousand",
			server: func() []ftptest.Option { return ports(func() int { return rand.IntN(10_000) }) }, truth: random,
		},
	}
}

// ports makes a server choose passive ports: next returns them less passiveLow.
func ports(next func() int) []ftptest.Option {
	return []ftptest.Option{ftptest.PassivePorts(func(string) uint16 { return uint16(passiveLow + next()%10_000) })}
}

// steps goes on by step each time.
func steps(step func() int) func() int {
	var at atomic.Int64
	return func() int { return int(at.Add(int64(step()))) }
}

// everyFourthHigh returns random numbers, of which each fourth is from 7,500 to
// 9,999 and the others are below.
func everyFourthHigh() func() int {
	var calls atomic.Int64
	return func() int {
		if calls.Add(1)%4 == 3 {
			return 7_500 + rand.IntN(2_500)
		}
		return rand.IntN(7_500)
	}
}

// serverScenes have servers that refuse or demand something.
func serverScenes() []scene {
	refuse := func(verbs ...string) []ftptest.Option {
		var options []ftptest.Option
		for _, v := range verbs {
			options = append(options, ftptest.Reply(v, fmt.Sprintf("502 %s is disabled here.", v)))
		}
		return options
	}
	return []scene{
		{
			name: "no-port", about: "the server refuses PORT and EPRT",
			server: func() []ftptest.Option { return refuse("PORT", "EPRT") },
			truth: truth{
				ways: ways{open, open, rejected, rejected}, finds: []string{"EPSV"}, cold: coldLimit, byChoice: true,
				must: []string{diagnose.PASVOK, diagnose.ActiveRejected}, exits: wellEnough,
				who: map[string][]string{diagnose.ActiveRejected: {diagnose.ActProvider}},
			},
		},
		{
			name: "no-pasv", about: "the server refuses PASV and EPSV",
			server: func() []ftptest.Option { return refuse("PASV", "EPSV") },
			truth: truth{
				ways: ways{rejected, rejected, open, open}, finds: activeWay, cold: coldLimit,
				must: []string{diagnose.PASVDisabled, diagnose.ActiveOK}, exits: detour,
				who: map[string][]string{diagnose.PASVDisabled: {diagnose.ActProvider}},
			},
		},
		{
			name: "no-data", about: "the server refuses all four",
			server: func() []ftptest.Option { return refuse("PASV", "EPSV", "PORT", "EPRT") },
			truth: truth{
				ways: ways{rejected, rejected, rejected, rejected}, cold: worstLimit,
				must: []string{diagnose.PASVDisabled, diagnose.ActiveRejected}, exits: noWay,
				who: map[string][]string{diagnose.PASVDisabled: {diagnose.ActProvider}},
			},
		},
		{
			name: "tls-reuse", about: "the server demands TLS session reuse", kind: realserver.VSFTPD, tls: true,
			truth: truth{
				ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit,
				must: []string{diagnose.TLSReuseRequired, diagnose.PASVOK, diagnose.ActiveOK}, exits: allWell,
			},
		},
		{
			name: "one-connection", about: "the server refuses a second connection", single: true,
			server: func() []ftptest.Option { return []ftptest.Option{ftptest.MaxConns(1)} },
			truth: truth{
				ways: allOpen, finds: []string{"EPSV"}, cold: coldLimit,
				must: []string{diagnose.LimitConnections, diagnose.PASVOK, diagnose.ActiveOK}, exits: wellEnough,
				who: map[string][]string{diagnose.LimitConnections: {diagnose.ActProvider}},
			},
		},
		{
			name: "one-connection-drop", about: "the same, and passive ports are dropped", single: true, farRules: closePassive("40000-49999", "drop"),
			server: func() []ftptest.Option { return []ftptest.Option{ftptest.MaxConns(1)} },
			truth: truth{
				ways: noPassive, finds: activeWay, cold: worstLimit,
				must: []string{diagnose.LimitConnections, diagnose.PASVDropped, diagnose.ActiveOK}, exits: detour,
				who: map[string][]string{diagnose.PASVDropped: {diagnose.ActProvider}},
			},
		},
	}
}
