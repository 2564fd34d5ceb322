package filetable

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// body holds the rows. It is as high as all of them, but has canvas objects only
// for those in view, which it takes from a pool and gives back.
type body struct {
	widget.BaseWidget
	t       *Table
	render  *bodyRenderer
	shown   map[int]*rowView // by place
	free    []*rowView
	updates int
	mark    *canvas.Rectangle // stands for the body where the canvas is told that something changed
	fits    map[fitKey]string // what fit found; sizes, dates and owners repeat
}

// A fitKey is everything that a cut text depends on.
type fitKey struct {
	text       string
	room, size float32
	style      fyne.TextStyle
}

// fitsKept bounds the cache of cut texts.
const fitsKept = 4096

func newBody(t *Table) *body {
	b := &body{t: t, shown: map[int]*rowView{}, fits: map[fitKey]string{}, mark: canvas.NewRectangle(color.Transparent)}
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *body) CreateRenderer() fyne.WidgetRenderer {
	b.render = &bodyRenderer{b: b}
	b.update()
	return b.render
}

type bodyRenderer struct {
	b       *body
	objects []fyne.CanvasObject
}

func (r *bodyRenderer) Layout(fyne.Size) { r.b.update() }

func (r *bodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, float32(r.b.t.model.Len())*r.b.t.RowHeight())
}

func (r *bodyRenderer) Refresh()                     { r.b.update() }
func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *bodyRenderer) Destroy()                     {}

// rowAt returns the place of the row at y in the body, or -1.
func (b *body) rowAt(y float32) int {
	place := int(math.Floor(float64(y / b.t.RowHeight())))
	if place < 0 || place >= b.t.model.Len() {
		return -1
	}
	return place
}

// update brings the rows in view up to date.
func (b *body) update() {
	t := b.t
	if b.render == nil || t.scroll == nil || len(t.columns) == 0 {
		return
	}
	b.updates++
	top := t.scroll.Offset.Y
	pitch := t.RowHeight()
	first := max(0, int(top/pitch))
	last := min(t.model.Len(), int(math.Ceil(float64((top+t.scroll.Size().Height)/pitch))))
	for place, v := range b.shown {
		if place < first || place >= last {
			delete(b.shown, place)
			b.free = append(b.free, v)
		}
	}
	objects := b.render.objects[:0]
	for place := first; place < last; place++ {
		v := b.shown[place]
		if v == nil {
			v = b.take()
			b.shown[place] = v
		}
		v.show(t, place, b.Size().Width)
		objects = v.appendTo(objects)
	}
	if t.edit != nil {
		t.edit.place()
		objects = append(objects, t.edit.object)
	}
	b.render.objects = objects
	b.repaint()
}

// repaint has the window painted again. Refreshing the body itself would free the
// textures of all icons in it, which then would be made again in every frame of
// scrolling.
func (b *body) repaint() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Refresh(b.mark)
	}
}

func (b *body) take() *rowView {
	if n := len(b.free); n > 0 {
		v := b.free[n-1]
		b.free = b.free[:n-1]
		return v
	}
	return newRowView()
}

// forgetTexts makes every row write its texts anew, as after a change of fonts.
func (b *body) forgetTexts() {
	b.free = nil
	clear(b.shown)
	clear(b.fits)
}

// A rowView is the canvas objects of one row in view.
type rowView struct {
	back  *canvas.Rectangle
	icon  *canvas.Image
	cells [state.ColumnCount]cellView
	used  int  // how many cells are shown
	plain bool // back is not seen
}

// A cellView is one text, and from what it was made.
type cellView struct {
	text  *canvas.Text
	whole string
	room  float32
	cut   bool // text is not whole
}

func newRowView() *rowView {
	v := &rowView{back: canvas.NewRectangle(color.Transparent), icon: canvas.NewImageFromResource(nil)}
	v.icon.FillMode = canvas.ImageFillContain
	v.icon.Resize(fyne.NewSquareSize(iconSize))
	for i := range v.cells {
		v.cells[i].text = canvas.NewText("", color.Transparent)
	}
	return v
}

