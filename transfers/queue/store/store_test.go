package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

// States of the tests.
const (
	queued uint8 = iota
	running
	waiting
	paused
	done
	failed
)

func options(path string) Options {
	return Options{Path: path, Pending: []uint8{queued, waiting}, Finished: []uint8{done, failed}}
}

func open(t *testing.T, opt Options) *Store {
	t.Helper()
	s, damage, err := Open(t.Context(), opt)
	if err != nil || damage != nil {
		t.Fatalf("Open: %v, damage %v", err, damage)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func file(n int) Row {
	return Row{
		Site: 1, Kind: 1, Remote: fmt.Appendf(nil, "/pub/dir %d/file-%06d.txt", n/100, n),
		Root: "/home/anna/Downloads", Local: fmt.Sprintf("dir %d/file-%06d.txt", n/100, n), Size: int64(n), State: queued,
	}
}

func files(n int) (list []Row) {
	for i := range n {
		list = append(list, file(i))
	}
	return list
}

func insert(t *testing.T, s *Store, rows ...Row) []int64 {
	t.Helper()
	ids, err := s.Insert(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func apply(t *testing.T, s *Store, changes ...Change) {
	t.Helper()
	if err := s.Apply(changes...).Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func idsOf(rows []Row) (ids []int64) {
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// A row comes back as it was, after a change of every field too, and after reopening.
func TestEveryFieldIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "queue ?%.db")
	when := time.Date(2024, 2, 29, 12, 30, 45, 123456000, time.UTC)
	full := Row{
		Parent: 7, Job: 5, Site: 2, ToSite: 3, Kind: 4, Dir: true,
		Remote: []byte("/a\xff\n b"), ToRemote: []byte("/c"), Root: "/root\xfe", Local: "x/y",
		Size: 1 << 40, ModTime: when, Precise: true, Mode: 0o755, Rule: 6, Flags: 1 << 31,
		Priority: -2, Pos: 99, State: paused, Due: when.Add(time.Hour), Tries: 8,
		SettledAction: 2, SettledName: []byte("z"), Reason: []byte(`{"a":1}`), Conflict: []byte("{}"),
		Bytes: 11, Children: 12, Added: when.Add(1), Started: when.Add(time.Second), Ended: time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	full.Added = when
	plain := Row{Site: 1, Size: -1, Added: when, ModTime: time.Unix(0, 0).UTC().Add(time.Microsecond)}
	s := open(t, options(path))
	full.ID, plain.ID = 1, 2
	ids := insert(t, s, full, plain)
	if !slices.Equal(ids, []int64{1, 2}) {
		t.Fatalf("ids %v", ids)
	}
	plain.Job, plain.Pos = 2, s.next.bottom
	changed := full
	changed.ID, changed.Parent, changed.Job, changed.Site, changed.Kind, changed.Dir, changed.Added, changed.ToSite = 2, 0, 2, 1, 0, false, when, 0
	for round, want := range [][]Row{{full, plain}, {full, changed}, {full, changed}} {
		switch round {
		case 1:
			apply(t, s, Set(changed, ^Fields(0)))
		case 2:
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, options(path))
		}
		got, err := s.Get(t.Context(), 1, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 {
			t.Fatalf("round %d: %d rows", round, len(got))
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("round %d, row %d:\n got %+v\nwant %+v", round, i, got[i], want[i])
			}
		}
	}
}

// Every column has its field: a change of one leaves the others.
func TestOneFieldAtATime(t *testing.T) {
	s := open(t, options(""))
	id := insert(t, s, file(1))[0]
	when := time.UnixMicro(5).UTC()
	full := Row{
		ID: id, Remote: []byte("r"), ToRemote: []byte("t"), Root: "R", Local: "L", Size: 2, ModTime: when, Precise: true, Mode: 3, Rule: 4,
		Flags: 5, Priority: 6, Pos: 7, State: failed, Due: when, Tries: 8, SettledAction: 9, SettledName: []byte("s"),
		Reason: []byte("why"), Conflict: []byte("c"), Bytes: 10, Children: 11, Started: when, Ended: when,
	}
	last, _ := s.Get(t.Context(), id)
	for f := State; f <= ToRemote; f <<= 1 {
		apply(t, s, Set(full, f))
		now, err := s.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if reflect.DeepEqual(now, last) {
			t.Errorf("field %b changed nothing", f)
		}
		last = now
	}
	want := full
	want.Job, want.Site, want.Kind, want.Added = id, 1, 1, last[0].Added
	if !reflect.DeepEqual(last[0], want) {
		t.Errorf("\n got %+v\nwant %+v", last[0], want)
	}
}

func TestNext(t *testing.T) {
	now := time.UnixMicro(10_000_000).UTC()
	s := open(t, options(""))
	rows := files(6)
	rows[0].State = running
	rows[1].Due = now.Add(time.Second)
	rows[2].Due, rows[2].State = now.Add(-time.Second), waiting
	rows[3].Priority = 3
	rows[4].Dir = true
	rows[5].Site = 2
	ids := insert(t, s, rows...)
	of := func(n ...int) (list []int64) {
		for _, i := range n {
			list = append(list, ids[i])
		}
		return list
	}
	for _, tt := range []struct {
		name string
		q    NextQuery
		want []int64
	}{
		{"all", NextQuery{Site: 1, Now: now, Limit: 10}, of(3, 2, 4)},
		{"limit", NextQuery{Site: 1, Now: now, Limit: 2}, of(3, 2)},
		{"files", NextQuery{Site: 1, Files: true, Now: now, Limit: 10}, of(3, 2)},
		{"folders", NextQuery{Site: 1, Dirs: true, Now: now, Limit: 10}, of(4)},
		{"both", NextQuery{Site: 1, Dirs: true, Files: true, Now: now, Limit: 10}, of(3, 2, 4)},
		{"later", NextQuery{Site: 1, Now: now.Add(time.Second), Limit: 10}, of(3, 1, 2, 4)},
		{"not", NextQuery{Site: 1, Now: now, Limit: 1, Not: func(id int64) bool { return id == ids[3] }}, of(2)},
		{"other site", NextQuery{Site: 2, Now: now, Limit: 10}, of(5)},
		{"no site", NextQuery{Site: 3, Now: now, Limit: 10}, nil},
	} {
		got, err := s.Next(t.Context(), tt.q)
		if err != nil || !slices.Equal(idsOf(got), tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, idsOf(got), err, tt.want)
		}
	}
	due, err := s.EarliestDue(t.Context(), 1)
	if err != nil || !due.Equal(now.Add(-time.Second)) {
		t.Errorf("EarliestDue = %v, %v", due, err)
	}
	if due, err = s.EarliestDue(t.Context(), 2); err != nil || !due.IsZero() {
		t.Errorf("EarliestDue = %v, %v", due, err)
	}
}

func TestCountsFollowEveryChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	s := open(t, options(path))
	rows := files(10)
	rows[0].Size, rows[1].Dir, rows[1].Size = -1, true, -1
	ids := insert(t, s, rows...)
	apply(t, s, Set(Row{ID: ids[2], State: done, Bytes: 2}, State|Bytes), Set(Row{ID: ids[3], Size: 100}, Size), Delete(ids[4], 999))
	apply(t, s, Set(Row{ID: ids[2], State: failed}, State, queued)) // it is done, so nothing happens
	apply(t, s, SetAll(Where{IDs: ids[5:8]}, Row{State: paused}, State))
	want := map[uint8]Count{
		queued: {N: 5, Dirs: 1, Bytes: 100 + 8 + 9, Unknown: 1},
		done:   {N: 1, Bytes: 2, Moved: 2},
		paused: {N: 3, Bytes: 5 + 6 + 7},
	}
	for range 2 {
		got, err := s.Counts(t.Context())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Counts = %v, %v\nwant %v", got, err, want)
		}
		bySite, err := s.CountsBySite(t.Context())
		if err != nil || !reflect.DeepEqual(bySite, map[int64]map[uint8]Count{1: want}) {
			t.Errorf("CountsBySite = %v, %v", bySite, err)
		}
		if err = s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, options(path))
	}
}

func TestSitesAndSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	s := open(t, options(path))
	a, err1 := s.Site(t.Context(), "ftp://a", "A")
	b, err2 := s.Site(t.Context(), "ftp://b", "B")
	again, err3 := s.Site(t.Context(), "ftp://a", "")
	renamed, err4 := s.Site(t.Context(), "ftp://b", "Bee")
	if err := errors.Join(err1, err2, err3, err4); err != nil || a == b || a != again || b != renamed || a == 0 {
		t.Fatalf("ids %d %d %d %d, %v", a, b, again, renamed, err)
	}
	if err := errors.Join(s.SetSetting(t.Context(), "k", []byte("v")), s.SetSetting(t.Context(), "gone", []byte("v")),
		s.SetSetting(t.Context(), "gone", nil), s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, options(path))
	sites, err := s.Sites(t.Context())
	if want := []Site{{a, "ftp://a", "A"}, {b, "ftp://b", "Bee"}}; err != nil || !slices.Equal(sites, want) {
		t.Errorf("Sites = %v, %v", sites, err)
	}
	v, err1 := s.Setting(t.Context(), "k")
	none, err2 := s.Setting(t.Context(), "gone")
	if string(v) != "v" || none != nil || err1 != nil || err2 != nil {
		t.Errorf("%q %q %v %v", v, none, err1, err2)
	}
}

