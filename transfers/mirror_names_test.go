package transfers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portside/client/listing"
)

func TestMirrorConflicts(t *testing.T) {
	for _, upload := range []bool{false, true} {
		f := newFake().file("/top/x/inner", nil).file("/top/y", []byte("remote")).file("/top/z", []byte("z"))
		dir := localTree(t, map[string]string{"x": "local", "y/inner": "", "z": "zz"})
		plan, sum, err := mirrored(t, f, dir, "/top", MirrorOptions{Upload: upload, Delete: true})
		if !isA[*IncompleteError](err) || len(sum.Failed) != 2 || !isA[*MirrorConflictError](sum.Failed[0].Err) {
			t.Errorf("error = %v, failed = %v", err, sum.Failed)
		}
		if plan.Count(MirrorConflict) != 2 || plan.Count(MirrorDelete) != 0 || plan.Count(MirrorChanged) != 1 {
			t.Errorf("plan = %q", says(plan))
		}
		wantTree(t, dir, "x", "y/", "y/inner", "z")
		wantRemote(t, f, "/top", "x/", "x/inner", "y", "z")
	}
}

func TestMirrorLinks(t *testing.T) {
	f := newFake().file("/top/a", nil).link("/top/l", "/top/a").link("/top/d", "/elsewhere").file("/elsewhere/precious", nil)
	dir := localTree(t, map[string]string{"a": "", "l": "stays"})
	outside := localTree(t, map[string]string{"precious": ""})
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Skip(err)
	}
	plan, _, err := mirrored(t, f, dir, "/top", MirrorOptions{Delete: true})
	if err != nil {
		t.Error(err)
	}
	wantPlan(t, plan, "skip(link, not followed) l", "skip(link, not followed) d", "skip(link, left alone) out")
	wantTree(t, dir, "a", "l", "out")
	wantTree(t, outside, "precious")

	plan, _, err = mirrored(t, f, dir, "/top", MirrorOptions{Upload: true, Delete: true})
	if !isA[*IncompleteError](err) {
		t.Error(err)
	}
	wantPlan(t, plan, "skip(link, not followed) out", "skip(link, left alone) d", "conflict(is a file in the source and a link in the target) l")
	wantRemote(t, f, "/elsewhere", "precious")
}

// A link that somebody plants between plan and work leads nowhere.
func TestMirrorLinkPlantedLater(t *testing.T) {
	f := newFake().file("/top/sub/a", []byte("a"))
	dir, outside := localTree(t, map[string]string{"sub/": ""}), t.TempDir()
	plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{})
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "sub")))
	if err = os.Symlink(outside, filepath.Join(dir, "sub")); err != nil {
		t.Skip(err)
	}
	if _, err = plan.Apply(t.Context(), f, nil); err == nil {
		t.Error("no error")
	}
	wantTree(t, outside)
}

func TestMirrorNamesNotAllowed(t *testing.T) {
	f := newFake().dir("/top")
	hostile := []string{"../evil", "..", ".", "/tmp/evil", "a/b", "nul\x00byte", ".x.portside-part"}
	for i := range hostile {
		f.nodes[fmt.Sprintf("/top/|%d", i)] = &node{typ: listing.File, data: []byte("evil"), order: 100 + i}
	}
	f.file("/top/good", []byte("good"))
	outer := t.TempDir()
	dir := filepath.Join(outer, "target")
	plan, sum, err := mirrored(t, renaming{fake: f, names: hostile}, dir, "/top", MirrorOptions{Delete: true})
	if !isA[*IncompleteError](err) || len(sum.Failed) != len(hostile) || plan.Count(MirrorConflict) != len(hostile) {
		t.Errorf("error = %v, failed = %v", err, sum.Failed)
	}
	wantTree(t, outer, "target/", "target/good")
}

// Names that differ in case only are two where the file system has both.
func TestMirrorCase(t *testing.T) {
	f := newFake().file("/top/README", []byte("large")).file("/top/readme", []byte("small"))
	dir := t.TempDir()
	_, sum, err := mirrored(t, f, dir, "/top", MirrorOptions{Delete: true})
	if caseMatters(t) {
		if err != nil {
			t.Error(err)
		}
		wantTree(t, dir, "README", "readme")
	} else {
		if len(sum.Failed) != 1 {
			t.Errorf("failed = %v", sum.Failed)
		}
		wantFile(t, filepath.Join(dir, "README"), []byte("large"))
	}

	// A server may take both for one: what differs in case only is not deleted.
	up := localTree(t, map[string]string{"README": "x"})
	g := newFake().file("/top/readme", []byte("x"))
	plan, _, err := mirrored(t, g, up, "/top", MirrorOptions{Upload: true, Delete: true})
	if err != nil {
		t.Error(err)
	}
	wantPlan(t, plan, "new README", `keep(differs from "README" in case only) readme`)
	wantRemote(t, g, "/top", "README", "readme")
}

func caseMatters(t *testing.T) bool {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "a"), nil, 0o644))
	_, err := os.Lstat(filepath.Join(dir, "A"))
	return err != nil
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
