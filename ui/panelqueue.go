package ui

import (
	"context"
	"slices"
	"sync"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"
)

// A panelQueue is what the panel asks of the queue; *queue.Queue is one.
type panelQueue interface {
	panelView
	panelSteer
}

// A panelView is what there is to be seen. List reads the queue's file.
type panelView interface {
	Counts(ctx context.Context) (queue.Counts, error)
	Active() []queue.Item
	List(ctx context.Context, f queue.Filter, offset, limit int) ([]queue.Item, int, error)
	Items(ctx context.Context, ids ...int64) ([]queue.Item, error)
	Sites(ctx context.Context) ([]queue.SiteStatus, error)
	Trouble() queue.Reason // with the queue's file
	Graph() []queue.Sample
	Paused() bool
	Limits() queue.Limits
	Schedule() queue.Schedule
	WhenDone() queue.WhenDone
}

// A panelSteer is what can be done. All of it writes to the queue's file.
type panelSteer interface {
	Pause(ctx context.Context, ids ...int64) error
	Resume(ctx context.Context, ids ...int64) error
	PauseAll(ctx context.Context, now bool) error
	ResumeAll(ctx context.Context) error
	Cancel(ctx context.Context, ids ...int64) error
	CancelAll(ctx context.Context) error
	Remove(ctx context.Context, ids ...int64) error
	Retry(ctx context.Context, ids ...int64) error
	RetryFailed(ctx context.Context) error
	Skip(ctx context.Context, ids ...int64) error
	SetPriority(ctx context.Context, p queue.Priority, ids ...int64) error
	Move(ctx context.Context, where queue.Where, ids ...int64) error
	Answer(ctx context.Context, id int64, d transfers.Decision) (bool, error)
	SetLimits(ctx context.Context, l queue.Limits) error
	SetSchedule(ctx context.Context, s queue.Schedule) error
	SetWhenDone(ctx context.Context, d queue.WhenDone) error
	ResumeSite(site string)
	Clear(ctx context.Context, states ...queue.State) error
}

// A panelAsk is what the panel wants to see.
type panelAsk struct {
	turn  int  // counts the changes of tab and search
	deeds int  // counts what was done to the queue
	quiet bool // all of that was over when the look began
	open  bool
	tab   state.PanelTab
	text  string
	want  state.PanelWant
	held  bool // all that waits for its next try waits for a login; set by the look
}

// A panelSnap is a copy of what the queue says, made off the Fyne goroutine.
type panelSnap struct {
	ask      panelAsk
	counts   queue.Counts
	paused   bool
	limits   queue.Limits
	schedule queue.Schedule
	whenDone queue.WhenDone
	format   state.Format
	sites    []queue.SiteStatus
	notices  []state.PanelNotice
	graph    state.PanelGraph
	top      []state.PanelRow // what runs
	rows     []state.PanelRow // from ask.want.Offset
	total    int
	question string
	asking   queue.Item // waits for an answer, where question says something
	err      error
}

// lookPanel asks the queue all that the panel shows. It may take as long as the
// disk does.
func lookPanel(ctx context.Context, q panelView, ask panelAsk, words state.PanelWords) panelSnap {
	s := panelSnap{ask: ask, paused: q.Paused(), limits: q.Limits(), schedule: q.Schedule(), whenDone: q.WhenDone(), format: words.Format}
	if s.counts, s.err = q.Counts(ctx); s.err != nil {
		return s
	}
	if s.sites, s.err = q.Sites(ctx); s.err != nil {
		return s
	}
	if s.err = countCopies(ctx, q, s.sites); s.err != nil {
		return s
	}
	words.Stopped = stoppedSites(s.sites)
	if s.ask.held, s.err = holdWaiting(ctx, q, &s.counts, words); s.err != nil {
		return s
	}
	ask.held = s.ask.held
	s.notices = state.PanelNotices(s.sites, q.Trouble(), words)
	if n := s.counts.States[queue.NeedsAnswer]; n > 0 {
		items, _, err := q.List(ctx, queue.Filter{States: []queue.State{queue.NeedsAnswer}}, 0, 1)
		if err != nil {
			s.err = err
		} else if len(items) > 0 {
			s.asking, s.question = items[0], state.PanelQuestion(items[0], n, words)
		}
	}
	if !ask.open {
		return s
	}
	s.graph = state.GraphOf(q.Graph(), words.Now, s.limits)
	running := q.Active()
	if ask.tab.Active() {
		for _, it := range running {
			if state.PanelMatches(it, ask.text, words) {
				s.top = append(s.top, state.PanelRowOf(it, words))
			}
		}
	}
	items, total, err := panelBelow(ctx, q, ask, running, words, ask.want)
	if err != nil {
		s.err = err
	}
	s.total = total
	s.rows = make([]state.PanelRow, len(items))
	for i, it := range items {
		s.rows[i] = state.PanelRowOf(it, words)
	}
	return s
}

