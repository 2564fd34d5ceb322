package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/modes"
	"portside/client/transcript"
)

// newMemory returns a memory that lasts as long as the test.
func newMemory(t *testing.T) *modes.Memory {
	t.Helper()
	m, err := modes.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// TestRememberedTLSBoundHoldsForAll has something on the way that breaks TLS 1.3,
// as the memory knows, and a control connection that has to be replaced.
func TestRememberedTLSBoundHoldsForAll(t *testing.T) {
	mem := newMemory(t)
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.File("/in/a.txt", "hello"))
	change := func(o *client.Options) {
		o.Security, o.Insecure, o.Dialer, o.Timeout, o.Memory = client.SecurityRequire, true, &dialer13{}, 10*time.Second, mem
	}
	first, _ := dialAuto(t, srv, change)
	_ = first.Close()
	if err := srv.WaitConns(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := srv.Apply(ftptest.NeverConnect(), ftptest.MaxConns(1), ftptest.Reply("ABOR", ftptest.CloseConn)); err != nil {
		t.Fatal(err)
	}
	s, rec := dialAuto(t, srv, change, preferActive)
	if _, err := s.List(t.Context(), "/in"); err != nil {
		t.Errorf("list: %v\n%s", err, notes(rec))
	}
	if v := s.Info().TLS.Version; v != "TLS 1.2" {
		t.Errorf("%s", v)
	}
}

// TestSlowSourceIsNotOvertaken has an upload by a remembered method whose source
// has nothing to give for a while: that says nothing of the method.
func TestSlowSourceIsNotOvertaken(t *testing.T) {
	mem := newMemory(t)
	srv := ftptest.NewServer(t, ftptest.File("/in/a.txt", "hello"))
	remember := func(o *client.Options) { o.Memory = mem }
	first, _ := dialAuto(t, srv, remember)
	if _, err := first.List(t.Context(), "/in"); err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	s, rec := dialAuto(t, srv, remember)
	r, w := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		// The scout, where there is one, has been and gone.
		_ = srv.WaitForCount(t.Context(), "LIST", 1)
		for len(srv.Transfers()) < 2 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		_, err := w.Write([]byte("upwards"))
		wrote <- errors.Join(err, w.Close())
	}()
	if _, err := s.Store(t.Context(), "/up.txt", r, client.TransferOptions{}); err != nil {
		t.Errorf("store: %v\n%s", err, notes(rec))
	}
	if err := errors.Join(r.Close(), <-wrote); err != nil {
		t.Error(err)
	}
	if data := srv.File("/up.txt"); string(data) != "upwards" {
		t.Errorf("stored %q", data)
	}
}

// An askedReader tells that it was read from.
type askedReader struct {
	io.Reader
	asked chan struct{}
	once  sync.Once
}

func (r *askedReader) Read(p []byte) (int, error) {
	r.once.Do(func() { close(r.asked) })
	return r.Reader.Read(p)
}

// TestCloseWithBlockedSource has an upload whose source gives nothing and cannot
// be interrupted.
func TestCloseWithBlockedSource(t *testing.T) {
	for name, end := range map[string]func(*client.Session){
		"close": func(s *client.Session) { _ = s.Close() },
		"abort": func(s *client.Session) { s.Abort() },
	} {
		t.Run(name, func(t *testing.T) {
			srv := ftptest.NewServer(t, ftptest.TLS())
			s, _ := dialAuto(t, srv, func(o *client.Options) { o.Security, o.Insecure = client.SecurityRequire, true })
			r, w := io.Pipe()
			src := &askedReader{Reader: r, asked: make(chan struct{})}
			stored := make(chan error, 1)
			go func() {
				_, err := s.Store(t.Context(), "/up", src, client.TransferOptions{})
				stored <- err
			}()
			<-src.asked
			ended := make(chan struct{})
			go func() { end(s); close(ended) }()
			select {
			case <-ended:
			case <-time.After(hang):
				t.Error("the end of the session waits for the source")
			}
			_ = w.Close()
			if err := <-stored; err == nil {
				t.Error("stored without an error")
			}
			<-ended
		})
	}
}

