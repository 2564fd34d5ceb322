package client

import (
	"context"
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client/internal/dtp"
	"portside/client/internal/gateway"
	"portside/client/internal/pi"
	"portside/client/modes"
)

// A Session is one login on one control connection. Its methods may be called
// from several goroutines; they take turns. The Session lives until Close, Abort
// or the loss of its connection, which Done tells.
type Session struct {
	wire // written with the turn and mu; read with either

	opt     Options
	route   route
	shown   *shownCerts
	charset charset
	turn    chan struct{} // holds a token while a call has the control connection

	// Of whoever has the turn:
	features Features
	early    Features        // before the login
	method   Method          // of the data connection being made
	proven   Method          // the method that worked last
	home     string          // working directory after the login
	cwd      string          // from which relative pathnames are taken
	listAll  triState        // whether LIST takes -a
	external externalAddress // how the server sees this computer
	key      modes.Key
	known    modes.Record // what the memory says of key
	ahead    triState     // whether the server takes commands ahead
	unsure   int          // probes of that which told nothing
	half     halfClose    // whether downloads are closed on this side at once
	more     bool         // another transfer follows the one under way
	stored   string       // the file that was stored last
	can      checkable    // by Size and SetModTime

	// Of the attempt being made:
	data        dtp.Config
	fromOutside bool          // the address to announce is the one that the server sees
	shaky       bool          // some passive ports work and some do not
	drawing     bool          // one more port is tried
	accepting   time.Duration // how long the server's connection may take
	silence     time.Duration // how long it may stay without any sign; 0: no bound
	sign        *sign         // what it has shown so far
	fromReady   bool          // its connection was made ahead
	width       width         // of the packets, also of later ones
	opened      func()        // to be called when the data connection is agreed on

	life            // from the start of the Session to its end
	mu   sync.Mutex // guards what follows

	info     Info
	lastUsed time.Time
}

// A wire is a control connection with all that belongs to it. A Session has one
// at a time, and may get another where an attempt to make a data connection has
// left the first one unusable.
type wire struct {
	ctl        *pi.Conn
	gate       *gateway.Gateway
	number     int // of the connection, in the transcript
	tlsControl *tls.Config
	tlsData    *tls.Config // nil: plain

	typ       byte   // representation type that the server is in, 'I' or 'A'
	serverCwd string // the server's working directory
	hashAlgo  string // chosen by OPTS HASH
	ready     *ready // the data connection for the next transfer, asked for ahead
	aborts    int32  // of ctl, when the attempt under way began
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
	Addr            string         // as dialled, "host:port"
	Proxy           string         // what stands between, such as "SOCKS5 proxy.example.org:1080"; empty: nothing
	Remote, Local   netip.AddrPort // Remote is invalid where a proxy has looked up the server's name; an FTP proxy's is its own
	Greeting        string
	LoginText       string        // of the reply that ended the login
	System          string        // SYST
	Home            string        // raw; the working directory after the login
	TLS             *TLSInfo      // nil: plain
	FellBackToPlain bool          // TLS was wanted if offered, and was not
	Method          Method        // of the last data connection that worked
	FromMemory      bool          // Method was tried first because it worked here before
	Failed          []Failed      // methods that failed in this Session
	TLSDowngraded   bool          // TLS 1.3 failed, and 1.2 works
	RTT             time.Duration // the shortest wait for a reply so far
	Charset         string
	OffersTLS       bool      // the session is plain, and the server says that it takes AUTH TLS
	AfterLogin      []Refused // commands of Options.AfterLogin that the server has refused
}

// A Refused is a command that a server has refused.
type Refused struct {
	Command string // for people: secrets are masked
	Reply   Reply
}

// A Failed is a method that made no data connection.
type Failed struct {
	Method Method
	Step   string // one of the Step constants
	Reason string // for people, without a full stop
	Err    error
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
	info.Failed, info.AfterLogin = slices.Clone(info.Failed), slices.Clone(info.AfterLogin)
	if s.ctl != nil {
		info.RTT = s.ctl.RTT()
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
	case <-s.over:
		return nil, s.Err()
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
