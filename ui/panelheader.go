package ui

import (
	"image/color"
	"time"

	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// panelHeader is the row of titles over the transfers.
type panelHeader struct {
	widget.BaseWidget
	t *panelTable
}

func newPanelHeader(t *panelTable) *panelHeader {
	h := &panelHeader{t: t}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *panelHeader) CreateRenderer() fyne.WidgetRenderer {
	r := &panelHeaderRenderer{h: h, back: canvas.NewRectangle(color.Transparent)}
	for range 6 {
		r.titles = append(r.titles, canvas.NewText("", color.Transparent))
	}
	r.Refresh()
	return r
}

type panelHeaderRenderer struct {
	h       *panelHeader
	back    *canvas.Rectangle
	titles  []*canvas.Text
	objects []fyne.CanvasObject
}

func (r *panelHeaderRenderer) Layout(size fyne.Size)        { r.back.Resize(size) }
func (r *panelHeaderRenderer) MinSize() fyne.Size           { return fyne.NewSize(1, panelHeaderHeight) }
func (r *panelHeaderRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *panelHeaderRenderer) Destroy()                     {}

func (r *panelHeaderRenderer) Refresh() {
	t := r.h.t
	look, c := &t.look, &t.cols
	r.back.FillColor = look.header
	r.objects = append(r.objects[:0], r.back)
	for i, title := range []struct {
		text  string
		at    panelColumn
		right bool
	}{
		{"Name", c.name, false},
		{"Site", c.site, false},
		{"Size", c.size, true},
		{"Progress", c.bar, false},
		{"Speed", c.speed, true},
		{"Left", c.left, true},
	} {
		if title.at.w <= 0 {
			continue
		}
		o := r.titles[i]
		o.Text, o.TextSize, o.Color = title.text, look.small, look.dim
		o.Alignment = fyne.TextAlignLeading
		if title.right {
			o.Alignment = fyne.TextAlignTrailing
		}
		o.Move(fyne.NewPos(title.at.x, float32(int((panelHeaderHeight-look.smallHeight)/2))))
		o.Resize(fyne.NewSize(title.at.w, look.smallHeight))
		r.objects = append(r.objects, o)
	}
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

// panelTipDelay is how long the pointer must rest before a tip comes.
const panelTipDelay = 450 * time.Millisecond

// panelTip tells the whole of a row: its paths, its reason, its times.
type panelTip struct {
	widget.BaseWidget
	t     *panelTable
	back  *canvas.Rectangle
	lines []fyne.CanvasObject
	row   int
	about int64 // the transfer that is told of, while visible
	stop  func()
}

func newPanelTip(t *panelTable) *panelTip {
	p := &panelTip{t: t, back: canvas.NewRectangle(color.Transparent), row: -1}
	p.back.CornerRadius = 4
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *panelTip) CreateRenderer() fyne.WidgetRenderer { return &panelTipRenderer{p} }

type panelTipRenderer struct{ p *panelTip }

func (r *panelTipRenderer) Layout(size fyne.Size) { r.p.back.Resize(size) }
func (r *panelTipRenderer) MinSize() fyne.Size    { return fyne.Size{} }
func (r *panelTipRenderer) Refresh()              { canvas.Refresh(r.p) }
func (r *panelTipRenderer) Destroy()              {}

func (r *panelTipRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.p.back}, r.p.lines...)
}

// point says over which row the pointer rests.
func (p *panelTip) point(place int) {
	if place == p.row {
		return
	}
	p.hide()
	p.row = place
	if place >= 0 {
		p.stop = p.t.After(panelTipDelay, p.show)
	}
}

// update takes the tip away where the row it told of has gone elsewhere.
func (p *panelTip) update() {
	if !p.Visible() {
		return
	}
	if row := p.t.list.Row(p.row); row == nil || row.ID != p.about {
		p.hide()
	}
}

func (p *panelTip) hide() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	p.row = -1
	if p.Visible() {
		p.Hide()
	}
}

func (p *panelTip) show() {
	t := p.t
	row := t.list.Row(p.row)
	if row == nil || len(row.Whole) == 0 {
		return
	}
	p.about = row.ID
	const padX, padY, gap = 8, 4, 3
	look, size := &t.look, t.Size()
	room := size.Width - 2*padX - 2*panelPad
	width := func(s string) float32 { return fyne.MeasureText(s, look.size, fyne.TextStyle{}).Width }
	most := max(1, int((size.Height-2*padY-4)/look.height))
	p.lines = p.lines[:0]
	widest := float32(0)
	for i, line := range row.Whole {
		if i >= most {
			break
		}
		c := canvas.NewText(state.CutMiddle(line, room, width), look.text)
		if i > 1 {
			c.Color = look.dim
		}
		c.TextSize = look.size
		c.Move(fyne.NewPos(padX, padY+float32(len(p.lines))*look.height))
		c.Resize(c.MinSize())
		widest = max(widest, c.MinSize().Width)
		p.lines = append(p.lines, c)
	}
	p.back.FillColor, p.back.StrokeColor, p.back.StrokeWidth = look.tip, look.line, 1
	box := fyne.NewSize(widest+2*padX, float32(len(p.lines))*look.height+2*padY)
	top := panelHeaderHeight + float32(p.row)*t.pitch() - t.scroll.Offset.Y
	y := top + t.pitch() + gap
	if y+box.Height > size.Height-2 {
		y = max(2, top-gap-box.Height)
	}
	p.Move(fyne.NewPos(t.cols.name.x-padX, float32(int(y))))
	p.Resize(box)
	p.Show()
	p.Refresh()
}
