package transfers

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"portside/client/listing"
)

// What may be gone on from is; what may not is fetched anew. Either way the
// result is the same file.
func TestResumeDownload(t *testing.T) {
	const size = 500_000
	whole := bytesOf(size, 1)
	spoiled := func(n, at int) []byte {
		b := slices.Clone(whole[:n])
		b[at] ^= 1
		return b
	}
	newer, older := epoch().Add(time.Hour), epoch().Add(-time.Hour)
	tests := []struct {
		name  string
		part  []byte // under the partial name
		final []byte // under the final name
		time  time.Time
		spoil func(f *fake)
		retrs []string
		hash  int
	}{
		{"partial file", whole[:200_000], nil, newer, nil, []string{"RETR /a @134464"}, 1},
		{"no hash", whole[:200_000], nil, newer, func(f *fake) { f.noHASH = true }, []string{"RETR /a @134464"}, 0},
		{"small partial file", whole[:100], nil, newer, nil, []string{"RETR /a @0"}, 1},
		{"complete partial file", whole, nil, newer, nil, nil, 1},
		{"complete partial file, no hash", whole, nil, newer, func(f *fake) { f.noHASH = true }, []string{"RETR /a @434464"}, 0},
		{"complete partial file differs", spoiled(size, 10), nil, newer, nil, []string{"RETR /a @0"}, 2},
		{"empty partial file", []byte{}, nil, newer, nil, []string{"RETR /a @0"}, 1},
		{"partial file too long", append(slices.Clone(whole), 1), nil, newer, nil, []string{"RETR /a @0"}, 1},
		{"differs in the sample", spoiled(200_000, 199_999), nil, newer, nil, []string{"RETR /a @134464", "RETR /a @0"}, 1},
		{"differs at the sample's start", spoiled(200_000, 134_464), nil, newer, nil, []string{"RETR /a @134464", "RETR /a @0"}, 1},
		{"differs before the sample", spoiled(200_000, 134_463), nil, newer, nil, []string{"RETR /a @134464", "RETR /a @0"}, 2},
		{"source is newer", whole[:200_000], nil, older, nil, []string{"RETR /a @0"}, 1},
		{"source has a coarse time", whole[:200_000], nil, older, func(f *fake) { f.plain, f.noMDTM = true, true }, []string{"RETR /a @134464"}, 1},
		{"REST refused", whole[:200_000], nil, newer, func(f *fake) { f.noREST = true }, []string{"RETR /a @134464", "RETR /a @0"}, 1},
		{"REST ignored", whole[:200_000], nil, newer, func(f *fake) { f.ignoreREST = true }, []string{"RETR /a @134464", "RETR /a @0"}, 1},

		{"final file", nil, whole[:200_000], newer, nil, []string{"RETR /a @134464"}, 1},
		{"final file differs", nil, spoiled(200_000, 199_999), newer, nil, []string{"RETR /a @134464", "RETR /a @0"}, 1},
		{"final file complete", nil, whole, newer, nil, nil, 1},
		{"final file complete, no hash", nil, whole, newer, func(f *fake) { f.noHASH = true }, []string{"RETR /a @434464"}, 0},
		{"final file of equal size differs", nil, spoiled(size, 10), newer, nil, []string{"RETR /a @0"}, 2},
		{"final file of equal size differs, no hash", nil, spoiled(size, size-1), newer, func(f *fake) { f.noHASH = true }, []string{"RETR /a @434464", "RETR /a @0"}, 0},
		{"final file too long", nil, append(slices.Clone(whole), 1), newer, nil, []string{"RETR /a @0"}, 1},
		{"both", whole[:300_000], whole[:200_000], newer, nil, []string{"RETR /a @234464"}, 1},
		{"nothing", nil, nil, newer, nil, []string{"RETR /a @0"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake().file("/a", whole)
			if tt.spoil != nil {
				tt.spoil(f)
			}
			dir := t.TempDir()
			for name, data := range map[string][]byte{".a.portside-part": tt.part, "a": tt.final} {
				if data == nil {
					continue
				}
				write(t, filepath.Join(dir, name), data)
				if err := os.Chtimes(filepath.Join(dir, name), tt.time, tt.time); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Download(t.Context(), f, "/a", filepath.Join(dir, "a"), redialing(f, quick(Resume)))
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, filepath.Join(dir, "a"), whole)
			wantNames(t, dir, "a")
			if got := f.lines("RETR"); !slices.Equal(got, tt.retrs) {
				t.Errorf("sent %q, want %q", got, tt.retrs)
			}
			if got := len(f.lines("HASH")); got != tt.hash {
				t.Errorf("%d hashes asked for, want %d", got, tt.hash)
			}
		})
	}
}

// Without the rule Resume, what lies around is not used.
func TestOverwriteIgnoresPartialFile(t *testing.T) {
	f := newFake().file("/a", bytesOf(300_000, 1))
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".a.portside-part"), bytesOf(200_000, 1))
	if _, err := Download(t.Context(), f, "/a", filepath.Join(dir, "a"), quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	if got := f.lines("RETR"); !slices.Equal(got, []string{"RETR /a @0"}) {
		t.Errorf("sent %q", got)
	}
	wantFile(t, filepath.Join(dir, "a"), bytesOf(300_000, 1))
}

// A partial file that was kept knows its source's time: a source that was
// changed afterwards is not mixed into it, even with the same bytes around.
func TestKeptPartialFileKnowsItsSource(t *testing.T) {
	f := newFake().file("/a", make([]byte, 400_000))
	f.noHASH = true
	f.cut = nth(1, 200_000, lostConn())
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if _, err := Download(t.Context(), f, "/a", name, quick(Resume)); !isA[*KeptError](err) {
		t.Fatalf("error = %v", err)
	}
	changed := make([]byte, 400_000)
	copy(changed, "changed")
	f.file("/a", changed)
	f.nodes["/a"].mtime = epoch().Add(time.Minute) // long before the partial file was written
	if _, err := Download(t.Context(), f.again(), "/a", name, quick(Resume)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, changed)
}

// The size of a link is the length of its name, and says nothing of the file.
func TestDownloadLinkSize(t *testing.T) {
	if src := sourceOf("/ln", listing.Entry{Type: listing.Link, Size: 5}); src.size != listing.UnknownSize {
		t.Errorf("size = %d, want unknown", src.size)
	}
	f := newFake().file("/real", bytesOf(5000, 1)).link("/ln", "/real")
	name := filepath.Join(t.TempDir(), "ln")
	if _, err := Download(t.Context(), f, "/ln", name, quick(Overwrite)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, name, bytesOf(5000, 1))
}
