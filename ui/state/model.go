package state

import "strings"

// A Model is what a pane shows of a Directory: which rows, in which order, and
// which of them are selected. Rows are addressed by their place on the screen,
// 0 to Len()-1. The zero Model is empty and hides dot files.
type Model struct {
	dir        *Directory
	order      []int32 // indexes into dir.rows of the rows that are shown
	place      []int32 // place[i] is where dir.rows[i] is shown, -1 where it is not
	column     Column
	descending bool
	filter     string // folded
	showHidden bool
	mixed      bool // folders stand among the files
	format     Format
	selection
}

// Format returns how sizes and times are written.
func (m *Model) Format() Format { return m.format }

// SetFormat changes how sizes and times are written.
func (m *Model) SetFormat(f Format) { m.format = f }

// SetFoldersFirst shows folders above the files, as at first, or among them.
func (m *Model) SetFoldersFirst(first bool) {
	old := m.remember()
	m.mixed = !first
	m.arrange()
	m.recall(old)
}

// Set shows d. The selection, cursor and anchor follow the names that are still
// there. keep false forgets them, as for another folder.
func (m *Model) Set(d *Directory, keep bool) {
	var old remembered
	if keep {
		old = m.remember()
	}
	m.dir = d
	m.selection = selection{}
	m.arrange()
	if keep {
		m.recall(old)
	}
}

// Folder returns what is shown, or nil.
func (m *Model) Folder() *Directory { return m.dir }

// Len returns how many rows are shown.
func (m *Model) Len() int { return len(m.order) }

// Row returns the row at place i. It must not be changed.
func (m *Model) Row(i int) *Row { return &m.dir.rows[m.order[i]] }

// Index returns the place of the row with that raw name, or -1.
func (m *Model) Index(name string) int {
	for i := range m.order {
		if m.Row(i).Name == name {
			return i
		}
	}
	return -1
}

// Has reports whether the folder holds that raw name, shown or not.
func (m *Model) Has(name string) bool {
	if m.dir == nil {
		return false
	}
	for i := range m.dir.rows {
		if m.dir.rows[i].Name == name {
			return true
		}
	}
	return false
}

// Sorting returns the column that orders the rows, and whether it does so backwards.
func (m *Model) Sorting() (Column, bool) { return m.column, m.descending }

// SortBy orders the rows by c.
func (m *Model) SortBy(c Column, descending bool) {
	old := m.remember()
	m.column, m.descending = c, descending
	m.arrange()
	m.recall(old)
}

// Filter returns the text that names must contain to be shown.
func (m *Model) Filter() string { return m.filter }

// SetFilter shows only rows whose name contains text, in any case. Rows that are
// not shown any more are not selected any more.
func (m *Model) SetFilter(text string) {
	old := m.remember()
	m.filter = fold(text)
	m.arrange()
	m.recall(old)
}

// ShowsHidden reports whether names with a leading dot are shown.
func (m *Model) ShowsHidden() bool { return m.showHidden }

// SetShowHidden shows or hides names with a leading dot.
func (m *Model) SetShowHidden(show bool) {
	old := m.remember()
	m.showHidden = show
	m.arrange()
	m.recall(old)
}

// arrange works out which rows are shown, and where.
func (m *Model) arrange() {
	if m.dir == nil {
		m.order, m.place = nil, nil
		return
	}
	m.order = m.order[:0]
	for _, row := range m.dir.byName {
		r := &m.dir.rows[row]
		if r.Hidden() && !m.showHidden || m.filter != "" && !strings.Contains(fold(r.Text), m.filter) {
			continue
		}
		m.order = append(m.order, row)
	}
	m.dir.sorted(m.order, m.column, m.descending, m.mixed)
	if len(m.place) != len(m.dir.rows) {
		m.place = make([]int32, len(m.dir.rows))
	}
	for i := range m.place {
		m.place[i] = -1
	}
	for i, row := range m.order {
		m.place[row] = int32(i)
	}
}

// Find returns the place of the next row at or after from, going round, whose
// name begins with text, or failing that contains it; -1 where none does.
func (m *Model) Find(text string, from int) int {
	want := fold(text)
	n := m.Len()
	if n == 0 || want == "" {
		return -1
	}
	inside := -1
	for k := range n {
		i := (max(from, 0) + k) % n
		name := fold(m.Row(i).Text)
		if strings.HasPrefix(name, want) {
			return i
		}
		if inside < 0 && strings.Contains(name, want) {
			inside = i
		}
	}
	return inside
}
