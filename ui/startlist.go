package ui

import (
	"image/color"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// Measures of the list.
const (
	startRowHeight = 22
	startEdge      = 10
	startIndent    = 16
	startDot       = 8
	startWhen      = 92 // width of the last column
	startTextIn    = 20 // from the colour to the text
)

// startList is a list of lines of which one is marked: only those that are seen have
// objects, so that it can hold any number of sites.
type startList struct {
	widget.BaseWidget

	OnMenu func(r startRow, at fyne.Position)

	rows    []startRow
	at      int // the marked row; -1: none
	focused bool
	typed   string // what was typed to find a name
	typedAt time.Time
	now     func() time.Time

	scroll *container.Scroll
	body   *startBody
}

var (
	_ fyne.Focusable = (*startList)(nil)
	_ fyne.Widget    = (*startList)(nil)
)

func newStartList() *startList {
	l := &startList{at: -1, now: time.Now}
	l.body = &startBody{l: l}
	l.body.ExtendBaseWidget(l.body)
	l.scroll = container.NewVScroll(l.body)
	l.scroll.OnScrolled = func(fyne.Position) { l.body.Refresh() }
	l.ExtendBaseWidget(l)
	return l
}

// Set shows other rows. The mark stays on the same site or address.
func (l *startList) Set(rows []startRow) {
	var marked startRow
	if l.at >= 0 && l.at < len(l.rows) {
		marked = l.rows[l.at]
	}
	l.rows, l.at = rows, -1
	for i, r := range rows {
		if !r.head && marked.do != nil && r.id == marked.id && r.recent == marked.recent {
			l.at = i
		}
	}
	if l.at < 0 {
		l.at = l.next(-1, 1)
	}
	l.scroll.Refresh()
	l.body.Refresh()
}

// next returns the next row in a direction that can be chosen, or at where there is none.
func (l *startList) next(at, by int) int {
	for i := at + by; i >= 0 && i < len(l.rows); i += by {
		if !l.rows[i].head {
			return i
		}
	}
	return at
}

// mark marks a row and brings it into view.
func (l *startList) mark(at int) {
	if at < 0 || at >= len(l.rows) {
		return
	}
	l.at = at
	top := float32(at) * startRowHeight
	offset := l.scroll.Offset
	if at > 0 && l.rows[at-1].head {
		top -= startRowHeight // a heading belongs to its first row
	}
	offset.Y = min(offset.Y, top)
	offset.Y = max(offset.Y, float32(at+1)*startRowHeight-l.scroll.Size().Height)
	l.scroll.ScrollToOffset(offset)
	l.body.Refresh()
}

// choose does what a row stands for.
func (l *startList) choose(at int) {
	if at >= 0 && at < len(l.rows) && l.rows[at].do != nil {
		l.mark(at)
		l.rows[at].do()
	}
}

// FocusGained implements fyne.Focusable.
func (l *startList) FocusGained() {
	l.focused = true
	l.body.Refresh()
}

// FocusLost implements fyne.Focusable.
func (l *startList) FocusLost() {
	l.focused = false
	l.body.Refresh()
}

// findWithin is how long typed letters belong together.
const findWithin = time.Second

// TypedRune marks the next row whose name begins with what is typed.
func (l *startList) TypedRune(r rune) {
	if r == ' ' && l.typed == "" {
		l.choose(l.at)
		return
	}
	now := l.now()
	if now.Sub(l.typedAt) > findWithin {
		l.typed = ""
	}
	l.typedAt = now
	l.typed += string(unicode.ToLower(r))
	for i := range l.rows {
		at := (max(0, l.at) + i) % len(l.rows)
		if row := l.rows[at]; !row.head && strings.HasPrefix(strings.ToLower(row.text), l.typed) {
			l.mark(at)
			return
		}
	}
}

// TypedKey moves the mark and chooses.
func (l *startList) TypedKey(e *fyne.KeyEvent) {
	page := max(1, int(l.scroll.Size().Height/startRowHeight)-1)
	at := l.at
	switch e.Name {
	case fyne.KeyDown:
		at = l.next(at, 1)
	case fyne.KeyUp:
		at = l.next(at, -1)
	case fyne.KeyHome:
		at = l.next(-1, 1)
	case fyne.KeyEnd:
		at = l.next(len(l.rows), -1)
	case fyne.KeyPageDown:
		for range page {
			at = l.next(at, 1)
		}
	case fyne.KeyPageUp:
		for range page {
			at = l.next(at, -1)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		l.choose(l.at)
		return
	default:
		return
	}
	l.mark(at)
}

// CreateRenderer implements fyne.Widget.
func (l *startList) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.scroll) }

