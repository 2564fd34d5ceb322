package diagnose

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// A sceneCase is a truth, the evidence that it leaves, and the verdicts that must
// come of it: all of them, in order, and no other.
type sceneCase struct {
	name string
	make func() *scene
	want string // "CODE/severity …"
	mode string // recommended
	exit int
}

func sceneCases() []sceneCase {
	return slices.Concat(pathScenes(), natScenes(), serverScenes(), controlScenes(), tlsScenes(), proxyScenes())
}

// pathScenes are about what stands on the way of passive connections.
func pathScenes() []sceneCase {
	return []sceneCase{
		{
			"open", func() *scene { return newScene().passive(Works, "", 50001, millis(30)).active(Works, "") },
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"egress limited to 21, by drop: near and server's firewall look alike", func() *scene {
				return newScene().behindNAT().passive(Fails, HowDropped, 50001, millis(3000)).active(Fails, HowDropped).
					control(WhatOutside, 61613, ClassDropped, millis(2500), "").control(WhatSSH, 22, ClassDropped, millis(2000), "")
			},
			"PASV_DROPPED/failure ACTIVE_NAT/failure INCONCLUSIVE/note", "", 3,
		},
		{
			"egress limited to 21, by drop, and the routers told where", func() *scene {
				s := newScene().passive(Fails, HowDropped, 50001, millis(3000)).active(Works, "").
					control(WhatOutside, 61613, ClassDropped, millis(2500), "")
				s.Trace = &Trace{Port: 50001, Distance: 4, Hops: []TraceHop{{TTL: 1, Control: "hop", Offered: "silent"}, {TTL: 2, Control: "hop", Offered: "silent"}}, Stop: HopNear}
				s.Methods[0].Stop = HopNear
				return s
			},
			"PASV_DROPPED/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"egress limited to 21, by a ban that comes sooner than the server can answer", func() *scene {
				return newScene().passive(Fails, HowProhibited, 50001, millis(1)).active(Works, "").
					control(WhatOutside, 61613, ClassProhibited, millis(1), "")
			},
			"PASV_DROPPED/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"both directions blocked, no translation", func() *scene {
				return newScene().passive(Fails, HowDropped, 50001, millis(3000)).active(Fails, HowDropped).
					control(WhatOutside, 61613, ClassDropped, millis(2500), "")
			},
			"PASV_DROPPED/failure ACTIVE_FILTERED/failure INCONCLUSIVE/note INCONCLUSIVE/note", "", 3,
		},
		{
			"server closes its range by drop: ports outside it answer", func() *scene {
				return newScene().passive(Fails, HowDropped, 50001, millis(3000)).active(Works, "").
					control(WhatOutside, 61613, ClassRefused, millis(30), "")
			},
			"PASV_DROPPED/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"server closes its range by drop, client behind NAT", func() *scene {
				return newScene().behindNAT().passive(Fails, HowDropped, 50001, millis(3000)).active(Fails, HowDropped).
					control(WhatOutside, 61613, ClassRefused, millis(30), "").control(WhatSSH, 22, ClassOpen, millis(30), "SSH-2.0-OpenSSH_9.6")
			},
			"PASV_DROPPED/failure ACTIVE_NAT/failure SFTP_AVAILABLE/note", "", 3,
		},
		{
			"server closes its range by RST", func() *scene {
				return newScene().passive(Fails, HowRefused, 50001, millis(31)).active(Works, "")
			},
			"PASV_REFUSED/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"RST from so near that the time tells nothing", func() *scene {
				s := newScene().passive(Fails, HowRefused, 50001, Span(200000)).active(Works, "")
				s.Server.ConnectRTT = Span(300000)
				return s
			},
			"PASV_REFUSED/warning INCONCLUSIVE/note ACTIVE_OK/ok", "active", 4,
		},
		{
			"part of the range open", func() *scene {
				return newScene().epsv(Works, "", 50100, millis(30)).pasv(Works, "", 50300, millis(30)).
					epsv(Fails, HowDropped, 50700, millis(3000)).pasv(Fails, HowDropped, 50900, millis(3000)).active(Works, "")
			},
			"PASV_PARTIAL_RANGE/warning PASV_OK/ok ACTIVE_OK/ok", "active", 4,
		},
		{
			"part of the range open, and one method drew all the bad ports: no telling", func() *scene {
				return newScene().epsv(Fails, HowDropped, 50700, millis(3000)).epsv(Fails, HowDropped, 50900, millis(3000)).
					pasv(Works, "", 50100, millis(30)).pasv(Works, "", 50300, millis(30)).active(Works, "")
			},
			"INCONCLUSIVE/warning PASV_OK/ok ACTIVE_OK/ok", "pasv", 4,
		},
		{
			"part of the range open, seen by sampled ports alone", func() *scene {
				s := newScene().epsv(Fails, HowDropped, 50700, millis(3000)).epsv(Fails, HowDropped, 50900, millis(3000)).pasv(Works, "", 50100, millis(30))
				return s.sampled("EPSV", ClassOpen, 50010, 50200, 50310).sampled("EPSV", ClassDropped, 50700, 50900)
			},
			"PASV_PARTIAL_RANGE/warning PASV_OK/ok", "pasv", 4,
		},
		{
			"part of the range open, and every transfer drew a dead port", func() *scene {
				s := newScene().behindNAT().passive(Fails, HowDropped, 50800, millis(3000)).active(Fails, HowDropped)
				return s.sampled("EPSV", ClassOpen, 50010, 50200).sampled("EPSV", ClassDropped, 50800)
			},
			"PASV_PARTIAL_RANGE/failure ACTIVE_NAT/failure", "", 3,
		},
		{
			"EPSV filtered, and the sampled ports of EPSV are all dead", func() *scene {
				s := newScene().epsv(Fails, HowDropped, 50100, millis(3000)).epsv(Fails, HowDropped, 50900, millis(3000)).pasv(Works, "", 50500, millis(30))
				return s.sampled("EPSV", ClassDropped, 50100, 50900)
			},
			"EPSV_FILTERED/warning PASV_OK/ok", "pasv", 4,
		},
		{
			"EPSV filtered: its connections die among ports that work for PASV", func() *scene {
				return newScene().epsv(Fails, HowDropped, 50001, millis(3000)).pasv(Works, "", 50002, millis(30)).
					epsv(Fails, HowDropped, 50003, millis(3000)).pasv(Works, "", 50004, millis(30)).active(Works, "")
			},
			"EPSV_FILTERED/warning PASV_OK/ok ACTIVE_OK/ok", "pasv", 4,
		},
		{
			"EPSV filtered: no reply ever comes", func() *scene {
				return newScene().add(Attempt{Method: "EPSV", Result: Fails, How: HowSilent, ReplyTook: millis(4000)}).pasv(Works, "", 50002, millis(30)).active(Works, "")
			},
			"EPSV_FILTERED/warning PASV_OK/ok ACTIVE_OK/ok", "pasv", 4,
		},
		{
			"an old server that does not know EPSV is no fault", func() *scene {
				return newScene().refuse("EPSV", "500 Unknown command.").pasv(Works, "", 50002, millis(30)).refuse("EPRT", "500 Unknown command.").
					add(newScene().call("PORT", Works, ""))
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"a device answers EPSV in the place of a server that lists it", func() *scene {
				s := newScene().refuse("EPSV", "500 'XXXX': command not understood.").pasv(Works, "", 50002, millis(30))
				s.Server.FeatBefore = []string{"EPSV", "MDTM"}
				return s
			},
			"EPSV_FILTERED/warning PASV_OK/ok", "pasv", 4,
		},
		{
			"ghost accept: connected here, and the server saw nobody", func() *scene {
				s := newScene()
				for _, m := range []string{"EPSV", "PASV"} {
					s.add(Attempt{Method: m, Result: Fails, How: HowNoData, Ghost: true, Dialled: ipPort(serverIP, 50001), Reply: "227 Entering", Connect: millis(1), Final: "425 Failed to establish connection."})
				}
				return s.active(Works, "")
			},
			"GHOST_ACCEPT/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"something near passes data on", func() *scene {
				s := newScene()
				s.add(Attempt{Method: "EPSV", Result: Works, Ghost: true, Dialled: ipPort(serverIP, 50001), Connect: millis(1)})
				return s.active(Works, "")
			},
			"GHOST_ACCEPT/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"connected, empty, no ghost: several causes look alike", func() *scene {
				return newScene().passive(Fails, HowNoData, 50001, millis(30)).active(Works, "")
			},
			"INCONCLUSIVE/note ACTIVE_OK/ok", "active", 0,
		},
		{
			"one of several fails at random", func() *scene {
				return newScene().epsv(Works, "", 50100, millis(30)).pasv(Fails, HowDropped, 50200, millis(3000)).epsv(Works, "", 50300, millis(30)).pasv(Works, "", 50400, millis(30))
			},
			"INCONCLUSIVE/warning PASV_OK/ok", "epsv", 4,
		},
		{
			"IPv4 passive dropped, IPv6 works", func() *scene {
				s := newScene().passive(Fails, HowDropped, 50001, millis(3000)).control(WhatOutside, 61613, ClassRefused, millis(30), "")
				return s.add(Attempt{Method: "EPSV", Family: 6, Result: Works, Dialled: ipPort(serverIP6, 50009), Connect: millis(30)})
			},
			"PASV_DROPPED/warning PASV_OK/ok", "", 4,
		},
		{
			"PMTU black hole", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Sizes = []SizeTry{{Bytes: 100, Moved: 100, Result: Works, Took: millis(60)}, {Bytes: 262144, Moved: 0, Result: Fails, Took: millis(8000), Err: "nothing came for 8s"}}
				return s
			},
			"PMTU/failure PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"a refused upload is no lost packet", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Sizes = []SizeTry{{Bytes: 100, Moved: 100, Result: Works}, {Bytes: 262144, Up: true, Result: Fails, Err: "550 Permission denied."}}
				return s
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
	}
}

