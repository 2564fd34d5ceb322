package transfers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/listing"
)

// mirrored plans and carries out.
func mirrored(t *testing.T, r Remote, local, remote string, opt MirrorOptions) (*MirrorPlan, Summary, error) {
	t.Helper()
	if opt.Backoff == 0 {
		q := quick(Overwrite)
		opt.Backoff, opt.Jitter = q.Backoff, q.Jitter
	}
	plan, err := PlanMirror(t.Context(), r, local, remote, opt)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := plan.Apply(t.Context(), r, nil)
	return plan, sum, err
}

// says lists the plan, but for what is kept: "new a.txt", "changed(size) b/c".
func says(p *MirrorPlan) []string {
	var out []string
	for _, e := range p.Entries {
		if e.Action == MirrorKeep && e.Why == "" {
			continue
		}
		line := e.Action.String()
		if e.Why != "" {
			line += "(" + e.Why + ")"
		}
		out = append(out, line+" "+e.Path)
	}
	return out
}

func wantPlan(t *testing.T, p *MirrorPlan, want ...string) {
	t.Helper()
	got := says(p)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("plan:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// localTree writes files, with the time that files of a fake have; a name that ends in a
// slash is a folder.
func localTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(at, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(at), 0o755))
		must(t, os.WriteFile(at, []byte(files[name]), 0o644))
		must(t, os.Chtimes(at, time.Time{}, epoch()))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// treeOf lists a local tree, folders with a slash.
func treeOf(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	must(t, filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, p)
		if d != nil && d.IsDir() {
			rel += "/"
		}
		if p != dir {
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	}))
	slices.Sort(out)
	return out
}

func wantTree(t *testing.T, dir string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := treeOf(t, dir); !slices.Equal(got, want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

// wantRemote lists what is below a remote folder, as wantTree does.
func wantRemote(t *testing.T, f *fake, top string, want ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var got []string
	for p, n := range f.nodes {
		if rel, ok := strings.CutPrefix(p, top+"/"); ok {
			if n.typ == listing.Dir {
				rel += "/"
			}
			got = append(got, rel)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the server has %q, want %q", got, want)
	}
}

func wantNothingToDo(t *testing.T, r Remote, local, remote string, opt MirrorOptions) {
	t.Helper()
	plan, err := PlanMirror(t.Context(), r, local, remote, opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []MirrorAction{MirrorMakeDir, MirrorNew, MirrorChanged, MirrorDelete, MirrorConflict} {
		if n := plan.Count(a); n > 0 {
			t.Errorf("the next run would have %d × %s: %q", n, a, says(plan))
		}
	}
}

func TestMirrorDown(t *testing.T) {
	f := sampleTree()
	dir := filepath.Join(t.TempDir(), "new", "copy")
	opt := MirrorOptions{Delete: true}
	_, sum, err := mirrored(t, f, dir, "/top", opt)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Files != 5 || sum.Dirs != 4 || sum.Bytes != 71_030 {
		t.Errorf("summary = %+v", sum)
	}
	wantTree(t, dir, "a.txt", "caf\xe9", "empty", "sub/", "sub/b", "sub/deep/", "sub/deep/中文 🚢", "void/")
	wantFile(t, filepath.Join(dir, "sub", "b"), bytesOf(70_000, 2))
	wantNothingToDo(t, f, dir, "/top", opt)

	// Something of each kind.
	f.file("/top/new.txt", []byte("new"))
	f.file("/top/a.txt", bytesOf(999, 9))
	f.nodes["/top/sub/b"].data, f.nodes["/top/sub/b"].mtime = bytesOf(70_000, 7), epoch().Add(2*time.Second)
	must(t, os.MkdirAll(filepath.Join(dir, "old", "er"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "old", "er", "x"), nil, 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "sub", "gone"), nil, 0o644))
	plan, _, err := mirrored(t, f, dir, "/top", opt)
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, "changed(size) a.txt", "changed(time) sub/b", "new new.txt", "delete sub/gone", "delete old/er/x", "delete old/er", "delete old")
	wantTree(t, dir, "a.txt", "caf\xe9", "empty", "new.txt", "sub/", "sub/b", "sub/deep/", "sub/deep/中文 🚢", "void/")
	wantFile(t, filepath.Join(dir, "sub", "b"), bytesOf(70_000, 7))
	wantNothingToDo(t, f, dir, "/top", opt)
}

func TestMirrorUp(t *testing.T) {
	dir := localTree(t, map[string]string{"a.txt": "alpha", "sub/b": "beta", "void/": ""})
	f := newFake()
	opt := MirrorOptions{Upload: true, Delete: true}
	_, sum, err := mirrored(t, f, dir, "/copy", opt)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Files != 2 || sum.Dirs != 3 {
		t.Errorf("summary = %+v", sum)
	}
	wantRemote(t, f, "/copy", "a.txt", "sub/", "sub/b", "void/")
	wantNothingToDo(t, f, dir, "/copy", opt)

	f.file("/copy/old/er/x", nil)
	f.file("/copy/sub/gone", nil)
	must(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte("omega"), 0o644)) // same size, other time
	must(t, os.WriteFile(filepath.Join(dir, "sub", "b"), []byte("longer"), 0o644))
	plan, _, err := mirrored(t, f, dir, "/copy", opt)
	if err != nil {
		t.Fatal(err)
	}
	wantPlan(t, plan, "changed(time) a.txt", "changed(size) sub/b", "delete sub/gone", "delete old/er/x", "delete old/er", "delete old")
	wantRemote(t, f, "/copy", "a.txt", "sub/", "sub/b", "void/")
	if got := string(f.content("/copy/a.txt")); got != "omega" {
		t.Errorf("a.txt is %q", got)
	}
	wantNothingToDo(t, f, dir, "/copy", opt)
}

func TestMirrorCompare(t *testing.T) {
	const later, same, earlier = time.Hour, time.Duration(0), -time.Hour
	tests := []struct {
		name    string
		compare MirrorCompare
		upload  bool
		local   string
		remote  string
		age     time.Duration // of the remote file against the local one
		want    string
	}{
		{"same", CompareTime, false, "aaa", "aaa", same, ""},
		{"a second apart", CompareTime, false, "aaa", "bbb", time.Second, ""},
		{"later there", CompareTime, false, "aaa", "bbb", later, "changed(time) f"},
		{"later here", CompareTime, false, "aaa", "bbb", earlier, "changed(time) f"},
		{"size", CompareTime, false, "aaa", "aaaa", same, "changed(size) f"},
		{"newer: later there", CompareNewer, false, "aaa", "bbb", later, "changed(newer) f"},
		{"newer: later here", CompareNewer, false, "aaa", "bbbb", earlier, "keep(not newer) f"},
		{"newer up: later here", CompareNewer, true, "aaa", "bbb", earlier, "changed(newer) f"},
		{"newer up: later there", CompareNewer, true, "aaa", "bbb", later, "keep(not newer) f"},
		{"newer up: later there, a part", CompareNewer, true, "aaaa", "aaa", later, "changed(unfinished) f"},
		{"newer up: later there, shorter", CompareNewer, true, "aaaa", "bbb", later, "keep(not newer) f"},
		{"newer: sizes differ", CompareNewer, false, "aaa", "bbbb", same, "keep(not newer) f"},
		{"size only: later", CompareSize, false, "aaa", "bbb", later, ""},
		{"size only: size", CompareSize, false, "aaa", "bbbb", same, "changed(size) f"},
		{"hash: same", CompareHash, false, "aaa", "aaa", later, ""},
		{"hash: content", CompareHash, false, "aaa", "bbb", same, "changed(content) f"},
		{"hash: size", CompareHash, false, "aaa", "bbbb", same, "changed(size) f"},
		{"hash up: content", CompareHash, true, "aaa", "bbb", same, "changed(content) f"},
		{"up: sent later, no MFMT", CompareTime, true, "aaa", "aaa", later, "keep(sent after it was changed) f"},
		{"up: changed since", CompareTime, true, "aaa", "bbb", earlier, "changed(time) f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := localTree(t, map[string]string{"f": tt.local})
			f := newFake().file("/top/f", []byte(tt.remote))
			f.nodes["/top/f"].mtime = epoch().Add(tt.age)
			plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Upload: tt.upload, Compare: tt.compare})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			wantPlan(t, plan, want...)
		})
	}
}

