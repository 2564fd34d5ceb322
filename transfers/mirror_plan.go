package transfers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"portside/client/listing"
)

// A mirrorPlanner makes one plan.
type mirrorPlanner struct {
	task *task
	opt  MirrorOptions
	ex   excludes
	plan *MirrorPlan
	root *os.Root // of the local folder; nil: not there yet

	deletions []MirrorEntry // come last
	entries   int           // listed so far, on both sides
	framed    bool          // the server's listings hold more than the entries
	noMDTM    bool
	zones     map[string]time.Duration // what to add to times of plain listings, by day
}

// start compares the roots, and all that is below them.
func (m *mirrorPlanner) start(ctx context.Context) error {
	t := m.task
	t.rep.p.Scanning = true
	defer func() {
		t.rep.p.Scanning = false
		t.rep.emit(true)
	}()
	place := mirrorPlace{local: ".", remote: m.plan.remote, depth: 1}
	there, err := m.openRoots(ctx)
	if err != nil {
		return err
	}
	if m.root != nil {
		defer func() { _ = m.root.Close() }()
	}
	if !there {
		m.plan.Entries = append(m.plan.Entries, MirrorEntry{Action: MirrorMakeDir, Path: ".", Dir: true, local: ".", remote: place.remote})
	}
	source, err := m.list(ctx, &place, m.opt.Upload)
	if err != nil {
		return m.about(place, m.opt.Upload, err)
	}
	if m.opt.Delete && !m.opt.ForceEmpty && len(source.items) == 0 && source.holes == "" {
		return ErrEmptySource
	}
	return m.compare(ctx, place, source, there)
}

// openRoots opens the local root and reports whether the target is there.
func (m *mirrorPlanner) openRoots(ctx context.Context) (there bool, err error) {
	t, local := m.task, m.plan.local
	fi, err := os.Stat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !m.opt.Upload:
	case err != nil:
		return false, localErr("open", local, err)
	case !fi.IsDir():
		return false, &LocalError{Kind: LocalNotDir, Op: "open", Path: local, Err: ErrNotDir}
	default:
		if m.root, err = os.OpenRoot(local); err != nil {
			return false, localErr("open", local, err)
		}
		there = true
	}
	if !m.opt.Upload {
		return there, t.mustBeDir(ctx, m.plan.remote)
	}
	there, err = m.remoteRoot(ctx)
	if err != nil {
		_ = m.root.Close()
		m.root = nil
	}
	return there, err
}

// remoteRoot reports whether the remote root is there.
func (m *mirrorPlanner) remoteRoot(ctx context.Context) (bool, error) {
	t, remote := m.task, m.plan.remote
	if remote == "" || remote == "/" {
		return true, nil
	}
	var e listing.Entry
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, remote)
		return err
	})
	switch {
	case err == nil && e.Type == listing.File:
		return false, t.about(remote, ErrNotDir)
	case err == nil:
		return true, nil
	case ctx.Err() == nil && isRefusal(err):
		return false, nil
	default:
		return false, t.about(remote, err)
	}
}

// list lists one side of a place.
func (m *mirrorPlanner) list(ctx context.Context, place *mirrorPlace, local bool) (*mirrorFolder, error) {
	var f *mirrorFolder
	var err error
	if local {
		f, err = m.listLocal(ctx, *place)
	} else {
		f, err = m.listRemote(ctx, place)
	}
	p := &m.task.rep.p
	p.Folders, p.Found = p.Folders+1, m.entries
	m.task.rep.emit(false)
	return f, err
}

// about adds to an error of list what it is about.
func (m *mirrorPlanner) about(place mirrorPlace, local bool, err error) error {
	if local || isA[*LocalError](err) {
		return err
	}
	return m.task.about(place.remote, err)
}

// compare plans what is in a place. It returns only what ends everything.
func (m *mirrorPlanner) compare(ctx context.Context, place mirrorPlace, source *mirrorFolder, there bool) error {
	target := newMirrorFolder()
	if there {
		var err error
		if target, err = m.list(ctx, &place, !m.opt.Upload); err != nil {
			err = m.about(place, !m.opt.Upload, err)
			if place.rel == "" {
				return err
			}
			return m.lost(ctx, place, err)
		}
	}
	p := m.pair(place, source, target)
	for _, s := range source.items {
		if err := m.item(ctx, place, s, p); err != nil {
			return err
		}
	}
	return m.extras(ctx, place, source, target, p)
}

// lost records a place that cannot be compared. What is there stays.
func (m *mirrorPlanner) lost(ctx context.Context, place mirrorPlace, err error) error {
	le, isLimit := errors.AsType[*LimitError](err)
	if m.task.hopeless(ctx, err) || (isLimit && le.What == "entries") {
		return err
	}
	m.task.fail(place.shown(), err)
	if m.opt.Delete {
		m.task.note(place.shown(), "nothing is deleted there, since it could not be listed")
	}
	return nil
}

// A pairing says which items of a source and a target belong together.
type pairing struct {
	of    map[*mirrorItem]*mirrorItem // target by source
	taken map[*mirrorItem]bool        // targets that have a source
	folds map[string]*mirrorItem      // sources by foldName
}

