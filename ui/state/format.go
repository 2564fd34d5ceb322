package state

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"portside/client/listing"
)

// Size writes n bytes in short, in units of a thousand: "512 B", "1.2 kB",
// "340 MB". It writes nothing where n is not known.
func Size(n int64) string {
	if n < 0 {
		return ""
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		v /= 1000
		switch {
		case v < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit
		case v < 999.5 || unit == "EB":
			return strconv.FormatFloat(v, 'f', 0, 64) + " " + unit
		}
	}
	return ""
}

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

// Time writes t to the minute, as in "2026-11-02 14:03", in t's own zone. It
// writes nothing for the zero Time.
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04")
}

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

// Cell returns what column c of r shows.
func (r *Row) Cell(c Column) string {
	switch c {
	case ColumnName:
		return r.Text
	case ColumnSize:
		if r.IsDir() {
			return ""
		}
		return Size(r.Size)
	case ColumnModified:
		if r.DayOnly {
			return r.ModTime.Format(time.DateOnly)
		}
		return Time(r.ModTime)
	case ColumnMode:
		return Mode(r.Mode)
	case ColumnOwner:
		return r.Owner
	default:
		return ""
	}
}

// Detail returns what is worth saying about column c of r beyond its cell: the
// whole name with where a link leads, or the size to the byte.
func (r *Row) Detail(c Column) string {
	switch {
	case c == ColumnName && r.Target != "":
		return r.Text + " leads to " + r.Target
	case c == ColumnSize && r.Size >= 1000 && !r.IsDir():
		return Bytes(r.Size)
	default:
		return r.Cell(c)
	}
}

// tally is how many rows there are of which kind.
type tally struct {
	folders, files int
	size           int64
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
		parts = append(parts, Counted(t.files, "file", "files"), Size(t.size))
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
	var t tally
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
		text += ", " + Size(t.size)
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
