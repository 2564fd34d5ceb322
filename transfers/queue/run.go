package queue

import (
	"context"
	"errors"
	"strings"
	"time"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue/store"
)

// A result is what became of one run of an entry.
type result struct {
	state    State // Done, Skipped; else err says what
	err      error
	far      int64 // verified position of a failed try
	size     int64 // of the file afterwards; -1: as it was
	note     string
	children []store.Row // of a folder that was listed
	count    int         // of what was deleted or changed in a folder
	used     bool        // the session had done something before
}

// do runs one entry over the worker's session.
func (w *worker) do(e *entry, more bool) {
	q := w.q
	var res result
	var pending transfers.Pending
	switch {
	case e.row.Dir && e.row.Flags&flagWholeDir == 0:
		res = w.scan(e, more)
	case e.kind() == Delete, e.kind() == Chmod:
		res = w.change(e)
	case e.kind() == Copy:
		res = w.between(e, more)
	default:
		res, pending = w.file(e, more)
	}
	res.used = w.used
	w.used = w.used || res.err == nil
	if pending != nil {
		w.postpone(e, res, pending)
		return
	}
	if (transfers.Judge(res.err).SessionLost && !isSide(res.err)) || (e.ctx.Err() != nil && w.sess != nil && isGone(w.sess)) {
		w.drop()
	}
	q.finish(e, res)
}

// written is the site whose rules hold for an entry: the one that a copy goes to.
func (e *entry) written() *siteRun {
	if e.to != nil {
		return e.to
	}
	return e.site
}

// options are those for one run of an entry.
func (q *Queue) options(e *entry) transfers.Options {
	opt := q.opt.Transfer
	opt.Exists = transfers.Exists(e.row.Rule)
	if opt.Exists == transfers.Ask {
		q.mu.Lock()
		opt.Exists = q.standing[e.kind()]
		q.mu.Unlock()
	}
	if e.row.Flags&flagASCII != 0 {
		opt.ASCII = true
	}
	if q.opt.ForSite != nil {
		q.opt.ForSite(e.written().key, &opt)
	}
	opt.Ask, opt.Redial, opt.OnRetry = nil, nil, nil
	counter, limiter := &q.meter.down, q.down
	if e.kind() == Upload {
		counter, limiter = &q.meter.up, q.up
	}
	opt.Pace = e.pace(limiter)
	var last int64
	opt.Progress = func(p transfers.Progress) {
		e.gauge.bytes.Store(p.FileBytes)
		if p.FileSize > 0 {
			e.gauge.total.Store(p.FileSize)
		}
		if p.Moved > last {
			counter.Add(p.Moved - last)
			e.gauge.moved.Add(p.Moved - last)
			last = p.Moved
		}
	}
	return opt
}

// file moves one file between this computer and the server.
func (w *worker) file(e *entry, more bool) (result, transfers.Pending) {
	q := w.q
	source := e.source()
	if e.row.Flags&flagLink != 0 {
		res, to, over := w.resolve(e)
		if over {
			return res, nil
		}
		source = to
	}
	f := transfers.File{
		Direction: transfers.Downloading,
		Remote:    string(e.row.Remote), Root: e.row.Root, Local: e.row.Local,
		Source: source, Settled: e.settled(), More: more, Later: true,
		GoOn:      e.row.Tries > 0 || e.unlucky > 0 || e.row.SettledAction != 0,
		OnSettled: func(s transfers.Settled) func(context.Context) error { return q.settled(e, s) },
	}
	if e.kind() == Upload {
		f.Direction, f.Source = transfers.Uploading, nil
		f.Target, f.TargetKnown = q.known.target(e.row.Parent, string(e.row.Remote))
	}
	opt := q.options(e)
	var out transfers.Outcome
	var err error
	if w.inSegments(e) {
		out, err = w.moveSegments(e, f, opt)
	} else {
		out, err = transfers.Move(e.ctx, w.sess, f, opt)
	}
	res := result{state: Done, err: err, far: out.Far, size: out.Size}
	if out.Skipped {
		res.state = Skipped
	}
	res.note = notes(out.Notes)
	if err != nil {
		return res, nil
	}
	return res, out.Pending
}

// notes puts notes into one line.
func notes(list []transfers.Note) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = n.Text
	}
	return strings.Join(texts, "; ")
}

// settled makes durable what was decided about an entry's target.
func (q *Queue) settled(e *entry, s transfers.Settled) func(ctx context.Context) error {
	e.row.SettledAction, e.row.SettledName = uint8(s.Action), []byte(s.Name)
	if q.opt.Path == "" {
		return nil // nothing comes after the program
	}
	row := e.row
	write := func() *store.Commit { return q.st.Apply(store.Set(row, store.Settled|store.Started)) }
	first := write()
	return func(ctx context.Context) error {
		again := first
		return q.durably(ctx, func() *store.Commit {
			c := again
			if c == nil {
				c = write()
			}
			again = nil
			return c
		})
	}
}

// finish records what became of a run.
func (q *Queue) finish(e *entry, res result) {
	now := q.opt.Now()
	e.cancel(nil)
	q.mu.Lock()
	defer q.mu.Unlock()
	s := e.site
	delete(q.active, e.row.ID)
	if !e.postponed {
		s.busy--
	}
	defer close(e.over) // once all of it is on its way into the file
	if e.state == Scanning {
		s.scanning--
	}
	defer q.nudge()
	defer q.events.change()
	row := &e.row
	cause := context.Cause(e.ctx)
	switch {
	case res.err == nil && (len(res.children) == 0 || !byUser(cause)):
		q.succeeded(e, res, now)
		return
	case errors.Is(cause, errClosed), q.ctx.Err() != nil:
		delete(s.taken, row.ID) // it is as it was in the file
		return
	case errors.Is(cause, errHeld): // goes back to its place, and how far it came is kept
	case errors.Is(cause, errPaused):
		row.State = uint8(Paused)
	case errors.Is(cause, errCancelled):
		row.State = uint8(Cancelled)
	case errors.Is(cause, errSkipped):
		row.State = uint8(Skipped)
	default:
		if q.failed(e, res, now) {
			return
		}
	}
	row.Bytes = max(e.gauge.bytes.Load(), res.far) // a try that failed counts as none
	if State(row.State).Finished() {
		row.Ended = now
	}
	q.record(e)
}

