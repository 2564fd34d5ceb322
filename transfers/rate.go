package transfers

import "time"

// rateSpan is the time over which rates are measured.
const rateSpan = 2 * time.Second

// rateStep is the least time between two samples that are kept.
const rateStep = 100 * time.Millisecond

// A meter measures bytes a second over the last two seconds. The zero value is
// ready to use.
type meter struct {
	samples []sample // oldest first; one of them at least as old as rateSpan, once there is
}

type sample struct {
	at    time.Time
	total int64
}

// add says that total bytes have moved at a time, never less than before.
func (m *meter) add(total int64, at time.Time) {
	if n := len(m.samples); n > 1 && m.samples[n-1].at.Sub(m.samples[n-2].at) < rateStep {
		m.samples[n-1] = sample{at: at, total: total}
		return
	}
	m.samples = append(m.samples, sample{at: at, total: total})
	old := 0
	for old+1 < len(m.samples) && at.Sub(m.samples[old+1].at) >= rateSpan {
		old++
	}
	m.samples = append(m.samples[:0], m.samples[old:]...)
}

// rate returns bytes a second at a time, 0 where nothing has moved for long.
func (m *meter) rate(at time.Time) float64 {
	if len(m.samples) == 0 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	for i, s := range m.samples {
		if at.Sub(s.at) < rateSpan {
			if i > 0 {
				s = m.samples[i-1]
			}
			first = s
			break
		}
	}
	// Measured to now, so that it sinks while nothing comes. What lies before
	// the span counts in proportion.
	span := at.Sub(first.at)
	if at.Sub(last.at) >= rateSpan || span < rateStep {
		return 0
	}
	return float64(last.total-first.total) / span.Seconds()
}

// left returns the time that the rest takes at a rate; negative where it is
// not known.
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