func (v *rowView) appendTo(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if v.plain {
		objects = append(objects, v.icon) // each object costs a call to the graphics driver, seen or not
	} else {
		objects = append(objects, v.back, v.icon)
	}
	for i := range v.used {
		if v.cells[i].text.Text != "" {
			objects = append(objects, v.cells[i].text)
		}
	}
	return objects
}

// show makes v the row at place.
func (v *rowView) show(t *Table, place int, width float32) {
	row := t.model.Row(place)
	pitch := t.RowHeight()
	y := float32(place) * pitch
	v.back.Move(fyne.NewPos(0, y))
	v.back.Resize(fyne.NewSize(width, pitch))
	v.back.FillColor, v.back.StrokeColor, v.back.StrokeWidth = t.rowColours(place)
	v.plain = v.back.FillColor == color.Transparent && v.back.StrokeWidth == 0
	if icon := t.icons.of(row); icon != v.icon.Resource {
		v.icon.Resource = icon
		v.icon.Refresh()
	}
	v.icon.Translucency = 0
	if row.Hidden() {
		v.icon.Translucency = 0.45
	}
	v.icon.Move(fyne.NewPos(iconLeft, y+(pitch-iconSize)/2))
	v.used = len(t.columns)
	for i, s := range t.columns {
		v.cells[i].show(t, row, s, y)
	}
}

// show writes column s of row.
func (c *cellView) show(t *Table, row *state.Row, s span, y float32) {
	look := &t.look
	size, height, top, style := look.textSize, look.textHeight, look.textTop, fyne.TextStyle{}
	c.text.Color = look.dim
	left := s.x + cellPad
	switch s.column {
	case state.ColumnName:
		left = nameLeft
		if !row.Hidden() {
			c.text.Color = look.text
		}
	case state.ColumnMode:
		size, height, top, style = look.monoSize, look.monoHeight, look.monoTop, look.mono
	}
	room := s.end() - cellPad - left
	c.text.Alignment = fyne.TextAlignLeading
	if rightAligned(s.column) {
		c.text.Alignment = fyne.TextAlignTrailing
	}
	whole := t.model.Format().Cell(row, s.column)
	if whole != c.whole || room != c.room || size != c.text.TextSize || style != c.text.TextStyle {
		c.whole, c.room = whole, room
		c.text.TextSize, c.text.TextStyle = size, style
		c.text.Text = t.body.fit(fitKey{text: whole, room: room, size: size, style: style})
		c.cut = c.text.Text != whole
	}
	c.text.Move(fyne.NewPos(left, y+top))
	c.text.Resize(fyne.NewSize(max(0, room), height))
}

// fit cuts a text to its room, or remembers how it was cut before.
func (b *body) fit(k fitKey) string {
	cut, known := b.fits[k]
	if !known {
		if len(b.fits) >= fitsKept {
			clear(b.fits)
		}
		cut = fit(k.text, k.room, k.size, k.style)
		b.fits[k] = cut
	}
	return cut
}

// fit cuts text to room pixels.
func fit(text string, room, size float32, style fyne.TextStyle) string {
	if text == "" || room <= 0 {
		return ""
	}
	return state.CutMiddle(text, room, func(s string) float32 { return fyne.MeasureText(s, size, style).Width })
}

// rowColours returns the fill and outline of a row.
func (t *Table) rowColours(place int) (fill, stroke color.Color, width float32) {
	look := &t.look
	fill = color.Transparent
	hovered := place == t.mouse.hover && !t.mouse.dragging
	switch {
	case t.dropOn && place == t.dropRow:
		return look.dropped, look.accent, 1
	case t.model.Selected(place) && t.focused && hovered:
		fill = look.selectedHover
	case t.model.Selected(place) && t.focused:
		fill = look.selected
	case t.model.Selected(place):
		fill = look.idle
	case hovered:
		fill = look.hover
	}
	if t.focused && place == t.model.Cursor() && (t.model.SelectedCount() != 1 || !t.model.Selected(place)) {
		return fill, fade(look.accent, 0.7), 1
	}
	return fill, nil, 0
}
