package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"portside/client"
)

// ErrClosed is returned by whatever is asked of a Store after Close.
var ErrClosed = errors.New("the queue's file is closed")

// A Damage says that the file was not readable as a queue and was set aside.
type Damage struct {
	Path  string // of the file, which is a new one now
	Aside string // where the damaged one is
	Err   error  // what was wrong with it
	Saved int    // rows that could be copied into the new file
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%s was damaged and is now %s, %s saved: %v", d.Path, d.Aside, client.Counted(d.Saved, "entry was", "entries were"), d.Err)
}

func (d *Damage) Unwrap() error { return d.Err }

// A VersionError is a file that a newer version of the program wrote. It is left alone.
type VersionError struct {
	Path    string
	Version int // of the file
	Known   int // the newest that this program knows
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (format %d, known is %d) and is left as it is", e.Path, e.Version, e.Known)
}

// A ForeignError is a file that some other program keeps. It is left alone.
type ForeignError struct{ Path string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is the database of another program and is left as it is", e.Path)
}

// A HeldError says that another Portside has the file open.
type HeldError struct{ Path string }

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is in use by another program", e.Path)
}

// Temporary reports true: the same may work later.
func (e *HeldError) Temporary() bool { return true }

// A FullError says that the disk took no more. Nothing of the call was stored; what
// was stored before is still there, and later calls work when there is space again.
type FullError struct {
	Path string
	Full bool // the disk is full; false: it failed in another way
	Err  error
}

func (e *FullError) Error() string {
	if e.Full {
		return fmt.Sprintf("no space left to write %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("cannot write %s: %v", e.Path, e.Err)
}

func (e *FullError) Unwrap() error { return e.Err }

// Temporary reports true: the same may work later.
func (e *FullError) Temporary() bool { return true }

// A CorruptError says that the file was found damaged while it was in use. The next
// Open looks at all of it and sets it aside.
type CorruptError struct {
	Path string
	Err  error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s is damaged: %v", e.Path, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// code is the primary result code of SQLite in err, 0 where there is none.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

func isCorrupt(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CORRUPT || c == sqlite3.SQLITE_NOTADB
}

func isFull(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
}

// explain gives an error of SQLite its type.
func (s *Store) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case isCorrupt(err):
		s.suspect()
		return &CorruptError{Path: s.path, Err: err}
	case isFull(err):
		return &FullError{Path: s.path, Full: code(err) == sqlite3.SQLITE_FULL, Err: err}
	}
	return err
}
