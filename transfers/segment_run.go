package transfers

import (
	"context"
	"errors"
	"sync"
	"time"

	"portside/client"
)

const (
	segmentTick = 100 * time.Millisecond
	saveEvery   = 5 * time.Second
)

// A segmentRun is one try in pieces. It belongs to the caller's goroutine; each
// connection has one of its own.
type segmentRun struct {
	*segments

	results chan *segmentJob
	dialled chan dialled
	active  int
	dialing bool
	told    int64 // bytes that have been reported

	noGrowth bool
	noSplit  bool           // the server does not begin in the middle
	resting  []RemoteCloser // sessions that get nothing more to do
	added    *segmentJob    // the connection that was added last, until it is judged
	rate     float64        // bytes a second without it
	since    time.Time      // when measuring began
	from     int64          // bytes at that time
	settling bool           // not yet measuring

	saved  time.Time
	saving sync.WaitGroup
}

// A segmentJob is one connection at one lane.
type segmentJob struct {
	r       RemoteCloser
	n       *lane
	w       *laneWork
	cancel  context.CancelFunc
	dropped bool // it brought too little
	err     error
}

type dialled struct {
	r   RemoteCloser
	err error
}

// run fetches until all is there. ErrResume says that the pieces do not fit.
func (r *segmentRun) run(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	defer r.saving.Wait()
	defer cancel()
	r.results, r.dialled = make(chan *segmentJob), make(chan dialled)
	r.told = r.lanes.bytes()
	r.f.t.rep.at(r.told)
	r.since, r.from, r.settling, r.saved = time.Now(), r.told, true, time.Now()
	err := r.next(inner)
	ticker := time.NewTicker(segmentTick)
	defer ticker.Stop()
	for r.active > 0 || r.dialing {
		select {
		case j := <-r.results:
			r.active--
			bad := r.ended(inner, j)
			if bad == nil && err == nil && inner.Err() == nil {
				bad = r.next(inner)
			}
			if bad != nil && err == nil {
				err = bad
				cancel()
			}
		case d := <-r.dialled:
			r.dialing = false
			r.joinIn(inner, d)
		case <-ticker.C:
			r.report()
			r.grow(inner)
			r.save()
		}
	}
	r.report()
	r.spare = append(r.spare, r.resting...)
	r.keepSession()
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return err
}

// report tells how far it is.
func (r *segmentRun) report() {
	if now := r.lanes.bytes(); now > r.told {
		r.f.t.rep.moved(now - r.told)
		r.told = now
	}
}

// next gives every spare session something to do.
func (r *segmentRun) next(ctx context.Context) error {
	for len(r.spare) > 0 {
		n := r.lanes.open()
		if n == nil && r.active > 0 && !r.noSplit {
			n = r.lanes.split()
		}
		if n == nil {
			return nil
		}
		last := len(r.spare) - 1
		s := r.spare[last]
		r.spare = r.spare[:last]
		if isGone(s) {
			r.drop(s)
			r.lanes.release(n, false)
			continue
		}
		if _, err := r.start(ctx, s, n); err != nil {
			return err
		}
	}
	if r.active == 0 && !r.dialing {
		if n := r.lanes.open(); n != nil {
			r.lanes.release(n, false)
			return client.ErrClosed
		}
	}
	return nil
}

// start lets a session fetch a lane.
func (r *segmentRun) start(ctx context.Context, s RemoteCloser, n *lane) (*segmentJob, error) {
	w, err := r.lanes.work(n)
	if err != nil {
		r.spare = append(r.spare, s)
		return nil, err
	}
	h, err := r.segmentHandle(w.at)
	if err != nil {
		r.spare = append(r.spare, s)
		return nil, err
	}
	jctx, cancel := context.WithCancel(ctx)
	j := &segmentJob{r: s, n: n, w: w, cancel: cancel}
	path, outer := r.f.src.path, r.f.t.opt.Pace
	r.active++
	go func() {
		_, err := s.Retrieve(jctx, path, h, client.TransferOptions{Offset: w.at, Progress: w.moved, Pace: w.pace(outer)})
		j.err = errors.Join(err, h.Close())
		cancel()
		r.results <- j
	}()
	return j, nil
}

