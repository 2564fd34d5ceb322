package client

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
)

// A CertWantedError says that the server wants another client certificate than it got
// (RFC 8446, 4.3.2; RFC 4217, 10).
type CertWantedError struct {
	Shown bool // one was shown, and it was not accepted
	Err   error
}

// Error says which of both it was.
func (e *CertWantedError) Error() string {
	if e.Shown {
		return "the server did not accept the client certificate: " + e.Err.Error()
	}
	return "the server demands a client certificate: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *CertWantedError) Unwrap() error { return e.Err }

// shownCerts shows a server the certificates of Options when it asks, and remembers that
// it has asked.
type shownCerts struct {
	certs []tls.Certificate
	asked atomic.Bool
}

// choose is for tls.Config.GetClientCertificate. Which authorities the server names does
// not matter: many name none or the wrong ones, and the user has chosen.
func (c *shownCerts) choose(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	c.asked.Store(true)
	if len(c.certs) == 0 {
		return new(tls.Certificate), nil
	}
	readable := *info
	readable.AcceptableCAs = nil
	for i := range c.certs {
		if readable.SupportsCertificate(&c.certs[i]) == nil {
			return &c.certs[i], nil
		}
	}
	return &c.certs[0], nil
}

// alertsOfCerts are what servers end a connection with over a client certificate. With
// TLS 1.3 they come after the handshake, in place of the first reply.
var alertsOfCerts = []string{
	"certificate required", "bad certificate", "unknown certificate", "unsupported certificate", "revoked certificate",
	"expired certificate", "access denied", "handshake failure", "error decrypting message",
}

// judge returns err as a *CertWantedError where it is about the client's certificate.
func (c *shownCerts) judge(err error) error {
	var oe *net.OpError
	if !c.asked.Load() || !errors.As(err, &oe) || oe.Op != "remote error" {
		return err
	}
	for _, alert := range alertsOfCerts {
		if strings.Contains(oe.Error(), alert) {
			return &CertWantedError{Shown: len(c.certs) > 0, Err: oe}
		}
	}
	return err
}
