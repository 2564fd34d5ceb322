package diagnose

import (
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"portside/client"
)

// A report of any shape, also one from elsewhere that makes no sense, is judged
// and written without a panic, and what is said holds together.
func TestJudgeAnything(t *testing.T) {
	const many = 2000
	for seed := range uint64(many) {
		r := anyReport(rand.New(rand.NewPCG(seed, 1)))
		Judge(r)
		for _, v := range r.Verdicts {
			if v.Sentence == "" || v.Actor == "" || v.Confidence == "" || v.Code == "" {
				t.Fatalf("seed %d: %+v", seed, v)
			}
		}
		if !slices.IsSortedFunc(r.Verdicts, func(a, b Verdict) int { return int(b.Severity) - int(a.Severity) }) {
			t.Fatalf("seed %d: the gravest is not first", seed)
		}
		checkOutcome(t, seed, r)
		for _, write := range []func(io.Writer, *Report) error{WriteHTML, WriteMarkdown, WriteJSON, func(w io.Writer, r *Report) error {
			return WriteText(w, r, TextStyle{Verbose: true})
		}} {
			if seed%20 == 0 {
				if err := write(io.Discard, r); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		}
		for _, l := range PathLines(r) {
			for _, at := range []float64{l.From, l.To, l.End} {
				if at < AtHere || at > AtServer {
					t.Fatalf("seed %d: %+v leaves the picture", seed, l)
				}
			}
		}
		if Summary(r) == "" || seed%20 == 0 && Summary(Redact(r)) == "" {
			t.Fatalf("seed %d: no summary", seed)
		}
		Compare(r, anyReport(rand.New(rand.NewPCG(seed, 2))))
	}
}

// checkOutcome compares exit code and recommendation with what worked.
func checkOutcome(t *testing.T, seed uint64, r *Report) {
	t.Helper()
	worked := func(methods ...string) bool {
		return slices.ContainsFunc(sameSecurity(r), func(a Attempt) bool { return a.Result == Works && slices.Contains(methods, a.Method) })
	}
	any4 := worked("EPSV", "PASV", "EPRT", "PORT")
	switch code := r.ExitCode(); {
	case code == ExitNoData && any4:
		t.Fatalf("seed %d: something works, and the exit code is %d", seed, code)
	case code == ExitWell && slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Severity >= Warning }):
		t.Fatalf("seed %d: all well with a warning", seed)
	case code == ExitControl && any4:
		t.Fatalf("seed %d: no session, and something works", seed)
	}
	needs := map[string][]string{
		"passive": {"EPSV", "PASV"}, "active": {"EPRT", "PORT"}, "epsv": {"EPSV"}, "pasv": {"PASV"},
		"eprt": {"EPRT"}, "port": {"PORT"}, "auto": {"EPSV", "PASV", "EPRT", "PORT"},
	}
	small := r.Recommended == "auto" && r.TLS != nil && r.TLS.OnlySmall // which is seen beside the methods
	if r.Recommended != "" && !small && !worked(needs[r.Recommended]...) {
		t.Fatalf("seed %d: recommends %s, which did not work", seed, r.Recommended)
	}
	if anyWorks(only(sameSecurity(r), func(a Attempt) bool { return !isActive(a) && a.At == "" })) != hasCode(r, PASVOK) {
		t.Fatalf("seed %d: PASV_OK and the passive attempts disagree", seed)
	}
}

func hasCode(r *Report, code string) bool {
	return slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Code == code })
}

