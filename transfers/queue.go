package transfers

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"portside/client"
)

// The defaults of QueueOptions.
const (
	DefaultParallel    = 2
	DefaultIdleTimeout = 30 * time.Second
)

// QueueOptions say how a Queue works.
type QueueOptions struct {
	// Transfer is for every item. The queue sets Ask, Redial, Progress and
	// OnRetry itself.
	Transfer Options
	// Parallel is how many items run at a time, each on its own session. 0:
	// DefaultParallel. It is lowered for a while where the server refuses
	// further sessions.
	Parallel int
	// IdleTimeout is how long an unused session is kept. 0: DefaultIdleTimeout.
	IdleTimeout time.Duration
	// Lend, where set, is asked for a session that somebody else uses as well, such
	// as the one that browses, where the server lets no session of the queue in. It
	// may return nil. The queue does not close it.
	Lend func() RemoteCloser
	// OnChange is told of every change of an item's state; OnIdle when the last
	// item has come to its end. Both are called in order, from one goroutine
	// of the queue. They may use the queue, but not close it.
	OnChange func(Item)
	OnIdle   func()
}

var (
	errCancelled = errors.New("cancelled")
	errQueueDone = errors.New("the queue is closed")
)

// A Queue runs jobs for one site, over sessions of its own where the server lets
// them in. Its methods may be
// called from any goroutine.
type Queue struct {
	opt    QueueOptions
	pool   *pool
	events *eventLoop
	ctx    context.Context // of all that runs
	stop   context.CancelCauseFunc
	runs   sync.WaitGroup // the items' goroutines
	tender sync.WaitGroup // the pool's goroutine
	closer sync.Once

	mu       sync.Mutex // guards what follows, and the entries
	entries  []*entry   // in order of adding
	byID     map[int64]*entry
	pending  []*entry        // Queued, in the order they will start
	answered []chan struct{} // items that had their answer and wait for their turn
	lastID   int64
	limit    int // items that may run now
	running  int
	asking   int       // items that need an answer, or wait in answered
	standing [2]Exists // the answers for all, by direction; Ask: none
	closed   bool
}

// NewQueue returns an empty queue. dial makes its sessions, which it closes;
// ctx bounds its life. Close must be called also when ctx has ended.
func NewQueue(ctx context.Context, dial func(ctx context.Context) (RemoteCloser, error), opt QueueOptions) *Queue {
	if opt.Parallel <= 0 {
		opt.Parallel = DefaultParallel
	}
	if opt.IdleTimeout <= 0 {
		opt.IdleTimeout = DefaultIdleTimeout
	}
	q := &Queue{
		opt: opt, limit: opt.Parallel,
		pool: newPool(dial, opt.Lend, opt.IdleTimeout), events: newEventLoop(),
		byID: make(map[int64]*entry),
	}
	q.ctx, q.stop = context.WithCancelCause(ctx)
	go q.events.run()
	q.tender.Go(func() { q.pool.tend(q.ctx) })
	return q
}

// Add puts jobs at the end of the queue and returns their items' IDs. After
// Close it adds nothing and returns nil.
func (q *Queue) Add(jobs ...Job) []int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil
	}
	now := time.Now()
	ids := make([]int64, 0, len(jobs))
	for _, job := range jobs {
		q.lastID++
		e := newEntry(q.lastID, job, now)
		q.entries = append(q.entries, e)
		q.byID[e.item.ID] = e
		q.pending = append(q.pending, e)
		q.changed(e)
		ids = append(ids, e.item.ID)
	}
	q.fill()
	return ids
}

// Snapshot returns copies of all items, in the order of adding.
func (q *Queue) Snapshot() []Item {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	items := make([]Item, len(q.entries))
	for i, e := range q.entries {
		items[i] = e.snapshot(now)
	}
	return items
}

// Cancel ends an item, within a second where it runs. It reports false where
// there is no such item, or it has finished.
func (q *Queue) Cancel(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	return e != nil && q.cancelEntry(e)
}

// CancelAll ends all items.
func (q *Queue) CancelAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cancelEntries()
}

func (q *Queue) cancelEntries() {
	for _, e := range q.entries {
		q.cancelEntry(e)
	}
}

