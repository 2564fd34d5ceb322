// Package faulty is the demo server with a fault of choice, to be seen through by
// whoever wants to know what a diagnosis says about it.
//
// It serves the files of package demo, for the same users, by package ftptest, and on
// loopback only. Each fault is real on the wire: ports that answer nothing answer
// nothing. Which faults there are, and which verdicts are true of them, is in one
// place: [Faults]. It leaves out what takes a network of its own, such as NAT and
// devices that change what passes through them.
package faulty

import (
	"context"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net/netip"
	"time"

	"portside/client/demo"
	"portside/client/ftptest"
)

// Options say how a faulty server runs. The zero value is useful.
type Options struct {
	// Addr is where to listen; empty means 127.0.0.1:0. It must be an IPv4 address of
	// loopback, since some of the faults are those of PASV and PORT.
	Addr string
	// Now is the time that the dates of the files are counted back from; the zero
	// value is the present.
	Now time.Time
	// Files are what it serves; nil means those of the demo.
	Files fs.FS
	// Idle is when the fault "idle" ends a connection; 0 means 20 s, as it says.
	Idle time.Duration
}

// A Server is a running server with a fault.
type Server struct {
	srv  *ftptest.Server
	stop func() bool // takes the end of the context off
}

// Start starts a server, which ends with ctx or by Close. The error names the fault
// where there is none of that name.
func Start(ctx context.Context, f Fault, opt Options) (*Server, error) {
	if f.options == nil {
		return nil, fmt.Errorf("start demo server: there is no fault %q", f.Name)
	}
	addr, err := demo.LoopbackAddr(opt.Addr)
	if err != nil {
		return nil, err
	}
	if at, aerr := netip.ParseAddrPort(addr); aerr != nil || !at.Addr().Is4() {
		return nil, fmt.Errorf("start demo server: %q is no IPv4 address and port; the faults are made for those", addr)
	}
	files := opt.Files
	if files == nil {
		now := opt.Now
		if now.IsZero() {
			now = time.Now()
		}
		if files, err = demo.Files(now); err != nil {
			return nil, err
		}
	}
	opts, err := filesOf(files)
	if err != nil {
		return nil, fmt.Errorf("make demo files: %w", err)
	}
	opts = append(opts,
		ftptest.Addr(addr), ftptest.TLS(), ftptest.User(demo.User, demo.Password),
		ftptest.Greeting("220 Portside demo server, with a fault: "+f.Name+"."))
	opts = append(append(opts, guests()...), f.options(opt)...)
	srv, err := ftptest.Start(opts...) //nolint:contextcheck // it ends with ctx all the same: see below
	if err != nil {
		return nil, err
	}
	return &Server{srv: srv, stop: context.AfterFunc(ctx, srv.Close)}, nil
}

// filesOf puts files into the server's tree.
func filesOf(files fs.FS) ([]ftptest.Option, error) {
	var opts, folders []ftptest.Option
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case path == ".":
		case d.IsDir():
			folders = append(folders, ftptest.DirAt("/"+path, info.ModTime()))
		default:
			data, rerr := fs.ReadFile(files, path)
			if rerr != nil {
				return rerr
			}
			opts = append(opts, ftptest.FileAt("/"+path, string(data), info.ModTime(), 0o644))
		}
		return nil
	})
	return append(opts, folders...), err
}

// guests lets anonymous users read only.
func guests() []ftptest.Option {
	refuse := func(c *ftptest.Conn, _ string) bool {
		if c.User() == "" || c.User() == demo.User {
			return false
		}
		c.Reply(550, "Permission denied: log in as demo.")
		return true
	}
	var opts []ftptest.Option
	for _, verb := range []string{"STOR", "APPE", "STOU", "DELE", "MKD", "XMKD", "RMD", "XRMD", "RNFR", "RNTO", "SITE", "MFMT"} {
		opts = append(opts, ftptest.Handle(verb, refuse))
	}
	return opts
}

// Addr is the server's address, "127.0.0.1:40123".
func (s *Server) Addr() string { return s.srv.Addr }

// Fingerprint is the SHA-256 fingerprint of the server's certificate, in lower-case
// hex.
func (s *Server) Fingerprint() string { return s.srv.Fingerprint() }

// RootCAs is a pool with the authority of the server's certificate.
func (s *Server) RootCAs() *x509.CertPool { return s.srv.RootCAs() }

// Close ends all connections and returns when they are gone. It may be called more
// than once.
func (s *Server) Close() error {
	s.stop()
	s.srv.Close()
	return nil
}
