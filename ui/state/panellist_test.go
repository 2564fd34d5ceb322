package state

import (
	"slices"
	"testing"
)

// fill gives l the rows that it wants for the places from first to last, of a
// list of total rows whose IDs count from 1.
func fill(l *PanelList, top []PanelRow, first, last, total int) PanelWant {
	want := l.Want(first, last)
	var rows []PanelRow
	for i := want.Offset; i < min(want.Offset+want.Limit, total); i++ {
		rows = append(rows, PanelRow{ID: int64(i + 1)})
	}
	l.Set(top, want, rows, total)
	return want
}

func TestOnlyWhatIsInViewIsHere(t *testing.T) {
	const million = 1_000_000
	l := NewPanelList()
	if w := fill(l, nil, 0, 20, million); w.Offset != 0 || w.Limit > 2*PanelPage {
		t.Errorf("wants %+v for twenty rows", w)
	}
	if l.Len() != million || l.Row(0).ID != 1 || l.Row(19).ID != 20 || l.Row(million-1) != nil || l.Row(million) != nil {
		t.Error("wrong rows")
	}
	if l.Lacks(0, 20) || !l.Lacks(million-30, million) {
		t.Error("does not know what it has")
	}
	fill(l, nil, million-30, million+5, million)
	if l.Lacks(million-30, million+5) || l.Row(million-1).ID != million {
		t.Error("the end is not here")
	}
	for at := 0; at < 20_000; at += 30 {
		fill(l, nil, at, at+30, million)
	}
	if n := len(l.pages); n > panelPagesKept {
		t.Errorf("%d pages are kept", n)
	}
	if l.Lacks(19_980, 20_010) {
		t.Error("what was shown last has gone")
	}
}

func TestWhatRunsIsOnTop(t *testing.T) {
	l := NewPanelList()
	fill(l, []PanelRow{{ID: 900}, {ID: 901}}, 0, 10, 100)
	if l.Len() != 102 || l.Top() != 2 || l.Row(1).ID != 901 || l.Row(2).ID != 1 {
		t.Errorf("%d rows, the third is %+v", l.Len(), l.Row(2))
	}
	if l.Lacks(0, 12) {
		t.Error("what runs is always here")
	}
}

func TestSelectionFollowsItsRows(t *testing.T) {
	l := NewPanelList()
	fill(l, nil, 0, 20, 100)
	l.SelectOnly(5) // ID 6
	if first, last := l.SelectTo(8); first != 0 || last != 0 {
		t.Errorf("rows %d to %d are missing", first, last)
	}
	want := []int64{6, 7, 8, 9}
	check := func(when string) {
		t.Helper()
		got := l.IDs()
		slices.Sort(got)
		if !slices.Equal(got, want) || l.SelectedCount() != 4 {
			t.Errorf("%s: %v selected, want %v", when, got, want)
		}
	}
	check("at first")
	rows := make([]PanelRow, PanelPage)
	for i := range rows {
		rows[i].ID = int64(i + 3) // two are done, and gone from the front
	}
	l.Set(nil, PanelWant{0, PanelPage}, rows, 98)
	check("after two have gone")
	if !l.Selected(3) || l.Selected(7) || l.Cursor() != 6 {
		t.Errorf("cursor at %d", l.Cursor())
	}
	l.Toggle(3)
	want = []int64{7, 8, 9}
	if got := l.IDs(); len(got) != 3 {
		t.Errorf("%v selected", got)
	}
}

func TestARangeOverRowsThatAreNotHereIsFetched(t *testing.T) {
	l := NewPanelList()
	fill(l, nil, 0, 20, 10_000)
	l.SelectOnly(2)
	first, last := l.SelectTo(5000)
	if first != 2 || last != 5001 {
		t.Fatalf("to fetch: %d to %d", first, last)
	}
	ids := make([]int64, 0, last-first)
	for p := first; p < last; p++ {
		ids = append(ids, int64(p+1))
	}
	l.Choose(ids)
	if l.SelectedCount() != 4999 {
		t.Errorf("%d selected", l.SelectedCount())
	}
}

func TestAllIsAll(t *testing.T) {
	l := NewPanelList()
	fill(l, nil, 0, 20, 10_000)
	l.SelectAll()
	if !l.All() || l.SelectedCount() != 10_000 || !l.Selected(9_999) || l.Selected(10_000) {
		t.Error("not all")
	}
	l.Forget()
	if l.All() || l.SelectedCount() != 0 || l.Len() != 0 || l.Cursor() != -1 {
		t.Error("something is left")
	}
	l.SelectAll()
	if l.All() {
		t.Error("all of nothing is selected")
	}
}
