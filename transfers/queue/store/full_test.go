package store

import (
	"context"
	"errors"
	"testing"
)

// pages limits the file to so many pages, or to any number with 0.
func limitPages(t *testing.T, s *Store, n int) {
	t.Helper()
	limit := "PRAGMA max_page_count=" + number(int64(n))
	if n == 0 {
		limit = "PRAGMA max_page_count=4294967294"
	}
	c := s.Apply(Change{run: func(ctx context.Context, w *txn) error {
		stmt, err := w.statement(ctx, limit)
		if err != nil {
			return err
		}
		var now int64
		return stmt.QueryRowContext(ctx).Scan(&now)
	}})
	if err := c.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A full disk refuses what is new, as a whole, and nothing else.
func TestFullDisk(t *testing.T) {
	s := open(t, options(""))
	ids := insert(t, s, files(100)...)
	limitPages(t, s, 1) // what it has already is the least
	_, err := s.Insert(t.Context(), files(5000))
	full, ok := errors.AsType[*FullError](err)
	if !ok || !full.Full || !full.Temporary() {
		t.Fatalf("%v, want a FullError", err)
	}
	c := s.Apply(Set(Row{ID: ids[0], State: done}, State), InsertRows(files(5000)...))
	if err = c.Wait(t.Context()); !errors.As(err, &full) || c.Changed() != 0 {
		t.Errorf("%v, %d changed", err, c.Changed())
	}
	check := func(want int64) {
		t.Helper()
		rows, err := s.Next(t.Context(), NextQuery{Site: 1, Limit: 1})
		if err != nil || len(rows) != 1 || rows[0].ID != ids[0] {
			t.Errorf("Next = %v, %v", rows, err)
		}
		counts, err := s.Counts(t.Context())
		_, total, err2 := s.Page(t.Context(), PageQuery{Limit: 1})
		found, err3 := s.ints(t.Context(), "SELECT count(*) FROM items")
		if errors.Join(err, err2, err3) != nil || counts[queued].N != want || total != int(want) || found[0] != want {
			t.Errorf("%v counted, %d listed, %v there, want %d", counts, total, found, want)
		}
	}
	check(100)
	limitPages(t, s, 0)
	insert(t, s, files(5000)...)
	check(5100)
}
