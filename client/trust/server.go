package trust

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"portside/client"
)

// A Server is what the certificate of a server said when a person decided to take it.
// Its texts come from the certificate: they are bounded, and can be shown as they are.
type Server struct {
	Addr        string    `json:"address"`     // host:port in lower case
	Fingerprint string    `json:"fingerprint"` // SHA-256, 64 hexadecimal digits in lower case
	Subject     string    `json:"subject,omitempty"`
	Issuer      string    `json:"issuer,omitempty"`
	Names       []string  `json:"names,omitempty"` // hosts and addresses that it is made out for
	NotBefore   time.Time `json:"not_before,omitzero"`
	NotAfter    time.Time `json:"not_after,omitzero"`
	Since       time.Time `json:"since,omitzero"` // when it was decided
}

// What a certificate may say at most; the rest is cut, and marked so.
const (
	maxText  = 400 // characters
	maxNames = 50
)

// Describe returns what a certificate says, as a Server that is trusted since now.
func Describe(addr string, cert *x509.Certificate, now time.Time) Server {
	if key, err := Address(addr); err == nil {
		addr = key
	}
	s := Server{
		Addr: addr, Fingerprint: client.Fingerprint(cert),
		Subject: text(cert.Subject.String()), Issuer: text(cert.Issuer.String()),
		NotBefore: cert.NotBefore.UTC(), NotAfter: cert.NotAfter.UTC(), Since: now.UTC().Truncate(time.Second),
	}
	add := func(name string) {
		if len(s.Names) < maxNames {
			s.Names = append(s.Names, text(name))
		}
	}
	for _, n := range cert.DNSNames {
		add(n)
	}
	for _, ip := range cert.IPAddresses {
		add(ip.String())
	}
	if more := len(cert.DNSNames) + len(cert.IPAddresses) - len(s.Names); more > 0 {
		s.Names = append(s.Names, fmt.Sprintf("and %d more", more))
	}
	return s
}

// text is a text of a certificate made fit to be shown and kept.
func text(s string) string {
	runes := []rune(client.Printable(s))
	if len(runes) > maxText {
		runes = append(runes[:maxText-1], '…')
	}
	return string(runes)
}

// A Difference is one line of two certificates side by side.
type Difference struct {
	What     string // "Subject", "Issuer", "Names", "Valid from", "Valid until", "SHA-256"
	Old, New string
	Same     bool
}

// Compare puts what is known beside what is shown now, a line for each thing that a
// person may want to compare.
func Compare(old, fresh Server) []Difference {
	line := func(what, a, b string) Difference {
		return Difference{What: what, Old: orNone(a), New: orNone(b), Same: a == b}
	}
	return []Difference{
		line("Subject", old.Subject, fresh.Subject),
		line("Issuer", old.Issuer, fresh.Issuer),
		line("Names", strings.Join(old.Names, ", "), strings.Join(fresh.Names, ", ")),
		line("Valid from", day(old.NotBefore), day(fresh.NotBefore)),
		line("Valid until", day(old.NotAfter), day(fresh.NotAfter)),
		line("SHA-256", Spaced(old.Fingerprint), Spaced(fresh.Fingerprint)),
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// Spaced writes a fingerprint as people compare it: pairs in capitals, with colons.
func Spaced(fingerprint string) string {
	upper := strings.ToUpper(fingerprint)
	pairs := make([]string, 0, len(upper)/2)
	for i := 0; i+2 <= len(upper); i += 2 {
		pairs = append(pairs, upper[i:i+2])
	}
	return strings.Join(pairs, ":")
}

func (s Server) clone() Server {
	s.Names = slices.Clone(s.Names)
	return s
}

// Address is addr, a host with or without a port, in the one form in which servers are
// known: host:port, in lower case and without a dot at the end, an IPv6 address in
// brackets and in its short form. The port is 21 where there is none.
func Address(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"), ""
	}
	if port == "" {
		port = "21"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%q is no address of a server: the port has to be a number from 1 to 65535", client.Printable(addr))
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, perr := netip.ParseAddr(host); perr == nil {
		host = ip.Unmap().String()
	} else if strings.Contains(host, ":") {
		return "", fmt.Errorf("%q is no address of a server: an IPv6 address stands in brackets, as [2001:db8::1]:21", client.Printable(addr))
	}
	if host == "" || strings.ContainsAny(host, " \t\r\n\x00/\\@[]") || len(host) > 255 {
		return "", fmt.Errorf("%q is no address of a server; write it as host:port", client.Printable(addr))
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

// isFingerprint reports whether s is a SHA-256 fingerprint in hexadecimal.
func isFingerprint(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}
