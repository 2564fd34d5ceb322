package ui

import (
	"image/color"
	"math"

	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panelBody holds the rows of a panelTable. It is as high as all of them.
type panelBody struct {
	widget.BaseWidget
	t      *panelTable
	render *panelBodyRenderer
	shown  map[int]*panelLine // by place
	free   []*panelLine
	mark   *canvas.Rectangle // stands for the body where the canvas is told to paint
	fits   map[panelFit]string
}

// A panelFit is a text with the room that it is cut to.
type panelFit struct {
	text string
	room float32
	end  bool // cut at its end
}

// panelFits bounds the cache of cut texts.
const panelFits = 4096

func newPanelBody(t *panelTable) *panelBody {
	b := &panelBody{t: t, shown: map[int]*panelLine{}, fits: map[panelFit]string{}, mark: canvas.NewRectangle(color.Transparent)}
	b.ExtendBaseWidget(b)
	return b
}

// CreateRenderer implements fyne.Widget.
func (b *panelBody) CreateRenderer() fyne.WidgetRenderer {
	b.render = &panelBodyRenderer{b: b}
	b.update()
	return b.render
}

type panelBodyRenderer struct {
	b       *panelBody
	objects []fyne.CanvasObject
}

func (r *panelBodyRenderer) Layout(fyne.Size) { r.b.update() }

func (r *panelBodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(1, float32(r.b.t.list.Len())*r.b.t.pitch())
}
func (r *panelBodyRenderer) Refresh()                     { r.b.update() }
func (r *panelBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *panelBodyRenderer) Destroy()                     {}

// rowAt returns the place of the row at y in the body, or -1.
func (b *panelBody) rowAt(y float32) int {
	place := int(math.Floor(float64(y / b.t.pitch())))
	if place < 0 || place >= b.t.list.Len() {
		return -1
	}
	return place
}

// update brings the rows in view up to date.
func (b *panelBody) update() {
	t := b.t
	if b.render == nil || t.scroll == nil || t.cols.said.w == 0 {
		return
	}
	first, last := t.View()
	last = min(last, t.list.Len())
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
		objects = v.show(b, place, objects)
	}
	b.render.objects = objects
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Refresh(b.mark) // refreshing the body would free the textures of all icons
	}
}

func (b *panelBody) take() *panelLine {
	if n := len(b.free); n > 0 {
		v := b.free[n-1]
		b.free = b.free[:n-1]
		return v
	}
	return newPanelLine()
}

// forget makes every row anew, as after a change of colours.
func (b *panelBody) forget() {
	b.free = nil
	clear(b.shown)
	clear(b.fits)
}

// fit cuts a text to its room: in its middle, two sites in the middle of each, or at its end.
func (b *panelBody) fit(text string, room float32, end bool) string {
	k := panelFit{text, room, end}
	cut, known := b.fits[k]
	if known {
		return cut
	}
	if len(b.fits) >= panelFits {
		clear(b.fits)
	}
	width := func(s string) float32 { return fyne.MeasureText(s, b.t.look.size, fyne.TextStyle{}).Width }
	switch {
	case text == "" || room <= 0:
	case end:
		cut = state.CutEnd(text, room, width)
	default:
		cut = state.CutPair(text, room, width)
	}
	b.fits[k] = cut
	return cut
}

// A panelLine is the canvas objects of one row in view.
type panelLine struct {
	back                                   *canvas.Rectangle
	icon                                   *canvas.Image
	name, site, size, percent, speed, left *canvas.Text
	said                                   *canvas.Text
	track, bar                             *canvas.Rectangle
	links                                  [3]*canvas.Text
	acts                                   [3]panelLink // of the links
	cross                                  *canvas.Text
}

// A panelLink is a link in a row: what it does, and where it is.
type panelLink struct {
	do   panelDo
	x, w float32 // w 0: not there
}

func newPanelLine() *panelLine {
	text := func() *canvas.Text { return canvas.NewText("", color.Transparent) }
	v := &panelLine{
		back: canvas.NewRectangle(color.Transparent), icon: canvas.NewImageFromResource(nil),
		name: text(), site: text(), size: text(), percent: text(), speed: text(), left: text(), said: text(), cross: text(),
		track: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(color.Transparent),
	}
	for i := range v.links {
		v.links[i] = text()
	}
	for _, t := range []*canvas.Text{v.size, v.percent, v.speed, v.left} {
		t.Alignment = fyne.TextAlignTrailing
	}
	v.cross.Alignment = fyne.TextAlignCenter
	v.track.CornerRadius, v.bar.CornerRadius = thinBarHeight/2, thinBarHeight/2
	v.icon.FillMode = canvas.ImageFillContain
	v.icon.Resize(fyne.NewSquareSize(panelIcon))
	return v
}

