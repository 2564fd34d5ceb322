package queue

import (
	"time"

	"portside/transfers"
	"portside/transfers/queue/store"
)

// A siteRun is a site and what goes on with it. All of it but id and key, which never
// change, belongs to the queue's lock.
type siteRun struct {
	id   int64
	key  string // Site.Key
	site Site   // with the limits that it has now
	grow growth

	down, up *transfers.Limiter // of this site alone

	// files and dirs may start: read from the file ahead of need.
	files, dirs []*entry
	// taken are the entries that are not to be read from the file: those that
	// are in files and dirs, those that run, and those whose end is not in the
	// file yet.
	taken     map[int64]*held // nil: it has not come to its end
	moreFiles bool            // the file may hold more than is read
	moreDirs  bool
	gen       int       // grows with every change that makes what was read worthless
	due       time.Time // the next entry that waits for its time; zero: none

	workers  int       // sessions that there are, or are being made
	sessions int       // that there are
	busy     int       // workers with an entry
	scanning int       // of those, with a folder
	idle     []*worker // that wait for an entry

	delivered bool // a data connection has worked

	leaving int // of the workers, those that are about to end
	lanes   int // counted as workers: further connections for one large file
	dialing int // workers that are making a session

	beside int       // connections that others have, as of the last look
	fewer  time.Time // when it may be said that there are fewer; zero: there are not

	stopped Reason    // the login is refused: nothing is tried until ResumeSite
	fails   int       // attempts to connect that failed, one after the other
	retry   time.Time // not before; zero: at any time
	trouble Reason    // why

	// denied, where not nil, is why copies to this site fail at once, until the
	// queue is idle: so that not each of them tries its login.
	denied error
	last   error // of the last attempt to connect that failed

	repeated time.Time // when refused writes were last tried again
}

// stay is how many workers there are that go on.
func (s *siteRun) stay() int { return s.workers - s.leaving }

// coming is how many workers are about to take an entry: they make a session, or have
// just done with another entry.
func (s *siteRun) coming() int { return max(0, s.stay()-s.lanes-s.busy-len(s.idle)) }

// ready is how many entries may start.
func (s *siteRun) ready() int { return len(s.files) + len(s.dirs) }

// forget drops what was read ahead.
func (s *siteRun) forget() {
	for _, e := range s.files {
		delete(s.taken, e.row.ID)
	}
	for _, e := range s.dirs {
		delete(s.taken, e.row.ID)
	}
	s.files, s.dirs, s.due = nil, nil, time.Time{}
	s.gen++
	s.more()
}

// outranked drops what was read ahead where something of a higher priority has
// come.
func (s *siteRun) outranked(by int8) {
	lowest := func(list []*entry) bool { return len(list) > 0 && list[len(list)-1].row.Priority < by }
	if lowest(s.files) || lowest(s.dirs) {
		s.forget()
	}
}

// before reports whether a stands before b in the order of the queue.
func before(a, b *store.Row) bool {
	if a.Priority != b.Priority {
		return a.Priority > b.Priority
	}
	return a.Pos < b.Pos
}

// more says that the file may hold more than was read.
func (s *siteRun) more() { s.moreFiles, s.moreDirs = true, true }

// wants reports which kinds are to be read from the file.
func (s *siteRun) wants() (files, dirs bool) {
	return s.moreFiles && len(s.files) < readLow, s.moreDirs && len(s.dirs) < readLow/4
}

// filesAhead is the number of files, for each session, for which listing the
// next folder can wait.
const filesAhead = 8

// pop takes the next entry. Folders go first while few files are known, so that
// nobody runs out of work.
func (s *siteRun) pop() *entry {
	take := func(list *[]*entry) *entry {
		e := (*list)[0]
		(*list)[0] = nil
		*list = (*list)[1:]
		return e
	}
	few := len(s.files) < filesAhead*max(1, s.workers) && 2*s.scanning < max(2, s.workers)
	dirFirst := len(s.dirs) > 0 && len(s.files) == 0
	if len(s.dirs) > 0 && len(s.files) > 0 {
		dir, file := &s.dirs[0].row, &s.files[0].row
		dirFirst = before(dir, file) || few && dir.Priority == file.Priority
	}
	switch {
	case dirFirst:
		s.scanning++
		return take(&s.dirs)
	case len(s.files) > 0:
		return take(&s.files)
	}
	return nil
}

// push puts an entry first in line.
func (s *siteRun) push(e *entry) {
	if e.row.Dir {
		s.dirs = append([]*entry{e}, s.dirs...)
		return
	}
	s.files = append([]*entry{e}, s.files...)
}

// wanted is how many sessions the server lets in, as far as it has shown.
func (s *siteRun) wanted() int {
	if s.grow.refusals > 0 {
		return s.grow.target
	}
	return transfers.DefaultSegments
}

// isStopped reports that nothing is tried.
func (s *siteRun) isStopped() bool { return s.stopped != Reason{} }

// mayDial reports whether a session may be made now.
func (s *siteRun) mayDial(now time.Time) bool { return !s.isStopped() && !now.Before(s.retry) }