// pair finds the target of each source. Where the local file system takes two
// names for one, they belong together.
func (m *mirrorPlanner) pair(place mirrorPlace, source, target *mirrorFolder) pairing {
	p := pairing{of: make(map[*mirrorItem]*mirrorItem), taken: make(map[*mirrorItem]bool), folds: make(map[string]*mirrorItem)}
	for _, s := range source.items {
		if s.err != nil {
			continue
		}
		d := target.byKey[s.key]
		if d == nil && !m.opt.Upload && len(target.items) > 0 {
			d = m.sameLocal(place, s, target)
		}
		if d != nil && !p.taken[d] {
			p.of[s], p.taken[d] = d, true
		}
		if fold := foldName(s.text); p.folds[fold] == nil {
			p.folds[fold] = s
		}
	}
	return p
}

// sameLocal finds the local entry that the file system gives for the name of s.
func (m *mirrorPlanner) sameLocal(place mirrorPlace, s *mirrorItem, target *mirrorFolder) *mirrorItem {
	if m.root == nil {
		return nil
	}
	fi, err := m.root.Lstat(filepath.Join(place.local, s.name))
	if err != nil {
		return nil
	}
	for _, d := range target.items {
		if os.SameFile(d.info, fi) && foldName(d.name) == foldName(s.name) {
			return d
		}
	}
	return nil
}

// item plans one entry of the source.
func (m *mirrorPlanner) item(ctx context.Context, place mirrorPlace, s *mirrorItem, p pairing) error {
	at := place.down(s)
	e := MirrorEntry{Path: at.rel, Dir: s.kind == listing.Dir, Size: s.size, local: at.local, remote: at.remote, item: s, there: p.of[s]}
	if e.Dir {
		e.Size = 0
	}
	switch {
	case s.bad || s.err != nil:
		e.Action, e.Why, e.Err = MirrorConflict, "name not allowed", s.err
	case m.ex.match(at.rel, e.Dir):
		e.Action, e.Why = MirrorSkip, "excluded"
	case s.kind == listing.Link:
		e.Action, e.Why = MirrorSkip, "link, not followed"
	case isPartName(s.name):
		e.Action, e.Why = MirrorSkip, "unfinished download"
	case !e.Dir && s.kind != listing.File:
		e.Action, e.Why = MirrorSkip, "neither file nor folder"
	case e.there != nil && e.there.kind != s.kind:
		e.Action, e.Why = MirrorConflict, "is a "+nounOf(s.kind)+" in the source and a "+nounOf(e.there.kind)+" in the target"
		e.Err = &MirrorConflictError{Path: at.rel, What: e.Why}
	case e.Dir:
		return m.folder(ctx, at, e, p)
	default:
		return m.file(ctx, e, p)
	}
	m.add(e)
	return nil
}

func nounOf(t listing.Type) string {
	switch t {
	case listing.Dir:
		return "folder"
	case listing.Link:
		return "link"
	case listing.File:
		return "file"
	default:
		return "special file"
	}
}

func (m *mirrorPlanner) add(e MirrorEntry) { m.plan.Entries = append(m.plan.Entries, e) }

// twinOf returns the source whose name differs from that of s in case only, if
// it comes before.
func (p pairing) twinOf(s *mirrorItem) *mirrorItem {
	if first := p.folds[foldName(s.text)]; first != nil && first != s {
		return first
	}
	return nil
}

// folder plans a folder that is in the source.
func (m *mirrorPlanner) folder(ctx context.Context, at mirrorPlace, e MirrorEntry, p pairing) error {
	source, err := m.list(ctx, &at, m.opt.Upload)
	if err != nil {
		return m.lost(ctx, at, m.about(at, m.opt.Upload, err))
	}
	if twin := p.twinOf(e.item); twin != nil {
		e.twin = filepath.Join(filepath.Dir(e.local), twin.name)
	}
	if e.there == nil {
		e.Action = MirrorMakeDir
		m.add(e)
	} else {
		// The way to it is its own name, where that differs in case.
		at.local, at.remote = m.wayTo(at, e)
		at.unsure = at.unsure || e.there.unsure
	}
	return m.compare(ctx, at, source, e.there != nil)
}

// wayTo returns the paths of a place whose target goes by another name.
func (m *mirrorPlanner) wayTo(at mirrorPlace, e MirrorEntry) (local, remote string) {
	if m.opt.Upload {
		return at.local, at.remote
	}
	return filepath.Join(filepath.Dir(at.local), e.there.name), at.remote
}

// file plans a file that is in the source.
func (m *mirrorPlanner) file(ctx context.Context, e MirrorEntry, p pairing) error {
	if twin := p.twinOf(e.item); twin != nil {
		e.twin = filepath.Join(filepath.Dir(e.local), twin.name)
	}
	if e.there == nil {
		e.Action = MirrorNew
		m.add(e)
		return nil
	}
	if !m.opt.Upload {
		e.local = filepath.Join(filepath.Dir(e.local), e.there.name)
	}
	var err error
	e.Action, e.Why, err = m.decide(ctx, &e)
	if err != nil {
		if m.task.hopeless(ctx, err) || errors.Is(err, ErrNoHash) {
			return err
		}
		m.task.fail(e.Path, err)
		return nil
	}
	m.add(e)
	return nil
}
