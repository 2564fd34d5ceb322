package transfers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portside/client"
	"portside/client/listing"
)

// sample is a tree with an empty folder, an empty file and odd names.
func sampleTree() *fake {
	return newFake().
		file("/top/a.txt", bytesOf(1000, 1)).
		file("/top/empty", nil).
		file("/top/sub/b", bytesOf(70_000, 2)).
		file("/top/sub/deep/中文 🚢", bytesOf(10, 3)).
		file("/top/caf\xe9", bytesOf(20, 4)).
		dir("/top/void")
}

func TestDownloadTree(t *testing.T) {
	f := sampleTree()
	dir := filepath.Join(t.TempDir(), "new", "copy")
	var scanned, last Progress
	opt := quick(Fail)
	opt.Progress = func(p Progress) {
		if p.Scanning {
			scanned = p
		}
		last = p
	}
	sum, err := DownloadTree(t.Context(), f, "/top", dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Files != 5 || sum.Dirs != 4 || sum.Bytes != 71_030 {
		t.Errorf("summary = %+v", sum)
	}
	wantNames(t, dir, "a.txt", "caf\xe9", "empty", "sub", "void")
	wantFile(t, filepath.Join(dir, "a.txt"), bytesOf(1000, 1))
	wantFile(t, filepath.Join(dir, "sub", "b"), bytesOf(70_000, 2))
	wantFile(t, filepath.Join(dir, "sub", "deep", "中文 🚢"), bytesOf(10, 3))
	wantFile(t, filepath.Join(dir, "caf\xe9"), bytesOf(20, 4))
	if !scanned.Scanning || last.Files != 5 || last.FilesTotal != 5 || last.Bytes != 71_030 || last.Total != 71_030 || last.Scanning {
		t.Errorf("while scanning %+v, at the end %+v", scanned, last)
	}
	if n := len(f.lines("LIST")); n != 4 {
		t.Errorf("%d listings of 4 folders", n)
	}
}

// What a server sends stays in the target folder, and what fails does not stop
// the rest.
func TestDownloadTreeHostileNames(t *testing.T) {
	f := newFake().dir("/top").file("/top/good", bytesOf(10, 1))
	hostile := []string{"../evil", "..", ".", "/tmp/evil", "a/b", "nul\x00byte"}
	for i, name := range hostile {
		f.nodes[fmt.Sprintf("/top/|%d", i)] = &node{typ: listing.File, data: []byte("evil"), order: 100 + i}
		_ = name
	}
	f.file("/top/last", bytesOf(10, 2))
	r := renaming{fake: f, names: hostile}
	outer := t.TempDir()
	dir := filepath.Join(outer, "target")
	sum, err := DownloadTree(t.Context(), r, "/top", dir, quick(Overwrite))
	if !isA[*IncompleteError](err) || len(sum.Failed) != len(hostile) {
		t.Errorf("error = %v, %d failures, want %d", err, len(sum.Failed), len(hostile))
	}
	for _, failed := range sum.Failed {
		if !errors.Is(failed.Err, client.ErrBadName) && !isA[*LocalError](failed.Err) {
			t.Errorf("%q: error %v has no known type", failed.Path, failed.Err)
		}
	}
	wantNames(t, dir, "good", "last")
	wantNames(t, outer, "target")
}

// renaming lists "|0", "|1" under other names.
type renaming struct {
	*fake
	names []string
}

func (r renaming) List(ctx context.Context, p string) (*listing.Listing, error) {
	l, err := r.fake.List(ctx, p)
	if err != nil {
		return nil, err
	}
	for i, e := range l.Entries {
		if num, ok := strings.CutPrefix(e.Name, "|"); ok {
			l.Entries[i].Name = r.names[num[0]-'0']
		}
	}
	return l, nil
}

// A link that leads out of the target folder is not followed, neither for a
// folder nor for a file.
func TestDownloadTreeLocalLinks(t *testing.T) {
	f := newFake().file("/top/sub/a", bytesOf(10, 1)).file("/top/b", bytesOf(10, 2)).file("/top/in/c", bytesOf(10, 3))
	outside, dir := t.TempDir(), t.TempDir()
	for name, to := range map[string]string{"sub": outside, "b": filepath.Join(outside, "b"), "in": "real"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o777); err != nil {
		t.Fatal(err)
	}
	sum, err := DownloadTree(t.Context(), f, "/top", dir, quick(Overwrite))
	if !isLocalKind(LocalEscape)(err) || len(sum.Failed) != 1 || sum.Failed[0].Path != "/top/sub" {
		t.Errorf("error = %v, summary %+v: want the escape refused", err, sum)
	}
	wantNames(t, outside)
	wantFile(t, filepath.Join(dir, "b"), bytesOf(10, 2))
	wantFile(t, filepath.Join(dir, "real", "c"), bytesOf(10, 3))
}

func TestDownloadTreeRemoteLinks(t *testing.T) {
	build := func() *fake {
		return newFake().file("/else/x", bytesOf(10, 1)).file("/else/y", bytesOf(20, 2)).
			link("/top/file", "/else/x").link("/top/folder", "/else").link("/top/broken", "/nowhere").
			file("/top/plain", bytesOf(30, 3))
	}
	dir := t.TempDir()
	sum, err := DownloadTree(t.Context(), build(), "/top", dir, quick(Overwrite))
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, "file", "plain")
	wantFile(t, filepath.Join(dir, "file"), bytesOf(10, 1))
	if sum.Files != 2 || sum.Skipped != 2 || len(sum.Notes) != 2 {
		t.Errorf("summary = %+v", sum)
	}
	dir = t.TempDir()
	opt := quick(Overwrite)
	opt.FollowLinks = true
	if _, err = DownloadTree(t.Context(), build(), "/top", dir, opt); err != nil {
		t.Fatal(err)
	}
	wantNames(t, filepath.Join(dir, "folder"), "x", "y")
	wantFile(t, filepath.Join(dir, "folder", "y"), bytesOf(20, 2))
}

