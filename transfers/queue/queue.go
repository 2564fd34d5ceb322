package queue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"portside/transfers"
	"portside/transfers/queue/store"
)

// A Queue works off transfers of many sites. Its methods may be called from any
// goroutine.
type Queue struct {
	opt    Options
	st     *store.Store
	down   *transfers.Limiter
	up     *transfers.Limiter
	events *events
	known  knownFolders
	meter  meter

	ctx    context.Context // of all that runs
	stop   context.CancelCauseFunc
	runs   sync.WaitGroup // workers and their checks
	tender sync.WaitGroup // the dispatcher
	wake   chan struct{}  // holds one
	closer sync.Once

	mu                 sync.Mutex // guards what follows, the sites and the entries
	sites              []*siteRun
	byKey              map[string]*siteRun
	byID               map[int64]*siteRun
	active             map[int64]*entry
	workers            int // of all sites
	leaving            int // of them, those that are about to end
	limits             Limits
	schedule           Schedule
	whenDone           WhenDone
	paused             bool
	closed             bool
	trouble            Reason                    // why the file cannot be written
	standing           map[Kind]transfers.Exists // the answers for all
	working            bool                      // something was done since the queue was last idle
	idle               chan struct{}             // closed while nothing is left that could be done
	totals             Totals                    // since then
	since              time.Time
	sinceDown, sinceUp int64
	finished           int           // since the finished ones were last thinned out
	holding            int           // changes of the file under way, during which nothing is started
	held               bool          // Start is waited for; it counts in holding
	left               chan struct{} // closed when connections were closed, and replaced
}

// Open opens the queue, with what is left in its file, and begins to work it off
// as sites are added. damage is not nil where the file could not be read and was
// set aside. The caller closes the Queue, also when ctx has ended.
func Open(ctx context.Context, opt Options) (q *Queue, damage *store.Damage, err error) {
	opt = opt.withDefaults()
	st, damage, err := store.Open(ctx, store.Options{
		Path: opt.Path, Pending: []uint8{uint8(Queued), uint8(Waiting)},
		Finished: []uint8{uint8(Done), uint8(Failed), uint8(Skipped), uint8(Cancelled)},
		KeepDone: opt.KeepDone, KeepFor: opt.KeepFor, Now: opt.Now,
	})
	if err != nil {
		return nil, damage, fmt.Errorf("open the transfer queue: %w", err)
	}
	q = &Queue{
		opt: opt, st: st, events: newEvents(opt.OnChange), wake: make(chan struct{}, 1),
		down: transfers.NewLimiter(0), up: transfers.NewLimiter(0),
		byKey: make(map[string]*siteRun), byID: make(map[int64]*siteRun), active: make(map[int64]*entry),
		standing: make(map[Kind]transfers.Exists), idle: make(chan struct{}), left: make(chan struct{}),
	}
	if err = q.load(ctx); err != nil {
		return nil, damage, errors.Join(err, st.Close())
	}
	q.ctx, q.stop = context.WithCancelCause(ctx)
	if opt.Held {
		q.held, q.holding = true, 1
	}
	go q.events.run()
	q.tender.Go(func() { q.dispatch(q.ctx) })
	if opt.Path != "" {
		q.tender.Go(func() { q.obey(q.ctx) })
	}
	return q, damage, nil
}

// Start lets a queue begin that was opened with Options.Held.
func (q *Queue) Start() {
	q.mu.Lock()
	if q.held {
		q.held = false
		q.holding--
	}
	q.mu.Unlock()
	q.nudge()
}

func (o Options) withDefaults() Options {
	def := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	def(&o.Tries, DefaultTries)
	def(&o.DialRetries, DefaultDialRetries)
	def(&o.KeepDone, DefaultKeepDone)
	def(&o.MaxDepth, transfers.DefaultMaxDepth)
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = DefaultIdleTimeout
	}
	if o.Backoff <= 0 {
		o.Backoff = transfers.DefaultBackoff
	}
	if o.KeepFor <= 0 {
		o.KeepFor = DefaultKeepFor
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// The names of settings in the file.
const (
	keyLimits   = "limits"
	keySchedule = "schedule"
	keyWhenDone = "whenDone"
	keyPaused   = "paused"
)

// load takes over sites and settings from the file.
func (q *Queue) load(ctx context.Context) error {
	sites, err := q.st.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		q.addSite(s.ID, Site{Key: s.Key, Name: s.Name})
	}
	q.limits = q.opt.Limits
	for key, into := range map[string]any{
		keyLimits: &q.limits, keySchedule: &q.schedule, keyWhenDone: &q.whenDone, keyPaused: &q.paused,
	} {
		if err = q.setting(ctx, key, into); err != nil {
			return err
		}
	}
	q.down.SetRate(q.limits.Down)
	q.up.SetRate(q.limits.Up)
	return nil
}

