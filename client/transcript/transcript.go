// Package transcript records what was said on a control connection: every
// command, every reply line, and Portside's own notes, in order and with the
// time. Secrets are masked before they reach a [Recorder], so that a transcript
// can be shown, saved and sent to somebody as it is.
//
// A note is never mistaken for the server's words: it has a [Kind] of its own.
package transcript

import (
	"sync"
	"time"
)

// A Kind says who is speaking in a Line.
type Kind uint8

// The kinds of line.
const (
	Note     Kind = iota // Portside's own remark
	Command              // sent to the server
	Received             // one line of a reply
)

// A Line is one line of a transcript.
type Line struct {
	Time time.Time
	Conn int // number of the control connection, from 1; 0 where none is concerned
	Kind Kind
	Text string // without line end; bytes as on the wire, secrets masked
}

// String returns the line with a mark for its kind: "> " for a command, "< "
// for a reply and "* " for a note.
func (l Line) String() string {
	switch l.Kind {
	case Command:
		return "> " + l.Text
	case Received:
		return "< " + l.Text
	default:
		return "* " + l.Text
	}
}

// A Recorder keeps the newest lines in a ring and hands every line to a sink.
// The nil Recorder discards everything. It is safe for concurrent use.
type Recorder struct {
	sink func(Line)

	mu    sync.Mutex // guards what follows, and the order of calls to sink
	ring  []Line
	next  uint64 // sequence number of the next line; ring[next%len] is where it goes
	conns int
}

// DefaultCapacity is the number of lines a Recorder keeps unless told.
const DefaultCapacity = 10_000

// New returns a Recorder that keeps the newest capacity lines (DefaultCapacity
// where capacity is not positive) and calls sink, which may be nil, with each
// line in order. sink must not call the Recorder.
func New(capacity int, sink func(Line)) *Recorder {
	if capacity <= 0 {
		capacity = DefaultCapacity
	}
	return &Recorder{sink: sink, ring: make([]Line, capacity)}
}

// NextConn returns the number for a new control connection.
func (r *Recorder) NextConn() int {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns++
	return r.conns
}

// Add appends a line.
func (r *Recorder) Add(l Line) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring[r.next%uint64(len(r.ring))] = l
	r.next++
	if r.sink != nil {
		r.sink(l)
	}
}

// Lines returns a copy of the lines that are kept, oldest first.
func (r *Recorder) Lines() []Line {
	lines, _ := r.Since(0)
	return lines
}

// Since returns the lines that are kept from sequence number seq on, oldest
// first, and the sequence number to ask with next time. Who asks too seldom
// misses the lines that the ring has dropped in between.
func (r *Recorder) Since(seq uint64) ([]Line, uint64) {
	if r == nil {
		return nil, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	size := uint64(len(r.ring))
	if r.next > size {
		seq = max(seq, r.next-size)
	}
	if seq >= r.next {
		return nil, r.next
	}
	out := make([]Line, 0, r.next-seq)
	for ; seq < r.next; seq++ {
		out = append(out, r.ring[seq%size])
	}
	return out, r.next
}