// natScenes are about what stands on the way of active connections.
func natScenes() []sceneCase {
	private := func(s *scene) *scene {
		return s.add(Attempt{Method: "PORT", Result: Works, Announced: ipPort(homeIP, 40001), Peer: ipPort(serverIP, 20), Connect: millis(32)})
	}
	return []sceneCase{
		{
			"NAT drops what comes in", func() *scene {
				return newScene().behindNAT().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
			},
			"ACTIVE_NAT/note PASV_OK/ok", "passive", 0,
		},
		{
			"NAT drops, and the site wants active mode", func() *scene {
				return newScene().behindNAT().mode("active").passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
			},
			"ACTIVE_NAT/failure PASV_OK/ok", "passive", 4,
		},
		{
			"NAT refuses what comes in: 425 at once", func() *scene {
				return newScene().behindNAT().passive(Works, "", 50001, millis(30)).active(Fails, HowRefused)
			},
			"ACTIVE_NAT/note PASV_OK/ok", "passive", 0,
		},
		{
			"NAT, and the server refuses the inner address", func() *scene {
				return newScene().behindNAT().passive(Works, "", 50001, millis(30)).refuse("EPRT", "500 Illegal EPRT command.").refuse("PORT", "500 Illegal PORT command.")
			},
			"ACTIVE_NAT/note PASV_OK/ok", "passive", 0,
		},
		{
			"NAT, and the server does not say how it sees us", func() *scene {
				s := newScene().behindNAT().passive(Works, "", 50001, millis(30)).refuse("EPRT", "500 Illegal EPRT command.").refuse("PORT", "500 Illegal PORT command.")
				s.Local.External, s.Local.NAT = netip.Addr{}, Unknown
				return s
			},
			"ACTIVE_NAT/note PASV_OK/ok", "passive", 0,
		},
		{
			"NAT with an FTP helper, plain", func() *scene { return private(newScene().behindNAT().passive(Works, "", 50001, millis(30))) },
			"ALG_REWRITES/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"NAT with an FTP helper, TLS", func() *scene {
				s := newScene().behindNAT().withTLS().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
				return s.addAs(Attempt{Method: "PORT", Result: Works, Announced: ipPort(homeIP, 40001), Peer: ipPort(serverIP, 20), Connect: millis(32)})
			},
			"ACTIVE_NAT/note ALG_REWRITES/note PASV_OK/ok", "passive", 0,
		},
		{
			"a port mapping helps", func() *scene {
				s := newScene().behindNAT().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
				s.Local.MappedBy = "UPnP-IGD"
				return s.add(Attempt{Method: "PORT", Result: Works, Announced: ipPort(outsideIP, 40001), Peer: ipPort(serverIP, 20), Connect: millis(32)})
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"CGNAT", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30))
				s.Local.Addr, s.Local.Class, s.Local.NAT = ipAddr("100.72.3.4"), "cgnat", Works
				return s.active(Fails, HowDropped)
			},
			"ACTIVE_CGNAT/note PASV_OK/ok", "passive", 0,
		},
		{
			"a VPN that uses the range of CGNAT is none", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30))
				s.Local.Addr, s.Local.Class, s.Local.NAT, s.Local.External = ipAddr("100.72.3.4"), "cgnat", Fails, ipAddr("100.72.3.4")
				s.Server.Remote = ipPort("100.80.1.1", 21)
				return s.active(Fails, HowDropped)
			},
			"ACTIVE_FILTERED/note INCONCLUSIVE/note PASV_OK/ok", "passive", 0,
		},
		{
			"our own listener cannot be reached", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
				s.Local.SelfReach = Fails
				return s
			},
			"ACTIVE_LOCAL_FW/note PASV_OK/ok", "passive", 0,
		},
		{
			"a firewall without translation drops what comes in", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).active(Fails, HowDropped)
			},
			"ACTIVE_FILTERED/note INCONCLUSIVE/note PASV_OK/ok", "passive", 0,
		},
		{
			"two inner networks, translation unknown: still a firewall, not NAT", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30))
				s.Local.Addr, s.Local.NAT, s.Local.External = ipAddr("10.1.0.5"), Unknown, netip.Addr{}
				s.Server.Remote = ipPort("10.2.0.5", 21)
				return s.active(Fails, HowDropped)
			},
			"ACTIVE_FILTERED/note INCONCLUSIVE/note PASV_OK/ok", "passive", 0,
		},
		{
			"a stranger knocks, and the transfer completes", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30))
				a := s.call("PORT", Works, "")
				a.Strangers = append(a.Strangers, ipPort("192.0.2.66", 4444))
				return s.add(a)
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"only a stranger comes", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30))
				a := s.call("PORT", Fails, HowForeign)
				a.Strangers = append(a.Strangers, ipPort("192.0.2.66", 4444))
				return s.add(a)
			},
			"INCONCLUSIVE/note PASV_OK/ok", "passive", 0,
		},
	}
}

