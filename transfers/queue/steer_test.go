package queue_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/listing"
	"portside/transfers"
	"portside/transfers/queue"
)

// Pausing or cancelling a folder stops what runs in it, however deep.
func TestFolderStopsWhatIsDeepInIt(t *testing.T) {
	t.Parallel()
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": {
		ftptest.File("/top/a/b/c/big", string(pattern(3_000_000, 1))), ftptest.Bandwidth(1 << 20),
	}})
	b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/top", Local: filepath.Join(t.TempDir(), "x"), Dir: true})
	running := func() bool {
		for _, it := range b.q.Active() {
			if it.Bytes > 0 {
				return true
			}
		}
		return false
	}
	until(t, running)
	items, _, err := b.q.List(t.Context(), queue.Filter{Text: "/top/a"}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	folder := int64(0)
	for _, it := range items {
		if it.Remote == "/top/a" {
			folder = it.ID
		}
	}
	for range 2 { // the second time changes nothing
		if err = b.q.Pause(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
		if n := len(b.q.Active()); n != 0 {
			t.Fatalf("%d entries run in a paused folder", n)
		}
	}
	b.wait()
	b.only(map[queue.State]int{queue.Paused: 1, queue.Done: 4})
	for range 2 {
		if err = b.q.Resume(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
	}
	until(t, running)
	for range 2 {
		if err = b.q.Cancel(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
	}
	b.wait()
	b.only(map[queue.State]int{queue.Cancelled: 1, queue.Done: 4})
}

// A job can be cancelled when its folders have left the list.
func TestCancelAfterClear(t *testing.T) {
	t.Parallel()
	opts, _ := tree("/tree", 60)
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 1}}, map[string][]ftptest.Option{"a": append(opts, ftptest.RTT(15*time.Millisecond))})
	id := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: t.TempDir(), Dir: true})[0]
	until(t, func() bool { return b.states()[queue.Done] > 5 })
	if err := b.q.PauseAll(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	b.wait()
	if b.states()[queue.Queued] == 0 {
		t.Fatal("nothing is left")
	}
	if err := b.q.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.q.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.states(); s[queue.Queued] != 0 || s[queue.Cancelled] == 0 {
		t.Errorf("states %v after cancelling the job", s)
	}
}

// Whenever a folder is cancelled, nothing that is found in it is left to do.
func TestCancelWhileFoldersAreListed(t *testing.T) {
	t.Parallel()
	opts, _ := tree("/tree", 100)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": append(opts, ftptest.RTT(time.Millisecond))})
	for i := range 40 {
		id := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/tree", Local: filepath.Join(t.TempDir(), fmt.Sprint(i)), Dir: true})[0]
		until(t, func() bool { return b.srvs["a"].Count("MLSD") > i%7 })
		if err := b.q.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s := b.states(); s[queue.Queued]+s[queue.Running]+s[queue.Scanning] > 0 {
			t.Fatalf("round %d: %v after cancelling all there is\n%s", i, s, b.dump())
		}
		if err := b.q.Clear(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A stubborn session stops for nobody before it is let go.
type stubborn struct {
	*client.Session
	busy    chan string // told of paths
	release chan struct{}
	stat    bool // stops questions about "/y" instead of contents
}

func (s *stubborn) Retrieve(ctx context.Context, path string, dst io.Writer, opt client.TransferOptions) (int64, error) {
	if !s.stat {
		s.busy <- path
		<-s.release
		return 0, context.Canceled
	}
	return s.Session.Retrieve(ctx, path, dst, opt)
}

func (s *stubborn) Stat(ctx context.Context, path string) (listing.Entry, error) {
	if s.stat && path == "/y" {
		s.busy <- path
		<-s.release
	}
	return s.Session.Stat(ctx, path)
}

func (s *stubborn) Size(ctx context.Context, path string) (int64, error) {
	if s.stat && path == "/y" {
		s.busy <- path
		<-s.release
	}
	return s.Session.Size(ctx, path)
}

// startStubborn is start with stubborn sessions.
func startStubborn(t *testing.T, stat bool, opt queue.Options, server ...ftptest.Option) (b *bench, busy chan string, release func()) {
	t.Helper()
	busy = make(chan string, 100)
	free := make(chan struct{})
	opt.Dial = func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
		s, err := client.Dial(ctx, b.srvs["a"].Addr, client.Options{Security: client.SecurityOff})
		if err != nil {
			return nil, err
		}
		return &stubborn{Session: s, busy: busy, release: free, stat: stat}, nil
	}
	b = start(t, opt, map[string][]ftptest.Option{"a": server})
	release = sync.OnceFunc(func() { close(free) })
	t.Cleanup(release) // before the queue is closed
	return b, busy, release
}

// Stopping waits for those that do not stop, but not for ever.
func TestStoppingIsBounded(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 3)
	b, busy, release := startStubborn(t, false, queue.Options{Limits: queue.Limits{PerSite: 3}}, append(opts, ftptest.RTT(15*time.Millisecond))...)
	ids := b.add(jobs...)
	<-busy
	<-busy
	over := make(chan error, 1)
	go func() { over <- b.q.Cancel(context.WithoutCancel(t.Context()), ids...) }()
	select {
	case err := <-over:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("cancelling hangs for as long as the sessions do")
		release()
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	release()
	b.wait()
	b.only(map[queue.State]int{queue.Cancelled: 3})
}

// An answer for all is also that of a question that comes up at the same moment.
func TestAnswerForAllReachesLateQuestions(t *testing.T) {
	t.Parallel()
	b, busy, release := startStubborn(t, true, queue.Options{}, ftptest.File("/x", "new"), ftptest.File("/y", "new"), ftptest.RTT(15*time.Millisecond))
	dir := t.TempDir()
	var jobs []queue.Job
	for _, name := range []string{"x", "y"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, queue.Job{Kind: queue.Download, Site: "a", Remote: "/" + name, Local: filepath.Join(dir, name), Rule: transfers.Ask})
	}
	ids := b.add(jobs...)
	<-busy
	until(t, func() bool { return b.state(ids[0]) == queue.NeedsAnswer })
	if ok, err := b.q.Answer(t.Context(), ids[0], transfers.Decision{Action: transfers.Overwrite, ForAll: true}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	release()
	b.wait()
	b.only(map[queue.State]int{queue.Done: 2})
}

// order returns the names in the order in which they were fetched.
func (b *bench) order(site string) (names []string) {
	for _, c := range b.srvs[site].Commands() {
		if name, ok := strings.CutPrefix(c, "RETR "); ok {
			names = append(names, name)
		}
	}
	return names
}

// What is added with a higher priority goes before what waits, also a folder.
func TestHigherPriorityGoesFirst(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 300)
	opts = append(opts, ftptest.File("/high", "x"), ftptest.File("/folder/in/it", "x"), ftptest.RTT(2*time.Millisecond))
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 1}}, map[string][]ftptest.Option{"a": opts})
	b.add(jobs...)
	until(t, func() bool { return b.srvs["a"].Count("RETR") > 5 })
	dir := t.TempDir()
	b.add(
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/high", Local: filepath.Join(dir, "high"), Priority: queue.Highest},
		queue.Job{Kind: queue.Download, Site: "a", Remote: "/folder", Local: filepath.Join(dir, "f"), Dir: true, Priority: queue.High},
	)
	from := b.srvs["a"].Count("RETR")
	b.wait()
	for i, name := range b.order("a") {
		if (name == "/high" || name == "/folder/in/it") && i > from+95 {
			t.Errorf("%s was number %d, and came after %d", name, i, from)
		}
	}
}

