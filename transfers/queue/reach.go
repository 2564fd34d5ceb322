package queue

import (
	"context"
	"maps"
	"slices"
	"time"

	"portside/transfers/queue/store"
)

// stopWait bounds the wait for what was told to stop.
const stopWait = 5 * time.Second

// reach runs a change of the file over items and what was found in them. Nothing
// is started meanwhile; those that run are stopped by cause, where it is not nil.
func (q *Queue) reach(ctx context.Context, ids []int64, cause error, change func() error) error {
	q.mu.Lock()
	q.holding++
	for _, s := range q.sites {
		s.forget()
	}
	q.mu.Unlock()
	var err error
	if cause != nil {
		err = q.stopUnder(ctx, ids, cause)
	}
	q.mu.Lock()
	for _, s := range q.sites {
		s.repeat()
	}
	q.mu.Unlock()
	// The end of what has just ended, and what was found in it, is in the file
	// before the change looks for it: writes keep their order. Where the file takes
	// nothing the change says so itself.
	_ = q.st.Apply().Wait(ctx)
	if err == nil {
		err = change()
	}
	q.mu.Lock()
	q.holding--
	for _, s := range q.sites {
		s.forget()
	}
	q.busyAgain()
	q.mu.Unlock()
	q.events.change()
	q.nudge()
	return err
}

// stopUnder stops what runs of items and of what was found in them, nil: all, and
// waits until it has stopped, stopWait at most.
func (q *Queue) stopUnder(ctx context.Context, ids []int64, cause error) error {
	q.mu.Lock()
	list := slices.Collect(maps.Values(q.active)) // nothing comes to it while the queue is held
	q.mu.Unlock()
	if ids != nil {
		var err error
		if list, err = q.under(ctx, list, ids); err != nil {
			return err
		}
	}
	q.mu.Lock()
	ends := make([]chan struct{}, len(list))
	for i, e := range list {
		e.cancel(cause)
		ends[i] = e.over
	}
	q.mu.Unlock()
	wait, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	for _, over := range ends {
		select {
		case <-over:
		case <-wait.Done():
		}
	}
	return nil
}

// under returns those of the entries that are among ids, or were found in one of
// them, however deep.
func (q *Queue) under(ctx context.Context, list []*entry, ids []int64) ([]*entry, error) {
	within := map[int64]bool{0: false}
	for _, id := range ids {
		within[id] = true
	}
	var found []*entry
	for _, e := range list {
		in, err := within[e.row.Job], error(nil)
		if !in {
			in, err = q.isWithin(ctx, e.row.ID, e.row.Parent, within)
		}
		if err != nil {
			return nil, err
		}
		if in {
			found = append(found, e)
		}
	}
	return found, nil
}

// isWithin looks the folders above an entry up, and remembers what it learns.
func (q *Queue) isWithin(ctx context.Context, id, parent int64, within map[int64]bool) (bool, error) {
	if known, ok := within[id]; ok {
		return known, nil
	}
	in, ok := within[parent]
	if !ok {
		rows, err := q.st.Get(ctx, parent)
		if err != nil {
			return false, err
		}
		above := int64(0)
		if len(rows) > 0 {
			above = rows[0].Parent
		}
		if in, err = q.isWithin(ctx, parent, above, within); err != nil {
			return false, err
		}
	}
	within[id] = in
	return in, nil
}

// setAll changes items, and what was found in them, that are in one of the states.
func (q *Queue) setAll(ctx context.Context, ids []int64, states []uint8, r store.Row, fields store.Fields) error {
	rows, err := q.st.Get(ctx, ids...)
	if err != nil {
		return err
	}
	files, there := make([]int64, 0, len(ids)), make(map[int64]bool, len(rows))
	for i := range rows {
		there[rows[i].ID] = true
		if !rows[i].Dir {
			files = append(files, rows[i].ID)
			continue
		}
		where := store.Where{Under: rows[i].ID, States: states}
		if rows[i].Parent == 0 { // also what was in folders that have left the list
			where = store.Where{Job: rows[i].ID, States: states}
		}
		if _, err = q.st.SetAll(ctx, where, r, fields); err != nil {
			return err
		}
	}
	for _, id := range ids { // jobs that have left the list before what was found in them
		if there[id] {
			continue
		}
		if _, err = q.st.SetAll(ctx, store.Where{Job: id, States: states}, r, fields); err != nil {
			return err
		}
	}
	if len(files) > 0 {
		_, err = q.st.SetAll(ctx, store.Where{IDs: files, States: states}, r, fields)
	}
	return err
}
