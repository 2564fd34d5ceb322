package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
)

// salvage copies what can still be read of a file that was set aside into the new one,
// and returns how many rows that is. It reads a copy, since SQLite changes what it
// opens; where there is no space for one, nothing is saved.
func (s *Store) salvage(ctx context.Context, aside string) (saved int, err error) {
	copied := s.path + ".salvage"
	defer func() {
		for _, side := range sides() {
			_ = os.Remove(copied + side) // the next try overwrites what stays
		}
	}()
	for _, side := range []string{"", "-wal"} {
		if err = copyFile(copied+side, aside+side); err != nil {
			return 0, nil
		}
	}
	if lengthen(copied) != nil {
		return 0, nil
	}
	from, err := sql.Open("sqlite", address(copied, "4000", "query_only(1)"))
	if err != nil {
		return 0, nil
	}
	from.SetMaxOpenConns(1)
	defer func() { _ = from.Close() }() // only read
	w := &txn{s: s}
	defer w.drop()
	if err = s.salvageSites(ctx, from, w); err != nil {
		return 0, err
	}
	// From both ends, up to what cannot be read.
	last := int64(-1)
	for _, order := range []string{"id>? ORDER BY id", "id>? ORDER BY id DESC"} {
		n, reached, failed := s.salvageRows(ctx, from, w, order, last)
		saved += n
		if failed != nil {
			return saved, failed
		}
		last = reached
	}
	if err = ctx.Err(); err != nil {
		return saved, context.Cause(ctx)
	}
	return saved, s.loadPlaces(ctx)
}

// copyFile copies a file; one that is missing is not copied.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// lengthen gives a file that was cut off the length that its header tells, without
// which SQLite reads nothing of it.
func lengthen(path string) error {
	top, size, err := head(path, 100)
	if err != nil || len(top) < 100 {
		return err
	}
	if want := wanted(top); want > size && want < 64*size {
		return os.Truncate(path, want)
	}
	return nil
}

// salvageSites copies the sites and the settings.
func (s *Store) salvageSites(ctx context.Context, from *sql.DB, w *txn) error {
	for _, t := range []struct{ read, write string }{
		{"SELECT id,key,name FROM sites", "INSERT OR IGNORE INTO sites(id,key,name) VALUES(?,?,?)"},
		{"SELECT key,value,0 FROM settings", "INSERT OR IGNORE INTO settings(key,value) SELECT ?,? WHERE ?=0"},
	} {
		var changes []Change
		rows, err := from.QueryContext(ctx, t.read)
		if err != nil {
			continue // it cannot be read
		}
		for rows.Next() {
			var a, b, c any
			if rows.Scan(&a, &b, &c) != nil {
				break
			}
			changes = append(changes, Change{run: func(ctx context.Context, w *txn) error { return w.exec(ctx, t.write, a, b, c) }})
		}
		if rows.Err() != nil && ctx.Err() != nil {
			_ = rows.Close()
			return context.Cause(ctx)
		}
		_ = rows.Close()
		if _, err = w.run(ctx, []*Commit{{changes: changes}}); err != nil {
			return err
		}
	}
	return nil
}

// salvageRows copies rows behind an id in an order, until one cannot be read, and
// returns the highest id that it copied going upwards.
func (s *Store) salvageRows(ctx context.Context, from *sql.DB, w *txn, order string, last int64) (n int, reached int64, err error) {
	reached = last
	rows, err := from.QueryContext(ctx, "SELECT "+selected+" FROM items WHERE "+order, last)
	if err != nil {
		return 0, reached, nil // it cannot be read
	}
	defer func() { _ = rows.Close() }() // only read
	var part []Row
	store := func() error {
		s.number(part)
		_, failed := w.run(ctx, []*Commit{{changes: []Change{InsertRows(part...)}}})
		if failed == nil {
			n += len(part)
		}
		part = nil
		return failed
	}
	for rows.Next() {
		r, unread := scan(rows)
		if unread != nil || r.ID <= 0 {
			break
		}
		s.next.id = max(s.next.id, r.ID+1)
		reached = max(reached, r.ID)
		if part = append(part, r); len(part) == batch/4 {
			if err = store(); err != nil {
				return n, reached, err
			}
		}
	}
	if len(part) > 0 {
		err = store()
	}
	return n, reached, err
}
