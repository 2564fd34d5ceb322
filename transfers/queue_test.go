package transfers

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portside/client"
)

// A bench is a queue over a fake server, and what it has said.
type bench struct {
	t   *testing.T
	srv *fake
	q   *Queue
	dir string

	mu      sync.Mutex // guards what follows
	states  map[int64][]State
	idle    int
	dials   int
	open    int
	most    int // sessions that were open at the same time
	refuse  func(open int) error
	running map[int64]bool
	busiest int // items that ran at the same time
}

func newBench(t *testing.T, srv *fake, opt QueueOptions) *bench {
	b := &bench{t: t, srv: srv, dir: t.TempDir(), states: make(map[int64][]State), running: make(map[int64]bool)}
	opt.Transfer.Backoff = time.Second
	opt.Transfer.Jitter = func() float64 { return 0.5 }
	opt.OnChange = func(i Item) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.states[i.ID] = append(b.states[i.ID], i.State)
		b.running[i.ID] = i.State == Running || i.State == Scanning || i.State == Waiting
		n := 0
		for _, r := range b.running {
			if r {
				n++
			}
		}
		b.busiest = max(b.busiest, n)
	}
	opt.OnIdle = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.idle++
	}
	b.q = NewQueue(t.Context(), b.dial, opt)
	t.Cleanup(func() {
		if err := b.q.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return b
}

// A counted session tells its bench when it ends.
type counted struct {
	*fake
	b    *bench
	once *sync.Once
}

func (c counted) Close() error {
	c.once.Do(func() {
		c.b.mu.Lock()
		defer c.b.mu.Unlock()
		c.b.open--
	})
	return c.fake.Close()
}

func (b *bench) dial(ctx context.Context) (RemoteCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dials++
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if b.refuse != nil {
		if err := b.refuse(b.open); err != nil {
			return nil, err
		}
	}
	b.open++
	b.most = max(b.most, b.open)
	return counted{fake: b.srv.again(), b: b, once: new(sync.Once)}, nil
}

// get makes a job that downloads a file of the server to the bench's folder.
func (b *bench) get(remote string) Job {
	return Job{Remote: remote, Local: filepath.Join(b.dir, filepath.Base(remote))}
}

func (b *bench) item(id int64) Item {
	b.t.Helper()
	for _, i := range b.q.Snapshot() {
		if i.ID == id {
			return i
		}
	}
	b.t.Fatalf("there is no item %d", id)
	return Item{}
}

func (b *bench) wantState(id int64, want State) Item {
	b.t.Helper()
	i := b.item(id)
	if i.State != want {
		b.t.Errorf("item %d (%q) is %v (%v), want %v", id, i.Remote, i.State, i.Err, want)
	}
	return i
}

func (b *bench) wantStates(id int64, want ...State) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := b.states[id]; !slices.Equal(got, want) {
		b.t.Errorf("item %d went through %v, want %v", id, got, want)
	}
}

// close closes the queue and looks at what is left.
func (b *bench) close() {
	b.t.Helper()
	if err := b.q.Close(b.t.Context()); err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open != 0 {
		b.t.Errorf("%d sessions are still open", b.open)
	}
}

func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake()
		srv.pace = 100 * time.Millisecond
		for i := range 8 {
			srv.file(fmt.Sprintf("/f%d", i), bytesOf(100_000, byte(i)))
		}
		b := newBench(t, srv, QueueOptions{})
		up := filepath.Join(b.dir, "up")
		write(t, up, bytesOf(50_000, 99))
		var jobs []Job
		for i := range 8 {
			jobs = append(jobs, b.get(fmt.Sprintf("/f%d", i)))
		}
		ids := b.q.Add(append(jobs, Job{Direction: Uploading, Local: up, Remote: "/up"})...)
		synctest.Wait()
		if got := b.item(ids[8]).State; got != Queued {
			t.Errorf("the last is %v before its turn", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, id := range ids {
			item := b.wantState(id, Done)
			if item.Files != 1 || item.Bytes != item.Total || item.Summary.Files != 1 || item.Started.IsZero() || item.Ended.IsZero() {
				t.Errorf("item = %+v", item)
			}
			b.wantStates(id, Queued, Running, Done)
			if i < 8 {
				wantFile(t, jobs[i].Local, bytesOf(100_000, byte(i)))
			}
		}
		if !slices.Equal(srv.content("/up"), bytesOf(50_000, 99)) {
			t.Error("the upload is not there")
		}
		if b.dials != 2 || b.most != 2 || b.busiest != 2 || b.idle != 1 {
			t.Errorf("%d dials, %d sessions and %d items at a time, idle %d times; want 2, 2, 2 and once", b.dials, b.most, b.busiest, b.idle)
		}
		if b.open != 0 {
			t.Errorf("%d sessions are open long after the last transfer", b.open)
		}
		b.q.Clear()
		if n := len(b.q.Snapshot()); n != 0 {
			t.Errorf("%d items are left", n)
		}
		b.close()
		if b.q.Add(jobs[0]) != nil {
			t.Error("a closed queue took a job")
		}
	})
}

func TestQueueRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/big", bytesOf(2<<20, 1))
		srv.pace = 100 * time.Millisecond // 160 KiB a second, so 12.8 s
		b := newBench(t, srv, QueueOptions{})
		ids := b.q.Add(b.get("/big"))
		time.Sleep(5*time.Second + 50*time.Millisecond)
		synctest.Wait()
		i := b.wantState(ids[0], Running)
		if i.Rate < 150<<10 || i.Rate > 170<<10 {
			t.Errorf("rate = %.0f, want about %d", i.Rate, 160<<10)
		}
		if i.Left < 7*time.Second || i.Left > 8500*time.Millisecond {
			t.Errorf("left = %v, want about 7.8 s", i.Left)
		}
		if i.Bytes != 50*16<<10 || i.Total != 2<<20 || i.Current != "/big" {
			t.Errorf("item = %+v", i)
		}
		b.close()
	})
}

func TestQueueCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", bytesOf(1<<20, 1)).file("/b", bytesOf(10, 2)).file("/c", bytesOf(10, 3))
		srv.pace = time.Second
		b := newBench(t, srv, QueueOptions{Parallel: 1})
		ids := b.q.Add(b.get("/a"), b.get("/b"), b.get("/c"))
		time.Sleep(10500 * time.Millisecond)
		if !b.q.Cancel(ids[1]) || !b.q.Cancel(ids[0]) || b.q.Cancel(999) {
			t.Error("Cancel did not report what it found")
		}
		synctest.Wait()
		b.wantStates(ids[0], Queued, Running, Cancelled)
		b.wantStates(ids[1], Queued, Cancelled)
		time.Sleep(time.Minute)
		b.wantState(ids[2], Done)
		if b.q.Cancel(ids[0]) {
			t.Error("cancelled twice")
		}
		wantNames(t, b.dir, ".a.portside-part", "c")
		// Again: what was kept is used.
		if !b.q.Retry(ids[0]) || b.q.Retry(ids[2]) {
			t.Error("Retry did not report what it found")
		}
		time.Sleep(2 * time.Minute)
		b.wantState(ids[0], Done)
		wantFile(t, filepath.Join(b.dir, "a"), bytesOf(1<<20, 1))
		if got := srv.lines("RETR"); got[len(got)-1] != fmt.Sprintf("RETR /a @%d", 10*16<<10-64<<10) {
			t.Errorf("sent %q: the partial file was not used", got)
		}
		b.q.Add(b.get("/a"))
		b.q.CancelAll()
		b.close()
		if b.idle < 2 {
			t.Errorf("idle %d times", b.idle)
		}
	})
}

