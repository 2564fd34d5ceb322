package clientcert

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// maxIterations bounds the work that a file may ask for: about ten seconds. Programs
// write some thousands to a million.
const maxIterations = 10_000_000

// encryptedKey is EncryptedPrivateKeyInfo (RFC 5208, 6).
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

// pbes2Params is PBES2-params (RFC 8018, A.4).
type pbes2Params struct {
	Derivation, Encryption pkix.AlgorithmIdentifier
}

// pbkdf2Params is PBKDF2-params (RFC 8018, A.2) with the salt in it.
type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// A scheme is a cipher in CBC mode (RFC 8018, B.2).
type scheme struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
}

// The names of the parts, as the dotted text of their object identifiers.
const (
	namePBES2  = "1.2.840.113549.1.5.13"
	namePBKDF2 = "1.2.840.113549.1.5.12"
)

// schemes are the ciphers that keys are encrypted with.
func schemes() map[string]scheme {
	return map[string]scheme{
		"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
		"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
		"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
		"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	}
}

// hashes are those that PBKDF2 is used with; the first is the default of the standard.
func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{
		"":                    sha1.New,
		"1.2.840.113549.2.7":  sha1.New,
		"1.2.840.113549.2.8":  sha256.New224,
		"1.2.840.113549.2.9":  sha256.New,
		"1.2.840.113549.2.10": sha512.New384,
		"1.2.840.113549.2.11": sha512.New,
		"1.2.840.113549.2.12": sha512.New512_224,
		"1.2.840.113549.2.13": sha512.New512_256,
	}
}

// looksLikeEncryptedKey reports whether der is an EncryptedPrivateKeyInfo.
func looksLikeEncryptedKey(der []byte) bool {
	var k encryptedKey
	rest, err := asn1.Unmarshal(der, &k)
	return err == nil && len(rest) == 0 && len(k.Data) > 0
}

// decryptPKCS8 returns the key in an EncryptedPrivateKeyInfo: ErrPassphrase where the
// passphrase does not open it.
func decryptPKCS8(der []byte, passphrase string) ([]byte, error) {
	var k encryptedKey
	if rest, err := asn1.Unmarshal(der, &k); err != nil || len(rest) > 0 {
		return nil, errors.New("its encrypted key is damaged")
	}
	if k.Algorithm.Algorithm.String() != namePBES2 {
		return nil, tooOld(k.Algorithm.Algorithm)
	}
	block, iv, err := pbes2Cipher(k.Algorithm.Parameters.FullBytes, passphrase)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(k.Data) == 0 || len(k.Data)%size != 0 || len(iv) != size {
		return nil, errors.New("its encrypted key is damaged")
	}
	plain := make([]byte, len(k.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, k.Data)
	plain, ok := unpad(plain, size)
	if !ok {
		return nil, ErrPassphrase
	}
	// A wrong passphrase has a right padding once in some hundred times.
	var info asn1.RawValue
	if rest, err := asn1.Unmarshal(plain, &info); err != nil || len(rest) > 0 || info.Tag != asn1.TagSequence {
		return nil, ErrPassphrase
	}
	return plain, nil
}

// pbes2Cipher makes the cipher that the parameters name.
func pbes2Cipher(params []byte, passphrase string) (cipher.Block, []byte, error) {
	var p pbes2Params
	if _, err := asn1.Unmarshal(params, &p); err != nil {
		return nil, nil, errors.New("its encrypted key is damaged")
	}
	if p.Derivation.Algorithm.String() != namePBKDF2 {
		return nil, nil, tooOld(p.Derivation.Algorithm)
	}
	enc, ok := schemes()[p.Encryption.Algorithm.String()]
	if !ok {
		return nil, nil, tooOld(p.Encryption.Algorithm)
	}
	var kdf pbkdf2Params
	if _, err := asn1.Unmarshal(p.Derivation.Parameters.FullBytes, &kdf); err != nil {
		return nil, nil, errors.New("its encrypted key is damaged")
	}
	prf, ok := hashes()[kdf.PRF.Algorithm.String()]
	if !ok {
		return nil, nil, tooOld(kdf.PRF.Algorithm)
	}
	if kdf.Iterations < 1 || kdf.Iterations > maxIterations {
		return nil, nil, fmt.Errorf("its key asks for %d rounds, which no program writes", kdf.Iterations)
	}
	key, err := pbkdf2.Key(prf, passphrase, kdf.Salt, kdf.Iterations, enc.keySize)
	if err != nil {
		return nil, nil, fmt.Errorf("its key cannot be decrypted: %w", err)
	}
	block, err := enc.block(key)
	return block, p.Encryption.Parameters.Bytes, err
}

// tooOld is the error for a cipher that is left out.
func tooOld(name asn1.ObjectIdentifier) error {
	return fmt.Errorf("its key is encrypted in a way that is not known (%s); write it anew, for example with openssl pkcs8 -topk8 -v2 aes256", name)
}

// unpad takes off the padding of RFC 8018, 6.1.1.
func unpad(b []byte, size int) ([]byte, bool) {
	n := int(b[len(b)-1])
	if n == 0 || n > size || n > len(b) {
		return nil, false
	}
	for _, c := range b[len(b)-n:] {
		if int(c) != n {
			return nil, false
		}
	}
	return b[:len(b)-n], true
}
