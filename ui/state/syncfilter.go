package state

// A SyncFilter says which rows of a preview are shown.
type SyncFilter uint8

// The filters.
const (
	SyncShowAll SyncFilter = iota // all but what is the same
	SyncShowProblems
	SyncShowDeletes
	SyncShowNew
	SyncShowChanged
	SyncShowLeft
	SyncShowSame
	syncFilters int = iota
)

// shows reports whether the filter lets an item through.
func (f SyncFilter) shows(it *syncItem) bool {
	switch f {
	case SyncShowAll:
		return it.group != SyncSame
	case SyncShowProblems:
		return it.group == SyncProblems || it.status == SyncFailed
	case SyncShowDeletes:
		return it.group == SyncDeletes
	case SyncShowNew:
		return it.group == SyncNew
	case SyncShowChanged:
		return it.group == SyncChanged
	case SyncShowLeft:
		return it.group == SyncLeft
	case SyncShowSame:
		return it.group == SyncSame
	}
	return false
}

// Show shows what the filter lets through.
func (s *Sync) Show(f SyncFilter) {
	s.filter = f
	s.shown = s.shown[:0]
	head := -1
	for i := range s.items {
		it := &s.items[i]
		if !f.shows(it) {
			continue
		}
		if int(it.group) != head {
			head = int(it.group)
			s.shown = append(s.shown, int32(-1-head))
		}
		s.shown = append(s.shown, int32(i))
	}
}

// Filter returns what is shown.
func (s *Sync) Filter() SyncFilter { return s.filter }

// A SyncChoice is a filter that lets something through.
type SyncChoice struct {
	Filter SyncFilter
	Label  string // "Changed"
	Count  int
}

// Filters returns the filters that let something through.
func (s *Sync) Filters() []SyncChoice {
	var count [syncFilters]int
	for i := range s.items {
		for f := range count {
			if SyncFilter(f).shows(&s.items[i]) {
				count[f]++
			}
		}
	}
	labels := [...]string{"Overview", "Problems", "Delete", "New", "Changed", "Left alone", "The same"}
	var out []SyncChoice
	for f, n := range count {
		if n > 0 {
			out = append(out, SyncChoice{SyncFilter(f), labels[f], n})
		}
	}
	return out
}
