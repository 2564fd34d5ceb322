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
	const (
		most     = 200 << 20
		mostTime = 2 * time.Second
	)
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
	files := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, spent, ok := strings.Cut(lines.Text(), " needed ")
		if !ok {
			continue
		}
		files++
		took, err := time.ParseDuration(strings.Fields(spent)[0])
		if err != nil {
			t.Fatal(err)
		}
		if took > 300*time.Millisecond {
			t.Log(name, spent)
		}
		if !raceDetector && took > mostTime {
			t.Errorf("%s took %v of the processor's time", name, took)
		}
	}
	if want := len(hostiles()) + len(fullFiles()); files != want {
		t.Errorf("the child has read %d files of %d:\n%s", files, want, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not say how much memory a process has used")
	}
	peak := int64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		peak <<= 10 // kibibytes elsewhere
	}
	t.Logf("%d files, %d MiB at most", files, peak>>20)
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
		imp, err := Read(t.Context(), path, ReadOptions{})
		spent := cpuTime(t) - before
		if h.err == "" && (err != nil || len(imp.Rows) == 0) {
			t.Errorf("%s: %v", h.name, err)
		}
		rows := 0
		if imp != nil {
			rows = len(imp.Rows)
		}
		fmt.Printf("%s needed %v for %d rows, %d MiB so far\n", h.name, spent, rows, peakMemory(t)>>20)
	}
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

func peakMemory(t *testing.T) int64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return int64(u.Maxrss) << 10
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
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
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
