package transfers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"portside/client"
)

// spoils changes one byte of what RETR sends, the first n times.
func spoils(n int) func(string, int64, []byte) []byte {
	return func(_ string, _ int64, d []byte) []byte {
		if n--; n >= 0 {
			d[len(d)/2] ^= 1
		}
		return d
	}
}

// A file that arrived wrong is fetched once more; one that is wrong twice is
// kept under a name that says so, and never under its own.
func TestDownloadComparesChecksums(t *testing.T) {
	whole := bytesOf(300_000, 1)
	tests := []struct {
		name   string
		wrong  int // how often
		rule   VerifyRule
		noHash bool
		fails  bool
		hashes int
	}{
		{"right", 0, VerifyAuto, false, false, 1},
		{"wrong once", 1, VerifyAuto, false, false, 2},
		{"wrong twice", 2, VerifyAuto, false, true, 2},
		{"wrong, always", 2, VerifyAlways, false, true, 2},
		{"never", 0, VerifyNever, false, false, 0},
		{"no checksum", 0, VerifyAuto, true, false, 0},
		{"no checksum, always", 0, VerifyAlways, true, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake().file("/a", whole)
			f.noHASH = tt.noHash
			f.mangle = spoils(tt.wrong)
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a"), []byte("old"))
			opt := quick(Overwrite)
			opt.Verify = tt.rule
			out, err := Move(t.Context(), f, File{Remote: "/a", Root: dir, Local: "a"}, opt)
			if n := len(f.lines("HASH")); n != tt.hashes {
				t.Errorf("%d checksums asked for, want %d", n, tt.hashes)
			}
			if !tt.fails {
				if err != nil {
					t.Fatal(err)
				}
				wantFile(t, filepath.Join(dir, "a"), whole)
				wantNames(t, dir, "a")
				if noted := len(out.Notes) > 0; noted != (tt.noHash && tt.rule == VerifyAlways) {
					t.Errorf("notes %+v", out.Notes)
				}
				return
			}
			he, ok := errors.AsType[*HashError](err)
			if !ok || he.Kept != filepath.Join(dir, "a.portside-wrong") || he.Here == he.There {
				t.Fatalf("error %v", err)
			}
			if j := Judge(err); j.Again || !j.NeedsUser {
				t.Errorf("judged %+v", j)
			}
			if a := Explain(err); !strings.Contains(a.Sentence, "checksum") || a.Next == "" {
				t.Errorf("advice %+v", a)
			}
			wantNames(t, dir, "a", "a.portside-wrong")
			wantFile(t, filepath.Join(dir, "a"), []byte("old"))
		})
	}
}

