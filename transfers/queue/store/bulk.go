package store

import (
	"context"
	"slices"
	"strings"
)

// A Where selects rows; what is zero does not matter. The zero Where selects all.
type Where struct {
	IDs    []int64 // nil: any
	States []uint8 // nil: any
	Site   int64
	Job    int64 // that entry and all that was found for it
	Under  int64 // a folder that was found, or a job: it and all below it
}

// SetAll sets fields of all rows that where selects to what r has, in one step. For
// very many rows use Store.SetAll, which does not hold up others.
func SetAll(where Where, r Row, fields Fields) Change {
	return Change{run: func(ctx context.Context, w *txn) error {
		return w.each(ctx, where, func(olds []item) error { return w.update(ctx, olds, &r, fields) })
	}}
}

// DeleteAll deletes all rows that where selects, in one step.
func DeleteAll(where Where) Change {
	return Change{run: func(ctx context.Context, w *txn) error {
		return w.each(ctx, where, func(olds []item) error { return w.remove(ctx, olds) })
	}}
}

// each calls do with the rows that where selects, where there are any.
func (w *txn) each(ctx context.Context, where Where, do func([]item) error) error {
	condition, args := where.condition()
	if where.IDs == nil {
		olds, err := w.items(ctx, condition, args...)
		if err != nil || len(olds) == 0 {
			return err
		}
		return do(olds)
	}
	var olds []item
	for part := range chunks(unique(where.IDs)) {
		some, err := w.items(ctx, "id IN ("+marks(len(part))+") AND "+condition, append(anys(part), args...)...)
		if err != nil {
			return err
		}
		olds = append(olds, some...)
	}
	if len(olds) == 0 {
		return nil
	}
	return do(olds)
}

// condition is where as SQL, without the ids.
func (where Where) condition() (string, []any) {
	var and []string
	var args []any
	if where.States != nil {
		and = append(and, "state IN "+literal(where.States))
	}
	if where.Site != 0 {
		and = append(and, "site=?")
		args = append(args, where.Site)
	}
	if where.Job != 0 {
		and = append(and, "id IN (SELECT id FROM items WHERE job=? AND parent<>0 UNION ALL SELECT ?)")
		args = append(args, where.Job, where.Job)
	}
	if where.Under != 0 {
		and = append(and, "id IN ("+below+")")
		args = append(args, where.Under)
	}
	if and == nil {
		return "1", nil
	}
	return strings.Join(and, " AND "), args
}

// below selects an entry and all that was found in it.
const below = `WITH RECURSIVE tree(id,job) AS (SELECT id,job FROM items WHERE id=? UNION ALL
	SELECT i.id,i.job FROM tree CROSS JOIN items i INDEXED BY items_job WHERE i.job=tree.job AND i.parent=tree.id AND i.parent<>0)
	SELECT id FROM tree`

// step is how many rows the methods below take at once, so that others get their turn.
const step = 2000

// SetAll sets fields of all rows that where selects to what r has, in small steps, each
// of which is stored for itself, and returns how many it changed. The change must make
// rows such that they are no longer selected: fields has State, and where.States lacks
// r.State.
func (s *Store) SetAll(ctx context.Context, where Where, r Row, fields Fields) (int64, error) {
	if fields&State == 0 || where.States == nil || slices.Contains(where.States, r.State) {
		return s.applyOne(ctx, SetAll(where, r, fields))
	}
	return s.inSteps(ctx, where, func(ctx context.Context, w *txn, olds []item) error { return w.update(ctx, olds, &r, fields) })
}

// DeleteAll deletes all rows that where selects, in small steps, and returns how many.
func (s *Store) DeleteAll(ctx context.Context, where Where) (int64, error) {
	return s.inSteps(ctx, where, func(ctx context.Context, w *txn, olds []item) error { return w.remove(ctx, olds) })
}

// DeleteFinished deletes all finished rows.
func (s *Store) DeleteFinished(ctx context.Context) (int64, error) {
	return s.DeleteAll(ctx, Where{States: s.opt.Finished})
}

func (s *Store) applyOne(ctx context.Context, change Change) (int64, error) {
	c := s.Apply(change)
	err := c.Wait(ctx)
	return c.Changed(), err
}

// inSteps does something with all rows that where selects, after which they must no
// longer be selected. Rows that come meanwhile are found by the next round.
func (s *Store) inSteps(ctx context.Context, where Where, do func(context.Context, *txn, []item) error) (all int64, err error) {
	for {
		ids, err := s.selected(ctx, where)
		if err != nil || len(ids) == 0 {
			return all, err
		}
		changed := int64(0)
		for part := range slices.Chunk(ids, step) {
			n, err := s.applyOne(ctx, Change{run: func(ctx context.Context, w *txn) error {
				return w.each(ctx, Where{IDs: part, States: where.States}, func(olds []item) error { return do(ctx, w, olds) })
			}})
			changed += n
			if err != nil {
				return all + changed, err
			}
		}
		if all += changed; changed == 0 {
			return all, nil
		}
	}
}

// selected returns the ids that where selects.
func (s *Store) selected(ctx context.Context, where Where) ([]int64, error) {
	condition, args := where.condition()
	if where.IDs == nil {
		return s.ints(ctx, "SELECT id FROM items WHERE "+condition, args...)
	}
	var all []int64
	for part := range chunks(unique(where.IDs)) {
		some, err := s.ints(ctx, "SELECT id FROM items WHERE id IN ("+marks(len(part))+") AND "+condition, append(anys(part), args...)...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Prune deletes finished rows beyond Options.KeepDone and those that ended longer ago
// than Options.KeepFor, the oldest first, in small steps. It returns how many.
func (s *Store) Prune(ctx context.Context) (all int64, err error) {
	for {
		n, err := s.applyOne(ctx, Change{run: s.pruneStep})
		all += n
		if err != nil || n == 0 {
			return all, err
		}
	}
}

func (s *Store) pruneStep(ctx context.Context, w *txn) error {
	oldest := "state IN " + s.finished + " ORDER BY ended,id LIMIT ?"
	if s.opt.KeepDone > 0 {
		if over := s.finishedRows(w.diff) - int64(s.opt.KeepDone); over > 0 {
			olds, err := w.items(ctx, oldest, min(over, step))
			if err != nil {
				return err
			}
			return w.remove(ctx, olds)
		}
	}
	if s.opt.KeepFor > 0 {
		olds, err := w.items(ctx, "ended<? AND "+oldest, micro(s.now().Add(-s.opt.KeepFor)), int64(step))
		if err != nil {
			return err
		}
		return w.remove(ctx, olds)
	}
	return nil
}

// finishedRows is how many finished rows there are, with those of the transaction that
// is under way.
func (s *Store) finishedRows(diff map[drawer]Count) (n int64) {
	s.counts.mu.RLock()
	defer s.counts.mu.RUnlock()
	for d, c := range s.counts.all {
		if slices.Contains(s.opt.Finished, d.state) {
			n += c.N
		}
	}
	for d, c := range diff {
		if slices.Contains(s.opt.Finished, d.state) {
			n += c.N
		}
	}
	return n
}
