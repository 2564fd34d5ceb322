package transfers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// files transfers the files of the plan, several at a time. Those whose names
// differ in case only come last, one after the other.
func (m *mirrorRun) files(ctx context.Context) error {
	var twins []*MirrorEntry
	for i := range m.plan.Entries {
		e := &m.plan.Entries[i]
		if e.Action != MirrorNew && e.Action != MirrorChanged {
			continue
		}
		if e.twin != "" {
			twins = append(twins, e)
			continue
		}
		m.work = append(m.work, e)
	}
	m.parallel(ctx)
	m.work = append(m.work, twins...)
	// What a session left that was not replaced is done as well.
	if m.fatal == nil {
		m.drain(ctx, m.task, 0)
	}
	m.collect(m.task)
	return m.fatal
}

// parallel transfers over as many sessions as are allowed and worth it.
func (m *mirrorRun) parallel(ctx context.Context) {
	jobs := min(m.plan.opt.Jobs, len(m.work))
	if m.plan.opt.Dial == nil {
		jobs = 1
	}
	var wg sync.WaitGroup
	start := m.task.rep.p // a copy: the task goes on counting while the others log in
	for n := 1; n < jobs; n++ {
		wg.Go(func() { m.further(ctx, n, start) })
	}
	m.drain(ctx, m.task, 0)
	wg.Wait()
}

// further works over a session of its own, if there is one to be had. start is how
// far the run had come when its sessions began.
func (m *mirrorRun) further(ctx context.Context, n int, start Progress) {
	var open RemoteCloser
	defer func() {
		if open != nil {
			_ = open.Close()
		}
	}()
	dial := func(ctx context.Context) (Remote, error) {
		if open != nil {
			_ = open.Close()
			open = nil
		}
		s, err := m.plan.opt.Dial(ctx)
		if err != nil && isRefusedSession(err) {
			return nil, &tooManyError{open: n, err: err}
		}
		if err != nil {
			return nil, err
		}
		open = s
		return s, nil
	}
	r, err := dial(ctx)
	if err != nil {
		if ctx.Err() == nil {
			m.fewer(n, err)
		}
		return
	}
	t := newTask(r, m.task.dir, m.options(n, dial))
	t.rep.p.FilesTotal, t.rep.p.Total = start.FilesTotal, start.Total
	m.drain(ctx, t, n)
	m.collect(t)
}

// fewer notes that the server is served with fewer sessions.
func (m *mirrorRun) fewer(n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := "a further connection failed; going on with fewer"
	if isRefusedSession(err) {
		text = "the server lets in no further connection; going on with fewer"
	}
	for _, note := range m.sum.Notes {
		if note.Text == text {
			return
		}
	}
	m.sum.Notes = append(m.sum.Notes, Note{Path: fmt.Sprintf("connection %d", n+1), Text: text})
}

// next takes the next file for a session, nil where there is none left. more reports
// that as things are another one will follow over that session: there is one for
// each of the sessions at work.
func (m *mirrorRun) next() (e *MirrorEntry, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.work) == 0 || m.fatal != nil {
		return nil, false
	}
	e = m.work[0]
	m.work = m.work[1:]
	return e, len(m.work) >= max(1, m.at)
}

// drain transfers files until none is left, or a session other than the
// caller's, number 0, is lost.
func (m *mirrorRun) drain(ctx context.Context, t *task, n int) {
	m.atWork(1)
	defer m.atWork(-1)
	for e, more := m.next(); e != nil; e, more = m.next() {
		t.more = more
		notes := len(t.sum.Notes)
		err := m.file(ctx, t, e)
		for i := range t.sum.Notes[notes:] {
			t.sum.Notes[notes+i].Path = e.Path
		}
		if err != nil && n > 0 && t.lost() && ctx.Err() == nil {
			m.handBack(n, e)
			m.fewer(n, err)
			return
		}
		m.finished(ctx, t, e, err)
	}
}

// atWork counts the sessions that take files.
func (m *mirrorRun) atWork(change int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at += change
}

// handBack leaves to the others what session n could not do.
func (m *mirrorRun) handBack(n int, e *MirrorEntry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.work = append(m.work, e)
	if part, ok := m.progress.parts[n]; ok {
		part.Files--
		m.progress.parts[n] = part
	}
}

