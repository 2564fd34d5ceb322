package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/diagnose"
	"portside/ui/state"
)

// Measures of the plot of ports.
const (
	portPlotHeight = 156 // without the legend
	portPlotLeft   = 46  // for the ports' numbers
	portPlotFoot   = 18  // for the times
	portPlotLegend = 20
	portPlotMark   = 14
)

// portPlot shows the passive ports of a server over time, and the next one
// where it can be predicted.
type portPlot struct {
	widget.BaseWidget

	plot   state.PortPlot
	raster *canvas.Raster
	ports  []*canvas.Text
	times  []*canvas.Text
	next   *canvas.Text
	legend []*canvas.Text
	marks  []*canvas.Raster // before the texts of the legend
}

func newPortPlot() *portPlot {
	p := &portPlot{next: canvas.NewText("", color.Transparent)}
	p.raster = canvas.NewRaster(p.draw)
	p.ExtendBaseWidget(p)
	return p
}

// Set shows a finding.
func (p *portPlot) Set(f diagnose.PortFinding) {
	p.plot = state.PlotPorts(f)
	texts := func(n int) []*canvas.Text {
		out := make([]*canvas.Text, n)
		for i := range out {
			out[i] = canvas.NewText("", color.Transparent)
		}
		return out
	}
	p.ports, p.times, p.legend = texts(len(p.plot.Ports)), texts(len(p.plot.Times)), texts(len(p.plot.Legend))
	p.marks = nil
	for _, k := range p.plot.Legend {
		p.marks = append(p.marks, canvas.NewRaster(func(w, h int) image.Image {
			b := newBrush(w, h, float32(w)/portPlotMark)
			paintPort(b, spot{portPlotMark / 2, portPlotMark / 2}, k.Mark, themePlotInk())
			return b.img
		}))
	}
	p.Refresh()
}

// A plotInk are the colours of a plot.
type plotInk struct{ ground, grid, dot, missed, next color.Color }

func themePlotInk() plotInk {
	return plotInk{
		ground: theme.Color(theme.ColorNameInputBackground), grid: theme.Color(theme.ColorNameSeparator),
		dot: theme.Color(theme.ColorNamePrimary), missed: theme.Color(theme.ColorNamePlaceHolder),
		next: theme.Color(theme.ColorNameWarning),
	}
}

func (p *portPlot) draw(w, h int) image.Image {
	scale := float32(1)
	if width := p.raster.Size().Width; width > 0 {
		scale = float32(w) / width
	}
	return paintPorts(p.plot, w, h, scale, themePlotInk())
}

// paintPorts paints a plot without its texts into a picture of w by h pixels.
func paintPorts(p state.PortPlot, w, h int, scale float32, ink plotInk) *image.RGBA {
	b := newBrush(w, h, scale)
	width, height := float32(w)/scale, float32(h)/scale
	at := func(x, y float64) spot { return spot{float32(x) * width, (1 - float32(y)) * height} }
	b.shape(spot{0, 0}, spot{width, 0}, spot{width, height}, spot{0, height})
	b.paint(ink.ground)
	for _, t := range p.Ports {
		y := at(0, t.At).y
		b.line(spot{0, y}, spot{width, y}, 1, ink.grid)
	}
	for _, t := range p.Times {
		x := at(t.At, 0).x
		b.line(spot{x, height - 4}, spot{x, height}, 1, ink.missed)
	}
	if p.Joined {
		for i := 1; i < len(p.Points); i++ {
			from, to := at(p.Points[i-1].X, p.Points[i-1].Y), at(p.Points[i].X, p.Points[i].Y)
			if p.Points[i].Mark == state.PortNext {
				b.dashes(from, to, 1, 4, 3, ink.next)
			} else {
				b.line(from, to, 1, fade(ink.dot, 0x60))
			}
		}
	}
	for _, q := range p.Points {
		paintPort(b, at(q.X, q.Y), q.Mark, ink)
	}
	return b.img
}

