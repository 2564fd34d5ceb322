package state

// selection is the part of a Model that says what is selected. Rows are kept by
// their index in the Directory, so that sorting does not touch them.
type selection struct {
	chosen []bool // by index into dir.rows; nil or shorter: not chosen
	count  int
	cursor int32 // index+1 into dir.rows; 0: none
	anchor int32 // where a range begins, likewise
}

// remembered is a selection by name, to be carried over to another Directory.
type remembered struct {
	dir            *Directory
	old            selection
	cursor, anchor string
	place          int // of the cursor, for when its row is gone
}

func (m *Model) remember() remembered {
	if m.dir == nil {
		return remembered{place: -1}
	}
	old := remembered{dir: m.dir, old: m.selection, place: m.Cursor()}
	if m.cursor > 0 {
		old.cursor = m.dir.rows[m.cursor-1].Name
	}
	if m.anchor > 0 {
		old.anchor = m.dir.rows[m.anchor-1].Name
	}
	return old
}

// recall takes up a remembered selection as far as its rows are shown.
func (m *Model) recall(old remembered) {
	if m.dir == nil || old.dir == nil {
		return
	}
	names := map[string]bool{} // true: was chosen
	if old.old.count > 0 {
		for i, yes := range old.old.chosen {
			if yes {
				names[old.dir.rows[i].Name] = true
			}
		}
	}
	cursor := old.cursor != ""
	m.selection = selection{}
	for place := range m.order {
		row := m.order[place]
		name := m.dir.rows[row].Name
		if names[name] {
			m.choose(row, true)
		}
		if cursor && name == old.cursor {
			m.cursor = row + 1
		}
		if old.anchor != "" && name == old.anchor {
			m.anchor = row + 1
		}
	}
	if m.cursor == 0 && old.place >= 0 && m.Len() > 0 {
		m.cursor = m.order[min(old.place, m.Len()-1)] + 1
	}
	if m.anchor == 0 {
		m.anchor = m.cursor
	}
}

func (m *Model) choose(row int32, yes bool) {
	if m.chosen == nil {
		m.chosen = make([]bool, len(m.dir.rows))
	}
	if m.chosen[row] == yes {
		return
	}
	m.chosen[row] = yes
	if yes {
		m.count++
	} else {
		m.count--
	}
}

func (m *Model) chooseNone() {
	clear(m.chosen)
	m.count = 0
}

// Selected reports whether the row at place i is selected.
func (m *Model) Selected(i int) bool { return m.chosen != nil && m.chosen[m.order[i]] }

// SelectedCount returns how many rows are selected.
func (m *Model) SelectedCount() int { return m.count }

// SelectedRows returns copies of the selected rows, in the order of the screen.
func (m *Model) SelectedRows() []Row {
	rows := make([]Row, 0, m.count)
	for i := range m.order {
		if len(rows) == m.count {
			break
		}
		if m.Selected(i) {
			rows = append(rows, *m.Row(i))
		}
	}
	return rows
}

// Cursor returns the place of the row that the keyboard is at, or -1.
func (m *Model) Cursor() int {
	if m.cursor == 0 {
		return -1
	}
	return int(m.place[m.cursor-1])
}

// SetCursor moves the cursor to place i, and a range's beginning with it; what is
// selected stays so. -1 takes it away.
func (m *Model) SetCursor(i int) {
	m.cursor = 0
	if i >= 0 && i < m.Len() {
		m.cursor = m.order[i] + 1
	}
	m.anchor = m.cursor
}

// SelectOnly selects the row at place i and no other; -1 selects nothing.
func (m *Model) SelectOnly(i int) {
	m.chooseNone()
	m.SetCursor(i)
	if m.cursor > 0 {
		m.choose(m.cursor-1, true)
	}
}

// ToggleSelected selects the row at place i, or takes it out of the selection.
func (m *Model) ToggleSelected(i int) {
	if i < 0 || i >= m.Len() {
		return
	}
	m.choose(m.order[i], !m.Selected(i))
	m.SetCursor(i)
}

// SelectTo selects from where the range began to place i. With add, what was
// selected before stays selected.
func (m *Model) SelectTo(i int, add bool) {
	if i < 0 || i >= m.Len() {
		return
	}
	from := i
	if m.anchor > 0 && m.place[m.anchor-1] >= 0 {
		from = int(m.place[m.anchor-1])
	}
	if !add {
		m.chooseNone()
	}
	for k := min(from, i); k <= max(from, i); k++ {
		m.choose(m.order[k], true)
	}
	m.cursor, m.anchor = m.order[i]+1, m.order[from]+1
}

// SelectAll selects every row that is shown.
func (m *Model) SelectAll() {
	for _, row := range m.order {
		m.choose(row, true)
	}
}

// SelectNone selects nothing; the cursor stays.
func (m *Model) SelectNone() { m.chooseNone() }

// InvertSelection selects what is not selected, and the other way round.
func (m *Model) InvertSelection() {
	for _, row := range m.order {
		m.choose(row, m.chosen == nil || !m.chosen[row])
	}
}

// SelectNames selects the rows with these raw names and no other, and puts the
// cursor on the first of them; it reports the place of that one, or -1.
func (m *Model) SelectNames(names ...string) int {
	want := make(map[string]bool, len(names))
	for _, name := range names {
		want[name] = true
	}
	m.chooseNone()
	first := -1
	for i := range m.order {
		if !want[m.Row(i).Name] {
			continue
		}
		m.choose(m.order[i], true)
		if first < 0 {
			first = i
		}
	}
	if first >= 0 {
		m.SetCursor(first)
	}
	return first
}
