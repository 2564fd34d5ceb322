package queue_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"portside/client/ftptest"
	"portside/transfers/queue"
)

// smallDisk mounts a file system of so many bytes for the time of the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("a small disk cannot be mounted: that takes root")
	}
	if err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fillDisk takes all the space of a disk but so many bytes, and returns what gives it
// back.
func fillDisk(t *testing.T, dir string, leave int64) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	total := int64(0)
	for err == nil {
		var n int
		n, err = f.Write(block)
		total += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err = errors.Join(f.Truncate(max(0, total-leave)), f.Close()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if rerr := os.Remove(path); rerr != nil {
			t.Error(rerr)
		}
	}
}

// A queue whose file cannot be written says so, loses nothing, and goes on when
// there is room again.
func TestQueueFileFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "4m")
	opts, jobs := files(t, "a", 200)
	b := start(t, queue.Options{Path: filepath.Join(disk, "queue.db"), Limits: queue.Limits{PerSite: 4}},
		map[string][]ftptest.Option{"a": append(opts, ftptest.RTT(20*time.Millisecond))})
	b.add(jobs...)
	until(t, func() bool { return b.srvs["a"].Count("RETR") > 10 })
	free := fillDisk(t, disk, 0)
	until(t, func() bool { return b.q.Trouble().Sentence != "" })
	n := b.srvs["a"].Count("RETR")
	if _, err := b.q.Add(t.Context(), jobs[0]); err == nil {
		t.Error("a job was taken that is not in the file")
	}
	free()
	began := time.Now()
	b.wait()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v to go on", took)
	}
	if r := b.q.Trouble(); r.Sentence != "" {
		t.Errorf("trouble is still told: %+v", r)
	}
	b.only(map[queue.State]int{queue.Done: 200})
	if n >= 200 {
		t.Error("nothing was left to do when the disk was full")
	}
}
