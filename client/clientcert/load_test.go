package clientcert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

const passphrase = "pass phrase ü"

// A pair is a certificate and its key.
type pair struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// validity of the certificates here.
func since() time.Time { return time.Now().Add(-time.Hour) }
func until() time.Time { return time.Now().Add(24 * time.Hour) }

// makePair makes a certificate for the key, signed by parent, or by itself.
func makePair(t *testing.T, subject string, key crypto.Signer, parent *pair, from, to time.Time) pair {
	t.Helper()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: subject}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	up, by := tmpl, key
	if parent != nil {
		up, by = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, up, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return pair{cert, key}
}

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func certPEM(c *x509.Certificate) string { return block("CERTIFICATE", c.Raw) }

func pkcs8PEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return block("PRIVATE KEY", der)
}

// file writes a file and returns its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkLoaded checks that got is the pair, and that its key signs.
func checkLoaded(t *testing.T, got tls.Certificate, want pair, chain int) {
	t.Helper()
	if !got.Leaf.Equal(want.cert) || len(got.Certificate) != chain {
		t.Errorf("loaded %s with %d certificates, want %s with %d", got.Leaf.Subject, len(got.Certificate), want.cert.Subject, chain)
	}
	type equaler interface{ Equal(crypto.PublicKey) bool }
	signer, ok := got.PrivateKey.(crypto.Signer)
	if !ok || !want.key.Public().(equaler).Equal(signer.Public()) {
		t.Error("the key is another")
	}
}

func TestFormsOfKeys(t *testing.T) {
	r, e := rsaKey(t), ecKey(t)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(e)
	if err != nil {
		t.Fatal(err)
	}
	legacy, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(r), []byte(passphrase), x509.PEMCipherAES256) //nolint:staticcheck // what is tested
	if err != nil {
		t.Fatal(err)
	}
	forR := makePair(t, "rsa", r, nil, since(), until())
	forE := makePair(t, "ec", e, nil, since(), until())
	forEd := makePair(t, "ed25519", ed, nil, since(), until())
	for name, c := range map[string]struct {
		key  string
		want pair
	}{
		"PKCS#8 RSA":                {pkcs8PEM(t, r), forR},
		"PKCS#8 EC":                 {pkcs8PEM(t, e), forE},
		"PKCS#8 Ed25519":            {pkcs8PEM(t, ed), forEd},
		"PKCS#1":                    {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(r)), forR},
		"SEC 1":                     {block("EC PRIVATE KEY", sec1), forE},
		"with parameters before it": {block("EC PARAMETERS", []byte{6, 0}) + block("EC PRIVATE KEY", sec1), forE},
		"encrypted PEM":             {string(pem.EncodeToMemory(legacy)), forR},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Load(file(t, "cert.pem", "a remark\n"+certPEM(c.want.cert)), file(t, "key.pem", c.key), passphrase)
			if err != nil {
				t.Fatal(err)
			}
			checkLoaded(t, got, c.want, 1)
			if got, err = Load(file(t, "both.pem", c.key+certPEM(c.want.cert)), "", passphrase); err != nil {
				t.Fatal(err)
			}
			checkLoaded(t, got, c.want, 1)
		})
	}
}

// A chain is put in order, and what does not belong to it is left out.
func TestChain(t *testing.T) {
	root := makePair(t, "root", ecKey(t), nil, since(), until())
	between := makePair(t, "between", ecKey(t), &root, since(), until())
	leaf := makePair(t, "leaf", ecKey(t), &between, since(), until())
	stranger := makePair(t, "stranger", ecKey(t), nil, since(), until())
	content := certPEM(root.cert) + certPEM(stranger.cert) + certPEM(between.cert) + certPEM(leaf.cert) + pkcs8PEM(t, leaf.key)
	got, err := Load(file(t, "all.pem", content), "", "")
	if err != nil {
		t.Fatal(err)
	}
	checkLoaded(t, got, leaf, 3)
	for i, want := range []pair{leaf, between, root} {
		if string(got.Certificate[i]) != string(want.cert.Raw) {
			t.Errorf("place %d holds another certificate than %s", i, want.cert.Subject)
		}
	}
}

