package store

import (
	"context"
	"sync"
)

// A Count is how many entries there are of a kind.
type Count struct {
	N       int64 // entries
	Dirs    int64 // folders among them
	Bytes   int64 // the known sizes
	Unknown int64 // files whose size is not known
	Moved   int64 // Row.Bytes of all
}

func (c *Count) add(d Count) {
	c.N += d.N
	c.Dirs += d.Dirs
	c.Bytes += d.Bytes
	c.Unknown += d.Unknown
	c.Moved += d.Moved
}

// count is what one entry adds, times sign.
func (k *item) count(sign int64) Count {
	c := Count{N: sign, Moved: sign * k.bytes}
	switch {
	case k.dir:
		c.Dirs = sign
	case k.size < 0:
		c.Unknown = sign
	}
	if k.size > 0 {
		c.Bytes = sign * k.size
	}
	return c
}

// A drawer holds the entries of a site that are in a state.
type drawer struct {
	site  int64
	state uint8
}

// tallies are the counts of what is stored, which the writer keeps in the table
// counts too, within the same transaction.
type tallies struct {
	mu  sync.RWMutex // guards all
	all map[drawer]Count
}

// load reads the counts of the file.
func (s *Store) loadCounts(ctx context.Context) error {
	rows, err := s.query(ctx, "SELECT site,state,n,dirs,bytes,unknown,moved FROM counts WHERE n>0")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // only read
	s.counts.all = map[drawer]Count{}
	for rows.Next() {
		var d drawer
		var c Count
		if err = rows.Scan(&d.site, &d.state, &c.N, &c.Dirs, &c.Bytes, &c.Unknown, &c.Moved); err != nil {
			return err
		}
		s.counts.all[d] = c
	}
	return rows.Err()
}

// publish takes in the differences that a transaction made.
func (t *tallies) publish(diff map[drawer]Count) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for d, c := range diff {
		sum := t.all[d]
		sum.add(c)
		t.all[d] = sum
		if sum == (Count{}) {
			delete(t.all, d)
		}
	}
}

// with returns what a drawer will hold after a difference.
func (t *tallies) with(d drawer, diff Count) Count {
	t.mu.RLock()
	defer t.mu.RUnlock()
	sum := t.all[d]
	sum.add(diff)
	return sum
}

// Counts returns how many entries are in each state. It reads memory only.
func (s *Store) Counts(ctx context.Context) (map[uint8]Count, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.counts.mu.RLock()
	defer s.counts.mu.RUnlock()
	byState := map[uint8]Count{}
	for d, c := range s.counts.all {
		sum := byState[d.state]
		sum.add(c)
		byState[d.state] = sum
	}
	return byState, nil
}

// CountsBySite returns the counts for each site. It reads memory only.
func (s *Store) CountsBySite(ctx context.Context) (map[int64]map[uint8]Count, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s.counts.mu.RLock()
	defer s.counts.mu.RUnlock()
	bySite := map[int64]map[uint8]Count{}
	for d, c := range s.counts.all {
		if bySite[d.site] == nil {
			bySite[d.site] = map[uint8]Count{}
		}
		bySite[d.site][d.state] = c
	}
	return bySite, nil
}
