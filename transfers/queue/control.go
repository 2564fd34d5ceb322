package queue

import (
	"context"
	"math/rand/v2"
	"slices"

	"portside/transfers"
	"portside/transfers/queue/store"
)

func randomly() float64 { return rand.Float64() }

// unfinished are the states of what can be paused, cancelled or moved.
func unfinished() []uint8 {
	return []uint8{uint8(Queued), uint8(Waiting), uint8(Paused), uint8(NeedsAnswer)}
}

// ended is a row that has come to its end in a state.
func (q *Queue) ended(s State) store.Row { return store.Row{State: uint8(s), Ended: q.opt.Now()} }

// Pause holds items back, with all that was found in them; those that run stop,
// and keep what they have.
func (q *Queue) Pause(ctx context.Context, ids ...int64) error {
	return q.reach(ctx, ids, errPaused, func() error {
		return q.setAll(ctx, ids, []uint8{uint8(Queued), uint8(Waiting)}, store.Row{State: uint8(Paused)}, store.State)
	})
}

// Resume lets paused items go on, with all that was found in them.
func (q *Queue) Resume(ctx context.Context, ids ...int64) error {
	return q.reach(ctx, nil, nil, func() error {
		return q.setAll(ctx, ids, []uint8{uint8(Paused)}, store.Row{State: uint8(Queued)}, store.State)
	})
}

// PauseAll starts nothing any more: after the files that are under way, or, with
// now, at once; they keep what they have. It is kept in the file.
func (q *Queue) PauseAll(ctx context.Context, now bool) error {
	q.mu.Lock()
	q.paused = true
	if now {
		for _, e := range q.active {
			e.cancel(errHeld)
		}
	}
	q.mu.Unlock()
	q.events.change()
	q.nudge()
	return q.keep(ctx, keyPaused, true)
}

// ResumeAll ends PauseAll.
func (q *Queue) ResumeAll(ctx context.Context) error {
	q.mu.Lock()
	q.paused = false
	q.busyAgain()
	q.mu.Unlock()
	q.events.change()
	q.nudge()
	return q.keep(ctx, keyPaused, false)
}

// Paused reports whether PauseAll is in force.
func (q *Queue) Paused() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.paused
}

// Cancel ends items, with all that was found in them.
func (q *Queue) Cancel(ctx context.Context, ids ...int64) error {
	return q.reach(ctx, ids, errCancelled, func() error {
		return q.setAll(ctx, ids, unfinished(), q.ended(Cancelled), store.State|store.Ended|store.Conflict)
	})
}

// CancelAll ends all items.
func (q *Queue) CancelAll(ctx context.Context) error {
	return q.reach(ctx, nil, errCancelled, func() error {
		_, err := q.st.SetAll(ctx, store.Where{States: unfinished()}, q.ended(Cancelled), store.State|store.Ended|store.Conflict)
		return err
	})
}

// Skip ends items as skipped.
func (q *Queue) Skip(ctx context.Context, ids ...int64) error {
	return q.reach(ctx, ids, errSkipped, func() error {
		return q.setAll(ctx, ids, append(unfinished(), uint8(Failed)), q.ended(Skipped), store.State|store.Ended|store.Conflict)
	})
}

// anew are the fields that a further run begins with.
const anew = store.State | store.Due | store.Tries | store.Reason | store.Conflict | store.Ended

// Retry lets failed and cancelled items run again, and those that wait for their
// next try. They go on from what was kept, once compared.
func (q *Queue) Retry(ctx context.Context, ids ...int64) error {
	return q.reach(ctx, nil, nil, func() error {
		states := []uint8{uint8(Failed), uint8(Cancelled), uint8(Skipped), uint8(Waiting)}
		return q.setAll(ctx, ids, states, store.Row{State: uint8(Queued)}, anew)
	})
}

// RetryFailed lets all failed items run again.
func (q *Queue) RetryFailed(ctx context.Context) error {
	return q.reach(ctx, nil, nil, func() error {
		_, err := q.st.SetAll(ctx, store.Where{States: []uint8{uint8(Failed)}}, store.Row{State: uint8(Queued)}, anew)
		return err
	})
}

// Remove cancels items and takes them off the list.
func (q *Queue) Remove(ctx context.Context, ids ...int64) error {
	if err := q.Cancel(ctx, ids...); err != nil {
		return err
	}
	rows, err := q.st.Get(ctx, ids...)
	if err != nil {
		return err
	}
	defer q.events.change()
	for i := range rows {
		where := store.Where{IDs: []int64{rows[i].ID}, States: finishedStates()}
		if rows[i].Dir {
			where = store.Where{Under: rows[i].ID, States: finishedStates()}
		}
		if _, err = q.st.DeleteAll(ctx, where); err != nil {
			return err
		}
	}
	return nil
}

func finishedStates() []uint8 {
	return []uint8{uint8(Done), uint8(Failed), uint8(Skipped), uint8(Cancelled)}
}

// Clear takes the finished items off the list: all of them, or those in the
// given states.
func (q *Queue) Clear(ctx context.Context, states ...State) error {
	list := finishedStates()
	if len(states) > 0 {
		list = list[:0]
		for _, s := range states {
			if s.Finished() {
				list = append(list, uint8(s))
			}
		}
	}
	_, err := q.st.DeleteAll(ctx, store.Where{States: list})
	q.events.change()
	return err
}

// SetPriority gives items a priority, with all that was found in them.
func (q *Queue) SetPriority(ctx context.Context, p Priority, ids ...int64) error {
	return q.reach(ctx, nil, nil, func() error {
		return q.setAll(ctx, ids, unfinished(), store.Row{Priority: int8(p)}, store.Priority)
	})
}

