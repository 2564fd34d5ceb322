package cli

import (
	"context"
	"crypto/tls"
	"errors"

	"portside/client"
	"portside/client/clientcert"
)

// loadCertificate reads a client certificate, once a run, and asks for the passphrase of
// its key where that wants one.
func (p *program) loadCertificate(ctx context.Context, certFile, keyFile, passphrase string) (tls.Certificate, error) {
	key := certFile + "\x00" + keyFile
	if cert, ok := p.certs[key]; ok {
		return cert, nil
	}
	cert, err := clientcert.Load(certFile, keyFile, passphrase)
	for tries := 0; errors.Is(err, clientcert.ErrPassphrase) && isTerminal(p.app.Stdin) && tries < 3; tries++ {
		secret, aerr := p.askHidden(ctx, "Passphrase of the certificate for "+client.Printable(certFile)+": ")
		if aerr != nil {
			return cert, aerr
		}
		if secret == "" {
			break
		}
		p.conceal(secret)
		cert, err = clientcert.Load(certFile, keyFile, secret)
	}
	if err != nil {
		return cert, err
	}
	if p.certs == nil {
		p.certs = map[string]tls.Certificate{}
	}
	p.certs[key] = cert
	return cert, nil
}