// PauseAll at once keeps what is there, also where the queue is not kept.
func TestPauseAllKeepsParts(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", filepath.Join(t.TempDir(), "queue.db")} {
		data := string(pattern(9_000_000, 1)) // there is time for the pause
		b := start(t, queue.Options{Path: path}, map[string][]ftptest.Option{"a": {ftptest.File("/x", data), ftptest.Bandwidth(3 << 20)}})
		dir := t.TempDir()
		id := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/x", Local: filepath.Join(dir, "x"), Rule: transfers.Overwrite})[0]
		if err := b.srvs["a"].WaitMoved(t.Context(), 1_000_000); err != nil {
			t.Fatal(err)
		}
		if err := b.q.PauseAll(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		b.wait()
		if it := b.item(id); it.State != queue.Queued || it.Bytes == 0 {
			t.Errorf("%s with %d bytes while all is paused", it.State, it.Bytes)
		}
		if err := b.q.ResumeAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.wait()
		goneOn := false
		for _, tr := range b.srvs["a"].Transfers() {
			goneOn = goneOn || tr.Verb == "RETR" && tr.Offset > 0
		}
		if !goneOn {
			t.Error("it began at the first byte again")
		}
		same(t, dir, map[string]string{"x": data})
	}
}

// PauseAll without haste lets the files that are under way come to their end.
func TestPauseAllAfterTheFiles(t *testing.T) {
	t.Parallel()
	opts, jobs := files(t, "a", 2)
	b := start(t, queue.Options{Limits: queue.Limits{PerSite: 1}}, map[string][]ftptest.Option{"a": append(opts,
		ftptest.File("/big", string(pattern(4_000_000, 1))), ftptest.Bandwidth(1<<20))})
	big := b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/big", Local: filepath.Join(t.TempDir(), "big")})[0]
	b.add(jobs...)
	if err := b.srvs["a"].WaitMoved(t.Context(), 100_000); err != nil {
		t.Fatal(err)
	}
	if err := b.q.PauseAll(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	b.wait()
	if b.state(big) != queue.Done {
		t.Errorf("the file under way is %s", b.state(big))
	}
	b.only(map[queue.State]int{queue.Done: 1, queue.Queued: 2})
}

// A deleted folder says how much was in it, and may be looked at meanwhile.
func TestDeletedFolderSaysHowMuch(t *testing.T) {
	t.Parallel()
	opts, _ := tree("/tree", 20)
	b := start(t, queue.Options{}, map[string][]ftptest.Option{"a": opts})
	id := b.add(queue.Job{Kind: queue.Delete, Site: "a", Remote: "/tree", Dir: true})[0]
	until(t, func() bool { b.q.Active(); return b.state(id) == queue.Done })
	if n := b.item(id).Children; n < 20 {
		t.Errorf("%d entries deleted, want 20 files and their folders", n)
	}
}
