package diagnose

import (
	"net/netip"
	"time"
)

// The addresses of the scenes: documentation addresses (RFC 5737, RFC 3849) for
// what is outside, private ones for what is inside.
const (
	serverIP  = "198.51.100.20"
	serverIP6 = "2001:db8::20"
	homeIP    = "192.168.1.10"
	outsideIP = "203.0.113.7"
)

func ipAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func ipPort(ip string, port uint16) netip.AddrPort { return netip.AddrPortFrom(ipAddr(ip), port) }

func millis(n int) Span { return Span(time.Duration(n) * time.Millisecond) }

func sceneTime() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// A scene is a hand-made report, built by the functions below.
type scene struct{ Report }

// newScene is a session with a server on the internet, from a computer with a
// public address, a round trip of 30 ms, all ports beside 21 closed by RST.
func newScene() *scene {
	return &scene{Report{
		Format: FormatVersion, Started: sceneTime(), Took: millis(6000), Mode: "auto",
		Local: Local{Addr: ipAddr(outsideIP), Class: "public", External: ipAddr(outsideIP), ExternalBy: "STAT", NAT: Fails, SelfReach: Works},
		Server: Server{
			Addr: "ftp.example.org:21", Host: "ftp.example.org", Addresses: []netip.Addr{ipAddr(serverIP)},
			Remote: ipPort(serverIP, 21), RTT: millis(30), ConnectRTT: millis(30), Banner: "(vsFTPd 3.0.5)", Software: "vsftpd",
		},
		Control: []Control{{Addr: ipPort(serverIP, 21), What: WhatFTP, Class: ClassOpen, Took: millis(30), Said: "220 (vsFTPd 3.0.5)"}},
		Limits:  Limits{Second: Works},
		Ports:   PortFinding{Class: PortsRandom},
	}}
}

// behindNAT moves this computer behind a router.
func (s *scene) behindNAT() *scene {
	s.Local.Addr, s.Local.Class, s.Local.NAT = ipAddr(homeIP), "private", Works
	return s
}

func (s *scene) withTLS() *scene {
	s.TLS = &TLSFacts{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Tries: 6, Resumed: 6, Worked: 6, CloseNotify: Works}
	return s
}

func (s *scene) mode(m string) *scene {
	s.Mode = m
	return s
}

// add appends an attempt of the session's security, with what is the same for all.
func (s *scene) add(a Attempt) *scene {
	a.TLS = s.TLS != nil
	return s.addAs(a)
}

// addAs appends an attempt with a security of its own.
func (s *scene) addAs(a Attempt) *scene {
	if a.Family == 0 {
		a.Family = 4
	}
	a.Began = sceneTime().Add(time.Duration(len(s.Methods)) * 3 * time.Second)
	if a.Result == Works {
		a.How, a.Bytes = HowOK, 312
	}
	if a.Took == 0 {
		a.Took = a.Connect
	}
	s.Methods = append(s.Methods, a)
	return s
}

// passive appends EPSV and PASV attempts, one each, at port and the next.
func (s *scene) passive(result Result, how string, port uint16, connect Span) *scene {
	return s.epsv(result, how, port, connect).pasv(result, how, port+1, connect)
}

func (s *scene) epsv(result Result, how string, port uint16, connect Span) *scene {
	return s.add(Attempt{Method: "EPSV", Result: result, How: how, Dialled: ipPort(serverIP, port), Announced: ipPort(serverIP, port), Reply: "229 Entering Extended Passive Mode", Connect: connect})
}

func (s *scene) pasv(result Result, how string, port uint16, connect Span) *scene {
	return s.pasvNamed(serverIP, result, how, port, connect)
}

func (s *scene) pasvNamed(ip string, result Result, how string, port uint16, connect Span) *scene {
	return s.add(Attempt{Method: "PASV", Result: result, How: how, Dialled: ipPort(serverIP, port), Announced: ipPort(ip, port), Reply: "227 Entering Passive Mode", Connect: connect})
}

// active appends EPRT and PORT attempts.
func (s *scene) active(result Result, how string) *scene {
	for _, m := range []string{"EPRT", "PORT"} {
		s.add(s.call(m, result, how))
	}
	return s
}

func (s *scene) call(method string, result Result, how string) Attempt {
	a := Attempt{Method: method, Result: result, How: how, Announced: ipPort(s.Local.Addr.String(), 40001), Reply: "200 OK", Connect: millis(8000)}
	if result == Works {
		a.Peer, a.Connect = ipPort(serverIP, 20), millis(32)
	}
	return a
}

// refuse appends an attempt whose command was refused by a reply.
func (s *scene) refuse(method, reply string) *scene {
	a := Attempt{Method: method, Result: Fails, How: HowRejected, Stop: HopServer, Reply: reply}
	if isActive(a) {
		a.Announced = ipPort(s.Local.Addr.String(), 40001)
	}
	return s.add(a)
}

// control appends a try of another port.
func (s *scene) control(what string, port uint16, class string, took Span, said string) *scene {
	s.Control = append(s.Control, Control{Addr: ipPort(serverIP, port), What: what, Class: class, Took: took, Said: said})
	return s
}

// noSession makes the control port end in class, with an error of a kind.
func (s *scene) noSession(class, kind, text string) *scene {
	s.Control[0].Class, s.Control[0].Said = class, ""
	s.Server.Banner, s.Server.Software, s.Error, s.ErrKind = "", "", text, kind
	s.Limits, s.Ports, s.Local.External, s.Local.NAT, s.Local.SelfReach = Limits{}, PortFinding{}, netip.Addr{}, Unknown, Unknown
	return s
}

// noLogin lets the server answer and the login fail.
func (s *scene) noLogin(kind, text string) *scene {
	s.Error, s.ErrKind, s.Limits, s.Ports = text, kind, Limits{}, PortFinding{}
	return s
}

// ports sets what the port analysis found.
func (s *scene) found(class PortClass, step, hits, tried int) *scene {
	f := PortFinding{Class: class, Hits: hits, Tried: tried, Step: step, LongestRun: hits, Low: 50001, High: 50012, Candidates: 1, Next: 50013, Odds: 1e-9}
	for i := range 12 {
		f.Samples = append(f.Samples, PortSample{Time: sceneTime().Add(time.Duration(i) * 150 * time.Millisecond), Port: 50001 + uint16(i*max(step, 1)), Method: "EPSV"})
	}
	s.Ports = f
	return s
}

// sampled appends sampled passive ports with what became of a connection to them.
func (s *scene) sampled(method, class string, ports ...uint16) *scene {
	for _, p := range ports {
		s.Ports.Samples = append(s.Ports.Samples, PortSample{Time: sceneTime(), Port: p, Method: method})
		s.Coverage = append(s.Coverage, Control{Addr: ipPort(serverIP, p), What: WhatOffered, Class: class, Took: millis(30)})
	}
	return s
}
