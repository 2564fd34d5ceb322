package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What the header of the file says it is (https://www.sqlite.org/fileformat2.html, 1.3).
const (
	version     = 1          // user_version
	application = 0x50745175 // application_id
)

// tables makes the tables. A column that is usually zero costs one byte.
const tables = `
CREATE TABLE items(
	id INTEGER PRIMARY KEY,
	parent INTEGER NOT NULL, job INTEGER NOT NULL, site INTEGER NOT NULL, kind INTEGER NOT NULL, dir INTEGER NOT NULL,
	remote BLOB, root BLOB NOT NULL, local BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
	precise INTEGER NOT NULL, rule INTEGER NOT NULL, flags INTEGER NOT NULL, rank INTEGER NOT NULL, pos INTEGER NOT NULL,
	state INTEGER NOT NULL, due INTEGER NOT NULL, added INTEGER NOT NULL, ended INTEGER NOT NULL,
	tosite INTEGER NOT NULL DEFAULT 0, toremote BLOB, mode INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
	settled INTEGER NOT NULL DEFAULT 0, settledname BLOB, reason BLOB, conflict BLOB, bytes INTEGER NOT NULL DEFAULT 0,
	children INTEGER NOT NULL DEFAULT 0, started INTEGER NOT NULL DEFAULT 0);
CREATE TABLE sites(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE settings(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE counts(site INTEGER NOT NULL, state INTEGER NOT NULL, n INTEGER NOT NULL, dirs INTEGER NOT NULL,
	bytes INTEGER NOT NULL, unknown INTEGER NOT NULL, moved INTEGER NOT NULL, PRIMARY KEY(site,state)) WITHOUT ROWID;
`

// indexes returns the statements that make the indexes, by name. Each is partial, so
// that an entry is only in those that serve its state.
func (s *Store) indexes() map[string]string {
	return map[string]string{
		// What Next gives out, in that order.
		"items_next": "CREATE INDEX items_next ON items(site,dir,rank,pos,due) WHERE state IN " + s.pending,
		// What EarliestDue looks for; few entries have a time.
		"items_due": "CREATE INDEX items_due ON items(site,due) WHERE due>0 AND state IN " + s.pending,
		// The two orders of Page.
		"items_queue": "CREATE INDEX items_queue ON items(rank,pos,id,state) WHERE state NOT IN " + s.finished,
		"items_ended": "CREATE INDEX items_ended ON items(ended,id,state) WHERE state IN " + s.finished,
		// The entries that a job found.
		"items_job": "CREATE INDEX items_job ON items(job,parent) WHERE parent<>0",
	}
}

// literal writes a set of states as SQL; the text of an index depends on it.
func literal(states []uint8) string {
	sorted := slices.Clone(states)
	slices.Sort(sorted)
	var text []string
	for _, s := range slices.Compact(sorted) {
		text = append(text, strconv.Itoa(int(s)))
	}
	return "(" + strings.Join(text, ",") + ")"
}

// prepareSchema makes what is missing in the file. A program that has other ideas of
// what is pending or finished than the last one gets its indexes made anew.
func (s *Store) prepareSchema(ctx context.Context, db *sql.Conn) error {
	var found int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found > version {
		return &VersionError{Path: s.path, Version: found, Known: version}
	}
	if found == 0 {
		// The header is written before the file enters WAL mode, so that it stands in the file itself.
		_, err := db.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE;%sPRAGMA application_id=%d;PRAGMA user_version=%d;COMMIT", tables, application, version))
		if err != nil {
			_, _ = db.ExecContext(ctx, "ROLLBACK") // there may be nothing to roll back
			return err
		}
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return err
	}
	for name, want := range s.indexes() {
		var have string
		err := db.QueryRowContext(ctx, "SELECT coalesce((SELECT sql FROM sqlite_schema WHERE type='index' AND name=?),'')", name).Scan(&have)
		if err != nil {
			return err
		}
		if have == want {
			continue
		}
		if _, err = db.ExecContext(ctx, "DROP INDEX IF EXISTS "+name+";"+want); err != nil {
			return err
		}
	}
	return nil
}
