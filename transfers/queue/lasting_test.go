package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/transfers/queue"
)

// A job for later keeps the queue from being idle, until it is cancelled.
func TestJobForLaterIsCancelled(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 1)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": opts})
	jobs[0].After = time.Now().Add(time.Hour)
	id := b.add(jobs...)[0]
	until(t, func() bool { return b.srvs["a"].OpenConns() == 0 && b.state(id) == queue.Queued })
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.q.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("idle with a job for later: %v", err)
	}
	if err := b.q.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	long, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.q.Wait(long); err != nil {
		t.Errorf("not idle after the job for later was cancelled: %v", err)
	}
}

// A job for later begins when its time has come, by the queue's clock.
func TestJobForLaterBegins(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 2)
	clock := newClock()
	b := start(t, queue.Options{Now: clock.now}, map[string][]ftptest.Option{"a": opts})
	jobs[0].After = clock.now().Add(time.Hour)
	ids := b.add(jobs...)
	until(t, func() bool { return b.state(ids[1]) == queue.Done })
	if s := b.state(ids[0]); s != queue.Queued {
		t.Fatalf("it is %s before its time", s)
	}
	clock.add(time.Hour + time.Second)
	b.wait()
	b.only(map[queue.State]int{queue.Done: 2})
}

// A clock goes on by itself, and can be put forward.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func newClock() *clock { return &clock{} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Outside its times nothing is started, inside it everything is, over midnight
// and after a new start of the program.
func TestSchedule(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 3)
	at := newClock()
	now := at.now()
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	at.add(midnight.Add(-3 * time.Hour).Sub(now)) // 21:00
	path := filepath.Join(t.TempDir(), "queue.db")
	b := start(t, queue.Options{Now: at.now, Path: path}, map[string][]ftptest.Option{"a": opts})
	if err := b.q.SetSchedule(t.Context(), queue.Schedule{From: 23 * time.Hour, To: 5 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := b.q.SetWhenDone(t.Context(), queue.WhenDone{Action: queue.DoCommand, Command: []string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	b.add(jobs[:2]...)
	quiet := func(what string) {
		t.Helper()
		short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := b.q.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: idle (%v)", what, err)
		}
		if n := len(b.srvs["a"].Conns()); n != 0 {
			t.Errorf("%s: %d connections", what, n)
		}
	}
	quiet("before its time")
	b.close()
	b.open()
	quiet("before its time, after a new start")
	if s := b.q.Schedule(); s.From != 23*time.Hour || s.To != 5*time.Hour {
		t.Errorf("schedule %+v after a new start", s)
	}
	if d := b.q.WhenDone(); d.Action != queue.DoCommand || !slices.Equal(d.Command, []string{"a", "b"}) {
		t.Errorf("when done %+v after a new start", d)
	}
	at.add(4 * time.Hour) // 01:00
	b.wait()
	b.only(map[queue.State]int{queue.Done: 2})
	at.add(5 * time.Hour) // 06:00
	id := b.add(jobs[2])[0]
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.q.Wait(short); !errors.Is(err, context.DeadlineExceeded) || b.state(id) != queue.Queued {
		t.Errorf("after its time: %v, %s", err, b.state(id))
	}
}

// A file that fails at the same place for ever comes to an end.
func TestEndlessFailureEnds(t *testing.T) {
	t.Parallel()
	tests := map[string][]ftptest.Option{
		"reset":     {ftptest.NoREST(), ftptest.CutData(300_000)},
		"lost":      {ftptest.NoREST(), ftptest.DropData(300_000)},
		"same byte": sameByte(300_000),
	}
	for name, faults := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, queue.Options{DialRetries: -1}, map[string][]ftptest.Option{
				"a": append(faults, ftptest.File("/x", string(pattern(2_000_000, 1)))),
			})
			id := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/x", Local: filepath.Join(t.TempDir(), "x")})[0]
			until(t, func() bool { return b.state(id) == queue.Failed })
			if n := b.srvs["a"].Count("RETR"); n > 20 {
				t.Errorf("%d tries", n)
			}
		})
	}
}

// sameByte resets the data connection whenever byte n of a file is reached.
func sameByte(n int64) []ftptest.Option {
	var at atomic.Int64
	rest := ftptest.Handle("REST", func(_ *ftptest.Conn, arg string) bool {
		var off int64
		_, _ = fmt.Sscan(arg, &off)
		at.Store(off)
		return false
	})
	retr := ftptest.Handle("RETR", func(c *ftptest.Conn, _ string) bool {
		if at.Swap(0) == 0 {
			return false
		}
		c.Reply(426, "Broken disk.")
		return true
	})
	return []ftptest.Option{rest, retr, ftptest.CutData(n)}
}

// A server that drops every session after one file is worked off all the same.
func TestSessionPerFile(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 30)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": opts})
	var mu sync.Mutex
	seen := map[int]int{}
	err := b.srvs["a"].Apply(ftptest.Handle("RETR", func(c *ftptest.Conn, _ string) bool {
		mu.Lock()
		seen[c.ID()]++
		n := seen[c.ID()]
		mu.Unlock()
		if n > 1 {
			c.Reset()
			return true
		}
		return false
	}))
	if err != nil {
		t.Fatal(err)
	}
	b.add(jobs...)
	b.wait()
	b.only(map[queue.State]int{queue.Done: 30})
}

