package edit

import (
	"io/fs"
	"os"
	"time"
)

// A change is over when size and time have stood still for settleFor; they are
// looked at every settleEvery until then. Where a folder cannot be watched, its
// file is looked at every pollEvery.
const (
	settleFor   = 300 * time.Millisecond
	settleEvery = 100 * time.Millisecond
	pollEvery   = time.Second
)

// A localMark is how a copy looks from outside.
type localMark struct {
	there bool
	size  int64
	mtime time.Time
}

// markOf looks at a path; a link is followed, since an editor may have made it.
func markOf(path string) localMark {
	fi, err := os.Stat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return localMark{}
	}
	return markOfInfo(fi)
}

func markOfInfo(fi fs.FileInfo) localMark {
	return localMark{there: true, size: fi.Size(), mtime: fi.ModTime()}
}

func (m localMark) equal(o localMark) bool {
	return m.there == o.there && m.size == o.size && m.mtime.Equal(o.mtime)
}

// A settling waits until a copy stands still. The zero value waits for nothing.
type settling struct {
	waits bool
	last  localMark
	since time.Time
}

// begin says that something has happened.
func (s *settling) begin(now time.Time, m localMark) {
	if !s.waits || !m.equal(s.last) {
		*s = settling{waits: true, last: m, since: now}
	}
}

// look says whether the copy has stood still for long enough. A file that is not
// there is about to be replaced: it is waited for.
func (s *settling) look(now time.Time, m localMark) (over bool) {
	if !s.waits {
		return false
	}
	if !m.equal(s.last) {
		s.last, s.since = m, now
		return false
	}
	if now.Sub(s.since) < settleFor {
		return false
	}
	s.waits = false
	return m.there
}