// startBody draws the rows that are seen.
type startBody struct {
	widget.BaseWidget

	l       *startList
	hovered int
}

var (
	_ fyne.Tappable          = (*startBody)(nil)
	_ fyne.SecondaryTappable = (*startBody)(nil)
	_ desktop.Hoverable      = (*startBody)(nil)
	_ desktop.Cursorable     = (*startBody)(nil)
)

func (b *startBody) rowAt(y float32) int {
	at := int(y / startRowHeight)
	if y < 0 || at >= len(b.l.rows) || b.l.rows[at].head {
		return -1
	}
	return at
}

// Tapped chooses the row below the mouse.
func (b *startBody) Tapped(e *fyne.PointEvent) { b.l.choose(b.rowAt(e.Position.Y)) }

// TappedSecondary opens the menu of the row below the mouse.
func (b *startBody) TappedSecondary(e *fyne.PointEvent) {
	if at := b.rowAt(e.Position.Y); at >= 0 && b.l.OnMenu != nil {
		b.l.mark(at)
		b.l.OnMenu(b.l.rows[at], e.AbsolutePosition)
	}
}

// MouseIn implements desktop.Hoverable.
func (b *startBody) MouseIn(e *desktop.MouseEvent) { b.hover(b.rowAt(e.Position.Y)) }

// MouseMoved implements desktop.Hoverable.
func (b *startBody) MouseMoved(e *desktop.MouseEvent) { b.hover(b.rowAt(e.Position.Y)) }

// MouseOut implements desktop.Hoverable.
func (b *startBody) MouseOut() { b.hover(-1) }

func (b *startBody) hover(at int) {
	if b.hovered != at {
		b.hovered = at
		b.Refresh()
	}
}

