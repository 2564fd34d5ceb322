package queue

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"portside/transfers/queue/store"
)

// A held is an entry that is not to be read from the file: it is about to run or
// runs, or what became of it is on its way into the file.
type held struct {
	commit *store.Commit // nil: it has not come to its end
	again  func() *store.Commit
	brings bool // more to do, once it is in the file
}

// repeatEvery is the time between two attempts to write to a file that refused.
const repeatEvery = time.Second

// whatChanges are the fields of a row that a run may change.
const whatChanges = store.State | store.Due | store.Tries | store.Settled | store.Reason | store.Conflict | store.Bytes |
	store.Children | store.Started | store.Ended | store.Size

// record has the file take over an entry as it is now, and what was found in it,
// in one step. The lock is held.
func (q *Queue) record(e *entry, found ...store.Row) {
	row, s := e.row, e.site
	write := func() *store.Commit {
		changes := []store.Change{store.Set(row, whatChanges)}
		if len(found) > 0 {
			changes = append(changes, store.InsertRows(found...))
		}
		return q.st.Apply(changes...)
	}
	var c *store.Commit
	if len(found) == 0 && State(row.State).Finished() && len(q.active)+s.ready() > 0 {
		c = q.st.ApplyLazily(store.Set(row, whatChanges))
	} else {
		c = write()
	}
	brings := len(found) > 0 || !State(row.State).Finished()
	s.taken[row.ID] = &held{commit: c, again: write, brings: brings}
	if brings {
		q.busyAgain()
		q.runs.Go(func() {
			<-c.Done()
			q.mu.Lock()
			if len(found) > 0 {
				s.outranked(row.Priority)
			}
			s.more()
			q.busyAgain()
			q.mu.Unlock()
			q.nudge()
		})
	} else if len(q.active) == 0 { // it may have been the last
		q.runs.Go(func() {
			<-c.Done()
			q.nudge()
		})
	}
	if State(row.State).Finished() {
		q.finished++
		if q.opt.OnDone != nil {
			it := q.item(&row)
			if it.State == Failed {
				it.Err = e.err
			}
			q.events.post(func() { q.opt.OnDone(it) })
		}
	}
	if q.opt.OnDone == nil {
		return
	}
	for i := range found { // what cannot be transferred at all
		if State(found[i].State).Finished() {
			it := q.item(&found[i])
			q.events.post(func() { q.opt.OnDone(it) })
		}
	}
}

// prune lets entries be read from the file again whose end is in it, and writes
// again what the file has refused. The lock is held.
func (q *Queue) prune(s *siteRun) {
	refused := false
	for id, h := range s.taken {
		if h == nil || h.commit == nil {
			continue
		}
		select {
		case <-h.commit.Done():
		default:
			continue
		}
		err := h.commit.Err()
		if err == nil {
			delete(s.taken, id)
			if h.brings {
				s.more() // before anybody can take the site for idle
			}
			q.trouble = Reason{}
			continue
		}
		q.storeFailed(err)
		refused = true
	}
	if now := q.opt.Now(); refused && now.Sub(s.repeated) >= repeatEvery {
		s.repeated = now
		s.repeat()
	}
}

// repeat writes again all that the file has refused. The lock is held.
func (s *siteRun) repeat() {
	for _, h := range s.taken {
		if h != nil && h.commit != nil && h.commit.Err() != nil {
			h.commit = h.again()
		}
	}
}

// storeFailed keeps why the file cannot be used. The lock is held.
func (q *Queue) storeFailed(err error) {
	q.trouble = Reason{
		Kind: "queue-file", Sentence: "The queue's file cannot be written: " + err.Error() + ".",
		Next: "Make room on the disk. Nothing is lost meanwhile.",
	}
}

// durably has a change in the file before it returns: it tries again as long as
// the disk is full.
func (q *Queue) durably(ctx context.Context, write func() *store.Commit) error {
	for {
		err := write().Wait(ctx)
		if _, full := errors.AsType[*store.FullError](err); !full {
			return err
		}
		q.mu.Lock()
		q.storeFailed(err)
		q.mu.Unlock()
		q.events.change()
		timer := time.NewTimer(repeatEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// setting reads a setting into a value; what is missing or cannot be read leaves
// it as it is.
func (q *Queue) setting(ctx context.Context, key string, into any) error {
	b, err := q.st.Setting(ctx, key)
	if err != nil || len(b) == 0 {
		return err
	}
	_ = json.Unmarshal(b, into) // written by a newer program perhaps
	return nil
}

// keep writes a setting.
func (q *Queue) keep(ctx context.Context, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return q.st.SetSetting(ctx, key, b)
}
