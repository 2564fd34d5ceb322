package diagnose

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// at is a sample at a second of a day.
func at(second float64, port int) PortSample {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return PortSample{Time: day.Add(time.Duration(second * float64(time.Second))), Port: uint16(port)}
}

// row is samples a second apart.
func row(ports ...int) []PortSample {
	s := make([]PortSample, len(ports))
	for i, p := range ports {
		s[i] = at(float64(i), p)
	}
	return s
}

// from counts: n ports from first on, by step.
func from(first, step, n int) []int {
	ports := make([]int, n)
	for i := range ports {
		ports[i] = first + i*step
	}
	return ports
}

// TestPortFindings looks at whole findings.
func TestPortFindings(t *testing.T) {
	const none = PortsUnknown
	for _, c := range []struct {
		name    string
		samples []PortSample
		want    PortFinding // without samples, guesses and odds
	}{
		{"none", nil, PortFinding{Class: none}},
		{"one", row(5000), PortFinding{Class: none}},
		{"two", row(5000, 5001), PortFinding{Class: none}},
		{"port 0 is none", row(0, 0, 0, 0, 0, 0), PortFinding{Class: none}},
		{
			"seven are too few", row(from(5000, 1, 7)...),
			PortFinding{Class: none, Hits: 5, Tried: 5, LongestRun: 7, Low: 4999, High: 5007},
		},
		{
			"eight in order", row(from(5000, 1, 8)...),
			PortFinding{Class: PortsInOrder, Hits: 6, Tried: 6, LongestRun: 8, Step: 1, Low: 5000, High: 5007, Candidates: 1, Next: 5008},
		},
		{
			"descending", row(from(5000, -1, 14)...),
			PortFinding{Class: PortsInOrder, Hits: 12, Tried: 12, LongestRun: 14, Step: -1, Low: 4987, High: 5000, Candidates: 1, Next: 4986},
		},
		{
			"wrap-around", row(slices.Concat(from(50_990, 1, 10), from(50_000, 1, 4))...),
			PortFinding{Class: PortsInOrder, Hits: 11, Tried: 12, LongestRun: 14, Step: 1, Low: 50_000, High: 50_999, Wraps: 1, Candidates: 1, Next: 50_004},
		},
		{
			"stride", row(from(5000, 10, 12)...),
			PortFinding{Class: PortsStride, Hits: 10, Tried: 10, LongestRun: 12, Step: 10, Low: 5000, High: 5110, Candidates: 1, Next: 5120},
		},
		{
			"stride of half the range", row(5000, 5500, 5000, 5500, 5000, 5500, 5000, 5500, 5000, 5500, 5000, 5500),
			PortFinding{Class: PortsStride, Hits: 8, Tried: 8, LongestRun: 12, Step: 500, Low: 5000, High: 5500, Wraps: 5, Candidates: 1, Next: 5000},
		},
		{
			"four of the same port", row(5000, 5000, 5000, 5000),
			PortFinding{Class: none, Hits: 1, Tried: 1, LongestRun: 1, Low: 5000, High: 5000},
		},
		{
			"fixed", row(5000, 5000, 5000, 5000, 5000),
			PortFinding{Class: PortsFixed, Hits: 2, Tried: 2, LongestRun: 5, Low: 5000, High: 5000, Candidates: 1, Next: 5000},
		},
		{
			"three clients take ports between", row(5000, 5002, 5003, 5007, 5008, 5010, 5011, 5014, 5015, 5016, 5018, 5019),
			PortFinding{Class: PortsBusy, Hits: 10, Tried: 10, LongestRun: 12, Step: 1, Low: 5000, High: 5019, Candidates: 3, Next: 5020},
		},
		{
			"ten ports", row(40_003, 40_009, 40_000, 40_001, 40_007, 40_003, 40_008, 40_002, 40_005, 40_009, 40_001, 40_006),
			PortFinding{Class: PortsFew, LongestRun: 3, Low: 40_000, High: 40_009, Candidates: 10},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := AnalyzePorts(c.samples)
			if c.want.Class.Predictable() != (f.Odds > 0 && f.Odds <= falseAlarm) {
				t.Errorf("odds %g", f.Odds)
			}
			if len(f.Guesses) != len(f.Samples) {
				t.Errorf("%d guesses of %d samples", len(f.Guesses), len(f.Samples))
			}
			if c.want.Class == PortsFew { // what is guessed there is luck
				f.Hits, f.Tried = 0, 0
			}
			f.Samples, f.Guesses, f.Odds = nil, nil, 0
			if !sameFinding(f, c.want) {
				t.Errorf("got  %+v\nwant %+v", f, c.want)
			}
		})
	}
}

// sameFinding compares all but the slices.
func sameFinding(a, b PortFinding) bool {
	a.Samples, a.Guesses, b.Samples, b.Guesses = nil, nil, nil, nil
	return a.Class == b.Class && a.Hits == b.Hits && a.Tried == b.Tried && a.LongestRun == b.LongestRun && a.Step == b.Step &&
		a.Low == b.Low && a.High == b.High && a.Wraps == b.Wraps && a.Candidates == b.Candidates && a.Next == b.Next
}

