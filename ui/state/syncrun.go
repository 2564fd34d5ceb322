package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portside/client"
	"portside/transfers"
)

// A syncRun is the progress of a plan that is carried out.
type syncRun struct {
	byPath  map[syncKey][]int32 // items that are not over
	running map[int32]bool
	done    SyncTotals
	failed  int
	over    bool
}

// A syncKey is what an entry is known by when it is told of.
type syncKey struct {
	action transfers.MirrorAction
	path   string
}

// A SyncEvent is an entry that is over.
type SyncEvent struct {
	Action transfers.MirrorAction
	Path   string
	Err    error
}

// Begin freezes the ticks and waits for news of what is chosen.
func (s *Sync) Begin() {
	s.Freeze()
	s.run = syncRun{byPath: make(map[syncKey][]int32), running: make(map[int32]bool)}
	for i := range s.items {
		it := &s.items[i]
		if it.box && !it.off {
			k := syncKey{it.action, it.path}
			s.run.byPath[k] = append(s.run.byPath[k], int32(i))
		}
	}
}

// Over notes what became of an entry.
func (s *Sync) Over(e SyncEvent) {
	k := syncKey{e.Action, e.Path}
	at := s.run.byPath[k]
	if len(at) == 0 {
		return
	}
	it := &s.items[at[0]]
	delete(s.run.running, at[0])
	s.run.byPath[k] = at[1:]
	if errors.Is(e.Err, context.Canceled) {
		it.status = SyncUndone
		return
	}
	if e.Err != nil {
		advice := transfers.Explain(e.Err)
		it.status, it.why, it.next = SyncFailed, advice.Sentence, advice.Next
		s.run.failed++
		return
	}
	it.status = SyncDone
	switch it.group {
	case SyncNew:
		s.run.done.New++
	case SyncChanged:
		s.run.done.Changed++
	case SyncDeletes:
		s.run.done.Delete++
	default:
	}
}

// Running notes that a file is under way, of which a part, from 0 to 1, is
// there.
func (s *Sync) Running(path string, part float64) {
	for _, a := range []transfers.MirrorAction{transfers.MirrorNew, transfers.MirrorChanged} {
		if at := s.run.byPath[syncKey{a, path}]; len(at) > 0 {
			it := &s.items[at[0]]
			it.status, it.part = SyncRunning, min(max(part, 0), 1)
			s.run.running[at[0]] = true
			return
		}
	}
}

// FirstRunning returns the row of the first file that is under way; -1: none is,
// or none that is shown.
func (s *Sync) FirstRunning() int {
	for i, at := range s.shown {
		if at >= 0 && s.run.running[at] {
			return i
		}
	}
	return -1
}

// Finish notes that the run is over. sum is what it was told; before is how many
// notes the plan had already.
func (s *Sync) Finish(sum transfers.Summary, before int) {
	s.run.over = true
	why := make(map[string]string)
	var notes []syncItem
	for _, n := range sum.Notes[min(before, len(sum.Notes)):] {
		if reason, ok := strings.CutPrefix(n.Text, "not deleted: "); ok {
			why[n.Path] = client.Printable(reason)
			continue
		}
		notes = append(notes, noteItem(n))
	}
	for i := range s.items {
		it := &s.items[i]
		if it.box && !it.off && (it.status == SyncWaiting || it.status == SyncRunning) {
			it.status = SyncUndone
			if w := why[it.path]; w != "" {
				it.why = w
			}
		}
	}
	if len(notes) > 0 {
		s.addProblems(notes)
	}
	s.Show(s.filter)
}

// addProblems adds items to the first group, which moves all others.
func (s *Sync) addProblems(items []syncItem) {
	n := 0
	for n < len(s.items) && s.items[n].group == SyncProblems {
		n++
	}
	moved := make([]syncItem, 0, len(s.items)+len(items))
	moved = append(append(append(moved, s.items[:n]...), items...), s.items[n:]...)
	for i := range moved {
		if moved[i].parent >= 0 {
			moved[i].parent += int32(len(items))
		}
	}
	s.items = moved
	s.run.byPath, s.run.running = nil, nil
}

// Failed returns how many entries have failed.
func (s *Sync) Failed() int { return s.run.failed }

// Finished says what was done: "12 new, 3 changed, 2 deleted; 34 MB in 12 s".
func (s *Sync) Finished(sum transfers.Summary, took time.Duration) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, Count(int64(n))+" "+what)
		}
	}
	d := s.run.done
	add(d.New, "new")
	add(d.Changed, "changed")
	add(d.Delete, "deleted")
	add(s.run.failed, "failed")
	undone := 0
	for i := range s.items {
		if s.items[i].status == SyncUndone {
			undone++
		}
	}
	add(undone, "not done")
	text := strings.Join(parts, ", ")
	if text == "" {
		text = "nothing was changed"
	}
	if sum.Bytes > 0 {
		text += "; " + s.format.Sum(sum.Bytes) + " in " + span(took)
	}
	return text
}

// SyncProgress says how far a run is: "3 of 15 files, 12 MB of 34 MB, 2.1 MB/s,
// 8 s left"; fraction is below 0 where it is not known.
func SyncProgress(p transfers.Progress, took time.Duration, f Format) (text string, fraction float64) {
	if p.FilesTotal == 0 {
		return "", -1
	}
	text = fmt.Sprintf("%s of %s", Count(int64(p.Files)), Counted(p.FilesTotal, "file", "files"))
	fraction = float64(p.Files) / float64(p.FilesTotal)
	if p.Total <= 0 {
		return text, fraction
	}
	text += ", " + f.Size(p.Bytes) + " of " + f.Sum(p.Total)
	fraction = min(1, float64(p.Bytes)/float64(p.Total))
	rate := float64(p.Moved) / max(took.Seconds(), 0.001)
	if took < time.Second || rate < 1 {
		return text, fraction
	}
	text += ", " + f.Rate(rate)
	if p.Total > p.Bytes {
		text += ", " + span(time.Duration(float64(p.Total-p.Bytes)/rate*float64(time.Second))) + " left"
	}
	return text, fraction
}