// Cursor is a hand over what can be pressed.
func (b *startBody) Cursor() desktop.Cursor {
	if b.hovered >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// CreateRenderer implements fyne.Widget.
func (b *startBody) CreateRenderer() fyne.WidgetRenderer {
	b.hovered = -1
	r := &startRenderer{b: b, marked: canvas.NewRectangle(color.Transparent), lit: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

// startLine are the objects of one row.
type startLine struct {
	text, note, when *canvas.Text
	dot              *canvas.Circle
	icon             *canvas.Image
}

type startRenderer struct {
	b           *startBody
	marked, lit *canvas.Rectangle
	lines       []startLine
	objects     []fyne.CanvasObject
}

func (r *startRenderer) MinSize() fyne.Size {
	return fyne.NewSize(160, float32(len(r.b.l.rows))*startRowHeight+startEdge)
}
func (r *startRenderer) Destroy()                     {}
func (r *startRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *startRenderer) Layout(fyne.Size)             { r.place() }

func (r *startRenderer) Refresh() {
	r.place()
	canvas.Refresh(r.b)
}

// place gives the rows that are seen their objects.
func (r *startRenderer) place() {
	l, width := r.b.l, r.b.Size().Width
	first := max(0, int(l.scroll.Offset.Y/startRowHeight))
	last := min(len(l.rows), first+int(l.scroll.Size().Height/startRowHeight)+2)
	for len(r.lines) < last-first {
		r.lines = append(r.lines, startLine{canvas.NewText("", color.Transparent), canvas.NewText("", color.Transparent), canvas.NewText("", color.Transparent), canvas.NewCircle(color.Transparent), canvas.NewImageFromResource(nil)})
	}
	r.objects = append(r.objects[:0], r.lit, r.marked)
	bar := func(o *canvas.Rectangle, at int, name fyne.ThemeColorName) {
		o.Hidden = at < 0
		o.FillColor = theme.Color(name)
		o.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
		o.Move(fyne.NewPos(startEdge/2, float32(at)*startRowHeight))
		o.Resize(fyne.NewSize(max(0, width-startEdge), startRowHeight))
	}
	bar(r.lit, r.b.hovered, theme.ColorNameHover)
	at := l.at
	if !l.focused {
		at = -1
	}
	bar(r.marked, at, theme.ColorNameSelection)
	for i := first; i < last; i++ {
		r.line(r.lines[i-first], l.rows[i], float32(i)*startRowHeight, width)
	}
}

// line fills in one row.
func (r *startRenderer) line(o startLine, row startRow, y, width float32) {
	left := startEdge + float32(row.indent)*startIndent
	set := func(t *canvas.Text, text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, x, room float32) float32 {
		t.TextSize, t.Color = theme.Size(size), theme.Color(ink)
		t.TextStyle = fyne.TextStyle{Bold: row.head && !row.folder}
		t.Text = cutToWidth(text, t, room)
		min := t.MinSize()
		t.Move(fyne.NewPos(x, y+(startRowHeight-min.Height)/2))
		t.Resize(fyne.NewSize(min.Width, min.Height))
		return min.Width
	}
	switch {
	case row.folder:
		const size = 14
		o.icon.Resource = theme.NewColoredResource(theme.FolderIcon(), theme.ColorNamePlaceHolder)
		o.icon.FillMode = canvas.ImageFillContain
		o.icon.Move(fyne.NewPos(left-1, y+(startRowHeight-size)/2))
		o.icon.Resize(fyne.NewSquareSize(size))
		set(o.text, row.text, theme.SizeNameText, theme.ColorNamePlaceHolder, left+startTextIn, width-left-startTextIn-startEdge)
		r.objects = append(r.objects, o.icon, o.text)
		return
	case row.head:
		set(o.text, row.text, theme.SizeNameText, theme.ColorNameForeground, left, width-left-startEdge)
		r.objects = append(r.objects, o.text)
		return
	case row.colour != "":
		o.dot.FillColor = siteColour(row.colour)
		o.dot.Move(fyne.NewPos(left+2, y+(startRowHeight-startDot)/2))
		o.dot.Resize(fyne.NewSquareSize(startDot))
		r.objects = append(r.objects, o.dot)
	}
	left += startTextIn
	right := width - startEdge
	if row.when != "" {
		w := set(o.when, row.when, theme.SizeNameCaptionText, theme.ColorNamePlaceHolder, 0, startWhen)
		o.when.Move(fyne.NewPos(right-w, o.when.Position().Y))
		r.objects = append(r.objects, o.when)
	}
	room := right - startWhen - 8 - left
	used := set(o.text, row.text, theme.SizeNameText, theme.ColorNameForeground, left, room)
	r.objects = append(r.objects, o.text)
	if rest := room - used - 10; row.note != "" && rest > 40 {
		set(o.note, row.note, theme.SizeNameCaptionText, theme.ColorNamePlaceHolder, left+used+10, rest)
		r.objects = append(r.objects, o.note)
	}
}

// cutToWidth shortens a text in its middle until it fits into a width.
func cutToWidth(text string, t *canvas.Text, width float32) string {
	if width <= 0 {
		return ""
	}
	return state.CutMiddle(text, width, func(s string) float32 {
		return fyne.MeasureText(s, t.TextSize, t.TextStyle).Width
	})
}
