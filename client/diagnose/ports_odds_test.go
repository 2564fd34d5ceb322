package diagnose

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// permutations calls f with each order of 0 … n-1.
func permutations(n int, f func([]int)) {
	p := make([]int, n)
	var fill func(i int)
	used := make([]bool, n)
	fill = func(i int) {
		if i == n {
			f(p)
			return
		}
		for v := range n {
			if !used[v] {
				used[v], p[i] = true, v
				fill(i + 1)
				used[v] = false
			}
		}
	}
	fill(0)
}

// TestOrderTail counts all orders of seven ports, in one run and in two.
func TestOrderTail(t *testing.T) {
	for _, cut := range []int{0, 3, 4} {
		var tails []float64
		permutations(7, func(p []int) {
			samples := make([]PortSample, len(p))
			for i, v := range p {
				second := float64(i)
				if cut > 0 && i >= cut {
					second += 3600
				}
				samples[i] = at(second, 5000+100*v)
			}
			a := newPortAnalysis(samples)
			tails = append(tails, a.orderTail(portView{pause: soon}, 1))
		})
		// A bound that is exact: as many orders have a tail of x or less as x says.
		slices.Sort(tails)
		for i, x := range tails {
			if i+1 < len(tails) && tails[i+1] == x {
				continue
			}
			if share := float64(i+1) / float64(len(tails)); math.Abs(share-x) > 1e-9 {
				t.Errorf("cut at %d: %.6f of the orders have a tail of %.6f or less", cut, share, x)
			}
		}
	}
}

// TestBinomialTail sums up chances that are known.
func TestBinomialTail(t *testing.T) {
	for _, c := range []struct {
		m, k int
		p    float64
		want float64
	}{
		{3, 0, 0.5, 1},
		{3, 1, 0.5, 7.0 / 8},
		{3, 2, 0.5, 4.0 / 8},
		{3, 3, 0.5, 1.0 / 8},
		{3, 4, 0.5, 0},
		{11, 8, 16.0 / 989, 7.436e-13},
		{11, 10, 64.0 / 989, 1.33e-11},
	} {
		if got := binomialTail(c.m, c.k, c.p); math.Abs(got-c.want) > 0.01*c.want+1e-15 {
			t.Errorf("P[%d or more of %d at %g] = %g, want %g", c.k, c.m, c.p, got, c.want)
		}
	}
}

// TestTailsAreBounds draws random servers of the smallest range and counts how
// often each bound is at most x, for an x that can be counted: no more often than
// x, or it is no bound.
func TestTailsAreBounds(t *testing.T) {
	draws := 100_000
	if raceEnabled {
		draws = 5000
	}
	const x, ports = 0.01, 100
	r := rand.New(rand.NewPCG(3, 3))
	seen := make([]uint32, ports)
	for _, back := range []bool{true, false} {
		count := make(map[string]int)
		for i := range draws {
			n := enoughSamples + r.IntN(12)
			samples := make([]PortSample, n)
			draw(r, samples, ports, back, seen, uint32(2*i+1+btoi(back)))
			for name, tail := range tailsOf(newPortAnalysis(samples), ports) {
				if tail <= x {
					count[name]++
				}
			}
			clear(seen)
		}
		limit := x*float64(draws) + 5*math.Sqrt(x*float64(draws))
		for name, k := range count {
			if float64(k) > limit {
				t.Errorf("back %v: the bound of %s is %g or less in %d of %d draws", back, name, x, k, draws)
			}
		}
		for _, name := range []string{"window 1", "window 16", "order", "repeats"} {
			if k := count[name]; back && k == 0 {
				t.Errorf("the bound of %s is never small: nothing was tested", name)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tailsOf are the bounds of each test of all samples.
func tailsOf(a *portAnalysis, ports int) map[string]float64 {
	n := len(a.samples)
	q := chance(n, ports)
	steps := slices.Clone(a.step[1:])
	tails := make(map[string]float64)
	for name, w := range map[string]int{"window 1": 1, "window 4": 4, "window 16": 16} {
		k := 0
		for _, d := range steps {
			if d >= 1 && d <= w {
				k++
			}
		}
		tails[name] = binomialTail(len(steps), k, float64(w)*q)
	}
	slices.Sort(steps)
	_, one := commonestStep(steps, func(int) bool { return true })
	tails["stride"] = strideTail(len(steps), one, q)
	most := 0
	for i, d := range steps {
		for _, e := range steps[i+1:] {
			k := 0
			for _, s := range steps {
				if s == d || s == e {
					k++
				}
			}
			if d != e {
				most = max(most, k)
			}
		}
	}
	tails["wrap"] = wrapTail(len(steps), most, q)
	tails["order"] = a.orderTail(portView{pause: anyPause}, 1)
	p := poolOf(a.samples)
	tails["spread"] = spreadTail(n, p.width, ports)
	tails["repeats"] = repeatTail(n, n-p.distinct, ports)
	same := 0
	for _, s := range a.samples {
		k := 0
		for _, o := range a.samples {
			if o.Port == s.Port {
				k++
			}
		}
		same = max(same, k)
	}
	tails["fixed"] = fixedTail(n, same, ports)
	return tails
}
