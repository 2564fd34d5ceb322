package transfers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// A mirrorRun carries out one plan.
type mirrorRun struct {
	plan *MirrorPlan
	task *task // of the session that the caller gave
	root *os.Root
	done func(MirrorEntry, error)
	stop context.CancelCauseFunc

	mu       sync.Mutex      // guards what follows
	work     []*MirrorEntry  // files that nobody has begun
	at       int             // sessions that take them
	noFolder map[string]bool // local paths of folders that could not be made
	sum      Summary         // of what is done
	progress mirrorProgress
	fatal    error // ended it all
}

// Apply carries out the plan over r, and further sessions where its options
// allow them. done, which may be nil, is told of every entry that is done or
// has failed; it and the functions of Options are called by one goroutine at a
// time, not always the same.
//
// Failures, those of the plan among them, are told as by DeleteTree, by the
// paths that the entries have. Where a transfer has failed, nothing is
// deleted: what could not be copied may be what was moved.
func (p *MirrorPlan) Apply(ctx context.Context, r Remote, done func(MirrorEntry, error)) (Summary, error) {
	dir := Downloading
	if p.opt.Upload {
		dir = Uploading
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	run := &mirrorRun{plan: p, done: done, stop: stop, noFolder: make(map[string]bool)}
	run.progress.start(p, dir)
	run.task = newTask(r, dir, run.options(0, p.opt.Redial))
	run.task.rep.p.FilesTotal, run.task.rep.p.Total = run.progress.sum.FilesTotal, run.progress.sum.Total
	run.sum.Failed = append(run.sum.Failed, p.Failed...)
	run.sum.Notes = append(run.sum.Notes, p.Notes...)
	err := run.all(ctx)
	if err == nil && len(run.sum.Failed) > 0 {
		err = &IncompleteError{Failed: run.sum.Failed, Total: run.progress.sum.FilesTotal}
	}
	return run.sum, err
}

// all does everything, and returns what ended it early.
func (m *mirrorRun) all(ctx context.Context) error {
	p := m.plan
	for i := range p.Entries {
		e := &p.Entries[i]
		switch e.Action {
		case MirrorConflict:
			m.sum.Failed = append(m.sum.Failed, Failure{Path: e.Path, Err: e.Err})
			m.tell(*e, e.Err)
		case MirrorKeep, MirrorSkip:
			if !e.Dir {
				m.sum.Skipped++
			}
		}
	}
	if err := m.openRoot(); err != nil {
		return err
	}
	defer func() { _ = m.root.Close() }()
	before := len(m.sum.Failed)
	if err := m.folders(ctx); err != nil {
		return err
	}
	if err := m.files(ctx); err != nil {
		return err
	}
	return m.deletions(ctx, len(m.sum.Failed)-before)
}

// openRoot opens the local root, which a download makes where it is missing.
func (m *mirrorRun) openRoot() error {
	local := m.plan.local
	if !m.plan.opt.Upload {
		if err := os.MkdirAll(local, 0o777); err != nil {
			return localErr("create", local, err)
		}
	}
	var err error
	m.root, err = os.OpenRoot(local)
	return localErr("open", local, err)
}

// folders makes the folders of the plan.
func (m *mirrorRun) folders(ctx context.Context) error {
	for i := range m.plan.Entries {
		e := &m.plan.Entries[i]
		if e.Action != MirrorMakeDir {
			continue
		}
		err := m.makeFolder(ctx, e)
		if err == nil {
			m.sum.Dirs++
			m.tell(*e, nil)
			continue
		}
		m.noFolder[e.local] = true
		m.sum.Failed = append(m.sum.Failed, Failure{Path: e.Path, Err: err})
		m.tell(*e, err)
		if e.local == "." || m.task.hopeless(ctx, err) {
			return err
		}
	}
	return nil
}

// makeFolder makes one folder.
func (m *mirrorRun) makeFolder(ctx context.Context, e *MirrorEntry) error {
	if m.noFolder[filepath.Dir(e.local)] && e.local != "." {
		return fmt.Errorf("%s: %w", e.Path, errNoFolder)
	}
	if err := m.twinError(e); err != nil {
		return err
	}
	if m.plan.opt.Upload {
		_, err := m.task.makeDir(ctx, e.remote)
		if err != nil {
			return m.task.about(e.remote, err)
		}
		return nil
	}
	if e.local == "." {
		return nil // openRoot has
	}
	at := filepath.Join(m.plan.local, e.local)
	if err := m.root.Mkdir(e.local, 0o777); err != nil {
		fi, serr := m.root.Lstat(e.local)
		if serr != nil || !fi.IsDir() {
			return localErr("create", at, err)
		}
	}
	return nil
}

// twinError says that the local file system takes the names of two entries
// for one, of which the first is there.
func (m *mirrorRun) twinError(e *MirrorEntry) error {
	if e.twin == "" || m.plan.opt.Upload {
		return nil
	}
	a, err := m.root.Lstat(e.twin)
	if err != nil {
		return nil
	}
	b, err := m.root.Lstat(e.local)
	if err != nil || !os.SameFile(a, b) {
		return nil
	}
	return &LocalError{
		Kind: LocalClash, Op: "create", Path: filepath.Join(m.plan.local, e.local),
		Err: fmt.Errorf("%q has the same name here", filepath.Base(e.twin)),
	}
}

// tell tells of one entry.
func (m *mirrorRun) tell(e MirrorEntry, err error) {
	if m.done != nil {
		m.done(e, err)
	}
}
