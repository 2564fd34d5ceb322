package state

import (
	"math"
	"time"

	"portside/transfers/queue"
)

// A PanelGraph is the throughput of the last two minutes, ready to be drawn.
type PanelGraph struct {
	Down, Up []GraphPoint // from old to new
	Top      float64      // bytes a second at the upper edge
	Moved    bool         // there were any bytes
	Limits   []GraphLine
}

// A GraphPoint is a point of a curve; both go from 0, left and at the foot, to 1.
type GraphPoint struct{ X, Y float64 }

// A GraphLine is a line across the graph.
type GraphLine struct {
	Y  float64
	Up bool // of uploads
}

// GraphOf lays samples out; what is older than two minutes is left out.
func GraphOf(samples []queue.Sample, now time.Time, limits queue.Limits) PanelGraph {
	g := PanelGraph{}
	begin := now.Add(-panelSpan)
	most := 0.0
	for _, s := range samples {
		if s.At.Before(begin) {
			continue
		}
		x := min(1, float64(s.At.Sub(begin))/float64(panelSpan))
		g.Down = append(g.Down, GraphPoint{x, s.Down})
		g.Up = append(g.Up, GraphPoint{x, s.Up})
		most = max(most, s.Down, s.Up)
	}
	g.Moved = most > 0
	for _, l := range []int64{limits.Down, limits.Up} {
		if l > 0 && float64(l) <= most*4 { // a far limit would press the curve flat
			most = max(most, float64(l))
		}
	}
	g.Top = roundUp(most * 1.08)
	for _, curve := range [][]GraphPoint{g.Down, g.Up} {
		for i := range curve {
			curve[i].Y /= g.Top
		}
	}
	for i, l := range []int64{limits.Down, limits.Up} {
		if l > 0 && float64(l) <= g.Top {
			g.Limits = append(g.Limits, GraphLine{Y: float64(l) / g.Top, Up: i == 1})
		}
	}
	return g
}

// roundUp returns the next of 1, 2, 5, 10, 20, 50 … at least 1000.
func roundUp(v float64) float64 {
	if v <= 1000 {
		return 1000
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5, 10} {
		if v <= f*unit {
			return f * unit
		}
	}
	return 10 * unit
}
