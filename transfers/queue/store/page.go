package store

import (
	"context"
	"fmt"
	"slices"
)

// A PageQuery asks for a part of a list. The list has the entries that are not
// finished first, in the order of the queue, and then the finished ones by their end.
type PageQuery struct {
	States        []uint8 // nil: all
	Text          string  // in a path, in any case of letters; "": any
	Job           int64   // that entry and what was found for it; 0: any
	NewestFirst   bool    // of the finished ones; else the oldest are first
	Offset, Limit int
}

// Page returns a part of a list, and how long the whole is. Without Text and Job it
// takes some milliseconds at any offset once it was near; with them it looks at every
// entry, which takes a second or two for a million and ends with ctx, and keeps the
// answer for the next page.
func (s *Store) Page(ctx context.Context, q PageQuery) (rows []Row, total int, err error) {
	q.Offset, q.Limit = max(q.Offset, 0), max(q.Limit, 0)
	if q.Text != "" || q.Job != 0 {
		ids, failed := s.find(ctx, q)
		if failed != nil {
			return nil, 0, failed
		}
		from := min(q.Offset, len(ids))
		rows, err = s.Get(ctx, ids[from:from+min(q.Limit, len(ids)-from)]...)
		return rows, len(ids), err
	}
	var ids []int64
	for _, seg := range s.segments(q) {
		n := s.sum(seg.states)
		if from := max(q.Offset-total, 0); from < n && len(ids) < q.Limit {
			some, failed := s.part(ctx, seg, from, min(q.Limit-len(ids), n-from), n)
			if failed != nil {
				return nil, 0, failed
			}
			ids = append(ids, some...)
		}
		total += n
	}
	rows, err = s.Get(ctx, ids...)
	return rows, total, err
}

// A segment is a part of a list that one index has in order.
type segment struct {
	ended  bool // of the finished entries
	newest bool
	states string // as bytes; those that are wanted
}

// segments are the parts of the list that q asks for.
func (s *Store) segments(q PageQuery) (list []segment) {
	var open, ended []byte
	for state := range 256 {
		n := uint8(state)
		switch {
		case q.States != nil && !slices.Contains(q.States, n):
		case slices.Contains(s.opt.Finished, n):
			ended = append(ended, n)
		default:
			open = append(open, n)
		}
	}
	if len(open) > 0 {
		list = append(list, segment{states: string(open)})
	}
	if len(ended) > 0 {
		list = append(list, segment{ended: true, newest: q.NewestFirst, states: string(ended)})
	}
	return list
}

// sum is how many entries are in some states.
func (s *Store) sum(states string) (n int) {
	s.counts.mu.RLock()
	defer s.counts.mu.RUnlock()
	for d, c := range s.counts.all {
		if slices.Contains([]byte(states), d.state) {
			n += int(c.N)
		}
	}
	return n
}

// has reports whether k is in the segment.
func (g segment) has(s *Store, k *item) bool {
	return slices.Contains(s.opt.Finished, k.state) == g.ended && slices.Contains([]byte(g.states), k.state)
}

// key is where k stands in the order of the segment.
func (g segment) key(k *item) key {
	switch {
	case !g.ended:
		return key{k.rank, k.pos, k.id}
	case g.newest:
		return key{-k.ended, -k.id, 0}
	}
	return key{k.ended, k.id, 0}
}

// from is the condition of what stands at k or after it, and the order. backwards:
// before it, and the other way round.
func (s *Store) ordered(g segment, backwards bool) (from, order string) {
	index, set := "items_queue", "state NOT IN "+s.finished
	columns, holes := []string{"rank", "pos", "id"}, "(?,?,?)"
	if g.ended {
		index, set, columns, holes = "items_ended", "state IN "+s.finished, []string{"ended", "id"}, "(?,?)"
	}
	compare, way := ">=", "ASC"
	if g.newest {
		compare, way = "<=", "DESC"
	}
	if backwards && way == "ASC" {
		way = "DESC"
	} else if backwards {
		way = "ASC"
	}
	text := ""
	for i, c := range columns {
		if i > 0 {
			text, order = text+",", order+","
		}
		text, order = text+c, order+c+" "+way
	}
	from = fmt.Sprintf("FROM items INDEXED BY %s WHERE %s%s", index, set, s.only(g))
	if !backwards {
		from += fmt.Sprintf(" AND (%s)%s%s", text, compare, holes)
	}
	return from, " ORDER BY " + order + " LIMIT ? OFFSET ?"
}

// only is the condition that leaves the states of g, nothing where it has all.
func (s *Store) only(g segment) string {
	all := len(s.opt.Finished)
	if !g.ended {
		all = 256 - all
	}
	if len(g.states) == all {
		return ""
	}
	return " AND state IN " + literal([]byte(g.states))
}

// args are the values for the holes that ordered leaves.
func (g segment) args(k key) []any {
	switch {
	case !g.ended:
		return []any{k.a, k.b, k.c}
	case g.newest:
		return []any{-k.a, -k.b}
	}
	return []any{k.a, k.b}
}

// part returns the ids of n entries of a segment, which has total of them. The way
// there begins at the nearest anchor, or at the end.
func (s *Store) part(ctx context.Context, g segment, offset, n, total int) ([]int64, error) {
	start := s.pages.before(g, offset)
	if rest := total - offset - n; rest < min(4*s.pages.stride, offset-start.before) {
		from, order := s.ordered(g, true)
		ids, err := s.ints(ctx, "SELECT id "+from+order, int64(n), int64(rest))
		slices.Reverse(ids)
		return ids, err
	}
	var err error
	for offset-start.before > 2*s.pages.stride {
		var ok bool
		if start, ok, err = s.stride(ctx, g, start); err != nil || !ok {
			return nil, err
		}
	}
	from, order := s.ordered(g, false)
	return s.ints(ctx, "SELECT id "+from+order, append(g.args(start.at), int64(n), int64(offset-start.before))...)
}
