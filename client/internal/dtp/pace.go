package dtp

import (
	"context"
	"time"
)

// A Pace waits until up to n bytes may move and returns how many, 1 to n. A
// negative n gives back -n bytes that were granted and did not move.
type Pace func(ctx context.Context, n int) (int, error)

// SetPace makes every byte that Receive and Send move ask p first. It is called
// before them; nil takes the pace away.
func (d *Data) SetPace(p Pace) { d.pace = p }

// grant returns how many bytes may move now, at most n. What was granted and has
// not moved is used up before the Pace is asked again. Time spent waiting for it
// is not the server's silence.
func (t *transfer) grant(n int) (int, error) {
	if t.d.pace == nil {
		return n, nil
	}
	if t.credit > 0 {
		return min(n, t.credit), nil
	}
	since := time.Now()
	got, err := t.d.pace(t.ctx, n)
	if err != nil {
		if t.ctx.Err() != nil {
			return 0, context.Cause(t.ctx)
		}
		return 0, &LocalIOError{Err: err}
	}
	t.lastMove = t.lastMove.Add(time.Since(since))
	t.credit = min(max(got, 1), n)
	return t.credit, nil
}

// giveBack returns what was granted and did not move.
func (t *transfer) giveBack() {
	if t.d.pace != nil && t.credit > 0 {
		_, _ = t.d.pace(t.ctx, -t.credit) // it waits for nothing
		t.credit = 0
	}
}
