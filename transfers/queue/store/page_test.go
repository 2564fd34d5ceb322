package store

import (
	"cmp"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A model keeps what a Store should have.
type model map[int64]Row

// list is what Page should return, from a plain sort.
func (m model) list(states []uint8, newest bool) (ids []int64) {
	var rows []Row
	for _, r := range m {
		if states == nil || slices.Contains(states, r.State) {
			rows = append(rows, r)
		}
	}
	ended := func(r Row) int {
		if r.State == done || r.State == failed {
			return 1
		}
		return 0
	}
	slices.SortFunc(rows, func(a, b Row) int {
		if d := cmp.Compare(ended(a), ended(b)); d != 0 {
			return d
		}
		if ended(a) == 0 {
			return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.ID, b.ID))
		}
		d := cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.ID, b.ID))
		if newest {
			return -d
		}
		return d
	})
	return idsOf(rows)
}

// Pages agree with a plain sort at every offset, while rows come, change and go.
func TestPagesStayExact(t *testing.T) {
	const n = 5000
	s := open(t, options(""))
	s.pages.stride = 64
	m := model{}
	add := func(rows []Row) {
		for i, id := range insert(t, s, rows...) {
			rows[i].ID = id
		}
		got, err := s.Get(t.Context(), idsOf(rows)...)
		if err != nil || len(got) != len(rows) {
			t.Fatal(len(got), err)
		}
		for _, r := range got {
			m[r.ID] = r
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	rows := files(n)
	for i := range rows {
		rows[i].Priority = int8(random.IntN(3) - 1)
		if i%3 == 0 {
			rows[i].State, rows[i].Ended = done, time.UnixMicro(int64(random.IntN(n))+1)
		}
	}
	add(rows)
	for round := range 12 {
		for _, newest := range []bool{false, true} {
			for _, states := range [][]uint8{nil, {queued, running}, {done}, {queued, failed}} {
				want := m.list(states, newest)
				for range 4 {
					offset := random.IntN(len(want) + 10)
					got, total, err := s.Page(t.Context(), PageQuery{States: states, NewestFirst: newest, Offset: offset, Limit: 30})
					part := want[min(offset, len(want)):min(offset+30, len(want))]
					if err != nil || total != len(want) || !slices.Equal(idsOf(got), part) {
						t.Fatalf("round %d, states %v at %d of %d (%v): %v of %d, want %v", round, states, offset, len(want), err, idsOf(got), total, part)
					}
				}
			}
		}
		disturb(t, s, m, random)
		add(files(random.IntN(500)))
	}
	kept := 0
	for _, list := range s.pages.by {
		kept += len(list)
	}
	if kept < 10 {
		t.Errorf("%d anchors are kept", kept)
	}
}

// disturb changes and deletes many rows.
func disturb(t *testing.T, s *Store, m model, random *rand.Rand) {
	t.Helper()
	var changes []Change
	for id, r := range m {
		switch random.IntN(12) {
		case 0:
			r.State, r.Ended = done, time.UnixMicro(int64(random.IntN(100000))+1)
			changes = append(changes, Set(r, State|Ended))
		case 1:
			r.State, r.Priority, r.Pos = running, 1, int64(random.IntN(1<<30))+1
			changes = append(changes, Set(r, State|Priority|Pos))
		case 2:
			changes = append(changes, Delete(id))
			delete(m, id)
			continue
		}
		m[id] = r
	}
	apply(t, s, changes...)
}

func TestSearch(t *testing.T) {
	s := open(t, options(""))
	ids := insert(t, s,
		Row{Remote: []byte("/pub/ÄRGER 100%.txt"), State: queued},
		Row{Local: "Report_1.PDF", State: done},
		Row{ToRemote: []byte(`/c\d`), State: paused},
		Row{Remote: []byte("/pub/reportx1.pdf"), State: queued, Priority: 1})
	for text, want := range map[string][]int64{
		"ärger": ids[:1], "100%": ids[:1], "0%.": ids[:1], "report": {ids[3], ids[1]}, "report_1": ids[1:2], `c\d`: ids[2:3], "none": nil, "%": ids[:1],
	} {
		got, total, err := s.Page(t.Context(), PageQuery{Text: text, Limit: 10})
		if err != nil || total != len(want) || !slices.Equal(idsOf(got), want) {
			t.Errorf("%q: %v of %d, %v, want %v", text, idsOf(got), total, err, want)
		}
	}
	apply(t, s, Delete(ids[3]))
	got, total, err := s.Page(t.Context(), PageQuery{Text: "report", Limit: 10})
	if err != nil || total != 1 || !slices.Equal(idsOf(got), ids[1:2]) {
		t.Errorf("after a change: %v of %d, %v", idsOf(got), total, err)
	}
}

// A job with folders in it: what is below, cancelled in steps, and listed.
func TestJobsAndWhatIsBelow(t *testing.T) {
	s := open(t, options(""))
	job := insert(t, s, Row{Site: 1, Dir: true, State: running})[0]
	folder := insert(t, s, Row{Site: 1, Parent: job, Job: job, Dir: true, State: running})[0]
	other := insert(t, s, file(1))[0]
	inside := make([]Row, 3*step)
	for i := range inside {
		inside[i] = Row{Site: 1, Parent: folder, Job: job, Remote: []byte("/x")}
	}
	insert(t, s, inside...)
	beside := insert(t, s, Row{Site: 1, Parent: job, Job: job})[0]
	if _, total, err := s.Page(t.Context(), PageQuery{Job: job, Limit: 1}); err != nil || total != 3*step+3 {
		t.Errorf("%d in the job, %v", total, err)
	}
	n, err := s.SetAll(t.Context(), Where{Under: folder, States: []uint8{queued, running}}, Row{State: paused}, State)
	if err != nil || n != 3*step+1 {
		t.Errorf("%d changed, %v", n, err)
	}
	n, err = s.SetAll(t.Context(), Where{Job: job, States: []uint8{queued, running}}, Row{State: failed}, State)
	if err != nil || n != 2 {
		t.Errorf("%d changed, %v", n, err)
	}
	rows, err := s.Get(t.Context(), job, folder, other, beside)
	if err != nil || rows[0].State != failed || rows[1].State != paused || rows[2].State != queued || rows[3].State != failed {
		t.Errorf("%+v, %v", rows, err)
	}
	if n, err = s.DeleteAll(t.Context(), Where{Job: job}); err != nil || n != 3*step+3 {
		t.Errorf("%d deleted, %v", n, err)
	}
}

func TestPrune(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	opt := options("")
	opt.KeepDone, opt.KeepFor, opt.Now = 3000, time.Hour, func() time.Time { return now }
	s := open(t, opt)
	rows := files(8000)
	for i := range rows {
		rows[i].State, rows[i].Ended = done, now.Add(-time.Duration(i)*2*time.Second)
	}
	rows[7999].State = queued
	ids := insert(t, s, rows...)
	n, err := s.Prune(t.Context())
	left, total, err2 := s.Page(t.Context(), PageQuery{States: []uint8{done}, Limit: 5000})
	if err != nil || err2 != nil || n != 7999-1801 || total != 1801 || !slices.Contains(idsOf(left), ids[1800]) {
		t.Errorf("%d pruned, %d left, %v, %v", n, total, err, err2)
	}
	if _, err = s.DeleteFinished(t.Context()); err != nil {
		t.Error(err)
	}
	if c, _ := s.Counts(t.Context()); len(c) != 1 || c[queued].N != 1 {
		t.Errorf("%v", c)
	}
}

func TestMove(t *testing.T) {
	for _, tt := range []struct {
		name string
		to   Place
		ids  []int64
		same bool // all have one position
		want string
	}{
		{"top", Top, []int64{4, 2}, false, "24135"},
		{"bottom", Bottom, []int64{3, 1}, false, "24513"},
		{"up", Up, []int64{3}, false, "13245"},
		{"up, two", Up, []int64{3, 4}, false, "13425"},
		{"up, at the top", Up, []int64{1, 2, 4}, false, "12435"},
		{"down", Down, []int64{2, 4}, false, "13254"},
		{"down, at the bottom", Down, []int64{4, 5}, false, "12345"},
		{"up, same position", Up, []int64{3}, true, "13245"},
		{"down, same position", Down, []int64{1, 2}, true, "31245"},
	} {
		s := open(t, options(""))
		rows := files(5)
		for i := range rows {
			if tt.same {
				rows[i].Pos = 7
			}
		}
		insert(t, s, rows...)
		if err := s.Move(t.Context(), tt.to, nil, tt.ids...); err != nil {
			t.Fatal(err)
		}
		got, err := s.Next(t.Context(), NextQuery{Site: 1, Limit: 10})
		var text strings.Builder
		for _, id := range idsOf(got) {
			text.WriteString(number(id))
		}
		if err != nil || text.String() != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.name, &text, tt.want, err)
		}
	}
}

// Nothing runs, and nothing is left beside the file, after Close.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	before := runtime.NumGoroutine()
	for _, path := range []string{filepath.Join(dir, "q.db"), ""} {
		s := open(t, options(path))
		insert(t, s, files(100)...)
		for range 20 {
			if _, _, err := s.Page(t.Context(), PageQuery{Limit: 10}); err != nil {
				t.Error(err)
			}
		}
		temp := s.temp
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(temp); temp != "" && left != nil {
			t.Errorf("%v is left", left)
		}
	}
	// The writer, and those of database/sql, end a moment after Close returned, which on a
	// busy computer is a longer one.
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before\n%s", after, before, stacks[:runtime.Stack(stacks, true)])
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("%v are there, want the file and its lock", left)
	}
}
