package transfers_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// The server lets in one connection, and that one browses.
func TestQueueOnAServerForOne(t *testing.T) {
	s := newSite(t, ftptest.File("/a", "first"), ftptest.File("/b", "second"), ftptest.MaxConns(1))
	browsing, err := client.Dial(t.Context(), s.srv.Addr, s.opt)
	if err != nil {
		t.Fatal(err)
	}
	defer browsing.Close()
	idle := make(chan struct{}, 1)
	dial := func(ctx context.Context) (transfers.RemoteCloser, error) { return client.Dial(ctx, s.srv.Addr, s.opt) }
	q := transfers.NewQueue(t.Context(), dial, transfers.QueueOptions{
		Parallel: 3,
		Transfer: transfers.Options{Exists: transfers.Overwrite, Backoff: time.Millisecond},
		Lend:     func() transfers.RemoteCloser { return browsing },
		OnIdle:   func() { idle <- struct{}{} },
	})
	dir := t.TempDir()
	q.Add(
		transfers.Job{Remote: "/a", Local: filepath.Join(dir, "a")},
		transfers.Job{Remote: "/b", Local: filepath.Join(dir, "b")},
	)
	wait(t, idle)
	for name, want := range map[string]string{"a": "first", "b": "second"} {
		if got, readErr := os.ReadFile(filepath.Join(dir, name)); readErr != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, readErr)
		}
	}
	if err = q.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if err = browsing.Noop(t.Context()); err != nil {
		t.Errorf("the session that browses was ended: %v", err)
	}
}
