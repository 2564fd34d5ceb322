package edit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"portside/client"
	"portside/transfers"
)

// sumOf returns the SHA-256 of a file.
func sumOf(ctx context.Context, path string) (string, error) {
	h := sha256.New()
	if err := readAll(ctx, path, h); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sumOfFirst returns the SHA-256 of the first n bytes of a file.
func sumOfFirst(ctx context.Context, path string, n int64) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", transfers.LocalTrouble("open", path, err)
	}
	defer func() { _ = in.Close() }() // only read
	h := sha256.New()
	if _, err = io.CopyN(h, &boundReader{ctx, in}, n); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// readAll writes a regular file to w, until ctx ends.
func readAll(ctx context.Context, path string, w io.Writer) error {
	if !markOf(path).there { // looked at before it is opened, which would wait for a pipe's other end
		return &GoneError{Path: path}
	}
	in, err := os.Open(path)
	if err != nil {
		return transfers.LocalTrouble("open", path, err)
	}
	defer func() { _ = in.Close() }() // only read
	_, err = io.Copy(w, &boundReader{ctx, in})
	return err
}

// boundReader reads until a context ends.
type boundReader struct {
	ctx context.Context
	r   io.Reader
}

func (b *boundReader) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

var errRestless = errors.New("the file is being written to")

// snapshot copies a copy, which may be written to at any time, to where nobody does.
func snapshot(ctx context.Context, from, dir string) (path, sum string, m localMark, err error) {
	if err = os.RemoveAll(dir); err != nil {
		return "", "", m, err
	}
	if err = os.Mkdir(dir, 0o700); err != nil {
		return "", "", m, err
	}
	m = markOf(from)
	path = filepath.Join(dir, filepath.Base(from))
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", "", m, transfers.LocalTrouble("create", path, err)
	}
	h := sha256.New()
	if err = readAll(ctx, from, io.MultiWriter(out, h)); err != nil {
		_ = out.Close()
		return "", "", m, err
	}
	if err = out.Close(); err != nil {
		return "", "", m, transfers.LocalTrouble("create", path, err)
	}
	if !m.equal(markOf(from)) {
		return "", "", m, errRestless
	}
	return path, hex.EncodeToString(h.Sum(nil)), m, os.Chtimes(path, m.mtime, m.mtime)
}

// compareMost is the size up to which a file of the server is fetched to see
// whether it is another one at all.
const compareMost = 10 << 20

// remoteSum returns the SHA-256 of a file of the server.
func remoteSum(ctx context.Context, r transfers.Remote, remote string) (string, error) {
	h := sha256.New()
	if _, err := r.Retrieve(ctx, remote, h, client.TransferOptions{MaxBytes: compareMost + 1}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
