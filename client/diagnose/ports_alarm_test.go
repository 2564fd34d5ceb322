package diagnose

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// draw fills samples with the ports of a random server of n ports, with or
// without putting back. seen has room for n.
func draw(r *rand.Rand, samples []PortSample, n int, back bool, seen []uint32, round uint32) {
	for i := range samples {
		at := r.IntN(n)
		for !back && seen[at] == round {
			at = r.IntN(n)
		}
		seen[at] = round
		samples[i].Port = uint16(firstPort + at)
	}
}

// pauses gives the samples times: most servers are asked at once, others in the
// course of hours.
func pauses(r *rand.Rand, samples []PortSample) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	slow := r.IntN(4) == 0
	for i := range samples {
		samples[i].Time = at
		at = at.Add(150 * time.Millisecond)
		if slow && r.IntN(5) == 0 {
			at = at.Add(time.Duration(r.Int64N(int64(2 * time.Hour))))
		}
	}
}

// alarms analyses draws random servers of a size in sizes, with 8 to 64 samples
// each, and counts the classes.
func alarms(seed uint64, draws int, sizes []int) map[PortClass]int {
	r := rand.New(rand.NewPCG(seed, 8))
	seen := make([]uint32, 64_000)
	buf := make([]PortSample, maxSamples)
	count := make(map[PortClass]int)
	for i := range draws {
		samples := buf[:enoughSamples+r.IntN(maxSamples-enoughSamples+1)]
		draw(r, samples, sizes[i%len(sizes)], i/len(sizes)%2 == 0, seen, uint32(i+1))
		pauses(r, samples)
		count[AnalyzePorts(samples).Class]++
	}
	return count
}

// alarmsIn shares alarms among two goroutines.
func alarmsIn(draws int, sizes []int) map[PortClass]int {
	var counts [2]map[PortClass]int
	var wg sync.WaitGroup
	for k := range counts {
		wg.Go(func() { counts[k] = alarms(uint64(k), draws/len(counts), sizes) })
	}
	wg.Wait()
	for class, n := range counts[1] {
		counts[0][class] += n
	}
	return counts[0]
}

// failOnAlarm fails for each alarm.
func failOnAlarm(t testing.TB, count map[PortClass]int) (alarms int) {
	for class, n := range count {
		if class.Predictable() {
			t.Errorf("%d random servers are called %s", n, class)
			alarms += n
		}
	}
	return alarms
}

// TestPortsNoFalseAlarm draws a million random servers of 1,000 to 64,000 ports.
func TestPortsNoFalseAlarm(t *testing.T) {
	draws := 1_000_000
	if raceEnabled || testing.Short() {
		draws = 20_000
		t.Log("reduced: the full million runs without -race and -short")
	}
	count := alarmsIn(draws, ranges)
	t.Logf("%d random servers, ranges %v, n = 8 to 64: %d false alarms; classes %v", draws, ranges, failOnAlarm(t, count), count)
}

// TestPortsNoFalseAlarmInSmallRanges does so with ranges below those of the main
// bound: here an order is promised to be rarer than one in a million, too, but
// few ports may be called narrow by mistake, once in a thousand for 100 ports.
func TestPortsNoFalseAlarmInSmallRanges(t *testing.T) {
	draws := 100_000
	if raceEnabled || testing.Short() {
		draws = 10_000
	}
	sizes := []int{100, 128, 200, 333, 500, 999}
	count := alarmsIn(draws, sizes)
	t.Logf("%d random servers, ranges %v, n = 8 to 64: classes %v", draws, sizes, count)
	if n := count[PortsFew]; n > draws/1000 {
		t.Errorf("%d of %d are called narrow", n, draws)
	}
	delete(count, PortsFew)
	failOnAlarm(t, count)
}

// BenchmarkAnalyzePorts analyses random servers, and fails on a false alarm.
func BenchmarkAnalyzePorts(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := make([]uint32, 64_000)
	samples := make([]PortSample, maxSamples)
	round := uint32(0)
	count := make(map[PortClass]int)
	for b.Loop() {
		round++
		s := samples[:enoughSamples+int(round)%(maxSamples-enoughSamples+1)]
		draw(r, s, ranges[int(round)%len(ranges)], round%2 == 0, seen, round)
		count[AnalyzePorts(s).Class]++
	}
	failOnAlarm(b, count)
}
