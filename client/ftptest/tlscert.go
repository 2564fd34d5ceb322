package ftptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// A CA signs certificates for tests.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA makes a certificate authority that lives for a day.
func NewCA() (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	tmpl, err := template("ftptest CA")
	if err != nil {
		return nil, err
	}
	tmpl.IsCA, tmpl.BasicConstraintsValid = true, true
	tmpl.KeyUsage = x509.KeyUsageCertSign
	tmpl.ExtKeyUsage = nil
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	return &CA{cert: cert, key: key}, nil
}

func template(name string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, nil
}

// Pool returns a pool that holds the CA alone.
func (ca *CA) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(ca.cert)
	return p
}

// PEM returns the CA's certificate as PEM.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
}

// Server issues a good certificate for localhost, 127.0.0.1 and ::1.
func (ca *CA) Server() (tls.Certificate, error) {
	return ca.Issue("localhost", "127.0.0.1", "::1")
}

// Issue issues a certificate for these names and addresses.
func (ca *CA) Issue(names ...string) (tls.Certificate, error) {
	return ca.issue(names, func(*x509.Certificate) {})
}

// WrongName issues a certificate for another host.
func (ca *CA) WrongName() (tls.Certificate, error) { return ca.Issue("wrong.example.org") }

// Expired issues a certificate that ended yesterday.
func (ca *CA) Expired() (tls.Certificate, error) {
	return ca.issue([]string{"localhost", "127.0.0.1", "::1"}, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = c.NotBefore.AddDate(0, 0, -30), c.NotBefore.AddDate(0, 0, -1)
	})
}

// WrongUsage issues a certificate for clients only.
func (ca *CA) WrongUsage() (tls.Certificate, error) {
	return ca.issue([]string{"localhost", "127.0.0.1", "::1"}, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
}

// Client issues a certificate for a client.
func (ca *CA) Client() (tls.Certificate, error) { return ca.WrongUsage() }

// SelfSigned makes a certificate for localhost, 127.0.0.1 and ::1 that no CA
// signed.
func SelfSigned() (tls.Certificate, error) {
	var self CA
	return self.issue([]string{"localhost", "127.0.0.1", "::1"}, func(*x509.Certificate) {})
}

func (ca *CA) issue(names []string, change func(*x509.Certificate)) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, errors.New("make certificate: no names")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	tmpl, err := template(names[0])
	if err != nil {
		return tls.Certificate{}, err
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, n)
		}
	}
	change(tmpl)
	parent, signer := ca.cert, ca.key
	if parent == nil {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Fingerprint is the SHA-256 fingerprint of a certificate, in lower-case hex.
func Fingerprint(cert tls.Certificate) string {
	if len(cert.Certificate) == 0 {
		return ""
	}
	sum := sha256.Sum256(cert.Certificate[0])
	return hex.EncodeToString(sum[:])
}

// tlsConfig makes the configuration of one control connection and its data
// connections. Its ticket keys are its own, so that a session can be resumed
// only under the control connection that it came from.
func (s *Server) tlsConfig(set settings) (*tls.Config, error) {
	cert := s.certs.own
	if set.cert != nil {
		cert = *set.cert
	}
	conf := &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   set.minTLS,
		MaxVersion:   set.maxTLS,
	}
	if set.clientCAs != nil {
		conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, set.clientCAs
	}
	if set.fail13 {
		conf.MaxVersion = tls.VersionTLS12
		conf.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if slices.Contains(hello.SupportedVersions, tls.VersionTLS13) {
				return nil, errors.New("TLS 1.3 was offered")
			}
			return nil, nil // the ordinary one
		}
	}
	if err := freshTickets(conf); err != nil {
		return nil, err
	}
	return conf, nil
}

// freshTickets makes conf forget all sessions.
func freshTickets(conf *tls.Config) error {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return fmt.Errorf("make ticket key: %w", err)
	}
	conf.SetSessionTicketKeys([][32]byte{key})
	return nil
}
