package ui

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/text/encoding/charmap"

	"portside/client"
	"portside/client/transcript"
)

// transcriptKeep is how many lines the view holds; the oldest tenth goes when
// there are more.
const transcriptKeep = 10_000

// A transcriptSource is where a transcriptView pulls its lines from.
type transcriptSource interface {
	Since(seq uint64) ([]transcript.Line, uint64)
}

// A transcriptRow is one line as it is shown.
type transcriptRow struct {
	at   string
	mark string
	text string
	ink  fyne.ThemeColorName
}

// transcriptView shows what was said on the control connections: one line a
// row, monospaced, coloured by who speaks. It follows the end unless it was
// scrolled up. Lines are selected with the mouse (press and drag, Shift) and
// copied with Ctrl+C.
type transcriptView struct {
	widget.BaseWidget

	source transcriptSource
	seq    uint64
	rows   []transcriptRow
	wide   int // length of the longest line in runes

	follow         bool
	anchor, cursor int // selected rows, inclusive; anchor -1: none

	scroll *container.Scroll
	body   *transcriptBody
}

var (
	_ fyne.Focusable    = (*transcriptView)(nil)
	_ fyne.Shortcutable = (*transcriptView)(nil)
)

func newTranscriptView(source transcriptSource) *transcriptView {
	v := &transcriptView{source: source, follow: true, anchor: -1, cursor: -1}
	v.ExtendBaseWidget(v)
	v.body = newTranscriptBody(v)
	v.scroll = container.NewScroll(v.body)
	v.scroll.OnScrolled = func(fyne.Position) {
		v.follow = v.atEnd()
		v.body.update()
	}
	return v
}

// CreateRenderer returns the scrolled body.
func (v *transcriptView) CreateRenderer() fyne.WidgetRenderer {
	return &transcriptRenderer{WidgetRenderer: widget.NewSimpleRenderer(v.scroll), view: v}
}

// transcriptRenderer keeps the end in sight when the view changes its size.
type transcriptRenderer struct {
	fyne.WidgetRenderer
	view *transcriptView
}

func (r *transcriptRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	if r.view.follow {
		r.view.toEnd()
	}
	r.view.body.update()
}

func (r *transcriptRenderer) MinSize() fyne.Size { return fyne.NewSize(120, 40) }

// Pull shows the lines that came since the last call and reports whether there
// were any.
func (v *transcriptView) Pull() bool {
	lines, next := v.source.Since(v.seq)
	v.seq = next
	if len(lines) == 0 {
		return false
	}
	for _, l := range lines {
		row := shownLine(l)
		v.wide = max(v.wide, utf8.RuneCountInString(row.text))
		v.rows = append(v.rows, row)
	}
	if over := len(v.rows) - transcriptKeep; over > 0 {
		over = max(over, transcriptKeep/10)
		v.rows = append([]transcriptRow(nil), v.rows[over:]...)
		if v.anchor >= 0 {
			v.anchor, v.cursor = max(0, v.anchor-over), max(0, v.cursor-over)
		}
	}
	v.changed()
	return true
}

// Clear empties the view; the recorder keeps its lines.
func (v *transcriptView) Clear() {
	v.rows, v.wide, v.anchor, v.cursor, v.follow = nil, 0, -1, -1, true
	v.changed()
}

func (v *transcriptView) changed() {
	v.scroll.Refresh() // takes the body's new size in
	if v.follow {
		v.toEnd()
	}
	v.body.update()
}

func (v *transcriptView) atEnd() bool {
	return v.scroll.Offset.Y+v.scroll.Size().Height >= v.body.MinSize().Height-1
}

func (v *transcriptView) toEnd() {
	y := max(0, v.body.MinSize().Height-v.scroll.Size().Height)
	v.scroll.ScrollToOffset(fyne.NewPos(v.scroll.Offset.X, y))
}

