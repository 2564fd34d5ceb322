package clientcert

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"
)

// What a file may hold at most; one of a client has one key and a short chain.
const (
	maxCerts = 100
	maxKeys  = 10
)

// material is what a file holds.
type material struct {
	certs []*x509.Certificate
	keys  []crypto.Signer
}

// readMaterial reads a file of any of the formats. Keys are left alone where wantKeys
// is not set, so that no passphrase is needed for them.
func readMaterial(path, passphrase string, wantKeys bool) (material, error) {
	data, err := readBounded(path)
	if err != nil {
		return material{}, err
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return readPEM(data, passphrase, wantKeys)
	}
	return readDER(data, passphrase)
}

// readPEM reads all blocks of a PEM file (RFC 7468). What is neither certificate nor
// key, such as parameters of a curve, is passed over.
func readPEM(data []byte, passphrase string, wantKeys bool) (material, error) {
	var m material
	blocks := 0
	for {
		var block *pem.Block
		block, data = pem.Decode(data)
		if block == nil {
			break
		}
		blocks++
		if err := m.add(block, passphrase, wantKeys); err != nil {
			return m, err
		}
		if len(m.certs) > maxCerts || len(m.keys) > maxKeys {
			return m, errors.New("it holds more certificates or keys than one client has")
		}
	}
	if blocks == 0 {
		return m, errors.New("it looks like a PEM file and is damaged")
	}
	return m, nil
}

// add takes in one block.
func (m *material) add(block *pem.Block, passphrase string, wantKeys bool) error {
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
		c, err := x509.ParseCertificate(firstElement(block))
		if err != nil {
			return fmt.Errorf("a certificate in it is damaged: %w", err)
		}
		m.certs = append(m.certs, c)
		return nil
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
	case "OPENSSH PRIVATE KEY":
		return errors.New("it holds a key of SSH, which is no key of a certificate")
	default:
		return nil
	}
	if !wantKeys {
		return nil
	}
	der, err := decrypted(block, passphrase)
	if err != nil {
		return err
	}
	key, err := parseKey(der)
	if err != nil && isLegacy(block) {
		return ErrPassphrase // the padding happened to fit, and the content is noise
	}
	if err != nil {
		return err
	}
	m.keys = append(m.keys, key)
	return nil
}

// firstElement is the content of a block; of a "trusted" certificate, which OpenSSL
// follows with its own remarks, the certificate.
func firstElement(block *pem.Block) []byte {
	if block.Type != "TRUSTED CERTIFICATE" {
		return block.Bytes
	}
	var first asn1.RawValue
	if _, err := asn1.Unmarshal(block.Bytes, &first); err != nil {
		return block.Bytes
	}
	return first.FullBytes
}

// decrypted returns the key of a block.
func decrypted(block *pem.Block, passphrase string) ([]byte, error) {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY":
		if passphrase == "" {
			return nil, errNoPassphrase
		}
		return decryptPKCS8(block.Bytes, passphrase)
	case isLegacy(block):
		if passphrase == "" {
			return nil, errNoPassphrase
		}
		der, err := x509.DecryptPEMBlock(block, []byte(passphrase)) //nolint:staticcheck // insecure to write, and still there to read
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrPassphrase
		}
		if err != nil {
			return nil, fmt.Errorf("its key cannot be decrypted: %w", err)
		}
		return der, nil
	default:
		return block.Bytes, nil
	}
}

func isLegacy(block *pem.Block) bool {
	return x509.IsEncryptedPEMBlock(block) //nolint:staticcheck // as above
}

// parseKey reads a key in any of its three forms.
func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("its key is damaged, or of a kind that is not known")
	}
	if s, ok := key.(crypto.Signer); ok {
		return s, nil
	}
	return nil, errors.New("its key cannot sign, so it is none of a certificate")
}

// readDER reads a binary file: PKCS#12, a certificate or a key.
func readDER(data []byte, passphrase string) (material, error) {
	if c, err := x509.ParseCertificate(data); err == nil {
		return material{certs: []*x509.Certificate{c}}, nil
	}
	if k, err := parseKey(data); err == nil {
		return material{keys: []crypto.Signer{k}}, nil
	}
	if looksLikeEncryptedKey(data) {
		return readEncryptedDER(data, passphrase)
	}
	if !looksLikePKCS12(data) {
		return material{}, errors.New("it is no certificate: neither PEM nor PKCS#12")
	}
	return readPKCS12(data, passphrase)
}

func readEncryptedDER(data []byte, passphrase string) (material, error) {
	if passphrase == "" {
		return material{}, errNoPassphrase
	}
	der, err := decryptPKCS8(data, passphrase)
	if err != nil {
		return material{}, err
	}
	k, err := parseKey(der)
	return material{keys: []crypto.Signer{k}}, err
}

// looksLikePKCS12 reports whether data begins as a PFX: a sequence, and in it the
// version 3 (RFC 7292, 4).
func looksLikePKCS12(data []byte) bool {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(data, &outer); err != nil {
		// Files of older programs are written with an indefinite length (BER).
		return bytes.HasPrefix(data, []byte{0x30, 0x80, 0x02, 0x01, 0x03})
	}
	return outer.Tag == asn1.TagSequence && bytes.HasPrefix(outer.Bytes, []byte{0x02, 0x01, 0x03})
}

func readPKCS12(data []byte, passphrase string) (material, error) {
	if err := boundRounds(data); err != nil {
		return material{}, err
	}
	key, leaf, others, err := pkcs12.DecodeChain(data, passphrase)
	var missing pkcs12.NotImplementedError
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		if passphrase == "" {
			return material{}, errNoPassphrase
		}
		return material{}, ErrPassphrase
	case errors.As(err, &missing):
		return material{}, fmt.Errorf("it is a PKCS#12 file of a kind that is not known: %w", err)
	case err != nil && bytes.HasPrefix(data, []byte{0x30, 0x80}):
		return material{}, errors.New("it is a PKCS#12 file in an old encoding (BER); write it anew, for example with openssl pkcs12")
	case err != nil:
		return material{}, fmt.Errorf("it is a PKCS#12 file that is damaged or not complete: %w", err)
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return material{}, errors.New("its key cannot sign, so it is none of a certificate")
	}
	return material{certs: append([]*x509.Certificate{leaf}, others...), keys: []crypto.Signer{s}}, nil
}
