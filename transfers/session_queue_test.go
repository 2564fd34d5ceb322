package transfers_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
)

// newQueue makes a queue over real sessions; the channel tells when it is idle.
func newQueue(t *testing.T, s *site, parallel int) (*transfers.Queue, <-chan struct{}) {
	t.Helper()
	idle := make(chan struct{}, 1)
	dial := func(ctx context.Context) (transfers.RemoteCloser, error) { return client.Dial(ctx, s.srv.Addr, s.opt) }
	q := transfers.NewQueue(t.Context(), dial, transfers.QueueOptions{
		Parallel: parallel,
		Transfer: transfers.Options{Exists: transfers.Overwrite, Backoff: time.Millisecond},
		OnIdle:   func() { idle <- struct{}{} },
	})
	t.Cleanup(func() {
		if err := q.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if err := s.srv.WaitConns(context.WithoutCancel(t.Context()), 0); err != nil {
			t.Errorf("connections are left: %v", err)
		}
	})
	return q, idle
}

func wait(t *testing.T, idle <-chan struct{}) {
	t.Helper()
	select {
	case <-idle:
	case <-time.After(30 * time.Second):
		t.Fatal("the queue does not come to its end")
	}
}

// The plug is pulled in the middle of everything, and all ends identical.
func TestQueueThroughDroppedConnections(t *testing.T) {
	data := pattern(3_000_000)
	var opts []ftptest.Option
	for i := range 4 {
		opts = append(opts, ftptest.File(fmt.Sprintf("/tree/%d", i), string(data[i:])))
	}
	s := newSite(t, append(opts, ftptest.File("/single", string(data)), ftptest.Bandwidth(20<<20))...)
	dir := t.TempDir()
	up := filepath.Join(dir, "up")
	if err := os.WriteFile(up, data, 0o600); err != nil {
		t.Fatal(err)
	}
	q, idle := newQueue(t, s, 3)
	q.Add(
		transfers.Job{Remote: "/tree", Local: filepath.Join(dir, "tree"), Dir: true},
		transfers.Job{Remote: "/single", Local: filepath.Join(dir, "single")},
		transfers.Job{Direction: transfers.Uploading, Local: up, Remote: "/up"},
	)
	for moved := int64(2_000_000); moved <= 6_000_000; moved += 2_000_000 {
		if err := s.srv.WaitMoved(t.Context(), moved); err != nil {
			t.Fatal(err)
		}
		s.srv.DropAll()
	}
	wait(t, idle)
	for _, i := range q.Snapshot() {
		if i.State != transfers.Done {
			t.Errorf("%q is %v: %v", i.Remote, i.State, i.Err)
		}
	}
	for i := range 4 {
		check(t, filepath.Join(dir, "tree", fmt.Sprint(i)), data[i:])
	}
	check(t, filepath.Join(dir, "single"), data)
	if !bytes.Equal(s.srv.File("/up"), data) {
		t.Error("what was uploaded differs")
	}
	if n := len(s.srv.Conns()); n < 4 {
		t.Errorf("%d connections: the fault was not met", n)
	}
}

func TestQueueOnServerWithOneConnection(t *testing.T) {
	s := newSite(t, ftptest.File("/a", "a"), ftptest.File("/b", "b"), ftptest.File("/c", "c"), ftptest.MaxConns(1),
		ftptest.Delay("RETR", 50*time.Millisecond))
	dir := t.TempDir()
	q, idle := newQueue(t, s, 3)
	for _, name := range []string{"a", "b", "c"} {
		q.Add(transfers.Job{Remote: "/" + name, Local: filepath.Join(dir, name)})
	}
	wait(t, idle)
	for _, name := range []string{"a", "b", "c"} {
		check(t, filepath.Join(dir, name), []byte(name))
	}
}

func TestQueueCancelsSessionWithinASecond(t *testing.T) {
	s := newSite(t, ftptest.BigFile("/big", 1<<40), ftptest.Bandwidth(1<<20))
	q, idle := newQueue(t, s, 1)
	ids := q.Add(transfers.Job{Remote: "/big", Local: filepath.Join(t.TempDir(), "big")})
	if err := s.srv.WaitMoved(t.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	q.Cancel(ids[0])
	wait(t, idle)
	if d := time.Since(start); d > time.Second {
		t.Errorf("it took %v", d)
	}
	if i := q.Snapshot()[0]; i.State != transfers.Cancelled {
		t.Errorf("item is %v: %v", i.State, i.Err)
	}
}
