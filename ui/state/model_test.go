package state

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/client/listing"
)

// file and dir make rows of a name.
func file(name string, size int64) Row {
	return Row{Name: name, Text: name, Size: size, Type: listing.File, Mode: 0o644}
}

func dir(name string) Row {
	return Row{Name: name, Text: name, Size: listing.UnknownSize, Type: listing.Dir, Mode: 0o755}
}

func show(rows ...Row) *Model {
	m := &Model{}
	m.Set(NewDirectory(rows), false)
	return m
}

func names(m *Model) []string {
	out := []string{}
	for i := range m.Len() {
		out = append(out, m.Row(i).Name)
	}
	return out
}

func chosen(m *Model) []string {
	out := []string{}
	for _, r := range m.SelectedRows() {
		out = append(out, r.Name)
	}
	return out
}

func wantNames(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{
		"_a", "1", "01", "2", "10", "100", "a", "A", "a1", "a1b2", "a1b10", "a2", "a10", "ähre", "b", "Éa", "eb", "z", "日本",
	}
	for seed := range uint64(5) {
		rows := make([]Row, len(want))
		for i, name := range want {
			rows[i] = file(name, 0)
		}
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		got := names(show(rows...))
		// Names that differ only by case or leading zeros may stand either way, but always the same.
		slices.SortFunc(want, func(a, b string) int { return slices.Index(got, a) - slices.Index(got, b) })
		if seed == 0 {
			for _, pair := range [][2]string{
				{"2", "10"}, {"10", "100"}, {"a2", "a10"}, {"a1b2", "a1b10"}, {"a", "a1"}, {"a10", "ähre"}, {"ähre", "b"}, {"b", "Éa"}, {"Éa", "eb"}, {"z", "日本"},
			} {
				if slices.Index(got, pair[0]) > slices.Index(got, pair[1]) {
					t.Errorf("%q comes after %q in %q", pair[0], pair[1], got)
				}
			}
			continue
		}
		wantNames(t, fmt.Sprint("seed ", seed), got, want...)
	}
}

func TestVeryLongNamesAreOrdered(t *testing.T) {
	long := strings.Repeat("x", 3*keyMost)
	m := show(file(long+"b", 0), file(long+"a", 0), file("y", 0), file(long, 0))
	wantNames(t, "long names", names(m), long, long+"a", long+"b", "y")
}

func TestSortBy(t *testing.T) {
	at := func(r Row, day int, owner string) Row {
		r.ModTime, r.Owner = time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC), owner
		return r
	}
	link := at(Row{Name: "link", Text: "link", Type: listing.Link, LeadsTo: listing.Dir, Mode: 0o777}, 4, "b")
	unknown := at(Row{Name: "unknown", Text: "unknown", Type: listing.File, Size: listing.UnknownSize, Mode: listing.ModeUnknown}, 1, "")
	m := show(at(file("b", 30), 3, "b"), at(dir("z"), 1, "a"), at(file("a", 30), 9, "a"), at(file("c", 7), 5, "a"), link, unknown, at(dir("y"), 8, "b"))
	for _, c := range []struct {
		by   Column
		down bool
		want string
	}{
		{ColumnName, false, "link y z a b c unknown"},
		{ColumnName, true, "z y link unknown c b a"},
		{ColumnSize, false, "link y z unknown c a b"},
		{ColumnSize, true, "link y z a b c unknown"},
		{ColumnModified, false, "z link y unknown b c a"},
		{ColumnModified, true, "y link z a c b unknown"},
		{ColumnMode, false, "y z link a b c unknown"},
		{ColumnOwner, false, "z link y unknown a c b"},
	} {
		m.SortBy(c.by, c.down)
		wantNames(t, fmt.Sprint(c.by, " ", c.down), names(m), strings.Fields(c.want)...)
		if by, down := m.Sorting(); by != c.by || down != c.down {
			t.Errorf("Sorting = %v %v", by, down)
		}
	}
}

