package ui

import (
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
		add("Issued to", leaf.Subject.String())
		add("Issued by", leaf.Issuer.String())
		add("Valid for", strings.Join(certNames(leaf), ", "))
		add("Valid", certDay(leaf.NotBefore)+" to "+certDay(leaf.NotAfter))
	}
	return append(facts, certFact{name: "SHA-256", value: fingerprintText(e.Fingerprint), mono: true})
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

// certProblem says in a sentence or two what is wrong.
func certProblem(e *client.CertError, now time.Time) string {
	leaf := leafOf(e)
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(e.Reason, &name):
		return fmt.Sprintf("The certificate was made for another name than %s.", hostText(e.Host))
	case errors.As(e.Reason, &invalid) && invalid.Reason == x509.Expired && leaf != nil:
		if now.Before(leaf.NotBefore) {
			return "The certificate is valid only from " + certDay(leaf.NotBefore) + " on. Is this computer's clock right?"
		}
		return "The certificate ran out on " + certDay(leaf.NotAfter) + "."
	case errors.As(e.Reason, &unknown):
		if leaf != nil && leaf.Subject.String() == leaf.Issuer.String() {
			return "The server has signed its certificate itself, so nobody else vouches that it is the right server."
		}
		return "The certificate was signed by an authority that this computer does not know."
	case leaf == nil:
		return "The server showed no certificate that could be read."
	}
	return "The certificate did not pass the check."
}

func hostText(host string) string {
	if net.ParseIP(host) != nil {
		return "the address " + host
	}
	return client.Printable(host)
}

// fingerprintText sets a fingerprint in pairs on two lines, to be read aloud
// and compared.
func fingerprintText(s string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(s, ":", ""))
	if err != nil {
		return client.Printable(s)
	}
	var b strings.Builder
	for i, c := range raw {
		switch {
		case i == 0:
		case i%16 == 0:
			b.WriteByte('\n')
		default:
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", c)
	}
	return b.String()
}
