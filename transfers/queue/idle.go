package queue

import (
	"context"
	"time"
)

// pruneAfter is how many finished entries bring about a look at their number.
const pruneAfter = 1000

// checkIdle tells when nothing is left that could be done.
func (q *Queue) checkIdle(ctx context.Context) {
	q.mu.Lock()
	select {
	case <-q.idle:
		q.mu.Unlock()
		return
	default:
	}
	over := q.nothingToDo()
	thin := q.finished >= pruneAfter || (over && q.finished > 0)
	if thin {
		q.finished = 0
	}
	var totals Totals
	tell := over && q.working
	if over {
		close(q.idle)
		clear(q.standing)
		for _, s := range q.sites {
			s.denied = nil
		}
		totals = q.totals
		totals.Took = q.opt.Now().Sub(q.since)
		q.working = false
	}
	q.mu.Unlock()
	if tell && q.opt.OnIdle != nil {
		totals.Left = q.unfinished(ctx)
		q.events.post(func() { q.opt.OnIdle(totals) })
	}
	if over {
		q.events.change()
	}
	if thin {
		if _, err := q.st.Prune(ctx); err != nil && ctx.Err() == nil {
			q.mu.Lock()
			q.storeFailed(err)
			q.mu.Unlock()
		}
	}
}

// unfinished is how many entries are not at their end.
func (q *Queue) unfinished(ctx context.Context) int {
	c, err := q.Counts(ctx)
	if err != nil {
		return 1 // the queue is about to close: nobody may take it for done
	}
	return c.Unfinished()
}

// nothingToDo reports whether no entry runs, waits for its time, or could be
// started. The lock is held.
func (q *Queue) nothingToDo() bool {
	if len(q.active) > 0 || q.holding > 0 {
		return false
	}
	for _, s := range q.sites {
		q.prune(s)
		for _, h := range s.taken {
			if h != nil { // on its way into the file
				return false
			}
		}
		if s.isStopped() && q.opt.DialRetries < 0 {
			continue
		}
		if !q.paused && (s.ready() > 0 || s.moreFiles || s.moreDirs || !s.due.IsZero()) {
			return false
		}
	}
	return true
}

// backoff is the wait before a try, after so many that failed.
func (q *Queue) backoff(fails int) time.Duration {
	d := q.opt.Backoff
	for range min(fails-1, 16) {
		if d *= 2; d >= maxBackoff {
			d = maxBackoff
			break
		}
	}
	jitter := q.opt.Transfer.Jitter
	if jitter == nil {
		jitter = randomly
	}
	return time.Duration(float64(d) * (0.5 + jitter()))
}

// maxBackoff bounds the wait between two tries.
const maxBackoff = 30 * time.Second
