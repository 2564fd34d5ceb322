package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/listing"
	"portside/client/transcript"
)

// dial connects to srv and closes the session at the end of the test.
func dial(t *testing.T, srv *ftptest.Server, opt client.Options) *client.Session {
	t.Helper()
	if opt.Timeout == 0 {
		opt.Timeout = patience
	}
	s, err := client.Dial(t.Context(), srv.Addr, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// optionsFor is secure for servers that may be plain.
func optionsFor(srv *ftptest.Server, sec client.Security) client.Options {
	if sec == client.SecurityOff {
		return client.Options{Security: sec}
	}
	return secure(srv, sec)
}

// secure returns options that trust srv's own authority.
func secure(srv *ftptest.Server, sec client.Security) client.Options {
	return client.Options{Security: sec, RootCAs: srv.RootCAs()}
}

func get(t *testing.T, s *client.Session, path string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Retrieve(t.Context(), path, &b, client.TransferOptions{}); err != nil {
		t.Fatalf("Retrieve(%q): %v", path, err)
	}
	return b.Bytes()
}

func put(t *testing.T, s *client.Session, path, text string, opt client.TransferOptions) {
	t.Helper()
	if _, err := s.Store(t.Context(), path, strings.NewReader(text), opt); err != nil {
		t.Fatalf("Store(%q): %v", path, err)
	}
}

var allMethods = []client.ConnMode{client.EPSV, client.PASV, client.EPRT, client.PORT}

func TestFourMethods(t *testing.T) {
	kinds := []struct {
		name string
		sec  client.Security
		opts []ftptest.Option
	}{
		{"plain", client.SecurityOff, nil},
		{"plain connect first", client.SecurityOff, []ftptest.Option{ftptest.ConnectFirst()}},
		{"explicit TLS 1.3 reuse", client.SecurityRequire, []ftptest.Option{ftptest.TLS(), ftptest.RequireSessionReuse()}},
		{"explicit TLS 1.2 reuse", client.SecurityRequire, []ftptest.Option{ftptest.TLS(), ftptest.RequireSessionReuse(), ftptest.TLSVersions(tls.VersionTLS12, tls.VersionTLS12)}},
		{"implicit TLS strict", client.SecurityImplicit, []ftptest.Option{ftptest.ImplicitTLS(), ftptest.RequireCloseNotify()}},
		{"auto on TLS", client.SecurityAuto, []ftptest.Option{ftptest.TLS(), ftptest.RequireTLS()}},
	}
	for _, kind := range kinds {
		for _, mode := range allMethods {
			t.Run(kind.name+"/"+mode.String(), func(t *testing.T) {
				t.Parallel()
				srv := ftptest.NewServer(t, append(kind.opts, ftptest.File("/a.txt", "hello\n"))...)
				opt := client.Options{}
				if kind.sec != client.SecurityOff {
					opt = secure(srv, kind.sec)
				} else {
					opt.Security = client.SecurityOff
				}
				opt.Mode = mode
				s := dial(t, srv, opt)
				for range 3 {
					if got := get(t, s, "/a.txt"); string(got) != "hello\n" {
						t.Errorf("got %q", got)
					}
				}
				put(t, s, "/b.txt", "upload", client.TransferOptions{})
				put(t, s, "/empty", "", client.TransferOptions{})
				if got := string(srv.File("/b.txt")); got != "upload" {
					t.Errorf("the server has %q", got)
				}
				if l, err := s.List(t.Context(), "/"); err != nil || len(l.Entries) != 3 {
					t.Errorf("List = %v, %v", l, err)
				}
				if m := s.Info().Method.String(); !strings.EqualFold(m, mode.String()) {
					t.Errorf("the method was %s", m)
				}
			})
		}
	}
}

func TestIPv6(t *testing.T) {
	for _, mode := range []client.ConnMode{client.EPSV, client.EPRT, client.Auto, client.Active} {
		srv := ftptest.NewServer(t, ftptest.IPv6(), ftptest.File("/a", "six"))
		s := dial(t, srv, client.Options{Mode: mode})
		if got := get(t, s, "a"); string(got) != "six" {
			t.Errorf("%s: got %q", mode, got)
		}
	}
	srv := ftptest.NewServer(t, ftptest.IPv6(), ftptest.File("/a", "six"))
	s := dial(t, srv, client.Options{Mode: client.PASV})
	_, err := s.List(t.Context(), "/")
	if de, ok := errors.AsType[*client.DataError](err); !ok || de.Step != client.StepNegotiate {
		t.Errorf("PASV over IPv6: %v, want a DataError", err)
	}
}

func TestFilesAreMovedByTheKernel(t *testing.T) {
	const size = 40 << 20
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", size))
	s := dial(t, srv, client.Options{})
	f, err := os.Create(filepath.Join(t.TempDir(), "big"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var counted int64
	n, err := s.Retrieve(t.Context(), "/big", f, client.TransferOptions{Progress: func(n int64) { counted += n }})
	if err != nil || n != size || counted != size {
		t.Fatalf("Retrieve = %d, %v; counted %d", n, err, counted)
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if !sameBytes(t, f, ftptest.BigContent(size)) {
		t.Error("the bytes differ")
	}
	if _, err = f.Seek(1000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	counted = 0
	n, err = s.Store(t.Context(), "/back", f, client.TransferOptions{Progress: func(n int64) { counted += n }})
	if err != nil || n != size-1000 || counted != n {
		t.Fatalf("Store = %d, %v; counted %d", n, err, counted)
	}
	want, err := io.ReadAll(ftptest.BigContent(size))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(srv.File("/back"), want[1000:]) {
		t.Error("the server has other bytes")
	}
}

func sameBytes(t *testing.T, a, b io.Reader) bool {
	t.Helper()
	x, err := io.ReadAll(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := io.ReadAll(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

func TestRestartAndAppend(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "0123456789"))
	s := dial(t, srv, client.Options{})
	var b bytes.Buffer
	if n, err := s.Retrieve(t.Context(), "/a", &b, client.TransferOptions{Offset: 4}); err != nil || n != 6 || b.String() != "456789" {
		t.Errorf("Retrieve from 4 = %d, %q, %v", n, b.String(), err)
	}
	put(t, s, "/a", "XY", client.TransferOptions{Offset: 8})
	put(t, s, "/a", "Z", client.TransferOptions{Append: true})
	if got := string(srv.File("/a")); got != "01234567XYZ" {
		t.Errorf("the server has %q", got)
	}
}

func TestASCII(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	put(t, s, "/t", "one\ntwo\r\nthree", client.TransferOptions{ASCII: true})
	var b bytes.Buffer
	if _, err := s.Retrieve(t.Context(), "/t", &b, client.TransferOptions{ASCII: true}); err != nil {
		t.Fatal(err)
	}
	if b.String() != "one\ntwo\nthree" {
		t.Errorf("came back as %q", b.String())
	}
	if got := get(t, s, "/t"); len(got) == 0 {
		t.Error("nothing in TYPE I")
	}
	if v := srv.Verbs(); !slices.Contains(v, "TYPE") {
		t.Errorf("no TYPE in %v", v)
	}
}

func TestOperations(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "abc"), ftptest.Dir("/d"))
	s := dial(t, srv, client.Options{})
	ctx := t.Context()
	when := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
	steps := []struct {
		name string
		do   func() error
	}{
		{"Rename", func() error { return s.Rename(ctx, "/a", "/d/b") }},
		{"MakeDir", func() error { return s.MakeDir(ctx, "/d/new") }},
		{"RemoveDir", func() error { return s.RemoveDir(ctx, "/d/new") }},
		{"Chmod", func() error { return s.Chmod(ctx, "/d/b", 0o640) }},
		{"SetModTime", func() error { return s.SetModTime(ctx, "/d/b", when) }},
		{"Noop", func() error { return s.Noop(ctx) }},
		{"ChangeDir", func() error { return s.ChangeDir(ctx, "/d") }},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	if dir, err := s.WorkingDir(ctx); err != nil || dir != "/d" {
		t.Errorf("WorkingDir = %q, %v", dir, err)
	}
	if n, err := s.Size(ctx, "b"); err != nil || n != 3 {
		t.Errorf("Size = %d, %v", n, err)
	}
	if got, err := s.ModTime(ctx, "b"); err != nil || !got.Equal(when) {
		t.Errorf("ModTime = %v, %v", got, err)
	}
	e, err := s.Stat(ctx, "b")
	if err != nil || e.Type != listing.File || e.Size != 3 || e.Mode != 0o640 || e.Name != "b" {
		t.Errorf("Stat = %+v, %v", e, err)
	}
	for _, algo := range []string{"", "SHA-256", "SHA-1", "MD5", "CRC32"} {
		h, hashErr := s.Hash(ctx, "b", algo)
		if hashErr != nil || h.Sum == "" || algo != "" && h.Algo != algo {
			t.Errorf("Hash(%q) = %+v, %v", algo, h, hashErr)
		}
		if h.Algo == "MD5" && h.Sum != "900150983cd24fb0d6963f7d28e17f72" {
			t.Errorf("the MD5 of abc is not %s", h.Sum)
		}
	}
	if err = s.Delete(ctx, "b"); err != nil {
		t.Error(err)
	}
	rep, err := s.Raw(ctx, "SITE HELP")
	if err != nil || rep.Code == 0 {
		t.Errorf("Raw = %v, %v", rep, err)
	}
	if _, err = s.Raw(ctx, "retr x"); !errors.Is(err, client.ErrUnsupported) {
		t.Errorf("Raw RETR: %v", err)
	}
	_, err = s.Size(ctx, "gone")
	if re, ok := errors.AsType[*client.ReplyError](err); !ok || re.Verb != "SIZE" || re.Temporary() {
		t.Errorf("Size of nothing: %v", err)
	}
}

func TestInjectionIsRefused(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.File("/a", "x"))
	s := dial(t, srv, client.Options{})
	ctx := t.Context()
	for _, bad := range []string{"a\r\nDELE /a", "a\nDELE /a", "a\x00b"} {
		for name, err := range map[string]error{
			"Delete":  s.Delete(ctx, bad),
			"MakeDir": s.MakeDir(ctx, bad),
			"Rename":  s.Rename(ctx, "/a", bad),
			"Chmod":   s.Chmod(ctx, bad, 0o600),
		} {
			if !errors.Is(err, client.ErrBadName) {
				t.Errorf("%s(%q) = %v, want ErrBadName", name, bad, err)
			}
		}
		if _, err := s.Retrieve(ctx, bad, io.Discard, client.TransferOptions{}); !errors.Is(err, client.ErrBadName) {
			t.Errorf("Retrieve(%q) = %v", bad, err)
		}
	}
	if slices.Contains(srv.Verbs(), "DELE") {
		t.Error("the injected command went out")
	}
	if _, err := client.Dial(ctx, srv.Addr, client.Options{User: "x\r\nDELE /a", Timeout: patience}); !errors.Is(err, client.ErrBadName) {
		t.Errorf("Dial = %v", err)
	}
}

func TestNoSecretInTheTranscript(t *testing.T) {
	const secret = "hunter2-s3cret"
	srv := ftptest.NewServer(t, ftptest.User("joe", secret), ftptest.NoAnonymous(), ftptest.RequireAccount("acc-s3cret"),
		ftptest.Reply("NOOP", "200 your password "+secret+" is fine"))
	rec := transcript.New(0, nil)
	s := dial(t, srv, client.Options{User: "joe", Password: secret, Account: "acc-s3cret", Transcript: rec})
	if err := s.Noop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Raw(t.Context(), "SITE PSWD "+secret); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, l := range rec.Lines() {
		all.WriteString(l.String() + "\n")
	}
	if strings.Contains(all.String(), "s3cret") {
		t.Errorf("the transcript holds a secret:\n%s", all.String())
	}
	for _, want := range []string{"> PASS ****", "> ACCT ****", "> USER joe"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the transcript lacks %q:\n%s", want, all.String())
		}
	}
}

func TestWrongPassword(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "right"), ftptest.NoAnonymous())
	_, err := client.Dial(t.Context(), srv.Addr, client.Options{User: "joe", Password: "wrong", Timeout: patience})
	if le, ok := errors.AsType[*client.LoginError](err); !ok || le.Reply.Code != 530 {
		t.Fatalf("Dial = %v, want a LoginError", err)
	}
	if a := client.Explain(err); a.Kind != client.KindLogin || strings.Contains(a.Sentence, "wrong\"") {
		t.Errorf("Explain = %+v", a)
	}
	passes := 0
	for _, v := range srv.Verbs() {
		if v == "PASS" {
			passes++
		}
	}
	if passes != 1 {
		t.Errorf("PASS was sent %d times", passes)
	}
}

// cancelled cancels a transfer that has begun, and returns how long it took to end, and
// its error.
func cancelled(t *testing.T, s *client.Session, up bool) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started := make(chan struct{}, 1)
	progress := func(int64) {
		select {
		case started <- struct{}{}:
		default:
		}
	}
	done := make(chan error, 1)
	go func() {
		var err error
		if up {
			_, err = s.Store(ctx, "/up", ftptest.BigContent(1<<30), client.TransferOptions{Progress: progress})
		} else {
			_, err = s.Retrieve(ctx, "/big", io.Discard, client.TransferOptions{Progress: progress})
		}
		done <- err
	}()
	select {
	case <-started:
	case err := <-done:
		return 0, err
	}
	at := time.Now()
	cancel()
	err := <-done
	return time.Since(at), err
}

func TestCancelInMidTransfer(t *testing.T) {
	for _, tlsOn := range []bool{false, true} {
		for _, up := range []bool{false, true} {
			opts := []ftptest.Option{ftptest.BigFile("/big", 1<<30), ftptest.Bandwidth(4 << 20), ftptest.DiscardUploads()}
			sec := client.SecurityOff
			if tlsOn {
				opts, sec = append(opts, ftptest.TLS()), client.SecurityRequire
			}
			srv := ftptest.NewServer(t, opts...)
			s := dial(t, srv, optionsFor(srv, sec))
			name := fmt.Sprintf("tls %v up %v", tlsOn, up)
			inTime(t, name+": stopping", time.Second, func() time.Duration {
				took, err := cancelled(t, s, up)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%s: err = %v", name, err)
				}
				if err := s.Noop(t.Context()); err != nil {
					t.Errorf("%s: the session is of no use after: %v", name, err)
				}
				if n := srv.OpenDataConns(); n != 0 {
					t.Errorf("%s: %d data connections are left", name, n)
				}
				return took
			})
		}
	}
}
