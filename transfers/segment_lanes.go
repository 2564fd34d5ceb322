package transfers

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

// The ends of a connection's work on a lane that are no failures of it.
var (
	errLaneDone  = errors.New("the piece is complete")
	errLaneWrong = errors.New("the server does not begin where it was told")
)

// A lane is a piece of the file that one connection fetches. Its bytes from from to
// pos are there. The lanes follow each other without gaps.
type lane struct {
	from, pos, end int64
	head           []byte // its first bytes, once they are there
	taken          bool   // a connection is at it
	joined         bool   // complete, and its end compared with the next lane's head
}

// lanes is the state of a file in pieces.
type lanes struct {
	p    *part
	size int64

	mu      sync.Mutex // guards what follows
	all     []*lane
	changed chan struct{} // closed and made anew when a lane has got a head, or gone
}

// newLanes makes lanes of the ranges that are there. Ranges that are too short to
// be compared are left out.
func newLanes(p *part, size int64, ranges [][2]int64) *lanes {
	l := &lanes{p: p, size: size, changed: make(chan struct{})}
	if len(ranges) == 0 || ranges[0][0] != 0 {
		l.all = append(l.all, &lane{})
	}
	for _, r := range ranges {
		if r[0] > 0 && r[1]-r[0] < sampleSize {
			continue
		}
		n := &lane{from: r[0], pos: r[1]}
		if r[0] > 0 {
			head, err := p.bytesAt(r[0], sampleSize)
			if err != nil {
				continue
			}
			n.head = head
		}
		l.all = append(l.all, n)
	}
	for i, n := range l.all {
		n.end = size
		if i+1 < len(l.all) {
			n.end = l.all[i+1].from
		}
	}
	return l
}

// bytes returns how many are there.
func (l *lanes) bytes() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lane := range l.all {
		n += lane.pos - lane.from
	}
	return n
}

// certain returns the length of the beginning that came in one piece, or in
// several whose seams were compared.
func (l *lanes) certain() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.all {
		if !n.joined {
			return n.pos
		}
	}
	return l.size
}

// prefix returns the same, and whether nothing else is there.
func (l *lanes) prefix() (int64, bool) {
	n := l.certain()
	return n, n == l.bytes()
}

// ranges returns what is there; lanes that were joined are one.
func (l *lanes) ranges() (r [][2]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	joined := false
	for _, n := range l.all {
		if joined {
			r[len(r)-1][1] = n.pos
		} else {
			r = append(r, [2]int64{n.from, n.pos})
		}
		joined = n.joined
	}
	return r
}

// open returns a lane that nobody is at and that is not complete; the first of
// them. nil: there is none.
func (l *lanes) open() *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.all {
		if !n.taken && !n.joined {
			n.taken = true
			return n
		}
	}
	return nil
}

// largest returns how many bytes the largest lane still lacks.
func (l *lanes) largest() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lane := range l.all {
		n = max(n, lane.end-lane.pos)
	}
	return n
}

// split halves what the largest lane still lacks, and returns the second half;
// nil where that is too small to pay.
func (l *lanes) split() *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := -1
	for i, n := range l.all {
		if at < 0 || n.end-n.pos > l.all[at].end-l.all[at].pos {
			at = i
		}
	}
	n := l.all[at]
	rest := n.end - n.pos
	// The first half is longer than what its connection may be moving just now.
	if rest < 2*(largestStep+smallestCut) {
		return nil
	}
	mid := n.pos + rest/2
	next := &lane{from: mid, pos: mid, end: n.end, taken: true}
	n.end = mid
	l.all = append(l.all[:at+1:at+1], append([]*lane{next}, l.all[at+1:]...)...)
	l.wake()
	return next
}

// wake wakes those that wait for a head. l.mu is held.
func (l *lanes) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// release ends a connection's work on a lane. One that has no head is nothing to
// build on, or drop says so: the lane before it takes its place.
func (l *lanes) release(n *lane, drop bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.taken = false
	for i, o := range l.all {
		if o == n && i > 0 && (n.head == nil || drop) {
			l.all[i-1].end = n.end
			l.all[i-1].joined = false
			l.all = append(l.all[:i:i], l.all[i+1:]...)
			break
		}
	}
	l.wake()
}

// A laneWork is one connection at one lane. It gives leave to move bytes, up to
// the next place where something has to be compared.
type laneWork struct {
	l    *lanes
	n    *lane
	tail []byte // what must come first: the last bytes that are there
	at   int64  // of the next byte to arrive
	went int64  // bytes that moved

	step  int64     // bytes to be let go at once: what takes a moment
	asked time.Time // when that was last said
}

