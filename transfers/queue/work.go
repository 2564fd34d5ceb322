package queue

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"portside/client"
	"portside/transfers"
)

// A worker is a session of a site and the goroutine that uses it.
type worker struct {
	q    *Queue
	s    *siteRun
	wake chan struct{} // holds one

	sess    transfers.RemoteCloser // nil: none
	lent    bool                   // it belongs to somebody else
	used    bool                   // the session has done something
	leaving bool                   // guarded by the queue's lock
	to      *otherSide             // the other session of copies; nil: none
	later   []*deferred            // uploads whose checks are under way
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
		if w.sess == nil && (!w.mayConnect() || !w.connect(ctx)) {
			return
		}
		e, more := w.take(ctx)
		if e == nil {
			return
		}
		w.do(e, more)
	}
}

// mayConnect reports whether a session is to be made. Where the site has none one
// worker alone tries, and shows whether it works.
func (w *worker) mayConnect() bool {
	q, s := w.q, w.s
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lookBeside(s)
	if !q.mayRun() || s.ready() == 0 || !s.mayDial(q.opt.Now()) || (s.sessions == 0 && s.dialing > 0) || q.mustLeave(s) {
		w.goes()
		return false
	}
	s.dialing++
	return true
}

// goes says that the worker is about to end. The lock is held.
func (w *worker) goes() {
	if !w.leaving {
		w.leaving = true
		w.s.leaving++
		w.q.leaving++
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
			w.goes()
			q.mu.Unlock()
			return nil, false
		}
		if q.mayRun() && !s.isStopped() {
			if e = s.pop(); e != nil {
				more = s.ready() > 0 || !e.row.Dir && s.scanning > 0 // what is being listed brings more
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
	q := w.q
	q.mu.Lock()
	w.goes()
	q.mu.Unlock()
	w.settleAll()
	w.drop()
	w.dropOther()
	q.mu.Lock()
	w.s.workers--
	w.s.leaving--
	q.workers--
	q.leaving--
	q.someLeft()
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
	w.sess, w.lent, w.used = nil, false, false
	w.q.mu.Lock()
	w.s.sessions--
	w.q.mu.Unlock()
}

// connect makes the session, and reports whether there is one.
func (w *worker) connect(ctx context.Context) bool {
	q, s := w.q, w.s
	if q.single(s) && w.borrow() { // the one connection that the site may have is there already
		q.mu.Lock()
		s.dialing--
		q.mu.Unlock()
		return true
	}
	began := time.Now()
	sess, err := q.opt.Dial(ctx, s.key)
	now := q.opt.Now()
	q.mu.Lock()
	s.dialing--
	if err == nil {
		s.sessions++
		s.reached()
		s.grow.loggedIn(roundTrip(sess, time.Since(began)), q.most(s), now)
		q.feed(s)
		q.mu.Unlock()
		w.sess, w.used = sess, false
		q.events.change()
		return true
	}
	alone := s.sessions == 0
	q.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return false
	case alone && isRefused(err) && w.borrow():
		return true
	}
	q.notConnected(s, err)
	return false
}

// single reports whether a site may have but one connection.
func (q *Queue) single(s *siteRun) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return s.site.MaxConnections == 1 && s.sessions == 0
}

// borrow takes the session of somebody else, where there is one.
func (w *worker) borrow() bool {
	q, s := w.q, w.s
	if q.opt.Lend == nil {
		return false
	}
	lent := q.opt.Lend(s.key)
	if lent == nil || isGone(lent) {
		return false
	}
	w.sess, w.lent = lent, true
	q.mu.Lock()
	defer q.mu.Unlock()
	s.sessions++
	s.grow.refused(1, q.opt.Now())
	return true
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
	if client.NeedsUser(err) {
		return true
	}
	le, ok := errors.AsType[*client.LoginError](err)
	return ok && le.Reply.Code/100 != 4 && !isCrowded(le)
}

// isCrowded reports a login that was refused because others are logged in, as
// some servers do with 530.
func isCrowded(le *client.LoginError) bool {
	text := strings.ToLower(le.Reply.Text())
	return (strings.Contains(text, "too many") || strings.Contains(text, "maximum")) &&
		!strings.Contains(text, "attempt") && !strings.Contains(text, "fail")
}

// reached is told of a session that was made. The lock is held.
func (s *siteRun) reached() {
	s.fails, s.retry, s.trouble, s.denied = 0, time.Time{}, Reason{}, nil
}

// notConnected judges a session that could not be made.
func (q *Queue) notConnected(s *siteRun, err error) {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.events.change()
	s.last = err
	if s.sessions > 0 && !errors.Is(err, ErrLogin) {
		// The site works: it does not want as many, or cannot be asked now.
		s.grow.refused(s.sessions, now)
		if s.stay() < 2 { // the sessions are those of copies
			s.fails++
			s.trouble, s.retry = reasonOf(err), now.Add(q.backoff(s.fails))
		}
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
	if now.Before(s.retry) {
		return // others have failed at the same time: that is one attempt
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
