package transfers

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
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
	// onStore is told of each STOR and APPE, and whether it is of text.
	onStore func(path string, ascii bool)
	// mangle changes what RETR sends.
	mangle func(path string, offset int64, data []byte) []byte

	ignoreREST bool // sends from the first byte all the same
	noREST     bool // refuses REST
	noSIZE     bool
	noHASH     bool
	noMDTM     bool
	noMFMT     bool
	noReplace  bool             // RNTO refuses what exists
	plain      bool             // listings without precise times
	sizeLie    map[string]int64 // what listings say
	lyingSIZE  bool             // and SIZE
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
	_ plainLister  = (*client.Session)(nil)
	_ renamer      = (*client.Session)(nil)
)

// sampleTree is a tree with an empty folder, an empty file and odd names.
func sampleTree() *fake {
	return newFake().
		file("/top/a.txt", bytesOf(1000, 1)).
		file("/top/empty", nil).
		file("/top/sub/b", bytesOf(70_000, 2)).
		file("/top/sub/deep/中文 🚢", bytesOf(10, 3)).
		file("/top/caf\xe9", bytesOf(20, 4)).
		dir("/top/void")
}
