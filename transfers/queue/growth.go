package queue

import "time"

// How the number of a site's sessions follows what they bring.
const (
	growEvery   = time.Second          // the least time over which a number is judged
	growGain    = 1.05                 // what one more step has to bring
	growHold    = 15 * time.Second     // until another step is tried after one that brought nothing
	shrinkHold  = time.Minute          // the same after the server has refused a session
	farAway     = 8 * time.Millisecond // a round trip that takes longer is most of the time of a small file
	burstNear   = 2                    // sessions at once, after the first login, where the server is near
	stormSpan   = 10 * time.Second     // in which
	stormSize   = 3                    // so many failed data connections count as a storm
	unitOfEntry = 64 << 10             // bytes that finishing one entry counts for
)

// A growth decides how many sessions a site has. It grows while that brings
// something, and shrinks where the server objects. It belongs to the queue's lock.
type growth struct {
	target int  // sessions there may be now; at least 1
	proven bool // the first login has succeeded

	since  time.Time // of the present number
	units  int64     // moved since then
	before float64   // units a second with the number before; 0: not measured
	last   int       // the number before
	hold   time.Time // no step until then

	refusals int // how often the server objected

	storms []time.Time // failed data connections of late
}

// loggedIn is told of a session that was made, and how long a round trip takes.
func (g *growth) loggedIn(roundTrip time.Duration, most int, now time.Time) {
	if g.proven {
		return
	}
	g.proven = true
	g.target = min(most, burstNear)
	if roundTrip > farAway {
		// Each file waits for round trips: more sessions wait side by side.
		g.target = most
	}
	g.restart(now)
}

func (g *growth) restart(now time.Time) { g.since, g.units = now, 0 }

// moved counts bytes, and entries that were finished.
func (g *growth) moved(bytes int64, entries int) { g.units += bytes + int64(entries)*unitOfEntry }

// tick judges the present number, where all sessions are in use and there is
// more to do. most is the limit.
func (g *growth) tick(now time.Time, inUse, waiting, most int) {
	g.target = max(1, min(g.target, most))
	if !g.proven || inUse < g.target || waiting == 0 {
		g.restart(now)
		return
	}
	span := now.Sub(g.since)
	if span < growEvery {
		return
	}
	rate := float64(g.units) / span.Seconds()
	g.restart(now)
	if g.last > 0 && g.last < g.target && rate < g.before*growGain {
		g.target, g.last, g.before = g.last, 0, 0 // it did not pay
		g.hold = now.Add(growHold)
		return
	}
	if now.Before(g.hold) || g.target >= most {
		g.last, g.before = 0, 0
		return
	}
	g.last, g.before = g.target, rate
	g.target = min(most, g.target+max(1, g.target/2))
}

// refused is told that the server wants no more than open sessions.
func (g *growth) refused(open int, now time.Time) {
	g.target = max(1, open)
	g.refusals++
	g.last, g.before, g.hold = 0, 0, now.Add(shrinkHold)
	g.restart(now)
}

// dataFailed is told of a data connection that could not be made on a session
// that works, and reports whether it was one too many in a short time.
func (g *growth) dataFailed(now time.Time) (storm bool) {
	recent := g.storms[:0]
	for _, t := range g.storms {
		if now.Sub(t) < stormSpan {
			recent = append(recent, t)
		}
	}
	g.storms = append(recent, now)
	if len(g.storms) < stormSize || g.target < 2 {
		return false
	}
	g.storms = g.storms[:0]
	g.refused(g.target/2, now)
	return true
}