// The end is also told where the login was refused and nothing could be started.
func TestIdleIsToldAfterARefusedLogin(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 5)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": append(opts, ftptest.NoAnonymous(), ftptest.User("u", "p"))})
	b.add(jobs...)
	b.wait()
	select {
	case tot := <-b.done:
		if tot.Failed != 5 {
			t.Errorf("totals %+v", tot)
		}
	case <-time.After(time.Minute):
		t.Error("the end is not told")
	}
}

// Closing ends those that wait, may be done twice, at once, and after the context
// has ended; nothing is left running.
func TestClose(t *testing.T) {
	opts, jobs := files(t, "a", 50)
	for _, ended := range []bool{false, true} {
		srv := ftptest.NewServer(t, append(opts, ftptest.RTT(5*time.Millisecond))...)
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		q, _, err := queue.Open(ctx, queue.Options{Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
			return client.Dial(ctx, srv.Addr, client.Options{Security: client.SecurityOff})
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err = q.AddSite(ctx, queue.Site{Key: "a"}); err != nil {
			t.Fatal(err)
		}
		if _, err = q.Add(ctx, jobs...); err != nil {
			t.Fatal(err)
		}
		if err = srv.WaitForCount(ctx, "RETR", 3); err != nil {
			t.Fatal(err)
		}
		waited := make(chan error, 1)
		late, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		go func() { waited <- q.Wait(late) }()
		if ended {
			cancel()
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if cerr := q.Close(late); cerr != nil {
					t.Error(cerr)
				}
			})
		}
		wg.Wait()
		if err = <-waited; err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait of a closed queue: %v", err)
		}
		if err = q.Close(late); err != nil {
			t.Error(err)
		}
		if _, err = q.Add(late, jobs[0]); err == nil {
			t.Error("a closed queue takes jobs")
		}
		stop()
		cancel()
		if err = srv.WaitConns(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		until(t, func() bool { runtime.Gosched(); return runtime.NumGoroutine() <= before })
	}
}

// What was closed while it ran goes on by itself the next time.
func TestGoesOnNextTime(t *testing.T) {
	t.Parallel()
	opts, want := tree("/tree", 60)
	big := string(pattern(2_000_000, 1))
	want["big"] = big
	opts = append(opts, ftptest.File("/tree/big", big), ftptest.TotalBandwidth(4<<20), ftptest.RTT(2*time.Millisecond))
	b := start(t, queue.Options{Path: filepath.Join(t.TempDir(), "queue.db"), Limits: queue.Limits{PerSite: 3}}, map[string][]ftptest.Option{"a": opts})
	dir := t.TempDir()
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: dir, Dir: true, Rule: transfers.Fail})
	for i := range 5 {
		n := b.srvs["a"].Moved()
		until(t, func() bool { return b.srvs["a"].Moved() > n+int64(30_000*i) || b.states()[queue.Queued] == 0 })
		b.close()
		b.open()
	}
	b.wait()
	same(t, dir, want)
	b.only(map[queue.State]int{queue.Done: 1 + 6 + 12 + 61})
}

// The callbacks may use the queue.
func TestCallbacksUseTheQueue(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 31)
	var b *bench
	ready := make(chan struct{})
	use := func() {
		<-ready
		_, err := b.q.Counts(t.Context())
		_, _, lerr := b.q.List(t.Context(), queue.Filter{}, 0, 5)
		b.q.Active()
		b.q.Graph()
		if err = errors.Join(err, lerr, b.q.SetLimits(t.Context(), queue.Limits{PerSite: 2})); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	}
	opt := queue.Options{OnChange: use, OnDone: func(it queue.Item) {
		use()
		if err := b.q.SetPriority(t.Context(), queue.Low, it.ID+1); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	}}
	b = start(t, opt, map[string][]ftptest.Option{"a": opts})
	close(ready)
	b.add(jobs[:30]...)
	b.wait()
	<-b.done
	b.add(jobs[30])
	b.wait()
	b.only(map[queue.State]int{queue.Done: 31})
}

// What cannot be begun fails, each for its reason, and the rest goes on.
func TestOddRoots(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 1)
	deep := "/deep" + strings.Repeat("/d", 120)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": append(opts, ftptest.File("/file", "x"), ftptest.Dir("/void"), ftptest.Dir(deep))})
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	void := filepath.Join(dir, "void")
	if err := os.Mkdir(void, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop", filepath.Join(void, "loop")); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	ids := b.add(
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/file", Local: filepath.Join(dir, "1"), Dir: true},
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/void", Local: file, Dir: true},
		queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up1", Local: file, Dir: true},
		queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up2", Local: filepath.Join(dir, "missing"), Dir: true},
		queue.Job{Kind: queue.Upload, Site: "a", Remote: "/file/up", Local: void, Dir: true},
		queue.Job{Kind: queue.Upload, Site: "a", Remote: "/up3", Local: void, Dir: true},
		queue.Job{Kind: queue.Download, Site: "a", Remote: deep[:len("/deep")], Local: filepath.Join(dir, "deep"), Dir: true},
		jobs[0],
	)
	b.wait()
	for i, want := range []queue.State{queue.Failed, queue.Failed, queue.Failed, queue.Failed, queue.Failed, queue.Done, queue.Done, queue.Done} {
		if it := b.item(ids[i]); it.State != want || it.State == queue.Failed && it.Reason.Sentence == "" {
			t.Errorf("job %d: %s, want %s: %+v", i, it.State, want, it.Reason)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "x" {
		t.Errorf("the file that is in the way: %q, %v", got, err)
	}
	if !b.srvs["a"].Exists("/up3") {
		t.Error("the empty folder was not made")
	}
}
