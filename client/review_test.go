package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// TestUploadFromPipe holds that a source which sendfile does not take loses no
// byte when the way is slow.
func TestUploadFromPipe(t *testing.T) {
	const size = 6 << 20
	srv := ftptest.NewServer(t, ftptest.Bandwidth(3<<20))
	s := dial(t, srv, client.Options{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	wrote := make(chan error, 1)
	go func() {
		_, copyErr := io.Copy(w, ftptest.BigContent(size))
		wrote <- errors.Join(copyErr, w.Close())
	}()
	n, err := s.Store(t.Context(), "/up", r, client.TransferOptions{})
	if err != nil || n != size {
		t.Errorf("Store = %d, %v", n, err)
	}
	if err = errors.Join(<-wrote, r.Close()); err != nil {
		t.Error(err)
	}
	want, err := io.ReadAll(ftptest.BigContent(size))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(srv.File("/up"), want) {
		t.Error("the server has other bytes")
	}
}

func TestBlockedSourceIsCancelled(t *testing.T) {
	srv := ftptest.NewServer(t)
	s := dial(t, srv, client.Options{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = w.Close(), r.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_ = srv.WaitDataConns(ctx, 1)
		cancel()
	}()
	done := make(chan error, 1)
	go func() {
		_, storeErr := s.Store(ctx, "/up", r, client.TransferOptions{})
		done <- storeErr
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Store = %v", err)
		}
	case <-time.After(hang):
		t.Fatal("a blocked source cannot be cancelled")
	}
}

func TestDoneBeforeDataIsNoSuccess(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("STOR", "200 ok"))
	s := dial(t, srv, client.Options{})
	if n, err := s.Store(t.Context(), "/a", strings.NewReader("hello"), client.TransferOptions{}); err == nil {
		t.Errorf("Store = %d, nil", n)
	}
}

// cancelAt cancels a call as soon as the server has seen verb.
func cancelAt(t *testing.T, srv *ftptest.Server, verb string, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	before := srv.Count(verb)
	go func() {
		_ = srv.WaitForCount(ctx, verb, before+1)
		cancel()
	}()
	if err := call(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the call at %s = %v, want it cancelled", verb, err)
	}
}

func TestCancelBetweenCommandAndReply(t *testing.T) {
	slow := time.Second
	srv := ftptest.NewServer(t, ftptest.Without("MLSD", "MLST"), ftptest.File("/a", "0123\n56789"), ftptest.Dir("/d"),
		ftptest.Delay("TYPE", slow), ftptest.Delay("CWD", slow), ftptest.Delay("REST", slow), ftptest.Delay("SIZE", slow))
	s := dial(t, srv, client.Options{})
	cancelAt(t, srv, "TYPE", func(ctx context.Context) error {
		_, err := s.Retrieve(ctx, "/a", io.Discard, client.TransferOptions{ASCII: true})
		return err
	})
	if got := get(t, s, "/a"); string(got) != "0123\n56789" {
		t.Errorf("after a cancelled TYPE A: %q", got)
	}
	cancelAt(t, srv, "CWD", func(ctx context.Context) error { return s.ChangeDir(ctx, "/d") })
	if l, err := s.List(t.Context(), "/"); err != nil || len(l.Entries) != 2 {
		t.Errorf("after a cancelled CWD: %+v, %v", l, err)
	}
	cancelAt(t, srv, "REST", func(ctx context.Context) error {
		_, err := s.Retrieve(ctx, "/a", io.Discard, client.TransferOptions{Offset: 5})
		return err
	})
	if got := get(t, s, "/a"); string(got) != "0123\n56789" {
		t.Errorf("after a cancelled REST: %q", got)
	}
	cancelAt(t, srv, "SIZE", func(ctx context.Context) error {
		_, err := s.Size(ctx, "/a")
		return err
	})
	if err := s.Delete(t.Context(), "/gone"); err == nil {
		t.Error("the refusal of DELE was not seen")
	}
}

func TestPasswordIsNotRepeated(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "x"), ftptest.Reply("PASS", "530 PASS hunter22 is wrong"))
	_, err := client.Dial(t.Context(), srv.Addr, client.Options{User: "joe", Password: "hunter22", Timeout: patience})
	if err == nil || strings.Contains(err.Error(), "hunter22") || strings.Contains(client.Explain(err).Sentence, "hunter22") {
		t.Errorf("Dial = %v", err)
	}
	if _, err = client.ParseURL("ftp://bob:hunter22/x@host/"); err == nil || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("ParseURL = %v", err)
	}
}

func TestPreliminaryReplyToAUTH(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("AUTH", ftptest.Raw("120 Wait\r\n")))
	inTime(t, "giving up", 3*time.Second, func() time.Duration {
		start := time.Now()
		s, err := client.Dial(t.Context(), srv.Addr, client.Options{Security: client.SecurityRequire, Timeout: 300 * time.Millisecond})
		if err == nil {
			_ = s.Close()
			t.Fatal("connected")
		}
		return time.Since(start)
	})
}

func TestAbortStopsATransfer(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.BigFile("/big", 1<<30), ftptest.Bandwidth(4<<20))
	s := dial(t, srv, client.Options{})
	done := make(chan error, 1)
	go func() {
		_, err := s.Retrieve(t.Context(), "/big", io.Discard, client.TransferOptions{})
		done <- err
	}()
	if err := srv.WaitMoved(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.Abort()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the transfer succeeded")
		}
	case <-time.After(hang): // all of it takes four minutes
		t.Fatal("the transfer goes on after Abort")
	}
}

func TestCutListingIsAnError(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.TLS(), ftptest.NoCloseNotify(), ftptest.File("/a", "x"), ftptest.TruncateData(10, "MLSD"))
	s := dial(t, srv, secure(srv, client.SecurityRequire))
	if l, err := s.List(t.Context(), "/"); !errors.Is(err, client.ErrUnverified) {
		t.Errorf("List = %+v, %v", l, err)
	}
}

func TestOddWorkingDirectory(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.Reply("PWD", `257 "" is cwd`), ftptest.File("/a", "x"))
	get(t, dial(t, srv, client.Options{}), "/a")
}
