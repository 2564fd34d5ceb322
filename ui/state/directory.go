package state

import (
	"cmp"
	"slices"

	"portside/client/listing"
)

// A Directory is the rows of one folder with their name order worked out. It
// does not change once made, so it can be made on any goroutine and handed over.
type Directory struct {
	rows   []Row
	byName []int32 // indexes of rows in natural name order
	rank   []int32 // rank[i] is the place of rows[i] in natural name order
	said   [ColumnCount]bool
}

// NewDirectory takes over rows and orders them by name.
func NewDirectory(rows []Row) *Directory {
	d := &Directory{rows: rows, byName: naturalOrder(rows), rank: make([]int32, len(rows))}
	for place, row := range d.byName {
		d.rank[row] = int32(place)
	}
	for i := range rows {
		d.said[ColumnMode] = d.said[ColumnMode] || rows[i].Mode&listing.ModeUnknown == 0
		d.said[ColumnOwner] = d.said[ColumnOwner] || rows[i].Owner != ""
	}
	return d
}

// Says reports whether any row has something to show in column c. Many servers
// say nothing of permissions and owners.
func (d *Directory) Says(c Column) bool { return d.said[c] || c < ColumnMode }

// Len returns the number of rows, hidden ones included.
func (d *Directory) Len() int { return len(d.rows) }

// A Column is one property of a row, by which rows can be ordered.
type Column uint8

// The columns, in the order in which they are shown.
const (
	ColumnName Column = iota
	ColumnSize
	ColumnModified
	ColumnMode
	ColumnOwner
	ColumnCount // how many there are
)

// String returns the title of c.
func (c Column) String() string {
	switch c {
	case ColumnName:
		return "Name"
	case ColumnSize:
		return "Size"
	case ColumnModified:
		return "Modified"
	case ColumnMode:
		return "Permissions"
	case ColumnOwner:
		return "Owner"
	default:
		return ""
	}
}

// sorted orders the rows whose indexes are in order, which is in name order, by
// column c: folders come first unless they are mixed with the files, and rows that
// are equal in c are in name order.
func (d *Directory) sorted(order []int32, c Column, descending, mixed bool) {
	if c == ColumnName {
		if descending {
			slices.Reverse(order)
		}
		if !mixed {
			d.foldersFirst(order)
		}
		return
	}
	type entry struct {
		group uint8 // 0 folders, 1 the rest
		key   int64
		rank  int32
		row   int32
	}
	owners := d.ownerKeys(c)
	entries := make([]entry, len(order))
	for i, row := range order {
		r := &d.rows[row]
		e := entry{group: 1, rank: d.rank[row], row: row}
		if r.IsDir() && !mixed {
			e.group = 0
		}
		switch c {
		case ColumnSize:
			if !r.IsDir() {
				e.key = r.Size
			}
		case ColumnModified:
			e.key = r.ModTime.Unix()
		case ColumnMode:
			e.key = int64(r.Mode)
		case ColumnOwner:
			e.key = owners[r.Owner]
		}
		if descending {
			e.key = -e.key
		}
		entries[i] = e
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.group != b.group {
			return int(a.group) - int(b.group)
		}
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return int(a.rank - b.rank)
	})
	for i := range entries {
		order[i] = entries[i].row
	}
}

// foldersFirst moves folders to the front of order, and keeps the order of both
// parts.
func (d *Directory) foldersFirst(order []int32) {
	var files []int32
	folders := order[:0]
	for _, row := range order {
		if d.rows[row].IsDir() {
			folders = append(folders, row)
		} else {
			files = append(files, row)
		}
	}
	copy(order[len(folders):], files)
}

// ownerKeys numbers the owners of d in natural order; there are few of them.
func (d *Directory) ownerKeys(c Column) map[string]int64 {
	if c != ColumnOwner {
		return nil
	}
	keys := map[string]int64{}
	for i := range d.rows {
		keys[d.rows[i].Owner] = 0
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(appendNaturalKey(nil, a), appendNaturalKey(nil, b))
	})
	for i, name := range names {
		keys[name] = int64(i)
	}
	return keys
}