// paintPort paints one port: full where it was guessed, a ring where it was
// not, a diamond where it is yet to come.
func paintPort(b *brush, at spot, mark state.PortMark, ink plotInk) {
	switch mark {
	case state.PortGuessed:
		b.disc(at, 4, ink.dot)
	case state.PortMissed:
		b.disc(at, 4, ink.ground)
		b.ring(at, 3.4, 1.4, ink.missed)
	case state.PortUnguessed:
		b.disc(at, 2.6, ink.missed)
	case state.PortNext:
		const r = 6
		b.shape(spot{at.x - r, at.y}, spot{at.x, at.y - r}, spot{at.x + r, at.y}, spot{at.x, at.y + r})
		b.paint(ink.next)
	}
}

// CreateRenderer returns the plot with its texts.
func (p *portPlot) CreateRenderer() fyne.WidgetRenderer {
	r := &portPlotRenderer{p}
	r.fill()
	return r
}

type portPlotRenderer struct{ p *portPlot }

func (r *portPlotRenderer) MinSize() fyne.Size {
	return fyne.NewSize(280, portPlotHeight+r.legendHeight())
}

// legendHeight is the room above the plot.
func (r *portPlotRenderer) legendHeight() float32 {
	if len(r.p.plot.Legend) == 0 && r.p.plot.Next == "" {
		return 4
	}
	return portPlotLegend
}

func (r *portPlotRenderer) Destroy() {}

func (r *portPlotRenderer) fill() {
	p := r.p
	size := theme.Size(theme.SizeNameCaptionText)
	set := func(t *canvas.Text, text string, ink fyne.ThemeColorName) {
		t.Text, t.TextSize, t.Color = text, size, theme.Color(ink)
	}
	for i, t := range p.ports {
		set(t, p.plot.Ports[i].Text, theme.ColorNamePlaceHolder)
	}
	for i, t := range p.times {
		set(t, p.plot.Times[i].Text, theme.ColorNamePlaceHolder)
	}
	for i, t := range p.legend {
		set(t, p.plot.Legend[i].Text, theme.ColorNamePlaceHolder)
	}
	set(p.next, p.plot.Next, theme.ColorNameWarning)
	p.next.TextStyle.Bold = true
}

func (r *portPlotRenderer) Layout(size fyne.Size) {
	p := r.p
	top := r.legendHeight()
	w, h := max(0, size.Width-portPlotLeft), max(0, size.Height-portPlotFoot-top)
	p.raster.Move(fyne.NewPos(portPlotLeft, top))
	p.raster.Resize(fyne.NewSize(w, h))
	place := func(t *canvas.Text, x, y float32) {
		t.Resize(t.MinSize())
		t.Move(fyne.NewPos(float32(int(x)), float32(int(y))))
	}
	for i, t := range p.ports {
		min := t.MinSize()
		place(t, portPlotLeft-6-min.Width, top+h*(1-float32(p.plot.Ports[i].At))-min.Height/2)
	}
	for i, t := range p.times {
		least := t.MinSize()
		x := portPlotLeft + w*float32(p.plot.Times[i].At) - least.Width/2
		place(t, min(x, size.Width-least.Width), top+h+2)
	}
	x := float32(portPlotLeft)
	for i, t := range p.legend {
		p.marks[i].Resize(fyne.NewSquareSize(portPlotMark))
		p.marks[i].Move(fyne.NewPos(x, 2))
		place(t, x+portPlotMark+3, 1)
		x += portPlotMark + t.MinSize().Width + 16
	}
	if n := len(p.plot.Points); n > 0 && p.plot.Points[n-1].Mark == state.PortNext {
		q, min := p.plot.Points[n-1], p.next.MinSize()
		y := top + h*(1-float32(q.Y))
		place(p.next, portPlotLeft+w*float32(q.X)-min.Width-12, y-min.Height-4)
	}
}

func (r *portPlotRenderer) Refresh() {
	r.fill()
	r.Layout(r.p.Size())
	for _, painted := range append([]*canvas.Raster{r.p.raster}, r.p.marks...) {
		painted.Refresh() // it keeps what it painted
	}
	canvas.Refresh(r.p)
}

func (r *portPlotRenderer) Objects() []fyne.CanvasObject {
	p := r.p
	out := []fyne.CanvasObject{p.raster}
	for _, list := range [][]*canvas.Text{p.ports, p.times, p.legend, {p.next}} {
		for _, t := range list {
			out = append(out, t)
		}
	}
	for _, m := range p.marks {
		out = append(out, m)
	}
	return out
}
