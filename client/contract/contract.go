// Package contract says what a client.Session must do on every server, in the
// way of testing/fstest: Test dials, tries everything, and returns an error
// that names each promise that was broken.
//
// It covers the session (RFC 959, 2389), listings (RFC 959 and 3659), files in
// both directions from any offset, every change that a session can make on a
// server, names in any script and in bytes that are no text at all, transfers
// that are cancelled, and the method and the protection of each single data
// connection (RFC 2428, 4217). It leaves out logins that fail and servers that
// misbehave: the tests of client have those, with ftptest.
package contract

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"portside/client"
)

// A Dialer makes a session on the server under test with these options.
type Dialer func(ctx context.Context, opt client.Options) (*client.Session, error)

// An Ability is something that not every server has.
type Ability string

// The abilities. Where Config.Lacks names one, Test holds that the session says
// so with an error instead of pretending.
const (
	CanChmod      Ability = "chmod"       // SITE CHMOD
	CanSetTime    Ability = "set time"    // MFMT, or MDTM with a time
	CanHash       Ability = "hash"        // HASH, XSHA256 and their like
	CanNameBytes  Ability = "name bytes"  // names that are not UTF-8
	CanResumeTLS  Ability = "resume TLS"  // TLS sessions on data connections
	CanBackslash  Ability = "backslash"   // names with a backslash
	CanRestAppend Ability = "rest append" // REST before STOR keeps the beginning
	CanMachine    Ability = "MLSD"        // machine-readable listings
)

// A Config says what is expected of the server and of its connections.
type Config struct {
	Options client.Options // address apart: user, security, authorities, mode
	Method  client.Method  // of every data connection
	TLS     string         // version of the control connection, such as "TLS 1.3"; empty: plain
	Lacks   map[Ability]string
	Big     int64 // size of the big file; 0: 8 MiB
	Many    int   // number of small files in a row; 0: 50
}

func (c Config) has(a Ability) bool { return c.Lacks[a] == "" }

// CancelWithin bounds how long a cancelled transfer may go on.
const CancelWithin = time.Second

// checks are the promises, in the order in which they are tried.
var checks = []struct {
	name string
	run  func(ctx context.Context, s *suite) error
}{
	{"session", checkSession},
	{"raw command", checkRaw},
	{"empty file", checkEmptyFile},
	{"small file", checkSmallFile},
	{"big file", checkBigFile},
	{"zero-copy file", checkLocalFiles},
	{"ascii", checkASCII},
	{"rest retrieve", checkRestRetrieve},
	{"rest store", checkRestStore},
	{"append", checkAppend},
	{"progress", checkProgress},
	{"missing", checkMissing},
	{"size", checkSize},
	{"hash", checkHash},
	{"modification time", checkTime},
	{"permissions", checkChmod},
	{"folders", checkFolders},
	{"rename", checkRename},
	{"delete", checkDelete},
	{"listing", checkListing},
	{"plain listing", checkPlainListing},
	{"names", checkNames},
	{"names as bytes", checkNameBytes},
	{"names that inject", checkInjection},
	{"many files", checkMany},
	{"concurrent use", checkConcurrent},
	{"cancel download", checkCancelRetrieve},
	{"cancel upload", checkCancelStore},
	{"cancelled before", checkCancelledBefore},
	{"close", checkClose},
}

