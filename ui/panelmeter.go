package ui

import (
	"image"
	"image/color"

	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panelMeterWidth is the width of the strip beside the list.
const panelMeterWidth = 280

// panelMeter is the strip on the right: the graph of the last two minutes, how
// fast it goes each way and how fast it may, and how many connections there are.
type panelMeter struct {
	Content *fyne.Container

	graph    *panelGraph
	down, up *panelGauge
	links    *panelGauge
}

func newPanelMeter(p *transferPanel) *panelMeter {
	m := &panelMeter{graph: newPanelGraph()}
	m.down = newPanelGauge("Down", theme.ColorNamePrimary, func() {
		p.chooseLimit(m.down.button, "Limit of downloads", p.snap.limits.Down, func(v int64) {
			l := p.snap.limits
			l.Down = v
			p.setLimits(l)
		})
	})
	m.up = newPanelGauge("Up", theme.ColorNamePlaceHolder, func() {
		p.chooseLimit(m.up.button, "Limit of uploads", p.snap.limits.Up, func(v int64) {
			l := p.snap.limits
			l.Up = v
			p.setLimits(l)
		})
	})
	m.links = newPanelGauge("Connections", "", func() { p.chooseParallel(m.links.button) })
	rows := container.New(layout.NewCustomPaddedVBoxLayout(0), m.down.Content, m.up.Content, m.links.Content)
	pad := theme.Padding()
	m.Content = container.New(layout.NewCustomPaddedLayout(0, 0, 2*pad, pad),
		container.NewBorder(nil, rows, nil, nil, m.graph))
	m.Set(panelSnap{})
	return m
}

// Set shows the speeds, the limits and the connections.
func (m *panelMeter) Set(s panelSnap) {
	m.graph.Set(s.graph)
	m.down.Set(state.PanelMean(s.counts.Down, s.counts.MeanDown, s.format), state.LimitText(s.limits.Down))
	m.up.Set(state.PanelMean(s.counts.Up, s.counts.MeanUp, s.format), state.LimitText(s.limits.Up))
	m.links.Set(state.PanelConnections(s.sites, s.limits))
}

// A panelGauge is a line with a name, a value, and a button that changes what it
// may be at most.
type panelGauge struct {
	Content *fyne.Container

	name, value *canvas.Text
	ink         fyne.ThemeColorName // of the mark before the name; "": none
	mark        *canvas.Rectangle
	button      *pushButton
}

func newPanelGauge(name string, ink fyne.ThemeColorName, tapped func()) *panelGauge {
	g := &panelGauge{
		name: canvas.NewText(name, color.Transparent), value: canvas.NewText("", color.Transparent),
		ink: ink, mark: canvas.NewRectangle(color.Transparent),
	}
	g.mark.SetMinSize(fyne.NewSize(3, 12))
	g.mark.CornerRadius = 1
	g.button = newQuietButton("", tapped)
	g.button.Icon, g.button.IconPlacement = theme.MenuDropDownIcon(), widget.ButtonIconTrailingText
	left := container.New(layout.NewCustomPaddedHBoxLayout(2 * theme.Padding()))
	if ink != "" {
		left.Add(container.NewCenter(g.mark))
	}
	left.Add(container.NewCenter(g.name))
	left.Add(container.NewCenter(g.value))
	g.Content = container.NewBorder(nil, nil, left, g.button)
	return g
}

// Set shows a value, and what the button says.
func (g *panelGauge) Set(value, choice string) {
	g.name.Color, g.name.TextSize = theme.Color(theme.ColorNamePlaceHolder), theme.Size(theme.SizeNameCaptionText)
	g.value.Color, g.value.TextSize = theme.Color(theme.ColorNameForeground), theme.Size(theme.SizeNameCaptionText)
	if g.ink != "" {
		g.mark.FillColor = theme.Color(g.ink)
	}
	if g.value.Text != value {
		g.value.Text = value
		g.Content.Refresh()
	}
	if g.button.Text != choice {
		g.button.SetText(choice)
	}
}

// panelGraph draws the throughput of the last two minutes.
type panelGraph struct {
	widget.BaseWidget

	graph  state.PanelGraph
	raster *canvas.Raster
	top    *canvas.Text
}

func newPanelGraph() *panelGraph {
	g := &panelGraph{top: canvas.NewText("", color.Transparent)}
	g.raster = canvas.NewRaster(g.draw)
	g.ExtendBaseWidget(g)
	return g
}

// Set shows a graph.
func (g *panelGraph) Set(graph state.PanelGraph) {
	if len(graph.Down)+len(g.graph.Down) == 0 && g.top.TextSize != 0 {
		return
	}
	g.graph = graph
	g.Refresh()
}

func (g *panelGraph) draw(w, h int) image.Image {
	scale := float32(1)
	if width := g.raster.Size().Width; width > 0 {
		scale = float32(w) / width
	}
	return paintThroughput(g.graph, w, h, scale, graphInk{
		ground: theme.Color(theme.ColorNameInputBackground), grid: theme.Color(theme.ColorNameSeparator),
		down: theme.Color(theme.ColorNamePrimary), up: theme.Color(theme.ColorNamePlaceHolder),
	})
}

// A graphInk are the colours of a graph.
type graphInk struct{ ground, grid, down, up color.Color }

// paintThroughput paints a graph into a picture of w by h pixels.
func paintThroughput(g state.PanelGraph, w, h int, scale float32, ink graphInk) *image.RGBA {
	b := newBrush(w, h, scale)
	width, height := float32(w)/scale, float32(h)/scale
	b.shape(spot{0, 0}, spot{width, 0}, spot{width, height}, spot{0, height})
	b.paint(ink.ground)
	at := func(p state.GraphPoint) spot {
		return spot{float32(p.X) * width, (1-float32(p.Y))*(height-1) + 0.5}
	}
	for _, y := range []float64{0.5} {
		b.line(at(state.GraphPoint{Y: y}), at(state.GraphPoint{X: 1, Y: y}), 1, ink.grid)
	}
	for x := 0.25; x < 1; x += 0.25 { // half minutes
		b.line(spot{float32(x) * width, 0}, spot{float32(x) * width, height}, 1, ink.grid)
	}
	if n := len(g.Down); n > 1 {
		area := []spot{at(state.GraphPoint{X: g.Down[0].X})}
		for _, p := range g.Down {
			area = append(area, at(p))
		}
		area = append(area, at(state.GraphPoint{X: g.Down[n-1].X}))
		b.shape(area...)
		b.paint(fade(ink.down, 0x30))
	}
	curve := func(points []state.GraphPoint, c color.Color) {
		some := false
		for i := 1; i < len(points); i++ {
			some = some || points[i].Y > 0
			b.stroke(at(points[i-1]), at(points[i]), 1.4)
		}
		if !some {
			b.forget()
			return
		}
		b.paint(c)
	}
	curve(g.Down, ink.down)
	curve(g.Up, ink.up)
	for _, l := range g.Limits {
		c := ink.down
		if l.Up {
			c = ink.up
		}
		b.dashes(at(state.GraphPoint{Y: l.Y}), at(state.GraphPoint{X: 1, Y: l.Y}), 1, 4, 3, c)
	}
	return b.img
}

// CreateRenderer implements fyne.Widget.
func (g *panelGraph) CreateRenderer() fyne.WidgetRenderer {
	r := &panelGraphRenderer{g}
	r.fill()
	return r
}

type panelGraphRenderer struct{ g *panelGraph }

func (r *panelGraphRenderer) fill() {
	t := r.g.top
	t.Text = ""
	if r.g.graph.Moved {
		t.Text = state.Rate(r.g.graph.Top)
	}
	t.TextSize, t.Color = theme.Size(theme.SizeNameCaptionText), theme.Color(theme.ColorNamePlaceHolder)
}

func (r *panelGraphRenderer) Layout(size fyne.Size) {
	r.g.raster.Resize(size)
	r.g.top.Move(fyne.NewPos(theme.Padding(), 0))
	r.g.top.Resize(r.g.top.MinSize())
}
func (r *panelGraphRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 22) }
func (r *panelGraphRenderer) Destroy()           {}
func (r *panelGraphRenderer) Refresh() {
	r.fill()
	r.Layout(r.g.Size())
	r.g.raster.Refresh()
	canvas.Refresh(r.g)
}

func (r *panelGraphRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.g.raster, r.g.top}
}
