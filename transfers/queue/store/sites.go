package store

import (
	"context"
)

// nextID is the setting below which ids may have been used. Names that people or the
// scheduler give have no NUL.
const nextID = "\x00next"

// A Site is a server with a user, as the scheduler names it.
type Site struct {
	ID        int64
	Key, Name string
}

// Site returns the id of a site; one that is not known yet is added. A name that is
// not empty replaces the one that is there.
func (s *Store) Site(ctx context.Context, key, name string) (id int64, err error) {
	var found int64
	c := s.Apply(Change{run: func(ctx context.Context, w *txn) error {
		stmt, failed := w.statement(ctx, "INSERT INTO sites(key,name) VALUES(?,?) ON CONFLICT(key) DO UPDATE SET "+
			"name=CASE WHEN excluded.name='' THEN name ELSE excluded.name END RETURNING id")
		if failed != nil {
			return failed
		}
		return stmt.QueryRowContext(ctx, key, name).Scan(&found)
	}})
	if err = c.Wait(ctx); err != nil {
		return 0, err
	}
	return found, nil
}

// Sites returns all sites, in the order of their ids.
func (s *Store) Sites(ctx context.Context) (list []Site, err error) {
	rows, err := s.query(ctx, "SELECT id,key,name FROM sites ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	for rows.Next() {
		var one Site
		if err = rows.Scan(&one.ID, &one.Key, &one.Name); err != nil {
			return nil, s.readError(ctx, err)
		}
		list = append(list, one)
	}
	return list, s.readError(ctx, rows.Err())
}

// Setting returns a value that SetSetting kept; nil: there is none.
func (s *Store) Setting(ctx context.Context, key string) ([]byte, error) {
	rows, err := s.query(ctx, "SELECT value FROM settings WHERE key=?", key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	var value []byte
	if rows.Next() {
		err = rows.Scan(&value)
	}
	if err == nil {
		err = rows.Err()
	}
	return value, s.readError(ctx, err)
}

// SetSetting keeps a small value under a key; nil forgets it.
func (s *Store) SetSetting(ctx context.Context, key string, value []byte) error {
	return s.Apply(Change{run: func(ctx context.Context, w *txn) error {
		if value == nil {
			return w.exec(ctx, "DELETE FROM settings WHERE key=?", key)
		}
		return w.exec(ctx, "REPLACE INTO settings(key,value) VALUES(?,?)", key, value)
	}}).Wait(ctx)
}
