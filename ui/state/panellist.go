package state

// PanelPage is how many rows of the panel are fetched at a time.
const PanelPage = 64

// panelPagesKept bounds what is held of a list, however long it is.
const panelPagesKept = 48

// A PanelList is a long list of transfers of which only some pages are here: the
// ones in view, and around. What runs comes first. It also holds the selection,
// by ID, since rows move while work goes on.
type PanelList struct {
	top   []PanelRow // what runs
	total int        // rows below them
	pages map[int]*panelPage
	turn  int // counts the uses of pages

	chosen map[int64]bool
	all    bool // every row is selected, here or not
	cursor int  // place, -1: none
	id     int64
	anchor int
}

type panelPage struct {
	rows []PanelRow
	used int
}

// NewPanelList returns an empty list.
func NewPanelList() *PanelList {
	return &PanelList{pages: map[int]*panelPage{}, chosen: map[int64]bool{}, cursor: -1, anchor: -1}
}

// Len returns how many rows there are.
func (l *PanelList) Len() int { return len(l.top) + l.total }

// Top returns how many of them run, and are therefore on top.
func (l *PanelList) Top() int { return len(l.top) }

// Row returns the row at place, nil while it is not here.
func (l *PanelList) Row(place int) *PanelRow {
	if place < 0 || place >= l.Len() {
		return nil
	}
	if place < len(l.top) {
		return &l.top[place]
	}
	place -= len(l.top)
	p := l.pages[place/PanelPage]
	if p == nil || place%PanelPage >= len(p.rows) {
		return nil
	}
	l.turn++
	p.used = l.turn
	return &p.rows[place%PanelPage]
}

// Forget lets all pages go, as when other rows are listed. The selection goes too.
func (l *PanelList) Forget() {
	clear(l.pages)
	l.top, l.total = nil, 0
	l.SelectNone()
	l.cursor, l.anchor, l.id = -1, -1, 0
}

// A PanelWant is a stretch of the list below what runs, to be fetched.
type PanelWant struct{ Offset, Limit int }

// Want returns what to fetch for the places from first to last, that one not
// included: whole pages, and one more where the list is being scrolled to.
func (l *PanelList) Want(first, last int) PanelWant {
	first, last = max(0, first-len(l.top)), max(1, last-len(l.top))
	from := first / PanelPage
	to := (last + PanelPage - 1) / PanelPage
	return PanelWant{Offset: from * PanelPage, Limit: max(1, to-from) * PanelPage}
}

// Lacks reports whether a row between first and last is not here.
func (l *PanelList) Lacks(first, last int) bool {
	first, last = max(first, len(l.top)), min(last, l.Len())
	for place := first; place < last; {
		page := (place - len(l.top)) / PanelPage
		p := l.pages[page]
		if p == nil || (place-len(l.top))%PanelPage >= len(p.rows) {
			return true
		}
		place = len(l.top) + (page+1)*PanelPage
	}
	return false
}

// Set takes over what was fetched: what runs, a stretch from the offset of want,
// and how many rows there are in all below what runs.
func (l *PanelList) Set(top []PanelRow, want PanelWant, rows []PanelRow, total int) {
	if total != l.total || len(top) != len(l.top) {
		for n := range l.pages { // what is not fetched again has moved; it is shown until it is
			if n*PanelPage >= total {
				delete(l.pages, n)
			}
		}
	}
	l.top, l.total = top, total
	for i := 0; i < len(rows); i += PanelPage {
		l.turn++
		l.pages[(want.Offset+i)/PanelPage] = &panelPage{rows: rows[i:min(i+PanelPage, len(rows))], used: l.turn}
	}
	l.evict()
	l.follow()
}

// evict lets the pages go that were not used for longest.
func (l *PanelList) evict() {
	for len(l.pages) > panelPagesKept {
		oldest, at := 0, int(^uint(0)>>1)
		for n, p := range l.pages {
			if p.used < at {
				oldest, at = n, p.used
			}
		}
		delete(l.pages, oldest)
	}
}

