package transfers

import (
	"context"
	"time"
)

// A Job is something for a Queue to do.
type Job struct {
	Direction Direction // Downloading or Uploading
	Remote    string    // raw path
	Local     string
	Dir       bool  // both are folders, and one becomes a copy of the other
	Size      int64 // to be shown until more is known; 0 where it is not
}

// A State says where an Item is.
type State uint8

// The states.
const (
	Queued      State = iota // waits for its turn
	Scanning                 // its tree is being listed
	Running                  // bytes move
	Waiting                  // for its next try; Item.Err says why
	NeedsAnswer              // Item.Conflict is for Queue.Answer
	Done                     // all of it, checked
	Failed                   // Item.Err says why
	Cancelled                // by Cancel or Close
	Skipped                  // a single file, by the rule for existing files
)

// String returns the state in lower case.
func (s State) String() string {
	switch s {
	case Queued:
		return "queued"
	case Scanning:
		return "scanning"
	case Running:
		return "running"
	case Waiting:
		return "waiting to retry"
	case NeedsAnswer:
		return "needs an answer"
	case Done:
		return "done"
	case Failed:
		return "failed"
	case Cancelled:
		return "cancelled"
	case Skipped:
		return "skipped"
	default:
		return "unknown"
	}
}

// Finished reports whether the item has come to its end.
func (s State) Finished() bool { return s >= Done }

// An Item is a Job in a Queue and how far it has come.
type Item struct {
	ID int64
	Job
	State      State
	Bytes      int64 // of it that are there
	Total      int64 // -1: not known
	Files      int   // of it that are finished
	FilesTotal int   // 0: not known yet
	Rate       float64
	Left       time.Duration // negative: not known
	Current    string        // remote path, raw, of the file that is moving
	Err        error         // of Failed and Waiting
	Conflict   *Conflict     // of NeedsAnswer
	Summary    Summary       // once finished

	Added, Started, Ended time.Time // zero: not yet
}

// An entry is an Item and what runs it. All of it is guarded by the queue's
// lock, but for the channel.
type entry struct {
	item   Item
	cancel context.CancelCauseFunc // while it runs
	answer chan Decision           // while it needs one; takes one without waiting
	meter  meter
	goOn   bool // it has run before: what was kept may be used
	// done are the files of a tree that are transferred, for another run.
	done map[string]bool
}

// newEntry makes an entry of a job.
func newEntry(id int64, job Job, now time.Time) *entry {
	e := &entry{item: Item{ID: id, Job: job, Added: now}, done: make(map[string]bool)}
	e.reset()
	return e
}

// reset makes e ready for a run.
func (e *entry) reset() {
	i := &e.item
	i.State, i.Err, i.Conflict, i.Summary = Queued, nil, nil, Summary{}
	i.Bytes, i.Total, i.Files, i.FilesTotal = 0, -1, 0, 0
	if i.Size > 0 {
		i.Total = i.Size
	}
	i.Rate, i.Left, i.Current = 0, -1, ""
	i.Started, i.Ended = time.Time{}, time.Time{}
	e.meter = meter{}
}

// progress takes over what the transfer reports.
func (e *entry) progress(p Progress, now time.Time) (changed bool) {
	i := &e.item
	state := Running
	if p.Scanning {
		state = Scanning
	}
	changed = i.State != state
	i.State, i.Err = state, nil
	i.Bytes, i.Files, i.FilesTotal, i.Current = p.Bytes, p.Files, p.FilesTotal, p.Remote
	if p.FilesTotal > 0 {
		i.Total = p.Total
	}
	e.meter.add(p.Moved, now)
	return changed
}

// snapshot returns a copy that shares nothing which changes.
func (e *entry) snapshot(now time.Time) Item {
	i := e.item
	if i.State == Running {
		i.Rate = e.meter.rate(now)
		if i.Total >= 0 {
			i.Left = left(i.Total-i.Bytes, i.Rate)
		}
	}
	if i.Conflict != nil {
		c := *i.Conflict
		i.Conflict = &c
	}
	return i
}
