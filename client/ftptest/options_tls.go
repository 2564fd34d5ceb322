package ftptest

import (
	"crypto/tls"
	"crypto/x509"
)

// TLS offers AUTH TLS (RFC 4217) with a certificate of the server's own CA,
// which Server.CA and Server.RootCAs return.
func TLS() Option { return func(c *config) { c.tls = true } }

// ImplicitTLS starts TLS before the greeting, as on port 990. It is read at
// the start only.
func ImplicitTLS() Option {
	return func(c *config) { c.tls, c.implicit = true, true }
}

// RequireTLS offers AUTH TLS, and refuses logins without it and data
// connections without PROT P.
func RequireTLS() Option {
	return func(c *config) { c.tls, c.requireTLS = true, true }
}

// RequireSessionReuse offers AUTH TLS, and refuses protected data connections
// that do not resume a session of their control connection, as vsftpd's
// require_ssl_reuse and ProFTPD's mod_tls do.
func RequireSessionReuse() Option {
	return func(c *config) { c.tls, c.requireReuse = true, true }
}

// TLSVersions offers AUTH TLS with these versions only, tls.VersionTLS12 for
// example.
func TLSVersions(lowest, highest uint16) Option {
	return func(c *config) { c.tls, c.minTLS, c.maxTLS = true, lowest, highest }
}

// BreakTLS13 offers AUTH TLS, and fails every handshake in which the client offers
// TLS 1.3, as broken servers and devices on the way do, instead of agreeing on 1.2.
func BreakTLS13() Option { return func(c *config) { c.tls, c.fail13 = true, true } }

// Certificate offers AUTH TLS with this certificate; see [CA].
func Certificate(cert tls.Certificate) Option {
	return func(c *config) { c.tls, c.cert = true, &cert }
}

// DataCertificate shows another certificate on data connections.
func DataCertificate(cert tls.Certificate) Option {
	return func(c *config) { c.tls, c.dataCert = true, &cert }
}

// RequireClientCertificate offers AUTH TLS, and fails every handshake, on data connections
// too, in which the client shows no certificate that these authorities have signed; see
// CA.Client.
func RequireClientCertificate(authorities *x509.CertPool) Option {
	return func(c *config) { c.tls, c.clientCAs = true, authorities }
}

// RequireCloseNotify answers 426 to an upload that ends without a TLS
// close_notify alert.
func RequireCloseNotify() Option {
	return func(c *config) { c.tls, c.requireNotify = true, true }
}

// NoCloseNotify ends data connections without the TLS close_notify alert.
func NoCloseNotify() Option {
	return func(c *config) { c.tls, c.noNotify = true, true }
}

// PlainData accepts PROT P and speaks plain text on data connections all the
// same.
func PlainData() Option {
	return func(c *config) { c.tls, c.plainData = true, true }
}

// InjectAfterAuth sends text in the clear in the same packet as the 234 that
// answers AUTH TLS: the response injection of CVE-2021-22947.
func InjectAfterAuth(text string) Option {
	return func(c *config) { c.tls, c.inject = true, text }
}
