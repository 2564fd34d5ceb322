package transfers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"portside/client"
	"portside/client/listing"
)

// A File is one file to move.
type File struct {
	Direction Direction
	Remote    string // raw path
	Root      string // local folder that nothing may leave
	// Local is the path below Root, with the system's separators. A download
	// makes its folders where they are missing, and Root.
	Local  string
	Source *listing.Entry // download: what a listing said, so that nobody asks again; nil: ask
	Target *listing.Entry // upload: what a listing said is at the target; nil: see TargetKnown
	// TargetKnown says that Target says all: where it is nil, nothing is there.
	TargetKnown bool
	Settled     Settled // decided by an earlier run; zero: not yet
	// OnSettled is told what was decided, before a byte moves. The file does not
	// appear under its final name before the function that it returns, which
	// may be nil, has returned nil: it makes the decision durable. What is
	// skipped is only in the Outcome.
	OnSettled func(Settled) (durable func(ctx context.Context) error)
	// GoOn says that an earlier run has begun with the file: it may have left a
	// part, or have come to its end. Parts are looked for also where Settled
	// says something.
	GoOn bool
	More bool // another file follows over this session
	// Later lets Move return before a download is flushed and has its name, and
	// before an upload's size and time are asked for and set: see Outcome.Pending.
	Later bool
}

// Settled is what was decided about a target, so that a run after a crash does
// not ask again, and comes to the same result.
type Settled struct {
	Action Exists // Ask: nothing decided yet; Overwrite, Resume, RenameNew (Name is final), Skip
	Name   string // download: final local path below Root; upload: final raw remote path
}

// again returns the action for a repeated run: a new name was found already.
func (s Settled) again() Exists {
	if s.Action == RenameNew {
		return Overwrite
	}
	return s.Action
}

// An Outcome says what Move has done, also where it failed.
type Outcome struct {
	Skipped bool  // by the rule, or because all was there already
	Size    int64 // of the file afterwards
	Moved   int64 // bytes over data connections
	// Far is the verified position after a failed try. It is progress where it
	// has grown by 64 KiB.
	Far   int64
	Notes []Note
	// Pending is what is still under way, with File.Later: the file is not done
	// before Wait has returned nil, and Wait is to be called. nil: nothing is.
	Pending Pending
}

// A Pending is what is still to come when Move has returned.
type Pending interface {
	// Wait waits for the end, also when ctx ends, which makes that come soon. Like
	// that of Move, its error is for Judge.
	Wait(ctx context.Context) error
}

// A ConflictError is a target that is there, under the rule Ask. Nothing was
// touched; Move with the answer in File.Settled goes on.
type ConflictError struct {
	Conflict
}

// Error returns what is there.
func (e *ConflictError) Error() string {
	if e.Direction == Uploading {
		return fmt.Sprintf("%q exists already on the server", e.Remote)
	}
	return client.Printable(e.Local) + " exists already"
}

// Move moves one file over r, in one try: without waiting and without another
// session. Where a part turns out to be wrong, and the session is alive, it
// starts anew at once.
//
// A target that is there under the rule Ask, without Options.Ask, is a
// *ConflictError. Judge says what other errors mean for the next try.
func Move(ctx context.Context, r Remote, f File, opt Options) (Outcome, error) {
	return moveBy(ctx, r, f, opt, nil)
}

// moveBy is Move, in pieces where those are given.
func moveBy(ctx context.Context, r Remote, f File, opt Options, s *segments) (Outcome, error) {
	opt.Retries, opt.Redial, opt.OnRetry = -1, nil, nil
	if opt.Exists == Ask && opt.Ask == nil {
		opt.Ask = func(_ context.Context, c Conflict) (Decision, error) {
			return Decision{}, &ConflictError{Conflict: c}
		}
	}
	t := newTask(r, f.Direction, opt)
	t.settled, t.segments = f.Settled, s
	t.goOn = f.GoOn || f.Settled.Action != Ask
	t.mayBeDone = f.GoOn && f.Settled.Action != Ask
	t.more, t.later = f.More, f.Later && s == nil
	var (
		size int64
		err  error
	)
	if f.Direction == Uploading {
		size, err = t.moveUp(ctx, f)
	} else {
		size, err = t.moveDown(ctx, f)
	}
	out := Outcome{
		Skipped: err == nil && t.sum.Skipped > 0, Size: size,
		Moved: t.sum.Bytes, Far: t.far, Notes: t.sum.Notes,
	}
	if t.pending != nil {
		out.Pending = t.pending
	}
	return out, err
}

