package queue

import (
	"cmp"
	"context"
	"errors"
	"time"

	"portside/client/listing"
	"portside/transfers"
)

// An otherSide is the session of a copy with the server that it goes to.
type otherSide struct {
	site *siteRun
	sess transfers.RemoteCloser
}

// other returns the session with the server that an entry goes to.
func (w *worker) other(ctx context.Context, e *entry) (transfers.RemoteCloser, error) {
	if w.to != nil && (w.to.site != e.to || isGone(w.to.sess)) {
		w.dropOther()
	}
	if w.to != nil {
		return w.to.sess, nil
	}
	if e.to == nil {
		return nil, &JobError{Job: Job{Kind: Copy}, What: "the target's site is not known"}
	}
	if err := w.q.targetClosed(e.to); err != nil {
		return nil, err
	}
	sess, err := w.q.opt.Dial(ctx, e.to.key)
	if err != nil {
		if ctx.Err() != nil {
			return nil, &transfers.SideError{Err: err}
		}
		return nil, w.q.targetRefused(e.to, err)
	}
	w.to = &otherSide{site: e.to, sess: sess}
	w.q.mu.Lock()
	e.to.sessions++
	e.to.reached()
	w.q.mu.Unlock()
	return sess, nil
}

// A targetError says that the site that a copy goes to lets nobody in at the
// moment. The file is not to blame.
type targetError struct {
	*transfers.SideError
	final bool // it is not tried again
}

// Unwrap returns the error of the side.
func (e *targetError) Unwrap() error { return e.SideError }

// targetClosed says why a site is not to be asked for a session now.
func (q *Queue) targetClosed(s *siteRun) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.denied == nil && s.mayDial(q.opt.Now()) {
		return nil
	}
	return &targetError{SideError: &transfers.SideError{Err: cmp.Or(s.denied, s.last)}, final: s.denied != nil}
}

// targetRefused judges a session that a copy could not make with its target.
func (q *Queue) targetRefused(s *siteRun, err error) error {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.events.change()
	s.last = err
	switch {
	case now.Before(s.retry): // somebody else found out
	case needsLogin(err) && (s.sessions == 0 || errors.Is(err, ErrLogin)):
		if q.opt.DialRetries >= 0 || q.opt.Unattended {
			s.denied = err
		} else {
			s.stopped = reasonOf(err)
		}
	default:
		s.fails++
		s.trouble, s.retry = reasonOf(err), now.Add(q.backoff(s.fails))
		if q.opt.DialRetries >= 0 && s.fails > q.opt.DialRetries && s.sessions == 0 {
			s.denied = err
		}
	}
	return &targetError{SideError: &transfers.SideError{Err: err}, final: s.denied != nil}
}

// stoppedWait is the time between two looks at whether a target that is stopped
// has been let go on.
const stoppedWait = 10 * time.Second

// targetFailed has a copy wait for its target, or fail with it. The lock is held.
func (q *Queue) targetFailed(e *entry, te *targetError, now time.Time) {
	row := &e.row
	row.Reason = writeReason(reasonOf(te.SideError), "")
	switch {
	case te.final:
		row.State = uint8(Failed)
		q.totals.Failed++
	case e.to.isStopped():
		e.wait(now.Add(stoppedWait))
	default:
		due := now.Add(q.backoff(1))
		if e.to.retry.After(due) {
			due = e.to.retry
		}
		e.wait(due)
	}
}

func (w *worker) dropOther() {
	if w.to == nil {
		return
	}
	_ = w.to.sess.Close()
	w.q.mu.Lock()
	w.to.site.sessions--
	w.q.mu.Unlock()
	w.to = nil
}

// between copies one file from the worker's server to another.
func (w *worker) between(e *entry, more bool) result {
	q := w.q
	source := e.source()
	if e.row.Flags&flagLink != 0 {
		res, to, over := w.resolve(e)
		if over {
			return res
		}
		source = to
	}
	to, err := w.other(e.ctx, e)
	if err != nil {
		return result{err: err}
	}
	f := transfers.CopyFile{
		Remote: string(e.row.Remote), Target: string(e.row.ToRemote), Source: source, Settled: e.settled(), More: more,
		GoOn:      e.row.Tries > 0 || e.unlucky > 0 || e.row.SettledAction != 0,
		OnSettled: func(s transfers.Settled) func(context.Context) error { return q.settled(e, s) },
	}
	f.There, f.TargetKnown = q.known.target(e.row.Parent, f.Target)
	out, err := transfers.MoveBetween(e.ctx, w.sess, to, f, q.options(e))
	w.tellSides(err)
	res := result{state: Done, err: err, far: out.Far, size: out.Size, note: notes(out.Notes)}
	if out.Skipped {
		res.state = Skipped
	}
	return res
}

// tellSides drops the session that a copy has lost.
func (w *worker) tellSides(err error) {
	side, ok := errors.AsType[*transfers.SideError](err)
	if !ok || !transfers.Judge(err).SessionLost {
		return
	}
	if side.Source {
		w.drop()
	} else {
		w.dropOther()
	}
}

// copyTarget makes the folder on the server that a copy goes to.
func (w *worker) copyTarget(e *entry, c *children) error {
	to, err := w.other(e.ctx, e)
	if err != nil {
		return err
	}
	c.to = to
	fresh, err := transfers.MakeDir(e.ctx, to, string(e.row.ToRemote))
	if err != nil {
		return &transfers.SideError{Err: err}
	}
	var there *listing.Listing
	if !fresh {
		if transfers.Exists(e.row.Rule) == transfers.Overwrite {
			return nil
		}
		if there, err = list(e.ctx, to, string(e.row.ToRemote), false); err != nil {
			if transfers.Judge(err).SessionLost || e.ctx.Err() != nil {
				return &transfers.SideError{Err: err}
			}
			return nil // each file is asked for on its own
		}
	}
	w.q.known.put(e.row.ID, there)
	return nil
}
