// Package scenes has hand-made reports of diagnoses, for the tests of what shows
// them: all well, active connections stopped by a NAT, passive ports dropped,
// and ports in sequence.
package scenes

import (
	"net/netip"
	"time"

	"portside/client/diagnose"
)

// At is when every scene begins.
func At() time.Time { return time.Date(2026, 11, 20, 9, 12, 4, 0, time.UTC) }

const ms = diagnose.Span(time.Millisecond)

func addr(s string) netip.Addr         { return netip.MustParseAddr(s) }
func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// AllWell is a server in the same network: every method works.
func AllWell() *diagnose.Report {
	r := base()
	r.Local.Addr, r.Local.Class, r.Local.NAT = addr("203.0.113.40"), "public", diagnose.Fails
	r.Local.External, r.Local.ExternalBy = r.Local.Addr, "STAT"
	r.Methods = append(passive(diagnose.Works), active(diagnose.Works, diagnose.HowOK, diagnose.HopUnknown)...)
	r.Ports = Random(12)
	r.Verdicts = []diagnose.Verdict{passiveOK(), {
		Code: diagnose.ActiveOK, Severity: diagnose.OK, Confidence: "certain", Actor: diagnose.ActNobody, Mode: "active",
		Sentence: "Active connections work.",
		Evidence: []string{"EPRT over IPv4 with TLS: the server connected to 203.0.113.40:49821 from 203.0.113.9:20 after 31 ms."},
	}}
	r.Recommended = "auto"
	return r
}

// ActiveBlocked is a computer behind a NAT, which the server cannot reach.
func ActiveBlocked() *diagnose.Report {
	r := base()
	r.Methods = append(passive(diagnose.Works), active(diagnose.Fails, diagnose.HowDropped, diagnose.HopNear)...)
	r.Ports = Random(12)
	r.Took = 8900 * ms
	r.Verdicts = []diagnose.Verdict{{
		Code: diagnose.ActiveNAT, Severity: diagnose.Warning, Confidence: "certain", Actor: diagnose.ActNetwork, Mode: "passive",
		Sentence: "The server cannot open connections to this computer, because a router (NAT) stands in between.",
		Meaning:  "Active mode does not work in this network. Passive mode does, and Portside uses it by itself, so nothing needs to be done unless you want active mode.",
		Evidence: []string{
			"This computer's address is 192.168.1.7; the server sees 198.51.100.4 (it said so in STAT).",
			"EPRT over IPv4 with TLS: 09:12:07 UTC, announced 192.168.1.7:49821; no connection came within 4.0 s.",
			"PORT over IPv4 with TLS: 09:12:11 UTC, announced 192.168.1.7:49822; no connection came within 4.0 s.",
			"Our own listener can be reached from this computer, so its software is not the cause.",
		},
		ForAdmin: "Request: FTP in active mode from 192.168.1.7 (NAT address 198.51.100.4) to ftp.example.org (203.0.113.9).\n" +
			"TCP 21 works (23 ms). Connections from 203.0.113.9:20 to 198.51.100.4:49152-65535 do not arrive.",
	}, passiveOK()}
	r.Recommended = "passive"
	return r
}

// PassiveDropped is a server whose passive ports a firewall drops, and a NAT
// before this computer: nothing works.
func PassiveDropped() *diagnose.Report {
	r := base()
	r.Methods = append(passive(diagnose.Fails), active(diagnose.Fails, diagnose.HowDropped, diagnose.HopNear)...)
	r.Ports = Random(8)
	r.Took = 21300 * ms
	r.Verdicts = []diagnose.Verdict{{
		Code: diagnose.PASVDropped, Severity: diagnose.Failure, Confidence: "likely", Actor: diagnose.ActProvider,
		Sentence: "A firewall before the server drops the connections that carry listings and files.",
		Meaning:  "You can log in, but nothing can be listed or transferred. The hosting provider has to open the server's passive ports, 50000 to 50999 by what was seen, in its firewall.",
		Evidence: []string{
			"EPSV over IPv4 with TLS: 09:12:05 UTC, 203.0.113.9:50314, no answer within 3.0 s.",
			"PASV over IPv4 with TLS: 09:12:08 UTC, 203.0.113.9:50877, no answer within 3.0 s.",
			"8 ports were offered between 50037 and 50941; 0 of 8 answered.",
			"Port 8 of the same computer, outside the offer, answered with a refusal: the way there is open.",
		},
		ForProvider: "Server ftp.example.org (203.0.113.9, vsftpd) at 2026-11-20 09:12 UTC. Login over TLS works.\n" +
			"EPSV gave ports 50037 to 50941; connections to 0 of 8 succeeded. Please open the passive range.",
		ForAdmin: "Request: FTP from 192.168.1.7 (NAT address 198.51.100.4) to ftp.example.org (203.0.113.9).\n" +
			"Outbound TCP to 203.0.113.9 ports 50000-50999 gets no answer.",
	}, {
		Code: diagnose.ActiveNAT, Severity: diagnose.Failure, Confidence: "certain", Actor: diagnose.ActNetwork,
		Sentence: "The server cannot open connections to this computer, because a router (NAT) stands in between.",
		Meaning:  "Active mode would be the way around closed passive ports; here it is closed too.",
		Evidence: []string{"EPRT over IPv4 with TLS: announced 192.168.1.7:49821; no connection came within 4.0 s."},
		ForAdmin: "Request: FTP in active mode from 192.168.1.7 to ftp.example.org (203.0.113.9).",
	}}
	return r
}

