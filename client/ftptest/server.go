package ftptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
)

// A Server is an FTP server on loopback.
type Server struct {
	Addr string // "127.0.0.1:45678"
	URL  string // "ftp://127.0.0.1:45678", with ftps:// for implicit TLS

	ca    *CA
	certs certs
	ln    net.Listener
	tree  *tree
	table map[string]command
	done  context.CancelFunc
	wg    sync.WaitGroup
	held  *os.File // the port, which is the server's while it does not listen; nil without
	holds bool     // also after Close

	mu        sync.Mutex // guards everything below
	cfg       *config
	closed    bool
	nextID    int
	conns     map[*Conn]struct{}
	data      map[*dataConn]struct{}
	commands  []string
	verbs     []string
	infos     []*ConnInfo
	transfers []*Transfer
	moved     int64
	changed   chan struct{} // closed and replaced when something above changes
	hole      *blackHole
	refuser   *refuser
	holes     []*blackHole // of DropPorts
}

// NewServer starts a server that lives until the test ends. It fails the test
// where it cannot. On Linux its port is kept until then, also where it is closed
// before: nobody else answers there, and another server may come back with [Addr].
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := Start(opts...)
	if err != nil {
		t.Fatal(err)
	}
	s.holds = true
	t.Cleanup(func() {
		s.Close()
		_ = s.held.Close() // an error is that there is none
	})
	return s
}

// Start starts a server, which the caller closes.
func Start(opts ...Option) (*Server, error) {
	cfg := newConfig()
	for _, o := range opts {
		o(cfg)
	}
	if cfg.err != nil {
		return nil, fmt.Errorf("start FTP test server: %w", cfg.err)
	}
	if err := cfg.tree.setTime("/", cfg.clock.now()); err != nil {
		return nil, err
	}
	ca, err := NewCA()
	if err != nil {
		return nil, err
	}
	own, err := ca.Server()
	if err != nil {
		return nil, err
	}
	// The server is its own root: it ends with Close, not with a caller.
	ctx, cancel := context.WithCancel(context.Background())
	addr, held := holdPort(cfg.addr)
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		cancel()
		_ = held.Close()
		return nil, fmt.Errorf("start FTP test server: %w", err)
	}
	s := &Server{
		Addr:    ln.Addr().String(),
		URL:     "ftp://" + ln.Addr().String(),
		ca:      ca,
		certs:   certs{own: own},
		ln:      ln,
		tree:    cfg.tree,
		table:   commandTable(),
		done:    cancel,
		held:    held,
		cfg:     cfg,
		conns:   make(map[*Conn]struct{}),
		data:    make(map[*dataConn]struct{}),
		changed: make(chan struct{}),
	}
	if cfg.implicit {
		s.URL = "ftps://" + s.Addr
	}
	s.wg.Go(func() { s.accept(ctx) })
	return s, nil
}

func (s *Server) accept(ctx context.Context) {
	for {
		nc, err := s.ln.Accept()
		if err != nil {
			return
		}
		c := s.newConn(ctx, nc)
		if c == nil {
			_ = nc.Close()
			return
		}
		s.wg.Go(c.serve)
	}
}

// newConn registers a control connection; nil means that s is closed.
func (s *Server) newConn(ctx context.Context, nc net.Conn) *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.nextID++
	c := newConnection(ctx, s, s.nextID, nc)
	c.crowded = s.cfg.maxConns > 0 && len(s.conns) >= s.cfg.maxConns
	s.conns[c] = struct{}{}
	c.info = &ConnInfo{ID: s.nextID, Remote: nc.RemoteAddr().String(), Open: true}
	s.infos = append(s.infos, c.info)
	s.notify()
	return c
}

func (s *Server) forget(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	c.info.Open = false
	s.notify()
}

// notify wakes those who wait for a change. s.mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Close ends every connection and returns when all the server's goroutines
// are gone. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	hole, ref := s.hole, s.refuser
	holes := append(s.holes, hole)
	s.hole, s.refuser, s.holes = nil, nil, nil
	s.mu.Unlock()
	_ = s.ln.Close()
	s.done()
	s.reset()
	s.wg.Wait()
	for _, h := range holes {
		h.close()
	}
	ref.close()
	if !s.holds {
		_ = s.held.Close()
	}
}

// DropAll pulls the plug: every connection, control and data, is reset. The
// server goes on listening.
func (s *Server) DropAll() { s.reset() }

func (s *Server) reset() {
	s.mu.Lock()
	conns := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	data := make([]*dataConn, 0, len(s.data))
	for d := range s.data {
		data = append(data, d)
	}
	s.mu.Unlock()
	// The control connections first: a plug that is pulled says no 426.
	for _, d := range data {
		lingerNot(d.raw)
	}
	for _, c := range conns {
		c.Reset()
	}
	for _, d := range data {
		d.reset()
	}
}

// StopListening refuses new control connections from now on; those that exist
// live on.
func (s *Server) StopListening() { _ = s.ln.Close() }

// Apply changes the script while the server runs. Options that set the address
// or implicit TLS have no effect.
func (s *Server) Apply(opts ...Option) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range opts {
		o(s.cfg)
	}
	err := s.cfg.err
	s.cfg.err = nil
	return err
}

// ClearFaults takes back every reply, handler, delay and fault.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.cfg.replies)
	clear(s.cfg.handlers)
	clear(s.cfg.delays)
	clear(s.cfg.formats)
	s.cfg.faults = nil
}

// CA is the authority that signed the server's own certificate.
func (s *Server) CA() *CA { return s.ca }

// RootCAs is a pool with the server's CA, as clients want it.
func (s *Server) RootCAs() *x509.CertPool { return s.ca.Pool() }

// Fingerprint is the SHA-256 fingerprint, in hex, of the certificate that the
// control connection shows.
func (s *Server) Fingerprint() string {
	cert := s.settings().cert
	if cert == nil {
		cert = &s.certs.own
	}
	return Fingerprint(*cert)
}

// settings returns a copy of the plain settings.
func (s *Server) settings() settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cfg.settings
}

// plan gathers and uses up the faults for one command.
func (s *Server) plan(verb string, kinds ...faultKind) plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cfg.plan(verb, kinds...)
}

// certs are what the server shows unless told otherwise.
type certs struct{ own tls.Certificate }
