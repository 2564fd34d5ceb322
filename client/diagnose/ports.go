package diagnose

import (
	"slices"
	"time"
)

// What the analysis takes for granted.
const (
	enoughSamples = 8    // fewer say nothing, but for a port that never changes
	fixedSamples  = 5    // so often the same port
	leastPorts    = 1000 // the bound below holds for random servers with at least so many ports …
	fewPorts      = 100  // … and a weaker one with at least so many
	narrowPorts   = 64   // so few likely ports are narrow
	falseAlarm    = 1e-9 // the bound, of one look at a server with leastPorts or more
	fewAlarm      = 1e-6 // the bound, of one look at a server with fewPorts or more
	recentSamples = 16   // a second look is at the last ones, for a server that changed its ways
	shareStride   = 0.75 // so much of the steps must follow a stride, or of the samples be one port …
	shareWindow   = 0.60 // … or be small steps forward: a proof alone is no practical matter
)

// AnalyzePorts says how a server chooses its passive ports, from ports that it
// handed out. It is pure: time is only what the samples say. Samples may come
// in any order if all have a time; else they are taken as they stand. Ports
// of 0 are dropped. Ports of one address family, of EPSV and PASV together,
// belong to one server.
//
// # What is recognised
//
// A step is the difference between a port and the one before.
//   - sequential: every step is 1, or every step is -1, wrap-around aside.
//   - stride: one step other than ±1, of any size, in at least 75 % of the steps.
//     A second step of the other sign counts with it if it can be the wrap-around:
//     the first and it differ by more than the ports seen are apart. A stride s in
//     a range of N is the same as s-N: the one that is seen more often is named.
//   - busy: at least 60 % of the steps are small and in one direction, since
//     others take ports between. Windows of 1, 4, 16, 32 and 64 ports are tried.
//     A server whose gaps are Poisson or geometric of mean 4 or less is found in
//     12 samples, wrap-around included; 8 of 11 steps within 16 do, or 9 within
//     32, or 10 within 64.
//   - fixed: at least 5 samples and 75 % of them are the same port.
//   - narrow: no order, and fewer than 64 likely ports (narrowPool).
//   - random: at least 8 samples, 7 steps of them within five minutes, and
//     nothing that looks like any of these.
//   - unknown: all else, so also what looks like an order without proof of it.
//
// # Time
//
// A busy server moves on while we are away. So each test is made on all steps,
// on those that took at most five minutes, and on those that took at most ten
// seconds; a step that took longer is left out, neither for nor against. Which
// steps are left out depends on the times alone, so it cannot make an alarm.
// Each is made on all samples and on the last 16 as well, and an order that the
// last 16 do not show by half is over and not reported.
//
// # No false alarms
//
// Let a server choose each port at random among N, with or without putting it
// back, N at least 1,000; let n ≤ 64 be the samples and m ≤ n-1 the steps.
// Whatever came before, the next port is a given one with a chance of at most
// q = 1/(N-n+1), which is largest for N = 1,000. Hence, whatever the range is:
//
//  1. Windows. A step falls into a window of w with a chance of at most wq, given
//     all that came before, so the number of such steps is no larger than a
//     binomial variable: P[k of m or more] ≤ Σ_{j≥k} C(m,j) (wq)^j (1-wq)^(m-j).
//     For n = 12, w = 16 and k = 8: 165 × 0.0162^8 ≈ 8e-13.
//  2. One stride. There are C(m,k) choices of k steps; the first may be anything,
//     and each other equals it with at most q: P ≤ C(m,k) q^(k-1), for every
//     stride at once. For n = 12 and k = 9: 55 × 0.00101^8 ≈ 6e-23.
//  3. Stride and wrap-around. The first step may be anything, so may the first
//     that differs from it, in one of k-1 places, and each other is one of these
//     two with at most 2q: P ≤ C(m,k) (k-1) (2q)^(k-2).
//  4. Fixed. P[k of n are the same port] ≤ C(n,k) (1/N)^(k-1). For n = k = 5: 1e-12.
//  5. Narrow, by spread: one of the n is the lowest and each of the rest is one of
//     the w ports from there on; without putting back the chances are (w-i)/(N-i),
//     which is less than w/N: P ≤ n (w/N)^(n-1).
//  6. Narrow, by repeats: sample i repeats an earlier one with at most (i-1)/N,
//     whatever came before, so their number is no larger than a sum of
//     independent variables with these chances, whose distribution is summed up.
//
// These are 15 tests a look: 5 windows in 2 directions, 2, 3, 4, 5 and 6. With v
// looks (at most 2 × 3, of which equal ones are one) the least of the bounds
// times 15v is the bound of the whole (union bound), and that is
// PortFinding.Odds. An alarm needs Odds ≤ 1e-9. A server's book may so be
// looked at a thousand times before the chance of one false alarm is one in a
// million; the odds do not assume that the looks are independent.
//
// Ranges of 100 to 999 ports are common too. For these an order must in addition
// pass one of two tests, at 5e-7 each: the bounds above for N = 100, or a test
// that assumes no range at all. In a random server each order of the ports seen
// is as likely as any other; n ports on a circle go up all the way around, but
// once, in 1 of (n-1)! orders, which is 1 of 39,916,800 for n = 12. With pauses
// and with more descents the Eulerian numbers count the orders (orderTail).
// Narrow says less, and asks that 100 ports would look so once in a thousand.
//
// # The numbers of a finding
//
// Low and High: with an order, the least and the largest port seen, so the true
// range contains them; only where Wraps says that the server wrapped around are
// they the range, to within a step. Without an order, the ports seen, widened at
// both ends by their mean spacing, (High-Low)/(n-1) of n samples, less half a
// port: the unbiased estimate of the ends of a uniform range. Candidates is what an
// attacker who just saw a port must try to hit the next: 1 with a stride; busy:
// as many as cover nine of ten steps seen; without an order: the range; narrow
// by repeats: the estimated number of ports.
//
// Next is 0 where the next port is not known, as when a step leads out of the port
// numbers and the wrap-around was not seen yet.
//
// Guesses are made before each sample from the earlier ones alone (guessNext):
// Hits of Tried. Where nothing is expected, as in a random server, none is tried.
func AnalyzePorts(samples []PortSample) PortFinding {
	a := newPortAnalysis(samples)
	f := PortFinding{Class: PortsUnknown, Samples: a.samples}
	f.Guesses, f.Hits, f.Tried = a.guesses()
	if len(a.samples) == 0 {
		return f
	}
	fit, ok := a.bestFit()
	switch {
	case a.fixed(&f):
	case ok:
		a.ordered(&f, fit)
	default:
		a.pool = poolOf(a.samples)
		if !a.narrow(&f) {
			a.noOrder(&f)
		}
	}
	return f
}

