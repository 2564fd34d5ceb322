package ftptest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ConnInfo describes a control connection.
type ConnInfo struct {
	ID     int    // from 1, in the order of arrival
	Remote string // the client's address
	User   string // after login
	TLS    bool
	Open   bool
	Verbs  []string
}

// Transfer describes a data connection, or the attempt at one.
type Transfer struct {
	Conn    int // ConnInfo.ID
	Verb    string
	Arg     string
	Offset  int64  // from REST
	Method  string // "EPSV", "PASV", "EPRT", "PORT"
	TLS     bool
	Resumed bool // the TLS session was resumed
	Clean   bool // an upload ended with close_notify; true without TLS
	Sent    int64
	Read    int64
	Reply   string // the final reply; empty while the transfer runs
}

func (t *Transfer) isUpload() bool {
	return t.Verb == "STOR" || t.Verb == "APPE" || t.Verb == "STOU"
}

// Verbs returns the verbs of all commands received so far, in order and in
// upper case, over all connections.
func (s *Server) Verbs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.verbs)
}

// Commands returns the command lines received so far, passwords included.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Count returns how often verb was received.
func (s *Server) Count(verb string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count(verb)
}

func (s *Server) count(verb string) int {
	var n int
	for _, v := range s.verbs {
		if strings.EqualFold(v, verb) {
			n++
		}
	}
	return n
}

// Conns returns all control connections, closed ones too.
func (s *Server) Conns() []ConnInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]ConnInfo, 0, len(s.infos))
	for _, i := range s.infos {
		c := *i
		c.Verbs = slices.Clone(i.Verbs)
		list = append(list, c)
	}
	return list
}

// OpenConns returns the number of open control connections.
func (s *Server) OpenConns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// OpenDataConns returns the number of open data connections.
func (s *Server) OpenDataConns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.data)
}

// Transfers returns all transfers so far, running ones too.
func (s *Server) Transfers() []Transfer {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Transfer, 0, len(s.transfers))
	for _, t := range s.transfers {
		list = append(list, *t)
	}
	return list
}

// Moved returns the number of bytes that went over data connections.
func (s *Server) Moved() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.moved
}

// File returns the content of a file, nil if there is none.
func (s *Server) File(path string) []byte {
	f, err := s.tree.open(path, 0)
	if err != nil {
		return nil
	}
	i, err := s.tree.stat(path)
	if err != nil {
		return nil
	}
	b := make([]byte, i.size)
	return b[:f.read(b)]
}

// Exists reports whether there is a file or folder at path.
func (s *Server) Exists(path string) bool {
	_, err := s.tree.stat(path)
	return err == nil
}

// Names returns the sorted names in a folder, nil if there is none.
func (s *Server) Names(path string) []string {
	var names []string
	if err := s.tree.each(path, func(i info) error {
		names = append(names, i.name)
		return nil
	}); err != nil {
		return nil
	}
	return names
}

// SetFile puts a file into the tree, with the folders above it. It panics if a
// file is in the way, as Mkdir and Remove do where they cannot do their work.
func (s *Server) SetFile(path string, data []byte) { must(s.tree.setFile(path, data)) }

// Mkdir makes a folder, with those above it.
func (s *Server) Mkdir(path string) { must(s.tree.mkdirAll(path)) }

// Remove deletes a file, or a folder with all that is in it.
func (s *Server) Remove(path string) { must(s.tree.removeAll(path)) }

func must(err error) {
	if err != nil {
		panic("ftptest: " + err.Error())
	}
}

// WaitFor waits until verb was received at least once.
func (s *Server) WaitFor(ctx context.Context, verb string) error {
	return s.WaitForCount(ctx, verb, 1)
}

// WaitForCount waits until verb was received at least n times.
func (s *Server) WaitForCount(ctx context.Context, verb string, n int) error {
	return s.wait(ctx, "wait for "+verb, func() bool { return s.count(verb) >= n })
}

// WaitConns waits until n control connections are open.
func (s *Server) WaitConns(ctx context.Context, n int) error {
	return s.wait(ctx, "wait for control connections", func() bool { return len(s.conns) == n })
}

// WaitDataConns waits until n data connections are open.
func (s *Server) WaitDataConns(ctx context.Context, n int) error {
	return s.wait(ctx, "wait for data connections", func() bool { return len(s.data) == n })
}

// WaitMoved waits until n bytes went over data connections.
func (s *Server) WaitMoved(ctx context.Context, n int64) error {
	return s.wait(ctx, "wait for data", func() bool { return s.moved >= n })
}

// wait waits until cond, which is called with s.mu held.
func (s *Server) wait(ctx context.Context, what string, cond func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, context.Cause(ctx))
		}
	}
}
