package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/transfers"
)

func entry(a transfers.MirrorAction, path, why string, size int64) transfers.MirrorEntry {
	name, dir := strings.CutSuffix(path, "/")
	return transfers.MirrorEntry{Action: a, Path: name, Dir: dir, Why: why, Size: size}
}

func samplePlan() *transfers.MirrorPlan {
	return &transfers.MirrorPlan{
		Entries: []transfers.MirrorEntry{
			entry(transfers.MirrorKeep, "same.txt", "", 5),
			entry(transfers.MirrorChanged, "both.txt", "size", 1500),
			entry(transfers.MirrorMakeDir, "new/", "", 0),
			entry(transfers.MirrorNew, "new/a", "", 1000),
			entry(transfers.MirrorMakeDir, "new/deep/", "", 0),
			entry(transfers.MirrorNew, "new/deep/b", "", 2000),
			entry(transfers.MirrorSkip, "link", "link, not followed", -1),
			{Action: transfers.MirrorConflict, Path: "x", Why: "is a folder in the source and a file in the target", Err: &transfers.MirrorConflictError{Path: "x", What: "is a folder"}},
			entry(transfers.MirrorDelete, "old/c", "", 9),
			entry(transfers.MirrorDelete, "old/", "", 0),
			entry(transfers.MirrorDelete, "z", "", 9),
		},
		Failed: []transfers.Failure{{Path: "closed", Err: errors.New("no")}},
		Notes:  []transfers.Note{{Path: "closed", Text: "nothing is deleted there"}},
	}
}

// said writes the rows that are shown: "[x] Delete z".
func said(s *Sync) []string {
	boxes := map[SyncTick]string{SyncNoBox: "", SyncOff: "[ ] ", SyncOn: "[x] ", SyncSome: "[-] "}
	var out []string
	for i := range s.Len() {
		r := s.Row(i)
		line := boxes[r.Tick] + r.Word + " " + r.Path
		if r.Head {
			line = "# " + line
		}
		out = append(out, line)
	}
	return out
}

