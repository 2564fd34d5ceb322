package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// An offer is a saved site, or an address.
type offer struct {
	text, note string // the note stands at the end of the line, dim
	colour     string // of the site; empty: none
	begins     bool   // it goes on with what was typed
	take       func()
}

// offerList is the list of addresses that drops down from the address entry.
// It is no overlay, which would take the keyboard from the entry: it lives in a
// layer above the window's content, and the entry hands it the arrow keys.
type offerList struct {
	layer *fyne.Container
	panel *canvas.Rectangle
	rows  []*offerRow
	at    int  // the row that Return takes; -1: none
	held  bool // a row is being pressed, so losing the focus does not matter
}

func newOfferList() *offerList {
	panel := canvas.NewRectangle(color.Transparent)
	panel.StrokeWidth = 1
	l := &offerList{panel: panel, at: -1}
	l.layer = &fyne.Container{Objects: []fyne.CanvasObject{panel}}
	l.layer.Hide()
	return l
}

func (l *offerList) visible() bool { return l.layer.Visible() }

func (l *offerList) hide() {
	l.at, l.held = -1, false
	l.layer.Hide()
}

// show makes offers below an object; none hides the list.
func (l *offerList) show(list []offer, below fyne.CanvasObject) {
	if len(list) == 0 {
		l.hide()
		return
	}
	l.at = -1
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(below).
		Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l.layer))
	pos.Y += below.Size().Height + 2
	l.panel.FillColor = theme.Color(theme.ColorNameMenuBackground)
	l.panel.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	l.panel.CornerRadius = theme.Size(theme.SizeNamePopupRadius)
	l.layer.Objects = l.layer.Objects[:1]
	l.rows = l.rows[:0]
	inner := theme.Padding()
	width, y := below.Size().Width, pos.Y+inner
	for i, o := range list {
		row := newOfferRow(o, func() {
			l.hide()
			o.take()
		}, func() { l.point(i) }, func(held bool) { l.held = held })
		h := row.MinSize().Height
		row.Move(fyne.NewPos(pos.X+inner, y))
		row.Resize(fyne.NewSize(width-2*inner, h))
		l.rows = append(l.rows, row)
		l.layer.Objects = append(l.layer.Objects, row)
		y += h
	}
	l.panel.Move(pos)
	l.panel.Resize(fyne.NewSize(width, y+inner-pos.Y))
	l.layer.Show()
	l.layer.Refresh()
}

// step moves the mark, past either end to none.
func (l *offerList) step(by int) {
	if !l.visible() {
		return
	}
	n := len(l.rows) + 1 // one more for none
	l.point((l.at+1+by+n)%n - 1)
}

func (l *offerList) point(at int) {
	l.at = at
	for i, r := range l.rows {
		r.mark(i == at)
	}
}

// take takes the marked offer, and reports whether there was one.
func (l *offerList) take() bool {
	if !l.visible() || l.at < 0 || l.at >= len(l.rows) {
		return false
	}
	l.rows[l.at].taken()
	return true
}

// offerRow is one address. A press takes the focus from the entry, which would
// close the list before the tap is complete, so it tells of presses too.
type offerRow struct {
	widget.BaseWidget

	offer offer
	text  *canvas.Text
	note  *canvas.Text
	dot   *canvas.Circle
	back  *canvas.Rectangle
	taken func()
	over  func()
	hold  func(bool)
}

var (
	_ fyne.Tappable     = (*offerRow)(nil)
	_ desktop.Mouseable = (*offerRow)(nil)
	_ desktop.Hoverable = (*offerRow)(nil)
)

func newOfferRow(o offer, taken, over func(), hold func(bool)) *offerRow {
	r := &offerRow{
		offer: o,
		text:  canvas.NewText(o.text, theme.Color(theme.ColorNameForeground)),
		note:  canvas.NewText(o.note, theme.Color(theme.ColorNamePlaceHolder)),
		dot:   canvas.NewCircle(siteColour(o.colour)),
		back:  canvas.NewRectangle(theme.Color(theme.ColorNameSelection)), taken: taken, over: over, hold: hold,
	}
	r.text.TextSize = theme.TextSize()
	r.note.TextSize = theme.Size(theme.SizeNameCaptionText)
	r.note.Alignment = fyne.TextAlignTrailing
	r.dot.Hidden = o.colour == ""
	r.back.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	r.back.Hide()
	r.ExtendBaseWidget(r)
	return r
}

func (r *offerRow) mark(on bool) {
	r.back.Hidden = !on
	canvas.Refresh(r.back)
}

// Tapped takes the address.
func (r *offerRow) Tapped(*fyne.PointEvent) { r.taken() }

// MouseDown keeps the list open.
func (r *offerRow) MouseDown(*desktop.MouseEvent) { r.hold(true) }

// MouseUp lets the list close again.
func (r *offerRow) MouseUp(*desktop.MouseEvent) { r.hold(false) }

// MouseIn marks the row.
func (r *offerRow) MouseIn(*desktop.MouseEvent) { r.over() }

// MouseMoved implements desktop.Hoverable.
func (r *offerRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *offerRow) MouseOut() {}

// CreateRenderer returns a text on a mark.
func (r *offerRow) CreateRenderer() fyne.WidgetRenderer { return &offerRowRenderer{r} }

type offerRowRenderer struct{ r *offerRow }

func (o *offerRowRenderer) Layout(size fyne.Size) {
	o.r.back.Resize(size)
	h := o.r.text.MinSize().Height
	left := theme.InnerPadding()
	if o.r.offer.note != "" { // saved sites have room for a colour
		o.r.dot.Move(fyne.NewPos(left, (size.Height-startDot)/2))
		o.r.dot.Resize(fyne.NewSquareSize(startDot))
		left += startDot + 2*theme.Padding()
	}
	width := size.Width - left - theme.InnerPadding()
	note := min(o.r.note.MinSize().Width, width/2)
	o.r.text.Text = cutToWidth(o.r.offer.text, o.r.text, width-note-2*theme.Padding())
	o.r.note.Text = cutToWidth(o.r.offer.note, o.r.note, note+1)
	o.r.text.Move(fyne.NewPos(left, (size.Height-h)/2))
	o.r.text.Resize(fyne.NewSize(width, h))
	nh := o.r.note.MinSize().Height
	o.r.note.Move(fyne.NewPos(left, (size.Height-nh)/2))
	o.r.note.Resize(fyne.NewSize(width, nh))
}

func (o *offerRowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, o.r.text.MinSize().Height+theme.InnerPadding())
}
func (o *offerRowRenderer) Refresh() { canvas.Refresh(o.r) }
func (o *offerRowRenderer) Destroy() {}
func (o *offerRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{o.r.back, o.r.dot, o.r.text, o.r.note}
}
