package queue

import (
	"context"

	"portside/transfers"
)

// A pacer is what holds a transfer to a rate; transfers.Limiter is one.
type pacer func(ctx context.Context, n int) (int, error)

// pace holds a transfer of e to the limits of its sites and to that of all.
func (e *entry) pace(all *transfers.Limiter) pacer {
	switch {
	case e.kind() == Upload:
		return then(e.site.up.Pace, all.Pace)
	case e.kind() == Copy && e.to != nil:
		return then(e.site.down.Pace, then(e.to.up.Pace, all.Pace))
	default:
		return then(e.site.down.Pace, all.Pace)
	}
}

// then asks one limiter after the other, and gives back to the first what the
// second does not grant.
func then(first, second pacer) pacer {
	return func(ctx context.Context, n int) (int, error) {
		granted, err := first(ctx, n)
		if err != nil {
			return 0, err
		}
		if n <= 0 { // given back
			return second(ctx, n)
		}
		moving, err := second(ctx, granted)
		if moving < granted {
			_, _ = first(ctx, moving-granted) // giving back waits for nothing
		}
		return moving, err
	}
}

// most is how many sessions of the queue a site may have. The lock is held.
func (q *Queue) most(s *siteRun) int {
	most := q.perSite()
	if n := s.site.MaxConnections; n > 0 {
		most = min(most, max(1, n-s.beside))
	}
	return most
}

// limitSite takes over the name and the limits of a site. The lock is held.
func (q *Queue) limitSite(s *siteRun, site Site) {
	s.site = site
	s.down.SetRate(site.Down)
	s.up.SetRate(site.Up)
	s.grow.hold = s.grow.hold.Add(-growHold) // look again at what pays
	s.wakeAll()
}
