package transfers

import "sync"

// An eventLoop calls callbacks in order, from one goroutine and with no lock
// held, so that they may use the queue.
type eventLoop struct {
	wake chan struct{} // holds one
	done chan struct{} // closed when run has ended

	mu     sync.Mutex // guards what follows
	calls  []func()
	closed bool
}

func newEventLoop() *eventLoop {
	return &eventLoop{wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// post has fn called after all that were posted before.
func (l *eventLoop) post(fn func()) {
	l.mu.Lock()
	l.calls = append(l.calls, fn)
	l.mu.Unlock()
	l.signal()
}

func (l *eventLoop) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run calls what is posted, until close.
func (l *eventLoop) run() {
	defer close(l.done)
	for range l.wake {
		l.mu.Lock()
		calls, closed := l.calls, l.closed
		l.calls = nil
		l.mu.Unlock()
		for _, fn := range calls {
			fn()
		}
		if closed {
			return
		}
	}
}

// close has run return after what was posted, and waits for that.
func (l *eventLoop) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.signal()
	<-l.done
}
