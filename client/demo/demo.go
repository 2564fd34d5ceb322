package demo

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"
)

// The account that may change files.
const (
	User     = "demo"
	Password = "demo"
)

// Options say how the demo server runs. The zero value is useful.
type Options struct {
	// Addr is where to listen; empty means 127.0.0.1:0. Addresses other than
	// loopback ones are refused.
	Addr string
	// Now is the time that the dates of the files are counted back from; the
	// zero value is the present.
	Now time.Time
	// Logger gets what the library logs; nil discards it.
	Logger *slog.Logger
}

// A Server is a running demo server.
type Server struct {
	ln   net.Listener
	cert tls.Certificate
	stop func() bool // takes the end of the context off
	wg   sync.WaitGroup
	conf *tls.Config
	fs   afero.Fs

	mu      sync.Mutex // guards what follows
	closed  bool
	open    map[closer]struct{} // connections and passive ports
	clients sync.WaitGroup      // control connections; Add under mu
}

type closer interface{ Close() error }

// Start starts a server, which ends with ctx or by Close.
func Start(ctx context.Context, opt Options) (*Server, error) {
	addr, err := LoopbackAddr(opt.Addr)
	if err != nil {
		return nil, err
	}
	now := opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	files, err := newTree(now)
	if err != nil {
		return nil, err
	}
	cert, err := newCertificate()
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start demo server: %w", err)
	}
	if !loopback(ln.Addr()) {
		return nil, errors.Join(fmt.Errorf("start demo server: %s is not a loopback address", ln.Addr()), ln.Close())
	}
	s := &Server{
		ln:   ln,
		cert: cert,
		conf: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
		fs:   files,
		open: make(map[closer]struct{}),
	}
	lib := ftpserver.NewFtpServer(&driver{s: s})
	if opt.Logger != nil {
		lib.Logger = opt.Logger
	}
	if err := lib.Listen(); err != nil {
		return nil, errors.Join(fmt.Errorf("start demo server: %w", err), ln.Close())
	}
	s.wg.Go(func() { _ = lib.Serve() }) // it ends when the listener is closed
	s.stop = context.AfterFunc(ctx, s.shut)
	return s, nil
}

// LoopbackAddr returns the address to listen on, and refuses those that others could
// reach. Empty means 127.0.0.1:0, and localhost is 127.0.0.1, whatever the hosts file
// says, or does not.
func LoopbackAddr(addr string) (string, error) {
	if addr == "" {
		return "127.0.0.1:0", nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("start demo server: %w", err)
	}
	if host == "localhost" {
		return "127.0.0.1:" + port, nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.Unmap().IsLoopback() {
		return "", fmt.Errorf("start demo server: %q is not a loopback address, such as 127.0.0.1:2121", addr)
	}
	return addr, nil
}

func loopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}

// Addr is the server's address, "127.0.0.1:40123".
func (s *Server) Addr() string { return s.ln.Addr().String() }

// URL is the server's address for the user demo, "ftp://demo@127.0.0.1:40123/".
// The password is not in it.
func (s *Server) URL() string { return "ftp://" + User + "@" + s.Addr() + "/" }

// Fingerprint is the SHA-256 fingerprint of the server's certificate, in
// lower-case hex.
func (s *Server) Fingerprint() string { return fingerprint(s.cert) }

// CertPEM is the server's certificate, which is its own authority, as PEM.
func (s *Server) CertPEM() []byte { return certPEM(s.cert) }

// RootCAs is a pool with the server's certificate.
func (s *Server) RootCAs() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.cert.Leaf)
	return p
}

// Close ends all connections and returns when they are gone. It may be called
// more than once.
func (s *Server) Close() error {
	s.stop()
	s.shut()
	s.wg.Wait()
	s.clients.Wait()
	return nil
}

// shut closes everything that is open.
func (s *Server) shut() {
	s.mu.Lock()
	s.closed = true
	list := make([]closer, 0, len(s.open))
	for c := range s.open {
		list = append(list, c)
	}
	s.mu.Unlock()
	_ = s.ln.Close()
	for _, c := range list {
		_ = c.Close()
	}
}

// track remembers c until forget; false means that the server is closed.
func (s *Server) track(c closer, client bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open[c] = struct{}{}
	if client {
		s.clients.Add(1)
	}
	return true
}

func (s *Server) forget(c closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}
