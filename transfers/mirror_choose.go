package transfers

import (
	"path"
	"path/filepath"
	"slices"
)

// leftOut is why an entry is not done that somebody has taken out of a plan.
const leftOut = "left out"

// Without returns a plan in which the entries are skipped that leave names by
// their places in Entries. p stays as it is.
//
// What goes into a folder that is not made is skipped with it, and so is the
// deletion of the folders around what is not deleted.
func (p *MirrorPlan) Without(leave func(i int) bool) *MirrorPlan {
	q := *p
	q.Entries = slices.Clone(p.Entries)
	var made, gone mirrorChoice
	for i := range q.Entries {
		switch e := &q.Entries[i]; e.Action {
		case MirrorKeep, MirrorSkip:
		case MirrorDelete:
			if leave(i) {
				gone.out(q.place(e), false)
			}
		default:
			if leave(i) {
				made.out(q.place(e), e.Dir)
			}
		}
	}
	for i := range q.Entries {
		e := &q.Entries[i]
		switch at := q.place(e); {
		case e.Action == MirrorKeep, e.Action == MirrorSkip:
		case e.Action == MirrorDelete && (gone.has(at) || e.Dir && gone.around[at]), e.Action != MirrorDelete && made.has(at):
			e.Action, e.Why, e.Err = MirrorSkip, leftOut, nil
		}
	}
	return &q
}

// place returns where an entry is on the side that has it, with slashes. Two
// entries may have the same Path, where a name cannot be written as text.
func (p *MirrorPlan) place(e *MirrorEntry) string {
	if p.opt.Upload == (e.Action != MirrorDelete) {
		return filepath.ToSlash(e.local)
	}
	if e.remote == p.remote {
		return "."
	}
	return e.remote
}

// A mirrorChoice is what was left out of one half of a plan: of what is made, or
// of what is deleted.
type mirrorChoice struct {
	items  map[string]bool // places
	dirs   map[string]bool // those that are folders
	around map[string]bool // folders above
}

// out leaves a place out.
func (c *mirrorChoice) out(place string, dir bool) {
	if c.items == nil {
		c.items, c.dirs, c.around = make(map[string]bool), make(map[string]bool), make(map[string]bool)
	}
	c.items[place] = true
	if dir {
		c.dirs[place] = true
	}
	for up := path.Dir(place); up != "." && up != "/" && !c.around[up]; up = path.Dir(up) {
		c.around[up] = true
	}
}

// has reports whether a place, or a folder that it is in, was left out.
func (c *mirrorChoice) has(place string) bool {
	if c.items[place] || c.dirs["."] {
		return true
	}
	if len(c.dirs) == 0 {
		return false
	}
	for up := path.Dir(place); up != "." && up != "/"; up = path.Dir(up) {
		if c.dirs[up] {
			return true
		}
	}
	return false
}

// CanHash reports whether the server computes checksums, as far as it says, so
// that files can be compared by them.
func CanHash(r Remote) bool { return canHash(r) }
