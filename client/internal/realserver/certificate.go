package realserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// writeCertificate makes an authority and a certificate for localhost, and
// writes cert.pem, key.pem, both.pem and ca.pem.
func (s *Server) writeCertificate() error {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Portside test authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 7),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano() + 1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 7),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(s.Host); ip != nil {
		leaf.IPAddresses = append(leaf.IPAddresses, ip)
	}
	if s.Name != "" {
		leaf.DNSNames = append(leaf.DNSNames, s.Name)
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if s.ClientCerts {
		if err = s.makeClientCert(ca, caKey); err != nil {
			return err
		}
	}
	caPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	leafPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leafDER})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})

	s.CAFile = filepath.Join(s.dir, "ca.pem")
	files := map[string][]byte{
		s.CAFile:       caPEM,
		s.certFile():   append(leafPEM[:len(leafPEM):len(leafPEM)], caPEM...),
		s.keyFile():    keyPEM,
		s.bothFile():   append(append(keyPEM[:len(keyPEM):len(keyPEM)], leafPEM...), caPEM...),
		s.openSSLCap(): []byte(openSSLAtMostTLS12),
	}
	for name, data := range files {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return err
		}
	}
	s.CA = x509.NewCertPool()
	s.CA.AppendCertsFromPEM(caPEM)
	return nil
}

// makeClientCert makes the certificate that a client may show.
func (s *Server) makeClientCert(ca *x509.Certificate, caKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano() + 2), Subject: pkix.Name{CommonName: testUser},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 7),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca, key.Public(), caKey)
	s.ClientCert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return err
}

func (s *Server) certFile() string   { return filepath.Join(s.dir, "cert.pem") }
func (s *Server) keyFile() string    { return filepath.Join(s.dir, "key.pem") }
func (s *Server) bothFile() string   { return filepath.Join(s.dir, "both.pem") }
func (s *Server) openSSLCap() string { return filepath.Join(s.dir, "openssl.cnf") }

// tlsEnv returns what keeps OpenSSL at TLS 1.2 in programs that have no
// setting for that.
func (s *Server) tlsEnv() []string {
	if !s.TLS12 {
		return nil
	}
	return []string{"OPENSSL_CONF=" + s.openSSLCap()}
}

const openSSLAtMostTLS12 = `openssl_conf = init
[init]
ssl_conf = programs
[programs]
system_default = limits
[limits]
MinProtocol = TLSv1.2
MaxProtocol = TLSv1.2
`