// portAnalysis is the samples and their steps: step[i] leads to sample i, in
// which case gap[i] is the time that it took. Both are 0 for i = 0.
type portAnalysis struct {
	samples []PortSample
	step    []int
	gap     []time.Duration
	views   []portView
	pool    portPool // of all samples, where they have no order
}

// maxSamples bounds what is looked at; the proof above is for so many.
const maxSamples = 64

// newPortAnalysis sorts the samples by time, if all have one, and keeps the last
// maxSamples.
func newPortAnalysis(samples []PortSample) *portAnalysis {
	kept := make([]PortSample, 0, len(samples))
	timed := true
	for _, s := range samples {
		if s.Port != 0 {
			kept = append(kept, s)
			timed = timed && !s.Time.IsZero()
		}
	}
	byTime := func(a, b PortSample) int { return a.Time.Compare(b.Time) }
	if timed && !slices.IsSortedFunc(kept, byTime) {
		slices.SortStableFunc(kept, byTime)
	}
	kept = kept[max(0, len(kept)-maxSamples):]
	a := &portAnalysis{
		samples: kept,
		step:    make([]int, len(kept)),
		gap:     make([]time.Duration, len(kept)),
	}
	for i := 1; i < len(kept); i++ {
		a.step[i] = int(kept[i].Port) - int(kept[i-1].Port)
		if !kept[i].Time.IsZero() && !kept[i-1].Time.IsZero() {
			a.gap[i] = kept[i].Time.Sub(kept[i-1].Time).Abs()
		}
	}
	a.views = a.allViews()
	return a
}

// fixed recognises a server that gives one port.
func (a *portAnalysis) fixed(f *PortFinding) bool {
	for _, first := range a.firsts() {
		s := a.samples[first:]
		if len(s) < fixedSamples {
			continue
		}
		port, k := s[len(s)-1].Port, 0
		for i := range s {
			if s[i].Port == port {
				k++
			}
		}
		if float64(k) < shareStride*float64(len(s)) {
			continue
		}
		odds := fixedTail(len(s), k, leastPorts) * a.tests()
		if odds > falseAlarm || fixedTail(len(s), k, fewPorts)*a.tests() > fewAlarm {
			continue
		}
		f.Class, f.Odds = PortsFixed, odds
		f.Low, f.High, f.Next, f.Candidates = port, port, port, 1
		f.LongestRun = longestRun(len(a.step), func(i int) bool { return a.step[i] == 0 })
		return true
	}
	return false
}

func portsOf(s []PortSample) []uint16 {
	ports := make([]uint16, len(s))
	for i := range s {
		ports[i] = s[i].Port
	}
	return ports
}

// longestRun is the most samples in a row whose steps follow the pattern.
func longestRun(n int, follows func(i int) bool) int {
	best, run := min(n, 1), 1
	for i := 1; i < n; i++ {
		if run++; !follows(i) {
			run = 1
		}
		best = max(best, run)
	}
	return best
}

// firsts are the samples at which a look may begin.
func (a *portAnalysis) firsts() []int {
	if n := len(a.samples); n > recentSamples {
		return []int{0, n - recentSamples}
	}
	return []int{0}
}
