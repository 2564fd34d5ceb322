package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/transcript"
)

// stamped is a time that the tests set.
var stamped = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// dialAhead opens a session that knows that srv takes commands ahead, and how a size is
// asked for and a time set there.
func dialAhead(t *testing.T, srv *ftptest.Server, change ...func(*client.Options)) (*client.Session, *transcript.Recorder) {
	t.Helper()
	s, rec := dialAuto(t, srv, append([]func(*client.Options){func(o *client.Options) { o.Mode = client.EPSV }}, change...)...)
	for i := range 3 {
		store(t, s, fmt.Sprintf("warm-%d", i), "warm", i < 2)
	}
	if _, err := s.Size(t.Context(), "warm-0"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetModTime(t.Context(), "warm-0", stamped); err != nil {
		t.Fatal(err)
	}
	return s, rec
}

// store uploads text from a file.
func store(t *testing.T, s *client.Session, path, text string, more bool) {
	t.Helper()
	if err := tryStore(t, s, path, text, client.TransferOptions{More: more}); err != nil {
		t.Fatalf("store %s: %v", path, err)
	}
}

func tryStore(t *testing.T, s *client.Session, path, text string, opt client.TransferOptions) error {
	t.Helper()
	f := localFile(t, text)
	defer func() { _ = f.Close() }()
	_, err := s.Store(t.Context(), path, f, opt)
	return err
}

// localFile opens a file that holds text.
func localFile(t *testing.T, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func later(t *testing.T, s *client.Session, path string) *client.Check {
	t.Helper()
	c, err := s.CheckLater(t.Context(), path, stamped, true)
	if err != nil {
		t.Fatalf("check %s: %v", path, err)
	}
	return c
}

func wantCheck(t *testing.T, c *client.Check, size int64) {
	t.Helper()
	res, err := c.Wait(t.Context())
	if err != nil || res.SizeErr != nil || res.TimeErr != nil || res.Size != size {
		t.Errorf("check: %+v, %v, want %d bytes", res, err, size)
	}
	select {
	case <-c.Done():
	default:
		t.Error("not done after Wait")
	}
}

// The server withholds the replies to SIZE and MFMT until it has seen the next STOR and
// the EPSV behind it.
func TestCheckLaterIsNotWaitedFor(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	before := srv.Count("STOR")
	// The reply to the SIZE after the nth STOR waits for the STOR after it, but the last one.
	const files = 10
	seen := 0
	if err := srv.Apply(ftptest.Handle("SIZE", func(c *ftptest.Conn, _ string) bool {
		seen++
		if seen < files {
			_ = srv.WaitForCount(c.Context(), "STOR", before+seen+1)
		}
		return false
	})); err != nil {
		t.Fatal(err)
	}
	checks := make([]*client.Check, 0, files)
	for i := range files {
		path := fmt.Sprintf("f%d", i)
		store(t, s, path, strings.Repeat("x", i), i < files-1)
		checks = append(checks, later(t, s, path))
	}
	for i, c := range checks {
		wantCheck(t, c, int64(i))
	}
	var verbs []string
	for _, v := range srv.Verbs() {
		if v != "LIST" && v != "NOOP" {
			verbs = append(verbs, v)
		}
	}
	want := []string{"STOR", "EPSV", "SIZE", "MFMT", "STOR", "EPSV", "SIZE", "MFMT", "STOR", "SIZE", "MFMT"}
	if got := verbs[max(0, len(verbs)-len(want)):]; !slices.Equal(got, want) {
		t.Errorf("the order on the wire is %v, want %v", got, want)
	}
}

func TestCheckLaterRefused(t *testing.T) {
	srv := ftptest.NewServer(t)
	s, _ := dialAhead(t, srv)
	gone := later(t, s, "not-there")
	if _, err := s.Size(t.Context(), "warm-1"); err != nil {
		t.Fatalf("size behind refused ones: %v", err)
	}
	res, err := gone.Wait(t.Context())
	var sizeErr, timeErr *client.ReplyError
	if err != nil || res.Size != -1 || !errors.As(res.SizeErr, &sizeErr) || !errors.As(res.TimeErr, &timeErr) || sizeErr.Reply.Code != 550 || timeErr.Verb != "MFMT" {
		t.Errorf("check of a file that is not there: %+v, %v", res, err)
	}
	wantCheck(t, later(t, s, "warm-1"), 4)
}

func TestCheckLaterNeedsWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, s *client.Session)
		path string
		time time.Time
		size bool
	}{
		{"nothing known", func(*testing.T, *client.Session) {}, "a", stamped, true},
		{"server not known to take it", func(t *testing.T, s *client.Session) {
			store(t, s, "a", "a", false)
			_, _ = s.Size(t.Context(), "a")
		}, "a", time.Time{}, true},
		{"size not tried", func(t *testing.T, s *client.Session) {
			store(t, s, "a", "a", true)
			store(t, s, "b", "b", true)
		}, "a", time.Time{}, true},
		{"time not tried", func(t *testing.T, s *client.Session) {
			store(t, s, "a", "a", true)
			store(t, s, "b", "b", true)
			_, _ = s.Size(t.Context(), "a")
		}, "a", stamped, true},
		{"text", func(t *testing.T, s *client.Session) {
			store(t, s, "a", "a", true)
			store(t, s, "b", "b", true)
			_, _ = s.Size(t.Context(), "a")
			if err := tryStore(t, s, "c", "c", client.TransferOptions{ASCII: true}); err != nil {
				t.Fatal(err)
			}
		}, "a", time.Time{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := ftptest.NewServer(t)
			s, _ := dialAuto(t, srv, func(o *client.Options) { o.Mode = client.EPSV })
			c.do(t, s)
			before := len(srv.Verbs())
			if _, err := s.CheckLater(t.Context(), c.path, c.time, c.size); !errors.Is(err, client.ErrUnsupported) {
				t.Errorf("error %v, want %v", err, client.ErrUnsupported)
			}
			if err := s.Noop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := srv.Verbs()[before:]; len(got) != 1 {
				t.Errorf("%v was sent", got)
			}
		})
	}
}

