package transfers

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var m meter
	if m.rate(start) != 0 {
		t.Error("a rate of nothing")
	}
	m.add(0, start)
	for i := 1; i <= 100; i++ {
		m.add(int64(i)*1000, start.Add(time.Duration(i)*50*time.Millisecond))
	}
	now := start.Add(5 * time.Second)
	if r := m.rate(now); r < 19_000 || r > 21_000 {
		t.Errorf("rate = %.0f, want 20000", r)
	}
	if n := len(m.samples); n > 30 {
		t.Errorf("%d samples are kept", n)
	}
	if r := m.rate(now.Add(time.Second)); r < 9_000 || r > 15_000 {
		t.Errorf("rate after a second of nothing = %.0f", r)
	}
	if r := m.rate(now.Add(3 * time.Second)); r != 0 {
		t.Errorf("rate after three seconds of nothing = %.0f", r)
	}
	for _, tt := range []struct {
		rest int64
		rate float64
		want time.Duration
	}{{1000, 500, 2 * time.Second}, {-1, 500, -1}, {10, 0, -1}, {0, 10, 0}, {1 << 60, 1, -1}} {
		if got := left(tt.rest, tt.rate); got != tt.want {
			t.Errorf("left(%d, %v) = %v, want %v", tt.rest, tt.rate, got, tt.want)
		}
	}
}
