package transfers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// leaving returns what Without asks: whether the path is one of those.
func leaving(p *MirrorPlan, paths ...string) func(int) bool {
	return func(i int) bool { return slices.Contains(paths, p.Entries[i].Path) }
}

func TestMirrorWithout(t *testing.T) {
	for _, upload := range []bool{false, true} {
		f := newFake()
		files := map[string]string{"a": "1", "new/b": "2", "new/deep/c": "3", "newer": "4", "both": "56"}
		other := map[string]string{"gone/x": "7", "gone/deep/y": "8", "gone/deep/z": "9", "old": "10", "both": "1"}
		remote, local := files, other
		if upload {
			remote, local = other, files
		}
		for name, text := range remote {
			f.file("/top/"+name, []byte(text))
		}
		dir := localTree(t, local)
		plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Upload: upload, Delete: true})
		must(t, err)
		whole := says(plan)

		wantPlan(t, plan.Without(func(int) bool { return false }), whole...)
		wantPlan(t, plan.Without(leaving(plan, "new", "gone/deep/y")),
			"new a", "skip(left out) new", "skip(left out) new/b", "skip(left out) new/deep", "skip(left out) new/deep/c", "new newer", "changed(size) both",
			"delete gone/x", "skip(left out) gone/deep/y", "delete gone/deep/z", "skip(left out) gone/deep", "skip(left out) gone", "delete old")
		wantPlan(t, plan.Without(leaving(plan, "gone", "both", "new/b")), // what is in a folder that stays may go
			"new a", "mkdir new", "skip(left out) new/b", "mkdir new/deep", "new new/deep/c", "new newer", "skip(left out) both",
			"delete gone/x", "delete gone/deep/y", "delete gone/deep/z", "delete gone/deep", "skip(left out) gone", "delete old")
		wantPlan(t, plan, whole...) // it stays as it is

		sum, err := plan.Without(leaving(plan, "new", "gone/deep/y")).Apply(t.Context(), f, nil)
		must(t, err)
		if sum.Files != 3 || sum.Dirs != 0 {
			t.Errorf("upload %v: %+v", upload, sum)
		}
		left := func(name string) bool {
			if upload {
				return f.nodes["/top/"+name] != nil
			}
			_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
			return err == nil
		}
		want := map[string]bool{"a": true, "newer": true, "new": false, "gone/x": false, "gone/deep/y": true, "gone/deep/z": false, "old": false}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if left(name) != want[name] {
				t.Errorf("upload %v: %s is in the target: %v, want %v", upload, name, left(name), want[name])
			}
		}
	}
}

func TestMirrorWithoutTheRoot(t *testing.T) {
	f := newFake().dir("/other")
	dir := localTree(t, map[string]string{"a/b": "1", "c": "2"})
	plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Upload: true})
	must(t, err)
	wantPlan(t, plan.Without(leaving(plan, ".")), "skip(left out) .", "skip(left out) a", "skip(left out) a/b", "skip(left out) c")
}

// A conflict that was left out is no failure.
func TestMirrorWithoutAConflict(t *testing.T) {
	f := newFake().file("/top/x", []byte("1"))
	dir := localTree(t, map[string]string{"x/": ""})
	plan, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{})
	must(t, err)
	if plan.Count(MirrorConflict) != 1 {
		t.Fatalf("plan: %q", says(plan))
	}
	if sum, err := plan.Without(leaving(plan, "x")).Apply(t.Context(), f, nil); err != nil || len(sum.Failed) != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestMirrorProgressCountsWhatIsCompared(t *testing.T) {
	f := newFake().file("/top/a/b", []byte("1")).file("/top/c", []byte("2"))
	dir := localTree(t, map[string]string{"a/b": "1", "d": "2"})
	var last Progress
	_, err := PlanMirror(t.Context(), f, dir, "/top", MirrorOptions{Options: Options{Progress: func(p Progress) { last = p }}})
	must(t, err)
	if last.Folders != 4 || last.Found != 6 {
		t.Errorf("%d folders with %d entries, want 4 with 6", last.Folders, last.Found)
	}
}