// finished records one file.
func (m *mirrorRun) finished(ctx context.Context, t *task, e *MirrorEntry, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fatal != nil {
		return // ended by the failure of another
	}
	if err != nil {
		m.sum.Failed = append(m.sum.Failed, Failure{Path: e.Path, Err: err})
		if t.hopeless(ctx, err) {
			m.fatal = err
			m.stop(err)
		}
	}
	m.tell(*e, err)
}

// file transfers one file.
func (m *mirrorRun) file(ctx context.Context, t *task, e *MirrorEntry) error {
	dir, name := filepath.Split(e.local)
	dir = filepath.Clean(dir)
	t.goOn = false
	if m.noFolder[dir] {
		t.rep.begin(e.remote, e.local, e.Size)
		t.rep.end(-1)
		return fmt.Errorf("%s: %w", e.Path, errNoFolder)
	}
	if err := m.twinError(e); err != nil {
		t.rep.begin(e.remote, e.local, e.Size)
		t.rep.end(-1)
		return err
	}
	if m.plan.opt.Upload {
		to := target{path: e.remote, known: true}
		if e.there != nil {
			to.entry = e.there.entry()
		}
		t.goOn = e.goOn
		_, err := t.upload(ctx, filepath.Join(m.plan.local, e.local), &to)
		return err
	}
	root, err := m.root.OpenRoot(dir)
	if err != nil {
		return localErr("open", filepath.Join(m.plan.local, dir), err)
	}
	defer func() { _ = root.Close() }()
	src := source{path: e.remote, size: e.item.size, time: e.item.time, precise: e.item.unit <= time.Second}
	t.goOn = true // from a partial file that an earlier run has left
	_, err = t.download(ctx, src, place{root: root, dir: filepath.Join(m.plan.local, dir), name: name})
	return err
}

// collect adds up what a task has done.
func (m *mirrorRun) collect(t *task) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum.Files += t.sum.Files
	m.sum.Bytes += t.sum.Bytes
	m.sum.Notes = append(m.sum.Notes, t.sum.Notes...)
	t.sum = Summary{}
}

// options are the options of one of the tasks.
func (m *mirrorRun) options(n int, redial func(ctx context.Context) (Remote, error)) Options {
	opt := m.plan.opt.mirrored()
	opt.Redial = redial
	if fn := opt.Progress; fn != nil {
		opt.Progress = func(p Progress) {
			m.mu.Lock()
			defer m.mu.Unlock()
			fn(m.progress.add(n, p))
		}
	}
	if fn := opt.OnRetry; fn != nil {
		opt.OnRetry = func(err error, wait time.Duration) {
			m.mu.Lock()
			defer m.mu.Unlock()
			fn(err, wait)
		}
	}
	return opt
}

// A mirrorProgress adds up the progress of several tasks.
type mirrorProgress struct {
	sum   Progress
	parts map[int]Progress
}

func (s *mirrorProgress) start(p *MirrorPlan, dir Direction) {
	s.parts = make(map[int]Progress)
	s.sum.Direction = dir
	for i := range p.Entries {
		e := &p.Entries[i]
		if e.Action != MirrorNew && e.Action != MirrorChanged {
			continue
		}
		s.sum.FilesTotal++
		if e.Size < 0 || s.sum.Total < 0 {
			s.sum.Total = -1
		} else {
			s.sum.Total += e.Size
		}
	}
}

// add takes the progress of one task, and returns that of all with the file
// that this one is at.
func (s *mirrorProgress) add(n int, p Progress) Progress {
	s.parts[n] = p
	all := s.sum
	all.Remote, all.Local, all.FileBytes, all.FileSize = p.Remote, p.Local, p.FileBytes, p.FileSize
	for _, one := range s.parts {
		all.Bytes += one.Bytes
		all.Files += one.Files
		all.Moved += one.Moved
	}
	return all
}

// isMissing reports that there is nothing under a local name.
func isMissing(root *os.Root, name string) bool {
	_, err := root.Lstat(name)
	return errors.Is(err, os.ErrNotExist)
}
