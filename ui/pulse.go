package ui

import (
	"sync"
	"time"
)

// pulseEvery is the shortest time between two looks at what changes often.
const pulseEvery = 100 * time.Millisecond

// A pulse runs a function on the Fyne goroutine soon after it was woken and at
// most once an interval, however often it is woken. It keeps beating without
// being woken while the function says so, and is still otherwise: an idle
// window has no ticker.
type pulse struct {
	every time.Duration
	do    func(func())
	beat  func() (again bool)
	wake  chan struct{}
	quit  chan struct{}
	once  sync.Once
	done  chan struct{}
}

// newPulse starts a pulse; do brings a function to the Fyne goroutine.
func newPulse(every time.Duration, do func(func()), beat func() (again bool)) *pulse {
	p := &pulse{
		every: every, do: do, beat: beat,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go p.run()
	return p
}

// Wake asks for a beat. It never blocks and may be called from anywhere.
func (p *pulse) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // a beat is due already
	}
}

// Close stops the pulse and waits for its goroutine. A beat that was handed
// over but has not run yet may still run.
func (p *pulse) Close() {
	p.once.Do(func() { close(p.quit) })
	<-p.done
}

func (p *pulse) run() {
	defer close(p.done)
	for {
		select {
		case <-p.wake:
		case <-p.quit:
			return
		}
		for again := true; again; {
			ran := make(chan bool, 1)
			p.do(func() { ran <- p.beat() })
			select {
			case again = <-ran:
			case <-p.quit: // the window may be gone and never run it
				return
			}
			rest := time.NewTimer(p.every)
			select {
			case <-rest.C:
			case <-p.quit:
				rest.Stop()
				return
			}
		}
	}
}
