package store

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Options say how a Store is kept. The states are the scheduler's.
type Options struct {
	Path     string  // of the file; "": a temporary one that goes at Close
	Pending  []uint8 // states that Next may give out
	Finished []uint8 // states that end an entry: Page lists them apart, Prune deletes them
	KeepDone int     // finished entries that Prune leaves; 0: any number
	KeepFor  time.Duration
	Now      func() time.Time // nil: time.Now
}

// A Store is the open file. It may be used by several goroutines at once.
type Store struct {
	path     string
	opt      Options
	pending  string // Options.Pending as SQL
	finished string

	lock    *os.File
	temp    string // folder of a temporary file
	write   *sql.DB
	read    *sql.DB
	dubious atomic.Bool // damage was met
	closing atomic.Bool // the connections are being closed

	statements struct {
		sync.Mutex // guards known, of the read side
		known      map[string]*kept
	}
	columns    []column          // of the table
	insertions map[int]insertion // the writer's: by number of rows, negative for plain ones
	next       places            // ids and positions to give out
	counts     tallies
	pages      anchors
	search     finder

	mu     sync.Mutex // guards what follows
	queue  []*Commit
	closed bool
	dozing bool // a timer will wake the writer

	wake  chan struct{} // holds one token while commits wait
	done  chan struct{} // closed when the writer is gone
	once  sync.Once
	ended error // of Close
}

// now is the time of the clock in use.
func (s *Store) now() time.Time {
	if s.opt.Now != nil {
		return s.opt.Now()
	}
	return time.Now()
}

// address is the name of the file as the driver wants it. The page caches are bounded
// in KiB.
func address(path string, cache string, more ...string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	u := url.URL{Scheme: "file", Path: slashed}
	pragmas := append([]string{"busy_timeout(10000)", "synchronous(NORMAL)", "foreign_keys(OFF)", "cache_size(-" + cache + ")"}, more...)
	return u.String() + "?_pragma=" + strings.Join(pragmas, "&_pragma=")
}

// query runs a statement that reads, which is prepared once.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	k, err := s.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := k.stmt.QueryContext(ctx, args...)
	k.unuse()
	if err != nil {
		return nil, s.readError(ctx, err)
	}
	return rows, nil
}

// keepStatements bounds the statements that are kept prepared.
const keepStatements = 64

// A kept statement stays prepared. Its lock is its own: who holds that of the others may
// wait for a connection.
type kept struct {
	stmt *sql.Stmt

	mu    sync.Mutex // guards what follows
	users int        // that are about to run it; its rows need it no more
	gone  bool
}

func (k *kept) use() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.users++
}

func (k *kept) unuse() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.users--
	k.leave()
}

// dismiss closes the statement once nobody is about to run it.
func (k *kept) dismiss() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone = true
	k.leave()
}

// leave closes the statement where nobody needs it. Its lock is held.
func (k *kept) leave() {
	if k.gone && k.users == 0 {
		_ = k.stmt.Close() // nothing of it is needed
	}
}

// statement finds or prepares a statement, for kept.unuse to give back.
func (s *Store) statement(ctx context.Context, text string) (*kept, error) {
	s.statements.Lock()
	defer s.statements.Unlock()
	if s.statements.known == nil {
		return nil, ErrClosed
	}
	if k := s.statements.known[text]; k != nil {
		k.use()
		return k, nil
	}
	stmt, err := s.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, s.readError(ctx, err)
	}
	if len(s.statements.known) >= keepStatements {
		for old, gone := range s.statements.known {
			delete(s.statements.known, old)
			gone.dismiss()
			break
		}
	}
	k := &kept{stmt: stmt, users: 1}
	s.statements.known[text] = k
	return k, nil
}

// readError gives an error of reading its type; that of ctx goes first, and what fails
// while the file is being closed fails for that.
func (s *Store) readError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil && s.closing.Load() {
		return ErrClosed
	}
	return s.explain(err)
}

// rows reads all rows of a query for the selected columns.
func (s *Store) rows(ctx context.Context, text string, args ...any) (list []Row, err error) {
	found, err := s.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // only read
	for found.Next() {
		r, err := scan(found)
		if err != nil {
			return nil, s.readError(ctx, err)
		}
		list = append(list, r)
	}
	return list, s.readError(ctx, found.Err())
}

// ints reads all rows of a query for one number.
func (s *Store) ints(ctx context.Context, text string, args ...any) (list []int64, err error) {
	found, err := s.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // only read
	for found.Next() {
		var n int64
		if err = found.Scan(&n); err != nil {
			return nil, s.readError(ctx, err)
		}
		list = append(list, n)
	}
	return list, s.readError(ctx, found.Err())
}

// Get returns the rows with these ids that there are, in the order of ids.
func (s *Store) Get(ctx context.Context, ids ...int64) ([]Row, error) {
	byID := make(map[int64]Row, len(ids))
	for part := range chunks(ids) {
		rows, err := s.rows(ctx, "SELECT "+selected+" FROM items WHERE id IN ("+marks(len(part))+")", anys(part)...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			byID[r.ID] = r
		}
	}
	list := make([]Row, 0, len(byID))
	for _, id := range ids {
		if r, ok := byID[id]; ok {
			list = append(list, r)
			delete(byID, id)
		}
	}
	return list, nil
}

// Close stores what waits, moves all of it into the file itself, and ends. What is
// asked later gets ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.once.Do(func() {
		close(s.wake)
		<-s.done
	})
	return s.ended
}
