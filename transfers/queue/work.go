package queue

import (
	"context"
	"errors"
	"slices"
	"time"

	"portside/client"
	"portside/transfers"
)

// A worker is a session of a site and the goroutine that uses it.
type worker struct {
	q    *Queue
	s    *siteRun
	wake chan struct{} // holds one

	sess  transfers.RemoteCloser // nil: none
	lent  bool                   // it belongs to somebody else
	to    *otherSide             // the other session of copies; nil: none
	later []*deferred            // uploads whose checks are under way
}

// isGone reports whether a session knows that it has ended.
func isGone(s transfers.RemoteCloser) bool {
	d, ok := s.(interface{ Done() <-chan struct{} })
	if !ok {
		return false
	}
	select {
	case <-d.Done():
		return true
	default:
		return false
	}
}

// run works until there is nothing to do, or no session to do it with.
func (w *worker) run(ctx context.Context) {
	defer w.leave()
	for {
		if w.sess != nil && isGone(w.sess) {
			w.drop()
		}
		if w.sess == nil && !w.connect(ctx) {
			return
		}
		e, more := w.take(ctx)
		if e == nil {
			return
		}
		w.do(e, more)
	}
}

// take waits for the next entry; nil ends the worker.
func (w *worker) take(ctx context.Context) (e *entry, more bool) {
	q, s := w.q, w.s
	timer := time.NewTimer(q.opt.IdleTimeout)
	defer timer.Stop()
	for {
		q.mu.Lock()
		if q.mustLeave(s) {
			q.mu.Unlock()
			return nil, false
		}
		if q.mayRun() && !s.isStopped() {
			if e = s.pop(); e != nil {
				more = s.ready() > 0
				s.busy++
				q.start(e)
				q.mu.Unlock()
				return e, more
			}
		}
		s.idle = append(s.idle, w)
		q.mu.Unlock()
		q.nudge()
		gone := false
		select {
		case <-w.wake:
		case <-timer.C:
			gone = true
		case <-w.ended():
			gone = true
		case <-ctx.Done():
			gone = true
		}
		q.mu.Lock()
		s.idle = slices.DeleteFunc(s.idle, func(o *worker) bool { return o == w })
		q.mu.Unlock()
		if gone {
			return nil, false
		}
	}
}

// ended is closed when the session ends by itself, as far as it says so.
func (w *worker) ended() <-chan struct{} {
	if d, ok := w.sess.(interface{ Done() <-chan struct{} }); ok {
		return d.Done()
	}
	return nil
}

// leave ends the worker.
func (w *worker) leave() {
	w.settleAll()
	w.drop()
	w.dropOther()
	q := w.q
	q.mu.Lock()
	w.s.workers--
	q.workers--
	q.mu.Unlock()
	q.nudge()
}

// drop ends the session.
func (w *worker) drop() {
	if w.sess == nil {
		return
	}
	w.settleAll()
	if !w.lent {
		_ = w.sess.Close()
	}
	w.sess, w.lent = nil, false
	w.q.mu.Lock()
	w.s.sessions--
	w.q.mu.Unlock()
}

// connect makes the session, and reports whether there is one.
func (w *worker) connect(ctx context.Context) bool {
	q, s := w.q, w.s
	began := time.Now()
	sess, err := q.opt.Dial(ctx, s.site.Key)
	now := q.opt.Now()
	q.mu.Lock()
	if err == nil {
		s.sessions++
		s.fails, s.retry, s.trouble = 0, time.Time{}, Reason{}
		s.grow.loggedIn(roundTrip(sess, time.Since(began)), q.perSite(), now)
		q.feed(s)
		q.mu.Unlock()
		w.sess = sess
		q.events.change()
		return true
	}
	alone := s.sessions == 0
	q.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return false
	case alone && q.opt.Lend != nil && isRefused(err):
		if lent := q.opt.Lend(s.site.Key); lent != nil && !isGone(lent) {
			w.sess, w.lent = lent, true
			q.mu.Lock()
			s.sessions++
			s.grow.refused(1, now)
			q.mu.Unlock()
			return true
		}
	}
	q.notConnected(s, err)
	return false
}

// loginTrips is about how many round trips a login takes.
const loginTrips = 8

// roundTrip returns how long one takes, as far as the session says, else what the
// time of its login lets one expect.
func roundTrip(s transfers.RemoteCloser, login time.Duration) time.Duration {
	if i, ok := s.(interface{ Info() client.Info }); ok && i.Info().RTT > 0 {
		return i.Info().RTT
	}
	return login / loginTrips
}

// isRefused reports that the server answered and said no.
func isRefused(err error) bool {
	if _, ok := errors.AsType[*client.CertError](err); ok {
		return false
	}
	_, ok := errors.AsType[*client.ReplyError](err)
	return ok
}

// needsLogin reports that no further attempt helps before somebody acts.
func needsLogin(err error) bool {
	if errors.Is(err, ErrLogin) {
		return true
	}
	if _, ok := errors.AsType[*client.CertError](err); ok {
		return true
	}
	le, ok := errors.AsType[*client.LoginError](err)
	return ok && le.Reply.Code/100 != 4
}

// notConnected judges a session that could not be made.
func (q *Queue) notConnected(s *siteRun, err error) {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.events.change()
	if s.sessions > 0 && !errors.Is(err, ErrLogin) {
		// The site works: it does not want as many, or cannot be asked now.
		s.grow.refused(s.sessions, now)
		return
	}
	s.grow = growth{target: 1}
	if needsLogin(err) {
		s.stopped = reasonOf(err)
		if q.opt.DialRetries >= 0 {
			q.failSite(s, err)
		}
		return
	}
	s.fails++
	s.trouble = reasonOf(err)
	if q.opt.DialRetries >= 0 && s.fails > q.opt.DialRetries {
		q.failSite(s, err)
		s.fails = 0
		return
	}
	s.retry = now.Add(q.backoff(s.fails))
}

// ErrLogin is for Options.Dial where a site cannot be logged in to before a
// user has given a password: the site waits for Queue.ResumeSite.
var ErrLogin = errors.New("the password for this server is not known")
