package ui

import (
	"image"
	"image/color"
	"testing"
	"time"

	"portside/client/diagnose"
	"portside/ui/state"
	"portside/ui/uitest/scenes"
)

// near reports whether the pixel at a place is that colour, but for soft edges.
func near(img *image.RGBA, x, y float32, c color.Color) bool {
	const slack = 0x1800
	r, g, b, a := img.At(int(x), int(y)).RGBA()
	wr, wg, wb, wa := c.RGBA()
	close := func(a, b uint32) bool { return a <= b+slack && b <= a+slack }
	return close(r, wr) && close(g, wg) && close(b, wb) && close(a, wa)
}

var (
	red, green, blue = rgb(0xff0000), rgb(0x00ff00), rgb(0x0000ff)
	grey, black      = rgb(0x808080), rgb(0x000000)
)

func TestPathLinesArePaintedWholeOrBroken(t *testing.T) {
	ink := pathInk{works: green, fails: red, mixed: blue, rest: grey, guide: black}
	stopped := diagnose.MarkStopped
	lines := []diagnose.PathLine{
		{Result: diagnose.Works, From: 0, To: 1, End: 1, Mark: diagnose.MarkArrived},
		{Result: diagnose.Fails, From: 0, To: diagnose.AtFar, End: 1, Mark: stopped},
		{Result: diagnose.Fails, Active: true, From: 1, To: diagnose.AtNear, End: 0, Mark: stopped},
		{Result: diagnose.Unknown, From: 0, To: 1, End: 1, Mark: diagnose.MarkAsk},
		{Result: diagnose.Works, Partly: true, Active: true, From: 1, To: 0, End: 0, Mark: diagnose.MarkArrived},
		{Result: diagnose.Fails, From: 0, To: 0.5, End: 1, Mark: diagnose.MarkAsk},
		{Result: diagnose.Fails, Active: true, From: 0, To: 1, End: 1, Mark: stopped}, // PORT itself was refused
	}
	for _, scale := range []float32{1, 2} {
		f := pathFrame{width: 900, label: 150, note: 180}
		height := float32(pathHead + pathRow*len(lines))
		img := paintPath(lines, f, int(f.width*scale), int(height*scale), scale, ink)
		at := func(line int, place float64) (x, y float32) {
			return f.x(place) * scale, (pathHead + pathRow*(float32(line)+0.5)) * scale
		}
		is := func(what string, line int, place float64, want color.Color) {
			t.Helper()
			if x, y := at(line, place); !near(img, x, y, want) {
				t.Errorf("scale %v, line %d, %s: %v, want %v", scale, line, what, img.At(int(x), int(y)), want)
			}
		}
		is("before the first firewall", 0, 0.2, green)
		is("behind both", 0, 0.9, green)
		is("before it stopped", 1, 0.5, red)
		is("the cross", 1, diagnose.AtFar, red)
		is("the side of the server", 2, 0.8, red)
		is("the cross", 2, diagnose.AtNear, red)
		is("the known part", 5, 0.2, red)
		is("the cross in between", 5, 0.5, red)
		is("the refusing server", 6, 1, red)
		is("the way to it", 6, 0.5, red)
		if share := coloured(img, at, 0, 0.05, 0.9); share < 0.99 {
			t.Errorf("scale %v: a whole line has gaps, %.2f of it is painted", scale, share)
		}
		if share := coloured(img, at, 1, 0.75, 0.95); share < 0.1 || share > 0.6 {
			t.Errorf("scale %v: behind the stop %.2f is painted, want dots", scale, share)
		}
		if share := coloured(img, at, 3, 0.05, 0.95); share < 0.2 || share > 0.7 {
			t.Errorf("scale %v: of an undecided line %.2f is painted, want dashes", scale, share)
		}
		if share := coloured(img, at, 4, 0.1, 0.95); share < 0.5 || share > 0.9 {
			t.Errorf("scale %v: of a line that works sometimes %.2f is painted, want long dashes", scale, share)
		}
	}
}

// coloured is the part of a line that is painted at all.
func coloured(img *image.RGBA, at func(int, float64) (float32, float32), line int, from, to float64) float64 {
	on, n := 0, 0
	for p := from; p < to; p += 0.001 {
		x, y := at(line, p)
		if _, _, _, a := img.At(int(x), int(y)).RGBA(); a > 0x8000 {
			on++
		}
		n++
	}
	return float64(on) / float64(n)
}

func TestPortsArePaintedWhereTheyBelong(t *testing.T) {
	ink := plotInk{ground: rgb(0xffffff), grid: grey, dot: green, missed: red, next: blue}
	f := scenes.InOrder(13)
	plot := state.PlotPorts(f)
	const w, h = 800, 300
	img := paintPorts(plot, w, h, 1, ink)
	for i, q := range plot.Points {
		x, y := float32(q.X)*w, (1-float32(q.Y))*h
		want := map[state.PortMark]color.Color{
			state.PortGuessed: green, state.PortUnguessed: red, state.PortNext: blue,
			state.PortMissed: ink.ground, // a ring
		}[q.Mark]
		if !near(img, x, y, want) {
			t.Errorf("point %d (%d): %v, want %v", i, q.Mark, img.At(int(x), int(y)), want)
		}
		if q.Mark == state.PortMissed && !near(img, x+3.4, y, red) {
			t.Errorf("point %d has no ring", i)
		}
	}
	if twice := paintPorts(plot, w, h, 1, ink); string(twice.Pix) != string(img.Pix) {
		t.Error("the same samples give another picture")
	}
	if empty := paintPorts(state.PlotPorts(diagnose.PortFinding{}), w, h, 1, ink); !near(empty, w/2, h/2, ink.ground) {
		t.Error("the ground of an empty plot is not painted")
	}
	if tiny := paintPorts(plot, 1, 1, 1, ink); tiny.Bounds().Dx() != 1 {
		t.Error("a tiny picture")
	}
}

func TestSeverityMarksDifferWithoutColour(t *testing.T) {
	openIn(t, newSurface("background"), 10, 10) // a theme
	var shapes []string
	for s := diagnose.OK; s <= diagnose.Failure; s++ {
		b := newBrush(32, 32, 2)
		paintSeverity(b, s)
		var shape []byte
		ground := b.img.RGBAAt(16, 2)
		for y := range 32 {
			for x := range 32 {
				if c := b.img.RGBAAt(x, y); c.A > 0x80 && c == ground {
					shape = append(shape, 1)
				} else {
					shape = append(shape, 0)
				}
			}
		}
		shapes = append(shapes, string(shape))
	}
	for i := range shapes {
		for j := range i {
			if shapes[i] == shapes[j] {
				t.Errorf("severities %d and %d have the same shape", i, j)
			}
		}
	}
}

func BenchmarkPaintPorts(b *testing.B) {
	f := diagnose.PortFinding{Class: diagnose.PortsRandom}
	for i := range 600 {
		f.Samples = append(f.Samples, diagnose.PortSample{Time: scenes.At().Add(time.Duration(i) * time.Second), Port: uint16(40000 + i*37%9000)})
	}
	plot := state.PlotPorts(f)
	ink := plotInk{ground: black, grid: grey, dot: green, missed: red, next: blue}
	for b.Loop() {
		paintPorts(plot, 1000, 300, 1, ink)
	}
}