// An id is not given twice, even when the newest rows are gone.
func TestIDsAreNotReused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	s := open(t, options(path))
	ids := insert(t, s, files(3)...)
	apply(t, s, Delete(ids...))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, options(path))
	if next := insert(t, s, file(1)); next[0] != ids[2]+1 {
		t.Errorf("%v after %v", next, ids)
	}
}

func TestClosed(t *testing.T) {
	s := open(t, options(filepath.Join(t.TempDir(), "q.db")))
	c := s.Apply(InsertRows(file(1)))
	if err := errors.Join(s.Close(), s.Close(), c.Err()); err != nil {
		t.Fatal(err)
	}
	_, err1 := s.Insert(t.Context(), files(1))
	_, err2 := s.Get(t.Context(), 1)
	_, _, err3 := s.Page(t.Context(), PageQuery{Text: "x", Limit: 1})
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	}
}

// More statements than are kept are asked for at the same time: one that makes room for
// another is still run by whoever has it.
func TestManyStatements(t *testing.T) {
	s := open(t, options(""))
	insert(t, s, files(10)...)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 300 {
				ids, err := s.ints(t.Context(), fmt.Sprintf("SELECT id FROM items WHERE id=1 AND %d=%[1]d", (i*7+g)%(2*keepStatements)))
				if err != nil || len(ids) != 1 {
					t.Errorf("%v, %v", ids, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// Close comes while others add and read.
func TestCloseBesideUse(t *testing.T) {
	for range 20 {
		s := open(t, options(""))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for {
					_, err := s.Insert(t.Context(), files(1))
					if err == nil {
						_, err = s.Get(t.Context(), 1)
					}
					if err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Errorf("%v, want ErrClosed", err)
						}
						return
					}
				}
			})
		}
		time.Sleep(2 * time.Millisecond) // somewhere in the middle
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
	}
}

func TestHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.db")
	open(t, options(path))
	_, _, err := Open(t.Context(), options(path))
	if held, ok := errors.AsType[*HeldError](err); !ok || !held.Temporary() {
		t.Errorf("%v, want a HeldError", err)
	}
}

func TestContextEndsAnything(t *testing.T) {
	s := open(t, options(""))
	insert(t, s, files(10)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err1 := s.Get(ctx, 1)
	_, _, err2 := s.Page(ctx, PageQuery{Text: "file", Limit: 5})
	_, err3 := s.Next(ctx, NextQuery{Site: 1, Limit: 1})
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}