// byUser reports that a user has stopped an entry: what was found in it then does
// not become part of the queue.
func byUser(cause error) bool {
	return errors.Is(cause, errPaused) || errors.Is(cause, errCancelled) || errors.Is(cause, errSkipped)
}

// succeeded records an entry that came to its end. The lock is held.
func (q *Queue) succeeded(e *entry, res result, now time.Time) {
	row := &e.row
	row.State, row.Ended, row.Tries = uint8(res.state), now, 0
	row.Reason, row.Conflict = writeReason(Reason{}, addNote(row.Reason, res.note)), nil
	if res.size >= 0 && !row.Dir {
		row.Size = res.size
		row.Bytes = res.size
	}
	row.Children = max(len(res.children), res.count)
	e.site.grow.moved(0, 1)
	// A folder that is listed on the server has moved data as well.
	e.site.delivered = e.site.delivered || (row.Dir && e.kind() != Upload && e.kind() != Delete && e.kind() != Chmod) || row.Bytes > 0
	switch {
	case res.state == Skipped:
		q.totals.Skipped++
	case !row.Dir:
		q.totals.Files++
		q.totals.Bytes += row.Bytes
	}
	q.record(e, res.children...)
}

// failed judges a run that ended in an error, and fills in the row's state. It
// reports true where nothing is to be recorded: the entry goes on at once.
func (q *Queue) failed(e *entry, res result, now time.Time) (goesOn bool) {
	row, s := &e.row, e.site
	e.err = res.err
	if ce, ok := errors.AsType[*transfers.ConflictError](res.err); ok {
		if !e.answered && transfers.Exists(row.Rule) == transfers.Ask && q.standing[e.kind()] != transfers.Ask {
			e.answered = true // meanwhile, for all
			s.push(e)
			return true
		}
		row.State, row.Conflict = uint8(NeedsAnswer), writeConflict(ce.Conflict)
		return false
	}
	if te, ok := errors.AsType[*targetError](res.err); ok {
		q.targetFailed(e, te, now)
		return false
	}
	j := transfers.Judge(res.err)
	s.delivered = s.delivered || res.far > 0 || e.gauge.moved.Load() > 0
	if _, ok := errors.AsType[*client.NoMethodError](res.err); ok {
		if !s.delivered && q.opt.DialRetries < 0 {
			// Every other entry would try all methods in vain: somebody has to act first.
			s.stopped = reasonOf(res.err)
			s.push(e)
			return true
		}
		if !s.delivered {
			q.failSite(s, res.err)
		}
		j.Again = s.delivered // data connections have worked here, and will again
		row.Tries++           // it was several
	}
	if isDataTrouble(res.err) {
		s.grow.dataFailed(now)
	}
	if res.far >= e.best+sampleSize {
		e.best, row.Tries = res.far, 0
	}
	row.Tries++
	row.Reason = writeReason(reasonOf(res.err), addNote(row.Reason, ""))
	patient := j.Wait > 0 && q.opt.DialRetries < 0 // what a user will mend, such as a full disk
	switch {
	case !j.Again || (row.Tries > q.opt.Tries && !patient):
		row.State = uint8(Failed)
		q.totals.Failed++
	case j.SessionLost && res.used && e.unlucky < unluckyMost:
		// The session had done its work before: the file is not to blame.
		e.unlucky++
		row.Tries--
		s.push(e)
		return true
	case j.SessionLost && row.Tries <= 1:
		// The session's fault: the site's own clock says when to go on.
		s.push(e)
		return true
	default:
		wait := j.Wait
		if wait > 0 && q.opt.Patience > 0 {
			wait = q.opt.Patience
		}
		e.wait(now.Add(max(wait, q.backoff(row.Tries))))
	}
	return false
}

// addNote adds a note to the one that was made before the entry ran.
func addNote(reason []byte, note string) string {
	_, before := readReason(reason)
	switch {
	case before == "", before == note:
		return note
	case note == "":
		return before
	}
	return before + "; " + note
}

// wait has an entry wait for its time. The lock is held.
func (e *entry) wait(due time.Time) {
	e.row.State, e.row.Due = uint8(Waiting), due
	if e.site.due.IsZero() || due.Before(e.site.due) {
		e.site.due = due
	}
}

// unluckyMost bounds the sessions that may end under a file before it counts as
// the reason.
const unluckyMost = 16

// sampleSize is what a try has to verify to count as progress.
const sampleSize = 64 << 10

// isSide reports an error of a copy, whose sides are looked after apart.
func isSide(err error) bool {
	_, ok := errors.AsType[*transfers.SideError](err)
	return ok
}

// isDataTrouble reports a data connection that could not be made on a session
// that works.
func isDataTrouble(err error) bool {
	if re, ok := errors.AsType[*client.ReplyError](err); ok && re.Reply.Code == 425 {
		return true
	}
	if _, ok := errors.AsType[*client.NoMethodError](err); ok {
		return true
	}
	_, ok := errors.AsType[*client.DataError](err)
	return ok
}
