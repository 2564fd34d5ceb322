package diagnose

import (
	"math"
	"slices"
	"time"
)

// ordered writes down an order.
func (a *portAnalysis) ordered(f *PortFinding, fit portFit) {
	low, high := a.span(0)
	f.Low, f.High, f.Odds = uint16(low), uint16(high), fit.odds
	f.LongestRun = longestRun(len(a.step), func(i int) bool { return fit.follows(a.step[i]) })
	var steps []int // forward, without the wrap-around
	for i := range a.step {
		d := a.step[i]
		switch {
		case !a.linked(fit.view, i):
		case fit.wrap != 0 && d == fit.wrap || fit.dir*d < -widest && abs(d) >= (high-low+1)/2:
			f.Wraps++
		case fit.follows(d):
			steps = append(steps, d)
		}
	}
	slices.Sort(steps)
	f.Step = steps[(len(steps)-1)/2]
	switch {
	case fit.stride == 0:
		f.Class = PortsBusy
		f.Candidates = reach(steps)
	case abs(fit.stride) == 1 && fit.hits == fit.view.links:
		f.Class, f.Candidates = PortsInOrder, 1
	case abs(fit.stride) == 1:
		f.Class, f.Candidates = PortsBusy, 1
	default:
		f.Class, f.Candidates = PortsStride, 1
	}
	f.Next = a.next(f.Step)
}

// reach is the number of ports from the last on that nine of ten sorted steps
// stay within.
func reach(steps []int) int {
	if steps[0] < 0 {
		return -steps[(len(steps)-1)/10]
	}
	return steps[len(steps)-1-(len(steps)-1)/10]
}

// next is what comes now: what is guessed after no pause, else the last port and
// one step.
func (a *portAnalysis) next(step int) uint16 {
	n := len(a.samples)
	if g, ok := a.guessNext(n, 0); ok {
		return uint16(g.next)
	}
	if p := int(a.samples[n-1].Port) + step; p > 0 && p < 1<<16 {
		return uint16(p)
	}
	return 0
}

// narrow recognises few ports without order.
func (a *portAnalysis) narrow(f *PortFinding) bool {
	for _, first := range a.firsts() {
		s := a.samples[first:]
		if len(s) < enoughSamples {
			continue
		}
		p := a.pool
		if first > 0 {
			p = poolOf(s)
		}
		if p.likely >= narrowPorts {
			continue
		}
		odds := min(spreadTail(p.n, p.width, leastPorts), repeatTail(p.n, p.n-p.distinct, leastPorts)) * a.tests()
		few := min(spreadTail(p.n, p.width, fewPorts), repeatTail(p.n, p.n-p.distinct, fewPorts))
		if odds > falseAlarm || few > 1e-3 {
			continue
		}
		f.Class, f.Odds = PortsFew, odds
		f.Low, f.High, f.Candidates = p.low, p.high, p.likely
		f.LongestRun = a.chanceRun()
		return true
	}
	return false
}

// A portPool is what samples without order say of the ports they are from.
type portPool struct {
	n, distinct int
	width       int    // ports from the least to the largest seen
	low, high   uint16 // estimated range
	likely      int    // estimated number of ports
}

// poolOf estimates by spread, and by repeats where that gives fewer: if K ports
// are equally likely, n samples show K(1-(1-1/K)^n) different ones on average,
// and the K for which that is the number seen is the estimate, which is also the
// likeliest. Ports far apart can be few in this way alone.
func poolOf(s []PortSample) portPool {
	ports := portsOf(s)
	slices.Sort(ports)
	low, high := int(ports[0]), int(ports[len(ports)-1])
	distinct := len(slices.Compact(ports))
	p := portPool{n: len(s), distinct: distinct, width: high - low + 1}
	wider := 0
	if distinct > 1 {
		wider = int(math.Round(max(0, float64(high-low)/float64(len(s)-1)-0.5)))
	}
	floor := 1
	if low >= 1024 {
		floor = 1024
	}
	p.low, p.high = uint16(max(low-wider, floor)), uint16(min(high+wider, 1<<16-1))
	p.likely = int(p.high) - int(p.low) + 1
	if distinct < len(s) && distinct < narrowPorts {
		if k := byRepeats(len(s), distinct); k < narrowPorts {
			p.likely = min(p.likely, k)
		}
	}
	return p
}

// byRepeats estimates of how many ports n samples are that show d different
// ones; narrowPorts stands for as many and more.
func byRepeats(n, d int) int {
	shows := func(k int) float64 { return float64(k) * (1 - math.Pow(1-1/float64(k), float64(n))) }
	k, seen := narrowPorts, float64(d)-0.5
	for k > d && shows(k-1) >= seen {
		k--
	}
	return k
}

