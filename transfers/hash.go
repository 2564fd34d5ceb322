package transfers

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"strings"

	"portside/client"
)

// A VerifyRule says when contents are compared by a checksum after a transfer:
// HASH, XSHA256, XMD5 or XCRC, where the server has one. The size is compared
// always, except with Options.ASCII.
type VerifyRule uint8

// The rules.
const (
	// VerifyAuto compares up to 64 MiB where it pays: what came in pieces (a
	// resumed or repeated transfer), every file of 256 KiB or more, and one in
	// sixteen of the smaller ones, by their path, for which the round trip
	// would cost more than the transfer.
	VerifyAuto VerifyRule = iota
	// VerifyAlways compares every file, of any size. Where the server has no
	// checksum for it, there is a note.
	VerifyAlways
	VerifyNever
)

const (
	hashWorth = 256 << 10 // bytes from which on VerifyAuto compares every file
	hashOneIn = 16        // of the smaller ones
)

// A HashError is a transfer that the server called complete, but the checksums
// of source and target differ, also after a second transfer of the whole.
type HashError struct {
	Path  string // as text
	Algo  string // "SHA-256"
	Here  string // checksum of the local file, hexadecimal
	There string // what the server says
	Kept  string // where the wrong file is kept: a local path, or a remote one as text; "": nowhere
}

// Error returns both checksums, and where the file is kept.
func (e *HashError) Error() string {
	s := fmt.Sprintf("%s: %s is %s here and %s on the server", e.Path, e.Algo, e.Here, client.Printable(e.There))
	if e.Kept != "" {
		s += " (kept as " + e.Kept + ")"
	}
	return s
}

// wantsHash reports whether a file is to be compared by a checksum. pieces
// says that it did not come in one piece.
func (t *task) wantsHash(path string, size int64, pieces bool) bool {
	switch {
	case t.opt.ASCII, t.opt.Verify == VerifyNever:
		return false
	case t.opt.Verify == VerifyAlways:
		return true
	case size > hashLimit:
		return false
	case pieces, size >= hashWorth:
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(path))
	return h.Sum32()%hashOneIn == 0
}

// noHashNote says that a file could not be compared, where it should have been.
func (t *task) noHashNote(path string) {
	if t.opt.Verify == VerifyAlways {
		t.note(path, "the server has no checksum for it, so only the size was compared")
	}
}

// A verdict is what a comparison by checksum says.
type verdict struct {
	known, same       bool
	algo, here, there string
}

// failure returns the verdict as an error.
func (v verdict) failure(path string) *HashError {
	return &HashError{Path: path, Algo: v.algo, Here: v.here, There: v.there}
}

// hashVerdict compares the first size bytes of local with the remote file. It
// is not known where the server has no hash or could not say it, or the file
// is too large.
func (t *task) hashVerdict(ctx context.Context, path string, local io.ReaderAt, size int64) (verdict, error) {
	limit := int64(hashLimit)
	if t.opt.Verify == VerifyAlways {
		limit = math.MaxInt64
	}
	h, ok := t.r.(hasher)
	if !ok || t.noHash || size > limit || t.opt.Verify == VerifyNever {
		return verdict{}, nil
	}
	remote, err := h.Hash(ctx, path, "")
	if err != nil {
		if ctx.Err() != nil {
			return verdict{}, ended(ctx)
		}
		// Not worth another try: a server that is slow at it is slow again. Where
		// the session is lost, the next step notices.
		t.noHash = !isRefusal(err) || errors.Is(err, client.ErrUnsupported)
		return verdict{}, nil
	}
	sum := newHash(remote.Algo)
	if sum == nil {
		t.noHash = true
		return verdict{}, nil
	}
	if _, err = io.Copy(sum, io.NewSectionReader(local, 0, size)); err != nil {
		return verdict{}, localErr("read", path, err)
	}
	here := hex.EncodeToString(sum.Sum(nil))
	return verdict{
		known: true, same: strings.EqualFold(here, remote.Sum),
		algo: remote.Algo, here: here, there: strings.ToLower(remote.Sum),
	}, nil
}

// hashSays is hashVerdict without the checksums.
func (t *task) hashSays(ctx context.Context, path string, local io.ReaderAt, size int64) (same, known bool, err error) {
	v, err := t.hashVerdict(ctx, path, local, size)
	return v.same, v.known, err
}