// serverScenes are about the server's own settings.
func serverScenes() []sceneCase {
	return []sceneCase{
		{
			"227 names an inner address, the address of the login works", func() *scene {
				return newScene().epsv(Works, "", 50001, millis(30)).pasvNamed("10.0.0.5", Works, "", 50002, millis(30)).active(Works, "")
			},
			"PASV_PRIVATE_IP/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"227 names an inner address, and the range is closed too", func() *scene {
				return newScene().epsv(Fails, HowDropped, 50001, millis(3000)).pasvNamed("10.0.0.5", Fails, HowDropped, 50002, millis(3000)).active(Works, "").
					control(WhatOutside, 61613, ClassRefused, millis(30), "")
			},
			"PASV_DROPPED/warning PASV_PRIVATE_IP/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"two inner networks, where the named address is meant", func() *scene {
				s := newScene()
				s.Local.Addr, s.Local.External = ipAddr("10.1.0.5"), ipAddr("10.1.0.5")
				s.Server.Remote = ipPort("10.2.0.5", 21)
				a := Attempt{Method: "PASV", Result: Works, Announced: ipPort("10.3.0.5", 50001), Dialled: ipPort("10.2.0.5", 50001), Connect: millis(30)}
				s.add(a)
				a.At, a.Dialled = "reply", a.Announced
				return s.add(a)
			},
			"PASV_OK/ok", "passive", 0,
		},
		{
			"227 names another public address", func() *scene {
				return newScene().epsv(Works, "", 50001, millis(30)).pasvNamed("192.0.2.99", Works, "", 50002, millis(30)).active(Works, "")
			},
			"PASV_FOREIGN_IP/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"the server refuses PORT and EPRT", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).refuse("EPRT", "500 Illegal EPRT command.").refuse("PORT", "500 Illegal PORT command.")
			},
			"ACTIVE_REJECTED/note PASV_OK/ok", "passive", 0,
		},
		{
			"the server has active mode switched off, and there is NAT as well", func() *scene {
				return newScene().behindNAT().passive(Works, "", 50001, millis(30)).refuse("EPRT", "502 Command not implemented.").refuse("PORT", "502 Command not implemented.")
			},
			"ACTIVE_REJECTED/note PASV_OK/ok", "passive", 0,
		},
		{
			"the server refuses PASV and EPSV", func() *scene {
				return newScene().refuse("EPSV", "502 Command not implemented.").refuse("PASV", "502 Command not implemented.").active(Works, "")
			},
			"PASV_DISABLED/warning ACTIVE_OK/ok", "active", 4,
		},
		{
			"the server refuses both", func() *scene {
				return newScene().refuse("EPSV", "550 Permission denied.").refuse("PASV", "550 Permission denied.").refuse("EPRT", "550 Permission denied.").refuse("PORT", "550 Permission denied.")
			},
			"PASV_DISABLED/failure ACTIVE_REJECTED/failure", "", 3,
		},
		{
			"ports in sequence", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).active(Works, "").found(PortsInOrder, 1, 11, 11)
			},
			"PORTS_SEQUENTIAL/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"ports in strides", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).active(Works, "").found(PortsStride, 7, 10, 11)
			},
			"PORTS_SEQUENTIAL/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"ports in sequence, on a busy server with required resumption", func() *scene {
				s := newScene().withTLS().passive(Works, "", 50001, millis(30)).active(Works, "").found(PortsBusy, 2, 10, 11)
				s.TLS.Required = Works
				return s
			},
			"TLS_REUSE_REQUIRED/note PORTS_SEQUENTIAL/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"narrow range", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).active(Works, "").found(PortsFew, 0, 0, 0)
			},
			"PORTS_NARROW/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"random ports", func() *scene {
				return newScene().passive(Works, "", 50001, millis(30)).active(Works, "").found(PortsRandom, 0, 0, 11)
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"a second connection is refused", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Limits = Limits{Second: Fails, SecondErr: "421 There are too many connections from your internet address."}
				return s
			},
			"LIMIT_CONNECTIONS/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"a second connection without an answer proves no limit", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Limits = Limits{Second: Fails, SecondErr: "no answer within 8s"}
				return s
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"a router forgets resting connections", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Limits.Idle = []Idle{{Wait: millis(60000), Result: Works}, {Wait: millis(120000), Result: Fails, Err: "no answer"}}
				return s
			},
			"IDLE_TIMER/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
	}
}

