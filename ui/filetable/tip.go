package filetable

import (
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// tipDelay is how long the pointer must rest before a tip comes.
const tipDelay = 450 * time.Millisecond

// A tip shows what does not fit into a cell: the whole name, where a link leads,
// the size to the byte. It is drawn over the rows, within the table.
type tip struct {
	widget.BaseWidget
	t      *Table
	back   *canvas.Rectangle
	lines  []fyne.CanvasObject
	row    int
	column int
	stop   func()
}

func newTip(t *Table) *tip {
	p := &tip{t: t, back: canvas.NewRectangle(color.Transparent), row: -1}
	p.back.CornerRadius = 4
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *tip) CreateRenderer() fyne.WidgetRenderer { return &tipRenderer{p} }

type tipRenderer struct{ p *tip }

func (r *tipRenderer) Layout(size fyne.Size) { r.p.back.Resize(size) }
func (r *tipRenderer) MinSize() fyne.Size    { return fyne.Size{} }
func (r *tipRenderer) Refresh()              { canvas.Refresh(r.p) }
func (r *tipRenderer) Destroy()              {}

func (r *tipRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.p.back}, r.p.lines...)
}

// point says that the pointer is at x of the row at place.
func (p *tip) point(place int, x float32) {
	column := -1
	for i, s := range p.t.columns {
		if x >= s.x && x < s.end() {
			column = i
		}
	}
	if place == p.row && column == p.column {
		return
	}
	p.hide()
	p.row, p.column = place, column
	if p.text() != "" {
		p.stop = p.t.After(tipDelay, p.show)
	}
}

// text returns what is worth saying about the cell, or nothing.
func (p *tip) text() string {
	if p.row < 0 || p.row >= p.t.model.Len() || p.column < 0 || p.column >= len(p.t.columns) {
		return ""
	}
	v := p.t.body.shown[p.row]
	if v == nil {
		return ""
	}
	row, column := p.t.model.Row(p.row), p.t.columns[p.column].column
	format := p.t.model.Format()
	detail := format.Detail(row, column)
	if !v.cells[p.column].cut && detail == format.Cell(row, column) {
		return ""
	}
	return detail
}

// hide takes the tip away until the pointer is at another cell.
func (p *tip) hide() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	p.row, p.column = -1, -1
	if p.Visible() {
		p.Hide()
	}
}

func (p *tip) show() {
	text := p.text()
	if text == "" || p.t.mouse.dragging {
		return
	}
	const padX, padY, gap = 8, 4, 4
	look, table := &p.t.look, p.t.Size()
	lines := wrap(text, table.Width-4*padX, look.textSize)
	p.lines = p.lines[:0]
	width := float32(0)
	lineHeight := look.textHeight + 1
	for i, line := range lines {
		c := canvas.NewText(line, look.tipText)
		c.TextSize = look.textSize
		c.Move(fyne.NewPos(padX, padY+float32(i)*lineHeight))
		c.Resize(c.MinSize())
		width = max(width, c.MinSize().Width)
		p.lines = append(p.lines, c)
	}
	p.back.FillColor, p.back.StrokeColor, p.back.StrokeWidth = look.tip, look.line, 1
	size := fyne.NewSize(width+2*padX, float32(len(lines))*lineHeight+2*padY)
	s := p.t.columns[p.column]
	left := s.x + cellPad
	if s.column == state.ColumnName {
		left = nameLeft
	}
	left = max(4, min(left-padX, table.Width-size.Width-4))
	top := headerHeight + float32(p.row)*p.t.RowHeight() - p.t.scroll.Offset.Y
	y := top + p.t.RowHeight() + gap
	if y+size.Height > table.Height-4 {
		y = top - gap - size.Height
	}
	p.Move(fyne.NewPos(whole(left), whole(max(2, y))))
	p.Resize(size)
	p.Show()
	p.Refresh()
}

// wrap breaks text into lines that are at most room wide: after a space or a
// dash where there is one late in the line, else anywhere.
func wrap(text string, room, size float32) []string {
	width := func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width }
	if room <= 0 || width(text) <= room {
		return []string{text}
	}
	const most = 8
	var lines []string
	for rest := []rune(text); len(rest) > 0; {
		if len(lines) == most-1 {
			return append(lines, state.CutMiddle(string(rest), room, width))
		}
		low, high := 1, len(rest)
		for low < high {
			middle := (low + high + 1) / 2
			if width(string(rest[:middle])) <= room {
				low = middle
			} else {
				high = middle - 1
			}
		}
		for i := low; i > low*2/3 && low < len(rest); i-- {
			if strings.ContainsRune(" -_/", rest[i-1]) {
				low = i
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(rest[:low]), " "))
		rest = rest[low:]
	}
	return lines
}
