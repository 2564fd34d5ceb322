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
	"sync"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A fakeServer is a server in memory. What it does wrong is in its fields.
type fakeServer struct {
	mu    sync.Mutex // guards everything
	nodes map[string]*node
	log   []string // "RETR /a @0"

	// on is called before each operation; an error is its result.
	on func(verb, path string) error
	// hold is called before that, and may wait.
	hold func(ctx context.Context, verb, path string) error
	// pace is the time that 16 KiB take.
	pace time.Duration
	// cut ends RETR and STOR with an error after so many bytes; it is asked
	// once per transfer.
	cut func(verb, path string) (after int64, err error)
	// mangle changes what RETR sends.
	mangle func(path string, offset int64, data []byte) []byte

	ignoreREST bool // sends from the first byte all the same
	noREST     bool // refuses REST
	noSIZE     bool
	noHASH     bool
	noMDTM     bool
	noMFMT     bool
	plain      bool // listings without precise times
	sizeLie    map[string]int64
	charset    string
	encode     func(string) (string, error)
	text       func(string) string
}

// A fake is a session with a fakeServer.
type fake struct {
	*fakeServer
	closed chan struct{}
}

type node struct {
	typ    listing.Type
	data   []byte
	mtime  time.Time
	target string
	order  int
}

// epoch is the time of files that were given none.
func epoch() time.Time { return time.Date(2026, 11, 1, 12, 30, 15, 0, time.UTC) }

func newFake() *fake {
	return &fake{
		fakeServer: &fakeServer{nodes: map[string]*node{"/": {typ: listing.Dir, mtime: epoch()}}},
		closed:     make(chan struct{}),
	}
}

// file adds a file and the folders above it.
func (f *fake) file(p string, data []byte) *fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(p, &node{typ: listing.File, data: data, mtime: epoch()})
	return f
}

func (f *fake) link(p, target string) *fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(p, &node{typ: listing.Link, target: target, mtime: epoch()})
	return f
}

func (f *fake) dir(p string) *fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(p, &node{typ: listing.Dir, mtime: epoch()})
	return f
}

func (f *fake) add(p string, n *node) {
	for up := path.Dir(p); up != "/" && up != "."; up = path.Dir(up) {
		if f.nodes[up] == nil {
			f.nodes[up] = &node{typ: listing.Dir, mtime: epoch(), order: len(f.nodes)}
		}
	}
	n.order = len(f.nodes)
	f.nodes[p] = n
}

func (f *fake) content(p string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[p]
	if n == nil {
		return nil
	}
	return slices.Clone(n.data)
}

func (f *fake) exists(p string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes[p] != nil
}

func (f *fake) lines(verb string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []string
	for _, l := range f.log {
		if strings.HasPrefix(l, verb+" ") {
			found = append(found, l)
		}
	}
	return found
}

// isClosed reports whether the session has been ended.
func (f *fake) isClosed() bool { return isGone(f) }

func (f *fake) begin(ctx context.Context, verb, p string) error {
	f.mu.Lock()
	f.log = append(f.log, verb+" "+p)
	on, hold := f.on, f.hold
	f.mu.Unlock()
	if hold != nil {
		if err := hold(ctx, verb, p); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if f.isClosed() {
		return client.ErrClosed
	}
	if on != nil {
		return on(verb, p)
	}
	return nil
}

func refuse(verb string, code int, text string) error {
	return &client.ReplyError{Verb: verb, Reply: client.Reply{Code: code, Lines: []string{text}}}
}

// real returns the path without the links on the way, as a file system does.
func (f *fake) real(p string) string {
	for range 100 {
		next, done := p, true
		for i := 1; i <= len(p); i++ {
			if i < len(p) && p[i] != '/' {
				continue
			}
			if n := f.nodes[p[:i]]; n != nil && n.typ == listing.Link {
				next, done = path.Clean(n.target+p[i:]), false
				break
			}
		}
		if p = next; done {
			break
		}
	}
	return p
}

// lookup follows links.
func (f *fake) lookup(p string) *node { return f.nodes[f.real(p)] }

func (f *fake) entry(p string, n *node) listing.Entry {
	e := listing.Entry{
		Name: path.Base(p), Type: n.typ, Size: int64(len(n.data)), ModTime: n.mtime, Precise: !f.plain,
		Target: n.target, Mode: listing.ModeUnknown,
	}
	if f.plain {
		e.ModTime = e.ModTime.Truncate(time.Minute)
	}
	if lie, ok := f.sizeLie[p]; ok {
		e.Size = lie
	}
	return e
}

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

func (f *fake) Info() client.Info { return client.Info{Charset: f.charset} }

func (f *fake) Text(raw string) string {
	if f.text != nil {
		return f.text(raw)
	}
	return raw
}

func (f *fake) Encode(text string) (string, error) {
	if f.encode != nil {
		return f.encode(text)
	}
	return text, nil
}

func (f *fake) Done() <-chan struct{} { return f.closed }

func (f *fake) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
	default:
		close(f.closed)
	}
	return nil
}

// again is a new session with the same server.
func (f *fake) again() *fake { return &fake{fakeServer: f.fakeServer, closed: make(chan struct{})} }

// lostConn is what a session returns when its control connection breaks.
func lostConn() error { return &client.LostError{Err: io.EOF} }

// brokenData is what a session returns when a data connection breaks.
func brokenData() error {
	return &client.DataError{Method: client.MethodEPSV, Step: client.StepCopy, Err: errors.New("connection reset by peer")}
}

// bytesOf makes n bytes in which no two places are alike.
func bytesOf(n int, seed byte) []byte {
	b := make([]byte, 0, n+sha256.Size)
	sum := sha256.Sum256([]byte{seed})
	for len(b) < n {
		b = append(b, sum[:]...)
		sum = sha256.Sum256(sum[:])
	}
	return b[:n]
}

// quick are options that retry without waiting.
func quick(rule Exists) Options {
	return Options{Exists: rule, Backoff: time.Nanosecond, Jitter: func() float64 { return 0 }}
}

// redialing lets a transfer go on with new sessions of the same server.
func redialing(f *fake, opt Options) Options {
	opt.Redial = func(ctx context.Context) (Remote, error) {
		next := f.again()
		return next, next.begin(ctx, "DIAL", "")
	}
	return opt
}

var (
	_ Remote       = (*client.Session)(nil)
	_ sizer        = (*client.Session)(nil)
	_ timer        = (*client.Session)(nil)
	_ hasher       = (*client.Session)(nil)
	_ featured     = (*client.Session)(nil)
	_ informed     = (*client.Session)(nil)
	_ watched      = (*client.Session)(nil)
	_ RemoteCloser = (*client.Session)(nil)
	_ timeSetter   = (*client.Session)(nil)
)
