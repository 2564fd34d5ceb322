package ui

import (
	"context"
	"sync"
	"time"

	"portside/client"
)

// besides counts the connections that the window has beside those of the queue, for the
// limits of sites, which hold for all of them together. It is safe for concurrent use.
type besides struct {
	mu   sync.Mutex // guards open
	open map[string]int
}

// hold counts a connection to a site that is about to be made, until it is released.
func (b *besides) hold(site string) (release func()) {
	b.add(site, 1)
	return func() { b.add(site, -1) }
}

func (b *besides) add(site string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = map[string]int{}
	}
	if b.open[site] += n; b.open[site] == 0 {
		delete(b.open, site)
	}
}

// count returns how many connections to a site there are.
func (b *besides) count(site string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, open := range b.open {
		if sameAccount(key, site) {
			n += open
		}
	}
	return n
}

// dialBeside opens a session that counts until it ends.
func (w *Window) dialBeside(ctx context.Context, t target) (Session, error) {
	release := w.sites.beside.hold(siteKey(t))
	s, err := w.dial(ctx, t)
	if err != nil {
		release()
		return nil, err
	}
	w.run(func() {
		defer release()
		select {
		case <-s.Done():
		case <-w.ctx.Done():
		}
	})
	return s, nil
}

// How long browsing waits for a transfer to give its connection back before it tries
// whether the server minds; and how often, and after which pauses, it tries again
// where the server does.
const (
	roomSoon  = 2 * time.Second
	roomTries = 5
	roomPause = 500 * time.Millisecond
)

// browse opens the session that browses. Where transfers use all connections that the
// site may have, one of them is waited for: for a moment, and where the server then
// turns us away until a file has come to its end.
func (w *Window) browse(ctx context.Context, t target) (Session, error) {
	soon, cancel := context.WithTimeout(ctx, roomSoon)
	over := w.makeRoom(soon, t)
	cancel()
	s, err := w.dial(ctx, t)
	for try := 1; try < roomTries && err != nil && ctx.Err() == nil && client.Explain(err).Kind == client.KindBusy; try++ {
		if try == 1 && over {
			w.cfg.Do(func() { w.showWaiting(t) })
		}
		if !w.makeRoom(ctx, t) {
			if !over {
				break // it is not ours to make
			}
			pause(ctx, time.Duration(try)*roomPause) // the server counts what has just ended
		}
		over = true
		s, err = w.dial(ctx, t)
	}
	return s, err
}

// makeRoom has the queue hold to the limit of a site, and reports whether it had to.
func (w *Window) makeRoom(ctx context.Context, t target) (over bool) {
	q := w.queue.get()
	if q == nil {
		return false
	}
	key := siteKey(t)
	over, _ = q.MakeRoom(ctx, func(site string) bool { return sameAccount(site, key) }) // what there is no room for shows at the dial
	return over
}

// pause waits, or for ctx.
func pause(ctx context.Context, d time.Duration) {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	}
}

// showWaiting says what a dial waits for.
func (w *Window) showWaiting(t target) {
	if v := w.link.View(); v.State != linkConnecting || v.Target.addr() != t.addr() || w.shown.Change != v.Change {
		return
	}
	w.showState(remoteCard{
		busy: true, title: "Connecting to " + t.name(),
		text:    "Transfers use all the connections that this site may have. One of them is given back when its file has come to its end.",
		buttons: []action{{"Cancel", w.link.Disconnect}},
	})
}