// Loops end by themselves, through the likeness of the listings.
func TestDownloadTreeLoops(t *testing.T) {
	f := newFake().file("/top/a", bytesOf(10, 1)).link("/top/loop", "/top")
	opt := quick(Overwrite)
	opt.FollowLinks = true
	dir := t.TempDir()
	sum, err := DownloadTree(t.Context(), f, "/top", dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.lines("LIST")); n > 5 {
		t.Errorf("%d listings of a loop", n)
	}
	if len(sum.Notes) != 1 || !strings.Contains(sum.Notes[0].Text, "contains itself") {
		t.Errorf("notes = %+v", sum.Notes)
	}
	wantFile(t, filepath.Join(dir, "a"), bytesOf(10, 1))
}

func TestDownloadTreeLimits(t *testing.T) {
	deep, wide := newFake(), newFake()
	p := "/top"
	for range 10 {
		p += "/d"
	}
	deep.file(p+"/x", nil)
	for i := range 20 {
		wide.file(fmt.Sprintf("/top/%d", i), nil)
	}
	opt := quick(Overwrite)
	opt.MaxDepth, opt.MaxEntries = 5, 10
	deep.file("/top/near", nil)
	for _, f := range []*fake{deep, wide} {
		dir := t.TempDir()
		if _, err := DownloadTree(t.Context(), f, "/top", dir, opt); !isA[*LimitError](err) {
			t.Errorf("error = %v, want a limit", err)
		}
		if f == deep {
			wantNames(t, dir, "d", "near")
		} else {
			wantNames(t, dir)
		}
		if _, err := DeleteTree(t.Context(), f, "/top", opt); !isA[*LimitError](err) {
			t.Errorf("error = %v, want a limit", err)
		}
		if n := len(f.lines("DELE")) + len(f.lines("RMD")); n != 0 {
			t.Errorf("%d things deleted before the listing was complete", n)
		}
	}
}

