package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// A NextQuery asks for what may be done now.
type NextQuery struct {
	Site        int64
	Dirs, Files bool // which entries; neither: both
	Now         time.Time
	Limit       int
	Not         func(id int64) bool // leaves out what somebody has already; may be nil
}

// Next returns entries of a site that are pending and due, in the order of the queue.
func (s *Store) Next(ctx context.Context, q NextQuery) ([]Row, error) {
	if q.Now.IsZero() {
		q.Now = s.now()
	}
	var all []Row
	for _, kind := range []struct{ wanted, dir bool }{{q.Dirs || !q.Files, true}, {q.Files || !q.Dirs, false}} {
		if !kind.wanted {
			continue
		}
		some, err := s.nextAlike(ctx, q, kind.dir)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), q.Limit)], nil
}

// nextAlike is Next for folders or for files. The index has all that is asked, so that
// entries which are not due cost little.
func (s *Store) nextAlike(ctx context.Context, q NextQuery, dir bool) (list []Row, err error) {
	found, err := s.query(ctx, "SELECT id FROM items INDEXED BY items_next WHERE site=? AND dir=? AND due<=? AND state IN "+s.pending+
		" ORDER BY rank,pos,id", q.Site, whole(dir), micro(q.Now))
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // only read
	var ids []int64
	for len(ids) < q.Limit && found.Next() {
		var id int64
		if err = found.Scan(&id); err != nil {
			return nil, s.readError(ctx, err)
		}
		if q.Not == nil || !q.Not(id) {
			ids = append(ids, id)
		}
	}
	if err = found.Err(); err != nil {
		return nil, s.readError(ctx, err)
	}
	if err = found.Close(); err != nil {
		return nil, s.readError(ctx, err)
	}
	list, err = s.Get(ctx, ids...)
	// It may have changed between the two questions.
	return slices.DeleteFunc(list, func(r Row) bool { return !slices.Contains(s.opt.Pending, r.State) || r.Due.After(q.Now) }), err
}

// EarliestDue returns when the next pending entry of a site that has a time will be
// due; it may be past. It is zero where none has a time.
func (s *Store) EarliestDue(ctx context.Context, site int64) (time.Time, error) {
	due, err := s.ints(ctx, "SELECT due FROM items INDEXED BY items_due WHERE site=? AND due>0 AND state IN "+s.pending+" ORDER BY due LIMIT 1", site)
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	return at(due[0]), nil
}
