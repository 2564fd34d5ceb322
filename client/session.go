package client

import (
	"context"
	"crypto/tls"
	"net/netip"
	"strings"
	"sync"
	"time"

	"portside/client/internal/gateway"
	"portside/client/internal/pi"
)

// A Session is one login on one control connection. Its methods may be called
// from several goroutines; they take turns. The Session lives until Close, Abort
// or the loss of its connection, which Done tells.
type Session struct {
	opt        Options
	charset    charset
	tlsControl *tls.Config
	tlsData    *tls.Config // nil: plain
	ctl        *pi.Conn
	gate       *gateway.Gateway
	number     int // of the connection, in the transcript

	turn chan struct{} // holds a token while a call has the control connection

	// Of whoever has the turn:
	typ       byte // representation type that the server is in, 'I' or 'A'
	features  Features
	early     Features // before the login
	method    Method   // of the data connection being made
	proven    Method   // the method that worked last
	dead      []Method // methods that failed
	home      string   // working directory after the login
	cwd       string   // from which relative pathnames are taken
	serverCwd string   // the server's working directory
	listAll   triState // whether LIST takes -a
	hashAlgo  string   // chosen by OPTS HASH

	stopKeepAlive chan struct{}
	keepAliveDone chan struct{}
	closeOnce     sync.Once

	mu       sync.Mutex // guards what follows
	info     Info
	lastUsed time.Time
}

// A triState is a fact about the server that has to be found out.
type triState uint8

const (
	unknown triState = iota
	yes
	no
)

// Info describes a Session.
type Info struct {
	Addr            string // as dialled, "host:port"
	Remote, Local   netip.AddrPort
	Greeting        string
	LoginText       string   // of the reply that ended the login
	System          string   // SYST
	Home            string   // raw; the working directory after the login
	TLS             *TLSInfo // nil: plain
	FellBackToPlain bool     // TLS was wanted if offered, and was not
	Method          Method   // of the last data connection that worked
	Charset         string
}

// Info returns a description of the Session as it is now.
func (s *Session) Info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := s.info
	if info.TLS != nil {
		t := *info.TLS
		info.TLS = &t
	}
	return info
}

// acquire waits for s's turn on the control connection, or for ctx.
func (s *Session) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-s.ctl.Done():
		return nil, s.ctl.Err()
	}
	return func() {
		s.mu.Lock()
		s.lastUsed = time.Now()
		s.mu.Unlock()
		<-s.turn
	}, nil
}

// note writes a remark to the transcript.
func (s *Session) note(format string, args ...any) { s.ctl.Note(format, args...) }

// Text decodes raw bytes of a name in the session's character set. Bytes that
// mean nothing in it are shown as windows-1252.
func (s *Session) Text(raw string) string { return s.charset.text(raw) }

// Encode is the inverse of Text for what a person typed. It fails with
// ErrBadName where the character set has no such letters.
func (s *Session) Encode(text string) (string, error) { return s.charset.encode(text) }

// Features returns what the server says it can do (RFC 2389).
func (s *Session) Features() Features {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.features
}

// Done is closed when the control connection has ended.
func (s *Session) Done() <-chan struct{} { return s.ctl.Done() }

// Err tells why the control connection ended; nil while it has not, ErrClosed
// after Close or Abort.
func (s *Session) Err() error { return s.ctl.Err() }

// Close says QUIT where nothing is on its way, and closes the connection. It
// takes no longer than about a second and may be called again.
func (s *Session) Close() error {
	s.closeOnce.Do(func() {
		s.endKeepAlive()
		select {
		case s.turn <- struct{}{}:
			_ = s.ctl.Quit() // the connection is closed in any case
			<-s.turn
		default:
			_ = s.ctl.Close()
		}
	})
	return nil
}

// Abort closes the connection at once. Calls that are on their way fail.
func (s *Session) Abort() {
	s.closeOnce.Do(func() {
		s.endKeepAlive()
		_ = s.ctl.Close()
	})
}

// abs returns the pathname that is sent for path.
func (s *Session) abs(path string) string {
	if path == "" || path == "." {
		return s.cwd
	}
	if strings.HasPrefix(path, "/") || !strings.HasPrefix(s.cwd, "/") {
		return path
	}
	return strings.TrimSuffix(s.cwd, "/") + "/" + path
}

// startKeepAlive sends NOOP while nothing else is said.
func (s *Session) startKeepAlive() {
	every := s.opt.KeepAlive
	s.stopKeepAlive, s.keepAliveDone = make(chan struct{}), make(chan struct{})
	if every <= 0 {
		close(s.keepAliveDone)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		select {
		case <-s.stopKeepAlive:
		case <-s.ctl.Done():
		}
	}()
	go func() {
		defer close(s.keepAliveDone)
		ticker := time.NewTicker(every / 4)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.mu.Lock()
				idle := time.Since(s.lastUsed)
				s.mu.Unlock()
				if idle >= every {
					_ = s.Noop(ctx) // a lost connection is told by Done
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *Session) endKeepAlive() {
	close(s.stopKeepAlive)
	<-s.keepAliveDone
}