// Sequential is a server that hands out its passive ports in order.
func Sequential() *diagnose.Report {
	r := ActiveBlocked()
	r.Ports = InOrder(13)
	r.Took = 9400 * ms
	blocked := r.Verdicts[0]
	blocked.Severity = diagnose.Note
	r.Verdicts = []diagnose.Verdict{{
		Code: diagnose.PortsSequential, Severity: diagnose.Warning, Confidence: "certain", Actor: diagnose.ActProvider,
		Sentence: "This server hands out passive ports in sequence: 11 of 12 were guessed beforehand.",
		Meaning:  "Whoever guesses the next port can connect there before you and take or plant a file. TLS with required session reuse stops that; so does a server that draws its ports at random.",
		Evidence: []string{
			"13 samples between 09:12:05 and 09:12:07 UTC: 40112 … 40125.",
			"The longest run has 9 ports, the step is 1, and 2 candidates have to be tried to hit the next one.",
		},
		ForProvider: "Server ftp.example.org hands out passive ports in sequence: 40112 to 40125 in 13 requests.",
	}, blocked, passiveOK()}
	return r
}

// All returns the scenes by name.
func All() map[string]*diagnose.Report {
	return map[string]*diagnose.Report{
		"all-well": AllWell(), "active-blocked": ActiveBlocked(), "passive-dropped": PassiveDropped(), "sequential": Sequential(),
	}
}

func passiveOK() diagnose.Verdict {
	return diagnose.Verdict{
		Code: diagnose.PASVOK, Severity: diagnose.OK, Confidence: "certain", Actor: diagnose.ActNobody, Mode: "passive",
		Sentence: "Passive connections work.",
		Evidence: []string{"EPSV over IPv4 with TLS: 203.0.113.9:50314 answered after 24 ms, 1,204 bytes came."},
	}
}

