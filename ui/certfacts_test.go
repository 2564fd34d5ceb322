package ui

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"strings"
	"testing"
	"time"

	"portside/client"
)

func TestCertProblem(t *testing.T) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	named := func(subject, issuer string) *x509.Certificate {
		return &x509.Certificate{
			Subject: pkix.Name{CommonName: subject}, Issuer: pkix.Name{CommonName: issuer},
			NotBefore: day.AddDate(-1, 0, 0), NotAfter: day.AddDate(0, 0, -1),
		}
	}
	for _, c := range []struct {
		name   string
		leaf   *x509.Certificate
		reason error
		now    time.Time
		want   string
	}{
		{"self-signed", named("a", "a"), x509.UnknownAuthorityError{}, day, "signed its certificate itself"},
		{"unknown authority", named("a", "b"), x509.UnknownAuthorityError{}, day, "authority that this computer does not know"},
		{"other name", named("a", "b"), x509.HostnameError{}, day, "and not for ftp.example.org"},
		{"ran out", named("a", "b"), x509.CertificateInvalidError{Reason: x509.Expired}, day, "ran out on 2026-11-19"},
		{"not yet", named("a", "b"), x509.CertificateInvalidError{Reason: x509.Expired}, day.AddDate(-2, 0, 0), "only from 2025-11-20"},
		{"something else", named("a", "b"), errors.New("odd"), day.AddDate(0, 0, -2), "did not pass"},
		{"none", nil, errors.New("odd"), day, "no certificate"},
	} {
		e := &client.CertError{Host: "ftp.example.org", Reason: c.reason}
		if c.leaf != nil {
			e.Chain = []*x509.Certificate{c.leaf}
		}
		if got := certProblem(e, c.now); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want it to hold %q", c.name, got, c.want)
		}
	}
}

func TestFingerprintText(t *testing.T) {
	got := fingerprintText(strings.Repeat("0a", 32), 16)
	line := strings.TrimSuffix(strings.Repeat("0A:", 16), ":")
	if got != line+"\n"+line {
		t.Errorf("%q", got)
	}
	if got := fingerprintText("not hexadecimal\x1b", 16); strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestCertFactsAreSafeToShow(t *testing.T) {
	e := &client.CertError{Fingerprint: "00", Chain: []*x509.Certificate{{
		Subject: pkix.Name{CommonName: "evil\x1b[2J\u202e"}, DNSNames: []string{"a.example.org", "b.example.org"},
	}}}
	all := ""
	for _, f := range certFacts(e) {
		all += f.name + ": " + f.value + "\n"
	}
	if strings.ContainsAny(all, "\x1b\u202e") || !strings.Contains(all, "Valid for: a.example.org, b.example.org") {
		t.Errorf("facts:\n%s", all)
	}
}
