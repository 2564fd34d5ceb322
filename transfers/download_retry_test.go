package transfers

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What breaks on the way is gone on with, from where it broke.
func TestDownloadRetries(t *testing.T) {
	const size = 1_000_000
	tests := []struct {
		name  string
		spoil func(f *fake)
		retrs []string
	}{
		{
			"data connection", func(f *fake) { f.cut = nth(1, 400_000, brokenData()) },
			[]string{"RETR /a @0", "RETR /a @334464"},
		},
		{"twice", func(f *fake) {
			first, second := nth(1, 400_000, brokenData()), nth(2, 200_000, refuse("", 426, "Aborted."))
			f.cut = func(v, p string) (int64, error) {
				if n, err := first(v, p); err != nil {
					_, _ = second(v, p)
					return n, err
				}
				return second(v, p)
			}
		}, []string{"RETR /a @0", "RETR /a @334464", "RETR /a @468928"}},
		{
			"control connection", func(f *fake) { f.cut = nth(1, 400_000, lostConn()) },
			[]string{"RETR /a @0", "RETR /a @334464"},
		},
		{
			"421", func(f *fake) { f.cut = nth(1, 400_000, refuse("RETR", 421, "Shutting down.")) },
			[]string{"RETR /a @0", "RETR /a @334464"},
		},
		{
			"less than a sample", func(f *fake) { f.cut = nth(1, 10_000, brokenData()) },
			[]string{"RETR /a @0", "RETR /a @0"},
		},
		{
			"reply lost after the last byte", func(f *fake) { f.noHASH = true; f.cut = nth(1, size, lostConn()) },
			[]string{"RETR /a @0", "RETR /a @934464"},
		},
		{
			"reply lost after the last byte, checksum", func(f *fake) { f.cut = nth(1, size, lostConn()) },
			[]string{"RETR /a @0"},
		},
		{"in the sample", func(f *fake) {
			first, second := nth(1, 400_000, brokenData()), nth(2, 10_000, brokenData())
			f.cut = func(v, p string) (int64, error) {
				n, err := first(v, p)
				m, serr := second(v, p)
				if err != nil {
					return n, err
				}
				return m, serr
			}
		}, []string{"RETR /a @0", "RETR /a @334464", "RETR /a @334464"}},
		{
			"REST ignored", func(f *fake) { f.ignoreREST = true; f.cut = nth(1, 400_000, brokenData()) },
			[]string{"RETR /a @0", "RETR /a @334464", "RETR /a @0"},
		},
		{
			"REST refused", func(f *fake) { f.noREST = true; f.cut = nth(1, 400_000, brokenData()) },
			[]string{"RETR /a @0", "RETR /a @334464", "RETR /a @0"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake().file("/a", bytesOf(size, 1))
			tt.spoil(f)
			dir := t.TempDir()
			sum, err := Download(t.Context(), f, "/a", filepath.Join(dir, "a"), redialing(f, quick(Overwrite)))
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "a"), bytesOf(size, 1))
			wantNames(t, dir, "a")
			if got := f.lines("RETR"); !slices.Equal(got, tt.retrs) {
				t.Errorf("sent %q, want %q", got, tt.retrs)
			}
			if sum.Files != 1 || len(sum.Failed) != 0 {
				t.Errorf("summary = %+v", sum)
			}
		})
	}
}

// A server that ignores REST and sends a file whose parts are alike passes the
// comparison, but not the size.
func TestDownloadRestIgnoredAlike(t *testing.T) {
	f := newFake().file("/zero", make([]byte, 500_000))
	f.ignoreREST, f.cut = true, nth(1, 200_000, brokenData())
	dir := t.TempDir()
	if _, err := Download(t.Context(), f, "/zero", filepath.Join(dir, "z"), redialing(f, quick(Overwrite))); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "z"), make([]byte, 500_000))
}

// The source is another one when the connection is back.
func TestDownloadSourceChanges(t *testing.T) {
	f := newFake().file("/a", bytesOf(400_000, 1))
	f.cut = nth(1, 200_000, lostConn())
	opt := redialing(f, quick(Overwrite))
	redial := opt.Redial
	opt.Redial = func(ctx context.Context) (Remote, error) {
		f.mu.Lock()
		// The same size and the same bytes around the end of the part.
		data := bytesOf(400_000, 1)
		copy(data, "changed")
		f.nodes["/a"] = &node{typ: f.nodes["/a"].typ, data: data, mtime: epoch().Add(time.Minute)}
		f.mu.Unlock()
		return redial(ctx)
	}
	name := filepath.Join(t.TempDir(), "a")
	if _, err := Download(t.Context(), f, "/a", name, opt); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, f.content("/a"))
}

// A log that grows while it is fetched is complete as far as it was sent.
func TestDownloadGrowingFile(t *testing.T) {
	f := newFake().file("/log", bytesOf(2000, 1))
	f.sizeLie = map[string]int64{"/log": 1000}
	name := filepath.Join(t.TempDir(), "log")
	if _, err := Download(t.Context(), f, "/log", name, quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, bytesOf(2000, 1))
}
