package filetable

import (
	"fyne.io/fyne/v2"

	"portside/ui/state"
)

// SizeNameRow is the size of a theme that says how far it is from one row to the
// next. It is even, so that heights of a million rows are exact.
const SizeNameRow fyne.ThemeSizeName = "portsideRow"

// Measures of the table in device-independent pixels.
const (
	RowHeight    = 20 // where the theme does not say (SizeNameRow)
	headerHeight = 22
	iconSize     = 16
	iconLeft     = 8
	nameLeft     = 30 // where names begin
	cellPad      = 8  // on either side of a cell
	scrollRoom   = 10 // kept free for the scroll bar
	edgeReach    = 4  // how far from a column's edge it can be grabbed

	nameMin    = 170 // narrower than this, the last column gives way
	nameFloor  = 60  // a hand may make the name column as narrow as this
	columnMin  = 44
	columnMost = 600
)

// Layout is what a person can arrange: which columns are shown and how wide they
// are. The name column is always shown and takes what the others leave.
type Layout struct {
	Width  [state.ColumnCount]float32 // 0: the default; that of the name is not used
	Hidden [state.ColumnCount]bool

	sizes state.SizeUnits // whose longest texts the usual widths have room for
	dates state.DateStyle
}

func (l *Layout) usual(c state.Column) float32 {
	switch c {
	case state.ColumnSize:
		if l.sizes == state.SizesBytes {
			return 104
		}
		return 70
	case state.ColumnModified:
		if l.dates == state.DatesLocale {
			return 138
		}
		return 116
	case state.ColumnMode:
		return 86
	default:
		return 108
	}
}

func (l *Layout) width(c state.Column) float32 {
	if l.Width[c] <= 0 {
		return l.usual(c)
	}
	return l.Width[c]
}

// A span is one column as it is on the screen.
type span struct {
	column state.Column
	x, w   float32
}

// end returns where s ends.
func (s span) end() float32 { return s.x + s.w }

// without returns l with the columns hidden that d has nothing to show in. An
// empty folder says nothing of its server: for that, blank stays as it was.
func (l Layout) without(d *state.Directory, blank *[state.ColumnCount]bool) Layout {
	for c := range blank {
		if d != nil && d.Len() > 0 {
			blank[c] = !d.Says(state.Column(c))
		}
		l.Hidden[c] = l.Hidden[c] || blank[c]
	}
	return l
}

// spans lays the columns out in total pixels. Where the name would get less than
// nameMin, columns are left out from the right, the size last.
func (l *Layout) spans(total float32, out []span) []span {
	last := state.ColumnOwner
	for last > state.ColumnName && total-l.taken(last) < nameMin && l.taken(last) > scrollRoom {
		last--
	}
	name := max(total-l.taken(last), nameFloor)
	out = append(out[:0], span{column: state.ColumnName, w: name})
	x := name
	for c := state.ColumnSize; c <= last; c++ {
		if l.Hidden[c] {
			continue
		}
		out = append(out, span{column: c, x: x, w: l.width(c)})
		x += l.width(c)
	}
	return out
}

// taken returns what the columns up to last take away from the name.
func (l *Layout) taken(last state.Column) float32 {
	sum := float32(scrollRoom)
	for c := state.ColumnSize; c <= last; c++ {
		if !l.Hidden[c] {
			sum += l.width(c)
		}
	}
	return sum
}

func rightAligned(c state.Column) bool { return c == state.ColumnSize }