// panelBelow lists what does not run. To the file, what runs is queued, and comes
// first as a rule; the panel has it on top, or on another tab.
func panelBelow(ctx context.Context, q panelView, ask panelAsk, running []queue.Item, words state.PanelWords, want state.PanelWant) ([]queue.Item, int, error) {
	states := ask.tab.HeldStates(ask.held)
	if len(states) == 0 {
		return nil, 0, nil
	}
	over := 0 // rows that the list has too many
	if slices.Contains(states, queue.Queued) {
		for _, it := range running {
			if state.PanelMatches(it, ask.text, words) {
				over++
			}
		}
	}
	offset := want.Offset
	if offset > 0 {
		offset += over
	}
	items, total, err := q.List(ctx, queue.Filter{States: states, Text: ask.text}, offset, want.Limit+over)
	if err != nil {
		return nil, 0, err
	}
	items = slices.DeleteFunc(items, func(it queue.Item) bool {
		return it.State == queue.Running || it.State == queue.Scanning
	})
	return items[:min(len(items), want.Limit)], max(0, total-over), nil
}

// panelIDs returns the IDs of the places from first to last, that one not
// included; what runs is on top.
func panelIDs(ctx context.Context, q panelView, ask panelAsk, words state.PanelWords, first, last int) ([]int64, error) {
	var ids []int64
	place := 0
	running := q.Active()
	if ask.tab.Active() {
		for _, it := range running {
			if !state.PanelMatches(it, ask.text, words) {
				continue
			}
			if place >= first && place < last {
				ids = append(ids, it.ID)
			}
			place++
		}
	}
	const page = 5000
	for at := max(0, first-place); at < last-place; at += page {
		items, total, err := panelBelow(ctx, q, ask, running, words, state.PanelWant{Offset: at, Limit: min(page, last-place-at)})
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			ids = append(ids, it.ID)
		}
		if at+page >= total {
			break
		}
	}
	return ids, nil
}

// A panelHand does one thing after the other, off the Fyne goroutine: what is
// done to the queue waits for the disk, and must keep its order.
type panelHand struct {
	ctx  context.Context
	fail func(error) // told what did not work
	wake chan struct{}
	done chan struct{}

	mu     sync.Mutex // guards what follows
	calls  []func(context.Context) error
	left   int // calls that are not over
	closed bool
}

func newPanelHand(ctx context.Context, fail func(error)) *panelHand {
	h := &panelHand{ctx: ctx, fail: fail, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go h.run()
	return h
}

// Do has f done after all that were asked for before.
func (h *panelHand) Do(f func(context.Context) error) {
	h.mu.Lock()
	if !h.closed {
		h.calls = append(h.calls, f)
		h.left++
	}
	h.mu.Unlock()
	h.signal()
}

// Busy reports whether something is not done yet.
func (h *panelHand) Busy() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.left > 0
}

func (h *panelHand) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *panelHand) run() {
	defer close(h.done)
	for range h.wake {
		h.mu.Lock()
		calls, closed := h.calls, h.closed
		h.calls = nil
		h.mu.Unlock()
		for _, f := range calls {
			if err := f(h.ctx); err != nil {
				h.fail(err)
			}
			h.mu.Lock()
			h.left--
			h.mu.Unlock()
		}
		if closed {
			return
		}
	}
}

// Close does what was asked for before, and waits for that.
func (h *panelHand) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.signal()
	<-h.done
}
