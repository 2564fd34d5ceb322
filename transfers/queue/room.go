package queue

import (
	"context"
	"time"
)

// parting is how long a server may take to forget a connection that was closed: it
// counts those that there are by processes that end, or the like.
const parting = 300 * time.Millisecond

// lookBeside asks how many connections to a site there are beside the queue's own. More
// of them count at once, fewer after a moment. The lock is held.
func (q *Queue) lookBeside(s *siteRun) {
	n := 0
	if q.opt.Beside != nil && s.site.MaxConnections > 1 {
		n = q.opt.Beside(s.key)
	}
	now := q.opt.Now()
	switch {
	case n >= s.beside:
		s.fewer = time.Time{}
	case s.fewer.IsZero():
		s.fewer = now.Add(parting)
		return
	case now.Before(s.fewer):
		return
	default:
		s.fewer = time.Time{}
		s.grow.hold = s.grow.hold.Add(-growHold) // look again at what pays
	}
	if n != s.beside {
		s.beside = n
		s.wakeAll()
	}
}

// wakeAll has the idle workers of a site look at everything again. The queue's lock is
// held.
func (s *siteRun) wakeAll() {
	for _, w := range s.idle {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// MakeRoom waits until the queue has no more connections to the sites that are chosen
// than their limits leave beside those that Options.Beside counts, among which the
// caller's, that it is about to make, is already. A connection that is too many is
// closed after the file that is under way on it. MakeRoom reports whether there was one;
// it returns an error where ctx ends, or the queue is closed, before there is room.
//
// choose is called like Options.Beside.
func (q *Queue) MakeRoom(ctx context.Context, choose func(site string) bool) (over bool, err error) {
	for {
		q.mu.Lock()
		tooMany := false
		for _, s := range q.sites {
			if s.site.MaxConnections > 1 && choose(s.key) {
				q.lookBeside(s)
				tooMany = tooMany || s.workers > q.most(s)
			}
		}
		left := q.left
		q.mu.Unlock()
		if !tooMany {
			break
		}
		over = true
		select {
		case <-left:
		case <-ctx.Done():
			return over, context.Cause(ctx)
		case <-q.ctx.Done():
			return over, errClosed
		}
	}
	if !over {
		return false, nil
	}
	forgotten := time.NewTimer(parting)
	defer forgotten.Stop()
	select {
	case <-forgotten.C:
		return over, nil
	case <-ctx.Done():
		return over, context.Cause(ctx)
	}
}

// someLeft says that connections were closed. The lock is held.
func (q *Queue) someLeft() {
	close(q.left)
	q.left = make(chan struct{})
}
