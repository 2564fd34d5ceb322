package uitest

import (
	"sync"
	"testing"
	"time"
)

// A Loop stands in for the event loop of the desktop driver: what other
// goroutines hand to Do runs on the test's goroutine while it waits in Until.
type Loop struct {
	t    testing.TB
	mu   sync.Mutex // guards todo
	todo []func()
	wake chan struct{}
}

// NewLoop returns a Loop whose waiting ends the test after a long while.
func NewLoop(t testing.TB) *Loop { return &Loop{t: t, wake: make(chan struct{}, 1)} }

// Do hands f over; it does not wait.
func (l *Loop) Do(f func()) {
	l.mu.Lock()
	l.todo = append(l.todo, f)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Drain runs what has been handed over so far.
func (l *Loop) Drain() {
	for {
		l.mu.Lock()
		todo := l.todo
		l.todo = nil
		l.mu.Unlock()
		if len(todo) == 0 {
			return
		}
		for _, f := range todo {
			f()
		}
	}
}

// Until runs what is handed over until done reports true; what says what is
// waited for. It also looks now and then without being handed anything, for
// what other goroutines do by themselves.
func (l *Loop) Until(what string, done func() bool) {
	l.t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		l.Drain()
		if done() {
			return
		}
		select {
		case <-l.wake:
		case <-look.C:
		case <-limit.C:
			l.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// A Clock stands in for time: what After starts runs when Advance gets there.
type Clock struct {
	now    time.Time
	timers []*clockTimer
}

type clockTimer struct {
	at time.Time
	f  func()
}

// NewClock returns a clock at a fixed time.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC)} }

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return c.now }

// After runs f once d has passed, unless stopped.
func (c *Clock) After(d time.Duration, f func()) (stop func()) {
	timer := &clockTimer{at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return func() { timer.f = nil }
}

// Advance lets d pass and runs what is due.
func (c *Clock) Advance(d time.Duration) {
	c.now = c.now.Add(d)
	due := c.timers
	c.timers = nil
	for _, timer := range due {
		switch {
		case timer.f == nil:
		case timer.at.After(c.now):
			c.timers = append(c.timers, timer)
		default:
			timer.f()
		}
	}
}
