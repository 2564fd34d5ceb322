package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Change is one step of Apply.
type Change struct {
	rows []Row // to insert
	run  func(context.Context, *txn) error
}

// places are what new rows get.
type places struct {
	id       int64 // the next one; guarded by Store.mu
	top      int64 // lowest and highest position that was given
	bottom   int64
	reserved int64 // ids below this may be used after a crash; the writer's
}

// number gives new rows their ids, jobs and positions. Store.mu is held.
func (s *Store) number(rows []Row) {
	for i := range rows {
		r := &rows[i]
		if r.ID == 0 {
			r.ID = s.next.id
			s.next.id++
		}
		if r.Job == 0 {
			r.Job = r.ID
		}
		if r.Pos == 0 {
			s.next.bottom += Gap
			r.Pos = s.next.bottom
		}
		s.next.top = min(s.next.top, r.Pos)
		s.next.bottom = max(s.next.bottom, r.Pos)
		if r.Added.IsZero() {
			r.Added = s.now()
		}
	}
}

// InsertRows adds rows. Apply fills in ID, Job, Pos and Added where they are zero.
func InsertRows(rows ...Row) Change {
	return Change{rows: rows, run: func(ctx context.Context, w *txn) error { return w.insert(ctx, rows) }}
}

// Set sets some fields of the row r.ID to what r has. A row that is not there stays so.
// Where states are given the row is changed only while it is in one of them.
func Set(r Row, fields Fields, states ...uint8) Change {
	return Change{run: func(ctx context.Context, w *txn) error {
		olds, err := w.items(ctx, "id=?", r.ID)
		if err != nil || len(olds) == 0 || len(states) > 0 && !slices.Contains(states, olds[0].state) {
			return err
		}
		return w.update(ctx, olds, &r, fields)
	}}
}

// Delete deletes rows; what was found in a folder is not deleted with it.
func Delete(ids ...int64) Change { return DeleteAll(Where{IDs: ids}) }

