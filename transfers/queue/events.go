package queue

import (
	"sync"
	"time"
)

// changeEvery is the least time between two calls of Options.OnChange.
const changeEvery = 50 * time.Millisecond

// events calls the callbacks in order, from one goroutine and with no lock held,
// so that they may use the queue.
type events struct {
	onChange func()
	wake     chan struct{} // holds one
	done     chan struct{} // closed when run has ended

	mu      sync.Mutex // guards what follows
	calls   []func()
	changed bool
	closed  bool
}

func newEvents(onChange func()) *events {
	return &events{onChange: onChange, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// post has fn called after all that were posted before.
func (e *events) post(fn func()) {
	e.mu.Lock()
	e.calls = append(e.calls, fn)
	e.mu.Unlock()
	e.signal()
}

// change has OnChange called soon.
func (e *events) change() {
	if e.onChange == nil {
		return
	}
	e.mu.Lock()
	again := e.changed
	e.changed = true
	e.mu.Unlock()
	if !again {
		e.signal()
	}
}

func (e *events) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// run calls what is posted, until close.
func (e *events) run() {
	defer close(e.done)
	var last time.Time
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-e.wake:
		case <-timer.C:
		}
		e.mu.Lock()
		calls, closed, changed := e.calls, e.closed, e.changed
		e.calls = nil
		tell := changed && (closed || time.Since(last) >= changeEvery)
		if tell {
			e.changed = false
		}
		e.mu.Unlock()
		for _, fn := range calls {
			fn()
		}
		switch {
		case tell:
			last = time.Now()
			e.onChange()
		case changed:
			timer.Reset(changeEvery)
		}
		if closed {
			return
		}
	}
}

// close has run return after what was posted, and waits for that.
func (e *events) close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.signal()
	<-e.done
}
