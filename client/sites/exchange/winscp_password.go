package exchange

import (
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf8"

	"portside/client"
)

var (
	errMaster = errors.New("which WinSCP's master password protects")
	errHidden = errors.New("which is not written as WinSCP does it")
)

// winscpReveal undoes the way in which WinSCP hides a password: pairs of hexadecimal
// digits, each byte the complement of itself xor 0xA3; a header with the length; a
// number of bytes without meaning; and the password behind key, the user and host.
func winscpReveal(hidden, key string) (string, error) {
	raw, err := hex.DecodeString(strings.TrimSpace(hidden))
	if err != nil {
		return "", errHidden
	}
	for i, b := range raw {
		raw[i] = ^(b ^ 0xa3)
	}
	take := func() (byte, bool) {
		if len(raw) == 0 {
			return 0, false
		}
		b := raw[0]
		raw = raw[1:]
		return b, true
	}
	flag, _ := take()
	length, ok := int(flag), true
	if flag == 0xff {
		version, _ := take()
		switch version {
		case 0:
			var n byte
			n, ok = take()
			length = int(n)
		case 1:
			return "", errMaster
		case 2:
			var hi, lo byte
			hi, _ = take()
			lo, ok = take()
			length = int(hi)<<8 | int(lo)
		default:
			return "", errHidden
		}
	}
	shift, more := take()
	if !ok || !more || int(shift)+length > len(raw) {
		return "", errHidden
	}
	plain := string(raw[int(shift) : int(shift)+length])
	if flag == 0xff {
		if plain, ok = strings.CutPrefix(plain, key); !ok {
			return "", errHidden
		}
	}
	if !utf8.ValidString(plain) {
		if plain, err = client.DecodeText("windows-1252", plain); err != nil {
			return "", errHidden
		}
	}
	return plain, nil
}