// Move puts items elsewhere among those of their priority.
func (q *Queue) Move(ctx context.Context, where Where, ids ...int64) error {
	return q.reach(ctx, nil, nil, func() error { return q.st.Move(ctx, store.Place(where), unfinished(), ids...) })
}

// Answer decides about the conflict of an item. With ForAll it is also the
// answer of every other item of the same kind, until the queue is idle. It
// reports false where the item does not ask.
func (q *Queue) Answer(ctx context.Context, id int64, d transfers.Decision) (bool, error) {
	if d.Action == transfers.Ask || d.Action > transfers.Fail {
		return false, nil
	}
	rows, err := q.st.Get(ctx, id)
	if err != nil || len(rows) == 0 || State(rows[0].State) != NeedsAnswer {
		return false, err
	}
	ids := []int64{id}
	if d.ForAll {
		kind := rows[0].Kind
		q.mu.Lock()
		q.standing[Kind(kind)] = d.Action
		q.mu.Unlock()
		// Questions that came up before are in the file then; later ones are answered.
		if err = q.st.Apply().Wait(ctx); err != nil {
			return false, err
		}
		if ids, err = q.asking(ctx, kind); err != nil {
			return false, err
		}
	}
	asks := store.Where{IDs: ids, States: []uint8{uint8(NeedsAnswer)}}
	_, err = q.st.SetAll(ctx, asks, store.Row{State: uint8(Queued), Rule: uint8(d.Action)}, store.State|store.Rule|store.Conflict)
	q.moreWork()
	return err == nil, err
}

// asking returns the items of a kind that need an answer.
func (q *Queue) asking(ctx context.Context, kind uint8) ([]int64, error) {
	var ids []int64
	for offset := 0; ; offset += 1000 {
		rows, _, err := q.st.Page(ctx, store.PageQuery{States: []uint8{uint8(NeedsAnswer)}, Offset: offset, Limit: 1000})
		if err != nil || len(rows) == 0 {
			return ids, err
		}
		for i := range rows {
			if rows[i].Kind == kind {
				ids = append(ids, rows[i].ID)
			}
		}
	}
}

// SetLimits changes the limits at once.
func (q *Queue) SetLimits(ctx context.Context, l Limits) error {
	l.Down, l.Up = max(0, l.Down), max(0, l.Up)
	q.mu.Lock()
	q.limits = l
	q.down.SetRate(l.Down)
	q.up.SetRate(l.Up)
	for _, s := range q.sites {
		s.grow.hold = s.grow.hold.Add(-growHold) // look again at what pays
		for _, w := range s.idle {
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}
	}
	q.mu.Unlock()
	q.events.change()
	q.nudge()
	return q.keep(ctx, keyLimits, l)
}

// Limits returns the limits.
func (q *Queue) Limits() Limits {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limits
}

// parallel and perSite are the limits with their defaults. The lock is held.
func (q *Queue) parallel() int {
	if q.limits.Parallel > 0 {
		return q.limits.Parallel
	}
	return max(DefaultParallel, q.limits.PerSite)
}

func (q *Queue) perSite() int {
	if q.limits.PerSite > 0 {
		return q.limits.PerSite
	}
	return min(DefaultPerSite, q.parallel())
}

// SetSchedule says when transfers may run. What runs at the end of its time
// comes to its end.
func (q *Queue) SetSchedule(ctx context.Context, s Schedule) error {
	q.mu.Lock()
	q.schedule = s
	q.mu.Unlock()
	q.moreWork()
	return q.keep(ctx, keySchedule, s)
}

// Schedule returns when transfers may run.
func (q *Queue) Schedule() Schedule {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.schedule
	s.Days = slices.Clone(s.Days)
	return s
}

// SetWhenDone keeps what the program does at the end of the queue.
func (q *Queue) SetWhenDone(ctx context.Context, d WhenDone) error {
	q.mu.Lock()
	q.whenDone = d
	q.mu.Unlock()
	return q.keep(ctx, keyWhenDone, d)
}

// WhenDone returns what the program does at the end of the queue.
func (q *Queue) WhenDone() WhenDone {
	q.mu.Lock()
	defer q.mu.Unlock()
	d := q.whenDone
	d.Command = slices.Clone(d.Command)
	return d
}

// ResumeSite lets a site go on that was stopped, or waits for its next attempt
// to connect.
func (q *Queue) ResumeSite(key string) {
	q.mu.Lock()
	if s := q.byKey[key]; s != nil {
		s.stopped, s.trouble, s.fails, s.denied = Reason{}, Reason{}, 0, nil
		s.retry = s.retry.Add(-maxBackoff * 2)
		s.more()
		q.busyAgain()
	}
	q.mu.Unlock()
	q.events.change()
	q.nudge()
}

// failSite fails what a site has left to do. The lock is held.
func (q *Queue) failSite(s *siteRun, why error) {
	reason := writeReason(reasonOf(why), "")
	s.forget()
	q.holding++
	q.runs.Go(func() {
		failed := q.ended(Failed)
		failed.Reason = reason
		n, err := q.st.SetAll(q.ctx, store.Where{Site: s.id, States: []uint8{uint8(Queued), uint8(Waiting)}},
			failed, store.State|store.Ended|store.Reason)
		q.mu.Lock()
		defer q.mu.Unlock()
		q.holding--
		if err != nil && q.ctx.Err() == nil {
			q.storeFailed(err)
		}
		s.forget()
		s.stopped = Reason{}
		if n > 0 {
			q.begin(q.opt.Now()) // its end is told, also where nothing could be started
		}
		q.totals.Failed += int(n)
		q.nudge()
		q.events.change()
	})
}
