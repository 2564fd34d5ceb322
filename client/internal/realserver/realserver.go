// Package realserver starts real FTP servers for tests: vsftpd, ProFTPD,
// Pure-FTPd and pyftpdlib, on the loopback address, each with a configuration,
// a folder, a user and a certificate of its own, and takes them down again.
//
// The programs are those that scripts/servers.sh has unpacked into
// .cache/servers. Nothing is installed and nothing outside temporary folders
// is changed. Where a server cannot run, Start says why with an *Unavailable.
package realserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Kind is a server program.
type Kind string

// The server programs.
const (
	VSFTPD    Kind = "vsftpd"
	ProFTPD   Kind = "proftpd"
	PureFTPd  Kind = "pureftpd"
	PyFTPDLib Kind = "pyftpdlib"
)

// Kinds lists the server programs.
func Kinds() []Kind { return []Kind{VSFTPD, ProFTPD, PureFTPd, PyFTPDLib} }

// A Security says how the server uses TLS.
type Security uint8

// The uses of TLS. A server that is Explicit or Implicit refuses to go without,
// on control and data connections, and demands that data connections resume the
// TLS session of the control connection where the program can demand it
// (vsftpd, ProFTPD).
const (
	Plain Security = iota
	Explicit
	Implicit
)

// A Config says which server to start.
type Config struct {
	Kind     Kind
	Security Security
	TLS12    bool // speak TLS 1.2 at most
	IPv6     bool // listen on ::1 instead of 127.0.0.1

	ClientCerts bool // let in only those who show the certificate Server.ClientCert (vsftpd, ProFTPD)

	Host string // listen on this address instead of loopback, for a network namespace of its own
	Port int    // 0: a free one
	Name string // one more name for the certificate, of which Host is another
}

// String returns a name for the server, such as "vsftpd/tls12/ipv6".
func (c Config) String() string {
	parts := []string{string(c.Kind)}
	switch {
	case c.Security == Plain:
		parts = append(parts, "plain")
	case c.Security == Implicit:
		parts = append(parts, "implicit")
	case c.TLS12:
		parts = append(parts, "tls12")
	default:
		parts = append(parts, "tls13")
	}
	if c.IPv6 {
		return strings.Join(append(parts, "ipv6"), "/")
	}
	return strings.Join(append(parts, "ipv4"), "/")
}

// An Unavailable error says why a server cannot run here.
type Unavailable struct {
	Kind   Kind
	Reason string
}

func (e *Unavailable) Error() string { return string(e.Kind) + " cannot run here: " + e.Reason }

// A Server is a running server.
type Server struct {
	Config
	Addr       string          // host:port of the control connection
	User       string          // may read and write everything in the folder
	Password   string          //
	Root       string          // the folder that is served, as this machine names it; "/" over FTP
	CA         *x509.CertPool  // signs the server's certificate; nil when plain
	CAFile     string          // the same as a PEM file
	ClientCert tls.Certificate // of Config.ClientCerts

	dir  string
	proc *process
	logs []string // files that the server writes
}

// The user of every server. passwordHash is the SHA-512 crypt of the password.
const (
	testUser     = "skipper"
	testPassword = "harbour"
	passwordHash = "$6$portside$k14wmCtU9Fs55P6dkR3bNu99JwVmr7kkp3qAriqasm5G/ComdGI4fubLVllBzIxeqtU2OiQM1KouOogw7IdTb."
)

const (
	startTries   = 3
	startTimeout = time.Minute
)

// Start starts a server and returns when it greets. ctx bounds the start only;
// Close must be called.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	var err error
	for range startTries {
		var s *Server
		if s, err = start(ctx, cfg); err == nil {
			return s, nil
		}
		// Another program can have taken the port in between: once more.
		var gone *Unavailable
		if errors.As(err, &gone) || ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

func start(ctx context.Context, cfg Config) (*Server, error) {
	prog, err := find(cfg.Kind)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "portside-server-")
	if err != nil {
		return nil, err
	}
	s := &Server{Config: cfg, User: testUser, Password: testPassword, dir: dir, Root: filepath.Join(dir, "files")}
	if err := s.run(ctx, prog); err != nil {
		err = fmt.Errorf("start %s: %w\n%s", cfg, err, s.Log())
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// run prepares the folders, starts the program and waits for its greeting.
func (s *Server) run(ctx context.Context, prog program) error {
	owner, err := servant()
	if err != nil {
		return err
	}
	// The servers enter these folders as another user.
	if err = os.Chmod(s.dir, 0o755); err != nil {
		return err
	}
	if err = os.Mkdir(s.Root, 0o755); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err = os.Chown(s.Root, owner.uid, owner.gid); err != nil {
			return err
		}
	}
	if s.Security != Plain {
		if err = s.writeCertificate(); err != nil {
			return err
		}
	}
	host := "127.0.0.1"
	if s.IPv6 {
		host = "::1"
	}
	if s.Host != "" {
		host = s.Host
	}
	port := strconv.Itoa(s.Port)
	if s.Port == 0 {
		if port, err = freePort(ctx, host); err != nil {
			return err
		}
	}
	s.Addr = net.JoinHostPort(host, port)
	cmd, err := setups[s.Kind](ctx, s, prog, owner, host, port)
	if err != nil {
		return err
	}
	if s.proc, err = launch(cmd, filepath.Join(s.dir, "output.log")); err != nil {
		return err
	}
	s.logs = append(s.logs, filepath.Join(s.dir, "output.log"))
	return s.awaitGreeting(ctx)
}

// setups has, for each program, what writes its configuration and returns its
// command line.
var setups = map[Kind]func(ctx context.Context, s *Server, prog program, owner servantUser, host, port string) (command, error){
	VSFTPD:    setupVSFTPD,
	ProFTPD:   setupProFTPD,
	PureFTPd:  setupPureFTPd,
	PyFTPDLib: setupPyFTPDLib,
}

// Log returns what the server has written about itself, for a failed test.
func (s *Server) Log() string {
	var b strings.Builder
	for _, name := range s.logs {
		data, err := os.ReadFile(name)
		if err != nil || len(data) == 0 {
			continue
		}
		const most = 2 << 10
		if len(data) > most {
			data = data[len(data)-most:]
		}
		fmt.Fprintf(&b, "--- %s %s\n%s\n", s.Config, filepath.Base(name), strings.TrimRight(string(data), "\n"))
	}
	return b.String()
}

// Kill ends the server and every one of its sessions at once, as a power cut
// would.
func (s *Server) Kill() {
	if s.proc != nil {
		s.proc.kill()
	}
}

// Close ends the server and its sessions and removes its folders.
func (s *Server) Close() error {
	s.Kill()
	return os.RemoveAll(s.dir)
}

// awaitGreeting waits until the server greets a control connection; an
// implicit one says nothing before TLS, so there a connection is enough.
func (s *Server) awaitGreeting(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.greeted(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("the server ended before it greeted: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("no greeting: %w", err)
		case <-tick.C:
		}
	}
}

func (s *Server) greeted(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if s.Security == Implicit {
		return nil
	}
	if err = conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	code := make([]byte, 3)
	if _, err = conn.Read(code); err != nil {
		return err
	}
	if string(code) != "220" {
		return fmt.Errorf("greeting begins with %q", code)
	}
	_, err = conn.Write([]byte("QUIT\r\n"))
	return err
}

func freePort(ctx context.Context, host string) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
