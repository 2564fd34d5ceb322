package queue

import (
	"context"
	"errors"

	"portside/transfers"
)

// errNoSpare ends the growth of one file's connections quietly.
var errNoSpare = errors.New("no further connection is free")

// inSegments reports whether a file may be fetched over several connections:
// where it is large, and nothing else waits for them.
func (w *worker) inSegments(e *entry) bool {
	q := w.q
	if w.lent || e.kind() != Download || e.row.Size < transfers.DefaultSegmentMinSize || e.row.Flags&flagASCII != 0 {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.most(e.site) > 1 && e.site.ready() == 0 && e.site.workers < q.most(e.site)
}

// moveSegments is transfers.MoveSegmented with the worker's session, which is
// closed with the others.
func (w *worker) moveSegments(e *entry, f transfers.File, opt transfers.Options) (transfers.Outcome, error) {
	q, s := w.q, w.s
	w.settleAll()
	first, extra := w.sess, 0
	w.sess = nil
	giveBack := func(n int) { // what a connection has taken of the limits
		q.mu.Lock()
		n = min(n, extra)
		extra -= n
		s.lanes -= n
		s.workers -= n
		q.workers -= n
		q.someLeft()
		q.mu.Unlock()
		q.nudge()
	}
	sessions := func(ctx context.Context) (transfers.RemoteCloser, error) {
		if first != nil {
			sess := first
			first = nil
			return sess, nil
		}
		q.mu.Lock()
		q.lookBeside(s)
		most := q.most(s)
		site, all := min(most, max(2, most-1)), q.parallel() // one is left for what may come
		if len(q.sites) > 1 {
			all--
		}
		free := s.ready() == 0 && s.workers < min(site, s.wanted()) && q.workers < all && s.mayDial(q.opt.Now())
		if free {
			s.lanes++
			s.workers++
			q.workers++
			extra++
		}
		q.mu.Unlock()
		if !free {
			return nil, errNoSpare
		}
		sess, err := q.opt.Dial(ctx, s.key)
		if err != nil {
			giveBack(1)
		}
		return sess, err
	}
	q.mu.Lock()
	most := q.most(e.site)
	q.mu.Unlock()
	out, err := transfers.MoveSegmented(e.ctx, sessions, f, opt, transfers.SegmentOptions{
		Max: min(transfers.DefaultSegments, most), Closed: func() { giveBack(1) },
	})
	q.mu.Lock()
	if w.sess = first; first == nil {
		s.sessions-- // the worker makes another for the next file
	}
	left := extra
	q.mu.Unlock()
	giveBack(left)
	return out, err
}