// addSite makes a site known. The lock is held, or nobody else is there.
func (q *Queue) addSite(id int64, site Site) *siteRun {
	s := &siteRun{
		id: id, key: site.Key, site: site, taken: make(map[int64]*held), grow: growth{target: 1},
		down: transfers.NewLimiter(site.Down), up: transfers.NewLimiter(site.Up),
	}
	s.more()
	q.sites = append(q.sites, s)
	q.byKey[site.Key], q.byID[id] = s, s
	return s
}

// AddSite makes a site known, or gives it another name and other limits, which
// hold at once. Items are added for known sites only.
func (q *Queue) AddSite(ctx context.Context, site Site) error {
	id, err := q.st.Site(ctx, site.Key, site.Name)
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.byKey[site.Key]; s != nil {
		q.limitSite(s, site)
		return nil
	}
	q.addSite(id, site)
	return nil
}

// A JobError is a job that cannot be added.
type JobError struct {
	Job  Job
	What string // a clause: "the local path is not absolute"
}

// Error returns what is wrong.
func (e *JobError) Error() string { return fmt.Sprintf("%s: %s", e.Job.Kind, e.What) }

// Add puts jobs at the end of the queue and returns their items' IDs, in order.
// They are in the file when it returns. Where one of them is a *JobError,
// nothing is added.
func (q *Queue) Add(ctx context.Context, jobs ...Job) ([]int64, error) {
	now := q.opt.Now()
	rows := make([]store.Row, len(jobs))
	for i, job := range jobs {
		row, err := q.row(job, now)
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil, errClosed
	}
	q.mu.Unlock()
	ids, err := q.st.Insert(ctx, rows)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	for i := range rows {
		if s := q.byID[rows[i].Site]; s != nil {
			s.outranked(rows[i].Priority)
		}
	}
	q.mu.Unlock()
	q.moreWork()
	return ids, nil
}

// moreWork says that the file may hold more to do, for all sites.
func (q *Queue) moreWork() {
	q.mu.Lock()
	for _, s := range q.sites {
		s.more()
	}
	q.busyAgain()
	q.mu.Unlock()
	q.events.change()
	q.nudge()
}

// busyAgain says that something may be left to do. The lock is held.
func (q *Queue) busyAgain() {
	select {
	case <-q.idle:
		q.idle = make(chan struct{})
	default:
	}
}

// row makes a row of a job.
func (q *Queue) row(job Job, now time.Time) (store.Row, error) {
	bad := func(what string) (store.Row, error) { return store.Row{}, &JobError{Job: job, What: what} }
	row := store.Row{
		Kind: uint8(job.Kind), Dir: job.Dir, Remote: []byte(job.Remote), ToRemote: []byte(job.ToRemote),
		Size: job.Size, ModTime: job.ModTime, Rule: uint8(job.Rule), Priority: int8(job.Priority),
		Due: job.After, Added: now,
	}
	if job.Dir {
		row.Size = 0
	} else if job.Size <= 0 {
		row.Size = -1
	}
	if job.ASCII {
		row.Flags |= flagASCII
	}
	if job.Paused {
		row.State = uint8(Paused)
	}
	q.mu.Lock()
	s, to := q.byKey[job.Site], q.byKey[job.ToSite]
	q.mu.Unlock()
	if s == nil {
		return bad("the site is not known")
	}
	row.Site = s.id
	switch job.Kind {
	case Download, Upload:
		if !filepath.IsAbs(job.Local) {
			return bad("the local path is not absolute")
		}
		row.Root, row.Local = filepath.Split(filepath.Clean(job.Local))
		if job.Dir {
			row.Root, row.Local = filepath.Clean(job.Local), "."
		}
		if job.Dir && row.Root == "" || !job.Dir && row.Local == "" {
			return bad("the local path names no file")
		}
	case Copy:
		if to == nil {
			return bad("the target's site is not known")
		}
		row.ToSite = to.id
	case Delete, Chmod:
		if job.Remote == "" || strings.Trim(job.Remote, "/") == "" {
			return bad("it would be the whole server")
		}
		row.Mode = job.Mode
		row.Flags |= flagWholeDir
	default:
		return bad("there is no such kind")
	}
	return row, nil
}

// Wait returns when nothing is left that could be done, or ctx ends: what is
// left is paused, waits for an answer, or belongs to a site that is stopped. It
// returns an error where the queue is closed before.
func (q *Queue) Wait(ctx context.Context) error {
	for {
		q.mu.Lock()
		idle := q.idle
		q.mu.Unlock()
		select {
		case <-idle:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-q.ctx.Done():
			return errClosed
		}
	}
}

// Close stops what runs, keeps in the file what is not finished, for the next
// time, and waits until all goroutines have ended and all sessions are closed,
// or for ctx.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	for _, e := range q.active {
		e.cancel(errClosed)
	}
	q.mu.Unlock()
	q.stop(errClosed)
	over := make(chan error, 1)
	go func() {
		q.runs.Wait()
		q.tender.Wait()
		var err error
		q.closer.Do(func() {
			q.events.close()
			err = q.st.Close()
		})
		over <- err
	}()
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// splitRemote splits a raw path behind its last slash.
func splitRemote(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i+1], path[i+1:]
}