// TestPortsOverTime: in ordinary use, a server moves on between our sessions.
func TestPortsOverTime(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 2000 {
		var samples []PortSample
		second, port := 0.0, 2000+r.IntN(20_000)
		for range 5 { // sessions
			for range 4 {
				samples = append(samples, at(second, port))
				second += 2 + 20*r.Float64()
				port++
			}
			second += 600 + 7200*r.Float64()
			port += r.IntN(5000)
		}
		if f := AnalyzePorts(samples); f.Class != PortsInOrder {
			t.Fatalf("%s: %v", f.Class, portsOf(f.Samples))
		} else if f.Hits < 12 || f.Hits < f.Tried-4 {
			t.Fatalf("guessed %d of %d: %v", f.Hits, f.Tried, portsOf(f.Samples))
		}
	}
	t.Run("a sample a day says nothing", func(t *testing.T) {
		var samples []PortSample
		for day := range 20 {
			samples = append(samples, at(float64(day)*86_400, 2000+r.IntN(20_000)))
		}
		if f := AnalyzePorts(samples); f.Class != PortsUnknown {
			t.Errorf("%s", f.Class)
		}
	})
	t.Run("an idle server does not move", func(t *testing.T) {
		var samples []PortSample
		for day := range 12 {
			samples = append(samples, at(float64(day)*86_400, 2000+day))
		}
		if f := AnalyzePorts(samples); f.Class != PortsInOrder || f.Next != 2012 {
			t.Errorf("%s, next %d", f.Class, f.Next)
		}
	})
	t.Run("samples of two lists", func(t *testing.T) {
		samples := row(from(5000, 1, 14)...)
		slices.Reverse(samples)
		f := AnalyzePorts(samples)
		if f.Class != PortsInOrder || f.Step != 1 || f.Samples[0].Port != 5000 {
			t.Errorf("%s by %d from %d", f.Class, f.Step, f.Samples[0].Port)
		}
		if samples[0].Port != 5013 {
			t.Error("the caller's samples were sorted")
		}
	})
	t.Run("only the last 64 count", func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		samples := slices.Concat(take(uniform(r, 5000, true), 100), take(ordinal(5000, 10, func() int { return 1 }), 64))
		for i := range samples {
			samples[i].Time = time.Time{}
		}
		if f := AnalyzePorts(samples); f.Class != PortsInOrder || len(f.Samples) != 64 || f.LongestRun != 64 {
			t.Errorf("%s, %d samples, longest run %d", f.Class, len(f.Samples), f.LongestRun)
		}
	})
}

// TestPortsThatChange: what the server does now counts.
func TestPortsThatChange(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	series := func(before, after portServer, n, m int) PortClass {
		samples := append(take(before, n), take(after, m)...)
		for i := range samples {
			samples[i].Time = time.Time{}
		}
		return AnalyzePorts(samples).Class
	}
	count := func() portServer { return ordinal(5000, r.IntN(4000), func() int { return 1 }) }
	for range 200 {
		if c := series(count(), uniform(r, 5000, false), 44, 20); c.Predictable() {
			t.Fatalf("a server that chooses at random by now is called %s", c)
		}
		if c := series(uniform(r, 5000, false), count(), 40, 16); c != PortsInOrder {
			t.Fatalf("a server that counts by now is called %s", c)
		}
	}
	// One connection that went elsewhere does not hide the order.
	for range 200 {
		ports := from(20_000, 1, 12)
		ports[3+r.IntN(6)] = 2000 + r.IntN(10_000)
		if f := AnalyzePorts(row(ports...)); !inOrder(f.Class) {
			t.Fatalf("%s: %v", f.Class, ports)
		}
	}
}

// TestPortsNarrow: few ports in any order.
func TestPortsNarrow(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct{ n, samples, least int }{
		{2, 16, 98}, {5, 12, 99}, {10, 12, 99}, {20, 12, 99}, {30, 12, 99}, {40, 16, 99}, {50, 24, 99}, {60, 64, 99},
	} {
		found := 0
		for range 1000 {
			if f := AnalyzePorts(take(uniform(r, c.n, true), c.samples)); f.Class.Predictable() {
				found++
				if f.Class == PortsFew && (f.Candidates >= narrowPorts || f.Odds > falseAlarm) {
					t.Fatalf("%+v", f)
				}
			}
		}
		t.Logf("%2d ports, n = %d: %.1f %%", c.n, c.samples, float64(found)/10)
		if found < 10*c.least {
			t.Errorf("%d ports, n = %d: found %d of 1000", c.n, c.samples, found)
		}
	}
	// Twenty ports far apart: by repeats.
	scattered := make([]uint16, 20)
	for i := range scattered {
		scattered[i] = uint16(2000 + r.IntN(60_000))
	}
	f := AnalyzePorts(take(func() uint16 { return scattered[r.IntN(len(scattered))] }, 64))
	if f.Class != PortsFew || f.Candidates < 15 || f.Candidates > 30 {
		t.Errorf("20 scattered ports: %s, %d candidates", f.Class, f.Candidates)
	}
}

// TestPortRange: the estimate of a random server's range is right on average.
func TestPortRange(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{1000, 10_000, 50_000} {
		var low, high float64
		const tries = 4000
		for range tries {
			f := AnalyzePorts(take(uniform(r, n, true), 16))
			low, high = low+float64(f.Low), high+float64(f.High)
		}
		for _, e := range []struct{ got, want float64 }{{low / tries, firstPort}, {high / tries, firstPort + float64(n) - 1}} {
			// The ports below 1024 are none, which shifts the low end a little.
			if math.Abs(e.got-e.want) > 0.03*float64(n) {
				t.Errorf("%d ports: %.0f, want about %.0f", n, e.got, e.want)
			}
		}
	}
}
