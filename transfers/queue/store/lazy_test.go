package store_test

import (
	"testing"

	"portside/transfers/queue/store"
)

// Changes for which nobody waits go into the file by themselves, in order, and
// at the latest when the store is closed.
func TestApplyLazily(t *testing.T) {
	opt := besideOptions(t)
	s, _, err := store.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	site, err := s.Site(t.Context(), "ftp://h", "")
	if err != nil {
		t.Fatal(err)
	}
	row := store.Row{Site: site, Remote: []byte("/a")}
	rows := []store.Row{row}
	if err = s.Apply(store.InsertRows(rows...)).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	row.ID = rows[0].ID
	set := func(tries int) *store.Commit {
		row.Tries = tries
		return s.ApplyLazily(store.Set(row, store.Tries))
	}
	set(1)
	if err = set(2).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, gerr := s.Get(t.Context(), row.ID); gerr != nil || len(got) != 1 || got[0].Tries != 2 {
		t.Errorf("rows = %+v, %v", got, gerr)
	}
	last := set(3)
	if err = s.Close(); err != nil {
		t.Fatal(err)
	}
	if err = last.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if s, _, err = store.Open(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if got, gerr := s.Get(t.Context(), row.ID); gerr != nil || len(got) != 1 || got[0].Tries != 3 {
		t.Errorf("rows afterwards = %+v, %v", got, gerr)
	}
}
