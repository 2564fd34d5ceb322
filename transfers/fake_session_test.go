package transfers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
)

func (f *fake) List(ctx context.Context, p string) (*listing.Listing, error) {
	if err := f.begin(ctx, "LIST", p); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p = f.real(path.Clean("/" + p))
	if n := f.nodes[p]; n == nil || n.typ != listing.Dir {
		return nil, refuse("MLSD", 550, "No such directory.")
	}
	l := &listing.Listing{}
	var names []string
	for name := range f.nodes {
		if name != "/" && dirOf(name) == p {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return f.nodes[a].order - f.nodes[b].order })
	for _, name := range names {
		e := f.entry(name, f.nodes[name])
		e.Name = strings.TrimPrefix(name, strings.TrimSuffix(p, "/")+"/")
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// dirOf is path.Dir without cleaning, so that hostile names stay what they are:
// "/top/|..|x" keeps the part in bars as one name.
func dirOf(p string) string {
	if i := strings.Index(p, "/|"); i >= 0 {
		return max(p[:i], "/")
	}
	return path.Dir(p)
}

func (f *fake) Stat(ctx context.Context, p string) (listing.Entry, error) {
	if err := f.begin(ctx, "STAT", p); err != nil {
		return listing.Entry{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.lookup(p)
	if n == nil {
		return listing.Entry{}, refuse("MLST", 550, "No such file.")
	}
	return f.entry(p, n), nil
}

func (f *fake) Retrieve(ctx context.Context, p string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	if err := f.begin(ctx, "RETR", fmt.Sprintf("%s @%d", p, opt.Offset)); err != nil {
		return 0, err
	}
	f.mu.Lock()
	n := f.lookup(p)
	if n == nil || n.typ != listing.File {
		f.mu.Unlock()
		return 0, refuse("RETR", 550, "No such file.")
	}
	if f.noREST && opt.Offset > 0 {
		f.mu.Unlock()
		return 0, refuse("REST", 502, "REST is not implemented.")
	}
	if _, bare := dst.(*os.File); bare {
		f.log = append(f.log, "BARE "+p)
	}
	data := slices.Clone(n.data)
	mangle, cut := f.mangle, f.cut
	f.mu.Unlock()
	if !f.ignoreREST {
		data = data[min(opt.Offset, int64(len(data))):]
	}
	if mangle != nil {
		data = mangle(p, opt.Offset, data)
	}
	if opt.ASCII {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	return f.move(ctx, "RETR", p, cut, opt, bytes.NewReader(data), dst)
}

func (f *fake) Store(ctx context.Context, p string, src io.Reader, opt client.TransferOptions) (int64, error) {
	verb := "STOR"
	if opt.Append {
		verb = "APPE"
	}
	if err := f.begin(ctx, verb, fmt.Sprintf("%s @%d", p, opt.Offset)); err != nil {
		return 0, err
	}
	f.mu.Lock()
	if f.noREST && opt.Offset > 0 {
		f.mu.Unlock()
		return 0, refuse("REST", 502, "REST is not implemented.")
	}
	n := f.nodes[p]
	if n == nil {
		n = &node{typ: listing.File}
		f.add(p, n)
	}
	switch {
	case n.typ == listing.Dir:
		f.mu.Unlock()
		return 0, refuse("STOR", 550, "Is a directory.")
	case opt.Append:
	case f.ignoreREST:
		n.data = nil
	default:
		n.data = n.data[:min(opt.Offset, int64(len(n.data)))]
	}
	if _, bare := src.(*os.File); bare {
		f.log = append(f.log, "BARE "+p)
	}
	n.mtime = time.Now().UTC()
	if f.onStore != nil {
		f.onStore(p, opt.ASCII)
	}
	cut := f.cut
	f.mu.Unlock()
	return f.move(ctx, verb, p, cut, opt, src, storeWriter{f, n})
}

type storeWriter struct {
	f *fake
	n *node
}

func (w storeWriter) Write(p []byte) (int, error) {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.n.data = append(w.n.data, p...)
	return len(p), nil
}

// move copies in chunks, as a session does: a transfer that is interrupted
// from this side takes the session with it.
func (f *fake) move(
	ctx context.Context, verb, p string, cut func(string, string) (int64, error), opt client.TransferOptions, src io.Reader, dst io.Writer,
) (int64, error) {
	limit, broken := int64(-1), error(nil)
	if cut != nil {
		limit, broken = cut(verb, p)
	}
	buf := make([]byte, 16<<10)
	var total int64
	for {
		if ctx.Err() != nil {
			_ = f.Close()
			return total, context.Cause(ctx)
		}
		if f.pace > 0 {
			select {
			case <-time.After(f.pace):
			case <-ctx.Done():
				continue
			}
		}
		b := buf
		if broken != nil && limit-total < int64(len(b)) {
			b = b[:limit-total]
		}
		if broken != nil && len(b) == 0 {
			return total, broken
		}
		n, err := src.Read(b)
		if n > 0 {
			if _, werr := dst.Write(b[:n]); werr != nil {
				_ = f.Close()
				return total, &client.LocalIOError{Err: werr}
			}
			total += int64(n)
			if opt.Progress != nil {
				opt.Progress(int64(n))
			}
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			_ = f.Close()
			return total, &client.LocalIOError{Err: err}
		}
	}
}

func (f *fake) MakeDir(ctx context.Context, p string) error {
	if err := f.begin(ctx, "MKD", p); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.nodes[p] != nil {
		return refuse("MKD", 550, "File exists.")
	}
	if f.nodes[path.Dir(p)] == nil {
		return refuse("MKD", 550, "No such directory.")
	}
	f.add(p, &node{typ: listing.Dir, mtime: epoch()})
	return nil
}

func (f *fake) Delete(ctx context.Context, p string) error { return f.remove(ctx, "DELE", p) }

func (f *fake) RemoveDir(ctx context.Context, p string) error { return f.remove(ctx, "RMD", p) }

func (f *fake) remove(ctx context.Context, verb, p string) error {
	if err := f.begin(ctx, verb, p); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[p]
	if n == nil || (verb == "RMD") != (n.typ == listing.Dir) {
		return refuse(verb, 550, "No such file.")
	}
	for name := range f.nodes {
		if name != p && strings.HasPrefix(name, p+"/") {
			return refuse(verb, 550, "Directory not empty.")
		}
	}
	delete(f.nodes, p)
	return nil
}

func (f *fake) Size(ctx context.Context, p string) (int64, error) {
	if err := f.begin(ctx, "SIZE", p); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noSIZE {
		return 0, client.ErrUnsupported
	}
	n := f.lookup(p)
	if n == nil || n.typ != listing.File {
		return 0, refuse("SIZE", 550, "No such file.")
	}
	if said, ok := f.sizeLie[p]; ok && f.lyingSIZE {
		return said, nil
	}
	return int64(len(n.data)), nil
}

func (f *fake) ModTime(ctx context.Context, p string) (time.Time, error) {
	if err := f.begin(ctx, "MDTM", p); err != nil {
		return time.Time{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.lookup(p); n != nil && !f.noMDTM {
		return n.mtime, nil
	}
	return time.Time{}, client.ErrUnsupported
}

func (f *fake) SetModTime(ctx context.Context, p string, at time.Time) error {
	if err := f.begin(ctx, "MFMT", p); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noMFMT {
		return client.ErrUnsupported
	}
	f.nodes[p].mtime = at.UTC()
	return nil
}

func (f *fake) Hash(ctx context.Context, p, _ string) (client.Hash, error) {
	if f.noHASH {
		return client.Hash{}, client.ErrUnsupported
	}
	if err := f.begin(ctx, "HASH", p); err != nil {
		return client.Hash{}, err
	}
	sum := sha256.Sum256(f.content(p))
	return client.Hash{Algo: "SHA-256", Sum: hex.EncodeToString(sum[:])}, nil
}

func (f *fake) Rename(ctx context.Context, from, to string) error {
	if err := f.begin(ctx, "RNTO", from+" "+to); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[from]
	if n == nil {
		return refuse("RNFR", 550, "No such file.")
	}
	if f.noReplace && f.nodes[to] != nil {
		return refuse("RNTO", 553, "File exists.")
	}
	delete(f.nodes, from)
	f.nodes[to] = n
	return nil
}
