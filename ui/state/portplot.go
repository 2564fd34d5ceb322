package state

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"portside/client/diagnose"
)

// A PortMark says what was known of a port before it was seen.
type PortMark uint8

// The marks.
const (
	PortUnguessed PortMark = iota // no guess was made
	PortGuessed                   // the guess was right
	PortMissed                    // the guess was wrong
	PortNext                      // a prediction, not yet seen
)

// A PortPoint is a port in the plot; X and Y go from 0 to 1, to the right and up.
type PortPoint struct {
	X, Y float64
	Mark PortMark
}

// A Tick is a mark on an axis, at 0 to 1.
type Tick struct {
	At   float64
	Text string
}

// A PortPlot is the plot of a server's passive ports over time.
type PortPlot struct {
	Points []PortPoint // in the order of time; a prediction is the last
	Joined bool        // the points follow each other by a rule: join them
	Ports  []Tick      // upwards
	Times  []Tick      // to the right
	Next   string      // what the prediction is called; "" where there is none
	Legend []PortKey   // the marks that occur, but PortNext, which has its own text
}

// A PortKey explains a mark.
type PortKey struct {
	Mark PortMark
	Text string
}

// PlotPorts lays a finding out. With less than two samples there is nothing to
// see, and the plot is empty.
func PlotPorts(f diagnose.PortFinding) PortPlot {
	n := len(f.Samples)
	if n < 2 {
		return PortPlot{}
	}
	times := make([]float64, n) // seconds; connections side by side may tell theirs out of order
	for i, s := range f.Samples {
		times[i] = s.Time.Sub(f.Samples[0].Time).Seconds()
	}
	first := slices.Min(times)
	for i := range times {
		times[i] -= first
	}
	span := slices.Max(times)
	even := span <= 0 // no times: one after the other
	if even {
		span = float64(n - 1)
	}
	next := f.Next != 0 && f.Class.Predictable()
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range f.Samples {
		lo, hi = min(lo, float64(s.Port)), max(hi, float64(s.Port))
	}
	last := span
	if next {
		lo, hi = min(lo, float64(f.Next)), max(hi, float64(f.Next))
		last += span / float64(n-1)
	}
	ports := portAxis(lo, hi)
	const margin = 0.03
	across := func(t float64) float64 { return margin + (1-2*margin)*t/last }
	p := PortPlot{Joined: f.Class.Predictable() && f.Class != diagnose.PortsFew, Ports: ports.ticks()}
	for i, s := range f.Samples {
		t := times[i]
		if even {
			t = float64(i)
		}
		p.Points = append(p.Points, PortPoint{X: across(t), Y: ports.at(float64(s.Port)), Mark: markOf(f, i)})
	}
	if next {
		p.Points = append(p.Points, PortPoint{X: across(last), Y: ports.at(float64(f.Next)), Mark: PortNext})
		p.Next = fmt.Sprintf("next: %d", f.Next)
	}
	p.Legend = portLegend(p.Points)
	if !even {
		p.Times = timeTicks(span, across)
	}
	return p
}

// portLegend explains the marks that occur among points.
func portLegend(points []PortPoint) []PortKey {
	var seen [PortNext + 1]bool
	for _, q := range points {
		seen[q.Mark] = true
	}
	var out []PortKey
	for _, k := range []PortKey{
		{PortGuessed, "guessed beforehand"},
		{PortMissed, "guessed wrong"},
		{PortUnguessed, "no guess"},
	} {
		if seen[k.Mark] {
			out = append(out, k)
		}
	}
	if len(out) == 1 && out[0].Mark == PortUnguessed {
		return nil // nothing to tell apart
	}
	return out
}

func markOf(f diagnose.PortFinding, i int) PortMark {
	switch {
	case i >= len(f.Guesses) || f.Guesses[i].Next == 0 && !f.Guesses[i].Hit:
		return PortUnguessed
	case f.Guesses[i].Hit:
		return PortGuessed
	}
	return PortMissed
}

// An axis runs from lo to hi with a mark at every step.
type axis struct{ lo, hi, step float64 }

func (a axis) at(v float64) float64 { return (v - a.lo) / (a.hi - a.lo) }

