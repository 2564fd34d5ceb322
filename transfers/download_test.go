package transfers

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"portside/client"
)

// namesIn returns what is in a local folder, hidden names included.
func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, name string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes, want %d, or they differ", filepath.Base(name), len(got), len(want))
	}
}

func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if got := namesIn(t, dir); !slices.Equal(got, want) {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}

func TestDownload(t *testing.T) {
	for _, size := range []int{0, 1, 5000, 300_000} {
		f := newFake().file("/a", bytesOf(size, 1))
		dir := t.TempDir()
		opt := quick(Fail)
		opt.Times = true
		var last Progress
		opt.Progress = func(p Progress) { last = p }
		f.cut = func(string, string) (int64, error) {
			wantNames(t, dir, ".b.portside-part") // and nothing under the final name yet
			return 0, nil
		}
		sum, err := Download(t.Context(), f, "/a", filepath.Join(dir, "b"), opt)
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, filepath.Join(dir, "b"), bytesOf(size, 1))
		wantNames(t, dir, "b")
		if sum.Files != 1 || sum.Bytes != int64(size) || len(sum.Failed)+len(sum.Notes)+sum.Skipped != 0 {
			t.Errorf("size %d: summary = %+v", size, sum)
		}
		if last.Bytes != int64(size) || last.Total != int64(size) || last.Files != 1 || last.FilesTotal != 1 || last.Moved != int64(size) {
			t.Errorf("size %d: last progress = %+v", size, last)
		}
		fi, err := os.Stat(filepath.Join(dir, "b"))
		if err != nil {
			t.Fatal(err)
		}
		if !fi.ModTime().Equal(epoch()) {
			t.Errorf("modification time = %v, want %v", fi.ModTime(), epoch())
		}
		if len(f.lines("BARE")) != 1 {
			t.Error("the session was not given the file itself, so the kernel cannot move the bytes")
		}
	}
}

func TestDownloadKeepsPermissions(t *testing.T) {
	f := newFake().file("/a", bytesOf(10, 1))
	name := filepath.Join(t.TempDir(), "a")
	write(t, name, []byte("old"))
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Download(t.Context(), f, "/a", name, quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Mode().Perm() != 0o640 {
		t.Errorf("mode = %v, want that of the file before", fi.Mode())
	}
	wantFile(t, name, bytesOf(10, 1))
}

// A failed download leaves the final name as it was, and keeps a partial file
// only where it is of use.
func TestDownloadFails(t *testing.T) {
	const size = 300_000
	tests := []struct {
		name  string
		spoil func(f *fake, opt *Options)
		kept  int64 // bytes of the partial file; 0: none
		want  func(err error) bool
	}{
		{"not found", func(f *fake, _ *Options) { delete(f.nodes, "/a") }, 0, isReply(550)},
		{"is a folder", func(f *fake, _ *Options) { delete(f.nodes, "/a"); f.dir("/a") }, 0, func(err error) bool { return errors.Is(err, ErrIsDir) }},
		{"cut early", func(f *fake, _ *Options) { f.cut = always(1000, brokenData()) }, 0, isA[*client.DataError]},
		{"cut once", func(f *fake, _ *Options) { f.cut = nth(1, 200_000, refuse("", 551, "Disk error.")) }, 200_000, isReply(551)},
		{"cut in text", func(f *fake, o *Options) { o.ASCII = true; f.cut = nth(1, 200_000, refuse("", 551, "Disk error.")) }, 0, isReply(551)},
		{"control lost, no redial", func(f *fake, _ *Options) { f.cut = always(100_000, lostConn()) }, 100_000, isA[*client.LostError]},
		{"endless", func(f *fake, _ *Options) {
			f.mangle = func(_ string, _ int64, d []byte) []byte { return append(d, make([]byte, 10<<20)...) }
		}, 0, isA[*SizeError]},
		{"disk full", func(f *fake, _ *Options) {
			f.cut = always(80_000, &client.LocalIOError{Err: &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}})
		}, 80_000, isLocalKind(LocalFull)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake().file("/a", bytesOf(size, 1))
			f.noHASH = true
			dir := t.TempDir()
			write(t, filepath.Join(dir, "b"), []byte("old"))
			opt := quick(Overwrite)
			tt.spoil(f, &opt)
			sum, err := Download(t.Context(), f, "/a", filepath.Join(dir, "b"), opt)
			if err == nil || !tt.want(err) {
				t.Errorf("error = %v", err)
			}
			if sum.Files != 0 || len(sum.Failed) != 1 || !errors.Is(sum.Failed[0].Err, err) {
				t.Errorf("summary = %+v", sum)
			}
			wantFile(t, filepath.Join(dir, "b"), []byte("old"))
			kept, ok := errors.AsType[*KeptError](err)
			if tt.kept == 0 {
				wantNames(t, dir, "b")
				if ok {
					t.Errorf("error speaks of a partial file: %v", err)
				}
				return
			}
			if !ok || kept.Bytes != tt.kept || kept.Size != size {
				t.Fatalf("error = %v, want one that says that %d bytes are kept", err, tt.kept)
			}
			wantNames(t, dir, ".b.portside-part", "b")
			wantFile(t, kept.Part, bytesOf(size, 1)[:tt.kept])
			if !strings.Contains(err.Error(), kept.Part) || !strings.Contains(Explain(err).Next, "resume") {
				t.Errorf("error %q, advice %+v: the partial file is not mentioned", err, Explain(err))
			}
		})
	}
}

