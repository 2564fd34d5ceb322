package transfers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"portside/client"
	"portside/client/listing"
)

// A mirrorGate is a folder of the source that lacked something. It is listed
// once more before the first deletion: a listing that was cut short without a
// word, or a file that has come since, keeps what is in the target.
type mirrorGate struct {
	place  mirrorPlace
	asked  bool
	names  map[string]bool // keys of what is there
	closed string          // why nothing is deleted
}

// deletions carries out the deletions of the plan.
func (m *mirrorRun) deletions(ctx context.Context, failed int) error {
	n := m.plan.Count(MirrorDelete)
	if n == 0 {
		return nil
	}
	if failed > 0 {
		m.sum.Notes = append(m.sum.Notes, Note{Path: ".", Text: "nothing was deleted, since " + client.Counted(failed, "transfer", "transfers") + " failed"})
		return nil
	}
	kept := make(map[string]bool) // folders in which something has stayed
	for i := range m.plan.Entries {
		e := &m.plan.Entries[i]
		if e.Action != MirrorDelete {
			continue
		}
		why, err := m.mayDelete(ctx, e, kept)
		if err == nil && why == "" {
			err = m.delete(ctx, e)
		}
		switch {
		case err == nil && why == "":
			m.tell(*e, nil)
			continue
		case err != nil:
			m.sum.Failed = append(m.sum.Failed, Failure{Path: e.Path, Err: err})
			m.tell(*e, err)
			if m.task.hopeless(ctx, err) {
				return err
			}
		default:
			m.sum.Notes = append(m.sum.Notes, Note{Path: e.Path, Text: "not deleted: " + why})
		}
		kept[filepath.Dir(e.local)] = true
	}
	return nil
}

// mayDelete asks once more whether an entry is to be deleted. The error is
// what could not be found out.
func (m *mirrorRun) mayDelete(ctx context.Context, e *MirrorEntry, kept map[string]bool) (why string, err error) {
	if e.Dir && kept[e.local] {
		return "something in it has stayed", nil
	}
	if m.plan.opt.Upload {
		if !isMissing(m.root, filepath.Join(e.gate.place.local, e.under.name)) {
			return "it is in the source by now", nil
		}
		return "", nil
	}
	if err = m.ask(ctx, e.gate); err != nil {
		return "", err
	}
	switch {
	case e.gate.closed != "":
		return e.gate.closed, nil
	case e.gate.names[e.under.key]:
		return "it is in the source by now", nil
	case m.twinError(e) != nil:
		return "it is the same file as " + filepath.Base(e.twin) + " here", nil
	}
	return "", nil
}

// ask lists a remote source folder once more.
func (m *mirrorRun) ask(ctx context.Context, g *mirrorGate) error {
	if g.asked {
		return nil
	}
	var l *listing.Listing
	err := m.task.simply(ctx, func(ctx context.Context) (err error) {
		l, err = m.task.r.List(ctx, g.place.remote)
		return err
	})
	if err != nil {
		if ctx.Err() != nil || !isRefusal(err) {
			return m.task.about(g.place.remote, err)
		}
		g.asked, g.closed = true, "the source could not be listed once more"
		return nil
	}
	g.asked, g.names = true, make(map[string]bool, len(l.Entries))
	if len(l.Unread) > 0 || l.Unended {
		g.closed = "the source may be incomplete"
	}
	for _, e := range l.Entries {
		if client.CleanName(e.Name) != nil {
			g.closed = "the source may be incomplete"
		}
		if name, err := LocalName(m.task.r, e.Name); err == nil {
			g.names[name] = true
		}
	}
	return nil
}

// delete deletes one entry: a file, or a folder with nothing in it.
func (m *mirrorRun) delete(ctx context.Context, e *MirrorEntry) error {
	if strings.TrimRight(e.remote, "/") == "" || e.local == "." || e.local == "" {
		return fmt.Errorf("%s: %w", e.Path, errProtected)
	}
	if !m.plan.opt.Upload {
		return m.deleteLocal(e)
	}
	t := m.task
	if !e.Dir {
		err := t.remove(ctx, e.remote, func(ctx context.Context) error { return t.r.Delete(ctx, e.remote) })
		if err != nil {
			return t.about(e.remote, err)
		}
		return nil
	}
	err := t.remove(ctx, e.remote, func(ctx context.Context) error {
		// There are servers that remove a folder with what is in it.
		l, err := t.r.List(ctx, e.remote)
		if err != nil {
			return err
		}
		if len(l.Entries)+len(l.Unread) > 0 {
			return errNotEmpty
		}
		return t.r.RemoveDir(ctx, e.remote)
	})
	if err != nil {
		return t.about(e.remote, err)
	}
	return nil
}

var errNotEmpty = errors.New("the folder is not empty")

// deleteLocal deletes a local entry, if it is still what it was when the plan
// was made.
func (m *mirrorRun) deleteLocal(e *MirrorEntry) error {
	at := filepath.Join(m.plan.local, e.local)
	fi, err := m.root.Lstat(e.local)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return localErr("delete", at, err)
	}
	was := e.item.info
	changed := !os.SameFile(was, fi) || was.Mode().Type() != fi.Mode().Type() ||
		(!e.Dir && (was.Size() != fi.Size() || !was.ModTime().Equal(fi.ModTime())))
	if changed {
		return &LocalError{Kind: LocalChanged, Op: "delete", Path: at, Err: errChangedSince}
	}
	return localErr("delete", at, m.root.Remove(e.local))
}

var errChangedSince = errors.New("changed since the folders were compared")