func TestMirrorHashNotOffered(t *testing.T) {
	f := newFake().file("/top/f", []byte("aaa"))
	f.noHASH = true
	dir := localTree(t, map[string]string{"f": "bbb"})
	if _, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Compare: CompareHash}); !errors.Is(err, ErrNoHash) {
		t.Errorf("error = %v", err)
	}
}

// Plain listings have the minute, or the day, in the server's own time.
func TestMirrorPlainListing(t *testing.T) {
	for _, noMDTM := range []bool{false, true} {
		f := newFake().file("/top/a", []byte("a")).file("/top/old", []byte("o"))
		f.plain, f.noMDTM = true, noMDTM
		f.nodes["/top/old"].mtime = time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC)
		dir := t.TempDir()
		if _, _, err := mirrored(t, f, dir, "/top", MirrorOptions{}); err != nil {
			t.Fatal(err)
		}
		wantNothingToDo(t, f, dir, "/top", MirrorOptions{})
		f.nodes["/top/a"].mtime = epoch().Add(time.Minute)
		plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{})
		must(t, err)
		wantPlan(t, plan, "changed(time) a")
	}
}

// zoned lists in the local time of a server that is two hours ahead.
type zoned struct{ *fake }

func (z zoned) List(ctx context.Context, p string) (*listing.Listing, error) {
	l, err := z.fake.List(ctx, p)
	if err == nil {
		for i := range l.Entries {
			l.Entries[i].ModTime = l.Entries[i].ModTime.Add(2 * time.Hour)
		}
	}
	return l, err
}

func TestMirrorServerInAnotherZone(t *testing.T) {
	f := newFake()
	f.plain = true
	for i := range 20 {
		f.file(fmt.Sprintf("/top/%d", i), []byte("x"))
	}
	r, dir := zoned{f}, t.TempDir()
	if _, _, err := mirrored(t, r, dir, "/top", MirrorOptions{}); err != nil {
		t.Fatal(err)
	}
	asked := len(f.lines("MDTM"))
	wantNothingToDo(t, r, dir, "/top", MirrorOptions{})
	if n := len(f.lines("MDTM")) - asked; n != 1 {
		t.Errorf("asked for %d times, want 1 for the day", n)
	}
}