// noOrder writes down that there is none, or that nothing can be said.
func (a *portAnalysis) noOrder(f *PortFinding) {
	if len(a.samples) < 3 {
		return
	}
	p := a.pool
	f.Low, f.High = p.low, p.high
	f.LongestRun = a.chanceRun()
	n := len(a.samples)
	if n < enoughSamples || int(p.high)-int(p.low) < narrowPorts || repeatTail(n, n-p.distinct, fewPorts) < 0.01 {
		return
	}
	links, up, down := 0, 0, 0
	for i := 1; i < len(a.step); i++ {
		if a.gap[i] > shortPause {
			continue
		}
		links++
		switch d := a.step[i]; {
		case d >= 1 && d <= 16:
			up++
		case d <= -1 && d >= -16:
			down++
		}
	}
	if links >= enoughSamples-1 && 2*max(up, down) <= links {
		f.Class, f.Candidates = PortsRandom, int(p.high)-int(p.low)+1
	}
}

// chanceRun is the longest run of small steps in a server without order.
func (a *portAnalysis) chanceRun() int {
	run := func(dir int) int {
		return longestRun(len(a.step), func(i int) bool { return dir*a.step[i] >= 1 && dir*a.step[i] <= 4 })
	}
	return max(run(1), run(-1))
}

// A portGuess is a port and the few that do as well.
type portGuess struct {
	next      int
	low, high int // these count as hits
	other     int // this too; 0: none
}

func (g portGuess) hits(port int) bool { return port >= g.low && port <= g.high || port == g.other }

// guesses are made before each sample, from the earlier ones alone.
func (a *portAnalysis) guesses() (all []Guess, hits, tried int) {
	all = make([]Guess, len(a.samples))
	for i := range a.samples {
		g, ok := a.guessNext(i, a.gap[i])
		if !ok {
			continue
		}
		tried++
		all[i].Next = uint16(g.next)
		if all[i].Hit = g.hits(int(a.samples[i].Port)); all[i].Hit {
			hits++
		}
	}
	return all, hits, tried
}

// guessMemory is how many steps a guess looks back on.
const guessMemory = 8

// guessNext expects the port of sample i from those before it and from the time
// since the last: a long pause is compared with long pauses, a short one with
// short ones. One value in three of four steps (two at least), with the
// wrap-around once that was seen, gives one port; small steps in one direction in
// two of three give the ports that nine of ten of them reach, 64 at most; one
// small step alone gives a first idea. Else there is none.
func (a *portAnalysis) guessNext(i int, gap time.Duration) (portGuess, bool) {
	var buf [guessMemory]int
	past := buf[:0]
	for j := i - 1; j >= 1 && len(past) < guessMemory; j-- {
		if (a.gap[j] > shortPause) == (gap > shortPause) {
			past = append(past, a.step[j])
		}
	}
	if len(past) == 0 {
		return portGuess{}, false
	}
	last := int(a.samples[i-1].Port)
	g, ok := a.guessStride(i, last, past)
	if !ok {
		g, ok = guessWindow(last, past)
	}
	return g, ok && g.next > 0 && g.next < 1<<16
}

// guessStride goes on with the commonest step.
func (a *portAnalysis) guessStride(i, last int, past []int) (portGuess, bool) {
	if !nearEqual(past) {
		return portGuess{}, false
	}
	step, count := mode(past, 0)
	g := portGuess{next: last + step, low: last + step, high: last + step}
	low, high := 1<<16, 0
	for _, s := range a.samples[:i] {
		low, high = min(low, int(s.Port)), max(high, int(s.Port))
	}
	wrap, wraps := mode(past, step)
	if abs(wrap)+abs(step) <= high-low {
		wraps = 0
	}
	if 4*(count+wraps) < 3*len(past) {
		return g, false
	}
	if wraps > 0 && (g.next > high || g.next < low) {
		g.other = last + wrap
		if size := abs(step) + abs(wrap); g.next > low+size-1 || g.next < high-size+1 {
			g = portGuess{next: g.other, low: g.other, high: g.other}
		}
	}
	return g, true
}

// guessWindow goes on with small steps.
func guessWindow(last int, past []int) (portGuess, bool) {
	var buf [guessMemory]int
	up, down := buf[:0], 0
	for _, d := range past {
		switch {
		case d >= 1 && d <= widest:
			up = append(up, d)
		case d <= -1 && d >= -widest:
			down++
		}
	}
	dir := 1
	if down > len(up) {
		dir, up = -1, up[:0]
		for _, d := range past {
			if d <= -1 && d >= -widest {
				up = append(up, -d)
			}
		}
	}
	if 3*len(up) < 2*len(past) || len(past) == 1 && (len(up) == 0 || up[0] > 16) {
		return portGuess{}, false
	}
	slices.Sort(up)
	far := up[len(up)-1-(len(up)-1)/10]
	if len(up) < 4 {
		far = min(widest, max(4, 2*far))
	}
	next := last + dir*up[(len(up)-1)/2]
	g := portGuess{next: next, low: last + 1, high: last + far}
	if dir < 0 {
		g.low, g.high = last-far, last-1
	}
	return g, true
}

// mode is the value that most of the steps have, among those of the other sign
// than against, or all if that is 0.
func mode(steps []int, against int) (step, count int) {
	for i, d := range steps {
		if d*against > 0 || against != 0 && d == 0 {
			continue
		}
		k := 0
		for _, e := range steps[i:] {
			if e == d {
				k++
			}
		}
		if k > count {
			step, count = d, k
		}
	}
	return step, count
}