func wantSaid(t *testing.T, s *Sync, want ...string) {
	t.Helper()
	if got := said(s); !slices.Equal(got, want) {
		t.Errorf("rows:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func place(t *testing.T, s *Sync, line string) int {
	t.Helper()
	at := slices.IndexFunc(said(s), func(l string) bool { return strings.HasSuffix(l, line) })
	if at < 0 {
		t.Fatalf("no row %q in %q", line, said(s))
	}
	return at
}

func TestSyncPreview(t *testing.T) {
	s := NewSync(samplePlan(), true)
	wantSaid(t, s,
		"# Problems and notes 3", "Not compared closed", "Conflict x", "Note closed",
		"# [x] Delete on the server 3", "[x] Delete old/", "[x] Delete old/c", "[x] Delete z",
		"# [x] New 4", "[x] New folder new/", "[x] New new/a", "[x] New folder new/deep/", "[x] New new/deep/b",
		"# [x] Changed 1", "[x] Changed both.txt",
		"# Left alone 1", "Skipped link")
	if got, want := s.Summary(), "4 new, 1 changed, 3 to delete, 1 the same, 1 left alone, 2 problems; 4.5 kB to send"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	if label, deletes := s.Button(); label != "Synchronise: 5 changes, delete 3" || !deletes {
		t.Errorf("button %q, %v", label, deletes)
	}
	r := s.Row(place(t, s, "both.txt"))
	if r.Why != "the size differs" || r.Size != "1.5 kB" || r.Group != SyncChanged {
		t.Errorf("changed: %+v", r)
	}
	if r := s.Row(place(t, s, "Conflict x")); r.Why != "is a folder in the source and a file in the target" || r.Next == "" {
		t.Errorf("conflict: %+v", r)
	}
	if r := s.Row(place(t, s, "new/a")); !r.Under {
		t.Errorf("in a new folder: %+v", r)
	}
}

func TestSyncFilters(t *testing.T) {
	s := NewSync(samplePlan(), false)
	var got []string
	for _, c := range s.Filters() {
		got = append(got, fmt.Sprintf("%s %d", c.Label, c.Count))
	}
	if want := []string{"Overview 12", "Problems 3", "Delete 3", "New 4", "Changed 1", "Left alone 1", "The same 1"}; !slices.Equal(got, want) {
		t.Errorf("filters %q, want %q", got, want)
	}
	s.Show(SyncShowSame)
	wantSaid(t, s, "# The same 1", "Same same.txt")
	s.Show(SyncShowDeletes)
	wantSaid(t, s, "# [x] Delete on this computer 3", "[x] Delete old/", "[x] Delete old/c", "[x] Delete z")
}

func TestSyncTicks(t *testing.T) {
	tests := []struct {
		name   string
		toggle []string // one after the other
		left   []int    // entries that are left out then
		button string
	}{
		{"nothing", nil, nil, "Synchronise: 5 changes, delete 3"},
		{"a file", []string{"both.txt"}, []int{1}, "Synchronise: 4 changes, delete 3"},
		{"a file twice", []string{"both.txt", "both.txt"}, nil, "Synchronise: 5 changes, delete 3"},
		{"a new folder takes what is in it", []string{"new/"}, []int{2, 3, 4, 5}, "Synchronise: 1 change, delete 3"},
		{"a file takes its folders", []string{"new/", "new/deep/b"}, []int{3}, "Synchronise: 4 changes, delete 3"},
		{"a folder that keeps something stays", []string{"old/c"}, []int{8, 9}, "Synchronise: 5 changes, delete 1"},
		{"a folder back takes what is in it back", []string{"old/c", "old/"}, nil, "Synchronise: 5 changes, delete 3"},
		{"all deletions", []string{"server 3"}, []int{8, 9, 10}, "Synchronise: 5 changes"},
		{"a group of which some are in", []string{"z", "server 3"}, nil, "Synchronise: 5 changes, delete 3"},
		{"all that is made", []string{"New 4", "Changed 1"}, []int{1, 2, 3, 4, 5}, "Synchronise: delete 3"},
		{"everything", []string{"New 4", "Changed 1", "server 3"}, []int{1, 2, 3, 4, 5, 8, 9, 10}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan := samplePlan()
			s := NewSync(plan, true)
			for _, line := range tt.toggle {
				if !s.Toggle(place(t, s, line)) {
					t.Errorf("%q cannot be ticked", line)
				}
			}
			var left []int
			leave := s.Left()
			for i := range plan.Entries {
				if leave(i) {
					left = append(left, i)
				}
			}
			if !slices.Equal(left, tt.left) {
				t.Errorf("left out: %v, want %v", left, tt.left)
			}
			if label, _ := s.Button(); label != tt.button {
				t.Errorf("button %q, want %q", label, tt.button)
			}
		})
	}
	s := NewSync(samplePlan(), true)
	if s.Toggle(place(t, s, "link")) || s.Toggle(-1) || s.Toggle(1000) || s.Toggle(place(t, s, "alone 1")) {
		t.Error("what has no box was ticked")
	}
	s.Freeze()
	if s.Toggle(place(t, s, "z")) {
		t.Error("ticked though frozen")
	}
}

func TestSyncNothing(t *testing.T) {
	same := entry(transfers.MirrorKeep, "a", "", 1)
	tests := []struct {
		plan transfers.MirrorPlan
		want string
	}{
		{transfers.MirrorPlan{}, "Both sides are empty."},
		{transfers.MirrorPlan{Entries: []transfers.MirrorEntry{same}}, "Both sides are the same."},
		{transfers.MirrorPlan{Entries: []transfers.MirrorEntry{same, entry(transfers.MirrorKeep, "b", "not in the source", 1)}}, "There is nothing to do."},
		{transfers.MirrorPlan{Failed: []transfers.Failure{{Path: "a", Err: errors.New("no")}}}, "There is nothing to do in what could be compared."},
		{transfers.MirrorPlan{Entries: []transfers.MirrorEntry{entry(transfers.MirrorDelete, "b", "", 1)}}, ""},
	}
	for _, tt := range tests {
		if got := NewSync(&tt.plan, true).Nothing(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestSyncRun(t *testing.T) {
	s := NewSync(samplePlan(), true)
	s.Toggle(place(t, s, "z"))
	s.Begin()
	s.Running("new/a", 0.456)
	if r := s.Row(s.FirstRunning()); r.Word != "46 %" || r.Path != "new/a" {
		t.Errorf("running: %+v", r)
	}
	s.Over(SyncEvent{transfers.MirrorMakeDir, "new", nil})
	s.Over(SyncEvent{transfers.MirrorNew, "new/a", nil})
	s.Over(SyncEvent{transfers.MirrorNew, "new/a", nil}) // nobody waits for it
	s.Over(SyncEvent{transfers.MirrorChanged, "both.txt", errors.New("broken")})
	s.Over(SyncEvent{transfers.MirrorNew, "new/deep/b", fmt.Errorf("b: %w", context.Canceled)})
	s.Running("new/a", 0.9) // late
	if s.FirstRunning() >= 0 || s.Failed() != 1 {
		t.Errorf("running %d, failed %d", s.FirstRunning(), s.Failed())
	}
	sum := transfers.Summary{Bytes: 2500, Notes: []transfers.Note{
		{Path: "closed", Text: "nothing is deleted there"},
		{Path: "old/c", Text: "not deleted: it is in the source by now"},
		{Path: ".", Text: "going on with fewer"},
	}}
	s.Finish(sum, 1)
	wantSaid(t, s,
		"# Problems and notes 4", "Not compared closed", "Conflict x", "Note closed", "Note here",
		"# [-] Delete on the server 3", "[x] Not done old/", "[x] Not done old/c", "[ ] Left out z",
		"# [x] New 4", "[x] Done new/", "[x] Done new/a", "[x] Not done new/deep/", "[x] Not done new/deep/b",
		"# [x] Changed 1", "[x] Failed both.txt",
		"# Left alone 1", "Skipped link")
	if r := s.Row(place(t, s, "old/c")); r.Why != "it is in the source by now" {
		t.Errorf("not deleted: %+v", r)
	}
	if got, want := s.Finished(sum, 90*time.Second), "2 new, 1 failed, 4 not done; 2.5 kB in 2 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Show(SyncShowProblems)
	if !slices.Contains(said(s), "[x] Failed both.txt") {
		t.Errorf("what failed is no problem: %q", said(s))
	}
}

func TestSyncProgress(t *testing.T) {
	tests := []struct {
		p    transfers.Progress
		took time.Duration
		want string
		part float64
	}{
		{transfers.Progress{}, 0, "", -1},
		{transfers.Progress{FilesTotal: 4, Files: 1, Total: -1}, time.Second, "1 of 4 files", 0.25},
		{transfers.Progress{FilesTotal: 1, Total: 1000, Bytes: 500, Moved: 500}, time.Millisecond, "0 of 1 file, 500 B of 1.0 kB", 0.5},
		{transfers.Progress{FilesTotal: 4, Files: 1, Total: 4000, Bytes: 1000, Moved: 1000}, 2 * time.Second, "1 of 4 files, 1.0 kB of 4.0 kB, 500 B/s, 6 s left", 0.25},
		{transfers.Progress{FilesTotal: 4, Files: 4, Total: 4000, Bytes: 4000, Moved: 4000}, 2 * time.Second, "4 of 4 files, 4.0 kB of 4.0 kB, 2.0 kB/s", 1},
	}
	for _, tt := range tests {
		if got, part := SyncProgress(tt.p, tt.took, Format{}); got != tt.want || part != tt.part {
			t.Errorf("%q, %v; want %q, %v", got, part, tt.want, tt.part)
		}
	}
}

func TestSplitPatterns(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{" , ", nil},
		{"*.tmp", []string{"*.tmp"}},
		{"*.tmp, .git/ /top", []string{"*.tmp", ".git/", "/top"}},
		{`"a b"/c,d`, []string{"a b/c", "d"}},
		{`"open, end`, []string{"open, end"}},
	}
	for _, tt := range tests {
		if got := SplitPatterns(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// A group is taken in and left out at once, however many folders it has.
func TestSyncManyFolders(t *testing.T) {
	plan := &transfers.MirrorPlan{}
	for i := range 50_000 {
		plan.Entries = append(plan.Entries, entry(transfers.MirrorMakeDir, fmt.Sprintf("%d/", i), "", 0), entry(transfers.MirrorNew, fmt.Sprintf("%d/f", i), "", 1))
	}
	s := NewSync(plan, true)
	began := time.Now()
	s.Toggle(0)
	s.Toggle(0)
	s.Toggle(1)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if n := s.Totals(true).New; n != 99_998 {
		t.Errorf("%d are chosen", n)
	}
}

func BenchmarkSyncNew10000(b *testing.B) {
	plan := &transfers.MirrorPlan{}
	for i := range 10_000 {
		plan.Entries = append(plan.Entries, entry(transfers.MirrorNew, fmt.Sprintf("dir %d/file %d.jpg", i/100, i), "", int64(i)))
	}
	for b.Loop() {
		NewSync(plan, true)
	}
}
