package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// An ownPort answers EPSV and STOR in the server's place, so that a test decides when
// the data connection is read and what is said when.
type ownPort struct {
	mu  sync.Mutex
	got map[string][]byte
	lis map[*ftptest.Conn]*net.TCPListener // a control connection has one of its own
}

func newOwnPort(t *testing.T) *ownPort {
	t.Helper()
	p := &ownPort{got: map[string][]byte{}, lis: map[*ftptest.Conn]*net.TCPListener{}}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, lis := range p.lis {
			_ = lis.Close()
		}
	})
	return p
}

func (p *ownPort) epsv(c *ftptest.Conn, _ string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.lis[c]; old != nil {
		_ = old.Close()
	}
	lis, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		c.Reply(425, err.Error())
		return true
	}
	p.lis[c] = lis
	c.Reply(229, fmt.Sprintf("Ready (|||%d|)", lis.Addr().(*net.TCPAddr).Port))
	return true
}

// takeAll accepts one connection and reads it to its end.
func (p *ownPort) takeAll(c *ftptest.Conn, path string) error {
	nc, err := p.accept(c)
	if err != nil {
		return err
	}
	defer context.AfterFunc(c.Context(), func() { _ = nc.Close() })()
	defer func() { _ = nc.Close() }()
	_ = nc.SetDeadline(time.Now().Add(patience))
	data, err := io.ReadAll(nc)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got[path] = data
	return err
}

// accept takes the connection to the port of c.
func (p *ownPort) accept(c *ftptest.Conn) (net.Conn, error) {
	p.mu.Lock()
	lis := p.lis[c]
	p.mu.Unlock()
	if lis == nil {
		return nil, errors.New("no EPSV came before it")
	}
	_ = lis.SetDeadline(time.Now().Add(patience))
	return lis.Accept()
}

func (p *ownPort) file(path string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got[path]
}

// beforeTheWord has srv say 150 only when it has all of the file, and answer as said.
func beforeTheWord(t *testing.T, srv *ftptest.Server, answer func(c *ftptest.Conn, path string)) *ownPort {
	t.Helper()
	p := newOwnPort(t)
	if err := srv.Apply(ftptest.Handle("EPSV", p.epsv), ftptest.Handle("STOR", func(c *ftptest.Conn, path string) bool {
		if err := p.takeAll(c, path); err != nil {
			c.Reply(426, "Nothing came before my word: "+err.Error())
			return true
		}
		answer(c, path)
		return true
	})); err != nil {
		t.Fatal(err)
	}
	return p
}

func agree(c *ftptest.Conn, _ string) {
	c.Reply(150, "Go on.")
	c.Reply(226, "Done.")
}

// Small files go before the server's word, and count after it.
func TestEagerUpload(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	p := beforeTheWord(t, srv, agree)
	store(t, s, "first", "first", true) // the connection that was made ahead is the server's own
	for _, size := range []int{0, 1, 1000, 64 << 10} {
		text := strings.Repeat("portside ", size/9+1)[:size]
		path := fmt.Sprintf("/f%d", size)
		f := localFile(t, "skipped"+text)
		if _, err := f.Seek(7, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		counted := int64(0)
		n, err := s.Store(t.Context(), path, f, client.TransferOptions{More: true, Progress: func(n int64) { counted += n }})
		at, _ := f.Seek(0, io.SeekCurrent)
		_ = f.Close()
		if err != nil || n != int64(size) || counted != n || at != 7+n {
			t.Errorf("%d bytes: stored %d, counted %d, at %d, %v", size, n, counted, at, err)
		}
		if got := p.file(path); !bytes.Equal(got, []byte(text)) {
			t.Errorf("%d bytes: the server has %d others", size, len(got))
		}
	}
}

// A refusal of what has gone already keeps its type, counts nothing and leaves the file
// where it was.
func TestEagerUploadRefused(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	p := beforeTheWord(t, srv, func(c *ftptest.Conn, path string) {
		if path == "/no" {
			c.Reply(553, "Not this one.")
			return
		}
		agree(c, path)
	})
	store(t, s, "first", "first", true)
	f := localFile(t, "again")
	defer func() { _ = f.Close() }()
	for range 3 {
		counted := int64(0)
		n, err := s.Store(t.Context(), "/no", f, client.TransferOptions{More: true, Progress: func(n int64) { counted += n }})
		var refused *client.ReplyError
		if !errors.As(err, &refused) || refused.Reply.Code != 553 || n != 0 || counted != 0 {
			t.Fatalf("refused: %d bytes, counted %d, %v", n, counted, err)
		}
		if at, _ := f.Seek(0, io.SeekCurrent); at != 0 {
			t.Fatalf("the file is at %d", at)
		}
		if got := p.file("/no"); string(got) != "again" {
			t.Fatalf("before the refusal went %q", got)
		}
	}
	if _, err := s.Store(t.Context(), "/yes", f, client.TransferOptions{}); err != nil || string(p.file("/yes")) != "again" {
		t.Errorf("store afterwards: %q, %v", p.file("/yes"), err)
	}
	if err := s.Noop(t.Context()); err != nil {
		t.Errorf("noop afterwards: %v", err)
	}
}

// What is not small, whole and read from a file waits for the server's word.
func TestEagerUploadIsForSmallWholeFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  client.TransferOptions
		src  func(t *testing.T) io.Reader
	}{
		{"large", client.TransferOptions{}, func(t *testing.T) io.Reader { return localFile(t, strings.Repeat("x", 64<<10+1)) }},
		{"memory", client.TransferOptions{}, func(*testing.T) io.Reader { return strings.NewReader("x") }},
		{"text", client.TransferOptions{ASCII: true}, func(t *testing.T) io.Reader { return localFile(t, "x") }},
		{"in the middle", client.TransferOptions{Offset: 1}, func(t *testing.T) io.Reader { return localFile(t, "x") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := ftptest.NewServer(t)
			s, _ := dialAhead(t, srv)
			p := newOwnPort(t)
			early := -1
			if err := srv.Apply(ftptest.Handle("EPSV", p.epsv), ftptest.Handle("STOR", func(conn *ftptest.Conn, _ string) bool {
				nc, err := p.accept(conn)
				if err != nil {
					conn.Reply(425, err.Error())
					return true
				}
				defer func() { _ = nc.Close() }()
				_ = nc.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
				b := make([]byte, 1)
				early, _ = nc.Read(b)
				conn.Reply(150, "Go on.")
				_ = nc.SetReadDeadline(time.Now().Add(patience))
				_, _ = io.Copy(io.Discard, nc)
				conn.Reply(226, "Done.")
				return true
			})); err != nil {
				t.Fatal(err)
			}
			src := c.src(t)
			if f, ok := src.(*os.File); ok {
				defer func() { _ = f.Close() }()
			}
			if _, err := s.Store(t.Context(), "f", src, c.opt); err != nil {
				t.Fatal(err)
			}
			if early != 0 {
				t.Errorf("%d bytes came before the server's word", early)
			}
		})
	}
}