// controlScenes are those in which no session comes about, or a disturbed one.
func controlScenes() []sceneCase {
	return []sceneCase{
		{
			"unknown host", func() *scene {
				s := newScene().noSession("", "host", "resolve ftp.exmaple.org:21: lookup ftp.exmaple.org: no such host")
				s.Control = nil
				return s
			},
			"CTRL_DNS/failure", "", 2,
		},
		{
			"control port refused", func() *scene {
				return newScene().noSession(ClassRefused, "refused", "connect: connection refused")
			},
			"CTRL_REFUSED/failure", "", 2,
		},
		{
			"control port silent, SSH answers", func() *scene {
				return newScene().noSession(ClassDropped, "timeout", "no answer").control(WhatSSH, 22, ClassOpen, millis(30), "SSH-2.0-OpenSSH_9.6")
			},
			"CTRL_TIMEOUT/failure SFTP_AVAILABLE/note", "", 2,
		},
		{
			"something that is not FTP", func() *scene {
				s := newScene().noSession(ClassOpen, "other", "greeting: not a reply")
				s.Control[0].Said = "HTTP/1.1 400 Bad Request"
				return s
			},
			"INCONCLUSIVE/failure", "", 2,
		},
		{
			"the server is full", func() *scene {
				return newScene().noLogin("busy", `the login was refused: "421 Too many users"`)
			},
			"LIMIT_CONNECTIONS/failure", "", 2,
		},
		{
			"login refused", func() *scene {
				return newScene().noLogin("login", `the login was refused: "530 Login incorrect."`)
			},
			"LOGIN_FAILED/failure", "", 2,
		},
		{
			"the server wants TLS before the login", func() *scene {
				return newScene().noLogin("tls", `the login was refused: "530 Non-anonymous sessions must use encryption."`)
			},
			"TLS_REQUIRED/failure", "", 2,
		},
		{
			"the handshake fails", func() *scene {
				return newScene().noLogin("tls", "tls: handshake failure")
			},
			"TLS_FAILED/failure", "", 2,
		},
		{
			"the certificate is not trusted", func() *scene {
				return newScene().noLogin("certificate", "the certificate of ftp.example.org is not trusted")
			},
			"TLS_FAILED/failure", "", 2,
		},
		{
			"a proxy masks the greeting", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Server.Banner, s.Server.BannerMasked, s.Server.Software = "*************", true, ""
				return s
			},
			"CTRL_INTERCEPTED/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"the greeting names TLS and the features do not", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Server.Banner, s.Server.Software, s.Server.FeatBefore = "Welcome to Pure-FTPd [privsep] [TLS]", "Pure-FTPd", []string{"EPSV", "MLST"}
				return s
			},
			"TLS_STRIPPED/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"a list of features without AUTH alone proves nothing", func() *scene {
				s := newScene().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.Server.FeatBefore = []string{"EPSV", "MLST"}
				return s
			},
			"PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"cancelled before anything was tried", func() *scene {
				s := newScene()
				s.Stopped = "it was cancelled"
				return s
			},
			"INCONCLUSIVE/warning", "", 4,
		},
	}
}

