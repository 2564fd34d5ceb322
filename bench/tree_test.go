//go:build linux

package main

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestShapeNames(t *testing.T) {
	t.Parallel()
	names := smallTree(500).names()
	if len(names) != 500 || names[0] != "folder-000/file-00000.dat" || names[499] != "folder-049/file-00499.dat" {
		t.Errorf("%d names from %s to %s", len(names), names[0], names[len(names)-1])
	}
	folders := map[string]int{}
	for _, name := range names {
		folders[filepath.Dir(name)]++
	}
	if len(folders) != 50 || folders["folder-007"] != 10 {
		t.Errorf("%d folders, %d files in one", len(folders), folders["folder-007"])
	}
}

func TestDifferentCountsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(dir string) error
		wrong int
	}{
		{"nothing", func(string) error { return nil }, 0},
		{"a byte", func(dir string) error {
			name := filepath.Join(dir, "folder-001/file-00005.dat")
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			data[99]++
			return os.WriteFile(name, data, 0o644)
		}, 1},
		{"one short", func(dir string) error { return os.Truncate(filepath.Join(dir, "folder-000/file-00000.dat"), 99) }, 1},
		{"one missing", func(dir string) error { return os.Remove(filepath.Join(dir, "folder-000/file-00000.dat")) }, 1},
		{"one too many", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "folder-000/.in.file-00000.dat."), nil, 0o644)
		}, 1},
		{"one for another", func(dir string) error {
			return os.Rename(filepath.Join(dir, "folder-000/file-00000.dat"), filepath.Join(dir, "folder-000/file-00001.dat"))
		}, 2},
		{"all", os.RemoveAll, 8},
	} {
		want, got := t.TempDir(), t.TempDir()
		tree := shape{folders: 2, files: 8, size: 100}
		if err := errors.Join(tree.make(want), tree.make(got), c.spoil(got)); err != nil {
			t.Fatal(err)
		}
		if wrong, err := different(want, got); err != nil || wrong != c.wrong {
			t.Errorf("%s: %d wrong, want %d (%v)", c.name, wrong, c.wrong, err)
		}
	}
}

func finished(seconds float64, wrong int) finish {
	return finish{cost: cost{wall: time.Duration(seconds * float64(time.Second))}, files: 100, wrong: wrong}
}

func TestRatiosAreToTheFastestRightPeer(t *testing.T) {
	t.Parallel()
	broken := finished(0.1, 0)
	broken.failed = errors.New("exit status 1\nmore")
	r := race{names: []string{"ours", "a", "b"}, runs: [][]finish{
		{finished(1, 0), finished(2, 0), finished(1, 0)},
		{finished(4, 0), finished(0.5, 100), broken}, // fast, and wrong
		{finished(3, 0), finished(8, 0), finished(0.2, 1)},
	}}
	got := r.ratios(finish.rate, 0)
	// In the third round, no peer did it right.
	if len(got) != 2 || got[0] < 2.99 || got[0] > 3.01 || got[1] < 3.99 || got[1] > 4.01 {
		t.Errorf("ratios = %v, want 3 and 4", got)
	}
	r.runs[2][0].connections = 28
	if got = r.ratios(finish.rate, 10); len(got) != 2 || got[0] < 3.99 {
		t.Errorf("ratios with 10 connections = %v, want 4 first: the faster peer had 28", got)
	}
	if got := note(r.runs[1]); got != "100 of 100 files WRONG; FAILED: exit status 1" {
		t.Errorf("note = %q", got)
	}
}

func TestTripsAFile(t *testing.T) {
	t.Parallel()
	if got := finished(9.2, 0).trips(); got < 2.299 || got > 2.301 {
		t.Errorf("9.2 s for 100 files at 40 ms are %v round trips a file, want 2.3", got)
	}
}

func TestReportOfRaces(t *testing.T) {
	t.Parallel()
	down := &race{names: []string{"ours", "peer"}, runs: [][]finish{{finished(1, 0)}, {finished(4, 0)}}}
	up := &race{names: down.names, runs: [][]finish{{finished(2, 0)}, {finished(4, 0)}}}
	var r report
	down.runs[1][0].connections = 28
	r.rates(down, up, 0, 3)
	r.rates(down, up, 10, 3)
	r.trips(down, up)
	var b strings.Builder
	r.print(&b)
	for _, want := range []string{
		"ours                                               100.0      50.0",
		"ratio  4.00  at least 3.00: met",
		"ratio  2.00  at least 3.00: MISSED",
		"down, round trips a file                              0.25  at most 2.30: met",
		"28 connections",
		"down, to the fastest peer with 10 connections  ratio  0.00  at least 3.00: MISSED",
		"down, to the fastest peer with any number      ratio  4.00",
		"3 targets were MISSED",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("report lacks %q:\n%s", want, &b)
		}
	}
}

func TestHasFlag(t *testing.T) {
	t.Parallel()
	for help, want := range map[string]bool{
		"      --jobs N   use N connections":             true,
		"  -j, --jobs N   use N connections":             true,
		"      --jobs-file FILE":                         false,
		"      --retries N   more jobs":                  false,
		"      --jobs N[=\"10\"]":                        true,
		"      --transcript FILE[=\"-\"]   write --jobs": true,
	} {
		if got := hasFlag(help, "--jobs"); got != want {
			t.Errorf("hasFlag(%q) = %v", help, got)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	var names []string
	chosen, err := choose("tls,small")
	for _, m := range chosen {
		names = append(names, m.name)
	}
	if err != nil || !slices.Equal(names, []string{"tls", "small"}) {
		t.Errorf("chosen %v, %v", names, err)
	}
	if all, err := choose(""); err != nil || len(all) != len(measurements()) {
		t.Errorf("without a choice %d, %v", len(all), err)
	}
	if _, err := choose("smal"); err == nil {
		t.Error("a measurement that does not exist was chosen")
	}
}

func TestCurlConfig(t *testing.T) {
	t.Parallel()
	job := task{srv: &server{Addr: "198.18.0.2:21"}, files: []string{"a/b"}}
	if got, want := curlConfig(job, true, "/m"), "url = \"ftp://198.18.0.2:21/tree/a/b\"\nupload-file = \"/m/a/b\"\n"; got != want {
		t.Errorf("up: %q", got)
	}
	if got, want := curlConfig(job, false, "/m"), "url = \"ftp://198.18.0.2:21/tree/a/b\"\noutput = \"/m/a/b\"\n"; got != want {
		t.Errorf("down: %q", got)
	}
}

func TestSameContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		full := filepath.Join(dir, name)
		if err := os.WriteFile(full, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return full
	}
	data := make([]byte, 2<<20) // two whole pieces
	a, b, short := file("a", data), file("b", data), file("short", data[:1<<20])
	data[len(data)-1] = 1
	other := file("other", data)
	if err := sameContent(a, b); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{a, other}, {a, short}, {short, a}} {
		if sameContent(c[0], c[1]) == nil {
			t.Errorf("%s was taken for %s", c[1], c[0])
		}
	}
}

// The connections to a port are counted at the server's end, and no others.
func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	srv := &server{pid: os.Getpid(), port: netip.MustParseAddrPort(l.Addr().String()).Port()}
	for want := range 4 {
		n := srv.established()
		for range 100 {
			if n == want {
				break
			}
			time.Sleep(10 * time.Millisecond) // the kernel's table may lag
			n = srv.established()
		}
		if n != want {
			t.Errorf("%d connections are counted, want %d", n, want)
		}
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp4", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
}
