package filetable

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// header is the row of titles: a click sorts, the edge between two columns
// resizes the one on its right, and the name makes room.
type header struct {
	widget.BaseWidget
	t        *Table
	hovered  int // index into t.columns, -1: none
	edge     int // the column whose left edge the pointer is at, -1: none
	resizing bool
}

var (
	_ fyne.Tappable          = (*header)(nil)
	_ fyne.SecondaryTappable = (*header)(nil)
	_ fyne.Draggable         = (*header)(nil)
	_ desktop.Hoverable      = (*header)(nil)
	_ desktop.Cursorable     = (*header)(nil)
)

func newHeader(t *Table) *header {
	h := &header{t: t, hovered: -1, edge: -1}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *header) CreateRenderer() fyne.WidgetRenderer {
	r := &headerRenderer{
		h: h, back: canvas.NewRectangle(color.Transparent), base: canvas.NewRectangle(color.Transparent),
		lit: canvas.NewRectangle(color.Transparent), arrow: canvas.NewImageFromResource(nil),
	}
	r.arrow.FillMode = canvas.ImageFillContain
	r.arrow.Resize(fyne.NewSquareSize(iconSize))
	for range state.ColumnCount {
		r.titles = append(r.titles, canvas.NewText("", color.Transparent))
		r.edges = append(r.edges, canvas.NewRectangle(color.Transparent))
	}
	r.Refresh()
	return r
}

type headerRenderer struct {
	h               *header
	back, base, lit *canvas.Rectangle
	arrow           *canvas.Image
	titles          []*canvas.Text
	edges           []*canvas.Rectangle
	objects         []fyne.CanvasObject
}

func (r *headerRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.base.Move(fyne.NewPos(0, size.Height-1))
	r.base.Resize(fyne.NewSize(size.Width, 1))
}

func (r *headerRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, headerHeight) }
func (r *headerRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *headerRenderer) Destroy()                     {}

func (r *headerRenderer) Refresh() {
	t := r.h.t
	r.back.FillColor, r.base.FillColor = t.look.header, t.look.line
	r.objects = append(r.objects[:0], r.back, r.lit, r.base)
	r.lit.FillColor = color.Transparent
	r.arrow.Resource = nil
	for i, s := range t.columns {
		if i == r.h.hovered && r.h.edge < 0 {
			r.lit.FillColor = t.look.hover
			r.lit.Move(fyne.NewPos(s.x, 0))
			r.lit.Resize(fyne.NewSize(s.w, headerHeight-1))
		}
		r.title(i, s)
		r.edges[i].FillColor = t.look.line
		if i == r.h.edge {
			r.edges[i].FillColor = t.look.accent
		}
		r.edges[i].Move(fyne.NewPos(s.x, 4))
		r.edges[i].Resize(fyne.NewSize(1, headerHeight-9))
		r.objects = append(r.objects, r.titles[i])
		if i > 0 {
			r.objects = append(r.objects, r.edges[i])
		}
	}
	if r.arrow.Resource != nil {
		r.objects = append(r.objects, r.arrow)
		r.arrow.Refresh()
	}
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

// title draws the title of the column s, and the arrow where it sorts: after the
// title, or before it where the column is aligned on the right.
func (r *headerRenderer) title(i int, s span) {
	t := r.h.t
	text := r.titles[i]
	text.Text, text.TextSize, text.Color = s.column.String(), t.look.smallSize, t.look.dim
	left := s.x + cellPad
	if s.column == state.ColumnName {
		left = nameLeft
	}
	room := s.end() - cellPad - left
	by, descending := t.model.Sorting()
	if by == s.column {
		text.Color = t.look.text
		room -= iconSize - 4
	}
	text.Text = fit(text.Text, room, text.TextSize, text.TextStyle)
	width := fyne.MeasureText(text.Text, text.TextSize, text.TextStyle).Width
	if rightAligned(s.column) {
		left = s.end() - cellPad - width
	}
	left = whole(left)
	text.Move(fyne.NewPos(left, t.look.smallTop-1))
	text.Resize(fyne.NewSize(width, t.look.smallHeight))
	if by != s.column {
		return
	}
	r.arrow.Resource = t.icons.up
	if descending {
		r.arrow.Resource = t.icons.down
	}
	x := left + width + 1
	if rightAligned(s.column) {
		x = left - iconSize - 1
	}
	r.arrow.Move(fyne.NewPos(whole(x), (headerHeight-iconSize)/2-1))
}

// at returns the index of the column at x, or -1.
func (h *header) at(x float32) int {
	for i, s := range h.t.columns {
		if x >= s.x && x < s.end() {
			return i
		}
	}
	return -1
}

// edgeAt returns the index of the column whose left edge is at x, or -1.
func (h *header) edgeAt(x float32) int {
	for i, s := range h.t.columns {
		if i > 0 && x >= s.x-edgeReach && x <= s.x+edgeReach {
			return i
		}
	}
	return -1
}

// MouseIn implements desktop.Hoverable.
func (h *header) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *header) MouseMoved(e *desktop.MouseEvent) {
	if h.resizing {
		return
	}
	h.point(h.at(e.Position.X), h.edgeAt(e.Position.X))
}

// MouseOut implements desktop.Hoverable.
func (h *header) MouseOut() {
	if !h.resizing {
		h.point(-1, -1)
	}
}

func (h *header) point(column, edge int) {
	if h.hovered != column || h.edge != edge {
		h.hovered, h.edge = column, edge
		h.Refresh()
	}
}

// Cursor implements desktop.Cursorable.
func (h *header) Cursor() desktop.Cursor {
	if h.edge >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// Tapped implements fyne.Tappable: it sorts by the column, or the other way round.
func (h *header) Tapped(e *fyne.PointEvent) {
	h.t.Focus()
	i := h.at(e.Position.X)
	if i < 0 || h.edgeAt(e.Position.X) >= 0 {
		return
	}
	c := h.t.columns[i].column
	by, descending := h.t.model.Sorting()
	h.t.SortBy(c, by == c && !descending)
}

// TappedSecondary implements fyne.SecondaryTappable.
func (h *header) TappedSecondary(e *fyne.PointEvent) {
	if h.t.OnColumns != nil {
		h.t.OnColumns(e.AbsolutePosition)
	}
}

// Dragged implements fyne.Draggable: it moves the edge that was pressed.
func (h *header) Dragged(e *fyne.DragEvent) {
	if !h.resizing {
		h.edge = h.edgeAt(e.Position.X - e.Dragged.DX)
		if h.edge < 0 {
			return
		}
		h.resizing = true
		h.t.endEdit(false)
		h.t.tip.hide()
	}
	if h.edge >= len(h.t.columns) {
		return
	}
	s := h.t.columns[h.edge]
	// What the name cannot give, the column cannot take.
	most := min(columnMost, s.w+h.t.columns[0].w-nameMin)
	width := min(max(s.end()-max(e.Position.X, 0), columnMin), max(most, columnMin))
	h.t.layout.Width[s.column] = whole(width)
	h.t.relayout()
}

// DragEnd implements fyne.Draggable.
func (h *header) DragEnd() {
	if !h.resizing {
		return
	}
	h.resizing = false
	h.point(-1, -1)
	if h.t.OnLayout != nil {
		h.t.OnLayout()
	}
}