func (a axis) ticks() []Tick {
	var out []Tick
	for v := math.Ceil(a.lo/a.step) * a.step; v <= a.hi; v += a.step {
		out = append(out, Tick{At: a.at(v), Text: strconv.FormatFloat(v, 'f', 0, 64)})
	}
	return out
}

// portAxis is an axis with some air around the ports and whole numbers at its marks.
func portAxis(lo, hi float64) axis {
	const fewest = 4 // so that a server with one port has an axis at all
	if hi-lo < fewest {
		middle := (lo + hi) / 2
		lo, hi = middle-fewest/2, middle+fewest/2
	}
	air := (hi - lo) * 0.12
	return axis{lo: max(0, lo-air), hi: hi + air, step: max(1, niceStep((hi-lo)/4))}
}

// niceStep is the least of 1, 2 and 5 times a power of ten that is not below v.
func niceStep(v float64) float64 {
	e := math.Pow(10, math.Floor(math.Log10(v)))
	for _, k := range []float64{1, 2, 5} {
		if k*e >= v {
			return k * e
		}
	}
	return 10 * e
}

// timeTicks marks the time since the first sample, in a unit that fits.
func timeTicks(span float64, across func(float64) float64) []Tick {
	unit, name := 1.0, "s"
	switch {
	case span >= 3*86400:
		unit, name = 86400, "d"
	case span >= 3*3600:
		unit, name = 3600, "h"
	case span >= 180:
		unit, name = 60, "min"
	}
	step := niceStep(span/unit/4) * unit
	digits := max(0, -int(math.Floor(math.Log10(step/unit)+1e-9)))
	var out []Tick
	for i := 0; ; i++ {
		t := float64(i) * step
		if t > span*1.0001 {
			return out
		}
		out = append(out, Tick{At: across(t), Text: fmt.Sprintf("%.*f %s", digits, t/unit, name)})
	}
}

// PortsSentence says in one sentence what the passive ports of a server show.
func PortsSentence(f diagnose.PortFinding) string {
	n := len(f.Samples)
	guessed := ""
	if f.Tried > 0 {
		guessed = fmt.Sprintf(": %d of %d guessed", f.Hits, f.Tried)
	}
	switch f.Class {
	case diagnose.PortsInOrder:
		if f.Step < 0 {
			return "This server hands out passive ports in sequence, downwards" + guessed + "."
		}
		return "This server hands out passive ports in sequence" + guessed + "."
	case diagnose.PortsBusy:
		return "This server hands out passive ports almost in sequence" + guessed + "."
	case diagnose.PortsStride:
		return fmt.Sprintf("This server hands out passive ports in steps of %d%s.", max(f.Step, -f.Step), guessed)
	case diagnose.PortsFixed:
		if n > 0 {
			return fmt.Sprintf("This server uses one passive port for everything, %d.", f.Samples[n-1].Port)
		}
		return "This server uses one passive port for everything."
	case diagnose.PortsFew:
		return fmt.Sprintf("This server has so few passive ports, %d to %d, that they can be guessed.", f.Low, f.High)
	case diagnose.PortsRandom:
		return fmt.Sprintf("No order was found in %d passive ports: the next one cannot be guessed.", n)
	case diagnose.PortsUnknown:
	}
	if n == 0 {
		return "No passive ports were seen yet."
	}
	return fmt.Sprintf("%s: too few to tell how the server chooses them.", Counted(n, "passive port was seen", "passive ports were seen"))
}

// PortsSpan says when a finding's samples were seen: "12 ports from 2026-11-20
// 09:12:05 to 09:12:07".
func PortsSpan(f diagnose.PortFinding, zone *time.Location) string {
	n := len(f.Samples)
	if n == 0 {
		return ""
	}
	first, last := f.Samples[0].Time.In(zone), f.Samples[n-1].Time.In(zone)
	to := "15:04:05"
	if first.Format(time.DateOnly) != last.Format(time.DateOnly) {
		to = "2006-01-02 15:04:05"
	}
	return Counted(n, "port", "ports") + " from " + first.Format("2006-01-02 15:04:05") + " to " + last.Format(to)
}
