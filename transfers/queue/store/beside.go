package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"portside/client/keep"
)

// Beside is the file of a queue that another program may have open: it can be
// read at any time, and what is to be changed is asked of the program that has
// it, by commands in a table of their own. It may be used by several goroutines
// at once.
type Beside struct {
	st   *Store // takes no changes
	post *sql.DB
}

// Reader returns a Store to read from. It takes no changes (ErrClosed), and ends
// with b.
func (b *Beside) Reader() *Store { return b.st }

// OpenBeside opens the file of opt, which must exist, without its lock. Counts
// and pages are those of the moment of opening. Errors: *VersionError,
// *ForeignError, *CorruptError and those of the file system, fs.ErrNotExist
// among them.
func OpenBeside(ctx context.Context, opt Options) (*Beside, error) {
	path, err := filepath.Abs(opt.Path)
	if err != nil {
		return nil, err
	}
	if found, lerr := filepath.EvalSymlinks(path); lerr == nil {
		path = found
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	case info.Size() == 0:
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist} // just begun, or left so
	}
	s := &Store{path: path, opt: opt, pending: literal(opt.Pending), finished: literal(opt.Finished), closed: true}
	s.columns, s.insertions = table(), map[int]insertion{}
	s.pages.s, s.pages.by = s, map[segment][]anchor{}
	if err = s.inspect(); err != nil {
		return nil, err
	}
	b := &Beside{st: s}
	if err = b.connect(ctx); err != nil {
		return nil, errors.Join(s.explain(err), b.Close())
	}
	return b, nil
}

func (b *Beside) connect(ctx context.Context) (err error) {
	s := b.st
	if s.read, err = sql.Open("sqlite", address(s.path, "6000", "query_only(1)")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.statements.known = map[string]*kept{}
	if b.post, err = sql.Open("sqlite", address(s.path, "500")); err != nil {
		return err
	}
	b.post.SetMaxOpenConns(1)
	return s.loadCounts(ctx)
}

// Held reports whether a program has the file open at the moment.
func (b *Beside) Held() bool {
	file, err := os.OpenFile(b.st.path+lockSuffix, os.O_RDWR, 0o600)
	if err != nil {
		return false // nobody ever had it
	}
	defer func() { _ = file.Close() }() // gives the lock back
	return errors.Is(keep.TryLock(file), keep.ErrHeld)
}

// Close ends it.
func (b *Beside) Close() error {
	err := b.st.disconnect()
	if b.post != nil {
		err = errors.Join(err, b.post.Close())
	}
	return b.st.explain(err)
}

// commandTable makes the table of commands; files of older programs have none.
const commandTable = "CREATE TABLE IF NOT EXISTS commands(id INTEGER PRIMARY KEY AUTOINCREMENT, posted INTEGER NOT NULL, " +
	"command BLOB NOT NULL, answered INTEGER NOT NULL DEFAULT 0, answer BLOB)"

// keepAnswers is for how long an answer is kept that nobody has fetched.
const keepAnswers = 24 * time.Hour

// Post leaves a command for the program that has the file, or the next that
// opens it, and returns its number.
func (b *Beside) Post(ctx context.Context, command []byte) (id int64, err error) {
	if _, err = b.post.ExecContext(ctx, commandTable); err != nil {
		return 0, b.st.readError(ctx, err)
	}
	done, err := b.post.ExecContext(ctx, "INSERT INTO commands(posted,command) VALUES(?,?)", micro(b.st.now()), command)
	if err != nil {
		return 0, b.st.readError(ctx, err)
	}
	return done.LastInsertId()
}

// Answer fetches the answer to a command; nil: there is none yet.
func (b *Beside) Answer(ctx context.Context, id int64) (answer []byte, err error) {
	err = b.post.QueryRowContext(ctx, "DELETE FROM commands WHERE id=? AND answered<>0 RETURNING coalesce(answer,x'')", id).Scan(&answer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, b.st.readError(ctx, err)
	}
	if answer == nil {
		answer = []byte{}
	}
	return answer, nil
}

// Withdraw takes a command back that was not carried out; false: it was.
func (b *Beside) Withdraw(ctx context.Context, id int64) (bool, error) {
	done, err := b.post.ExecContext(ctx, "DELETE FROM commands WHERE id=? AND answered=0", id)
	if err != nil {
		return false, b.st.readError(ctx, err)
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// A Command is what another program asks for.
type Command struct {
	ID   int64
	Text []byte
}

// PrepareCommands makes ready for Commands, and forgets answers that nobody has
// fetched.
func (s *Store) PrepareCommands(ctx context.Context) error {
	return s.Apply(Change{run: func(ctx context.Context, w *txn) error {
		if err := w.exec(ctx, commandTable); err != nil {
			return err
		}
		return w.exec(ctx, "DELETE FROM commands WHERE answered<>0 AND answered<?", micro(s.now().Add(-keepAnswers)))
	}}).Wait(ctx)
}

// Commands returns what other programs ask for and was not answered, the oldest
// first.
func (s *Store) Commands(ctx context.Context) (list []Command, err error) {
	rows, err := s.query(ctx, "SELECT id,command FROM commands WHERE answered=0 ORDER BY id LIMIT 100")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	for rows.Next() {
		var c Command
		if err = rows.Scan(&c.ID, &c.Text); err != nil {
			return nil, s.readError(ctx, err)
		}
		list = append(list, c)
	}
	return list, s.readError(ctx, rows.Err())
}

// AnswerCommand says what became of a command, which is then not given out again.
func (s *Store) AnswerCommand(ctx context.Context, id int64, answer []byte) error {
	return s.Apply(Change{run: func(ctx context.Context, w *txn) error {
		return w.exec(ctx, "UPDATE commands SET answered=?,answer=? WHERE id=?", micro(s.now()), answer, id)
	}}).Wait(ctx)
}