// base is what the scenes share.
func base() *diagnose.Report {
	return &diagnose.Report{
		Format: diagnose.FormatVersion, Version: "0.3.0", Started: At(), Took: 4200 * ms, Mode: "auto",
		Local: diagnose.Local{
			Addr: addr("192.168.1.7"), Network: "192.168.1.1/24", Class: "private", IPv6: false,
			External: addr("198.51.100.4"), ExternalBy: "STAT", NAT: diagnose.Works, SelfReach: diagnose.Works,
		},
		Server: diagnose.Server{
			Addr: "ftp.example.org:21", Host: "ftp.example.org", Addresses: []netip.Addr{addr("203.0.113.9")},
			Remote: addrPort("203.0.113.9:21"), RTT: 23 * ms, ConnectRTT: 22 * ms,
			Banner: "220 (vsFTPd 3.0.5)", Software: "vsftpd", System: "UNIX Type: L8",
		},
		Control: []diagnose.Control{{Addr: addrPort("203.0.113.9:21"), What: "ftp", Class: "open", Took: 22 * ms, Said: "220 (vsFTPd 3.0.5)"}},
		Probes:  Probes(),
		TLS:     &diagnose.TLSFacts{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", Tries: 6, Resumed: 6, Worked: 6, CloseNotify: diagnose.Works},
		Limits:  diagnose.Limits{Second: diagnose.Works},
	}
}

func passive(result diagnose.Result) []diagnose.Attempt {
	out := []diagnose.Attempt{
		{Method: "EPSV", Family: 4, TLS: true, Result: result, How: diagnose.HowOK, Announced: addrPort("203.0.113.9:50314"), Dialled: addrPort("203.0.113.9:50314"), Reply: "229 Entering Extended Passive Mode (|||50314|)", Connect: 24 * ms, Bytes: 1204},
		{Method: "PASV", Family: 4, TLS: true, Result: result, How: diagnose.HowOK, Announced: addrPort("203.0.113.9:50877"), Dialled: addrPort("203.0.113.9:50877"), Reply: "227 Entering Passive Mode (203,0,113,9,198,189)", Connect: 23 * ms, Bytes: 1204},
	}
	for i := range out {
		out[i].Began = At().Add(time.Duration(i+1) * time.Second)
		if result == diagnose.Fails {
			out[i].How, out[i].Step, out[i].Stop, out[i].Bytes = diagnose.HowDropped, "dial", diagnose.HopFar, 0
			out[i].Connect, out[i].Err = 3000*ms, "i/o timeout"
		}
	}
	return out
}

func active(result diagnose.Result, how string, stop diagnose.Hop) []diagnose.Attempt {
	out := []diagnose.Attempt{
		{Method: "EPRT", Family: 4, TLS: true, Result: result, How: how, Stop: stop, Reply: "200 EPRT command successful.", Connect: 31 * ms},
		{Method: "PORT", Family: 4, TLS: true, Result: result, How: how, Stop: stop, Reply: "200 PORT command successful.", Connect: 30 * ms},
	}
	for i := range out {
		out[i].Began = At().Add(time.Duration(i+3) * time.Second)
		if result == diagnose.Fails {
			out[i].Step, out[i].Connect = "accept", 4000*ms
		}
	}
	return out
}

// Probes are the steps of a diagnosis that is over.
func Probes() []diagnose.Probe {
	list := []diagnose.Probe{
		{ID: "local", Group: "control", Title: "This computer's addresses", Result: diagnose.Works, Detail: "192.168.1.7, a private address; gateway 192.168.1.1"},
		{ID: "dns", Group: "control", Title: "Address of ftp.example.org", Result: diagnose.Works, Detail: "203.0.113.9"},
		{ID: "control", Group: "control", Title: "Connection to port 21", Result: diagnose.Works, Detail: "open after 22 ms; 220 (vsFTPd 3.0.5)"},
		{ID: "login", Group: "control", Title: "Login", Result: diagnose.Works, Detail: "230 Login successful."},
		{ID: "tls", Group: "tls", Title: "Encryption", Result: diagnose.Works, Detail: "TLS 1.3, data connections resume the session"},
		{ID: "epsv", Group: "passive", Title: "Passive, by EPSV", Result: diagnose.Works, Detail: "203.0.113.9:50314 answered after 24 ms", Said: []string{"> EPSV", "< 229 Entering Extended Passive Mode (|||50314|)", "> LIST", "< 150 Here comes the directory listing.", "< 226 Directory send OK."}},
		{ID: "pasv", Group: "passive", Title: "Passive, by PASV", Result: diagnose.Works, Detail: "203.0.113.9:50877 answered after 23 ms"},
		{ID: "eprt", Group: "active", Title: "Active, by EPRT", Result: diagnose.Fails, Detail: "no connection came within 4.0 s"},
		{ID: "port", Group: "active", Title: "Active, by PORT", Result: diagnose.Fails, Detail: "no connection came within 4.0 s"},
		{ID: "ports", Group: "ports", Title: "Which passive ports the server hands out", Result: diagnose.Works, Detail: "12 samples, no order"},
		{ID: "sizes", Group: "sizes", Title: "Small and larger transfers", Result: diagnose.Unknown, Detail: "no file of a fitting size"},
		{ID: "idle", Group: "limits", Title: "Idle connections", State: "skipped", Detail: "only on request: it takes minutes"},
	}
	at := At()
	for i := range list {
		if list[i].State == "skipped" {
			continue
		}
		list[i].State, list[i].Began, list[i].Took = "done", at, diagnose.Span(35+17*i)*ms
		if list[i].Result == diagnose.Fails {
			list[i].Took = 4000 * ms
		}
		at = at.Add(time.Duration(list[i].Took))
	}
	return list
}

// Random is a finding on n ports without an order.
func Random(n int) diagnose.PortFinding {
	f := diagnose.PortFinding{Class: diagnose.PortsRandom, Low: 50037, High: 50941, LongestRun: 1, Tried: 4}
	for i := range n {
		f.Samples = append(f.Samples, diagnose.PortSample{
			Time: At().Add(time.Duration(i) * 150 * time.Millisecond), Port: uint16(50037 + (i*i*7919+i*613)%905), Method: "EPSV",
		})
		f.Guesses = append(f.Guesses, diagnose.Guess{})
	}
	return f
}

// InOrder is a finding on n ports in order, one of which somebody else took.
func InOrder(n int) diagnose.PortFinding {
	f := diagnose.PortFinding{Class: diagnose.PortsInOrder, Low: 40112, High: uint16(40112 + n), Step: 1, Candidates: 2, LongestRun: 9, Tried: n - 1, Hits: n - 2, Odds: 1e-9}
	for i := range n {
		port := uint16(40112 + i)
		if i > 3 {
			port++
		}
		g := diagnose.Guess{Next: uint16(40112 + i), Hit: i != 4}
		if i == 0 {
			g = diagnose.Guess{}
		} else if i > 4 {
			g.Next++
		}
		f.Samples = append(f.Samples, diagnose.PortSample{Time: At().Add(time.Duration(i) * 150 * time.Millisecond), Port: port, Method: "EPSV"})
		f.Guesses = append(f.Guesses, g)
	}
	f.Next = f.Samples[n-1].Port + 1
	return f
}