// Insert stores rows and returns their ids when they are stored. More than 20,000 rows
// take several transactions; after an error the first ones may be stored.
func (s *Store) Insert(ctx context.Context, rows []Row) ([]int64, error) {
	var commits []*Commit
	ids := make([]int64, 0, len(rows))
	for part := range slices.Chunk(rows, batch) {
		part = slices.Clone(part)
		commits = append(commits, s.Apply(InsertRows(part...)))
		for i := range part {
			ids = append(ids, part[i].ID)
		}
		if len(commits) == 2 { // one is written while the next is made
			if err := commits[0].Wait(ctx); err != nil {
				return nil, err
			}
			commits = commits[1:]
		}
	}
	for _, c := range commits {
		if err := c.Wait(ctx); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// many is how many rows one INSERT takes.
const many = 64

// insert adds rows. Those that are plain take a shorter statement.
func (w *txn) insert(ctx context.Context, rows []Row) error {
	for len(rows) > 0 {
		plain, n := rows[0].plain(), 1
		for n < len(rows) && n < many && rows[n].plain() == plain {
			n++
		}
		if n < many {
			n = powerOfTwo(n)
		}
		if err := w.insertAlike(ctx, rows[:n], plain); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// powerOfTwo is the largest one up to n, so that few different statements are needed.
func powerOfTwo(n int) int {
	p := 1
	for p*2 <= n {
		p *= 2
	}
	return p
}

func (w *txn) insertAlike(ctx context.Context, rows []Row, plain bool) error {
	form := w.s.insertion(len(rows), plain)
	args := make([]any, 0, len(rows)*(1+len(form.columns)))
	highest := int64(0)
	for i := range rows {
		r := &rows[i]
		args = append(args, r.ID)
		for _, c := range form.columns {
			args = append(args, c.value(r))
		}
		highest = max(highest, r.ID)
		k := itemOf(r)
		w.counted(&k, 1)
	}
	if err := w.reserve(ctx, highest); err != nil {
		return err
	}
	w.changed += int64(len(rows))
	return w.exec(ctx, form.text, args...)
}

// An insertion is a statement that inserts rows, and what it takes besides the ids.
type insertion struct {
	text    string
	columns []column
}

// insertion returns the statement for n rows. Only the writer calls it.
func (s *Store) insertion(n int, plain bool) insertion {
	known := n
	if plain {
		known = -n
	}
	if form, ok := s.insertions[known]; ok {
		return form
	}
	columns := slices.DeleteFunc(slices.Clone(s.columns), func(c column) bool { return plain && c.rare })
	names := []string{"id"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	values := "(" + marks(len(names)) + ")"
	form := insertion{
		text:    "INSERT INTO items(" + strings.Join(names, ",") + ") VALUES" + strings.TrimSuffix(strings.Repeat(values+",", n), ","),
		columns: columns,
	}
	s.insertions[known] = form
	return form
}

// ahead is how many ids are reserved at once, so that no id is given twice even when
// the last rows have been deleted before the program was killed.
const ahead = 1 << 12

func (w *txn) reserve(ctx context.Context, id int64) error {
	if id < w.reserved {
		return nil
	}
	return w.reserveUpTo(ctx, id+ahead)
}

func (w *txn) reserveUpTo(ctx context.Context, id int64) error {
	err := w.exec(ctx, "REPLACE INTO settings(key,value) VALUES(?,?)", nextID, number(id))
	if err == nil {
		w.reserved = id
	}
	return err
}

// An item is what the counts and the orders depend on.
type item struct {
	id, site    int64
	state       uint8
	dir         bool
	size, bytes int64
	rank, pos   int64
	ended       int64
}

func itemOf(r *Row) item {
	return item{
		id: r.ID, site: r.Site, state: r.State, dir: r.Dir, size: r.Size, bytes: r.Bytes,
		rank: -int64(r.Priority), pos: r.Pos, ended: micro(r.Ended),
	}
}

// with is the item after fields were set to what r has.
func (k item) with(r *Row, fields Fields) item {
	n := itemOf(r)
	n.id, n.site, n.dir = k.id, k.site, k.dir
	if fields&State == 0 {
		n.state = k.state
	}
	if fields&Size == 0 {
		n.size = k.size
	}
	if fields&Bytes == 0 {
		n.bytes = k.bytes
	}
	if fields&Priority == 0 {
		n.rank = k.rank
	}
	if fields&Pos == 0 {
		n.pos = k.pos
	}
	if fields&Ended == 0 {
		n.ended = k.ended
	}
	return n
}

// counted notes that an entry has come (sign 1) or gone (sign -1).
func (w *txn) counted(k *item, sign int64) {
	d := drawer{k.site, k.state}
	sum := w.diff[d]
	sum.add(k.count(sign))
	w.diff[d] = sum
	w.moves = append(w.moves, move{*k, sign})
}

// items reads the rows that a condition selects.
func (w *txn) items(ctx context.Context, where string, args ...any) (list []item, err error) {
	stmt, err := w.statement(ctx, "SELECT id,site,state,dir,size,bytes,rank,pos,ended FROM items WHERE "+where)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	for rows.Next() {
		var k item
		if err = rows.Scan(&k.id, &k.site, &k.state, &k.dir, &k.size, &k.bytes, &k.rank, &k.pos, &k.ended); err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

// update sets fields of rows, which are as olds says, to what r has.
func (w *txn) update(ctx context.Context, olds []item, r *Row, fields Fields) error {
	var names []string
	var values []any
	for _, c := range w.s.columns {
		if c.field&fields != 0 {
			names = append(names, c.name+"=?")
			values = append(values, c.value(r))
		}
	}
	if len(names) == 0 {
		return nil
	}
	ids := make([]int64, len(olds))
	for i := range olds {
		ids[i] = olds[i].id
		after := olds[i].with(r, fields)
		if after != olds[i] {
			w.counted(&olds[i], -1)
			w.counted(&after, 1)
		}
	}
	w.changed += int64(len(olds))
	for part := range chunks(ids) {
		text := fmt.Sprintf("UPDATE items SET %s WHERE id IN (%s)", strings.Join(names, ","), marks(len(part)))
		if err := w.exec(ctx, text, append(values[:len(values):len(values)], anys(part)...)...); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes rows.
func (w *txn) remove(ctx context.Context, olds []item) error {
	ids := make([]int64, len(olds))
	for i := range olds {
		ids[i] = olds[i].id
		w.counted(&olds[i], -1)
	}
	w.changed += int64(len(olds))
	for part := range chunks(ids) {
		if err := w.exec(ctx, "DELETE FROM items WHERE id IN ("+marks(len(part))+")", anys(part)...); err != nil {
			return err
		}
	}
	return nil
}
