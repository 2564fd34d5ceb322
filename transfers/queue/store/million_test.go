package store

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The figures of a large queue:
//
//	go test ./transfers/queue/store -run TestLargeQueue -v -rows 1000000
var largeQueue = flag.Int("rows", 20000, "entries in the queue of TestLargeQueue")

// took logs how long something took, and returns it.
func took(t *testing.T, what string, do func()) time.Duration {
	t.Helper()
	start := time.Now()
	do()
	d := time.Since(start)
	t.Logf("%-42s %8.2f ms", what, float64(d.Microseconds())/1000)
	return d
}

// memory logs the most memory that the process has had, where the system tells.
func memory(t *testing.T, when string) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			kib, _ := strconv.Atoi(f[1])
			t.Logf("%-42s %8d MiB", "peak memory, "+when, kib/1024)
			return kib / 1024
		}
	}
	return 0
}

func TestLargeQueue(t *testing.T) {
	n := *largeQueue
	path := filepath.Join(t.TempDir(), "queue.db")
	s := open(t, options(path))
	site, err := s.Site(t.Context(), "ftp://example", "")
	if err != nil {
		t.Fatal(err)
	}
	job := insert(t, s, Row{Site: site, Dir: true, State: running, Remote: []byte("/pub"), Size: -1})[0]
	d := took(t, "insert", func() { insertLarge(t, s, n, site, job) })
	t.Logf("%-42s %8.0f rows/s", "insert", float64(n)/d.Seconds())
	memory(t, "after inserting")
	pages(t, s, n)
	underLoad(t, s, n, site)
	took(t, "cancel a job", func() {
		if _, err = s.SetAll(t.Context(), Where{Job: job, States: []uint8{queued}}, Row{State: paused}, State); err != nil {
			t.Error(err)
		}
	})
	took(t, "close", func() {
		if err = s.Close(); err != nil {
			t.Error(err)
		}
	})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%-42s %8d MiB, %d bytes a row", "file", info.Size()>>20, info.Size()/int64(n))
	took(t, "open", func() { s = open(t, options(path)) })
	c, err := s.Counts(t.Context())
	if err != nil || c[paused].N+c[done].N != int64(n) {
		t.Errorf("Counts = %v, %v", c, err)
	}
	if peak := memory(t, "at the end"); peak > 600 && !raceDetector {
		t.Errorf("the peak is %d MiB", peak)
	}
}

// insertLarge inserts n files: half as what a user adds, half as scanned folders, of
// which the next is read while the last is stored.
func insertLarge(t *testing.T, s *Store, n int, site, job int64) {
	last := s.Apply()
	var rows []Row
	for i := range n {
		r := file(i)
		r.Site, r.Parent, r.Job = site, job, job
		rows = append(rows, r)
		switch {
		case i < n/2 && len(rows) < 10000 && i != n/2-1, i > n/2 && len(rows) < 100 && i != n-1:
			continue
		case i < n/2:
			insert(t, s, rows...)
		default:
			c := s.Apply(Set(Row{ID: job, Children: i}, Children), InsertRows(rows...))
			if i%100 == 0 {
				if err := last.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				last = c
			}
		}
		rows = nil
	}
	if err := s.Apply().Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func pages(t *testing.T, s *Store, n int) {
	for _, where := range []struct {
		name   string
		offset int
	}{{"first", 0}, {"middle", n / 2}, {"last", n - 50}, {"at two thirds", n * 2 / 3}, {"middle, again", n/2 + 10}, {"at two thirds, again", n*2/3 - 100}} {
		took(t, "page, "+where.name, func() {
			rows, total, err := s.Page(t.Context(), PageQuery{States: []uint8{queued, paused}, Offset: where.offset, Limit: 50})
			if err != nil || total != n || len(rows) != 50 || rows[0].ID != int64(where.offset)+2 {
				t.Errorf("%d rows of %d, %v", len(rows), total, err)
			}
		})
	}
	took(t, "search", func() {
		want := number(int64(n - 7))
		rows, total, err := s.Page(t.Context(), PageQuery{Text: "FILE-" + strings.Repeat("0", 6-min(6, len(want))) + want, Limit: 50})
		if err != nil || total != 1 || len(rows) != 1 {
			t.Errorf("%d rows of %d, %v", len(rows), total, err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	took(t, "search, given up after 20 ms", func() {
		_, _, _ = s.Page(ctx, PageQuery{Text: "no such name", Limit: 50}) // a small queue is faster
	})
}

// underLoad works a part of the queue off, as ten connections would.
func underLoad(t *testing.T, s *Store, n int, site int64) {
	files := min(n/4, 5000)
	var group sync.WaitGroup
	var mu sync.Mutex // guards busy
	busy := map[int64]bool{}
	var worst, all time.Duration
	var asked int
	d := took(t, "work off "+strconv.Itoa(files)+" files", func() {
		for worked := 0; worked < files; {
			start := time.Now()
			mu.Lock()
			rows, err := s.Next(t.Context(), NextQuery{Site: site, Files: true, Limit: 10, Not: func(id int64) bool { return busy[id] }})
			mu.Unlock()
			if err != nil || len(rows) == 0 {
				t.Fatal(len(rows), err)
			}
			took := time.Since(start)
			worst, all, asked = max(worst, took), all+took, asked+1
			worked += len(rows)
			for _, r := range rows {
				mu.Lock()
				busy[r.ID] = true
				mu.Unlock()
				group.Go(func() {
					s.Apply(Set(Row{ID: r.ID, State: running, Started: time.Now()}, State|Started))
					c := s.Apply(Set(Row{ID: r.ID, State: done, Ended: time.Now(), Bytes: r.Size}, State|Ended|Bytes))
					if err := c.Wait(t.Context()); err != nil {
						t.Error(err)
					}
					mu.Lock()
					delete(busy, r.ID)
					mu.Unlock()
				})
			}
		}
		group.Wait()
	})
	t.Logf("%-42s %8.0f files/s, Next %v, at worst %v", "work off", float64(files)/d.Seconds(), all/time.Duration(asked), worst)
	took(t, "page, middle, after that", func() {
		if _, _, err := s.Page(t.Context(), PageQuery{States: []uint8{queued, paused}, Offset: n / 2, Limit: 50}); err != nil {
			t.Error(err)
		}
	})
}