func TestSelection(t *testing.T) {
	m := show(file("a", 1), file("b", 2), file("c", 4), file("d", 8), file("e", 16))
	steps := []struct {
		what   string
		do     func()
		want   string
		cursor int
	}{
		{"nothing at first", func() {}, "", -1},
		{"one", func() { m.SelectOnly(1) }, "b", 1},
		{"a range", func() { m.SelectTo(3, false) }, "b c d", 3},
		{"a range back over its beginning", func() { m.SelectTo(0, false) }, "a b", 0},
		{"another one with Ctrl", func() { m.ToggleSelected(4) }, "a b e", 4},
		{"one less with Ctrl", func() { m.ToggleSelected(0) }, "b e", 0},
		{"a range added", func() { m.SelectTo(2, true) }, "a b c e", 2},
		{"the cursor alone", func() { m.SetCursor(3) }, "a b c e", 3},
		{"all", m.SelectAll, "a b c d e", 3},
		{"the other way round", m.InvertSelection, "", 3},
		{"out of bounds", func() { m.ToggleSelected(5); m.ToggleSelected(-1); m.SelectTo(9, false) }, "", 3},
		{"by name", func() { m.SelectNames("d", "b", "x") }, "b d", 1},
		{"none", func() { m.SelectOnly(-1) }, "", -1},
	}
	for _, s := range steps {
		s.do()
		wantNames(t, s.what, chosen(m), strings.Fields(s.want)...)
		if m.Cursor() != s.cursor {
			t.Errorf("%s: cursor at %d, want %d", s.what, m.Cursor(), s.cursor)
		}
		if m.SelectedCount() != len(strings.Fields(s.want)) {
			t.Errorf("%s: count %d", s.what, m.SelectedCount())
		}
	}
}

func TestSelectionFollowsRows(t *testing.T) {
	m := show(file("a", 3), file("b", 2), file("c", 1), file(".h", 0))
	m.SelectNames("a", "c")
	m.SortBy(ColumnSize, false)
	wantNames(t, "sorted", names(m), "c", "b", "a")
	wantNames(t, "kept by sorting", chosen(m), "c", "a")
	if m.Cursor() != 2 {
		t.Errorf("cursor at %d, want on a", m.Cursor())
	}
	m.Set(NewDirectory([]Row{file("a", 3), file("n", 9), file("b", 1)}), true)
	wantNames(t, "kept by listing again", chosen(m), "a")
	m.SetFilter("N")
	wantNames(t, "filtered", names(m), "n")
	wantNames(t, "what is hidden is not selected", chosen(m))
	m.SetFilter("")
	wantNames(t, "nor is it later", chosen(m))
	m.SelectAll()
	m.Set(NewDirectory([]Row{file("a", 3)}), false)
	wantNames(t, "forgotten in another folder", chosen(m))
	if m.Cursor() != -1 {
		t.Errorf("cursor at %d in another folder", m.Cursor())
	}
}

func TestCursorStaysNearDeletedRow(t *testing.T) {
	m := show(file("a", 0), file("b", 0), file("c", 0), file("d", 0))
	m.SelectOnly(2)
	m.Set(NewDirectory([]Row{file("a", 0), file("b", 0), file("d", 0)}), true)
	if m.Cursor() != 2 || m.SelectedCount() != 0 {
		t.Errorf("cursor at %d with %d selected, want at 2 with none", m.Cursor(), m.SelectedCount())
	}
	m.Set(NewDirectory([]Row{file("a", 0)}), true)
	if m.Cursor() != 0 {
		t.Errorf("cursor at %d, want at the only row", m.Cursor())
	}
	m.Set(NewDirectory(nil), true)
	if m.Cursor() != -1 {
		t.Errorf("cursor at %d of no rows", m.Cursor())
	}
}

func TestHiddenAndFilter(t *testing.T) {
	m := show(file(".profile", 1), file("Ärger.txt", 2), file("b.TXT", 3), dir(".git"), dir("text"))
	wantNames(t, "dot files are hidden", names(m), "text", "Ärger.txt", "b.TXT")
	m.SetFilter("arg")
	wantNames(t, "filter without marks", names(m), "Ärger.txt")
	m.SetFilter(".TXT")
	wantNames(t, "filter without case", names(m), "Ärger.txt", "b.TXT")
	m.SetShowHidden(true)
	m.SetFilter("")
	wantNames(t, "dot files shown", names(m), ".git", "text", ".profile", "Ärger.txt", "b.TXT")
	if !m.Has("b.TXT") || m.Has("b.txt") || m.Index("text") != 1 || m.Index("none") != -1 {
		t.Error("Has or Index is wrong")
	}
}

