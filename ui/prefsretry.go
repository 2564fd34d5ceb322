package ui

import (
	"context"
	"fmt"
	"time"

	"portside/ui/state"
)

// lostRetry makes a lost connection again by itself, as often as the settings say.
type lostRetry struct {
	tries int       // since the connection was last up for a while
	up    time.Time // when it came up
	stop  context.CancelFunc
}

// retrySteady is how long a connection must have been up for the tries to count
// anew: a server that throws everybody out at once is not asked for ever.
const retrySteady = time.Minute

// afterLink sees every change of the link that was shown.
func (w *Window) afterLink(v, before linkView[Session]) {
	r := &w.prefs.retry
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	switch v.State {
	case linkIdle:
		r.tries = 0
	case linkUp:
		if v.Session != before.Session {
			r.up = w.cfg.Now()
			w.editsUp(v.Target, v.Session.Text)
		}
	case linkLost:
		if w.cfg.Now().Sub(r.up) >= retrySteady {
			r.tries = 0
		}
		w.retryLost(v)
	case linkFailed:
		if r.tries > 0 && state.ConnectionTrouble(v.Err) {
			w.retryLost(v)
		}
	case linkConnecting:
	}
}

// retryWait is how long the next try waits.
func retryWait(tries int) time.Duration { return min(time.Second<<min(tries, 5), 30*time.Second) }

// retryLost connects again after a while, unless something else happens before.
func (w *Window) retryLost(v linkView[Session]) {
	r, most := &w.prefs.retry, w.prefs.get().Retries
	if r.tries >= most || w.diagnosis != nil {
		return
	}
	wait := retryWait(r.tries)
	r.tries++
	w.banners.Show(notice{
		key: "lost", tone: toneWarning,
		text:    fmt.Sprintf("%s Connecting again in %d s (try %d of %d).", lostText(v), int(wait/time.Second), r.tries, most),
		actions: []action{{"Reconnect now", w.reconnect}, {"Leave it", w.stayLost}},
	})
	ctx, cancel := context.WithCancel(w.prefs.ctx)
	r.stop = cancel
	w.run(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
			w.cfg.Do(func() {
				if ctx.Err() == nil && w.link.View().Change == v.Change {
					w.reconnect() //nolint:contextcheck // it begins things with Window.ctx
				}
			})
		case <-ctx.Done():
		}
	})
}

// stayLost gives up connecting by itself.
func (w *Window) stayLost() {
	r := &w.prefs.retry
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	r.tries = w.prefs.get().Retries
}
