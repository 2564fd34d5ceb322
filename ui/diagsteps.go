package ui

import (
	"image"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// diagSteps lists the steps of a diagnosis: what is done, what goes on, and how
// it ended. A press on a step shows what was said on the wire.
type diagSteps struct {
	Content *fyne.Container

	lines   []*stepLine
	changed func() // the list takes another height
}

func newDiagSteps(changed func()) *diagSteps {
	return &diagSteps{Content: container.New(flowLayout{}), changed: changed}
}

// Set shows steps; the lines that are there are used again.
func (s *diagSteps) Set(probes []diagnose.Probe) {
	for i, p := range probes {
		if i == len(s.lines) {
			l := newStepLine(s.changed)
			s.lines = append(s.lines, l)
			s.Content.Add(l)
			s.Content.Add(l.said)
		}
		s.lines[i].Set(p)
	}
	for _, l := range s.lines[len(probes):] {
		s.Content.Remove(l)
		s.Content.Remove(l.said)
	}
	s.lines = s.lines[:len(probes)]
	s.Content.Refresh()
}

// stepLine is one step.
type stepLine struct {
	widget.BaseWidget

	probe   diagnose.Probe
	hovered bool
	changed func()

	back                *canvas.Rectangle
	mark                *canvas.Raster
	title, detail, took *canvas.Text
	said                *widget.Label
}

var (
	_ fyne.Tappable     = (*stepLine)(nil)
	_ desktop.Hoverable = (*stepLine)(nil)
)

func newStepLine(changed func()) *stepLine {
	l := &stepLine{
		changed: changed,
		back:    canvas.NewRectangle(color.Transparent),
		title:   canvas.NewText("", color.Transparent),
		detail:  canvas.NewText("", color.Transparent), took: canvas.NewText("", color.Transparent),
		said: widget.NewLabel(""),
	}
	l.mark = canvas.NewRaster(l.draw)
	l.said.TextStyle.Monospace = true
	l.said.SizeName = theme.SizeNameCaptionText
	l.said.Wrapping = fyne.TextWrapBreak
	l.said.Hide()
	l.ExtendBaseWidget(l)
	return l
}

// Set shows p.
func (l *stepLine) Set(p diagnose.Probe) {
	l.probe = p
	var lines []string
	if over := p.State == "done" || p.State == "skipped"; over && p.Detail != "" {
		lines = append(lines, client.Printable(p.Detail))
	}
	for _, s := range p.Said {
		lines = append(lines, client.Printable(s))
	}
	if text := strings.Join(lines, "\n"); text != l.said.Text {
		l.said.SetText(text)
	}
	l.Refresh()
}

// Tapped shows the detail in full length and what was said, or hides it.
func (l *stepLine) Tapped(*fyne.PointEvent) {
	if l.said.Text == "" {
		return
	}
	l.said.Hidden = !l.said.Hidden
	l.changed()
}

// MouseIn implements desktop.Hoverable.
func (l *stepLine) MouseIn(*desktop.MouseEvent) { l.hovered = l.said.Text != ""; l.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (l *stepLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (l *stepLine) MouseOut() { l.hovered = false; l.Refresh() }

// stepMark is how wide the picture before a step is.
const stepMark = 14

func (l *stepLine) draw(w, h int) image.Image {
	b := newBrush(w, h, float32(w)/stepMark)
	paintStep(b, spot{stepMark / 2, stepMark / 2}, l.probe.State, l.probe.Result)
	return b.img
}

// paintStep paints how a step stands: a tick, a cross, a bar where nothing was
// decided, a ring while it waits, and a full ring while it runs.
func paintStep(b *brush, at spot, state string, result diagnose.Result) {
	quiet := theme.Color(theme.ColorNameDisabled)
	switch {
	case state == "running":
		ink := theme.Color(theme.ColorNamePrimary)
		b.ring(at, 5, 1.6, ink)
		b.disc(at, 2.4, ink)
	case state == "waiting":
		b.ring(at, 3.6, 1.2, quiet)
	case state == "done" && result == diagnose.Works:
		paintTick(b, at, theme.Color(theme.ColorNameSuccess))
	case state == "done" && result == diagnose.Fails:
		b.cross(at, 3.8, 2, theme.Color(theme.ColorNameError))
	default:
		b.line(spot{at.x - 4, at.y}, spot{at.x + 4, at.y}, 1.8, quiet)
	}
}

func paintTick(b *brush, at spot, c color.Color) {
	b.stroke(spot{at.x - 5, at.y}, spot{at.x - 1.2, at.y + 3.8}, 2)
	b.paint(c)
	b.stroke(spot{at.x - 1.9, at.y + 3.8}, spot{at.x + 5.2, at.y - 3.8}, 2)
	b.paint(c)
}

// CreateRenderer returns the columns.
func (l *stepLine) CreateRenderer() fyne.WidgetRenderer {
	r := &stepLineRenderer{l}
	r.fill(l.Size())
	return r
}

type stepLineRenderer struct{ l *stepLine }

const (
	stepHeight = 21
	stepTime   = 56
)

func (r *stepLineRenderer) MinSize() fyne.Size { return fyne.NewSize(280, stepHeight) }
func (r *stepLineRenderer) Destroy()           {}

// fill sets the texts, cut to the room they have.
func (r *stepLineRenderer) fill(size fyne.Size) {
	l, p := r.l, r.l.probe
	text, caption := theme.TextSize(), theme.Size(theme.SizeNameCaptionText)
	set := func(t *canvas.Text, s string, size, room float32, ink fyne.ThemeColorName) {
		t.TextSize, t.Color = size, theme.Color(ink)
		t.Text = state.CutEnd(s, room, func(s string) float32 { return fyne.MeasureText(s, size, t.TextStyle).Width })
	}
	ink := theme.ColorNameForeground
	if p.State == "waiting" || p.State == "skipped" {
		ink = theme.ColorNamePlaceHolder
	}
	rest := max(0, size.Width-stepMark-stepTime-18)
	set(l.title, client.Printable(p.Title), text, min(rest, 300), ink)
	used := fyne.MeasureText(l.title.Text, text, l.title.TextStyle).Width + 12
	detail := client.Printable(p.Detail)
	if p.State == "waiting" || p.State == "running" {
		detail = ""
	}
	set(l.detail, detail, text, max(0, rest-used), theme.ColorNamePlaceHolder)
	set(l.took, state.ProbeTime(p), caption, stepTime, theme.ColorNamePlaceHolder)
	l.back.FillColor = color.Transparent
	if l.hovered {
		l.back.FillColor = theme.Color(theme.ColorNameHover)
	}
}

func (r *stepLineRenderer) Layout(size fyne.Size) {
	r.fill(size)
	l := r.l
	l.back.Resize(size)
	place := func(o fyne.CanvasObject, x float32, least fyne.Size) float32 {
		o.Resize(least)
		o.Move(fyne.NewPos(float32(int(x)), float32(int((size.Height-least.Height)/2))))
		return x + least.Width
	}
	x := place(l.mark, 0, fyne.NewSquareSize(stepMark))
	x = place(l.title, x+6, l.title.MinSize())
	place(l.detail, x+12, l.detail.MinSize())
	least := l.took.MinSize()
	place(l.took, size.Width-least.Width, least)
}

func (r *stepLineRenderer) Refresh() {
	r.Layout(r.l.Size())
	r.l.mark.Refresh()
	canvas.Refresh(r.l)
}

func (r *stepLineRenderer) Objects() []fyne.CanvasObject {
	l := r.l
	return []fyne.CanvasObject{l.back, l.mark, l.title, l.detail, l.took}
}
