package transfers

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"

	"portside/client"
	"portside/client/listing"
)

// sameAsLocal reports whether the file at the place has the size of the source
// and, as far as can be told cheaply, its bytes.
func (t *task) sameAsLocal(ctx context.Context, src source, at place, old fs.FileInfo) (bool, error) {
	if t.opt.ASCII || !old.Mode().IsRegular() || src.size < 0 || old.Size() != src.size {
		return false, nil
	}
	f, err := at.root.Open(at.name)
	if err != nil {
		return false, localErr("open", at.path(), err)
	}
	defer func() { _ = f.Close() }()
	return t.sameBytes(ctx, src.path, f, src.size)
}

// sameBytes compares a remote and a local file of the same size: by a hash
// where that is cheap, else by their last bytes.
func (t *task) sameBytes(ctx context.Context, path string, local io.ReaderAt, size int64) (bool, error) {
	if size > sampleSize {
		same, known, err := t.hashSays(ctx, path, local, size)
		if err != nil || known {
			return same, err
		}
	}
	return t.sameTail(ctx, path, local, size)
}

// newHash returns nil for an algorithm that is not known here.
func newHash(algo string) hash.Hash {
	switch strings.ReplaceAll(strings.ToUpper(algo), "-", "") {
	case "SHA256":
		return sha256.New()
	case "SHA512":
		return sha512.New()
	case "SHA1":
		return sha1.New()
	case "MD5":
		return md5.New()
	case "CRC32":
		return crc32.NewIEEE()
	default:
		return nil
	}
}

// sameTail reports whether the last bytes of the first size bytes are the same
// on both sides, and the remote file ends there.
func (t *task) sameTail(ctx context.Context, path string, local io.ReaderAt, size int64) (bool, error) {
	n := min(size, sampleSize)
	want := make([]byte, n)
	if _, err := local.ReadAt(want, size-n); err != nil {
		return false, localErr("read", path, err)
	}
	same := false
	err := t.simply(ctx, func(ctx context.Context) error {
		got := limitedBuffer{max: n}
		moved, err := t.r.Retrieve(ctx, path, &got, client.TransferOptions{Offset: size - n, Pace: t.opt.Pace})
		t.sum.Bytes += moved
		t.rep.p.Moved += moved
		if got.over {
			// More than there is from there on: REST was ignored, or the file is
			// another one by now.
			return nil
		}
		same = err == nil && bytes.Equal(got.b, want)
		return err
	})
	if err != nil && ctx.Err() == nil && isRefusal(err) {
		return false, nil // not to be read, or no REST: nothing to trust
	}
	return same, err
}

// A limitedBuffer takes max bytes and refuses more.
type limitedBuffer struct {
	b    []byte
	max  int64
	over bool
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if int64(len(l.b)+len(p)) > l.max {
		l.over = true
		return 0, errTooLong
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

// sumIs reports whether the first size bytes of local have the checksum.
func sumIs(ctx context.Context, local io.ReaderAt, size int64, want client.Hash) (bool, error) {
	sum := newHash(want.Algo)
	if sum == nil {
		return false, client.ErrUnsupported
	}
	r := io.NewSectionReader(local, 0, size)
	for {
		if ctx.Err() != nil {
			return false, ended(ctx)
		}
		n, err := io.CopyN(sum, r, 16<<20)
		if errors.Is(err, io.EOF) || (err == nil && n == 0) {
			break
		}
		if err != nil {
			return false, err
		}
	}
	return strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), want.Sum), nil
}

// size asks for the size of a remote file; -1 where the server cannot tell.
func (t *task) size(ctx context.Context, path string) (int64, error) {
	s, ok := t.r.(sizer)
	if !ok || t.noSize {
		return listing.UnknownSize, nil
	}
	n, err := s.Size(ctx, path)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, client.ErrUnsupported):
		t.noSize = true
		return listing.UnknownSize, nil
	case isRefusal(err), isA[*client.ProtocolError](err) && !t.lost():
		return listing.UnknownSize, nil
	default:
		return listing.UnknownSize, fmt.Errorf("asking for its size: %w", err)
	}
}
