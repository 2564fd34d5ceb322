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
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"

	"portside/client"
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

// hashSays compares the first size bytes of local with the remote file. known
// is false where the server has no hash or could not say it, or the file is too
// large.
func (t *task) hashSays(ctx context.Context, path string, local io.ReaderAt, size int64) (same, known bool, err error) {
	h, ok := t.r.(hasher)
	if !ok || t.noHash || size > hashLimit {
		return false, false, nil
	}
	remote, err := h.Hash(ctx, path, "")
	if err != nil {
		if ctx.Err() != nil {
			return false, false, ended(ctx)
		}
		// Not worth another try: a server that is slow at it is slow again. Where
		// the session is lost, the next step notices.
		t.noHash = !isRefusal(err) || errors.Is(err, client.ErrUnsupported)
		return false, false, nil
	}
	sum := newHash(remote.Algo)
	if sum == nil {
		t.noHash = true
		return false, false, nil
	}
	if _, err = io.Copy(sum, io.NewSectionReader(local, 0, size)); err != nil {
		return false, false, localErr("read", path, err)
	}
	return strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), remote.Sum), true, nil
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
		moved, err := t.r.Retrieve(ctx, path, &got, client.TransferOptions{Offset: size - n})
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