func (q *Queue) cancelEntry(e *entry) bool {
	switch {
	case e.item.State.Finished():
		return false
	case e.cancel != nil:
		e.cancel(errCancelled)
		return true
	}
	q.pending = slices.DeleteFunc(q.pending, func(p *entry) bool { return p == e })
	q.end(e, Cancelled, nil)
	q.checkIdle()
	return true
}

// Retry puts a failed or cancelled item at the end of the queue. It goes on
// from a partial file, once compared, and leaves out what was transferred.
func (q *Queue) Retry(id int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if q.closed || e == nil || (e.item.State != Failed && e.item.State != Cancelled) {
		return false
	}
	e.reset()
	e.goOn = true
	q.pending = append(q.pending, e)
	q.changed(e)
	q.fill()
	return true
}

// Answer decides about the conflict of an item. With ForAll it is also the
// answer of every other item of the same direction, until the queue is idle.
func (q *Queue) Answer(id int64, d Decision) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || e.answer == nil || d.Action == Ask || d.Action > Fail {
		return false
	}
	dir := e.item.Direction
	q.answer(e, d)
	if d.ForAll {
		q.standing[dir] = d.Action
		for _, other := range q.entries {
			if other.answer != nil && other.item.Direction == dir {
				q.answer(other, d)
			}
		}
	}
	return true
}

// Clear takes the finished items off the list.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries = slices.DeleteFunc(q.entries, func(e *entry) bool {
		if !e.item.State.Finished() {
			return false
		}
		delete(q.byID, e.item.ID)
		return true
	})
}

// Close cancels what is left, and waits until all goroutines have ended and
// all sessions are closed, or for ctx.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.cancelEntries()
	q.mu.Unlock()
	q.stop(errQueueDone)
	over := make(chan struct{})
	go func() {
		defer close(over)
		q.runs.Wait()
		q.tender.Wait()
		q.pool.expire(time.Time{}) // what the last items gave back
		q.closer.Do(q.events.close)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// changed tells OnChange of e's state. The lock is held.
func (q *Queue) changed(e *entry) {
	if q.opt.OnChange == nil {
		return
	}
	item := e.snapshot(time.Now())
	q.events.post(func() { q.opt.OnChange(item) })
}

// end puts e into a final state. The lock is held.
func (q *Queue) end(e *entry, s State, err error) {
	e.item.State, e.item.Err, e.item.Ended = s, err, time.Now()
	e.item.Conflict, e.cancel, e.answer = nil, nil, nil
	if s == Done {
		e.done = nil
	}
	q.changed(e)
}

// fill starts what may run now. The lock is held.
func (q *Queue) fill() {
	for q.running < q.limit && !q.closed {
		switch {
		case len(q.answered) > 0:
			close(q.answered[0])
			q.answered = q.answered[1:]
		case len(q.pending) > 0:
			e := q.pending[0]
			q.pending = q.pending[1:]
			ctx, cancel := context.WithCancelCause(q.ctx)
			e.cancel = cancel
			e.item.State, e.item.Started = Running, time.Now()
			if e.item.Dir {
				e.item.State = Scanning
			}
			e.meter.add(0, e.item.Started)
			q.changed(e)
			q.runs.Go(func() {
				defer cancel(nil)
				q.run(ctx, e)
			})
		default:
			return
		}
		q.running++
	}
}

// checkIdle tells OnIdle when nothing is left to do. The lock is held.
func (q *Queue) checkIdle() {
	if q.running > 0 || q.asking > 0 || len(q.pending) > 0 {
		return
	}
	q.limit = q.opt.Parallel
	q.standing = [2]Exists{}
	if q.opt.OnIdle != nil {
		q.events.post(q.opt.OnIdle)
	}
}

// refuseAll fails everything that waits where the server refused the login or
// its certificate is not trusted, instead of trying once for each. The lock is
// held.
func (q *Queue) refuseAll(err error) {
	_, isLogin := errors.AsType[*client.LoginError](err)
	_, isCert := errors.AsType[*client.CertError](err)
	if !isLogin && !isCert {
		return
	}
	waiting := q.pending
	q.pending = nil
	for _, e := range waiting {
		q.end(e, Failed, err)
	}
}
