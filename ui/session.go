package ui

import (
	"context"
	"errors"
	"sync"

	"portside/client"
)

// A linkState says how the window stands to its server.
type linkState uint8

// The states of a link. The zero value is a window that never connected.
const (
	linkIdle       linkState = iota // nothing wanted
	linkConnecting                  // a dial is under way
	linkUp                          // connected
	linkLost                        // was connected; the server or the network ended it
	linkFailed                      // the dial failed
)

// A liveSession is what a link asks of a session; *client.Session is one.
type liveSession interface {
	Done() <-chan struct{} // closed when the control connection is gone
	Err() error            // why
	Info() client.Info
	Close() error // says goodbye, within a short bound
	Abort()       // closes at once
}

// A linkView is a copy of a link's state.
type linkView[S liveSession] struct {
	Change  int // counts the changes, so that each can be shown once
	State   linkState
	Target  target
	Session S     // of linkUp and linkLost; else the zero S
	Err     error // of linkFailed and linkLost
}

// A link is the browsing connection of a window: it dials, watches, and dials
// again when told to. Its methods return at once; what they start runs on its
// own goroutines and is told through changed, which is called from those and
// must only schedule work.
type link[S liveSession] struct {
	ctx     context.Context
	dial    func(context.Context, target) (S, error)
	resolve func(context.Context, target) (target, error) // fills in what a dial needs; nil: nothing
	hold    func(target) (release func())                 // counts a connection from before its dial to its end; nil: nobody does
	changed func()
	running sync.WaitGroup

	mu     sync.Mutex // guards what follows
	view   linkView[S]
	turn   int                // counts Connect and Disconnect, so that a late dial is known
	cancel context.CancelFunc // ends the dial or the watch of this turn
}

// newLink returns an idle link; ctx ends everything it ever starts.
func newLink[S liveSession](ctx context.Context, dial func(context.Context, target) (S, error), changed func()) *link[S] {
	return &link[S]{ctx: ctx, dial: dial, changed: changed, cancel: func() {}}
}

// View returns a copy of the state.
func (l *link[S]) View() linkView[S] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.view
}

// Connect gives up what there is and dials t.
func (l *link[S]) Connect(t target) {
	ctx, turn := l.replace(linkView[S]{State: linkConnecting, Target: t})
	l.running.Add(1)
	go func() {
		defer l.running.Done()
		whole, err := l.complete(ctx, t)
		var s S
		if err == nil {
			if l.hold != nil {
				defer l.hold(whole)()
			}
			s, err = l.dial(ctx, whole)
		}
		if err != nil {
			l.settle(turn, linkView[S]{State: linkFailed, Target: whole, Err: err})
			return
		}
		if !l.settle(turn, linkView[S]{State: linkUp, Target: whole, Session: s}) {
			_ = s.Close()
			return
		}
		l.watch(ctx, turn, s)
	}()
	l.changed()
}

// complete fills in what a dial needs.
func (l *link[S]) complete(ctx context.Context, t target) (target, error) {
	if l.resolve == nil {
		return t, nil
	}
	return l.resolve(ctx, t)
}

// Adopt changes what is known of the target, and nothing about the connection.
func (l *link[S]) Adopt(change func(target) target) {
	l.mu.Lock()
	l.view.Target = change(l.view.Target)
	up := l.view.State == linkUp
	if up {
		l.view.Change++
	}
	l.mu.Unlock()
	if up {
		l.changed()
	}
}

// Reconnect dials the last target again.
func (l *link[S]) Reconnect() { l.Connect(l.View().Target) }

// Disconnect ends the dial or the connection; the target stays known.
func (l *link[S]) Disconnect() {
	l.replace(linkView[S]{State: linkIdle, Target: l.View().Target})
	l.changed()
}

// Close disconnects and waits until nothing runs any more.
func (l *link[S]) Close() {
	l.Disconnect()
	l.running.Wait()
}

// replace ends the present turn and begins one with view; the session of the
// old turn is closed by the goroutine that watches it.
func (l *link[S]) replace(view linkView[S]) (ctx context.Context, turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel()
	ctx, l.cancel = context.WithCancel(l.ctx)
	l.turn++
	view.Change = l.view.Change + 1
	l.view = view
	return ctx, l.turn
}

// settle sets the view unless the turn is over, and says whether it did.
func (l *link[S]) settle(turn int, view linkView[S]) bool {
	l.mu.Lock()
	ours := turn == l.turn
	if ours {
		view.Change = l.view.Change + 1
		l.view = view
	}
	l.mu.Unlock()
	if ours {
		l.changed()
	}
	return ours
}

// watch waits for the end of s, by the server's hand or ours.
func (l *link[S]) watch(ctx context.Context, turn int, s S) {
	select {
	case <-ctx.Done():
		_ = s.Close()
	case <-s.Done():
		err := s.Err()
		if err == nil {
			err = errors.New("the connection ended")
		}
		l.settle(turn, linkView[S]{State: linkLost, Target: l.View().Target, Session: s, Err: err})
		s.Abort()
	}
}