// TestTypeAfterHalfAnAdoption has a replaced control connection on which the
// working directory is refused after the type was set.
func TestTypeAfterHalfAnAdoption(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/in/a.txt", "one\ntwo\n"), ftptest.NeverConnect(),
		ftptest.Handle("CWD", func(c *ftptest.Conn, _ string) bool {
			if c.ID() != 2 {
				return false
			}
			c.Send("550 Not now.")
			return true
		}))
	s, _ := dialAuto(t, srv, preferActive)
	if err := s.ChangeDir(t.Context(), "/in"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := s.Retrieve(t.Context(), "/in/a.txt", &b, client.TransferOptions{ASCII: true}); err == nil {
		t.Fatal("the refused directory was passed over")
	}
	srv.ClearFaults()
	b.Reset()
	if _, err := s.Retrieve(t.Context(), "/in/a.txt", &b, client.TransferOptions{}); err != nil || b.String() != "one\ntwo\n" {
		t.Errorf("retrieved %q, %v", b.String(), err)
	}
}

// TestProofThatCostsTheConnection has a folder that is long to list, and a server
// that hangs up when the listing is broken off.
func TestProofThatCostsTheConnection(t *testing.T) {
	long := bytes.Repeat([]byte("-rw-r--r-- 1 ftp ftp 5 Jan  1 00:00 a-name-of-some-length.txt\r\n"), 40000)
	srv := ftptest.NewServer(t, ftptest.ListBytes(long, "LIST"), ftptest.Reply("ABOR", ftptest.CloseConn))
	s, rec := dialAuto(t, srv)
	if _, err := s.Store(t.Context(), "/up.txt", strings.NewReader("upwards"), client.TransferOptions{}); err != nil {
		t.Errorf("store: %v\n%s", err, notes(rec))
	}
	if data := srv.File("/up.txt"); string(data) != "upwards" {
		t.Errorf("stored %q", data)
	}
}

// A secondHangs sends every control connection but the first to somebody who
// takes it and says nothing, as a server does that serves one after the other.
type secondHangs struct {
	net.Dialer
	server, silent string
	n              atomic.Int32
}

func (d *secondHangs) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr == d.server && d.n.Add(1) == 2 {
		addr = d.silent
	}
	return d.Dialer.DialContext(ctx, network, addr)
}

// listsWithin wants a new session to list a folder within limit.
func listsWithin(t *testing.T, limit time.Duration, srv *ftptest.Server, change func(*client.Options)) {
	t.Helper()
	unspoilt(t, func() []string {
		s, rec := dialAuto(t, srv, change)
		began := time.Now()
		if _, err := s.List(t.Context(), "/in"); err != nil {
			t.Errorf("list: %v", err)
		}
		if took := time.Since(began); took > limit {
			return []string{fmt.Sprintf("took %v\n%s", took, notes(rec))}
		}
		return nil
	})
}

func TestScoutIsNotGreeted(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	srv := ftptest.NewServer(t, ftptest.BlackHolePassive(), ftptest.File("/in/a.txt", "hello"))
	listsWithin(t, 12*time.Second, srv, func(o *client.Options) {
		o.Dialer = &secondHangs{server: srv.Addr, silent: ln.Addr().String()}
	})
}

// TestScoutWhoseEPSVIsSwallowed has active methods that are blocked in silence,
// an EPSV that is never answered, and PASV that works.
func TestScoutWhoseEPSVIsSwallowed(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.NeverConnect(), ftptest.File("/in/a.txt", "hello"),
		ftptest.Handle("EPSV", func(*ftptest.Conn, string) bool { return true }))
	listsWithin(t, 12*time.Second, srv, preferActive)
}

// A lateRefusal makes data connections fail after the server's 150.
type lateRefusal struct {
	net.Dialer
	server string
	told   chan struct{} // closed when the 150 is out
	on     atomic.Bool
}

func (d *lateRefusal) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr != d.server && d.on.Swap(false) {
		<-d.told
		select {
		case <-time.After(200 * time.Millisecond): // as the system finds out that nobody is there
		case <-ctx.Done():
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.EHOSTUNREACH}
	}
	return d.Dialer.DialContext(ctx, network, addr)
}