// Two names of the server that are one here: the second does not overwrite the
// first.
func TestDownloadTreeClashes(t *testing.T) {
	f := latin1()
	f.file("/top/caf\xe9", bytesOf(10, 1))
	f.text = func(raw string) string { return strings.ToLower(latin1().text(raw)) }
	f.encode = func(s string) (string, error) { return "CAF\xe9", nil }
	f.file("/top/CAF\xe9", bytesOf(10, 2))
	n := NewLocalNames(f, t.TempDir())
	n.goos, n.folds = "linux", false
	for _, raw := range []string{"readme", "README", "Readme"} {
		if name, note, err := n.Take(raw); err != nil || note != "" || !strings.EqualFold(name, raw) {
			t.Errorf("%s: %q, %q, %v", raw, name, note, err)
		}
	}
	// The same text.
	first, _, err := n.Take("CAF\xe9")
	if err != nil {
		t.Fatal(err)
	}
	second, note, err := n.Take("CAF\xe9")
	if err != nil || first == second || !strings.Contains(note, second) {
		t.Errorf("%q and %q, %q, %v", first, second, note, err)
	}
}

// Names that this package keeps for itself come under others, which a note says.
func TestDownloadTreeMapsNames(t *testing.T) {
	f := newFake().file("/top/.x.portside-part", bytesOf(10, 1)).file("/top/.y.portside-part/a", bytesOf(10, 2))
	dir := t.TempDir()
	sum, err := DownloadTree(t.Context(), f, "/top", dir, quick(Fail))
	if err != nil || len(sum.Notes) != 2 || !strings.Contains(sum.Notes[0].Text, "%2Ex.portside-part") {
		t.Errorf("%+v, %v", sum, err)
	}
	wantFile(t, filepath.Join(dir, "%2Ex.portside-part"), bytesOf(10, 1))
	wantFile(t, filepath.Join(dir, "%2Ey.portside-part", "a"), bytesOf(10, 2))
}

// A file that fails does not stop the others; a lost connection does.
func TestDownloadTreeFailures(t *testing.T) {
	f := newFake()
	for _, name := range []string{"a", "b", "c"} {
		f.file("/top/"+name, bytesOf(1000, 1))
	}
	f.file("/top/locked/x", nil)
	f.on = func(verb, p string) error {
		if verb == "RETR" && strings.HasPrefix(p, "/top/b") || verb == "LIST" && p == "/top/locked" {
			return refuse(verb, 550, "Permission denied.")
		}
		return nil
	}
	dir := t.TempDir()
	sum, err := DownloadTree(t.Context(), f, "/top", dir, quick(Overwrite))
	incomplete, ok := errors.AsType[*IncompleteError](err)
	if !ok || len(incomplete.Failed) != 2 || sum.Files != 2 {
		t.Errorf("error = %v, summary = %+v", err, sum)
	}
	wantNames(t, dir, "a", "c", "locked")

	f.on = func(verb, p string) error {
		if verb == "RETR" && strings.HasPrefix(p, "/top/b") {
			_ = f.Close()
			return lostConn()
		}
		return nil
	}
	dir = t.TempDir()
	sum, err = DownloadTree(t.Context(), f, "/top", dir, quick(Overwrite))
	if !isA[*client.LostError](err) || isA[*IncompleteError](err) || sum.Files != 1 {
		t.Errorf("error = %v, summary = %+v: want the loss, and no more", err, sum)
	}
	wantNames(t, dir, "a")
}

func TestDownloadTreeOfFile(t *testing.T) {
	f := newFake().file("/a", nil)
	if _, err := DownloadTree(t.Context(), f, "/a", t.TempDir(), quick(Overwrite)); !errors.Is(err, ErrNotDir) {
		t.Errorf("error = %v", err)
	}
	if _, err := DownloadTree(t.Context(), f, "/none", t.TempDir(), quick(Overwrite)); !isReply(550)(err) {
		t.Errorf("error = %v", err)
	}
}
