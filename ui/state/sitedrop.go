package state

import "slices"

// A SiteDrop is where a dragged row of the tree of sites would go.
type SiteDrop struct {
	Into   []string // the folder
	Before string   // the site that a site is put in front of; "": at the end
	Onto   int      // the row of the folder that it falls into, to be marked; -1: none
	Line   int      // the row above which the line is drawn that shows where; -1: none
	Depth  int      // of that line
}

// Drop says what would become of the row at from if it were let go at y, in rows
// from the top of the tree: 2.25 is a quarter below the top of row 2. It reports
// false where nothing would change or it cannot go there.
func (t *SiteTree) Drop(from int, y float64) (SiteDrop, bool) {
	if from < 0 || from >= len(t.rows) || y < 0 {
		return SiteDrop{}, false
	}
	moved := t.rows[from]
	d := t.dropAt(y)
	if moved.IsFolder() {
		d.Before, d.Line = "", -1
		if d.Onto < 0 {
			d.Onto = t.folderRow(d.Into)
		}
		up := moved.Folder[:len(moved.Folder)-1]
		if insideFolder(d.Into, moved.Folder) || SamePlace(d.Into, up) {
			return SiteDrop{}, false
		}
		if d.Onto < 0 {
			d.Line, d.Depth = len(t.rows), 0
		}
		return d, true
	}
	if SamePlace(d.Into, moved.Folder) && (d.Before == moved.ID || d.Before == t.After(moved.ID)) {
		return SiteDrop{}, false
	}
	return d, true
}

// dropAt is where a site would go.
func (t *SiteTree) dropAt(y float64) SiteDrop {
	row := int(y)
	if row >= len(t.rows) {
		return SiteDrop{Onto: -1, Line: len(t.rows)}
	}
	over := t.rows[row]
	if over.IsFolder() {
		return SiteDrop{Into: slices.Clone(over.Folder), Onto: row, Line: -1}
	}
	d := SiteDrop{Into: slices.Clone(over.Folder), Before: over.ID, Onto: -1, Line: row, Depth: over.Depth}
	if y-float64(row) >= 0.5 {
		d.Before, d.Line = t.After(over.ID), row+1
	}
	return d
}

// folderRow is the place of a folder's row, -1 for the top or one not shown.
func (t *SiteTree) folderRow(path []string) int {
	return slices.IndexFunc(t.rows, func(r SiteRow) bool { return r.IsFolder() && SamePlace(r.Folder, path) })
}
