package clientcert

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A container that asks for more rounds than any program writes is refused at once: its
// work could not be interrupted.
func TestRoundsOfPKCS12(t *testing.T) {
	sha256 := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	data := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	pbes2 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	kdf := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	type digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	type mac struct {
		Digest digest
		Salt   []byte
		Rounds int
	}
	type content struct {
		Type asn1.ObjectIdentifier
		Data []byte `asn1:"tag:0,explicit"`
	}
	type pfx struct {
		Version int
		Safe    content
		Mac     mac
	}
	type params struct {
		Salt   []byte
		Rounds int
	}
	marshal := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	inner := func(rounds int) []byte {
		return marshal([]struct {
			OID asn1.ObjectIdentifier
			In  struct {
				KDF    asn1.ObjectIdentifier
				Params params
			}
		}{{pbes2, struct {
			KDF    asn1.ObjectIdentifier
			Params params
		}{kdf, params{[]byte("saltsalt"), rounds}}}})
	}
	for name, c := range map[string]struct {
		mac, safe int
		refused   bool
	}{
		"of the check":      {2_000_000_000, 2048, true},
		"of the content":    {2048, 2_000_000_000, true},
		"as programs write": {2048, 2048, false},
	} {
		path := filepath.Join(t.TempDir(), "a.p12")
		der := marshal(pfx{3, content{data, inner(c.safe)}, mac{digest{pkix.AlgorithmIdentifier{Algorithm: sha256}, make([]byte, 32)}, []byte("saltsalt"), c.mac}})
		if err := os.WriteFile(path, der, 0o600); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			_, err := Load(path, "", "passphrase")
			done <- err
		}()
		select {
		case err := <-done:
			if refused := err != nil && strings.Contains(err.Error(), "rounds"); refused != c.refused || !refused && !errors.Is(err, ErrPassphrase) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: still at work after a minute", name)
		}
	}
}
