package diagnose

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A portServer makes ports, one a call.
type portServer func() uint16

// firstPort is the lowest port of the servers here.
const firstPort = 1500

// ranges are the sizes of range that the tests take.
var ranges = []int{1000, 1500, 4096, 10_000, 30_000, 64_000}

// ordinal walks through a range of n ports from start, on by step() each time.
func ordinal(n, start int, step func() int) portServer {
	at := start
	return func() uint16 {
		port := firstPort + at
		at = ((at+step())%n + n) % n
		return uint16(port)
	}
}

// poisson draws from the Poisson distribution.
func poisson(r *rand.Rand, mean float64) int {
	k, p := 0, r.Float64()
	for limit := math.Exp(-mean); p > limit; k++ {
		p *= r.Float64()
	}
	return k
}

// geometric draws the failures before a success.
func geometric(r *rand.Rand, mean float64) int {
	return int(math.Log(1-r.Float64()) / math.Log(mean/(1+mean)))
}

// uniform draws from n ports, with or without putting back.
func uniform(r *rand.Rand, n int, back bool) portServer {
	taken := make(map[int]bool)
	return func() uint16 {
		for {
			at := r.IntN(n)
			if back || !taken[at] {
				taken[at] = !back
				return uint16(firstPort + at)
			}
		}
	}
}

// take takes n samples, 150 ms apart.
func take(s portServer, n int) []PortSample {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	samples := make([]PortSample, n)
	for i := range samples {
		samples[i] = PortSample{Time: at.Add(time.Duration(i) * 150 * time.Millisecond), Port: s(), Method: "EPSV"}
	}
	return samples
}

// A generator is a kind of server with an order.
type generator struct {
	name  string
	class PortClass
	down  bool
	serve func(r *rand.Rand, n, start int) portServer // of n ports
}

func constant(d int) func(*rand.Rand, int, int) portServer {
	return func(_ *rand.Rand, n, start int) portServer { return ordinal(n, start, func() int { return d }) }
}

func gaps(sign int, gap func(*rand.Rand, float64) int, mean float64) func(*rand.Rand, int, int) portServer {
	return func(r *rand.Rand, n, start int) portServer {
		return ordinal(n, start, func() int { return sign * (1 + gap(r, mean)) })
	}
}

// anew begins at the lowest port again, whatever the last step left over.
func anew(d int) func(*rand.Rand, int, int) portServer {
	return func(_ *rand.Rand, n, start int) portServer {
		at := start
		return func() uint16 {
			port := firstPort + at
			if at += d; at >= n {
				at = 0
			}
			return uint16(port)
		}
	}
}

// generators are the orders that must be recognised.
func generators() []generator {
	gens := []generator{
		{"sequential", PortsInOrder, false, constant(1)},
		{"sequential, descending", PortsInOrder, true, constant(-1)},
		{"stride 7, anew at the lowest", PortsStride, false, anew(7)},
		{"stride 40, anew at the lowest", PortsStride, false, anew(40)},
	}
	for _, d := range []int{2, -2, 3, 4, -5, 7, 10, 16, -64, 100, 256, -333, 500} {
		gens = append(gens, generator{fmt.Sprintf("stride %d", d), PortsStride, d < 0, constant(d)})
	}
	gens = append(gens, generator{"stride, any", PortsStride, false, func(r *rand.Rand, n, start int) portServer {
		return constant(2+r.IntN(n-3))(r, n, start)
	}})
	for _, mean := range []float64{0.5, 1, 2, 3, 4} {
		gens = append(
			gens,
			generator{fmt.Sprintf("busy, Poisson %g", mean), PortsBusy, false, gaps(1, poisson, mean)},
			generator{fmt.Sprintf("busy, Poisson %g, descending", mean), PortsBusy, true, gaps(-1, poisson, mean)},
			generator{fmt.Sprintf("busy, geometric %g", mean), PortsBusy, false, gaps(1, geometric, mean)},
			generator{fmt.Sprintf("busy, geometric %g, descending", mean), PortsBusy, true, gaps(-1, geometric, mean)},
		)
	}
	return gens
}

// inOrder reports a class that says the ports have an order.
func inOrder(c PortClass) bool { return c == PortsInOrder || c == PortsBusy || c == PortsStride }

// TestPortsRecognised prints the share of each generator that is recognised in
// 12 samples, over all ranges, half of them with the wrap-around inside.
func TestPortsRecognised(t *testing.T) {
	tries := 6000
	if raceEnabled || testing.Short() {
		tries = 1000
		t.Logf("reduced to %d tries of each generator", tries)
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%d servers a line, ranges %v, n = 12\n%-32s %12s %12s %10s\n", tries, ranges, "generator", "recognised", "named so", "guessed")
	for k, g := range generators() {
		r := rand.New(rand.NewPCG(12, uint64(k)))
		found, named, hits, tried := 0, 0, 0, 0
		for i := range tries {
			n := ranges[i%len(ranges)]
			start := r.IntN(n)
			if i/len(ranges)%2 == 1 { // wrap within the twelve
				if start = r.IntN(12); !g.down {
					start = n - 1 - start
				}
			}
			samples := take(g.serve(r, n, start), 12)
			if i%3 == 0 {
				pauses(r, samples) // in which nobody else was there
			}
			f := AnalyzePorts(samples)
			if inOrder(f.Class) {
				found++
			} else if found == i { // the first
				t.Errorf("%s of %d ports from %d: %s\n%v", g.name, n, start, f.Class, portsOf(f.Samples))
			}
			if f.Class == g.class {
				named++
			}
			hits, tried = hits+f.Hits, tried+f.Tried
			if f.Class.Predictable() && (f.Odds <= 0 || f.Odds > falseAlarm || f.Next == 0 && int(f.High)+abs(f.Step) < 1<<16 && int(f.Low) > abs(f.Step) || f.Candidates < 1 || f.Low > f.High) {
				t.Fatalf("%s: %+v", g.name, f)
			}
		}
		percent := func(a, b int) string { return fmt.Sprintf("%.2f %%", 100*float64(a)/float64(b)) }
		fmt.Fprintf(&table, "%-32s %12s %12s %10s\n", g.name, percent(found, tries), percent(named, tries), percent(hits, tried))
		if found != tries {
			t.Errorf("%s: recognised %d of %d", g.name, found, tries)
		}
	}
	t.Logf("%s", &table)
}
