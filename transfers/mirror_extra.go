package transfers

import (
	"context"
	"fmt"
	"path/filepath"

	"portside/client/listing"
)

// extras plans what is in the target only.
func (m *mirrorPlanner) extras(ctx context.Context, place mirrorPlace, source, target *mirrorFolder, p pairing) error {
	why := ""
	switch {
	case source.holes != "":
		why = "the source may be incomplete: " + source.holes
	case target.holes != "":
		why = "the target may be incomplete: " + target.holes
	case place.unsure:
		why = "the folder may be a link on the server"
	}
	var gate *mirrorGate
	kept := 0
	for _, d := range target.items {
		if p.taken[d] {
			continue
		}
		e := m.extra(place, d, p)
		switch {
		case e.Action != MirrorDelete:
		case !m.opt.Delete:
			e.Action, e.Why = MirrorKeep, "not in the source"
		case why != "":
			e.Action, e.Why = MirrorKeep, why
			kept++
		default:
			if gate == nil {
				gate = &mirrorGate{place: place}
			}
			if err := m.remove(ctx, place.down(d), e, gate); err != nil {
				return err
			}
			continue
		}
		m.add(e)
	}
	if m.opt.Delete && why != "" && (kept > 0 || source.holes != "") {
		m.task.note(place.shown(), fmt.Sprintf("nothing is deleted there: %s", why))
	}
	return nil
}

// extra judges an entry that the source lacks: to be deleted, unless something
// speaks against it.
func (m *mirrorPlanner) extra(place mirrorPlace, d *mirrorItem, p pairing) MirrorEntry {
	at := place.down(d)
	e := MirrorEntry{Action: MirrorDelete, Path: at.rel, Dir: d.kind == listing.Dir, Size: d.size, local: at.local, remote: at.remote, item: d}
	if e.Dir {
		e.Size = 0
	}
	switch first := p.folds[foldName(d.text)]; {
	case d.bad || d.err != nil:
		e.Action, e.Why = MirrorKeep, "name not allowed, left alone"
	case m.ex.match(at.rel, e.Dir):
		e.Action, e.Why = MirrorSkip, "excluded"
	case d.kind == listing.Link:
		e.Action, e.Why = MirrorSkip, "link, left alone"
	case isPartName(d.name):
		e.Action, e.Why = MirrorSkip, "unfinished download, left alone"
	case !e.Dir && d.kind != listing.File:
		e.Action, e.Why = MirrorSkip, "neither file nor folder, left alone"
	case d.unsure:
		e.Action, e.Why = MirrorKeep, "it may be a link, left alone"
	case first != nil && m.opt.Upload:
		e.Action, e.Why = MirrorKeep, fmt.Sprintf("differs from %q in case only", first.text)
	case first != nil:
		e.twin = filepath.Join(place.local, first.name)
	}
	return e
}

// remove plans a deletion: what is in a folder before the folder.
func (m *mirrorPlanner) remove(ctx context.Context, at mirrorPlace, e MirrorEntry, gate *mirrorGate) error {
	e.gate, e.under = gate, e.item
	if !e.Dir {
		m.deletions = append(m.deletions, e)
		return nil
	}
	sub := mirrorRemoval{m: m, gate: gate, under: e.item}
	empty, err := sub.folder(ctx, at)
	switch {
	case err != nil && (m.task.hopeless(ctx, err) || ctx.Err() != nil):
		return err
	case err != nil:
		e.Action, e.Why = MirrorKeep, "it could not be listed as a whole"
		m.task.fail(at.rel, err)
		m.task.note(at.rel, "nothing is deleted there, since it could not be listed as a whole")
		m.add(e)
		return nil
	}
	m.plan.Entries = append(m.plan.Entries, sub.kept...)
	m.deletions = append(m.deletions, sub.entries...)
	if !empty {
		e.Action, e.Why = MirrorKeep, "something in it is left alone"
		m.add(e)
		return nil
	}
	m.deletions = append(m.deletions, e)
	return nil
}

// A mirrorRemoval collects what is below one folder that the source lacks.
type mirrorRemoval struct {
	m             *mirrorPlanner
	gate          *mirrorGate
	under         *mirrorItem
	entries, kept []MirrorEntry
}

// folder collects what is in a folder, and reports whether nothing is left in
// it. Any trouble below keeps all of it.
func (r *mirrorRemoval) folder(ctx context.Context, at mirrorPlace) (empty bool, err error) {
	m := r.m
	f, err := m.list(ctx, &at, !m.opt.Upload)
	if err != nil {
		return false, m.about(at, !m.opt.Upload, err)
	}
	if f.holes != "" {
		return false, fmt.Errorf("%s: %s", at.rel, f.holes)
	}
	empty = true
	for _, d := range f.items {
		e := m.extra(at, d, pairing{})
		if e.Action != MirrorDelete {
			empty = false
			r.kept = append(r.kept, e)
			continue
		}
		e.gate, e.under = r.gate, r.under
		if e.Dir {
			gone, err := r.folder(ctx, at.down(d))
			if err != nil {
				return false, err
			}
			if !gone {
				empty = false
				e.Action, e.Why = MirrorKeep, "something in it is left alone"
				r.kept = append(r.kept, e)
				continue
			}
		}
		r.entries = append(r.entries, e)
	}
	return empty, nil
}
