package demo_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client"
	"portside/client/demo"
)

func start(t *testing.T, opt demo.Options) *demo.Server {
	t.Helper()
	srv, err := demo.Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

func dial(t *testing.T, srv *demo.Server, opt client.Options) *client.Session {
	t.Helper()
	s, err := client.Dial(t.Context(), srv.Addr(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestRefusesOtherAddresses(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0", "127.0.0.1"} {
		if srv, err := demo.Start(t.Context(), demo.Options{Addr: addr}); err == nil {
			t.Errorf("Start on %q succeeded: %s", addr, srv.Addr())
			_ = srv.Close()
		}
	}
	for _, addr := range []string{"localhost:0", "[::1]:0", "127.0.0.9:0"} {
		srv := start(t, demo.Options{Addr: addr})
		host, _, err := net.SplitHostPort(srv.Addr())
		if err != nil || !net.ParseIP(host).IsLoopback() {
			t.Errorf("Start on %q listens on %s", addr, srv.Addr())
		}
	}
}

// TestMethods moves files by all four methods, plain and over TLS.
func TestMethods(t *testing.T) {
	srv := start(t, demo.Options{})
	for _, mode := range []client.ConnMode{client.EPSV, client.PASV, client.EPRT, client.PORT} {
		for _, sec := range []client.Security{client.SecurityOff, client.SecurityRequire} {
			t.Run(fmt.Sprintf("%v %v", mode, sec), func(t *testing.T) {
				s := dial(t, srv, client.Options{
					User: demo.User, Password: demo.Password, Mode: mode, Security: sec, Pin: srv.Fingerprint(), Timeout: 30 * time.Second,
				})
				checkSession(t, s)
				if info := s.Info(); (info.TLS != nil) != (sec == client.SecurityRequire) || (info.TLS != nil && !info.TLS.Resumed) {
					t.Errorf("TLS = %+v", info.TLS)
				}
			})
		}
	}
}

func TestIPv6(t *testing.T) {
	srv := start(t, demo.Options{Addr: "[::1]:0"})
	for _, mode := range []client.ConnMode{client.EPSV, client.EPRT} {
		checkSession(t, dial(t, srv, client.Options{User: demo.User, Password: demo.Password, Mode: mode, Security: client.SecurityOff, Timeout: 30 * time.Second}))
	}
}

func checkSession(t *testing.T, s *client.Session) {
	t.Helper()
	ctx := t.Context()
	list, err := s.List(ctx, "/")
	if err != nil || len(list.Unread) != 0 {
		t.Fatalf("List: %v, unread %q", err, list.Unread)
	}
	var names []string
	for _, e := range list.Entries {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	if want := []string{"Documents", "Logs", "Music", "Names", "Photos", "Projects", "README.txt", "Samples"}; !slices.Equal(names, want) {
		t.Errorf("root = %q, want %q", names, want)
	}
	data := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	dir := "/Übung-" + strings.ReplaceAll(t.Name(), "/", "-") // without a space: the library's HASH stops at one
	if err := s.MakeDir(ctx, dir); err != nil {
		t.Fatal(err)
	}
	name := dir + "/文件.bin"
	if _, err := s.Store(ctx, name, bytes.NewReader(data[:1000]), client.TransferOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store(ctx, name, bytes.NewReader(data[1000:]), client.TransferOptions{Offset: 1000}); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)
	if err := s.SetModTime(ctx, name, at); err != nil {
		t.Error(err)
	}
	if got, err := s.ModTime(ctx, name); err != nil || !got.Equal(at) {
		t.Errorf("ModTime = %v, %v", got, err)
	}
	if size, err := s.Size(ctx, name); err != nil || size != int64(len(data)) {
		t.Errorf("Size = %d, %v", size, err)
	}
	if h, err := s.Hash(ctx, name, ""); err != nil || h.Sum == "" {
		t.Errorf("Hash = %+v, %v", h, err)
	}
	var got bytes.Buffer
	if _, err := s.Retrieve(ctx, name, &got, client.TransferOptions{Offset: 5}); err != nil || !bytes.Equal(got.Bytes(), data[5:]) {
		t.Errorf("Retrieve from 5: %d bytes, %v", got.Len(), err)
	}
	if err := s.RemoveDir(ctx, dir); err == nil {
		t.Error("a folder with a file in it was removed")
	}
	if err := s.Delete(ctx, dir); err == nil {
		t.Error("a folder was deleted as a file")
	}
	if err := s.Rename(ctx, name, dir+"/b"); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, dir+"/b"); err != nil {
		t.Error(err)
	}
	if err := s.RemoveDir(ctx, dir); err != nil {
		t.Error(err)
	}
	if err := s.MakeDir(ctx, "/none/at all"); err == nil {
		t.Error("a folder was made in one that is not there")
	}
}

// TestNames reads every file under /Names by the name that the listing gave.
func TestNames(t *testing.T) {
	srv := start(t, demo.Options{})
	s := dial(t, srv, client.Options{User: demo.User, Password: demo.Password, Security: client.SecurityOff})
	list, err := s.List(t.Context(), "/Names")
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Entries) < 18 {
		t.Errorf("only %d entries", len(list.Entries))
	}
	for _, e := range list.Entries {
		var buf bytes.Buffer
		_, err := s.Retrieve(t.Context(), "/Names/"+e.Name, &buf, client.TransferOptions{})
		if isDir := slices.Contains([]string{"Empty folder", "Deep", "Ordner mit Übergröße"}, e.Name); isDir != (err != nil) {
			t.Errorf("%q: %v", e.Name, err)
		} else if !isDir && buf.Len() == 0 {
			t.Errorf("%q is empty", e.Name)
		}
	}
}

func TestAnonymousReadsOnly(t *testing.T) {
	srv := start(t, demo.Options{})
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	var buf bytes.Buffer
	if _, err := s.Retrieve(t.Context(), "README.txt", &buf, client.TransferOptions{}); err != nil || !strings.Contains(buf.String(), "welcome aboard") {
		t.Errorf("README.txt = %q, %v", buf.String(), err)
	}
	for what, err := range map[string]error{
		"MakeDir":    s.MakeDir(t.Context(), "/x"),
		"Delete":     s.Delete(t.Context(), "README.txt"),
		"Rename":     s.Rename(t.Context(), "README.txt", "x"),
		"RemoveDir":  s.RemoveDir(t.Context(), "/Names/Empty folder"),
		"SetModTime": s.SetModTime(t.Context(), "README.txt", time.Now()),
		"Chmod":      s.Chmod(t.Context(), "README.txt", 0o600),
	} {
		if err == nil {
			t.Errorf("anonymous %s succeeded", what)
		}
	}
	if _, err := s.Store(t.Context(), "README.txt", strings.NewReader("x"), client.TransferOptions{}); err == nil {
		t.Error("anonymous Store succeeded")
	}
	if _, err := client.Dial(t.Context(), srv.Addr(), client.Options{User: demo.User, Password: "wrong"}); err == nil {
		t.Error("a wrong password was accepted")
	}
}

// TestLibrary uses a client that others wrote, and the certificate as a root.
func TestLibrary(t *testing.T) {
	srv := start(t, demo.Options{})
	c, err := ftp.Dial(srv.Addr(), ftp.DialWithContext(t.Context()), ftp.DialWithExplicitTLS(&tls.Config{
		RootCAs: srv.RootCAs(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(4),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err = c.Login(demo.User, demo.Password); err != nil {
		t.Fatal(err)
	}
	r, err := c.Retr("/Samples/random-8MiB.bin")
	if err != nil {
		t.Fatal(err)
	}
	if n, copyErr := io.Copy(io.Discard, r); copyErr != nil || n != 8<<20 {
		t.Errorf("8 MiB file: %d bytes, %v", n, copyErr)
	}
	if err = r.Close(); err != nil {
		t.Error(err)
	}
	if err = c.Quit(); err != nil {
		t.Error(err)
	}
	if !bytes.HasPrefix(srv.CertPEM(), []byte("-----BEGIN CERTIFICATE-----\n")) {
		t.Errorf("CertPEM = %q", srv.CertPEM())
	}
}

// TestDates wants them in the past, and no two texts at the same time.
func TestDates(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	srv := start(t, demo.Options{Now: now})
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	seen := make(map[time.Time]string)
	for _, dir := range []string{"/", "/Documents", "/Photos", "/Music", "/Samples", "/Logs"} {
		list, err := s.List(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Entries {
			if !e.ModTime.Before(now) || e.ModTime.Before(now.AddDate(-1, 0, 0)) {
				t.Errorf("%s in %s is of %v", e.Name, dir, e.ModTime)
			}
			if dir == "/" {
				continue // folders have the date of their newest file
			}
			if seen[e.ModTime] != "" {
				t.Errorf("%s and %s are both of %v", e.Name, seen[e.ModTime], e.ModTime)
			}
			seen[e.ModTime] = e.Name
		}
	}
}

// TestClose closes while a transfer waits for its data connection, and when
// the context ends.
func TestClose(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	srv := start(t, demo.Options{})
	byContext, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	waiting := pending(t, srv)
	other := dial(t, byContext, client.Options{Security: client.SecurityOff})
	began := time.Now()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	for _, session := range []*client.Session{s, other} {
		select {
		case <-session.Done():
		case <-time.After(time.Minute):
			t.Error("a session lives on after its server ended")
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := waiting.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, waiting); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection of the waiting transfer lives on")
	}
	if err := byContext.Close(); err != nil {
		t.Error(err)
	}
}

// pending starts a transfer whose data connection never comes.
func pending(t *testing.T, srv *demo.Server) net.Conn {
	t.Helper()
	var d net.Dialer
	nc, err := d.DialContext(t.Context(), "tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	tp := textproto.NewConn(nc)
	for _, step := range []struct {
		line string
		code int
	}{{"", 220}, {"USER demo", 331}, {"PASS demo", 230}, {"EPSV", 229}} {
		if step.line != "" {
			if err := tp.PrintfLine("%s", step.line); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := tp.ReadResponse(step.code); err != nil {
			t.Fatal(err)
		}
	}
	if err := tp.PrintfLine("LIST"); err != nil {
		t.Fatal(err)
	}
	return nc
}