// tlsScenes are about the protection of data connections.
func tlsScenes() []sceneCase {
	return []sceneCase{
		{
			"resumption demanded, and given", func() *scene {
				s := newScene().withTLS().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.TLS.Required = Works
				return s
			},
			"TLS_REUSE_REQUIRED/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"resumption demanded, and not accepted", func() *scene {
				s := newScene().withTLS()
				for _, m := range []string{"EPSV", "PASV"} {
					s.add(Attempt{Method: m, Result: Fails, How: HowTLS, Stop: HopServer, Dialled: ipPort(serverIP, 50001), Reply: "229", Final: "522 SSL connection failed; session reuse required: see require_ssl_reuse option in vsftpd.conf man page"})
				}
				return s
			},
			"TLS_REUSE_REQUIRED/failure", "", 3,
		},
		{
			"the handshake of data connections fails without a word", func() *scene {
				s := newScene().withTLS()
				s.add(Attempt{Method: "EPSV", Result: Fails, How: HowTLS, Dialled: ipPort(serverIP, 50001), Err: "remote error: tls: internal error"})
				return s
			},
			"TLS_FAILED/failure", "", 3,
		},
		{
			"data must be encrypted", func() *scene {
				s := newScene()
				for _, m := range []string{"EPSV", "PASV"} {
					s.add(Attempt{Method: m, Result: Fails, How: HowTLS, Stop: HopServer, Dialled: ipPort(serverIP, 50001), Reply: "229", Final: "522 Data connections must be encrypted."})
				}
				return s
			},
			"TLS_REQUIRED/failure", "", 3,
		},
		{
			"no closing mark", func() *scene {
				s := newScene().withTLS().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.TLS.CloseNotify = Fails
				return s
			},
			"TLS_CLOSE_BROKEN/warning PASV_OK/ok ACTIVE_OK/ok", "passive", 4,
		},
		{
			"only TLS 1.2 works", func() *scene {
				s := newScene().withTLS().passive(Works, "", 50001, millis(30)).active(Works, "")
				s.TLS.Version, s.TLS.Only12 = "TLS 1.2", true
				return s
			},
			"TLS_ONLY_12/note PASV_OK/ok ACTIVE_OK/ok", "passive", 0,
		},
		{
			"data connections work under TLS 1.2 only", func() *scene {
				s := newScene().withTLS()
				s.TLS.Only12 = true
				for _, m := range []string{"EPSV", "PASV"} {
					s.add(Attempt{Method: m, Result: Fails, How: HowTLS, Stop: HopServer, Dialled: ipPort(serverIP, 50001), Reply: "229", Final: "522 session reuse required"})
				}
				return s
			},
			"TLS_ONLY_12/warning", "", 4,
		},
		{
			"protected data connections come about with small packets only", func() *scene {
				s := newScene().withTLS()
				s.TLS.OnlySmall = true
				for _, m := range []string{"EPSV", "PASV"} {
					s.add(Attempt{Method: m, Result: Fails, How: HowTLS, Stop: HopServer, Dialled: ipPort(serverIP, 50001), Reply: "229"})
				}
				return s
			},
			"PMTU/failure", "auto", 4,
		},
		{
			"a device opens passive ports that it can read, and cannot read TLS", func() *scene {
				s := newScene().withTLS().passive(Fails, HowDropped, 50001, millis(3000)).active(Works, "")
				return s.addAs(Attempt{Method: "PASV", Result: Works, Dialled: ipPort(serverIP, 50009), Announced: ipPort(serverIP, 50009), Connect: millis(30)})
			},
			"PASV_DROPPED/warning ALG_REWRITES/note INCONCLUSIVE/note ACTIVE_OK/ok", "active", 4,
		},
	}
}

// given writes the verdicts of a report as a case has them.
func given(r *Report) string {
	var out []string
	for _, v := range r.Verdicts {
		out = append(out, fmt.Sprintf("%s/%s", v.Code, v.Severity))
	}
	return strings.Join(out, " ")
}

func TestJudgeScenes(t *testing.T) {
	for _, c := range sceneCases() {
		t.Run(c.name, func(t *testing.T) {
			s := c.make()
			Judge(&s.Report)
			if got := given(&s.Report); got != c.want {
				t.Errorf("verdicts\n got %s\nwant %s", got, c.want)
			}
			if s.Recommended != c.mode {
				t.Errorf("recommended %q, want %q", s.Recommended, c.mode)
			}
			if got := s.ExitCode(); got != c.exit {
				t.Errorf("exit code %d, want %d", got, c.exit)
			}
		})
	}
}
