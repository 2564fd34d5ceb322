package clientcert

import (
	"encoding/asn1"
	"fmt"
	"math/big"
)

// maxNested bounds how deep a container is looked into; those of programs have ten levels.
const maxNested = 24

// boundRounds refuses a PKCS#12 container that asks for more work than maxIterations with
// a passphrase, which could not be interrupted (RFC 7292, 4 and C; RFC 8018, A.2). What is
// encrypted in it cannot be seen, and is reached by the right passphrase only.
func boundRounds(der []byte) error {
	if n := rounds(der, maxNested); n.Cmp(big.NewInt(maxIterations)) > 0 {
		return fmt.Errorf("it asks for %s rounds, which no program writes", n)
	}
	return nil
}

// rounds returns the largest number that stands right behind a string of bytes, the salt,
// in any sequence.
func rounds(der []byte, depth int) *big.Int {
	most := new(big.Int)
	take := func(n *big.Int) {
		if n.Cmp(most) > 0 {
			most = n
		}
	}
	salt := false
	for len(der) > 0 && depth > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			break
		}
		der = rest
		bytes := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		if n := new(big.Int); salt && v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger {
			if _, err = asn1.Unmarshal(v.FullBytes, &n); err == nil {
				take(n)
			}
		}
		if v.IsCompound || bytes && len(v.Bytes) > 0 && v.Bytes[0] == 0x30 {
			take(rounds(v.Bytes, depth-1))
		}
		salt = bytes
	}
	return most
}