// show makes v the row at place and adds its objects.
func (v *panelLine) show(b *panelBody, place int, objects []fyne.CanvasObject) []fyne.CanvasObject {
	t := b.t
	look, cols := &t.look, &t.cols
	y := float32(place) * b.t.pitch()
	if fill := t.rowFill(place); fill != nil {
		v.back.FillColor = fill
		v.back.Move(fyne.NewPos(0, y))
		v.back.Resize(fyne.NewSize(b.Size().Width, b.t.pitch()))
		objects = append(objects, v.back)
	}
	put := func(text *canvas.Text, s string, c panelColumn, ink color.Color) {
		if s == "" {
			return
		}
		text.Text, text.Color, text.TextSize = s, ink, look.size
		text.Move(fyne.NewPos(c.x, y+look.top))
		text.Resize(fyne.NewSize(c.w, look.height))
		objects = append(objects, text)
	}
	v.acts = [3]panelLink{}
	row := t.list.Row(place)
	if row == nil { // on its way
		put(v.name, "…", cols.name, look.dim)
		return objects
	}
	if icon := panelSignIcon(row); v.icon.Resource != icon {
		v.icon.Resource = icon
		v.icon.Refresh()
	}
	v.icon.Move(fyne.NewPos(panelPad, y+(b.t.pitch()-panelIcon)/2))
	objects = append(objects, v.icon)
	put(v.name, b.fit(row.Name, cols.name.w, false), cols.name, look.text)
	if cols.site.w > 0 {
		put(v.site, b.fit(row.Site, cols.site.w, false), cols.site, look.dim)
	}
	put(v.size, row.Size, cols.size, look.dim)
	hot := place == t.hover || t.list.Selected(place) && t.list.SelectedCount() == 1
	if hot {
		put(v.cross, "×", cols.cross, look.dim)
	}
	if row.Fraction < 0 {
		room := v.showLinks(row, cols, hot || cols.links, put)
		put(v.said, b.fit(row.Said, room, true), panelColumn{cols.said.x, room}, look.tone(row.Tone))
		return objects
	}
	v.track.FillColor, v.bar.FillColor = look.bar, look.accent
	at := fyne.NewPos(cols.bar.x, y+(b.t.pitch()-thinBarHeight)/2)
	v.track.Move(at)
	v.track.Resize(fyne.NewSize(cols.bar.w, thinBarHeight))
	v.bar.Move(at)
	v.bar.Resize(fyne.NewSize(cols.bar.w*float32(row.Fraction), thinBarHeight))
	objects = append(objects, v.track, v.bar)
	put(v.percent, row.Percent, cols.percent, look.text)
	put(v.speed, row.Speed, cols.speed, look.text)
	put(v.left, row.Left, cols.left, look.dim)
	return objects
}

// showLinks sets what can be done at once about a row that failed, at the end of
// what is said; it returns the room that is left for that.
func (v *panelLine) showLinks(row *state.PanelRow, cols *panelColumns, shown bool, put func(*canvas.Text, string, panelColumn, color.Color)) float32 {
	room := cols.said.w
	if !shown {
		return room
	}
	type offer struct {
		label string
		do    panelDo
		on    bool
	}
	x := cols.said.x + cols.said.w
	n := 0
	for _, o := range [...]offer{
		{"Diagnose", panelDiagnose, row.Diagnose},
		{"Skip", panelSkip, row.State == queue.Failed},
		{"Retry", panelRetry, row.State == queue.Failed || row.State == queue.Waiting && !row.Held || row.State == queue.Cancelled},
	} {
		if !o.on {
			continue
		}
		w := fyne.MeasureText(o.label, theme.TextSize(), fyne.TextStyle{}).Width
		x -= w + panelPad
		put(v.links[n], o.label, panelColumn{x, w}, theme.Color(theme.ColorNamePrimary))
		v.acts[n] = panelLink{do: o.do, x: x, w: w}
		n++
	}
	if n > 0 {
		room = x - cols.said.x - 2*panelPad
	}
	return max(0, room)
}

// rowFill returns the ground of a row, nil where it has none of its own.
func (t *panelTable) rowFill(place int) color.Color {
	switch {
	case t.list.Selected(place) && t.focused:
		return t.look.selected
	case t.list.Selected(place):
		return t.look.idle
	case place == t.hover:
		return t.look.hover
	}
	return nil
}

func panelSignIcon(row *state.PanelRow) fyne.Resource {
	switch row.Sign {
	case state.PanelUp:
		return theme.UploadIcon()
	case state.PanelCopy:
		return theme.ContentCopyIcon()
	case state.PanelDelete:
		return theme.DeleteIcon()
	case state.PanelMode:
		return theme.AccountIcon()
	default:
		return theme.DownloadIcon()
	}
}

// linkAt returns what a click at x of the row at place does besides selecting it.
func (b *panelBody) linkAt(place int, x float32) (panelDo, bool) {
	v := b.shown[place]
	if v == nil {
		return 0, false
	}
	for _, l := range v.acts {
		if l.w > 0 && x >= l.x-2 && x < l.x+l.w+2 {
			return l.do, true
		}
	}
	c := b.t.cols.cross
	return panelCancel, place == b.t.hover && x >= c.x && x < c.x+c.w
}
