package state

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/diagnose"
	"portside/ui/uitest/scenes"
)

func TestDiagnosisHeadline(t *testing.T) {
	for _, c := range []struct {
		name     string
		report   *diagnose.Report
		severity diagnose.Severity
		headline string
		next     string
	}{
		{"all well", scenes.AllWell(), diagnose.OK, "Everything works.", "Files come through, in passive and in active mode."},
		{"active blocked", scenes.ActiveBlocked(), diagnose.Warning, "The server cannot open connections to this computer, because a router (NAT) stands in between.", "Files come through, in passive mode, with 1 warning."},
		{"passive dropped", scenes.PassiveDropped(), diagnose.Failure, "A firewall before the server drops the connections that carry listings and files.", "The login works, but no connection for files comes about."},
		{"sequential", scenes.Sequential(), diagnose.Warning, "This server hands out passive ports in sequence: 11 of 12 were guessed beforehand.", "Files come through, in passive mode, with 1 warning."},
		{
			"a note only", change(scenes.ActiveBlocked(), func(r *diagnose.Report) { r.Verdicts[0].Severity = diagnose.Note }), diagnose.OK,
			"Files come through, in passive mode.", "The server cannot open connections to this computer, because a router (NAT) stands in between.",
		},
		{
			"stopped", change(scenes.AllWell(), func(r *diagnose.Report) { r.Stopped, r.Methods, r.Verdicts = "it was cancelled", nil, nil }), diagnose.Note,
			"The diagnosis ended before it was known whether files come through.", "",
		},
		{"no login", change(scenes.AllWell(), func(r *diagnose.Report) {
			r.Error, r.Methods, r.Verdicts = "dial: \x1b[31mrefused", nil, nil
		}), diagnose.Failure, "There is no session with the server.", `dial: \x1b[31mrefused`},
	} {
		severity, headline, next := DiagnosisHeadline(c.report)
		if severity != c.severity || headline != c.headline || next != c.next {
			t.Errorf("%s: %v, %q, %q\nwant %v, %q, %q", c.name, severity, headline, next, c.severity, c.headline, c.next)
		}
	}
}

func change(r *diagnose.Report, how func(*diagnose.Report)) *diagnose.Report {
	how(r)
	return r
}

func TestDiagnosisFacts(t *testing.T) {
	r := scenes.PassiveDropped()
	if got, want := DiagnosisFacts(r, time.UTC), "Checked on 2026-11-20 at 09:12:04 in 21.3 s · TLS 1.3 · vsftpd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	r.Stopped, r.TLS, r.Server.Software = "it was cancelled", nil, ""
	if got, want := DiagnosisFacts(r, time.UTC), "Checked on 2026-11-20 at 09:12:04 in 21.3 s · stopped early: it was cancelled"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStations(t *testing.T) {
	r := scenes.ActiveBlocked()
	want := [4]Station{
		{"This computer", "192.168.1.7"},
		{"Your router", "NAT, 198.51.100.4"},
		{"Server's firewall", ""},
		{"Server", "203.0.113.9"},
	}
	if got := Stations(r); got != want {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if got := Stations(scenes.AllWell())[1]; got != (Station{"Your firewall", "no NAT"}) {
		t.Errorf("without a NAT: %v", got)
	}
	r.Local.NAT, r.Local.Addr, r.Server.Remote = diagnose.Unknown, netip.Addr{}, netip.AddrPort{}
	if got := Stations(r); got[0].Detail != "" || got[1] != (Station{"Your firewall", "or router"}) || got[3].Detail != "ftp.example.org" {
		t.Errorf("of little: %v", got)
	}
}

func TestPathLabels(t *testing.T) {
	line := func(label, method string, family int, tls bool) diagnose.PathLine {
		return diagnose.PathLine{Label: label, Method: method, Family: family, TLS: tls}
	}
	login := line("Login", "", 4, true)
	for _, c := range []struct {
		lines []diagnose.PathLine
		want  []string
	}{
		{[]diagnose.PathLine{login, line("Passive (EPSV)", "EPSV", 4, true)}, []string{"Login", "Passive (EPSV)"}},
		{
			[]diagnose.PathLine{login, line("Passive (EPSV)", "EPSV", 4, true), line("Passive (EPSV)", "EPSV", 4, false)},
			[]string{"Login", "Passive (EPSV), TLS", "Passive (EPSV), plain"},
		},
		{
			[]diagnose.PathLine{login, line("Active (EPRT)", "EPRT", 4, true), line("Active (EPRT)", "EPRT", 6, true)},
			[]string{"Login, IPv4", "Active (EPRT), IPv4", "Active (EPRT), IPv6"},
		},
	} {
		if got := PathLabels(c.lines); !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestModeButton(t *testing.T) {
	for mode, want := range map[string]string{
		"": "", "nonsense": "", "auto": "Find the way automatically for this site", "passive": "Use passive mode for this site",
		"active": "Use active mode for this site", "pasv": "Use PASV for this site",
	} {
		if got := ModeButton(mode); got != want {
			t.Errorf("%q: %q, want %q", mode, got, want)
		}
	}
}

func TestActorText(t *testing.T) {
	for actor, want := range map[string]string{
		diagnose.ActNobody: "Nobody has to act", diagnose.ActYou: "You can act", diagnose.ActNetwork: "For the administrator of your network",
		diagnose.ActProvider: "For the hosting provider", "somebody\x07": `For the somebody\x07`,
	} {
		if got := ActorText(actor); got != want {
			t.Errorf("%q: %q, want %q", actor, got, want)
		}
	}
}

func TestStepsAreCountedAndMerged(t *testing.T) {
	steps := scenes.Probes()
	if got, want := StepsText(steps), "12 steps, 2 failed, 1 left out"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	running := steps[3]
	running.State = "running"
	steps = MergeProbe(steps, running)
	if done, title := DiagnosisProgress(steps); len(steps) != 12 || done != 11 || title != "Login" {
		t.Errorf("%d steps, %d done, %q runs", len(steps), done, title)
	}
	if steps = MergeProbe(steps, diagnose.Probe{ID: "late"}); len(steps) != 13 {
		t.Errorf("a step that nobody planned is lost: %d", len(steps))
	}
	if got := ProbeTime(running); got != "" {
		t.Errorf("a step that runs took %q", got)
	}
	for took, want := range map[time.Duration]string{300 * time.Microsecond: "<1 ms", 24 * time.Millisecond: "24 ms", 3040 * time.Millisecond: "3.0 s"} {
		if got := ProbeTime(diagnose.Probe{State: "done", Took: diagnose.Span(took)}); got != want {
			t.Errorf("%v: %q, want %q", took, got, want)
		}
	}
}

func TestCutEnd(t *testing.T) {
	width := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		text  string
		limit float32
		want  string
	}{
		{"short", 10, "short"},
		{"twelve, thirteen", 8, "twelve…"},
		{"abcdefgh", 5, "abcd…"},
		{"abcdefgh", 0, "…"},
		{"", 0, ""},
		{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
	} {
		if got := CutEnd(c.text, c.limit, width); got != c.want {
			t.Errorf("%q to %v: %q, want %q", c.text, c.limit, got, c.want)
		}
	}
	if strings.Contains(CutEnd(strings.Repeat("x", 1000), 20, width), strings.Repeat("x", 20)) {
		t.Error("too long")
	}
}
