package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// Measures of the picture of the path.
const (
	pathHead      = 58 // icon, name and detail of the stations
	pathRow       = 25
	pathSide      = 54 // half a station's name
	pathStations  = 4
	pathIcon      = 18
	pathLineWidth = 3
)

// pathPicture shows the way between this computer and the server, and on it
// every method as a line: whole where it passed, broken where it stopped. Marks
// and dashes say the same as the colours.
type pathPicture struct {
	widget.BaseWidget

	frame    pathFrame
	stations [pathStations]state.Station
	lines    []diagnose.PathLine
	called   []string // the lines' labels

	raster  *canvas.Raster
	icons   [pathStations]*canvas.Image
	names   [pathStations]*canvas.Text
	details [pathStations]*canvas.Text
	labels  []*canvas.Text
	notes   []*canvas.Text
}

func newPathPicture() *pathPicture {
	p := &pathPicture{}
	p.raster = canvas.NewRaster(p.draw)
	for i := range pathStations {
		p.icons[i] = canvas.NewImageFromResource(nil)
		p.icons[i].FillMode = canvas.ImageFillContain
		p.names[i] = canvas.NewText("", color.Transparent)
		p.details[i] = canvas.NewText("", color.Transparent)
	}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows what a report says about the path.
func (p *pathPicture) Set(stations [pathStations]state.Station, lines []diagnose.PathLine) {
	p.stations, p.lines, p.called = stations, lines, state.PathLabels(lines)
	p.labels, p.notes = nil, nil
	for range lines {
		p.labels = append(p.labels, canvas.NewText("", color.Transparent))
		p.notes = append(p.notes, canvas.NewText("", color.Transparent))
	}
	p.Refresh()
}

// A pathInk are the colours of the picture.
type pathInk struct{ works, fails, mixed, rest, guide color.Color }

func themePathInk() pathInk {
	return pathInk{
		works: theme.Color(theme.ColorNameSuccess), fails: theme.Color(theme.ColorNameError),
		mixed: theme.Color(theme.ColorNameWarning), rest: theme.Color(theme.ColorNameDisabled),
		guide: theme.Color(theme.ColorNameSeparator),
	}
}

// draw paints the lines; w and h are device pixels.
func (p *pathPicture) draw(w, h int) image.Image {
	scale := float32(1)
	if p.frame.width > 0 {
		scale = float32(w) / p.frame.width
	}
	return paintPath(p.lines, p.frame, w, h, scale, themePathInk())
}

// A pathFrame is the room of a picture: its width, and what of it is for the
// labels at the left and the notes at the right.
type pathFrame struct{ width, label, note float32 }

// x is where a place of the path, from diagnose.AtHere to diagnose.AtServer, is.
func (f pathFrame) x(at float64) float32 {
	from, to := f.label+pathSide, f.width-f.note-pathSide
	return from + (to-from)*float32(at)
}

func (f pathFrame) stationX(i int) float32 { return f.x(float64(i) / (pathStations - 1)) }

// paintPath paints guides and lines into a picture of w by h pixels.
func paintPath(lines []diagnose.PathLine, f pathFrame, w, h int, scale float32, ink pathInk) *image.RGBA {
	b := newBrush(w, h, scale)
	bottom := pathHead + pathRow*float32(len(lines))
	for i := range pathStations {
		x := f.stationX(i)
		b.line(spot{x, pathHead - 3}, spot{x, bottom}, 1, ink.guide)
		if i == 1 || i == 2 {
			paintWall(b, spot{x, 2 + pathIcon/2}, ink.rest)
		}
	}
	for i, l := range lines {
		paintPathLine(b, l, pathHead+pathRow*(float32(i)+0.5), f, ink)
	}
	return b.img
}

// paintWall paints a little brick wall around a middle.
func paintWall(b *brush, at spot, c color.Color) {
	const brickW, brickH, gap = 9.0, 5.0, 1.2
	for row := range 3 {
		y := at.y + (float32(row)-1.5)*(brickH+gap) + gap/2
		for col := -1; col <= 1; col++ {
			x0 := at.x + (float32(col)-0.5)*(brickW+gap)
			if row == 1 {
				x0 += (brickW + gap) / 2
			}
			from, to := max(x0, at.x-13), min(x0+brickW, at.x+13)
			if to > from {
				b.shape(spot{from, y}, spot{to, y}, spot{to, y + brickH}, spot{from, y + brickH})
			}
		}
	}
	b.paint(c)
}

// paintPathLine paints one method at height y.
func paintPathLine(b *brush, l diagnose.PathLine, y float32, f pathFrame, ink pathInk) {
	at := func(place float64) spot { return spot{f.x(place), y} }
	ahead := float32(1)
	if l.End < l.From || l.End == l.From && l.Active {
		ahead = -1
	}
	from, tip := at(l.From), at(l.End)
	const head = 9
	neck := spot{tip.x - ahead*head*0.8, y}
	switch {
	case l.Mark == diagnose.MarkArrived && l.Partly:
		b.dashes(from, neck, pathLineWidth, 14, 5, ink.mixed)
		b.disc(from, 4, ink.mixed)
		b.arrow(tip, ahead*head, ink.mixed)
	case l.Mark == diagnose.MarkArrived:
		b.line(from, neck, pathLineWidth, ink.works)
		b.disc(from, 4, ink.works)
		b.arrow(tip, ahead*head, ink.works)
	case l.Result == diagnose.Fails:
		paintBroken(b, l, at, ahead, ink)
	default:
		b.dashes(from, tip, 1.5, 3, 4, ink.rest)
		b.ring(from, 3.5, 1.5, ink.rest)
		b.ring(tip, 3.5, 1.5, ink.rest)
	}
}

// paintBroken paints a line that ends in a cross, with dots where it did not get.
// Where the place is not known it is dashed from the last one that it passed.
func paintBroken(b *brush, l diagnose.PathLine, at func(float64) spot, ahead float32, ink pathInk) {
	from, stop, end := at(l.From), at(l.To), at(l.End)
	const gap = 11 // around the cross
	before := spot{stop.x - ahead*gap, stop.y}
	if (stop.x-from.x)*ahead > gap {
		if l.Mark == diagnose.MarkAsk {
			sure := at(diagnose.AtNear)
			if ahead < 0 {
				sure = at(diagnose.AtFar)
			}
			b.line(from, sure, pathLineWidth, ink.fails)
			b.dashes(sure, before, pathLineWidth, 5, 4, ink.fails)
		} else {
			b.line(from, before, pathLineWidth, ink.fails)
		}
		b.disc(from, 4, ink.fails)
	}
	b.cross(stop, 5.5, 2.6, ink.fails)
	if (end.x-stop.x)*ahead > gap {
		b.dashes(spot{stop.x + ahead*gap, stop.y}, end, 1.5, 2, 5, ink.rest)
		b.ring(end, 3.5, 1.5, ink.rest)
	}
}

// CreateRenderer returns the lines with their texts.
func (p *pathPicture) CreateRenderer() fyne.WidgetRenderer {
	r := &pathPictureRenderer{p}
	r.fill()
	return r
}

type pathPictureRenderer struct{ p *pathPicture }

func (r *pathPictureRenderer) Destroy() {}

func (r *pathPictureRenderer) MinSize() fyne.Size {
	return fyne.NewSize(640, pathHead+pathRow*float32(len(r.p.lines))+4)
}

// fill gives texts their colours, and cuts what they say to the room there is.
func (r *pathPictureRenderer) fill() {
	p := r.p
	p.frame = frameFor(p.Size().Width, p.called, p.lines)
	caption := theme.Size(theme.SizeNameCaptionText)
	set := func(t *canvas.Text, text string, size float32, ink fyne.ThemeColorName, bold bool, room float32) {
		t.TextSize, t.TextStyle.Bold, t.Color = size, bold, theme.Color(ink)
		t.Text = state.CutMiddle(text, room, func(s string) float32 { return fyne.MeasureText(s, size, t.TextStyle).Width })
	}
	pitch := max(p.frame.stationX(1)-p.frame.stationX(0)-8, 40)
	for i := range pathStations {
		set(p.names[i], p.stations[i].Name, caption, theme.ColorNameForeground, true, pitch)
		set(p.details[i], p.stations[i].Detail, caption, theme.ColorNamePlaceHolder, false, pitch)
	}
	p.icons[0].Resource = theme.NewColoredResource(theme.ComputerIcon(), theme.ColorNamePlaceHolder)
	p.icons[3].Resource = theme.NewColoredResource(theme.StorageIcon(), theme.ColorNamePlaceHolder)
	for i, l := range p.lines {
		ink := theme.ColorNamePlaceHolder
		switch {
		case l.Result == diagnose.Fails:
			ink = theme.ColorNameError
		case l.Partly:
			ink = theme.ColorNameWarning
		case l.Result == diagnose.Works:
			ink = theme.ColorNameSuccess
		}
		set(p.labels[i], p.called[i], theme.TextSize(), theme.ColorNameForeground, false, p.frame.label)
		set(p.notes[i], client.Printable(l.Text), theme.TextSize(), ink, false, p.frame.note)
	}
}

// frameFor gives labels and notes the room that they need, but leaves half of the
// width to the path.
func frameFor(width float32, labels []string, lines []diagnose.PathLine) pathFrame {
	f := pathFrame{width: width}
	measure := func(s string) float32 { return fyne.MeasureText(s, theme.TextSize(), fyne.TextStyle{}).Width + 2 }
	for i, l := range lines {
		f.label, f.note = max(f.label, measure(labels[i])), max(f.note, measure(client.Printable(l.Text)))
	}
	f.label, f.note = min(max(f.label, 110), width*0.26), min(max(f.note, 110), width*0.24)
	return f
}

func (r *pathPictureRenderer) Layout(size fyne.Size) {
	p := r.p
	r.fill()
	p.raster.Resize(size)
	centre := func(o fyne.CanvasObject, x, y float32) {
		min := o.MinSize()
		o.Resize(min)
		o.Move(fyne.NewPos(float32(int(x-min.Width/2)), y))
	}
	for i := range pathStations {
		x := p.frame.stationX(i)
		p.icons[i].Resize(fyne.NewSquareSize(pathIcon))
		p.icons[i].Move(fyne.NewPos(float32(int(x-pathIcon/2)), 2))
		centre(p.names[i], x, 22)
		centre(p.details[i], x, 37)
	}
	for i := range p.lines {
		y := pathHead + pathRow*float32(i)
		for _, t := range []*canvas.Text{p.labels[i], p.notes[i]} {
			min := t.MinSize()
			t.Resize(min)
			t.Move(fyne.NewPos(0, float32(int(y+(pathRow-min.Height)/2))))
		}
		p.notes[i].Move(fyne.NewPos(size.Width-p.frame.note, p.notes[i].Position().Y))
	}
}

func (r *pathPictureRenderer) Refresh() {
	r.Layout(r.p.Size())
	r.p.raster.Refresh() // it keeps what it painted
	canvas.Refresh(r.p)
}

func (r *pathPictureRenderer) Objects() []fyne.CanvasObject {
	p := r.p
	out := []fyne.CanvasObject{p.raster}
	for i := range pathStations {
		if i == 0 || i == pathStations-1 {
			out = append(out, p.icons[i])
		}
		out = append(out, p.names[i], p.details[i])
	}
	for i := range p.lines {
		out = append(out, p.labels[i], p.notes[i])
	}
	return out
}