func always(after int64, err error) func(string, string) (int64, error) {
	return func(string, string) (int64, error) { return after, err }
}

// nth lets all transfers pass but one.
func nth(n int, after int64, err error) func(string, string) (int64, error) {
	count := 0
	return func(string, string) (int64, error) {
		if count++; count == n {
			return after, err
		}
		return 0, nil
	}
}

func isReply(code int) func(error) bool {
	return func(err error) bool {
		re, ok := errors.AsType[*client.ReplyError](err)
		return ok && re.Reply.Code == code
	}
}

func isLocalKind(kind LocalKind) func(error) bool {
	return func(err error) bool {
		le, ok := errors.AsType[*LocalError](err)
		return ok && le.Kind == kind
	}
}

func TestDownloadCancelled(t *testing.T) {
	f := newFake().file("/a", bytesOf(1_000_000, 1))
	dir := t.TempDir()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	opt := redialing(f, quick(Overwrite))
	f.cut = func(string, string) (int64, error) {
		cancel(why)
		return 0, nil
	}
	_, err := Download(ctx, f, "/a", filepath.Join(dir, "a"), opt)
	if !errors.Is(err, why) {
		t.Errorf("error = %v, want the reason of the cancellation", err)
	}
	if n := len(f.lines("RETR")); n > 1 {
		t.Errorf("%d tries after the user gave up", n)
	}
	if slices.Contains(namesIn(t, dir), "a") {
		t.Error("the final name exists")
	}
}

func TestDownloadBusy(t *testing.T) {
	f := newFake().file("/a", bytesOf(1000, 1))
	dir := t.TempDir()
	at, err := openPlace(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := openPart(at)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Download(t.Context(), f, "/a", filepath.Join(dir, "a"), quick(Overwrite))
	if !isLocalKind(LocalBusy)(err) {
		t.Errorf("error = %v, want that another transfer writes to it", err)
	}
	p.discard()
	_ = at.root.Close()
	if _, err = Download(t.Context(), f, "/a", filepath.Join(dir, "a"), quick(Overwrite)); err != nil {
		t.Errorf("after the other has ended: %v", err)
	}
}

func TestDownloadBadTargets(t *testing.T) {
	f := newFake().file("/a", bytesOf(1000, 1))
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		local string
		kind  LocalKind
	}{
		{filepath.Join(dir, "missing", "a"), LocalMissing},
		{filepath.Join(dir, "sub"), LocalIsDir},
		{dir + "/sub/", LocalIsDir},
		{dir + "/sub/..", LocalIsDir},
		{filepath.Join(dir, strings.Repeat("x", 256)), LocalBadName},
		{filepath.Join(dir, "a\x00b"), LocalBadName},
	}
	for _, tt := range tests {
		_, err := Download(t.Context(), f, "/a", tt.local, quick(Overwrite))
		if !isLocalKind(tt.kind)(err) {
			t.Errorf("to %.60q: error = %v, want kind %d", tt.local, err, tt.kind)
		}
	}
	wantNames(t, dir, "sub")
	wantNames(t, filepath.Join(dir, "sub"))
	if n := len(f.lines("RETR")); n != 0 {
		t.Errorf("%d transfers were started", n)
	}
}

// Links that somebody planted under the name of the partial file, or the final
// one, are replaced and not written through.
func TestDownloadPlantedLinks(t *testing.T) {
	f := newFake().file("/a", bytesOf(1000, 1))
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	write(t, outside, []byte("precious"))
	for _, name := range []string{".a.portside-part", "a"} {
		if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Download(t.Context(), f, "/a", filepath.Join(dir, "a"), quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, outside, []byte("precious"))
	fi, err := os.Lstat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if !fi.Mode().IsRegular() {
		t.Errorf("a is still a %v", fi.Mode())
	}
	wantFile(t, filepath.Join(dir, "a"), bytesOf(1000, 1))
	wantNames(t, dir, "a")
}

func TestDownloadText(t *testing.T) {
	f := newFake().file("/a.txt", []byte("one\r\ntwo\r\n"))
	name := filepath.Join(t.TempDir(), "a.txt")
	opt := quick(Overwrite)
	opt.ASCII = true
	if _, err := Download(t.Context(), f, "/a.txt", name, opt); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, []byte("one\ntwo\n"))
}
