package client_test

import (
	"context"
	"io"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
)

// lossy returns a session that has transferred, over a server whose next RETR ends the
// control connection.
func lossy(t *testing.T) (*ftptest.Server, *client.Session) {
	t.Helper()
	srv := ftptest.NewServer(t, ftptest.File("/a", "hello"))
	s := dial(t, srv, client.Options{Security: client.SecurityOff})
	if _, err := s.Retrieve(t.Context(), "/a", io.Discard, client.TransferOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Apply(ftptest.Handle("RETR", func(c *ftptest.Conn, _ string) bool { c.Close(); return true })); err != nil {
		t.Fatal(err)
	}
	return srv, s
}

// When a call returns, the end of the control connection that it met is told.
func TestALossIsToldWhenTheCallEnds(t *testing.T) {
	for range 20 {
		_, s := lossy(t)
		if _, err := s.Retrieve(t.Context(), "/a", io.Discard, client.TransferOptions{}); err == nil {
			t.Fatal("the transfer succeeded without a control connection")
		}
		if s.Err() == nil {
			t.Fatal("the call has ended, and the loss is not told")
		}
	}
}

// An upload that waits for its source cannot be mended any more, and the loss is told.
func TestALossIsToldWhileAnUploadWaits(t *testing.T) {
	srv, s := lossy(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	src, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := s.Store(ctx, "/up", src, client.TransferOptions{})
		done <- err
	}()
	if _, err := in.Write([]byte("a")); err != nil { // taken when the upload has begun
		t.Fatal(err)
	}
	srv.DropAll()
	select {
	case <-s.Done():
	case err := <-done:
		t.Errorf("the upload ended by itself: %v", err)
	case <-time.After(patience):
		t.Error("the loss is not told")
	}
	_ = in.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-done; err == nil {
		t.Error("the upload succeeded without a control connection")
	}
}