// moveDown downloads f.
func (t *task) moveDown(ctx context.Context, f File) (int64, error) {
	if f.Settled.Action == Skip {
		t.sum.Skipped++
		return 0, nil
	}
	local := f.Local
	if f.Settled.Action != Ask && f.Settled.Name != "" {
		local = f.Settled.Name
	}
	at, err := openBelow(f.Root, local)
	if err != nil {
		return 0, err
	}
	defer func() {
		if t.pending == nil { // else it closes the folder
			_ = at.root.Close()
		}
	}()
	var src source
	if f.Source != nil {
		if f.Source.Type == listing.Dir {
			return 0, t.about(f.Remote, ErrIsDir)
		}
		src = sourceOf(f.Remote, *f.Source)
	} else if src, err = t.stat(ctx, f.Remote); err != nil {
		return 0, err
	}
	t.tell = func(action Exists, name string) {
		if f.OnSettled != nil && f.Settled.Action == Ask {
			t.durable = f.OnSettled(Settled{Action: action, Name: filepath.Join(filepath.Dir(local), name)})
		}
	}
	return t.download(ctx, src, at)
}

// moveUp uploads f.
func (t *task) moveUp(ctx context.Context, f File) (int64, error) {
	to := target{path: f.Remote, known: f.TargetKnown || f.Target != nil, entry: f.Target}
	if f.Settled.Action != Ask && f.Settled.Name != "" {
		to.path = f.Settled.Name
		// What was known is of the time before the earlier run.
		to.known, to.entry = false, nil
	} else if f.GoOn {
		to.known, to.entry = false, nil
	}
	t.tell = func(action Exists, name string) {
		if f.OnSettled != nil && f.Settled.Action == Ask {
			t.durable = f.OnSettled(Settled{Action: action, Name: name})
		}
	}
	return t.upload(ctx, filepath.Join(f.Root, f.Local), &to)
}

// decide tells what is going to be done.
func (t *task) decide(action Exists, name string) {
	if t.tell != nil {
		t.tell(action, name)
	}
}

// settleDurably waits until what was decided is kept.
func (t *task) settleDurably(ctx context.Context) error {
	if t.durable == nil {
		return nil
	}
	if err := t.durable(ctx); err != nil {
		return fmt.Errorf("%w: %w", errNotKept, err)
	}
	t.durable = nil
	return nil
}

// openBelow opens the folder of a path below root, one step after the other,
// and makes what is missing of it. No step leads out of root.
func openBelow(root, local string) (place, error) {
	local = filepath.Clean(local)
	if !filepath.IsLocal(local) || local == "." {
		err := &LocalError{Kind: LocalEscape, Op: "create", Path: local, Err: errEscape}
		return place{}, err
	}
	at, err := openRoot(root)
	if err != nil {
		return place{}, err
	}
	at.name = filepath.Base(local)
	dir := filepath.Dir(local)
	if dir == "." {
		return at, nil
	}
	if sub, serr := at.root.OpenRoot(dir); serr == nil {
		_ = at.root.Close()
		return place{root: sub, dir: filepath.Join(at.dir, dir), name: at.name}, nil
	}
	for step := range strings.SplitSeq(dir, string(filepath.Separator)) {
		sub, serr := openSub(at.root, at.dir, step)
		_ = at.root.Close()
		if serr != nil {
			return place{}, serr
		}
		at.root, at.dir = sub, filepath.Join(at.dir, step)
	}
	return at, nil
}

// openRoot opens a folder, which it makes where it is missing.
func openRoot(dir string) (place, error) {
	dir = filepath.Clean(dir)
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o777); err != nil {
			return place{}, localErr("create", dir, err)
		}
		root, err = os.OpenRoot(dir)
	}
	if err != nil {
		return place{}, localErr("open", dir, err)
	}
	return place{root: root, dir: dir}, nil
}
