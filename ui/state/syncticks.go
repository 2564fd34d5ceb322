package state

import (
	"path"

	"portside/transfers"
)

// findParents finds the folder of each entry among the entries: what is made,
// and what is deleted, are trees of their own.
func (s *Sync) findParents() {
	var dirs [2]map[string]int32 // by path: folders to be made, folders to be deleted
	for i := range s.items {
		it := &s.items[i]
		if !it.box || !it.dir {
			continue
		}
		half := it.half()
		if dirs[half] == nil {
			dirs[half] = make(map[string]int32)
		}
		if _, taken := dirs[half][it.path]; !taken {
			dirs[half][it.path] = int32(i)
		}
	}
	for i := range s.items {
		it := &s.items[i]
		if !it.box || it.path == "." {
			continue
		}
		if at, ok := dirs[it.half()][path.Dir(it.path)]; ok && at != int32(i) {
			it.parent = at
		}
	}
}

// half is 1 for a deletion, 0 for all else.
func (it *syncItem) half() int {
	if it.action == transfers.MirrorDelete {
		return 1
	}
	return 0
}

// Freeze keeps the ticks as they are from now on.
func (s *Sync) Freeze() { s.frozen = true }

// Toggle takes row i in or leaves it out, with what is in it where it is a
// folder or the head of a group. It reports whether anything changed.
//
// What goes into a folder takes it along, and a folder in which something is not
// deleted is not deleted.
func (s *Sync) Toggle(i int) bool {
	if s.frozen || i < 0 || i >= len(s.shown) {
		return false
	}
	at := s.shown[i]
	if at >= 0 {
		it := &s.items[at]
		if it.box {
			s.set(at, it.off)
		}
		return it.box
	}
	g := SyncGroup(-1 - at)
	tick := s.headRow(g).Tick
	for i := range s.items {
		if it := &s.items[i]; it.group == g && it.box {
			it.off = tick == SyncOn // what goes into folders, and they, are in one group
		}
	}
	return tick != SyncNoBox
}

// set takes an item in or leaves it out.
func (s *Sync) set(at int32, on bool) {
	it := &s.items[at]
	if it.off == !on && !it.dir {
		return
	}
	it.off = !on
	if it.dir {
		for i := range s.items {
			if s.isUnder(int32(i), at) {
				s.items[i].off = !on
			}
		}
	}
	if on == (it.half() == 0) {
		for up := it.parent; up >= 0; up = s.items[up].parent {
			s.items[up].off = !on
		}
	}
}

// isUnder reports whether an item is somewhere in the folder that another is.
func (s *Sync) isUnder(at, folder int32) bool {
	for up := s.items[at].parent; up >= 0; up = s.items[up].parent {
		if up == folder {
			return true
		}
	}
	return false
}

// Left returns what transfers.MirrorPlan.Without asks.
func (s *Sync) Left() func(entry int) bool {
	left := make(map[int]bool)
	for i := range s.items {
		if it := &s.items[i]; it.box && it.off {
			left[int(it.entry)] = true
		}
	}
	return func(entry int) bool { return left[entry] }
}

// SyncTotals count entries.
type SyncTotals struct {
	New, Changed, Delete int
	Problems, Left, Same int
	Bytes                int64 // to be transferred
}

// Changes returns how many entries are made like the source's.
func (t SyncTotals) Changes() int { return t.New + t.Changed }

// Totals counts all entries; with chosen, of those with a box only the ticked.
func (s *Sync) Totals(chosen bool) SyncTotals {
	var t SyncTotals
	for i := range s.items {
		it := &s.items[i]
		if chosen && it.box && it.off {
			continue
		}
		switch it.group {
		case SyncNew:
			t.New++
		case SyncChanged:
			t.Changed++
		case SyncDeletes:
			t.Delete++
		case SyncProblems:
			if !it.note {
				t.Problems++
			}
		case SyncLeft:
			t.Left++
		case SyncSame:
			t.Same++
		}
		if (it.group == SyncNew || it.group == SyncChanged) && it.size > 0 {
			t.Bytes += it.size
		}
	}
	return t
}
