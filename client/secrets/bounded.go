package secrets

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How long a keyring is waited for.
const (
	DefaultPatience = 2500 * time.Millisecond // in the background
	AskedPatience   = 60 * time.Second        // where the user has asked, and may have to type a password
	grace           = 200 * time.Millisecond  // for a call to notice by itself that its time is over
	restAfter       = 15 * time.Second        // after a call that got no answer: none in the background
)

type patienceKey struct{}

// WithPatience makes calls with ctx wait so long for the keyring, and lets the keyring
// ask the user: for what a person has asked for, such as unlocking it (AskedPatience).
// Without it calls are made in the background: they wait for Options.Patience, and
// where it can be avoided nothing appears on the screen.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}

// asked returns the patience of WithPatience.
func asked(ctx context.Context) (time.Duration, bool) {
	d, ok := ctx.Value(patienceKey{}).(time.Duration)
	return d, ok
}

// A gate lets one call to the keyring through at a time, since a call can hang for good
// and cannot be stopped: hung ones must not pile up.
type gate struct {
	patience time.Duration
	now      func() time.Time
	turn     chan struct{} // holds a token while a call is under way

	mu    sync.Mutex // guards what follows
	stuck bool       // the call under way was given up
	rest  time.Time  // until then nothing is tried in the background
}

var (
	errStuck = errors.New("an earlier call still hangs")
	errRest  = errors.New("it did not answer a moment ago")
)

// do runs call in a goroutine of its own and waits for it for as long as ctx and the
// patience allow. A call that is given up goes on: late is called when it ends after
// all, with its error. Nobody waits for that goroutine, since it may never end; there
// is one at most.
func (g *gate) do(ctx context.Context, op string, call func(context.Context) error, late func(context.Context, error)) error {
	patience, isAsked := asked(ctx)
	if !isAsked {
		patience = g.patience
		if err := g.resting(); err != nil {
			return &Error{Op: op, State: TimedOut, Err: err}
		}
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case g.turn <- struct{}{}:
	case <-bounded.Done():
		return g.tooLate(ctx, op, errStuck)
	}
	done := make(chan error) // unbuffered: who sends knows whether somebody was there
	gone := make(chan struct{})
	go func() {
		err := inTime(bounded, op, call(bounded))
		select {
		case done <- err:
		case <-gone:
			if late != nil {
				late(context.WithoutCancel(ctx), err)
			}
		}
		g.free()
	}()
	err := wait(bounded, done)
	if errors.Is(err, errGone) {
		g.abandon()
		close(gone)
		return g.tooLate(ctx, op, nil)
	}
	if StateOf(err) == TimedOut {
		return g.tooLate(ctx, op, err)
	}
	g.answered()
	return err
}

var errGone = errors.New("given up")

// inTime judges a call's error; whatever a connection says that was closed because the
// time was over means that.
func inTime(ctx context.Context, op string, err error) error {
	err = judge(op, err)
	if state := StateOf(err); ctx.Err() != nil && (state == Failed || state == Missing) {
		return &Error{Op: op, State: TimedOut, Err: ctx.Err()}
	}
	return err
}

// wait waits for the call until its time is over, and a little longer, in which it may
// notice that by itself.
func wait(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	over := time.NewTimer(grace)
	defer over.Stop()
	select {
	case err := <-done:
		return err
	case <-over.C:
		return errGone
	}
}

// tooLate is the error of a call whose time was over: the user's, who has cancelled it,
// or the keyring's.
func (g *gate) tooLate(ctx context.Context, op string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return &Error{Op: op, State: TimedOut, Err: cause}
	}
	g.mu.Lock()
	g.rest = g.now().Add(restAfter)
	g.mu.Unlock()
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	return &Error{Op: op, State: TimedOut, Err: err}
}

// resting says why the keyring is not even tried in the background; nil: it is.
func (g *gate) resting() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.stuck:
		return errStuck
	case g.now().Before(g.rest):
		return errRest
	default:
		return nil
	}
}

func (g *gate) abandon() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stuck = true
}

func (g *gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rest = time.Time{}
}

// free ends a call's turn. A keyring that has answered late answers again.
func (g *gate) free() {
	g.mu.Lock()
	if g.stuck {
		g.stuck, g.rest = false, time.Time{}
	}
	g.mu.Unlock()
	<-g.turn
}