// An item that needs an answer holds up neither the others nor a session.
func TestQueueAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake()
		b := newBench(t, srv, QueueOptions{Parallel: 1})
		var jobs []Job
		for i := range 5 {
			srv.file(fmt.Sprintf("/f%d", i), bytesOf(1000, byte(i)))
			jobs = append(jobs, b.get(fmt.Sprintf("/f%d", i)))
			if i < 4 {
				write(t, jobs[i].Local, []byte("old"))
			}
		}
		ids := b.q.Add(jobs...)
		synctest.Wait()
		for _, id := range ids[:4] {
			b.wantState(id, NeedsAnswer)
		}
		b.wantState(ids[4], Done)
		c := b.item(ids[0]).Conflict
		if c == nil || c.Remote != "/f0" || c.TargetSize != 3 || c.SourceSize != 1000 {
			t.Fatalf("conflict = %+v", c)
		}
		c.Remote = "changed"
		if b.item(ids[0]).Conflict.Remote != "/f0" {
			t.Error("a snapshot shares the conflict with the queue")
		}
		if b.q.Answer(ids[4], Decision{Action: Skip}) || b.q.Answer(ids[0], Decision{}) {
			t.Error("Answer took what is no answer")
		}
		if !b.q.Answer(ids[0], Decision{Action: Overwrite}) {
			t.Error("Answer found nothing to answer")
		}
		synctest.Wait()
		b.wantStates(ids[0], Queued, Running, NeedsAnswer, Queued, Running, Done)
		wantFile(t, jobs[0].Local, bytesOf(1000, 0))
		if i := b.wantState(ids[1], NeedsAnswer); i.Conflict == nil {
			t.Error("the conflict is gone")
		}
		b.q.Cancel(ids[1])
		synctest.Wait()
		b.wantState(ids[1], Cancelled)
		if b.idle != 0 {
			t.Error("idle though two wait for an answer")
		}
		b.q.Answer(ids[2], Decision{Action: Skip, ForAll: true})
		synctest.Wait()
		b.wantState(ids[2], Skipped)
		b.wantState(ids[3], Skipped)
		wantFile(t, jobs[3].Local, []byte("old"))
		if b.idle != 1 {
			t.Errorf("idle %d times", b.idle)
		}
		// The answer for all ends with the work.
		again := b.q.Add(jobs[3])
		synctest.Wait()
		b.wantState(again[0], NeedsAnswer)
		b.close()
		b.wantState(again[0], Cancelled)
	})
}

func TestQueueRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake().file("/a", bytesOf(500_000, 1))
		srv.cut = nth(1, 200_000, lostConn())
		b := newBench(t, srv, QueueOptions{Transfer: Options{Exists: Overwrite}})
		ids := b.q.Add(b.get("/a"))
		synctest.Wait()
		if i := b.wantState(ids[0], Waiting); !isA[*client.LostError](i.Err) {
			t.Errorf("waits because of %v", i.Err)
		}
		time.Sleep(10 * time.Second)
		if i := b.wantState(ids[0], Done); i.Err != nil {
			t.Errorf("done with %v", i.Err)
		}
		b.wantStates(ids[0], Queued, Running, Waiting, Running, Done)
		wantFile(t, filepath.Join(b.dir, "a"), bytesOf(500_000, 1))
		if b.dials != 2 {
			t.Errorf("%d dials", b.dials)
		}
		b.close()
	})
}

func TestQueueTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newFake()
		for i := range 5 {
			srv.file(fmt.Sprintf("/top/f%d", i), bytesOf(1000, byte(i)))
		}
		broken := true
		srv.on = func(verb, p string) error {
			if broken && verb == "RETR" && strings.HasPrefix(p, "/top/f2") {
				return refuse(verb, 550, "Permission denied.")
			}
			return nil
		}
		b := newBench(t, srv, QueueOptions{Transfer: Options{Exists: Overwrite}})
		ids := b.q.Add(Job{Remote: "/top", Local: filepath.Join(b.dir, "top"), Dir: true})
		synctest.Wait()
		i := b.wantState(ids[0], Failed)
		if !isA[*IncompleteError](i.Err) || len(i.Summary.Failed) != 1 || i.Summary.Files != 4 || i.FilesTotal != 5 {
			t.Errorf("item = %+v", i)
		}
		b.wantStates(ids[0], Queued, Scanning, Running, Failed)
		broken = false
		before := len(srv.lines("RETR"))
		b.q.Retry(ids[0])
		synctest.Wait()
		if i = b.wantState(ids[0], Done); i.Files != 5 || i.Bytes != 5000 {
			t.Errorf("item = %+v", i)
		}
		if n := len(srv.lines("RETR")) - before; n != 1 {
			t.Errorf("%d files transferred again, want the one that failed", n)
		}
		b.close()
	})
}

func TestStates(t *testing.T) {
	for s := Queued; s <= Skipped; s++ {
		if s.String() == "unknown" {
			t.Errorf("state %d has no name", s)
		}
		if s.Finished() != slices.Contains([]State{Done, Failed, Cancelled, Skipped}, s) {
			t.Errorf("%v.Finished() = %v", s, s.Finished())
		}
	}
	if (Skipped + 1).String() != "unknown" {
		t.Error("what is no state has a name")
	}
}
