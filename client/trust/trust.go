// Package trust holds the certificates of servers that a person has decided to take
// although they cannot be verified: known_servers.json, and decisions for one run.
//
// A server is its host and port. What its certificate said is kept with the
// fingerprint, so that another one that comes later can be shown beside it. The
// package decides nothing: a connection compares fingerprints (Options.Trusted of
// package client), and the programs ask.
package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client/keep"
)

// fileVersion is the version of the format of known_servers.json.
const fileVersion = 1

// fileName is the name of the file in the program's folder.
const fileName = "known_servers.json"

// maxServers bounds the file. Each entry is a decision of a person, so that more are
// none that this program has written.
const maxServers = 20_000

// A Store is what is known about the certificates of servers. It may be used by
// several goroutines at once, and its file by several programs: each change is made to
// what the file holds at that moment. Reading looks at the file again when another
// program has changed it.
type Store struct {
	file keep.File // no path: in memory only

	mu    sync.Mutex        // guards what follows
	known map[string]Server // as the file has it, by address
	seen  os.FileInfo       // the file that known comes from; nil: to be read
	once  map[string]string // fingerprints that hold for this run, by address
}

// content is the file.
type content struct {
	Servers []Server `json:"servers"`
}

// Valid reports what makes the content none of ours; package keep asks.
func (c *content) Valid() error {
	if len(c.Servers) > maxServers {
		return fmt.Errorf("it holds more than %d servers", maxServers)
	}
	for i, s := range c.Servers {
		if _, err := Address(s.Addr); err != nil {
			return fmt.Errorf("server %d: %w", i+1, err)
		}
		if !isFingerprint(s.Fingerprint) {
			return fmt.Errorf("server %d: the fingerprint has to be 64 hexadecimal digits", i+1)
		}
	}
	return nil
}

// DefaultPath is where the program keeps the file: known_servers.json in its folder
// below os.UserConfigDir.
func DefaultPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", fileName), nil
}

// Open reads the file at path; "" makes a Store that lasts as long as the program. The
// Store is usable in any case, and knows nothing where the file could not be read: the
// error, one of package keep or of the file system, then says why. A damaged file has
// been set aside. A file of a newer version is left alone, and nothing is written to it.
func Open(path string) (*Store, error) {
	s := &Store{file: keep.File{Path: path, Version: fileVersion}, once: map[string]string{}, known: map[string]Server{}}
	return s, s.load()
}

// load reads the file where it has changed. s.mu is not held.
func (s *Store) load() error {
	if s.file.Path == "" {
		return nil
	}
	now, err := os.Stat(s.file.Path)
	s.mu.Lock()
	same := err == nil && s.seen != nil && sameVersion(s.seen, now)
	s.mu.Unlock()
	if same {
		return nil
	}
	c, err := keep.Load[content](s.file)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.seen = c.table(), now // a change since the look at the file is seen by the next one
	return nil
}

// sameVersion reports whether a file has not been replaced between two looks.
func sameVersion(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// table is the content by address; of several entries for one the last counts.
func (c content) table() map[string]Server {
	t := make(map[string]Server, len(c.Servers))
	for _, srv := range c.Servers {
		if addr, err := Address(srv.Addr); err == nil {
			srv.Addr = addr
			srv.Fingerprint = strings.ToLower(srv.Fingerprint)
			t[addr] = srv
		}
	}
	return t
}

// contentOf is the inverse of table, in the order of the addresses.
func contentOf(t map[string]Server) content {
	c := content{Servers: []Server{}}
	for _, addr := range slices.Sorted(maps.Keys(t)) {
		c.Servers = append(c.Servers, t[addr])
	}
	return c
}

// Known returns what is kept about the server at addr, "host:port".
func (s *Store) Known(addr string) (Server, bool) {
	key, err := Address(addr)
	if err != nil {
		return Server{}, false
	}
	_ = s.load() // what was read before still holds
	s.mu.Lock()
	defer s.mu.Unlock()
	srv, ok := s.known[key]
	return srv.clone(), ok
}

// List returns every server that is kept, in the order of their addresses.
func (s *Store) List() []Server {
	_ = s.load() // as in Known
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Server, 0, len(s.known))
	for _, addr := range slices.Sorted(maps.Keys(s.known)) {
		list = append(list, s.known[addr].clone())
	}
	return list
}

// Trust keeps the certificate as the one of the server at addr, in place of another
// that was kept before. Where the file cannot be written the error says why, and the
// certificate is taken in this run all the same.
func (s *Store) Trust(addr string, cert *x509.Certificate, now time.Time) error {
	key, err := Address(addr)
	if err != nil {
		return err
	}
	srv := Describe(key, cert, now)
	s.mu.Lock()
	s.once[key] = srv.Fingerprint
	s.mu.Unlock()
	err = s.change(func(t map[string]Server) error {
		t[key] = srv
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.once, key) // the file says it now, and another program may change that
	s.mu.Unlock()
	return nil
}

// Forget removes what is kept about the server at addr, and what holds for this run.
// Nothing kept is no error.
func (s *Store) Forget(addr string) error {
	key, err := Address(addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.once, key)
	s.mu.Unlock()
	return s.change(func(t map[string]Server) error {
		if _, ok := t[key]; !ok {
			return keep.ErrUnchanged
		}
		delete(t, key)
		return nil
	})
}

// change makes a change in the file and here.
func (s *Store) change(do func(map[string]Server) error) error {
	var after map[string]Server
	if s.file.Path == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := do(s.known); err != nil && !errors.Is(err, keep.ErrUnchanged) {
			return err
		}
		return nil
	}
	err := keep.Update(s.file, func(c *content) error {
		after = c.table()
		err := do(after)
		if err == nil {
			*c = contentOf(after)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.seen = after, nil
	return nil
}

// Once takes the certificate with this fingerprint as the one of the server at addr
// until the program ends, whatever the file says.
func (s *Store) Once(addr, fingerprint string) {
	key, err := Address(addr)
	if err != nil || !isFingerprint(fingerprint) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once[key] = strings.ToLower(fingerprint)
}

// Trusted returns the fingerprint of the certificate that is taken from the server at
// addr although it cannot be verified, for Options.Trusted of package client; "" where
// there is none.
func (s *Store) Trusted(addr string) string {
	key, err := Address(addr)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	once := s.once[key]
	s.mu.Unlock()
	if once != "" {
		return once
	}
	srv, _ := s.Known(key)
	return srv.Fingerprint
}