// follow finds the cursor's row again where it has moved within what is here.
func (l *PanelList) follow() {
	if l.cursor < 0 {
		return
	}
	if r := l.Row(l.cursor); r != nil && r.ID == l.id || l.id == 0 {
		l.cursor = min(l.cursor, l.Len()-1)
		return
	}
	const reach = 2 * PanelPage
	for d := 1; d <= reach; d++ {
		for _, place := range [2]int{l.cursor - d, l.cursor + d} {
			if r := l.Row(place); r != nil && r.ID == l.id {
				l.anchor += place - l.cursor
				l.cursor = place
				return
			}
		}
	}
	l.cursor = min(l.cursor, l.Len()-1)
	l.anchor = min(l.anchor, l.Len()-1)
}

// Cursor returns the place of the row that the keyboard is at, or -1.
func (l *PanelList) Cursor() int { return l.cursor }

func (l *PanelList) setCursor(place int) {
	l.cursor, l.id = place, 0
	if r := l.Row(place); r != nil {
		l.id = r.ID
	}
}

// Selected reports whether the row at place is selected.
func (l *PanelList) Selected(place int) bool {
	if l.all {
		return place >= 0 && place < l.Len()
	}
	r := l.Row(place)
	return r != nil && l.chosen[r.ID]
}

// SelectedCount returns how many rows are.
func (l *PanelList) SelectedCount() int {
	if l.all {
		return l.Len()
	}
	return len(l.chosen)
}

// All reports whether SelectAll was called last: not every ID is known then.
func (l *PanelList) All() bool { return l.all }

// IDs returns the IDs that are selected, in no order; not to be asked after
// SelectAll.
func (l *PanelList) IDs() []int64 {
	ids := make([]int64, 0, len(l.chosen))
	for id := range l.chosen {
		ids = append(ids, id)
	}
	return ids
}

// SelectedRows returns the selected rows that are here.
func (l *PanelList) SelectedRows() []PanelRow {
	var out []PanelRow
	add := func(rows []PanelRow) {
		for _, r := range rows {
			if l.all || l.chosen[r.ID] {
				out = append(out, r)
			}
		}
	}
	add(l.top)
	for _, p := range l.pages {
		add(p.rows)
	}
	return out
}

// SelectNone selects nothing.
func (l *PanelList) SelectNone() {
	clear(l.chosen)
	l.all = false
}

// SelectAll selects every row, also those that come.
func (l *PanelList) SelectAll() {
	clear(l.chosen)
	l.all = l.Len() > 0
}

// SelectOnly selects the row at place and no other.
func (l *PanelList) SelectOnly(place int) {
	l.SelectNone()
	l.anchor = place
	l.setCursor(place)
	if r := l.Row(place); r != nil {
		l.chosen[r.ID] = true
	}
}

// Toggle selects the row at place too, or no longer.
func (l *PanelList) Toggle(place int) {
	l.anchor = place
	l.setCursor(place)
	r := l.Row(place)
	if r == nil || l.all {
		return
	}
	if l.chosen[r.ID] {
		delete(l.chosen, r.ID)
	} else {
		l.chosen[r.ID] = true
	}
}

// SelectTo selects from where the selection began to place. Rows that are not
// here are missing from it: first and last, which is not included, say what to
// fetch for Choose then; both are 0 where nothing is missing.
func (l *PanelList) SelectTo(place int) (first, last int) {
	if l.anchor < 0 {
		l.anchor = max(0, l.cursor)
	}
	l.SelectNone()
	l.setCursor(place)
	from, to := min(l.anchor, place), max(l.anchor, place)+1
	if l.Lacks(from, to) {
		first, last = from, to
	}
	const loop = PanelPage * (panelPagesKept + 1) // no more rows than that are here
	if to-from > loop {
		return first, last
	}
	for p := from; p < to; p++ {
		if r := l.Row(p); r != nil {
			l.chosen[r.ID] = true
		}
	}
	return first, last
}

// Choose adds rows to the selection by their IDs.
func (l *PanelList) Choose(ids []int64) {
	for _, id := range ids {
		l.chosen[id] = true
	}
}