// Whoever waits for a Check is told when the connection ends, whichever way.
func TestCheckLaterLost(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(t *testing.T, srv *ftptest.Server, s *client.Session)
		want func(error) bool
	}{
		{"lost", func(_ *testing.T, srv *ftptest.Server, _ *client.Session) { srv.DropAll() }, func(err error) bool {
			var lost *client.LostError
			return errors.As(err, &lost)
		}},
		{"closed", func(t *testing.T, _ *ftptest.Server, s *client.Session) {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}, func(err error) bool { return errors.Is(err, client.ErrClosed) }},
		{"silent", func(*testing.T, *ftptest.Server, *client.Session) {}, func(err error) bool {
			var late *client.TimeoutError
			return errors.As(err, &late)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := ftptest.NewServer(t)
			s, _ := dialAhead(t, srv, func(o *client.Options) {
				if c.name == "silent" {
					o.Timeout = 2 * time.Second
				}
			})
			if err := srv.Apply(ftptest.Reply("SIZE", ftptest.Silence), ftptest.Reply("MFMT", ftptest.Silence)); err != nil {
				t.Fatal(err)
			}
			check := later(t, s, "warm-0")
			if err := srv.WaitForCount(t.Context(), "MFMT", 2); err != nil {
				t.Fatal(err)
			}
			c.end(t, srv, s)
			if res, err := check.Wait(t.Context()); !c.want(err) {
				t.Errorf("check: %+v, %v", res, err)
			}
		})
	}
}

// A Check outlives a transfer behind it that is given up: its replies come first.
func TestCheckLaterBeforeCancelledStore(t *testing.T) {
	// The server may come to the connection when it is reset, and then waits for another.
	srv := ftptest.NewServer(t, ftptest.DataTimeout(time.Second))
	s, _ := dialAhead(t, srv)
	stors := srv.Count("STOR")
	if err := srv.Apply(ftptest.Handle("SIZE", func(c *ftptest.Conn, _ string) bool {
		_ = srv.WaitForCount(c.Context(), "STOR", stors+2)
		_ = srv.WaitForCount(c.Context(), "ABOR", 1)
		return false
	})); err != nil {
		t.Fatal(err)
	}
	store(t, s, "a", "12345", true)
	check := later(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		f := localFile(t, "second")
		defer func() { _ = f.Close() }()
		_, err := s.Store(ctx, "b", f, client.TransferOptions{})
		done <- err
	}()
	if err := srv.WaitForCount(t.Context(), "STOR", stors+2); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled store: %v", err)
	}
	wantCheck(t, check, 5)
	if err := srv.Apply(ftptest.Handle("SIZE", func(*ftptest.Conn, string) bool { return false })); err != nil {
		t.Fatal(err)
	}
	store(t, s, "c", "123", false)
	if n, err := s.Size(t.Context(), "c"); err != nil || n != 3 {
		t.Errorf("size %d, %v", n, err)
	}
}
