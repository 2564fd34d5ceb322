package transfers

import (
	"bytes"
	"errors"
	"testing"
)

// A copy that has the right size and other bytes is found out where both servers
// have the same checksum.
func TestCopyComparesChecksums(t *testing.T) {
	data := bytesOf(200_000, 1)
	always := quick(Overwrite)
	always.Verify = VerifyAlways
	a, b := newFake().file("/a", data), newFake()
	a.mangle = func(_ string, _ int64, sent []byte) []byte {
		sent[1000] ^= 1
		return sent
	}
	out, err := MoveBetween(t.Context(), a, b, CopyFile{Remote: "/a", Target: "/b"}, always)
	he, ok := errors.AsType[*HashError](err)
	if !ok || he.Here == he.There || out.Moved < 400_000 {
		t.Errorf("%+v, error = %v; want a second try, and a HashError", out, err)
	}
	a.mangle = nil
	if _, err = MoveBetween(t.Context(), a, b, CopyFile{Remote: "/a", Target: "/b"}, always); err != nil || !bytes.Equal(b.content("/b"), data) {
		t.Errorf("%d bytes, %v", len(b.content("/b")), err)
	}
}
