// Package clientcert reads the certificate and the key that a client shows to a server
// which asks for them (RFC 8446, 4.4.2): PEM files with a key as PKCS#8 (RFC 5208 and
// 5958, also encrypted with PBES2 of RFC 8018), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915),
// the encrypted PEM of RFC 1421 that OpenSSL once wrote, and PKCS#12 (RFC 7292).
//
// It leaves out keys in hardware, and the old ciphers of PKCS#5 version 1.
package clientcert

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// MaxSize is the size in bytes of the largest file that is read.
const MaxSize = 1 << 20

// ErrPassphrase is returned, wrapped in a *FileError, where a key is encrypted and the
// passphrase is missing or wrong.
var ErrPassphrase = errors.New("the passphrase is wrong")

// errNoPassphrase is the same where there was none.
var errNoPassphrase = fmt.Errorf("it is protected by a passphrase, and there is none: %w", ErrPassphrase)

// A FileError says what is wrong with a file.
type FileError struct {
	Path string
	Err  error // a clause about the file: "it holds no certificate"
}

func (e *FileError) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

func (e *FileError) Unwrap() error { return e.Err }

// Load reads a certificate with its key and the certificates between it and the root.
// certFile is a PEM, PKCS#12 or DER file. The key is in keyFile, or in certFile where
// keyFile is empty. The passphrase is used where the key is encrypted, and ignored
// where it is not.
//
// The certificate is checked for what no server would take: a key that is not its own,
// and dates that are over. Each error is a *FileError, with ErrPassphrase in it where
// another passphrase may help.
func Load(certFile, keyFile, passphrase string) (tls.Certificate, error) {
	return load(certFile, keyFile, passphrase, time.Now())
}

func load(certFile, keyFile, passphrase string, now time.Time) (tls.Certificate, error) {
	fail := func(path string, err error) (tls.Certificate, error) {
		return tls.Certificate{}, &FileError{Path: path, Err: err}
	}
	found, err := readMaterial(certFile, passphrase, keyFile == "")
	if err != nil {
		return fail(certFile, err)
	}
	keyPath := certFile
	if keyFile != "" {
		keyPath = keyFile
		other, kerr := readMaterial(keyFile, passphrase, true)
		if kerr != nil {
			return fail(keyFile, kerr)
		}
		found.keys = other.keys
	}
	switch {
	case len(found.certs) == 0 && len(found.keys) > 0 && keyFile == "":
		return fail(certFile, errors.New("it holds a key and no certificate"))
	case len(found.certs) == 0:
		return fail(certFile, errors.New("it holds no certificate"))
	case len(found.keys) == 0 && keyFile == "":
		return fail(certFile, errors.New("it holds a certificate and no key; name the file with the key as well"))
	case len(found.keys) == 0:
		return fail(keyPath, errors.New("it holds no key"))
	}
	leaf, key := match(found.certs, found.keys)
	if leaf == nil {
		if keyFile != "" {
			return fail(keyPath, fmt.Errorf("the key is not the one of the certificate in %s", certFile))
		}
		return fail(keyPath, errors.New("the key in it is not the one of its certificate"))
	}
	if err := inTime(leaf, now); err != nil {
		return fail(certFile, err)
	}
	return assemble(leaf, found.certs, key), nil
}

// match finds the certificate that one of the keys belongs to. The first that fits
// counts, since the own certificate usually comes before those of authorities.
func match(certs []*x509.Certificate, keys []crypto.Signer) (*x509.Certificate, crypto.Signer) {
	for _, c := range certs {
		for _, k := range keys {
			if pub, ok := k.Public().(interface{ Equal(crypto.PublicKey) bool }); ok && pub.Equal(c.PublicKey) {
				return c, k
			}
		}
	}
	return nil, nil
}

// inTime checks the dates.
func inTime(leaf *x509.Certificate, now time.Time) error {
	switch {
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate has expired: it was valid until %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate is not valid yet: it is from %s on", leaf.NotBefore.UTC().Format(time.DateOnly))
	}
	return nil
}

// assemble puts the chain in order: the own certificate, then who signed it, and so on
// as far as the file has it. What is no part of that is left out.
func assemble(leaf *x509.Certificate, certs []*x509.Certificate, key crypto.Signer) tls.Certificate {
	out := tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
	last := leaf
	for range certs {
		next := issuer(last, certs)
		if next == nil || next.Equal(last) {
			break
		}
		out.Certificate = append(out.Certificate, next.Raw)
		last = next
	}
	return out
}

func issuer(c *x509.Certificate, certs []*x509.Certificate) *x509.Certificate {
	if bytes.Equal(c.RawIssuer, c.RawSubject) {
		return nil
	}
	for _, other := range certs {
		if bytes.Equal(other.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(other) == nil {
			return other
		}
	}
	return nil
}

// readBounded reads a file of MaxSize at most, and nothing but an ordinary one: a pipe
// would wait for ever.
func readBounded(path string) (data []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no ordinary file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = f.Close() }() // only read
	data, err = io.ReadAll(io.LimitReader(f, MaxSize+1))
	switch {
	case err != nil:
		return nil, plain(err)
	case len(data) > MaxSize:
		return nil, fmt.Errorf("it is larger than %d bytes, so it is no certificate", MaxSize)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("it is empty")
	}
	return data, nil
}

// plain is a file system error without the path, which a FileError has.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
