package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"time"
)

// A Commit is a call of Apply on its way into the file.
type Commit struct {
	changes []Change
	rows    int // how much work it is, about
	done    chan struct{}
	err     error // valid when done is closed, as changed is
	changed int64
}

// Done is closed when the changes are stored, or have failed.
func (c *Commit) Done() <-chan struct{} { return c.done }

// Err is why the changes were not stored: *FullError, *CorruptError, ErrClosed or an
// error of SQLite. It is nil before Done is closed.
func (c *Commit) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Changed is how many rows were inserted, changed and deleted; 0 before Done is closed.
func (c *Commit) Changed() int64 {
	select {
	case <-c.done:
		return c.changed
	default:
		return 0
	}
}

// Wait waits for Done and returns Err. Where ctx ends first the changes may still be
// stored.
func (c *Commit) Wait(ctx context.Context) error {
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Commit) finish(changed int64, err error) {
	c.changed, c.err = changed, err
	c.changes = nil
	close(c.done)
}

// Apply stores changes, all or none of them, in the order of the calls. It does not
// wait. New rows have their ids and positions when it returns; the slices that it was
// given must not change before Done.
func (s *Store) Apply(changes ...Change) *Commit { return s.apply(false, changes) }

// ApplyLazily is Apply for changes for which nobody waits: they go into the file
// with the next ones, or after lazily.
func (s *Store) ApplyLazily(changes ...Change) *Commit { return s.apply(true, changes) }

// How long, and how many, changes wait for others that go into the file with them.
const (
	lazily   = 20 * time.Millisecond
	lazyMost = 500
)

func (s *Store) apply(lazy bool, changes []Change) *Commit {
	c := &Commit{changes: changes, done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.finish(0, ErrClosed)
		return c
	}
	for _, change := range changes {
		c.rows += 1 + len(change.rows)
		s.number(change.rows)
	}
	s.queue = append(s.queue, c)
	if lazy && len(s.queue) < lazyMost {
		if !s.dozing {
			s.dozing = true
			time.AfterFunc(lazily, func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.dozing = false
				s.rouse()
			})
		}
		return c
	}
	s.rouse()
	return c
}

// rouse wakes the writer. Store.mu is held.
func (s *Store) rouse() {
	if s.closed {
		return // it writes what is left, and ends
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// batch is how many rows one transaction takes, about, and the most that Insert puts
// into one.
const batch = 20000

// take returns the commits for the next transaction.
func (s *Store) take() []*Commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, rows := 0, 0
	for n < len(s.queue) && (n == 0 || rows+s.queue[n].rows <= batch) {
		rows += s.queue[n].rows
		n++
	}
	group := s.queue[:n:n]
	s.queue = s.queue[n:]
	if len(s.queue) == 0 {
		s.queue = nil
	}
	return group
}

// writeAll is the writer. It ends when wake is closed and nothing waits.
func (s *Store) writeAll(ctx context.Context) {
	defer close(s.done)
	w := &txn{s: s}
	for range s.wake {
		for group := s.take(); len(group) > 0; group = s.take() {
			s.store(ctx, w, group)
		}
	}
	for group := s.take(); len(group) > 0; group = s.take() {
		s.store(ctx, w, group)
	}
	s.ended = s.shut(ctx, w)
}

// store makes one transaction of a group. Where that fails, and the disk is not to
// blame, each commit gets one of its own, so that none fails for another.
func (s *Store) store(ctx context.Context, w *txn, group []*Commit) {
	changed, err := w.run(ctx, group)
	if err != nil && len(group) > 1 && !isFull(err) && !isCorrupt(err) {
		for _, c := range group {
			s.store(ctx, w, []*Commit{c})
		}
		return
	}
	err = s.explain(err)
	for i, c := range group {
		if err != nil {
			c.finish(0, err)
		} else {
			c.finish(changed[i], nil)
		}
	}
}

// A txn is the writer's connection and what one transaction has changed.
type txn struct {
	s        *Store
	conn     *sql.Conn
	known    map[string]*sql.Stmt
	diff     map[drawer]Count
	moves    []move // of what Page lists
	changed  int64
	reserved int64 // ids below this are never given again
}

// run makes a transaction of commits and returns how many rows each changed.
func (w *txn) run(ctx context.Context, group []*Commit) (changed []int64, err error) {
	if err = w.begin(ctx); err != nil {
		return nil, err
	}
	w.diff, w.moves, w.reserved = map[drawer]Count{}, nil, w.s.next.reserved
	for _, c := range group {
		w.changed = 0
		for _, change := range c.changes {
			if err = change.run(ctx, w); err != nil {
				w.rollback(ctx)
				return nil, err
			}
		}
		changed = append(changed, w.changed)
	}
	if err = w.storeCounts(ctx); err != nil {
		w.rollback(ctx)
		return nil, err
	}
	w.s.pages.changing()
	if err = w.exec(ctx, "COMMIT"); err != nil {
		w.s.pages.publish(nil)
		w.rollback(ctx)
		return nil, err
	}
	w.s.pages.publish(w.moves)
	w.s.counts.publish(w.diff)
	w.s.next.reserved = w.reserved
	w.s.search.changed()
	return changed, nil
}

// begin starts a transaction. A connection that a failed disk left in an odd state is
// made anew.
func (w *txn) begin(ctx context.Context) error {
	if w.conn != nil {
		if err := w.exec(ctx, "BEGIN IMMEDIATE"); err == nil {
			return nil
		}
		w.drop()
	}
	conn, err := w.s.write.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.known = conn, map[string]*sql.Stmt{}
	return w.exec(ctx, "BEGIN IMMEDIATE")
}

// drop closes the connection; the database closes it for good, since it keeps none.
func (w *txn) drop() {
	for _, stmt := range w.known {
		_ = stmt.Close() // nothing of it is needed
	}
	if w.conn != nil {
		_ = w.conn.Close()
	}
	w.conn, w.known = nil, nil
}

func (w *txn) rollback(ctx context.Context) {
	if err := w.exec(ctx, "ROLLBACK"); err != nil {
		w.drop() // SQLite has rolled back by itself, or the connection is of no use
	}
}

// statement returns a prepared statement of the writer.
func (w *txn) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := w.known[text]; stmt != nil {
		return stmt, nil
	}
	if len(w.known) >= 2*keepStatements {
		for _, stmt := range w.known {
			_ = stmt.Close()
		}
		clear(w.known)
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err == nil {
		w.known[text] = stmt
	}
	return stmt, err
}

func (w *txn) exec(ctx context.Context, text string, args ...any) error {
	stmt, err := w.statement(ctx, text)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, args...)
	return err
}

// storeCounts writes the counts that have changed.
func (w *txn) storeCounts(ctx context.Context) error {
	maps.DeleteFunc(w.diff, func(_ drawer, c Count) bool { return c == Count{} })
	for d, diff := range w.diff {
		c := w.s.counts.with(d, diff)
		if c.N < 0 {
			return fmt.Errorf("the count of state %d of site %d is %d", d.state, d.site, c.N)
		}
		err := w.exec(ctx, "REPLACE INTO counts(site,state,n,dirs,bytes,unknown,moved) VALUES(?,?,?,?,?,?,?)",
			d.site, int64(d.state), c.N, c.Dirs, c.Bytes, c.Unknown, c.Moved)
		if err != nil {
			return err
		}
	}
	return nil
}
