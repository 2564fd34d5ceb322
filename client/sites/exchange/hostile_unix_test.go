//go:build unix

package exchange

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childDir names the folder of files that a child process of the test reads.
const childDir = "PORTSIDE_EXCHANGE_FILES"

// TestHostileFilesAreCheap reads all hostile files, and full ones of each format, in a
// child process, and looks at what it has needed of memory and time.
func TestHostileFilesAreCheap(t *testing.T) {
	if os.Getenv(childDir) != "" {
		t.Skip("this is the child")
	}
	const most = 200 << 20
	mostTime := 2 * time.Second
	if raceDetector {
		mostTime *= 10 // as much slower as it makes the parsers
	}
	dir := t.TempDir()
	for i, h := range append(hostiles(), fullFiles()...) {
		sub := filepath.Join(dir, fmt.Sprintf("%03d %s", i, strings.ReplaceAll(h.name, "/", " ")))
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := h.place(sub); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostileChild$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, heap := 0, 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, spent, ok := strings.Cut(lines.Text(), " needed ")
		if !ok {
			continue
		}
		files++
		var took time.Duration
		var rows, now int
		if _, err := fmt.Sscanf(spent, "%d ns for %d rows, %d MiB of heap", &took, &rows, &now); err != nil {
			t.Fatal(err)
		}
		heap = max(heap, now)
		if took > 300*time.Millisecond {
			t.Logf("%s: %v, %d rows", name, took, rows)
		}
		if took > mostTime {
			t.Errorf("%s took %v of the processor's time", name, took)
		}
	}
	if want := len(hostiles()) + len(fullFiles()); files != want {
		t.Errorf("the child has read %d files of %d:\n%s", files, want, out)
	}
	// The heap, of which the race detector's own memory is no part.
	if heap<<20 > most {
		t.Errorf("the child had a heap of %d MiB, more than %d", heap, most>>20)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok || heap == 0 {
		t.Fatalf("it is not known how much memory the child has used: %v, %d MiB of heap", cmd.ProcessState.SysUsage(), heap)
	}
	peak := int64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		peak <<= 10 // kibibytes elsewhere
	}
	t.Logf("%d files, at most %d MiB resident, %d MiB of heap", files, peak>>20, heap)
	if !raceDetector && peak > most {
		t.Errorf("the child needed %d MiB, more than %d", peak>>20, most>>20)
	}
}

// fullFiles are well-formed files as large as they may be.
func fullFiles() []hostile {
	return []hostile{
		{name: "full FileZilla", file: "sitemanager.xml", content: func() string {
			return zillaFile(strings.Repeat("<Server><Host>h</Host><Port>2</Port><Protocol>0</Protocol><Logontype>0</Logontype></Server>", MaxEntries))
		}},
		{name: "full list", file: "list.txt", content: func() string {
			var b strings.Builder
			for i := range MaxEntries {
				fmt.Fprintf(&b, "ftp://user%d:password%d@host%d.example.org:2121/folder/%d\n", i, i, i, i)
			}
			return b.String()
		}},
		{name: "full .netrc", file: ".netrc", content: func() string {
			var b strings.Builder
			for i := range MaxEntries {
				fmt.Fprintf(&b, "machine host%d.example.org login user%d password \"password%d\"\n", i, i, i)
			}
			return b.String()
		}},
		{name: "full Portside", file: "a.portside", content: func() string {
			return `{"format":"portside-sites","version":1,"sites":[` + strings.Repeat(`{"name":"n","host":"host.example.org","user":"u","notes":"12345678901234"},`, MaxEntries-1) + `{"name":"n","host":"h"}]}`
		}},
		{name: "full WinSCP", file: "WinSCP.ini", content: func() string {
			var b strings.Builder
			for i := range MaxEntries {
				fmt.Fprintf(&b, "[Sessions\\folder/site%d]\nHostName=host%d.example.org\nPortNumber=21\nFSProtocol=5\n", i, i)
			}
			return b.String()
		}},
	}
}

// TestHostileChild is what the child process does.
func TestHostileChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("for the child process of TestHostileFilesAreCheap")
	}
	for i, h := range append(hostiles(), fullFiles()...) {
		path := filepath.Join(dir, fmt.Sprintf("%03d %s", i, strings.ReplaceAll(h.name, "/", " ")), h.file)
		before := cpuTime(t)
		var imp *Import
		var err error
		heap := heapDuring(func() { imp, err = Read(t.Context(), path, ReadOptions{}) })
		spent := cpuTime(t) - before
		full := h.err == "" && h.row == ""
		if v := h.verdict(imp, err); !full && v != "" {
			t.Errorf("%s: %s", h.name, v)
		}
		if full && (err != nil || len(imp.Rows) != MaxEntries) {
			t.Errorf("%s: %v, %v", h.name, imp, err)
		}
		rows := 0
		if imp != nil {
			rows = len(imp.Rows)
		}
		fmt.Printf("%s needed %d ns for %d rows, %d MiB of heap\n", h.name, spent.Nanoseconds(), rows, heap>>20)
	}
}

// heapDuring is the largest heap, garbage included, that is seen while f runs.
func heapDuring(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		most := uint64(0)
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-done:
				peak <- most
				return
			}
		}
	}()
	f()
	close(done)
	return <-peak
}

// cpuTime is the processor time of this process: what others do at the same time does
// not count.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestPipesAndDevices(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "sitemanager.xml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero", "/dev/tty"} {
		if _, err := os.Lstat(path); err != nil {
			t.Logf("there is no %s here", path)
			continue
		}
		// A reader that waited for the pipe's other end would wait for ever.
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		done := make(chan error, 1)
		go func() {
			_, err := Read(ctx, path, ReadOptions{})
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "no ordinary file") {
				t.Errorf("%s: error = %v", path, err)
			}
		case <-ctx.Done():
			t.Errorf("%s: the reader waits", path)
		}
		cancel()
	}
}
