package ui

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"portside/client"
)

// A certFact is one line about a certificate.
type certFact struct {
	name, value string
	mono        bool
}

// leafOf returns the server's own certificate, nil where it sent none.
func leafOf(e *client.CertError) *x509.Certificate {
	if len(e.Chain) == 0 {
		return nil
	}
	return e.Chain[0]
}

// certFacts lists what one compares before trusting a certificate by hand.
func certFacts(e *client.CertError) []certFact {
	var facts []certFact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, certFact{name: name, value: client.Printable(value)})
		}
	}
	if leaf := leafOf(e); leaf != nil {
		add("Issued to", cutText(leaf.Subject.String()))
		add("Issued by", cutText(leaf.Issuer.String()))
		add("Valid for", cutText(strings.Join(certNames(leaf), ", ")))
		add("Valid", certDay(leaf.NotBefore)+" to "+certDay(leaf.NotAfter))
	}
	return append(facts, certFact{name: "SHA-256", value: fingerprintText(e.Fingerprint, 16), mono: true})
}

// cutText bounds what a certificate says: a server could fill the screen with it.
func cutText(s string) string {
	const most = 240
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func certNames(c *x509.Certificate) []string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	const most = 12
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return names
}

func certDay(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// A certFault is one thing that is wrong with a certificate, and what that means.
type certFault struct{ what, meaning string }

// certFaults says all that is wrong with a certificate. The engine stops at the
// first; a person wants to know whether a certificate that ran out was made for
// this server at all.
func certFaults(e *client.CertError, now time.Time) []certFault {
	leaf := leafOf(e)
	if leaf == nil {
		return []certFault{{"The server showed no certificate that could be read.", "There is nothing by which it could be known again."}}
	}
	var out []certFault
	if p, ok := vouchProblem(e, leaf); ok {
		out = append(out, p)
	}
	if p, ok := nameProblem(e, leaf); ok {
		out = append(out, p)
	}
	switch {
	case now.Before(leaf.NotBefore):
		out = append(out, certFault{
			"The certificate is valid only from " + certDay(leaf.NotBefore) + " on.",
			"The clock of the server or of this computer is wrong, or the certificate was put into use too early.",
		})
	case now.After(leaf.NotAfter):
		out = append(out, certFault{
			"The certificate ran out on " + certDay(leaf.NotAfter) + ".",
			"Mostly somebody has forgotten to renew it. Its owner no longer answers for it, so it may also be a stolen one.",
		})
	}
	if len(out) == 0 {
		out = append(out, certFault{
			"The certificate did not pass the check: " + client.Printable(cutText(fmt.Sprint(e.Reason))) + ".",
			"It may be meant for another purpose, or be made wrongly.",
		})
	}
	return out
}

// vouchProblem says that nobody whom this computer knows vouches for a certificate.
func vouchProblem(e *client.CertError, leaf *x509.Certificate) (certFault, bool) {
	issuer := leaf.Issuer.String()
	if leaf.Subject.String() == issuer && bytes.Equal(leaf.RawSubject, leaf.RawIssuer) {
		return certFault{
			"The server has signed its certificate itself.",
			"Nobody else vouches that it is the right server. That is usual for a server of one's own, and easy to make for anybody who wants to pass for it.",
		}, true
	}
	_, unknown := errors.AsType[x509.UnknownAuthorityError](e.Reason)
	if !unknown && !unverifiable(e, leaf) {
		return certFault{}, false
	}
	by := "an authority"
	if issuer != "" {
		by = "“" + client.Printable(cutText(issuer)) + "”, an authority"
	}
	return certFault{
		"The certificate was signed by " + by + " that this computer does not know.",
		"Some companies have an authority of their own; but anybody can make one up, under any name.",
	}, true
}

// unverifiable reports whether the chain leads to no known authority, whatever
// else is wrong.
func unverifiable(e *client.CertError, leaf *x509.Certificate) bool {
	if len(leaf.Raw) == 0 {
		return false
	}
	between := x509.NewCertPool()
	for _, c := range e.Chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: leaf.NotAfter.Add(-time.Second)})
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	return unknown
}

// nameProblem says that a certificate was made for another server.
func nameProblem(e *client.CertError, leaf *x509.Certificate) (certFault, bool) {
	_, other := errors.AsType[x509.HostnameError](e.Reason)
	host, _, _ := strings.Cut(e.Host, "%")
	if !other && (len(leaf.Raw) == 0 || leaf.VerifyHostname(strings.TrimSuffix(host, ".")) == nil) {
		return certFault{}, false
	}
	names := certNames(leaf)
	made := "for no name at all"
	switch {
	case len(names) > 0:
		made = "for " + client.Printable(cutText(strings.Join(names, ", ")))
	case leaf.Subject.CommonName != "":
		made = "for “" + client.Printable(cutText(leaf.Subject.CommonName)) + "”, in an old way that no longer counts"
	}
	return certFault{
		"The certificate was made " + made + ", and not for " + hostText(e.Host) + ".",
		"You may have reached another server than you meant, or this one is known by several names.",
	}, true
}

// certProblem says in a few sentences what is wrong.
func certProblem(e *client.CertError, now time.Time) string {
	var what []string
	for _, p := range certFaults(e, now) {
		what = append(what, p.what)
	}
	return strings.Join(what, " ")
}

func hostText(host string) string {
	if net.ParseIP(host) != nil {
		return "the address " + host
	}
	return client.Printable(host)
}

// fingerprintText sets a fingerprint in pairs, so many on a line, to be read aloud
// and compared.
func fingerprintText(s string, perLine int) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	if err != nil {
		return client.Printable(s)
	}
	var b strings.Builder
	for i, c := range raw {
		switch {
		case i == 0:
		case i%perLine == 0:
			b.WriteByte('\n')
		default:
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", c)
	}
	return b.String()
}