// ended judges what a connection has done. The error ends everything.
func (r *segmentRun) ended(ctx context.Context, j *segmentJob) error {
	r.f.t.sum.Bytes += j.w.went
	if r.added == j {
		r.added = nil
	}
	err := j.err
	if err == nil && j.w.at < r.f.src.size {
		err = &SizeError{Path: show(r.f.t.r, r.f.src.path), Want: r.f.src.size, Got: j.w.at}
	}
	fresh := j.n.from > 0 && j.n.head == nil
	switch {
	case err == nil, errors.Is(err, errLaneDone):
		r.lanes.join(j.n)
		r.spare = append(r.spare, j.r)
		return nil
	case ctx.Err() != nil, j.dropped:
		r.lanes.release(j.n, false)
		r.rest(j.r)
		return nil
	}
	r.rest(j.r)
	switch {
	case fresh && (errors.Is(err, errLaneWrong) || isRestRefused(err)):
		r.noGrowth, r.noSplit = true, true
		r.lanes.release(j.n, true)
		return nil
	case errors.Is(err, ErrResume), errors.Is(err, errLaneWrong), errors.Is(err, errTooLong), isRestRefused(err):
		r.lanes.release(j.n, false)
		return ErrResume
	case isLocal(err):
		r.lanes.release(j.n, false)
		return localErr("write", r.f.p.at.path(), err)
	}
	r.noGrowth = true
	r.lanes.release(j.n, false)
	if r.active > 0 {
		return nil // another one takes it up
	}
	return err
}

// rest ends the work of a session. That of the task is kept for the checks.
func (r *segmentRun) rest(s RemoteCloser) {
	if s == r.f.t.r {
		r.resting = append(r.resting, s)
		return
	}
	r.drop(s)
}

// joinIn gives a new session the second half of the largest lane.
func (r *segmentRun) joinIn(ctx context.Context, d dialled) {
	if d.err != nil || ctx.Err() != nil {
		r.noGrowth = true
		if d.err == nil {
			r.drop(d.r)
		}
		return
	}
	n := r.lanes.open()
	if n == nil {
		n = r.lanes.split()
	}
	if n == nil {
		r.noGrowth = true
		r.drop(d.r)
		return
	}
	j, err := r.start(ctx, d.r, n)
	if err != nil {
		r.noGrowth = true
		r.lanes.release(n, false)
		return
	}
	r.added = j
	r.since, r.settling = time.Now(), true
}

// grow measures, judges the connection that was added last, and adds another one
// where that may pay.
func (r *segmentRun) grow(ctx context.Context) {
	now := time.Now()
	took, bytes := now.Sub(r.since), r.lanes.bytes()
	switch {
	case r.dialing, ctx.Err() != nil:
		return
	case r.settling:
		if took >= r.so.Window/2 {
			r.since, r.from, r.settling = now, bytes, false
		}
		return
	case took < r.so.Window:
		return
	}
	rate := float64(bytes-r.from) / took.Seconds()
	r.since, r.from = now, bytes
	if r.added != nil && rate < r.rate*segmentGain {
		r.added.dropped, r.noGrowth = true, true
		r.added.cancel()
		r.added = nil
		return
	}
	r.added, r.rate = nil, rate
	rest := time.Duration(float64(r.f.src.size-bytes) / max(rate, 1) * float64(time.Second))
	if r.noGrowth || r.active == 0 || r.active >= r.so.Max || rest < 3*r.so.Window || r.lanes.largest() < 2*(largestStep+smallestCut) {
		return
	}
	r.dialing = true
	ranges := r.lanes.ranges()
	go func() {
		s, err := r.sessions(ctx)
		if err == nil {
			// From the first byte in the middle on there are holes: not before the
			// map says what is there, and that is on the disk.
			if err = r.saveRanges(ranges); err != nil {
				r.drop(s)
			}
		}
		r.dialled <- dialled{s, err}
	}()
}

// save writes the map now and then, after what it says is on the disk.
func (r *segmentRun) save() {
	if _, whole := r.lanes.prefix(); whole || time.Since(r.saved) < saveEvery {
		return
	}
	r.saved = time.Now()
	r.saving.Wait() // the one before, five seconds ago
	ranges := r.lanes.ranges()
	r.saving.Go(func() { _ = r.saveRanges(ranges) })
}

// keepSession sees to it that the task has a session that lives, where one does.
func (r *segmentRun) keepSession() {
	if !r.f.t.lost() {
		return
	}
	for _, s := range r.spare {
		if !isGone(s) {
			r.f.t.r, r.f.t.gone = s, false
		}
	}
}

// join says that a lane is complete and fits the next one.
func (l *lanes) join(n *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.taken, n.joined = false, true
}
