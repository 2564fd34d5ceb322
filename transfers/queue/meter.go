package queue

import (
	"sync/atomic"
	"time"
)

// Two samples a second, for two minutes.
const (
	sampleEvery = 500 * time.Millisecond
	sampleCount = 240
	rateSamples = 4 // over which the present rate is taken
)

// A meter counts the bytes of both directions and keeps what went how fast. The
// counters may be used by any goroutine; the rest belongs to the queue's lock.
type meter struct {
	down, up atomic.Int64

	at       time.Time
	lastDown int64
	lastUp   int64
	samples  []Sample
}

// sample takes the rates since the last call.
func (m *meter) sample(now time.Time) {
	down, up := m.down.Load(), m.up.Load()
	if span := now.Sub(m.at).Seconds(); !m.at.IsZero() && span > 0 {
		if len(m.samples) >= sampleCount {
			m.samples = append(m.samples[:0], m.samples[1:]...)
		}
		m.samples = append(m.samples, Sample{
			At: now, Down: float64(down-m.lastDown) / span, Up: float64(up-m.lastUp) / span,
		})
	}
	m.at, m.lastDown, m.lastUp = now, down, up
}

// rates returns the bytes a second of the last two seconds.
func (m *meter) rates() (down, up float64) {
	last := m.samples[max(0, len(m.samples)-rateSamples):]
	for _, s := range last {
		down += s.Down
		up += s.Up
	}
	if n := float64(len(last)); n > 0 {
		down, up = down/n, up/n
	}
	return down, up
}

// A gauge is the progress of one entry: written by its transfer, read by
// whoever looks.
type gauge struct {
	bytes   atomic.Int64 // of it that are there
	moved   atomic.Int64 // over data connections
	total   atomic.Int64 // -1: not known
	started time.Time
}

// rate returns the mean of bytes a second since the start.
func (g *gauge) rate(now time.Time) float64 {
	span := now.Sub(g.started)
	if span < 200*time.Millisecond {
		return 0
	}
	return float64(g.moved.Load()) / span.Seconds()
}

// left returns the time for the rest at a rate; negative where it is not known.
func left(rest int64, rate float64) time.Duration {
	if rest < 0 || rate <= 0 {
		return -1
	}
	seconds := float64(rest) / rate
	if seconds > (1000 * time.Hour).Seconds() {
		return -1
	}
	return time.Duration(seconds * float64(time.Second))
}
