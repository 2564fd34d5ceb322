package queue

import (
	"context"
	"time"

	"portside/transfers/queue/store"
)

// How much is read from the file ahead of need.
const (
	readAhead = 512 // entries at a time
	readLow   = 128 // read again below
)

// tendEvery is how often the queue looks at its clocks.
const tendEvery = 100 * time.Millisecond

// nudge has the dispatcher look at everything soon.
func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// dispatch reads what is to be done from the file, starts workers, and watches
// the clocks, until ctx ends.
func (q *Queue) dispatch(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-tick.C:
			q.tend()
		}
		for _, s := range q.hungry() {
			q.read(ctx, s)
		}
		q.mu.Lock()
		for _, s := range q.sites { // those that have nobody go first
			if s.stay() == 0 {
				q.feed(s)
			}
		}
		for _, s := range q.sites {
			q.feed(s)
		}
		q.mu.Unlock()
		q.checkIdle(ctx)
	}
}

// hungry returns the sites for which the file is to be read.
func (q *Queue) hungry() []*siteRun {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []*siteRun
	for _, s := range q.sites {
		if !s.due.IsZero() && !now.Before(s.due) {
			s.due = time.Time{}
			s.more()
		}
		if files, dirs := s.wants(); files || dirs {
			list = append(list, s)
		}
	}
	return list
}

// read reads ahead for a site.
func (q *Queue) read(ctx context.Context, s *siteRun) {
	q.mu.Lock()
	q.prune(s)
	wantFiles, wantDirs := s.wants()
	// What comes from here on makes it true again.
	s.moreFiles, s.moreDirs = s.moreFiles && !wantFiles, s.moreDirs && !wantDirs
	gen := s.gen
	q.mu.Unlock()
	now := q.opt.Now()
	var files, dirs []store.Row
	var due time.Time
	var err error
	if wantFiles {
		files, err = q.next(ctx, s, store.NextQuery{Files: true, Limit: readAhead, Now: now})
	}
	if err == nil && wantDirs {
		dirs, err = q.next(ctx, s, store.NextQuery{Dirs: true, Limit: readAhead / 4, Now: now})
	}
	if err == nil {
		due, err = q.st.EarliestDue(ctx, s.id)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			q.storeFailed(err)
			s.more()
		}
		return
	}
	if s.gen != gen {
		s.more()
		return
	}
	s.moreFiles = s.moreFiles || len(files) == readAhead
	s.moreDirs = s.moreDirs || len(dirs) == readAhead/4
	if s.due.IsZero() || (!due.IsZero() && due.Before(s.due)) {
		s.due = due
	}
	s.files = q.adopt(s, s.files, files)
	s.dirs = q.adopt(s, s.dirs, dirs)
}

// next asks the file for what is not taken.
func (q *Queue) next(ctx context.Context, s *siteRun, query store.NextQuery) ([]store.Row, error) {
	query.Site = s.id
	query.Not = func(id int64) bool {
		q.mu.Lock()
		defer q.mu.Unlock()
		_, taken := s.taken[id]
		return taken
	}
	return q.st.Next(ctx, query)
}

// adopt puts rows behind those that were read before. The lock is held.
func (q *Queue) adopt(s *siteRun, list []*entry, rows []store.Row) []*entry {
	for _, row := range rows {
		if _, taken := s.taken[row.ID]; taken {
			continue
		}
		s.taken[row.ID] = nil
		e := newEntry(row, s)
		e.to = q.byID[row.ToSite]
		list = append(list, e)
	}
	return list
}

// mayRun reports whether anything may be started now. The lock is held.
func (q *Queue) mayRun() bool {
	return !q.paused && !q.closed && q.holding == 0 && q.schedule.allows(q.opt.Now())
}

// mustLeave reports whether one of a site's workers has to end. The lock is held.
func (q *Queue) mustLeave(s *siteRun) bool {
	mine, all := s.stay()-s.lanes, q.workers-q.leaving
	if q.closed || mine > max(1, min(s.grow.target, q.most(s))) || all > q.parallel() {
		return true
	}
	if mine > 1 && s.stay() > q.most(s) { // one large file has all that there may be, since there may be fewer
		return true
	}
	if all < q.parallel() {
		return false
	}
	spare := s.isStopped() || (s.ready() == 0 && !s.moreFiles && !s.moreDirs)
	for _, o := range q.sites {
		if o != s && (spare && q.wantsMore(o) || mine > 1 && o.stay() == 0 && q.wantsMore(o)) {
			return true
		}
	}
	return false
}

// wantsMore reports a site that has something to do for another worker. The lock
// is held.
func (q *Queue) wantsMore(s *siteRun) bool {
	target := max(1, min(s.grow.target, q.most(s)))
	if s.sessions == 0 {
		target = 1 // the first one shows whether the login works
	}
	return s.ready() > 0 && s.mayDial(q.opt.Now()) && s.workers < q.most(s) && s.workers-s.lanes < target
}

// feed gives a site's entries to its idle workers, and adds workers. The lock is
// held.
func (q *Queue) feed(s *siteRun) {
	if !q.mayRun() || s.isStopped() {
		return
	}
	waiting := s.ready()
	for _, w := range s.idle {
		if waiting == 0 {
			return
		}
		waiting--
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
	waiting -= s.coming() // who comes for an entry needs nobody beside it
	for waiting > 0 && q.workers < q.parallel() && q.wantsMore(s) {
		waiting--
		s.workers++
		q.workers++
		w := &worker{q: q, s: s, wake: make(chan struct{}, 1)}
		q.runs.Go(func() { w.run(q.ctx) })
	}
	if q.workers-q.leaving < q.parallel() || !q.wantsMore(s) {
		return
	}
	for _, o := range q.sites { // an unused session elsewhere makes room
		if o == s {
			continue
		}
		for _, w := range o.idle {
			select {
			case w.wake <- struct{}{}:
			default:
			}
			return
		}
	}
}

// tend looks at the clocks.
func (q *Queue) tend() {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.sites {
		q.lookBeside(s)
		units := int64(0)
		for _, e := range q.active {
			if e.site == s {
				moved := e.gauge.moved.Load()
				units += moved - e.counted
				e.counted = moved
			}
		}
		s.grow.moved(units, 0)
		s.grow.tick(now, s.busy, s.ready(), q.most(s))
	}
	if now.Sub(q.meter.at) >= sampleEvery {
		q.meter.sample(now)
		if len(q.active) > 0 {
			q.events.change()
		}
	}
}

// start makes e a running one. The lock is held.
func (q *Queue) start(e *entry) {
	ctx, cancel := context.WithCancelCause(q.ctx)
	e.ctx, e.cancel, e.over, e.postponed = ctx, cancel, make(chan struct{}), false
	e.gauge.started = q.opt.Now()
	if e.row.Started.IsZero() {
		e.row.Started = e.gauge.started
	}
	q.active[e.row.ID] = e
	q.begin(e.gauge.started)
	q.events.change()
}

// begin says that something is done, until the queue is idle. The lock is held.
func (q *Queue) begin(now time.Time) {
	if q.working {
		return
	}
	q.working, q.since = true, now
	q.totals = Totals{}
	q.sinceDown, q.sinceUp = q.meter.down.Load(), q.meter.up.Load()
}
