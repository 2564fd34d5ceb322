package state

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"portside/client/listing"
)

// Size writes n bytes as the zero Format does.
func Size(n int64) string { return Format{}.Size(n) }

// Bytes writes n in full: "1,234,567 bytes".
func Bytes(n int64) string {
	if n < 0 {
		return ""
	}
	if n == 1 {
		return "1 byte"
	}
	return Count(n) + " bytes"
}

// Count writes n with its thousands set apart: "100,000".
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted writes n with a noun: "1 file", "310 files".
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(int64(n)) + " " + many
}

// Time writes t as the zero Format does.
func Time(t time.Time) string { return Format{}.Time(t) }

// Mode writes permission bits as ls does, without the letter for the type:
// "rwxr-xr-x". It writes nothing where they are not known.
func Mode(mode uint32) string {
	if mode&listing.ModeUnknown != 0 {
		return ""
	}
	const all = "rwxrwxrwx"
	out := [9]byte{}
	for i := range all {
		out[i] = '-'
		if mode&(1<<(8-i)) != 0 {
			out[i] = all[i]
		}
	}
	special := func(bit uint32, at int, set, bare byte) {
		if mode&bit == 0 {
			return
		}
		if out[at] == 'x' {
			out[at] = set
		} else {
			out[at] = bare
		}
	}
	special(0o4000, 2, 's', 'S')
	special(0o2000, 5, 's', 'S')
	special(0o1000, 8, 't', 'T')
	return string(out[:])
}

// Cell returns what column c of r shows, as the zero Format writes it.
func (r *Row) Cell(c Column) string { return Format{}.Cell(r, c) }

// Cell returns what column c of r shows.
func (f Format) Cell(r *Row, c Column) string {
	switch c {
	case ColumnName:
		return r.Text
	case ColumnSize:
		if r.IsDir() {
			return ""
		}
		return f.Size(r.Size)
	case ColumnModified:
		if r.DayOnly {
			return f.Day(r.ModTime)
		}
		return f.Time(r.ModTime)
	case ColumnMode:
		return Mode(r.Mode)
	case ColumnOwner:
		return r.Owner
	default:
		return ""
	}
}

// Detail is Format.Detail of the zero Format.
func (r *Row) Detail(c Column) string { return Format{}.Detail(r, c) }

// Detail returns what is worth saying about column c of r beyond its cell: the
// whole name with where a link leads, the size to the byte, or the time where the
// cell says how long ago that was.
func (f Format) Detail(r *Row, c Column) string {
	switch {
	case c == ColumnName && r.Target != "":
		return r.Text + " leads to " + r.Target
	case c == ColumnSize && r.Size >= 1000 && !r.IsDir():
		return Bytes(r.Size)
	case c == ColumnModified && f.Dates == DatesRelative && !r.ModTime.IsZero() && !r.DayOnly:
		return Time(r.ModTime)
	default:
		return f.Cell(r, c)
	}
}

// tally is how many rows there are of which kind.
type tally struct {
	folders, files int
	size           int64
	format         Format
}

func (t *tally) add(r *Row) {
	if r.IsDir() {
		t.folders++
		return
	}
	t.files++
	t.size += max(r.Size, 0)
}

// String writes "24 folders, 310 files, 1.2 GB", without what there is none of.
func (t tally) String() string {
	var parts []string
	if t.folders > 0 {
		parts = append(parts, Counted(t.folders, "folder", "folders"))
	}
	if t.files > 0 {
		parts = append(parts, Counted(t.files, "file", "files"), t.format.Sum(t.size))
	}
	return strings.Join(parts, ", ")
}

// Status says what is shown: "24 folders, 310 files, 1.2 GB", and how many names
// a filter or the leading dot keeps back.
func (m *Model) Status() string {
	if m.dir == nil {
		return ""
	}
	if m.Len() == m.dir.Len() && m.Len() == 0 {
		return "Empty folder"
	}
	t := tally{format: m.format}
	for i := range m.order {
		t.add(m.Row(i))
	}
	hidden := 0
	if !m.showHidden {
		for i := range m.dir.rows {
			if m.dir.rows[i].Hidden() {
				hidden++
			}
		}
	}
	text := t.String()
	if m.filter != "" {
		text = fmt.Sprintf("%s of %s shown", Count(int64(m.Len())), Count(int64(m.dir.Len()-hidden)))
		if s := t.String(); s != "" {
			text += ": " + s
		}
	}
	if hidden > 0 {
		if text != "" {
			text += ", "
		}
		text += Count(int64(hidden)) + " hidden"
	}
	return text
}

// SelectionStatus says what is selected: "3 selected, 4.1 MB"; nothing where
// nothing is.
func (m *Model) SelectionStatus() string {
	if m.count == 0 {
		return ""
	}
	var t tally
	for row, yes := range m.chosen {
		if yes {
			t.add(&m.dir.rows[row])
		}
	}
	text := Count(int64(m.count)) + " selected"
	if t.files > 0 {
		text += ", " + m.format.Sum(t.size)
	}
	return text
}

// Describe names rows for a question or a hint: the name of a single one, else
// "2 folders and 3 files".
func Describe(rows []Row) string {
	if len(rows) == 1 {
		return "“" + rows[0].Text + "”"
	}
	var t tally
	for i := range rows {
		t.add(&rows[i])
	}
	switch {
	case t.folders == 0:
		return Counted(t.files, "file", "files")
	case t.files == 0:
		return Counted(t.folders, "folder", "folders")
	default:
		return Counted(t.folders, "folder", "folders") + " and " + Counted(t.files, "file", "files")
	}
}
