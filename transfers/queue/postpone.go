package queue

import (
	"portside/transfers"
)

// laterMost bounds the uploads of one session whose checks are under way.
const laterMost = 32

// A deferred is an upload whose checks are under way while the session goes on.
type deferred struct{ done chan struct{} }

// postpone lets an entry come to its end when its checks do.
func (w *worker) postpone(e *entry, res result, p transfers.Pending) {
	q := w.q
	q.mu.Lock()
	e.postponed = true
	e.site.busy--
	q.mu.Unlock()
	d := &deferred{done: make(chan struct{})}
	w.later = append(w.later, d)
	q.runs.Go(func() {
		defer close(d.done)
		res.err = p.Wait(e.ctx)
		q.finish(e, res)
	})
	for len(w.later) > laterMost {
		w.settleOldest()
	}
}

func (w *worker) settleOldest() {
	<-w.later[0].done
	w.later = w.later[1:]
}

// settleAll waits for all checks, before the session goes.
func (w *worker) settleAll() {
	for len(w.later) > 0 {
		w.settleOldest()
	}
}