func TestFind(t *testing.T) {
	m := show(file("apple", 0), file("Banana", 0), file("blue-apple", 0), file("école", 0), file("zebra", 0))
	for _, c := range []struct {
		text string
		from int
		want int
	}{
		{"b", 0, 1},
		{"b", 2, 2},
		{"B", 3, 1}, // goes round
		{"bl", 0, 2},
		{"apple", 0, 0},
		{"apple", 1, 0}, // beginnings go before middles
		{"ebr", 0, 4},
		{"eco", 0, 3},
		{"x", 0, -1},
		{"", 0, -1},
	} {
		if got := m.Find(c.text, c.from); got != c.want {
			t.Errorf("Find(%q, %d) = %d, want %d", c.text, c.from, got, c.want)
		}
	}
	if got := (&Model{}).Find("a", 0); got != -1 {
		t.Errorf("Find in nothing = %d", got)
	}
}

func TestStatus(t *testing.T) {
	m := &Model{}
	if m.Status() != "" || m.SelectionStatus() != "" {
		t.Error("a model without a folder says something")
	}
	m.Set(NewDirectory(nil), false)
	if got := m.Status(); got != "Empty folder" {
		t.Errorf("Status = %q", got)
	}
	m.Set(NewDirectory([]Row{dir("a"), dir("b"), file("c", 1_200_000_000), file("d", listing.UnknownSize), file(".e", 5)}), false)
	for _, c := range []struct {
		do               func()
		status, selected string
	}{
		{func() {}, "2 folders, 2 files, 1.2 GB, 1 hidden", ""},
		{func() { m.SetShowHidden(true) }, "2 folders, 3 files, 1.2 GB", ""},
		{m.SelectAll, "2 folders, 3 files, 1.2 GB", "5 selected, 1.2 GB"},
		{func() { m.SelectNames("a", "b") }, "2 folders, 3 files, 1.2 GB", "2 selected"},
		{func() { m.SetFilter("c") }, "1 of 5 shown: 1 file, 1.2 GB", ""},
		{func() { m.SetFilter("nothing like it") }, "0 of 5 shown", ""},
		{func() { m.SetShowHidden(false); m.SetFilter("e") }, "0 of 4 shown, 1 hidden", ""},
	} {
		c.do()
		if got := m.Status(); got != c.status {
			t.Errorf("Status = %q, want %q", got, c.status)
		}
		if got := m.SelectionStatus(); got != c.selected {
			t.Errorf("SelectionStatus = %q, want %q", got, c.selected)
		}
	}
	if got := show(dir("a"), file("b", 3)).Status(); got != "1 folder, 1 file, 3 B" {
		t.Errorf("Status = %q", got)
	}
}

// many makes rows as a big folder has them.
func many(n int) []Row {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = file(fmt.Sprintf("IMG_%06d copy %d.jpg", r.IntN(n), i), r.Int64N(1<<32))
		rows[i].ModTime = time.Unix(1.7e9+r.Int64N(5e7), 0)
		if i%50 == 0 {
			rows[i].Type = listing.Dir
		}
	}
	return rows
}

func TestManyRows(t *testing.T) {
	m := show(many(100_000)...)
	for i := 1; i < m.Len(); i++ {
		if !m.Row(i-1).IsDir() && m.Row(i).IsDir() {
			t.Fatalf("a folder after a file at %d", i)
		}
	}
	m.SelectAll()
	m.SortBy(ColumnSize, true)
	if m.SelectedCount() != 100_000 {
		t.Errorf("%d selected", m.SelectedCount())
	}
}

func BenchmarkNewDirectory100k(b *testing.B) {
	rows := many(100_000)
	for b.Loop() {
		NewDirectory(rows)
	}
}

func BenchmarkNewDirectory100kAlike(b *testing.B) {
	rows := many(100_000)
	for i := range rows {
		rows[i].Text = fmt.Sprintf("A long beginning that all have %06d.txt", i*7919%len(rows))
	}
	for b.Loop() {
		NewDirectory(rows)
	}
}

func BenchmarkSet100k(b *testing.B) {
	d := NewDirectory(many(100_000))
	m := &Model{}
	for b.Loop() {
		m.Set(d, false)
	}
}

func BenchmarkSort100k(b *testing.B) {
	m := show(many(100_000)...)
	down := false
	for b.Loop() {
		down = !down
		m.SortBy(ColumnSize, down)
	}
}