// anyReport draws a report from values that the fields may have, and some that
// they may not.
func anyReport(rnd *rand.Rand) *Report {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	ips := []string{serverIP, serverIP6, homeIP, outsideIP, "10.0.0.5", "100.64.1.1", "127.0.0.1", "0.0.0.0", "fe80::1", ""}
	ip := func() netip.Addr {
		a, _ := netip.ParseAddr(pick(ips...)) // "" stays the zero address
		return a
	}
	port := func() netip.AddrPort { return netip.AddrPortFrom(ip(), uint16(rnd.IntN(65536))) }
	result := func() Result { return Result(rnd.IntN(3)) }
	r := &Report{Format: 1, Started: sceneTime(), Mode: pick("auto", "passive", "active", "port", "", "odd"), Error: pick("", "", "", "no", "530 use TLS")}
	r.ErrKind = pick("", "host", "refused", "timeout", "login", "tls", "certificate", "busy", "denied", "other", "lost", "cancelled", "proxy")
	r.Stopped = pick("", "", "it was cancelled")
	r.Local = Local{Addr: ip(), External: ip(), NAT: result(), SelfReach: result(), MappedBy: pick("", "", "PCP")}
	r.Server = Server{Host: pick("", "ftp.example.org"), Addr: pick("", "ftp.example.org:21", "x"), Remote: port(), ConnectRTT: millis(rnd.IntN(60)), Banner: pick("", "x [TLS]", "***"), BannerMasked: rnd.IntN(4) == 0}
	if rnd.IntN(2) == 0 {
		r.TLS = &TLSFacts{Required: result(), CloseNotify: result(), Only12: rnd.IntN(4) == 0, OnlySmall: rnd.IntN(8) == 0}
	}
	if rnd.IntN(3) == 0 {
		r.Proxy = &ProxyFacts{Kind: pick("socks5", "http", "ftp", "system", "odd"), Addr: pick("", "proxy.example.net:1080", "x"), Step: pick("", "", client.ProxyReach, client.ProxyTalk, client.ProxyLogin, client.ProxyDenied, client.ProxyServer, "odd")}
	}
	for range rnd.IntN(4) {
		r.Control = append(r.Control, Control{Addr: port(), What: pick(WhatFTP, WhatSSH, WhatOutside, WhatImplicit, "odd"), Class: pick(ClassOpen, ClassRefused, ClassDropped, ClassProhibited, "odd"), Said: pick("", "SSH-2.0-x", "220 x")})
		r.Coverage = append(r.Coverage, Control{Addr: port(), Class: pick(ClassOpen, ClassDropped)})
	}
	for range rnd.IntN(8) {
		r.Methods = append(r.Methods, Attempt{
			Method: pick("EPSV", "PASV", "EPRT", "PORT"), At: pick("", "", "", "reply"), Family: 4 + 2*rnd.IntN(2), TLS: rnd.IntN(2) == 0,
			Result: result(), How: pick(HowOK, HowRejected, HowDropped, HowRefused, HowProhibited, HowNoData, HowTLS, HowLocal, HowForeign, HowSilent, HowFile, HowError, HowProxy, "odd"),
			Target: pick("", "", "ftp.example.org:50001", "x"), ProxyStep: pick("", client.ProxyDenied, client.ProxyServer, "odd"),
			Stop: Hop(pick("", "", "near", "far", "server", "here", "odd")), Announced: port(), Dialled: port(), Peer: port(), Ghost: rnd.IntN(5) == 0,
			Reply: pick("", "227 x", "500 no", "502 no", "x"), Final: pick("", "425 no", "226 ok", "522 reuse", "522 data must be encrypted"), Connect: millis(rnd.IntN(3000)), Began: sceneTime(),
		})
	}
	for range rnd.IntN(3) {
		r.Sizes = append(r.Sizes, SizeTry{Bytes: int64(rnd.IntN(300_000)), Moved: int64(rnd.IntN(300_000)), Result: result(), Err: pick("", "no answer", "550 no")})
		r.Limits.Idle = append(r.Limits.Idle, Idle{Wait: millis(60000), Result: result(), Err: pick("", "421 x")})
	}
	r.Limits.Second, r.Limits.SecondErr = result(), pick("", "421 too many", "timeout")
	r.Ports.Class = PortClass(pick("unknown", "sequential", "busy", "stride", "fixed", "narrow", "random", "odd"))
	for range rnd.IntN(4) {
		r.Ports.Samples = append(r.Ports.Samples, PortSample{Time: sceneTime(), Port: uint16(rnd.IntN(65536)), Method: pick("EPSV", "PASV")})
	}
	r.Ports.Next = uint16(rnd.IntN(65536))
	return r
}
