package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"
	"sync"
)

// A key is a place in the order of a segment.
type key struct{ a, b, c int64 }

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.a, o.a), cmp.Compare(k.b, o.b), cmp.Compare(k.c, o.c))
}

// An anchor is a key and how many entries of the segment stand before it. The key need
// not be that of an entry.
type anchor struct {
	at     key
	before int
}

// A move is an entry that has come to (sign 1) or gone from (sign -1) the file. A
// change is one of each.
type move struct {
	item
	sign int64
}

// anchors know where to find an offset in a long list, since SQLite counts from the
// beginning. The writer moves them with each transaction, so that they stay exact.
type anchors struct {
	mu      sync.Mutex // guards version and by
	s       *Store
	stride  int // entries between two anchors, about; never changed
	version int // odd while a transaction becomes visible
	by      map[segment][]anchor
}

const (
	usualStride  = 4096
	keepSegments = 12
)

// before returns the last anchor that is not behind an offset.
func (a *anchors) before(g segment, offset int) anchor {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.by[g]
	n := sort.Search(len(list), func(i int) bool { return list[i].before > offset })
	if n == 0 {
		return anchor{at: key{math.MinInt64 + 1, math.MinInt64 + 1, math.MinInt64 + 1}}
	}
	return list[n-1]
}

// changing is told that a transaction is about to become visible.
func (a *anchors) changing() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
}

// publish moves the anchors with what a transaction has changed; nil: it failed.
func (a *anchors) publish(moves []move) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
	for g, list := range a.by {
		shifts := make([]int, len(list)+1)
		for i := range moves {
			m := &moves[i]
			if !g.has(a.s, &m.item) {
				continue
			}
			k := g.key(&m.item)
			shifts[sort.Search(len(list), func(n int) bool { return list[n].at.compare(k) > 0 })] += int(m.sign)
		}
		sum := 0
		for i := range list {
			sum += shifts[i]
			list[i].before += sum
		}
		// Where much was deleted they stand too close.
		a.by[g] = slices.CompactFunc(list, func(later, earlier anchor) bool { return later.before-earlier.before < a.stride/8 })
	}
}

// stride goes on from an anchor by some thousand entries. ok is false where there are
// not so many.
func (s *Store) stride(ctx context.Context, g segment, start anchor) (next anchor, ok bool, err error) {
	version := s.pages.look()
	from, order := s.ordered(g, false)
	rows, err := s.query(ctx, "SELECT id,rank,pos,ended "+from+order, append(g.args(start.at), int64(1), int64(s.pages.stride))...)
	if err != nil {
		return anchor{}, false, err
	}
	defer func() { _ = rows.Close() }() // only read
	if !rows.Next() {
		return anchor{}, false, s.readError(ctx, rows.Err())
	}
	var k item
	if err = rows.Scan(&k.id, &k.rank, &k.pos, &k.ended); err != nil {
		return anchor{}, false, s.readError(ctx, err)
	}
	next = anchor{g.key(&k), start.before + s.pages.stride}
	s.pages.keep(g, next, version)
	return next, true, nil
}

func (a *anchors) look() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.version
}

// keep adds an anchor, unless a transaction came between.
func (a *anchors) keep(g segment, n anchor, version int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version || version%2 != 0 {
		return
	}
	if a.by[g] == nil && len(a.by) >= keepSegments {
		for old := range a.by {
			delete(a.by, old)
			break
		}
	}
	list := a.by[g]
	i, found := slices.BinarySearchFunc(list, n, func(x, y anchor) int { return x.at.compare(y.at) })
	if !found {
		a.by[g] = slices.Insert(list, i, n)
	}
}
