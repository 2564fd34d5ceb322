package transfers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"portside/client"
)

// A tooManyError is a session that the server refused while it serves others
// of the same queue: it wants fewer of them.
type tooManyError struct {
	open int // sessions that there are
	err  error
}

func (e *tooManyError) Error() string {
	return fmt.Sprintf("the server allows no more than %d connections: %v", e.open, e.err)
}

func (e *tooManyError) Unwrap() error { return e.err }

// A pool holds the sessions of a queue that nobody uses at the moment.
type pool struct {
	dial func(ctx context.Context) (RemoteCloser, error)
	lend func() RemoteCloser // nil, or returns nil: nobody has one to lend
	keep time.Duration       // for which an unused session is kept
	wake chan struct{}       // holds one; tells tend that something has changed

	mu   sync.Mutex // guards idle and open
	idle []idleSession
	open int          // sessions that there are, used ones included
	lent RemoteCloser // the one that belongs to somebody else; not closed here
}

type idleSession struct {
	s     RemoteCloser
	until time.Time
}

func newPool(dial func(ctx context.Context) (RemoteCloser, error), lend func() RemoteCloser, keep time.Duration) *pool {
	return &pool{dial: dial, lend: lend, keep: keep, wake: make(chan struct{}, 1)}
}

// take returns an unused session, or a new one.
func (p *pool) take(ctx context.Context) (RemoteCloser, error) {
	if s := p.unused(); s != nil {
		return s, nil
	}
	s, err := p.dial(ctx)
	if err == nil {
		return s, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == 1 && p.lend != nil && isRefusedSession(err) {
		// The server lets no second session in: share the one that there is.
		if s := p.lend(); s != nil && !isGone(s) {
			p.lent = s
			return s, nil
		}
	}
	p.open--
	if p.open > 0 && isRefusedSession(err) {
		return nil, &tooManyError{open: p.open, err: err}
	}
	return nil, err
}

// end closes s, unless it is lent.
func (p *pool) end(s RemoteCloser) {
	p.mu.Lock()
	lent := p.lent != nil && s == p.lent
	p.mu.Unlock()
	if !lent {
		_ = s.Close()
	}
}

// unused returns a session that is still alive. Where there is none, it counts
// the one that its caller makes.
func (p *pool) unused() RemoteCloser {
	var gone []RemoteCloser
	defer func() {
		for _, s := range gone {
			p.end(s)
		}
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		last := p.idle[len(p.idle)-1].s
		p.idle = p.idle[:len(p.idle)-1]
		if !isGone(last) {
			return last
		}
		p.open--
		gone = append(gone, last)
	}
	p.open++
	return nil
}

// isRefusedSession reports that the server answered and said no.
func isRefusedSession(err error) bool {
	if isA[*client.CertError](err) {
		return false
	}
	_, ok := errors.AsType[*client.ReplyError](err)
	return ok
}

// put takes back a session that works.
func (p *pool) put(s RemoteCloser) {
	if isGone(s) {
		p.drop(s)
		return
	}
	p.mu.Lock()
	p.idle = append(p.idle, idleSession{s: s, until: time.Now().Add(p.keep)})
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// drop ends a session.
func (p *pool) drop(s RemoteCloser) {
	p.mu.Lock()
	p.open--
	p.mu.Unlock()
	p.end(s)
}

// tend closes sessions that nobody has used for long, and all of them at the
// end of ctx.
func (p *pool) tend(ctx context.Context) {
	timer := time.NewTimer(p.keep)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.expire(time.Time{})
			return
		case <-p.wake:
		case <-timer.C:
		}
		timer.Reset(p.expire(time.Now()))
	}
}

// expire closes the sessions that are due by now, all of them where now is
// zero, and returns the time until the next one is.
func (p *pool) expire(now time.Time) time.Duration {
	next := p.keep
	var due []RemoteCloser
	p.mu.Lock()
	kept := p.idle[:0]
	for _, i := range p.idle {
		if now.IsZero() || !i.until.After(now) {
			due = append(due, i.s)
			p.open--
			continue
		}
		next = min(next, i.until.Sub(now))
		kept = append(kept, i)
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	p.mu.Unlock()
	for _, s := range due {
		p.end(s)
	}
	return next
}

// A lease is the session that one item uses.
type lease struct {
	pool *pool
	s    RemoteCloser // nil: none
}

// renew drops the session, if there is one, and takes another.
func (l *lease) renew(ctx context.Context) (Remote, error) {
	if l.s != nil {
		l.pool.drop(l.s)
		l.s = nil
	}
	s, err := l.pool.take(ctx)
	if err != nil {
		return nil, err
	}
	l.s = s
	return s, nil
}

// release gives the session back, or drops it where it is known to be lost.
func (l *lease) release(lost bool) {
	s := l.s
	l.s = nil
	switch {
	case s == nil:
	case lost:
		l.pool.drop(s)
	default:
		l.pool.put(s)
	}
}
