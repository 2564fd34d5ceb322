package transfers

import (
	"context"
	"errors"
	"slices"
	"time"
)

// run transfers one item, in its own goroutine and with a slot of the queue.
func (q *Queue) run(ctx context.Context, e *entry) {
	r := &itemRun{q: q, e: e, lease: lease{pool: q.pool}, slot: true}
	err := r.transfer(ctx)
	r.lease.release(r.t.lost())
	q.finish(ctx, r, err)
}

// An itemRun is one run of an item.
type itemRun struct {
	q     *Queue
	e     *entry
	t     *task
	lease lease
	slot  bool // counted in Queue.running
	asked bool // counted in Queue.asking
}

// transfer makes the task of the item and does it.
func (r *itemRun) transfer(ctx context.Context) error {
	q := r.q
	opt := q.opt.Transfer
	opt.Ask = r.ask
	opt.Redial = r.lease.renew
	opt.Progress = r.progress
	opt.OnRetry = r.waits
	q.mu.Lock()
	job, goOn := r.e.item.Job, r.e.goOn
	q.mu.Unlock()
	r.t = newTask(nil, job.Direction, opt)
	r.t.goOn, r.t.onTry = goOn, r.tries
	if job.Dir {
		r.t.finished, r.t.done = r.wasDone, r.isDone
	}
	// The first session is made like one that was lost.
	if err := r.t.simply(ctx, func(context.Context) error { return nil }); err != nil {
		return err
	}
	switch {
	case job.Direction == Downloading && job.Dir:
		return r.t.downloadTree(ctx, job.Remote, job.Local)
	case job.Direction == Downloading:
		return r.t.downloadOne(ctx, job.Remote, job.Local)
	case job.Dir:
		return r.t.uploadTree(ctx, job.Local, job.Remote)
	default:
		_, err := r.t.upload(ctx, job.Local, &target{path: job.Remote})
		return err
	}
}

func (r *itemRun) progress(p Progress) {
	r.q.mu.Lock()
	defer r.q.mu.Unlock()
	if r.e.progress(p, time.Now()) {
		r.q.changed(r.e)
	}
}

// waits is told before a wait, tries after it.
func (r *itemRun) waits(err error, _ time.Duration) {
	r.q.mu.Lock()
	defer r.q.mu.Unlock()
	r.e.item.State, r.e.item.Err = Waiting, err
	r.q.changed(r.e)
}

func (r *itemRun) tries() {
	r.q.mu.Lock()
	defer r.q.mu.Unlock()
	r.e.item.State, r.e.item.Err = Running, nil
	r.q.changed(r.e)
}

func (r *itemRun) wasDone(path string) bool {
	r.q.mu.Lock()
	defer r.q.mu.Unlock()
	return r.e.done[path]
}

func (r *itemRun) isDone(path string) {
	r.q.mu.Lock()
	defer r.q.mu.Unlock()
	r.e.done[path] = true
}

// ask waits for Queue.Answer. Meanwhile the item's session and its slot are
// free for others.
func (r *itemRun) ask(ctx context.Context, c Conflict) (Decision, error) {
	q := r.q
	q.mu.Lock()
	if all := q.standing[c.Direction]; all != Ask {
		q.mu.Unlock()
		return Decision{Action: all}, nil
	}
	answer := make(chan Decision, 1)
	r.e.answer = answer
	r.e.item.Conflict, r.e.item.State = &c, NeedsAnswer
	q.asking++
	r.asked = true
	q.changed(r.e)
	q.mu.Unlock()

	r.lease.release(r.t.lost())
	r.t.gone = true // until the next step takes another session
	q.mu.Lock()
	r.giveSlot() //nolint:contextcheck // what starts next lives with the queue
	q.mu.Unlock()

	var d Decision
	select {
	case d = <-answer:
	case <-ctx.Done():
	}
	if err := r.takeSlot(ctx); err != nil {
		return d, err // and finish does the rest
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asking--
	r.asked = false
	r.e.item.State = Running
	q.changed(r.e)
	return d, nil
}

// answer hands an item its answer. The lock is held.
func (q *Queue) answer(e *entry, d Decision) {
	e.answer <- d
	e.answer = nil
	e.item.State, e.item.Conflict = Queued, nil // for its turn to go on
	q.changed(e)
}

// giveSlot lets another item run. The lock is held.
func (r *itemRun) giveSlot() {
	if !r.slot {
		return
	}
	r.slot = false
	r.q.running--
	r.q.fill()
}

// takeSlot waits for the item's turn, ahead of those that have not started.
func (r *itemRun) takeSlot(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	q := r.q
	turn := make(chan struct{})
	q.mu.Lock()
	q.answered = append(q.answered, turn)
	q.fill() //nolint:contextcheck // as in ask
	q.mu.Unlock()
	select {
	case <-turn:
		r.slot = true
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	before := len(q.answered)
	q.answered = slices.DeleteFunc(q.answered, func(c chan struct{}) bool { return c == turn })
	r.slot = len(q.answered) == before // it had come in the meantime
	return ended(ctx)
}

// finish ends a run of an item, and lets the next one start.
func (q *Queue) finish(ctx context.Context, r *itemRun, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := r.e
	sum, err := r.t.result(err)
	e.item.Summary = sum
	tooMany, isTooMany := errors.AsType[*tooManyError](err)
	switch {
	case err == nil && sum.Files == 0 && sum.Skipped > 0 && !e.item.Dir:
		q.end(e, Skipped, nil)
	case err == nil:
		q.end(e, Done, nil)
	case ctx.Err() != nil:
		q.end(e, Cancelled, nil)
	case isTooMany && !q.closed:
		q.limit = max(1, min(q.limit, tooMany.open))
		e.cancel = nil
		e.reset()
		e.goOn = true
		q.pending = slices.Insert(q.pending, 0, e)
		q.changed(e)
	default:
		q.end(e, Failed, err)
		q.refuseAll(err)
	}
	if r.slot {
		q.running--
	}
	if r.asked {
		q.asking--
	}
	q.fill() //nolint:contextcheck // as in ask
	q.checkIdle()
}
