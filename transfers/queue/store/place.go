package store

import (
	"context"
	"fmt"
	"slices"
)

// A Place is where entries are moved to.
type Place uint8

// The places, within a priority.
const (
	Top Place = iota
	Up
	Down
	Bottom
)

// Move moves entries that are not finished, which keep their order among themselves:
// to an end of the queue, or past the one entry that stands before or behind them
// within their priority. Only entries in the given states count as such neighbours;
// nil: all that are not finished.
func (s *Store) Move(ctx context.Context, to Place, states []uint8, ids ...int64) error {
	return s.Apply(Move(to, states, ids...)).Wait(ctx)
}

// Move is Store.Move as a change.
func Move(to Place, states []uint8, ids ...int64) Change {
	return Change{run: func(ctx context.Context, w *txn) error {
		var moved []item
		err := w.each(ctx, Where{IDs: append([]int64{}, ids...)}, func(olds []item) error {
			moved = olds
			return nil
		})
		if err != nil {
			return err
		}
		moved = slices.DeleteFunc(moved, func(k item) bool { return slices.Contains(w.s.opt.Finished, k.state) })
		slices.SortFunc(moved, func(a, b item) int { return segment{}.key(&a).compare(segment{}.key(&b)) })
		if to == Down || to == Top {
			slices.Reverse(moved) // the nearest to the goal goes first
		}
		if to == Top || to == Bottom {
			return w.toEnd(ctx, moved, to)
		}
		return w.past(ctx, moved, to, states)
	}}
}

// SetPriority is a change of the priority of entries, which keep their positions.
func SetPriority(priority int8, ids ...int64) Change {
	return SetAll(Where{IDs: append([]int64{}, ids...)}, Row{Priority: priority}, Priority)
}

// toEnd gives entries positions before or behind all others.
func (w *txn) toEnd(ctx context.Context, moved []item, to Place) error {
	for _, k := range moved {
		if err := w.place(ctx, &k, w.s.endPosition(to)); err != nil {
			return err
		}
	}
	return nil
}

// endPosition is a new position at an end of the queue.
func (s *Store) endPosition(to Place) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == Top {
		s.next.top -= Gap
		return s.next.top
	}
	s.next.bottom += Gap
	return s.next.bottom
}

// place gives an entry another position.
func (w *txn) place(ctx context.Context, k *item, pos int64) error {
	err := w.update(ctx, []item{*k}, &Row{Pos: pos}, Pos)
	k.pos = pos
	return err
}

// past changes the places of each entry and its neighbour. One whose neighbour is moved
// too, and could not be, stays as well.
func (w *txn) past(ctx context.Context, moved []item, to Place, states []uint8) error {
	stuck := map[int64]bool{}
	for _, k := range moved {
		next, err := w.neighbour(ctx, &k, to, states)
		if err != nil {
			return err
		}
		if next == nil || stuck[next.id] {
			stuck[k.id] = true
			continue
		}
		if next.pos == k.pos {
			if err = w.spread(ctx, &k, next); err != nil {
				return err
			}
		}
		mine, others := k.pos, next.pos
		if err = w.place(ctx, next, mine); err == nil {
			err = w.place(ctx, &k, others)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// neighbour is the entry before or behind k within its priority; nil: there is none.
func (w *txn) neighbour(ctx context.Context, k *item, to Place, states []uint8) (*item, error) {
	compare, way := "<", "DESC"
	if to == Down {
		compare, way = ">", "ASC"
	}
	only := ""
	if states != nil {
		only = " AND state IN " + literal(states)
	}
	list, err := w.items(ctx, fmt.Sprintf("state NOT IN %s%s AND rank=? AND (pos,id)%s(?,?) ORDER BY pos %s,id %s LIMIT 1",
		w.s.finished, only, compare, way, way), k.rank, k.pos, k.id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// spread makes room where entries have the same position: it and those that follow get
// positions of their own, in the order they have, up to the first gap.
func (w *txn) spread(ctx context.Context, pair ...*item) error {
	at := pair[0]
	list, err := w.items(ctx, "state NOT IN "+w.s.finished+" AND rank=? AND pos=? ORDER BY id", at.rank, at.pos)
	if err != nil {
		return err
	}
	for end := at.pos; ; {
		last := at.pos + int64(len(list))
		// Those that stand where the last of them goes must go on too.
		more, failed := w.items(ctx, "state NOT IN "+w.s.finished+" AND rank=? AND pos>? AND pos<? ORDER BY pos,id", at.rank, end, last)
		if failed != nil {
			return failed
		}
		if len(more) == 0 {
			break
		}
		list, end = append(list, more...), last-1
	}
	first := at.pos
	for i := range list {
		if err = w.place(ctx, &list[i], first+int64(i)); err != nil {
			return err
		}
		for _, p := range pair {
			if p.id == list[i].id {
				p.pos = list[i].pos
			}
		}
	}
	return nil
}