// Test tries everything on sessions from dial and returns what was broken,
// joined. It works in a folder of its own below the login's home folder, and
// removes it.
func Test(ctx context.Context, dial Dialer, cfg Config) error {
	if cfg.Big == 0 {
		cfg.Big = 8 << 20
	}
	if cfg.Many == 0 {
		cfg.Many = 50
	}
	s := &suite{cfg: cfg, dial: dial}
	if err := s.begin(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	var all []error
	for _, c := range checks {
		if err := s.ready(ctx); err != nil {
			all = append(all, fmt.Errorf("a new session before %q: %w", c.name, err))
			break
		}
		if err := c.run(ctx, s); err != nil {
			all = append(all, fmt.Errorf("%s: %w", c.name, err))
			// Whatever state it left the session in is not the next one's.
			s.drop()
		}
	}
	if err := s.end(ctx); err != nil {
		all = append(all, fmt.Errorf("end: %w", err))
	}
	return errors.Join(all...)
}

// A suite is one run of Test.
type suite struct {
	cfg  Config
	dial Dialer
	c    *client.Session // nil where the next check needs a new one
	base string          // the folder that the run works in
}

// begin makes the first session and the folder.
func (s *suite) begin(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	random := make([]byte, 6)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	s.base = path.Join(s.c.Info().Home, "contract-"+hex.EncodeToString(random))
	return s.c.MakeDir(ctx, s.base)
}

// ready makes sure that there is a session.
func (s *suite) ready(ctx context.Context) error {
	if s.c != nil {
		return nil
	}
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.c = c
	return nil
}

func (s *suite) open(ctx context.Context) (*client.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return s.dial(ctx, s.cfg.Options)
}

// drop gives the session up.
func (s *suite) drop() {
	if s.c != nil {
		_ = s.c.Close()
		s.c = nil
	}
}

// end removes the folder, which must be possible: every check cleans up.
func (s *suite) end(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	err := s.removeTree(ctx, s.base)
	return errors.Join(err, s.c.Close())
}

// at returns a path in the run's folder.
func (s *suite) at(name string) string { return s.base + "/" + name }

// removeTree deletes a folder and what is in it.
func (s *suite) removeTree(ctx context.Context, dir string) error {
	l, err := s.c.List(ctx, dir)
	if err != nil {
		return err
	}
	for _, e := range l.Entries {
		p := dir + "/" + e.Name
		if isDir(e) {
			err = s.removeTree(ctx, p)
		} else {
			err = s.c.Delete(ctx, p)
		}
		if err != nil {
			return err
		}
	}
	return s.c.RemoveDir(ctx, dir)
}

// put stores data and checks how.
func (s *suite) put(ctx context.Context, name string, data []byte, opt client.TransferOptions) error {
	n, err := s.c.Store(ctx, s.at(name), newReader(data), opt)
	if err != nil {
		return fmt.Errorf("store %q: %w", name, err)
	}
	if !opt.ASCII && n != int64(len(data)) {
		return fmt.Errorf("store %q: said that %d bytes were moved, of %d", name, n, len(data))
	}
	return s.checkConnection("store")
}

// get retrieves a file and checks how.
func (s *suite) get(ctx context.Context, name string, opt client.TransferOptions) ([]byte, error) {
	var b buffer
	n, err := s.c.Retrieve(ctx, s.at(name), &b, opt)
	if err != nil {
		return nil, fmt.Errorf("retrieve %q: %w", name, err)
	}
	if !opt.ASCII && n != int64(len(b.data)) {
		return nil, fmt.Errorf("retrieve %q: said that %d bytes were moved, wrote %d", name, n, len(b.data))
	}
	return b.data, s.checkConnection("retrieve")
}

// checkConnection holds that the last data connection was made by the method
// that was asked for, and protected as the control connection is.
func (s *suite) checkConnection(what string) error {
	info := s.c.Info()
	if info.Method != s.cfg.Method {
		return fmt.Errorf("%s: the data connection was made by %v, want %v", what, info.Method, s.cfg.Method)
	}
	switch {
	case s.cfg.TLS == "" && info.TLS != nil:
		return fmt.Errorf("%s: the session says %s, and the server is plain", what, info.TLS.Version)
	case s.cfg.TLS == "":
		return nil
	case info.TLS == nil:
		return fmt.Errorf("%s: the session is plain, want %s", what, s.cfg.TLS)
	case info.TLS.Version != s.cfg.TLS:
		return fmt.Errorf("%s: the session says %s, want %s", what, info.TLS.Version, s.cfg.TLS)
	case s.cfg.has(CanResumeTLS) && !info.TLS.Resumed:
		return fmt.Errorf("%s: the data connection did not resume the TLS session", what)
	}
	return nil
}

// A broken promise. It shows an error that came instead, which may well be nil,
// and wraps none.
type broken string

func (b broken) Error() string { return string(b) }

func brokenf(format string, args ...any) error { return broken(fmt.Sprintf(format, args...)) }

// A buffer collects what is written to it. It is no *bytes.Buffer, so that
// nothing can hand it a whole connection to read from.
type buffer struct{ data []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.data = append(b.data, p...)
	return len(p), nil
}

// A reader gives out data and hides what it is.
type reader struct{ rest []byte }

func newReader(data []byte) io.Reader { return &reader{rest: data} }

func (r *reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
