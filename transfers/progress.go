package transfers

import "time"

// Progress is how far a call has come.
type Progress struct {
	Direction Direction
	Scanning  bool   // a tree is being listed: FilesTotal and Total still grow
	Remote    string // current file, raw
	Local     string // current file

	FileBytes int64 // of the current file, resumed bytes included
	FileSize  int64 // -1: not known

	Bytes      int64 // of the whole call, resumed and skipped bytes included
	Total      int64 // -1: not known
	Files      int   // finished, failed and skipped ones included
	FilesTotal int   // 0: not known yet
	Moved      int64 // bytes that went over data connections, for rates

	Folders int // of PlanMirror: folders that were looked at, on both sides
	Found   int // entries in them
}

// progressEvery is the least time between two reports of one file.
const progressEvery = 100 * time.Millisecond

// A reporter counts and reports. The zero value counts in silence.
type reporter struct {
	fn   func(Progress)
	p    Progress
	base int64 // bytes of the files before the current one
	last time.Time
}

func (r *reporter) emit(always bool) {
	if r.fn == nil {
		return
	}
	now := time.Now()
	if !always && now.Sub(r.last) < progressEvery {
		return
	}
	r.last = now
	r.fn(r.p)
}

// found counts a file that a scan has found.
func (r *reporter) found(size int64) {
	r.p.FilesTotal++
	if size < 0 || r.p.Total < 0 {
		r.p.Total = -1
	} else {
		r.p.Total += size
	}
	r.emit(false)
}

// begin starts a file. A single file, which no scan has found, is the total.
func (r *reporter) begin(remote, local string, size int64) {
	r.p.Remote, r.p.Local = remote, local
	r.p.FileBytes, r.p.FileSize = 0, size
	r.p.Bytes = r.base
	if r.p.FilesTotal == 0 {
		r.p.FilesTotal, r.p.Total = 1, size
	}
	r.emit(true)
}

// at sets the position in the current file.
func (r *reporter) at(pos int64) {
	r.p.FileBytes = pos
	r.p.Bytes = r.base + pos
}

// moved counts n bytes that went over the data connection.
func (r *reporter) moved(n int64) {
	r.p.Moved += n
	r.at(r.p.FileBytes + n)
	r.emit(false)
}

// end finishes the current file, of which size bytes are there now; negative
// where it failed, so that it no longer counts towards the total.
func (r *reporter) end(size int64) {
	r.p.Files++
	if size >= 0 {
		r.at(size)
	} else {
		r.at(0)
		if r.p.Total >= 0 && r.p.FileSize >= 0 {
			r.p.Total -= r.p.FileSize
		}
	}
	r.base = r.p.Bytes
	r.emit(true)
}
