package queue

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"portside/client/listing"
	"portside/transfers"
	"portside/transfers/queue/store"
)

// Flags of a row.
const (
	flagASCII    = 1 << iota // TYPE A
	flagLink                 // a link on the server: what it leads to is not known yet
	flagWholeDir             // of a folder: delete or change it with all that is in it
)

// Why a running entry is stopped.
var (
	errPaused    = errors.New("paused")
	errCancelled = errors.New("cancelled")
	errSkipped   = errors.New("skipped")
	errHeld      = errors.New("held back")
	errClosed    = errors.New("the queue is closed")
)

// An entry is a row that is about to run, or runs.
type entry struct {
	row   store.Row
	site  *siteRun
	to    *siteRun // of Copy
	gauge gauge

	// The following belong to the queue's lock.
	ctx       context.Context // while it runs
	cancel    context.CancelCauseFunc
	state     State         // Running or Scanning
	best      int64         // verified bytes, of all tries
	counted   int64         // moved bytes that the site's growth knows of
	err       error         // of the last run that failed
	over      chan struct{} // closed at the end of a run
	postponed bool          // its checks are under way, and its session is free
	unlucky   int           // sessions that ended under it without being its fault
	answered  bool          // its question was answered for all while it ran
}

func newEntry(row store.Row, s *siteRun) *entry {
	e := &entry{row: row, site: s, state: Running}
	if row.Dir {
		e.state = Scanning
	}
	if row.Tries > 0 {
		e.best = row.Bytes // only what is beyond that is progress
	}
	e.gauge.total.Store(row.Size)
	return e
}

// kind is what is to be done.
func (e *entry) kind() Kind { return Kind(e.row.Kind) }

// settled is what an earlier run has decided.
func (e *entry) settled() transfers.Settled {
	if e.row.Dir || e.row.SettledAction == uint8(transfers.Ask) {
		return transfers.Settled{} // its name may be the marks of a folder
	}
	return transfers.Settled{Action: transfers.Exists(e.row.SettledAction), Name: string(e.row.SettledName)}
}

// source is what the listing said of a file on the server; nil: nothing.
func (e *entry) source() *listing.Entry {
	if e.row.Parent == 0 || e.row.Flags&flagLink != 0 || e.row.Size < 0 {
		return nil
	}
	_, name := splitRemote(string(e.row.Remote))
	return &listing.Entry{
		Name: name, Type: listing.File, Size: e.row.Size, ModTime: e.row.ModTime, Precise: e.row.Precise,
	}
}

// marks are those of the folders that a folder is in: the last two (see
// cyclic). They stand where a file keeps its final name.
func (e *entry) marks() []byte { return e.row.SettledName }

// localPath is the local path as a whole.
func localPath(row *store.Row) string {
	if row.Root == "" {
		return ""
	}
	return filepath.Join(row.Root, row.Local)
}

// item makes what users see of a row. Sites are named by key.
func (q *Queue) item(row *store.Row) Item {
	it := Item{
		ID: row.ID, Parent: row.Parent, Job: row.Job, Kind: Kind(row.Kind), Dir: row.Dir,
		Remote: string(row.Remote), ToRemote: string(row.ToRemote), Local: localPath(row),
		State: State(row.State), Priority: Priority(row.Priority), Rule: transfers.Exists(row.Rule),
		Bytes: row.Bytes, Total: row.Size, Left: -1, Children: row.Children, Tries: row.Tries,
		Added: row.Added, Started: row.Started, Ended: row.Ended,
	}
	if s := q.byID[row.Site]; s != nil {
		it.Site = s.key
	}
	if s := q.byID[row.ToSite]; s != nil {
		it.ToSite = s.key
	}
	if it.State == Waiting || it.State == Queued {
		it.Due = row.Due
	}
	it.Reason, it.Note = readReason(row.Reason)
	it.Conflict = readConflict(row.Conflict)
	return it
}

// live adds how far a running entry is.
func (e *entry) live(it *Item, now time.Time) {
	it.State = e.state
	it.Started, it.Ended = e.gauge.started, time.Time{}
	it.Reason = Reason{}
	it.Bytes, it.Total = e.gauge.bytes.Load(), e.gauge.total.Load()
	it.Rate = e.gauge.rate(now)
	if it.Total >= 0 {
		it.Left = left(it.Total-it.Bytes, it.Rate)
	}
}
