package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue"
)

// peak returns the peak memory of this process in bytes, 0 where the system does
// not say.
func peak() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}

// TestManyEntries adds many entries, closes, opens again, and looks at the queue
// as the window does. PORTSIDE_QUEUE_ENTRIES says how many; from 100,000 on the
// times are judged too: 50,000 entries a second, 600 MB, two seconds to start,
// a tenth of a second for a page anywhere.
func TestManyEntries(t *testing.T) {
	n, judged := 5_000, false
	if s := os.Getenv("PORTSIDE_QUEUE_ENTRIES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		judged = n >= 100_000
	}
	path := filepath.Join(t.TempDir(), "queue.db")
	b := &bench{t: t, opt: queue.Options{
		Path: path, DialRetries: -1,
		Dial: func(context.Context, string) (transfers.RemoteCloser, error) { return nil, errors.New("no network") },
	}}
	b.open()
	defer func() { b.close() }()
	ctx := t.Context()
	if err := errors.Join(b.q.AddSite(ctx, queue.Site{Key: "a", Name: "a"}), b.q.PauseAll(ctx, true)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for done := 0; done < n; {
		jobs := make([]queue.Job, 0, 10_000)
		for len(jobs) < cap(jobs) && done < n {
			jobs = append(jobs, queue.Job{
				Kind: queue.Download, Site: "a", Remote: fmt.Sprintf("/archive/2026/folder-%05d/photograph-%07d.jpg", done/100, done),
				Local: fmt.Sprintf("/home/somebody/archive/2026/folder-%05d/photograph-%07d.jpg", done/100, done), Size: int64(1000 + done),
			})
			done++
		}
		b.add(jobs...)
	}
	rate := float64(n) / time.Since(began).Seconds()
	b.close()
	runtime.GC()
	began = time.Now()
	b.open()
	if got := b.states()[queue.Queued]; got != n {
		t.Fatalf("%d entries, want %d", got, n)
	}
	opened := time.Since(began)
	var pages []time.Duration
	for _, at := range []int{0, n / 2, n/2 + 50, n - 50, n / 3} {
		began = time.Now()
		items, total, err := b.q.List(ctx, queue.Filter{States: []queue.State{queue.Queued, queue.Running}}, at, 50)
		if err != nil || total != n || len(items) != 50 {
			t.Fatalf("at %d: %d items of %d, %v", at, len(items), total, err)
		}
		pages = append(pages, time.Since(began).Round(time.Microsecond))
	}
	began = time.Now()
	ids := []int64{int64(n) / 2}
	if err := errors.Join(b.q.Move(ctx, queue.Top, ids...), b.q.SetPriority(ctx, queue.High, ids...), b.q.Pause(ctx, ids...), b.q.Resume(ctx, ids...)); err != nil {
		t.Fatal(err)
	}
	steered := time.Since(began)
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries: added %.0f a second, peak memory %.0f MB, file %.0f MB, opened and counted in %v, pages %v, four changes %v",
		n, rate, float64(peak())/1e6, float64(fi.Size())/1e6, opened.Round(time.Millisecond), pages, steered.Round(time.Millisecond))
	if !judged {
		return
	}
	if rate < 50_000 {
		t.Errorf("%.0f entries a second, want 50,000", rate)
	}
	if p := peak(); p > 600e6 {
		t.Errorf("%d MB, want 600 at most", p/1e6)
	}
	if opened > 2*time.Second {
		t.Errorf("opened in %v, want 2 s at most", opened)
	}
	for _, p := range pages {
		if p > 100*time.Millisecond {
			t.Errorf("a page took %v, want 100 ms at most", p)
		}
	}
}