func TestPKCS12(t *testing.T) {
	root := makePair(t, "root", ecKey(t), nil, since(), until())
	leaf := makePair(t, "leaf", rsaKey(t), &root, since(), until())
	for name, enc := range map[string]*pkcs12.Encoder{
		"modern": pkcs12.Modern2023, "legacy DES": pkcs12.LegacyDES, "legacy RC2": pkcs12.LegacyRC2,
	} {
		t.Run(name, func(t *testing.T) {
			data, err := enc.Encode(leaf.key, leaf.cert, []*x509.Certificate{root.cert}, passphrase)
			if err != nil {
				t.Fatal(err)
			}
			path := file(t, "client.p12", string(data))
			got, err := Load(path, "", passphrase)
			if err != nil {
				t.Fatal(err)
			}
			checkLoaded(t, got, leaf, 2)
			for _, wrong := range []string{"", "wrong"} {
				if _, err := Load(path, "", wrong); !errors.Is(err, ErrPassphrase) || !strings.Contains(err.Error(), path) {
					t.Errorf("with the passphrase %q: %v", wrong, err)
				}
			}
			if _, err := Load(file(t, "cut.p12", string(data[:len(data)/2])), "", passphrase); err == nil || errors.Is(err, ErrPassphrase) {
				t.Errorf("half a file: %v", err)
			}
		})
	}
	// The certificate of the authority stands first, as some programs write it.
	data, err := pkcs12.Modern2023.Encode(leaf.key, root.cert, []*x509.Certificate{leaf.cert}, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(file(t, "odd.p12", string(data)), "", "")
	if err != nil {
		t.Fatal(err)
	}
	checkLoaded(t, got, leaf, 2)
	if _, err := Load(file(t, "cert.pem", certPEM(leaf.cert)), file(t, "key.p12", string(data)), ""); err != nil {
		t.Errorf("the key of a PKCS#12 file: %v", err)
	}
}

func TestWhatIsWrong(t *testing.T) {
	own, other := makePair(t, "own", ecKey(t), nil, since(), until()), ecKey(t)
	expired := makePair(t, "expired", own.key, nil, since().AddDate(-2, 0, 0), since().AddDate(-1, 0, 0))
	early := makePair(t, "early", own.key, nil, until(), until().AddDate(1, 0, 0))
	encrypted, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey(t)), []byte(passphrase), x509.PEMCipherAES128) //nolint:staticcheck // what is tested
	if err != nil {
		t.Fatal(err)
	}
	locked := string(pem.EncodeToMemory(encrypted))
	key := pkcs8PEM(t, own.key)
	for name, c := range map[string]struct {
		cert, key, pass string // contents; "-": no such file
		want            string
		passphrase      bool
	}{
		"key of another":       {certPEM(own.cert), pkcs8PEM(t, other), "", "the key is not the one of the certificate in", false},
		"other key inside":     {certPEM(own.cert) + pkcs8PEM(t, other), "", "", "the key in it is not the one of its certificate", false},
		"expired":              {certPEM(expired.cert) + key, "", "", "the certificate has expired: it was valid until " + expired.cert.NotAfter.UTC().Format(time.DateOnly), false},
		"not yet":              {certPEM(early.cert) + key, "", "", "the certificate is not valid yet: it is from " + early.cert.NotBefore.UTC().Format(time.DateOnly), false},
		"no key":               {certPEM(own.cert), "", "", "it holds a certificate and no key; name the file with the key as well", false},
		"no certificate":       {key, "", "", "it holds a key and no certificate", false},
		"no certificate, key":  {key, key, "", "cert.pem: it holds no certificate", false},
		"key file without key": {certPEM(own.cert), certPEM(own.cert), "", "key.pem: it holds no key", false},
		"no passphrase":        {certPEM(own.cert), locked, "", "key.pem: it is protected by a passphrase, and there is none", true},
		"wrong passphrase":     {certPEM(own.cert), locked, "wrong", "key.pem: the passphrase is wrong", true},
		"text":                 {"hello", "", "", "it is no certificate: neither PEM nor PKCS#12", false},
		"empty":                {"\n", "", "", "it is empty", false},
		"huge":                 {strings.Repeat("x", MaxSize+1), "", "", "it is larger than 1048576 bytes", false},
		"cut PEM":              {certPEM(own.cert)[:200], "", "", "it looks like a PEM file and is damaged", false},
		"damaged certificate":  {block("CERTIFICATE", own.cert.Raw[:100]), "", "", "a certificate in it is damaged", false},
		"damaged key":          {certPEM(own.cert) + block("PRIVATE KEY", []byte{1, 2, 3}), "", "", "its key is damaged, or of a kind that is not known", false},
		"damaged encrypted":    {certPEM(own.cert) + block("ENCRYPTED PRIVATE KEY", []byte{0x30, 0}), "", "x", "its encrypted key is damaged", false},
		"a key of SSH":         {certPEM(own.cert) + block("OPENSSH PRIVATE KEY", []byte{1}), "", "", "a key of SSH", false},
		"a crowd":              {strings.Repeat(certPEM(own.cert), maxCerts+1), "", "", "more certificates or keys", false},
		"no file":              {"-", "", "", "no such file", false},
	} {
		t.Run(name, func(t *testing.T) {
			certFile, keyFile := filepath.Join(t.TempDir(), "none"), ""
			if c.cert != "-" {
				certFile = file(t, "cert.pem", c.cert)
			}
			if c.key != "" {
				keyFile = file(t, "key.pem", c.key)
			}
			_, err := Load(certFile, keyFile, c.pass)
			var fe *FileError
			if !errors.As(err, &fe) || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrPassphrase) != c.passphrase {
				t.Errorf("error %v (passphrase: %v), want %q", err, errors.Is(err, ErrPassphrase), c.want)
			}
		})
	}
	if _, err := Load(t.TempDir(), "", ""); err == nil || !strings.Contains(err.Error(), "it is no ordinary file") {
		t.Errorf("a folder: %v", err)
	}
}

// The key of a separate file is wanted, so that the passphrase of another in the file
// with the certificate is not.
func TestKeyBesideALockedOneIsEnough(t *testing.T) {
	own := makePair(t, "own", ecKey(t), nil, since(), until())
	locked := "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
	got, err := Load(file(t, "cert.pem", locked+certPEM(own.cert)), file(t, "key.pem", pkcs8PEM(t, own.key)), "")
	if err != nil {
		t.Fatal(err)
	}
	checkLoaded(t, got, own, 1)
}
