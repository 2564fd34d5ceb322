package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/internal/servertest"
	"portside/transfers/queue"
)

// resident returns the memory of this process in bytes, 0 where the system does
// not say.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(f[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// TestSmallFiles downloads many small files from a real server, counts
// goroutines afterwards, and looks at the memory meanwhile.
// PORTSIDE_QUEUE_FILES says how many; from 50,000 on, the memory of the second
// half has to stay within a tenth of that of the first.
func TestSmallFiles(t *testing.T) {
	const each = 1000
	n := 2 * each
	if s := os.Getenv("PORTSIDE_QUEUE_FILES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	srv := servertest.Start(t, servertest.Build(t), "vsftpd")
	for i := range each {
		path := filepath.Join(srv.Root, "small", fmt.Sprintf("d%02d", i/20), fmt.Sprintf("f%04d", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, pattern(1000, uint32(i)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	own(t, srv)
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	b := &bench{t: t, opt: queue.Options{
		Path: filepath.Join(dir, "queue.db"), KeepDone: 5000,
		Dial: func(ctx context.Context, _ string) (transfers.RemoteCloser, error) {
			return client.Dial(ctx, srv.Addr, client.Options{User: srv.User, Password: srv.Password, Security: client.SecurityOff})
		},
	}}
	b.open()
	if err := b.q.AddSite(t.Context(), queue.Site{Key: "a"}); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var sizes []int64
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				sizes = append(sizes, resident())
			}
		}
	})
	began := time.Now()
	for range n / each {
		b.add(queue.Job{Kind: queue.Download, Site: "a", Remote: "/small", Local: filepath.Join(dir, "small"), Dir: true, Rule: transfers.Overwrite})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if err := b.q.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	close(stop)
	wg.Wait()
	if s := b.states(); s[queue.Failed] > 0 || s[queue.Done] == 0 {
		t.Errorf("states %v\n%s", s, b.dump())
	}
	b.close()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if left := runtime.NumGoroutine(); left > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after\n%s", before, left, buf[:runtime.Stack(buf, true)])
	}
	first, second := mean(sizes[len(sizes)/10:len(sizes)/2]), mean(sizes[len(sizes)/2:])
	t.Logf("%d files, %.0f a second; memory %.1f MB in the first half, %.1f MB in the second", n, float64(n)/took.Seconds(), first/1e6, second/1e6)
	if n >= 50_000 && (second > first*1.1 || second < first*0.9) {
		t.Errorf("the memory is not flat: %.1f MB, then %.1f MB", first/1e6, second/1e6)
	}
}

func mean(v []int64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x)
	}
	return sum / float64(max(1, len(v)))
}