// work begins where the lane ends, or a little earlier.
func (l *lanes) work(n *lane) (*laneWork, error) {
	w := &laneWork{l: l, n: n, at: n.pos}
	if m := min(n.pos-n.from, sampleSize); m > 0 {
		tail, err := l.p.bytesAt(n.pos-m, int(m))
		if err != nil {
			return nil, err
		}
		w.tail, w.at = tail, n.pos-m
	}
	return w, nil
}

// moved is told of bytes that have arrived.
func (w *laneWork) moved(n int64) {
	w.went += n
	w.at += n
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.n.pos = max(w.n.pos, min(w.at, w.n.end))
}

// pace returns how many bytes may move now, after asking outer.
func (w *laneWork) pace(outer func(context.Context, int) (int, error)) func(context.Context, int) (int, error) {
	return func(ctx context.Context, n int) (int, error) {
		if n > 0 {
			room, err := w.room(ctx)
			if err != nil {
				return 0, err
			}
			n = int(min(int64(n), room))
		}
		if outer != nil {
			return outer(ctx, n)
		}
		return n, nil
	}
}

// room compares what has to be compared here, and returns how far it is to the
// next such place.
func (w *laneWork) room(ctx context.Context) (int64, error) {
	if len(w.tail) > 0 {
		if w.at < w.n.pos {
			return w.n.pos - w.at, nil
		}
		tail, at := w.tail, w.at-int64(len(w.tail))
		w.tail = nil
		if err := w.same(at, tail, ErrResume); err != nil {
			return 0, err
		}
	}
	if w.n.from > 0 && w.n.head == nil {
		if left := w.n.from + sampleSize - w.at; left > 0 {
			return left, nil
		}
		if err := w.first(); err != nil {
			return 0, err
		}
	}
	for {
		w.l.mu.Lock()
		end, next, changed := w.n.end, w.l.after(w.n), w.l.changed
		w.l.mu.Unlock()
		switch {
		case w.at < end:
			return min(end-w.at, w.stride()), nil
		case next == nil && w.at == end:
			return 1, nil // for the end of the file to be seen
		case next == nil:
			return 0, errTooLong
		case next.head == nil:
			select {
			case <-changed:
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		case w.at < end+sampleSize:
			return end + sampleSize - w.at, nil
		default:
			if err := w.same(end, next.head, errLaneWrong); err != nil {
				return 0, err
			}
			return 0, errLaneDone
		}
	}
}

// The times that the bytes let go at once should take, so that what is measured
// is smooth and nothing is spent on asking.
const (
	shortStep    = 20 * time.Millisecond
	longStep     = 80 * time.Millisecond
	smallestStep = 64 << 10
)

// stride returns how many bytes are let go at once at the speed of this
// connection.
func (w *laneWork) stride() int64 {
	now := time.Now()
	switch took := now.Sub(w.asked); {
	case w.step == 0:
		w.step = 4 * smallestStep
	case took < shortStep:
		w.step = min(2*w.step, largestStep)
	case took > longStep:
		w.step = max(w.step/2, smallestStep)
	}
	w.asked = now
	return w.step
}

// after returns the lane after n. l.mu is held. What it has in head does not
// change any more.
func (l *lanes) after(n *lane) *lane {
	for i, o := range l.all {
		if o == n && i+1 < len(l.all) {
			next := *l.all[i+1]
			return &next
		}
	}
	return nil
}

// same compares what has arrived at a place with what was there before. Where it
// differs, that is put back.
func (w *laneWork) same(at int64, before []byte, wrong error) error {
	got, err := w.l.p.bytesAt(at, len(before))
	if err != nil {
		return err
	}
	if bytes.Equal(got, before) {
		return nil
	}
	if _, err = w.l.p.f.WriteAt(before, at); err != nil {
		return localErr("write", w.l.p.path(), err)
	}
	return wrong
}

// first keeps the first bytes of a lane, unless they are the first of the file:
// a server that ignores REST sends those.
func (w *laneWork) first() error {
	head, err := w.l.p.bytesAt(w.n.from, sampleSize)
	if err != nil {
		return err
	}
	start, err := w.l.p.bytesAt(0, sampleSize)
	if err != nil {
		return err
	}
	if bytes.Equal(head, start) {
		return errLaneWrong
	}
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.n.head = head
	w.l.wake()
	return nil
}
