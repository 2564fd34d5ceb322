package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"portside/client/keep"
)

// Open opens the file, or begins a new one. ctx bounds the opening. A file that is
// damaged is set aside and a new one begun with what could be read of it, which the
// Damage tells; the Store is usable then. Errors: *VersionError, *ForeignError,
// *HeldError, *FullError and those of the file system; nothing was changed then.
func Open(ctx context.Context, opt Options) (*Store, *Damage, error) {
	s := &Store{
		path: opt.Path, opt: opt, pending: literal(opt.Pending), finished: literal(opt.Finished),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.columns, s.insertions = table(), map[int]insertion{}
	s.pages.s, s.pages.stride, s.pages.by = s, usualStride, map[segment][]anchor{}
	if err := s.hold(); err != nil {
		return nil, nil, err
	}
	if s.temp != "" {
		s.sweep()
	}
	damage, err := s.openFile(ctx)
	if err != nil {
		s.release()
		return nil, nil, err
	}
	go s.writeAll(context.WithoutCancel(ctx))
	return s, damage, nil
}

// hold finds the file and takes its lock.
func (s *Store) hold() error {
	if s.path == "" {
		dir, err := os.MkdirTemp("", tempPrefix)
		if err != nil {
			return err
		}
		s.temp, s.path = dir, filepath.Join(dir, tempFile)
	}
	path, err := filepath.Abs(s.path)
	if err != nil {
		return err
	}
	if real, unknown := filepath.EvalSymlinks(path); unknown == nil {
		path = real
	}
	s.path = path
	if info, unknown := os.Stat(path); unknown == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err = keep.TryLock(file); err != nil {
		_ = file.Close() // nothing was written
		if errors.Is(err, keep.ErrHeld) {
			return &HeldError{Path: path}
		}
		return err
	}
	s.lock = file
	return nil
}

// release gives back what hold took.
func (s *Store) release() {
	if s.lock != nil {
		_ = s.lock.Close() // nothing was written
	}
	if s.temp != "" {
		_ = os.RemoveAll(s.temp) // the system clears its folder of temporary files too
	}
}

// openFile opens the file, and a new one where it is damaged.
func (s *Store) openFile(ctx context.Context) (*Damage, error) {
	err := s.inspect()
	if err == nil {
		err = s.connect(ctx)
	}
	bad, ok := errors.AsType[*CorruptError](err)
	if !ok {
		return nil, err
	}
	damage, err := s.setAside(bad.Err)
	if err != nil {
		return nil, err
	}
	if err = s.connect(ctx); err != nil {
		return nil, err
	}
	damage.Saved, err = s.salvage(ctx, damage.Aside)
	if err != nil {
		_ = s.disconnect()
		return nil, err
	}
	return damage, nil
}

// connect opens the database and reads what is kept in memory.
func (s *Store) connect(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = s.explain(errors.Join(err, s.disconnect()))
		}
	}()
	file, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	pragmas := []string{"wal_autocheckpoint(4000)", "journal_size_limit(67108864)"}
	if s.temp != "" {
		pragmas = append(pragmas, "synchronous(OFF)") // it does not outlive the program
	}
	s.write, err = sql.Open("sqlite", address(s.path, "16000", pragmas...))
	if err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	s.write.SetMaxIdleConns(0) // so that a connection in an odd state is closed
	if err = s.prepareFile(ctx); err != nil {
		return err
	}
	s.read, err = sql.Open("sqlite", address(s.path, "6000", "query_only(1)"))
	if err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	s.statements.known = map[string]*kept{}
	if err = s.loadCounts(ctx); err != nil {
		return err
	}
	return s.loadPlaces(ctx)
}

// readers is how many questions are answered at once.
const readers = 4

func (s *Store) prepareFile(ctx context.Context) (err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err = s.check(ctx, conn); err != nil {
		return err
	}
	return s.prepareSchema(ctx, conn)
}

// loadPlaces finds what the next rows get.
func (s *Store) loadPlaces(ctx context.Context) error {
	highest, err := s.ints(ctx, "SELECT coalesce(max(id),0) FROM items")
	if err != nil {
		return err
	}
	kept, err := s.Setting(ctx, nextID)
	if err != nil {
		return err
	}
	reserved, _ := strconv.ParseInt(string(kept), 10, 64) // not there: 0
	s.next.id = max(highest[0]+1, reserved, 1)
	s.next.reserved = 0
	// The orders are known by rank, of which there are few.
	for rank := int64(-1 << 8); ; {
		ranks, err := s.ints(ctx, "SELECT rank FROM items WHERE rank>? AND state NOT IN "+s.finished+" ORDER BY rank LIMIT 1", rank)
		if err != nil || len(ranks) == 0 {
			return err
		}
		rank = ranks[0]
		for _, way := range []string{"ASC", "DESC"} {
			pos, err := s.ints(ctx, "SELECT pos FROM items WHERE rank=? AND state NOT IN "+s.finished+" ORDER BY pos "+way+" LIMIT 1", rank)
			if err != nil {
				return err
			}
			for _, p := range pos {
				s.next.top, s.next.bottom = min(s.next.top, p), max(s.next.bottom, p)
			}
		}
	}
}

// shut stores what only matters the next time, moves the log into the file and closes
// all. It is the writer's last act.
func (s *Store) shut(ctx context.Context, w *txn) error {
	var problem error
	if !s.dubious.Load() {
		s.mu.Lock()
		next := s.next.id
		s.mu.Unlock()
		_, err := w.run(ctx, []*Commit{{changes: []Change{{run: func(ctx context.Context, w *txn) error {
			return w.reserveUpTo(ctx, next)
		}}}}})
		if err == nil && w.conn != nil {
			err = w.exec(ctx, "PRAGMA optimize")
		}
		problem = s.explain(err)
	}
	w.drop()
	err := s.disconnect()
	s.release()
	return errors.Join(problem, s.explain(err))
}

// disconnect closes the database; the last connection moves the log into the file.
func (s *Store) disconnect() error {
	s.closing.Store(true)
	s.statements.Lock()
	for _, k := range s.statements.known {
		k.dismiss()
	}
	s.statements.known = nil
	s.statements.Unlock()
	var err error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
