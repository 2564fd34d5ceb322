package diagnose

import (
	"cmp"
	"slices"
	"time"
)

// The lengths of time over which a server is taken to stand still.
const (
	soon       = 10 * time.Second
	shortPause = 5 * time.Minute
	anyPause   = time.Duration(1<<63 - 1)
)

// windows are the sizes of the steps forward that are tried, in ports.
var windows = [...]int{1, 4, 16, 32, 64}

// widest is the last of them.
const widest = 64

// A portView is one look: the samples from first on, and the steps between
// them that took no longer than pause.
type portView struct {
	first int
	pause time.Duration
	links int // steps in view
}

// allViews are the looks that differ.
func (a *portAnalysis) allViews() []portView {
	var views []portView
	for _, first := range a.firsts() {
		for _, pause := range [...]time.Duration{anyPause, shortPause, soon} {
			v := portView{first: first, pause: pause}
			for i := first + 1; i < len(a.step); i++ {
				if a.gap[i] <= pause {
					v.links++
				}
			}
			if len(views) == 0 || views[len(views)-1].first != first || views[len(views)-1].links != v.links {
				views = append(views, v)
			}
		}
	}
	return views
}

// testsPerView is the number of tests of one look: see AnalyzePorts.
const testsPerView = 15

// tests is the factor of the union bound.
func (a *portAnalysis) tests() float64 { return testsPerView * float64(max(1, len(a.views))) }

// linked reports whether v has the step that leads to sample i.
func (a *portAnalysis) linked(v portView, i int) bool { return i > v.first && a.gap[i] <= v.pause }

// A portFit is an order that explains the steps of a view.
type portFit struct {
	view   portView
	stride int     // the step, where there is one; 0: small steps in direction dir
	wrap   int     // the step of the wrap-around of a stride; 0: not seen
	dir    int     // 1: ascending, -1: descending
	hits   int     // steps explained
	odds   float64 // of the union bound
}

func (f portFit) share() float64 { return float64(f.hits) / float64(f.view.links) }

// follows reports whether the fit explains a step.
func (f portFit) follows(step int) bool {
	if f.stride != 0 {
		return step == f.stride || f.wrap != 0 && step == f.wrap
	}
	return f.dir*step >= 1 && f.dir*step <= widest
}

// bestFit is the order that explains the largest share of the steps; of equals
// the one with most steps, then the stricter.
func (a *portAnalysis) bestFit() (best portFit, ok bool) {
	if len(a.samples) < enoughSamples {
		return best, false
	}
	for _, v := range a.views {
		if v.links < enoughSamples-1 {
			continue
		}
		for _, fit := range a.fits(v) {
			if !a.lasts(fit) {
				continue
			}
			if !ok || cmp.Or(cmp.Compare(fit.share(), best.share()), cmp.Compare(fit.view.links, best.view.links)) > 0 {
				best, ok = fit, true
			}
		}
	}
	return best, ok
}

// fits are the orders in a view that pass the tests, the strictest first.
func (a *portAnalysis) fits(v portView) []portFit {
	var fits []portFit
	steps := make([]int, 0, maxSamples)
	for i := v.first + 1; i < len(a.step); i++ {
		if a.linked(v, i) {
			steps = append(steps, a.step[i])
		}
	}
	n := len(a.samples) // all of them may be taken
	if fit, ok := a.strideFit(v, steps, n); ok {
		fits = append(fits, fit)
	}
	for _, dir := range [...]int{1, -1} {
		if fit, ok := a.windowFit(v, steps, n, dir); ok {
			fits = append(fits, fit)
		}
	}
	return fits
}

// windowFit tries small steps in one direction.
func (a *portAnalysis) windowFit(v portView, steps []int, n, dir int) (portFit, bool) {
	var hits [len(windows)]int
	for _, d := range steps {
		for i, w := range windows {
			if dir*d >= 1 && dir*d <= w {
				hits[i]++
			}
		}
	}
	fit := portFit{view: v, dir: dir, hits: hits[len(hits)-1]}
	if fit.share() < shareWindow {
		return fit, false
	}
	tail, few := 1.0, 1.0
	for i, w := range windows {
		tail = min(tail, binomialTail(len(steps), hits[i], float64(w)*chance(n, leastPorts)))
		few = min(few, binomialTail(len(steps), hits[i], float64(w)*chance(n, fewPorts)))
	}
	fit.odds = tail * a.tests()
	return fit, a.proved(fit, few)
}

// strideFit tries the commonest step, alone and with the wrap-around.
func (a *portAnalysis) strideFit(v portView, steps []int, n int) (portFit, bool) {
	fit := portFit{view: v}
	if !nearEqual(steps) {
		return fit, false
	}
	sorted := slices.Clone(steps)
	slices.Sort(sorted)
	var one int
	fit.stride, one = commonestStep(sorted, func(d int) bool { return d != 0 })
	if 2*one < shareStrideOf(len(steps)) { // the wrap-around is no commoner
		return fit, false
	}
	low, high := a.span(v.first)
	var two int
	fit.wrap, two = commonestStep(sorted, func(d int) bool {
		return d*fit.stride < 0 && abs(d)+abs(fit.stride) > high-low
	})
	fit.hits = one + two
	fit.dir = 1
	if fit.stride < 0 {
		fit.dir = -1
	}
	if fit.share() < shareStride {
		return fit, false
	}
	tails := func(ports int) float64 {
		q := chance(n, ports)
		return min(strideTail(len(steps), one, q), wrapTail(len(steps), fit.hits, q))
	}
	fit.odds = tails(leastPorts) * a.tests()
	return fit, a.proved(fit, tails(fewPorts))
}

func shareStrideOf(m int) int { return int(shareStride * float64(m)) }

// nearEqual reports whether two steps at most three places apart are equal, as
// some are where three in eight have one value.
func nearEqual(steps []int) bool {
	for i, d := range steps {
		for _, e := range steps[i+1 : min(i+4, len(steps))] {
			if d == e {
				return true
			}
		}
	}
	return false
}

// commonestStep finds the value that occurs most in sorted steps, among those
// that may; of equals the smallest.
func commonestStep(sorted []int, may func(int) bool) (step, count int) {
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		if d := sorted[i]; may(d) && (j-i > count || j-i == count && abs(d) < abs(step)) {
			step, count = d, j-i
		}
		i = j
	}
	return step, count
}

// proved decides an alarm: the bound for leastPorts, and for fewPorts either few
// or the order of the ports alone.
func (a *portAnalysis) proved(fit portFit, few float64) bool {
	if fit.odds > falseAlarm {
		return false
	}
	if few*a.tests() <= fewAlarm/2 {
		return true
	}
	return a.orderTail(fit.view, fit.dir)*2*float64(len(a.views)) <= fewAlarm/2
}

// lasts reports whether the recent samples still show the order.
func (a *portAnalysis) lasts(fit portFit) bool {
	v := fit.view
	v.first = max(v.first, len(a.samples)-recentSamples)
	hits, links := 0, 0
	for i := v.first + 1; i < len(a.step); i++ {
		if a.linked(v, i) {
			links++
			if fit.follows(a.step[i]) {
				hits++
			}
		}
	}
	return links < enoughSamples-1 || 2*hits >= links
}

// span is the least and the largest port from sample first on.
func (a *portAnalysis) span(first int) (low, high int) {
	low, high = 1<<16, 0
	for _, s := range a.samples[first:] {
		low, high = min(low, int(s.Port)), max(high, int(s.Port))
	}
	return low, high
}

func abs(d int) int { return max(d, -d) }
