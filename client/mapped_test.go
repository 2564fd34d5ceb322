package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// bigFile makes a file of random bytes, and returns it open for reading.
func bigFile(t *testing.T, size int) (*os.File, []byte) {
	t.Helper()
	text := make([]byte, size)
	_, _ = rand.Read(text) // which does not fail
	name := filepath.Join(t.TempDir(), "up")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, text
}

// A file that is larger than what is mapped at once goes whole, from wherever it begins,
// and leaves the file at its end.
func TestUploadOfManyWindows(t *testing.T) {
	const size = 36<<20 + 5
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	f, text := bigFile(t, size)
	for _, start := range []int64{0, 1, 32 << 20, 33<<20 + 4097, size} {
		if _, err := f.Seek(start, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		counted := int64(0)
		n, err := s.Store(t.Context(), "/up", f, client.TransferOptions{Progress: func(n int64) { counted += n }})
		at, _ := f.Seek(0, io.SeekCurrent)
		if err != nil || n != size-start || counted != n || at != size {
			t.Errorf("from %d: stored %d, counted %d, at %d, %v", start, n, counted, at, err)
		}
		if got := srv.File("/up"); !bytes.Equal(got, text[start:]) {
			t.Errorf("from %d: the server has %d other bytes", start, len(got))
		}
	}
}

// What a file gets while it is sent goes too.
func TestUploadOfAGrowingFile(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	f, text := bigFile(t, 1<<20)
	more := []byte("and more")
	grown := false
	n, err := s.Store(t.Context(), "/up", f, client.TransferOptions{Progress: func(int64) {
		if grown {
			return
		}
		grown = true
		if err := appendTo(f.Name(), more); err != nil {
			t.Error(err)
		}
	}})
	if want := append(text, more...); err != nil || n != int64(len(want)) || !bytes.Equal(srv.File("/up"), want) {
		t.Errorf("stored %d, %v; the server has %d bytes, want %d", n, err, len(srv.File("/up")), len(want))
	}
}

func appendTo(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// A file that is cut short while it is sent is an error: neither the program's end, nor
// an upload with zeros in it that counts as done.
func TestUploadOfAShrinkingFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems send what is left of it")
	}
	for _, left := range []int64{0, 5000, 3<<20 + 1} {
		srv := ftptest.NewServer(t)
		s := dial(t, srv, client.Options{})
		f, _ := bigFile(t, 24<<20)
		done := false
		n, err := s.Store(t.Context(), "/up", f, client.TransferOptions{Progress: func(int64) {
			if !done {
				done = true
				if err := os.Truncate(f.Name(), left); err != nil {
					t.Error(err)
				}
			}
		}})
		if err == nil {
			t.Errorf("cut to %d bytes: %d are said to be stored", left, n)
		}
	}
}

// Cancelling ends an upload whose receiver does not read.
func TestMappedUploadIsCancelled(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Bandwidth(1<<20))
	s := dial(t, srv, client.Options{})
	f, _ := bigFile(t, 24<<20)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, err := s.Store(ctx, "/up", f, client.TransferOptions{Progress: func(int64) { cancel() }})
	if err == nil || n == 24<<20 {
		t.Errorf("stored %d, %v", n, err)
	}
}

// A file whose size is not told, as those of /proc, goes whole.
func TestUploadOfAFileWithoutSize(t *testing.T) {
	const name = "/proc/self/cmdline"
	want, err := os.ReadFile(name)
	if err != nil || len(want) == 0 {
		t.Skipf("there is no such file here: %v", err)
	}
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	n, err := s.Store(t.Context(), "/up", f, client.TransferOptions{})
	if err != nil || n != int64(len(want)) || !bytes.Equal(srv.File("/up"), want) {
		t.Errorf("stored %d of %d bytes, %v", n, len(want), err)
	}
}

// A refusal in the middle ends an upload whose receiver goes on reading slowly.
func TestSlowUploadIsRefused(t *testing.T) {
	const size = 64 << 20
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{Security: client.SecurityOff, Mode: client.EPSV})
	p := newOwnPort(t)
	ended := make(chan struct{})
	if err := srv.Apply(ftptest.Handle("EPSV", p.epsv), ftptest.Handle("STOR", func(c *ftptest.Conn, _ string) bool {
		c.Reply(150, "Go on.")
		nc, err := p.accept(c)
		if err != nil {
			return say(c, "426 "+err.Error())
		}
		defer func() { _ = nc.Close() }()
		buf := make([]byte, 64<<10)
		for n := 0; ; n++ {
			if n == 10 {
				c.Reply(552, "The disk is full.")
			}
			if _, err := io.ReadFull(nc, buf); err != nil {
				return true
			}
			select {
			case <-ended:
				return true
			case <-time.After(50 * time.Millisecond):
			}
		}
	})); err != nil {
		t.Fatal(err)
	}
	f, _ := bigFile(t, size)
	n, err := s.Store(t.Context(), "/up", f, client.TransferOptions{})
	close(ended)
	var refused *client.ReplyError
	if !errors.As(err, &refused) || refused.Reply.Code != 552 || n > size/2 {
		t.Errorf("%d bytes were sent, %v; want the 552", n, err)
	}
}