// shownLine turns a line into what is shown, with control characters made
// visible so that a server cannot paint over the view.
func shownLine(l transcript.Line) transcriptRow {
	row := transcriptRow{text: client.Printable(readable(l.Text)), mark: l.String()[:1]}
	if !l.Time.IsZero() {
		row.at = l.Time.Local().Format(time.TimeOnly)
	}
	if l.Conn > 0 {
		row.at += fmt.Sprintf(" #%d", l.Conn)
	}
	switch {
	case l.Kind == transcript.Command:
		row.ink = theme.ColorNamePrimary
	case l.Kind == transcript.Note:
		row.ink = theme.ColorNamePlaceHolder
	case isRefusal(l.Text):
		row.ink = theme.ColorNameError
	default:
		row.ink = theme.ColorNameForeground
	}
	return row
}

// isRefusal reports whether a line begins a 4yz or 5yz reply (RFC 959, 4.2.1).
func isRefusal(line string) bool {
	if len(line) < 3 || line[0] != '4' && line[0] != '5' {
		return false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(line) == 3 || line[3] == ' ' || line[3] == '-'
}

// readable decodes bytes from the wire: UTF-8, or windows-1252 where they are
// no UTF-8, so that every line shows.
func readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	if out, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
		return out
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// selected returns the selected rows as a half-open range, empty for none.
func (v *transcriptView) selected() (from, to int) {
	if v.anchor < 0 || len(v.rows) == 0 {
		return 0, 0
	}
	return min(v.anchor, v.cursor), min(max(v.anchor, v.cursor)+1, len(v.rows))
}

// Text returns the selected lines, or all of them where none is selected.
func (v *transcriptView) Text() string {
	from, to := v.selected()
	if from == to {
		from, to = 0, len(v.rows)
	}
	var b strings.Builder
	for _, r := range v.rows[from:to] {
		b.WriteString(strings.TrimLeft(r.at+" "+r.mark+" "+r.text, " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// SelectAll selects every line.
func (v *transcriptView) SelectAll() {
	v.anchor, v.cursor = 0, len(v.rows)-1
	v.body.update()
}

// FocusGained implements fyne.Focusable.
func (v *transcriptView) FocusGained() { v.body.update() }

// FocusLost implements fyne.Focusable.
func (v *transcriptView) FocusLost() { v.body.update() }

// TypedRune implements fyne.Focusable; letters mean nothing here.
func (v *transcriptView) TypedRune(rune) {}

// TypedKey scrolls.
func (v *transcriptView) TypedKey(e *fyne.KeyEvent) {
	page := v.scroll.Size().Height - v.body.rowHeight()
	y := v.scroll.Offset.Y
	switch e.Name {
	case fyne.KeyUp:
		y -= v.body.rowHeight()
	case fyne.KeyDown:
		y += v.body.rowHeight()
	case fyne.KeyPageUp:
		y -= page
	case fyne.KeyPageDown:
		y += page
	case fyne.KeyHome:
		y = 0
	case fyne.KeyEnd:
		y = v.body.MinSize().Height
	case fyne.KeyEscape:
		v.anchor, v.cursor = -1, -1
	default:
		return
	}
	y = max(0, min(y, v.body.MinSize().Height-v.scroll.Size().Height))
	v.scroll.ScrollToOffset(fyne.NewPos(v.scroll.Offset.X, y))
	v.follow = v.atEnd()
	v.body.update()
}

// TypedShortcut copies and selects; what is not meant for it goes on to the
// window.
func (v *transcriptView) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		v.copy()
	case *fyne.ShortcutSelectAll:
		v.SelectAll()
	default:
		passShortcutOn(v, s)
	}
}

func (v *transcriptView) copy() { fyne.CurrentApp().Clipboard().SetContent(v.Text()) }

// passShortcutOn hands a shortcut to the canvas: the driver gives it to the
// focused widget only.
func passShortcutOn(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}