// Of small files that came in one piece, few cost a round trip more.
func TestChecksumsOfSmallFiles(t *testing.T) {
	f := newFake()
	dir := t.TempDir()
	for i := range 400 {
		name := fmt.Sprintf("/f%03d", i)
		f.file(name, bytesOf(100, byte(i)))
		if _, err := Move(t.Context(), f, File{Remote: name, Root: dir, Local: name[1:]}, quick(Ask)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.lines("HASH")); n < 10 || n > 45 {
		t.Errorf("%d of 400 were compared, want about one in 16", n)
	}
}

func TestUploadComparesChecksums(t *testing.T) {
	whole := bytesOf(300_000, 1)
	for _, temp := range []bool{false, true} {
		for wrong := range 3 {
			f := newFake().file("/a", []byte("old"))
			left := wrong
			f.on = func(verb, p string) error {
				if n := f.nodes[p]; verb == "HASH" && left > 0 {
					left--
					n.data[1000] ^= 1
				}
				return nil
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a"), whole)
			opt := quick(Overwrite)
			opt.TempUpload = temp
			_, err := Move(t.Context(), f, File{Direction: Uploading, Remote: "/a", Root: dir, Local: "a"}, opt)
			names := []string{"/"}
			for name := range f.nodes {
				names = append(names, name)
			}
			slices.Sort(names)
			names = slices.Compact(names)
			if wrong < 2 {
				if err != nil || !slices.Equal(f.content("/a"), whole) || len(names) != 2 {
					t.Errorf("temp %v, wrong %d: %v, names %q", temp, wrong, err, names)
				}
				continue
			}
			he, ok := errors.AsType[*HashError](err)
			if !ok || he.Kept != "/a.portside-wrong" || !f.exists(he.Kept) {
				t.Errorf("temp %v: %v, names %q", temp, err, names)
			}
			// By a temporary name the old file is never touched.
			if temp != f.exists("/a") || (temp && string(f.content("/a")) != "old") || len(names) != 2+btoi(temp) {
				t.Errorf("temp %v: names %q", temp, names)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What a server sends twice, to the same end, is the file, whatever size it
// says; what it cuts short is gone on with.
func TestSizesThatAreNotTrue(t *testing.T) {
	const size = 300_000
	whole := bytesOf(size, 1)
	for _, said := range []int64{0, 1, 100_000, size - 1, size + 1, size + 70_000, 2 * size, 10_000_000} {
		for _, noREST := range []bool{false, true} {
			for _, everywhere := range []bool{false, true} {
				f := newFake().file("/a", whole)
				f.noREST, f.lyingSIZE = noREST, everywhere
				f.sizeLie = map[string]int64{"/a": said}
				dir := t.TempDir()
				out, err := Move(t.Context(), f, File{Remote: "/a", Root: dir, Local: "a"}, quick(Ask))
				what := fmt.Sprintf("size %d, noREST %v, SIZE as well %v", said, noREST, everywhere)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					continue
				}
				wantFile(t, filepath.Join(dir, "a"), whole)
				wantNames(t, dir, "a")
				if noted := len(out.Notes) == 1; noted != everywhere || out.Size != size {
					t.Errorf("%s: %+v", what, out)
				}
			}
		}
	}
}

func TestDataClosedEarly(t *testing.T) {
	const size = 400_000
	whole := bytesOf(size, 1)
	for _, noREST := range []bool{false, true} {
		f := newFake().file("/a", whole)
		f.noREST = noREST
		n := 0
		f.mangle = func(_ string, _ int64, d []byte) []byte {
			if n++; n == 1 {
				return d[:150_000]
			}
			return d
		}
		dir := t.TempDir()
		out, err := Move(t.Context(), f, File{Remote: "/a", Root: dir, Local: "a"}, quick(Ask))
		if err != nil || len(out.Notes) != 0 {
			t.Fatalf("noREST %v: %+v, %v", noREST, out, err)
		}
		wantFile(t, filepath.Join(dir, "a"), whole)
		if !noREST && out.Moved > size+sampleSize {
			t.Errorf("%d bytes moved: not gone on from where it was cut", out.Moved)
		}
	}
}

// The control connection ends after the last byte: the next session sees that
// all is there, and moves at most a sample.
func TestReplyLostAfterLastByte(t *testing.T) {
	for _, size := range []int{10, 50_000, 400_000} {
		for _, silent := range []bool{false, true} { // 226 never comes, not on the second session either
			f := newFake().file("/a", bytesOf(size, 1))
			f.cut = nth(1, int64(size), lostConn())
			if silent {
				f.cut = func(string, string) (int64, error) {
					f.cut = always(int64(min(size, sampleSize)), lostConn())
					return int64(size), lostConn()
				}
			}
			dir := t.TempDir()
			file := File{Remote: "/a", Root: dir, Local: "a"}
			_, err := Move(t.Context(), f, file, quick(Overwrite))
			if j := Judge(err); err == nil || !j.Again || !j.SessionLost {
				t.Fatalf("size %d: %v, %+v", size, err, j)
			}
			file.GoOn = true
			out, err := Move(t.Context(), f.again(), file, quick(Overwrite))
			if err != nil || out.Moved > sampleSize {
				t.Errorf("size %d, silent %v: %+v, %v", size, silent, out, err)
			}
			wantFile(t, filepath.Join(dir, "a"), bytesOf(size, 1))
			wantNames(t, dir, "a")
		}
	}
}

func TestUploadReplyLost(t *testing.T) {
	whole := bytesOf(300_000, 1)
	for _, temp := range []bool{false, true} {
		for _, verb := range []string{"STOR", "RNTO"} {
			if verb == "RNTO" && !temp {
				continue
			}
			f := newFake()
			if verb == "STOR" {
				f.cut = first("STOR", int64(len(whole)), lostConn())
			} else {
				done := false
				f.on = func(v, p string) error {
					if v != "RNTO" || done {
						return nil
					}
					done = true
					from, to, _ := strings.Cut(p, " ")
					f.nodes[to] = f.nodes[from]
					delete(f.nodes, from)
					return lostConn()
				}
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a"), whole)
			if err := os.Chtimes(filepath.Join(dir, "a"), epoch(), epoch()); err != nil {
				t.Fatal(err)
			}
			opt := quick(Ask)
			opt.TempUpload, opt.Times = temp, true
			file := File{Direction: Uploading, Remote: "/a", Root: dir, Local: "a"}
			if _, err := Move(t.Context(), f, file, opt); !Judge(err).SessionLost {
				t.Fatalf("%s: %v", verb, err)
			}
			file.Settled, file.GoOn = Settled{Action: Overwrite, Name: "/a"}, true
			out, err := Move(t.Context(), f.again(), file, opt)
			if err != nil || out.Skipped || len(f.lines("STOR")) != 1 || len(f.nodes) != 2 {
				t.Errorf("temp %v, %s: %+v, %v, %q", temp, verb, out, err, f.log)
			}
			if !slices.Equal(f.content("/a"), whole) || !f.nodes["/a"].mtime.Equal(epoch()) {
				t.Errorf("temp %v, %s: not the file, or not its time %v", temp, verb, f.nodes["/a"].mtime)
			}
		}
	}
}

// A disk that was full goes on where it stopped, later.
func TestDiskFullThenFreed(t *testing.T) {
	whole := bytesOf(300_000, 1)
	f := newFake().file("/a", whole)
	full := errors.Join(&client.LocalIOError{Err: fullDisk()})
	f.cut = nth(1, 180_000, full)
	dir := t.TempDir()
	file := File{Remote: "/a", Root: dir, Local: "a"}
	_, err := Move(t.Context(), f, file, quick(Ask))
	if j := Judge(err); !j.Again || j.Wait < 10*time.Second || j.SessionLost {
		t.Fatalf("%v: %+v", err, j)
	}
	file.GoOn = true
	out, err := Move(t.Context(), f.again(), file, quick(Ask))
	if err != nil || out.Moved > 200_000 {
		t.Errorf("%+v, %v", out, err)
	}
	wantFile(t, filepath.Join(dir, "a"), whole)
	wantNames(t, dir, "a")
}

func fullDisk() error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }
