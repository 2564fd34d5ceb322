package transfers

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// A grant is what moves in a 40th of a second, an eighth of a second may be
	// caught up with after a wait that took too long.
	grantsPerSecond  = 40
	catchUpPerSecond = 8

	smallestGrant = 256
	largestGrant  = 4 << 20
)

// A Limiter holds what any number of transfers move together to a rate. One
// serves one direction. Its Pace is a client.TransferOptions.Pace; transfers that
// wait for it take turns with grants of the same size, so that each gets the same
// share.
type Limiter struct {
	turn chan struct{} // filled by the one that waits for bytes; the others wait for it in order

	mu      sync.Mutex // guards what follows
	bytes   *rate.Limiter
	rate    int64         // bytes a second; 0: no limit
	spare   int           // granted and given back
	changed chan struct{} // closed when rate changes
}

// NewLimiter returns a Limiter to so many bytes a second, 0 for no limit.
func NewLimiter(bytesPerSecond int64) *Limiter {
	l := &Limiter{turn: make(chan struct{}, 1), changed: make(chan struct{})}
	l.bytes = rate.NewLimiter(0, 0)
	l.SetRate(bytesPerSecond)
	return l
}

// SetRate changes the rate, also for those that wait at this moment. 0 or less
// takes the limit away.
func (l *Limiter) SetRate(bytesPerSecond int64) {
	bytesPerSecond = max(bytesPerSecond, 0)
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytesPerSecond == l.rate {
		return
	}
	l.rate, l.spare = bytesPerSecond, 0
	l.bytes.SetLimit(rate.Limit(bytesPerSecond))
	l.bytes.SetBurst(max(grantOf(bytesPerSecond), int(min(bytesPerSecond/catchUpPerSecond, 1<<30))))
	close(l.changed)
	l.changed = make(chan struct{})
}

// Rate returns the rate in bytes a second; 0: no limit.
func (l *Limiter) Rate() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rate
}

// grantOf returns the size of a grant at a rate.
func grantOf(perSecond int64) int {
	least := max(min(perSecond, smallestGrant), 1)
	return int(min(max(perSecond/grantsPerSecond, least), largestGrant))
}

// Pace waits until some bytes may move, and returns how many, n at most. A
// negative n gives back -n bytes that were granted and did not move; it waits for
// nothing.
func (l *Limiter) Pace(ctx context.Context, n int) (int, error) {
	if n <= 0 {
		l.giveBack(-n)
		return 0, nil
	}
	if l.Rate() == 0 {
		return n, nil
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	for {
		got, res, changed := l.reserve(n)
		if res == nil {
			return got, nil
		}
		timer := time.NewTimer(res.Delay())
		select {
		case <-timer.C:
			return got, nil
		case <-changed:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			res.Cancel()
			return 0, context.Cause(ctx)
		}
		if res.Delay() <= 0 {
			return got, nil // both at once; it cannot be cancelled any more
		}
		res.Cancel()
	}
}

// reserve takes a grant. Where it has to be waited for, the reservation says how
// long, and changed is closed when the rate is another one.
func (l *Limiter) reserve(n int) (got int, res *rate.Reservation, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate == 0 {
		return n, nil, nil
	}
	n = min(n, grantOf(l.rate))
	if l.spare > 0 {
		n = min(n, l.spare)
		l.spare -= n
		return n, nil, nil
	}
	return n, l.bytes.ReserveN(time.Now(), n), l.changed
}

// giveBack takes n bytes back, for whoever asks next.
func (l *Limiter) giveBack(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate > 0 {
		l.spare = min(l.spare+n, l.bytes.Burst())
	}
}
