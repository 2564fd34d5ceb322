package state

import (
	"slices"
	"strings"
)

// A SiteDrop is where a dragged row of the tree of sites would go.
type SiteDrop struct {
	Into   []string // the folder
	Before string   // the site that a site is put in front of, or the name of the folder that a folder is; "": at the end
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
	if moved.IsFolder() {
		return t.dropFolder(moved, y)
	}
	d := t.dropAt(y)
	if SamePlace(d.Into, moved.Folder) && (d.Before == moved.ID || d.Before == t.After(moved.ID)) {
		return SiteDrop{}, false
	}
	return d, true
}

// dropFolder is where a folder would go: into the folder that it is over, or beside it
// near its edges. Over a site it goes behind the folders of that site's folder.
func (t *SiteTree) dropFolder(moved SiteRow, y float64) (SiteDrop, bool) {
	d := t.dropAt(y)
	if d.Onto >= 0 {
		d = t.besideFolder(d.Onto, y-float64(d.Onto))
	} else {
		d.Before = ""
		d.Line, d.Depth = t.foldersEnd(d.Into), len(d.Into)
	}
	if insideFolder(d.Into, moved.Folder) {
		return SiteDrop{}, false
	}
	up, name := moved.Folder[:len(moved.Folder)-1], moved.Folder[len(moved.Folder)-1]
	switch {
	case !SamePlace(d.Into, up):
	case d.Onto >= 0: // it is in there, and not meant to be moved in it
		return SiteDrop{}, false
	case strings.EqualFold(d.Before, name) || strings.EqualFold(d.Before, t.FolderAfter(moved.Folder)):
		return SiteDrop{}, false
	}
	return d, true
}

// besideFolder is where something goes that is over the folder at row, at part of its
// height: in front of it, into it, or behind it. Behind an open one is what is in it.
func (t *SiteTree) besideFolder(row int, part float64) SiteDrop {
	const edge = 0.25
	over := t.rows[row]
	d := SiteDrop{Into: slices.Clone(over.Folder[:len(over.Folder)-1]), Onto: -1, Depth: over.Depth}
	filled := row+1 < len(t.rows) && t.rows[row+1].Depth > over.Depth
	switch {
	case part < edge:
		d.Before, d.Line = over.Name, row
	case part >= 1-edge && !filled:
		d.Before, d.Line = t.FolderAfter(over.Folder), row+1
	default:
		return SiteDrop{Into: slices.Clone(over.Folder), Onto: row, Line: -1}
	}
	return d
}

// foldersEnd is the row behind the last folder in a folder, and all that is in it.
func (t *SiteTree) foldersEnd(path []string) int {
	at := t.folderRow(path) + 1
	for at < len(t.rows) && (t.rows[at].Depth > len(path) || t.rows[at].Depth == len(path) && t.rows[at].IsFolder()) {
		at++
	}
	return at
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

// FolderAfter returns the name of the folder behind another one in their folder, "" where
// it is the last.
func (t *SiteTree) FolderAfter(path []string) string {
	names, at := t.siblings(path)
	if at < 0 || at+1 >= len(names) {
		return ""
	}
	return names[at+1]
}

// FolderBefore returns the name of the folder in front of another one in their folder, ""
// where it is the first.
func (t *SiteTree) FolderBefore(path []string) string {
	names, at := t.siblings(path)
	if at < 1 {
		return ""
	}
	return names[at-1]
}

// siblings are the names of the folders beside a folder, and its own place among them.
func (t *SiteTree) siblings(path []string) (names []string, at int) {
	if len(path) == 0 {
		return nil, -1
	}
	n := t.nodes()
	for i := range len(path) - 1 {
		next := slices.IndexFunc(n.folders, func(f *siteNode) bool { return SamePlace(f.path, path[:i+1]) })
		if next < 0 {
			return nil, -1
		}
		n = n.folders[next]
	}
	for _, f := range n.folders {
		names = append(names, f.path[len(f.path)-1])
	}
	return names, slices.IndexFunc(n.folders, func(f *siteNode) bool { return SamePlace(f.path, path) })
}