// TestProvenMethodFailsLate has a method that has worked, and fails after the
// server has said 150: the server waits for a connection that does not come.
func TestProvenMethodFailsLate(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/in/a.txt", "hello"))
	d := &lateRefusal{server: srv.Addr, told: make(chan struct{})}
	var armed atomic.Bool
	rec := transcript.New(0, func(l transcript.Line) {
		if l.Kind == transcript.Received && strings.HasPrefix(l.Text, "150") && armed.Swap(false) {
			close(d.told)
		}
	})
	s, _ := dialAuto(t, srv, func(o *client.Options) { o.Dialer, o.Transcript = d, rec })
	if _, err := s.List(t.Context(), "/in"); err != nil {
		t.Fatal(err)
	}
	d.on.Store(true)
	armed.Store(true)
	began := time.Now()
	if _, err := s.List(t.Context(), "/in"); err != nil {
		t.Errorf("list: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v\n%s", took, notes(rec))
	}
}

// TestOlderTLSOverTheOnlyConnection has a server that lets in one connection and
// serves protected data under TLS 1.2 only.
func TestOlderTLSOverTheOnlyConnection(t *testing.T) {
	refuse := func(c *ftptest.Conn, _ string) bool {
		if c.TLSVersion() != tls.VersionTLS13 {
			return false
		}
		c.Send("522 SSL connection failed: session reuse required.")
		return true
	}
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.MaxConns(1), ftptest.File("/in/a.txt", "hello"), ftptest.Handle("MLSD", refuse), ftptest.Handle("RETR", refuse), ftptest.Handle("STOR", refuse))
	s, _ := dialAuto(t, srv, func(o *client.Options) { o.Security, o.Insecure = client.SecurityRequire, true })
	wantFile(t, srv, s)
	if info := s.Info(); !info.TLSDowngraded || info.TLS.Version != "TLS 1.2" {
		t.Errorf("%s, downgraded: %v", info.TLS.Version, info.TLSDowngraded)
	}
}

// TestTLSBoundIsRememberedByProof has a server that refuses protected data under
// either version: the older one is no cure, and nothing is remembered of it.
func TestTLSBoundIsRememberedByProof(t *testing.T) {
	for _, c := range []struct {
		name   string
		lowest uint16 // that is refused
		want   uint16
	}{{"1.2 works", tls.VersionTLS13, tls.VersionTLS12}, {"neither works", tls.VersionTLS12, 0}} {
		t.Run(c.name, func(t *testing.T) {
			mem := newMemory(t)
			srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.Handle("MLSD", func(conn *ftptest.Conn, _ string) bool {
				if conn.TLSVersion() < c.lowest {
					return false
				}
				conn.Send("522 SSL connection failed: session reuse required.")
				return true
			}))
			s, _ := dialAuto(t, srv, func(o *client.Options) { o.Security, o.Insecure, o.Memory = client.SecurityRequire, true, mem })
			if _, err := s.List(t.Context(), "/"); (err == nil) != (c.want != 0) {
				t.Fatalf("list: %v", err)
			}
			var got uint16
			for _, e := range mem.Entries() {
				got = max(got, e.MaxTLS)
			}
			if got != c.want {
				t.Errorf("remembered %s, want %s", tls.VersionName(got), tls.VersionName(c.want))
			}
		})
	}
}

// TestScoutIsNotAnswered has active methods that are blocked in silence, and a
// login folder whose listing never comes, which is what the scout asks for.
func TestScoutIsNotAnswered(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.NeverConnect(), ftptest.File("/in/a.txt", "hello"),
		ftptest.Handle("LIST", func(*ftptest.Conn, string) bool { return true }))
	listsWithin(t, 12*time.Second, srv, preferActive)
}

// TestSlowServerIsNotOvertaken has a server that agrees to a listing at once and
// takes a second to begin with it: that says nothing of the method.
func TestSlowServerIsNotOvertaken(t *testing.T) {
	mem := newMemory(t)
	srv := ftptest.NewServer(t, ftptest.DataDelay(time.Second, "MLSD"), ftptest.File("/in/a.txt", "hello"))
	s, rec := dialAuto(t, srv, func(o *client.Options) { o.Memory = mem })
	if _, err := s.List(t.Context(), "/in"); err != nil {
		t.Fatal(err)
	}
	if m, n := s.Info().Method, srv.Count("MLSD"); m != client.MethodEPSV || n != 1 {
		t.Errorf("listed by %v after %d MLSD\n%s", m, n, notes(rec))
	}
	for _, e := range mem.Entries() {
		for _, o := range e.Methods {
			if o.Failures > 0 {
				t.Errorf("%v is remembered to fail: %s", o.Method, o.Reason)
			}
		}
	}
}
