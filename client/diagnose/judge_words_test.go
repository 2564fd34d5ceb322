package diagnose

import (
	"strings"
	"testing"
	"unicode"
)

// jargon has no place in the first sentence of a verdict; the names of settings
// in parentheses are allowed.
var jargon = []string{"RST", "SYN", "ICMP", "PORT", "EPRT", "227", "229", "NAT ", "ALG", "data connection", "control connection", "PMTU", "MTU"}

// Every verdict of every scene is fit to be shown: a sentence, its proof, who
// must act, a confidence, and letters without gaps.
func TestVerdictsAreWhole(t *testing.T) {
	for _, c := range sceneCases() {
		t.Run(c.name, func(t *testing.T) {
			s := c.make()
			Judge(&s.Report)
			for _, v := range s.Verdicts {
				checkVerdict(t, v)
			}
		})
	}
}

func checkVerdict(t *testing.T, v Verdict) {
	t.Helper()
	if !strings.HasSuffix(v.Sentence, ".") || len(v.Sentence) < 20 || len(v.Sentence) > 260 {
		t.Errorf("%s: sentence %q", v.Code, v.Sentence)
	}
	if v.Code != Inconclusive {
		for _, j := range jargon {
			if strings.Contains(v.Sentence, j) {
				t.Errorf("%s: %q in the first sentence %q", v.Code, j, v.Sentence)
			}
		}
	}
	if len(v.Evidence) == 0 && v.Code != Inconclusive && v.Code != CtrlDNS {
		t.Errorf("%s: no evidence", v.Code)
	}
	if v.Actor == ActNetwork && v.ForAdmin == "" {
		t.Errorf("%s: the network administrator must act, and no text says on what", v.Code)
	}
	if v.Actor == ActProvider && v.ForProvider == "" && v.Code != LoginFailed {
		t.Errorf("%s: the provider must act, and no text says on what", v.Code)
	}
	for _, text := range append([]string{v.Sentence, v.Meaning, v.ForAdmin, v.ForProvider}, v.Evidence...) {
		if strings.Contains(text, "%!") || strings.Contains(text, "invalid") || strings.Contains(text, "  \n") {
			t.Errorf("%s: gap in %q", v.Code, text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			t.Errorf("%s: control character in %q", v.Code, text)
		}
	}
}

// What a server says reaches the verdicts escaped and bounded.
func TestVerdictsEscapeTheServersWords(t *testing.T) {
	s := newScene().refuse("EPSV", "502 \x1b[31mno\u202e").refuse("PASV", "502 "+strings.Repeat("x", 5000)+"\r\nnext").active(Works, "")
	s.Server.Host, s.Server.Software, s.Server.Banner = "evil\x1b]0;x", "soft\x00ware", "banner\u202e"
	Judge(&s.Report)
	if given(&s.Report) != "PASV_DISABLED/warning ACTIVE_OK/ok" {
		t.Fatalf("verdicts %s", given(&s.Report))
	}
	for _, v := range s.Verdicts {
		checkVerdict(t, v)
		for _, text := range append([]string{v.Sentence, v.ForProvider}, v.Evidence...) {
			if strings.Contains(text, "\u202e") || len(text) > 3000 {
				t.Errorf("%s: %q", v.Code, text)
			}
		}
	}
}

// A letter holds what was measured.
func TestLettersHoldTheMeasurements(t *testing.T) {
	s := newScene().behindNAT().withTLS().passive(Fails, HowDropped, 50001, millis(3000)).active(Fails, HowDropped).
		control(WhatOutside, 61613, ClassRefused, millis(30), "")
	Judge(&s.Report)
	var v Verdict
	for _, one := range s.Verdicts {
		if one.Code == PASVDropped {
			v = one
		}
	}
	if v.Actor != ActProvider || v.ForAdmin != "" {
		t.Fatalf("actor %q, admin text %q", v.Actor, v.ForAdmin)
	}
	for _, want := range []string{
		serverIP, outsideIP, "ftp.example.org", "50001", "50002", "2026-03-14 12:00:00.000", "UTC",
		"0 of 2", "pasv_min_port=", "pasv_address=" + serverIP, "portside-cli diagnose --only passive ftp://ftp.example.org/",
	} {
		if !strings.Contains(v.ForProvider, want) {
			t.Errorf("the letter lacks %q:\n%s", want, v.ForProvider)
		}
	}
	if strings.Contains(v.ForProvider, "ProFTPD") {
		t.Errorf("the letter names the settings of other software:\n%s", v.ForProvider)
	}
	s.Server.Software, s.Server.Banner = "", "FTP ready"
	Judge(&s.Report)
	if text := s.Verdicts[0].ForProvider; !strings.Contains(text, "ProFTPD") || !strings.Contains(text, "IIS") {
		t.Errorf("with unknown software the letter names all settings:\n%s", text)
	}
}

// Judge is pure: the same evidence gives the same verdicts, and nothing else changes.
func TestJudgeIsPure(t *testing.T) {
	for _, c := range sceneCases() {
		once, twice := c.make(), c.make()
		Judge(&once.Report)
		Judge(&twice.Report)
		Judge(&twice.Report)
		if given(&once.Report) != given(&twice.Report) {
			t.Errorf("%s: %s, then %s", c.name, given(&once.Report), given(&twice.Report))
		}
	}
}

// The person who must act is the one whom the evidence names, and you where it
// names nobody.
func TestWhoMustAct(t *testing.T) {
	want := map[string]string{
		"egress limited to 21, by drop: near and server's firewall look alike":        ActYou,
		"egress limited to 21, by drop, and the routers told where":                   ActNetwork,
		"egress limited to 21, by a ban that comes sooner than the server can answer": ActNetwork,
		"server closes its range by drop: ports outside it answer":                    ActProvider,
		"server closes its range by RST":                                              ActProvider,
		"NAT drops what comes in":                                                     ActNetwork,
		"CGNAT":                                                                       ActNobody,
		"our own listener cannot be reached":                                          ActYou,
		"the server refuses PORT and EPRT":                                            ActProvider,
		"227 names an inner address, the address of the login works":                  ActProvider,
		"ghost accept: connected here, and the server saw nobody":                     ActYou,
		"a proxy masks the greeting":                                                  ActNetwork,
		"login refused":                                                               ActYou,
	}
	for _, c := range sceneCases() {
		who, ok := want[c.name]
		if !ok {
			continue
		}
		delete(want, c.name)
		s := c.make()
		Judge(&s.Report)
		if got := s.Verdicts[0].Actor; got != who {
			t.Errorf("%s: %s must act, want %s", c.name, got, who)
		}
	}
	for name := range want {
		t.Errorf("no scene %q", name)
	}
}
