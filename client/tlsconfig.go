package client

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fingerprint returns the SHA-256 fingerprint of a certificate in lower-case
// hexadecimal.
func Fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// parsePin reads a fingerprint in hexadecimal, with or without colons, blanks
// and a "sha256:" before it.
func parsePin(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	t := strings.ToLower(strings.TrimSpace(s))
	t = strings.TrimPrefix(t, "sha256:")
	t = strings.NewReplacer(":", "", " ", "").Replace(t)
	if b, err := hex.DecodeString(t); err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("%q is no SHA-256 fingerprint; it has 64 hexadecimal digits", s)
	}
	return t, nil
}

// controlTLS returns the configuration of the control connection. The check is
// our own, so that a failure keeps the chain: the standard library's is switched
// off and its work done in VerifyConnection, which also runs on resumption.
func controlTLS(o Options, host string, cache tls.ClientSessionCache) (*tls.Config, error) {
	pin, err := parsePin(o.Pin)
	if err != nil {
		return nil, err
	}
	trusted, err := parsePin(o.Trusted)
	if err != nil {
		return nil, err
	}
	o.Trusted = trusted
	name := o.ServerName
	if name == "" {
		name = host
	}
	cfg := &tls.Config{
		ServerName:         name,
		MinVersion:         tls.VersionTLS12,
		MaxVersion:         o.MaxTLS,
		ClientSessionCache: cache,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does the check
		VerifyConnection: func(st tls.ConnectionState) error {
			return verify(st.PeerCertificates, o, name, pin)
		},
	}
	return cfg, nil
}

// errNoCertificate is the reason where a server shows none.
var errNoCertificate = errors.New("the server shows no certificate")

func verify(chain []*x509.Certificate, o Options, name, pin string) error {
	if len(chain) == 0 {
		return &CertError{Host: name, Addr: o.certAddr, Reason: errNoCertificate}
	}
	leaf := chain[0]
	switch {
	case pin != "":
		if Fingerprint(leaf) != pin {
			return &CertError{Host: name, Addr: o.certAddr, Chain: chain, Fingerprint: Fingerprint(leaf), Reason: ErrPinMismatch}
		}
		return nil
	case o.Insecure:
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		DNSName:       certName(name),
		Roots:         o.RootCAs,
		Intermediates: between,
		CurrentTime:   time.Now(),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil && (o.Trusted == "" || Fingerprint(leaf) != o.Trusted) {
		return &CertError{Host: name, Addr: o.certAddr, Chain: chain, Fingerprint: Fingerprint(leaf), Reason: err, Known: o.Trusted}
	}
	return nil
}

// certName is a host as certificates name it: without the dot at the end and
// without the zone of an IPv6 address.
func certName(host string) string {
	host, _, _ = strings.Cut(host, "%")
	return strings.TrimSuffix(host, ".")
}

// dataTLS returns the configuration of the data connections of a session: the
// same name and session cache, so that servers that want the session resumed
// find it, and the very certificate of the control connection.
func dataTLS(control *tls.Config, leaf *x509.Certificate) *tls.Config {
	cfg := control.Clone()
	cfg.VerifyConnection = func(st tls.ConnectionState) error {
		if len(st.PeerCertificates) == 0 || !st.PeerCertificates[0].Equal(leaf) {
			return ErrForeignDataCert
		}
		return nil
	}
	return cfg
}

// TLSInfo describes the protection of a session.
type TLSInfo struct {
	Version     string // "TLS 1.3"
	Cipher      string
	Fingerprint string // of the server's certificate
	Subject     string
	Resumed     bool // whether the last data connection resumed the session
}

func tlsInfo(st *tls.ConnectionState) *TLSInfo {
	if st == nil {
		return nil
	}
	info := &TLSInfo{Version: tls.VersionName(st.Version), Cipher: tls.CipherSuiteName(st.CipherSuite)}
	if len(st.PeerCertificates) > 0 {
		info.Fingerprint = Fingerprint(st.PeerCertificates[0])
		info.Subject = st.PeerCertificates[0].Subject.CommonName
	}
	return info
}
