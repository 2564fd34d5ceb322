package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"
	"portside/ui/uitest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// fakePanelQueue is a queue that holds still and notes what it is told.
type fakePanelQueue struct {
	mu       sync.Mutex // guards all below
	items    []queue.Item
	sites    []queue.SiteStatus
	limits   queue.Limits
	schedule queue.Schedule
	whenDone queue.WhenDone
	paused   bool
	trouble  queue.Reason
	calls    []string
	decision transfers.Decision
	most     int // rows that were listed at a time
	fail     error
}

func (q *fakePanelQueue) call(format string, args ...any) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls = append(q.calls, fmt.Sprintf(format, args...))
	return q.fail
}

func (q *fakePanelQueue) made() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.calls)
}

func (q *fakePanelQueue) Counts(context.Context) (queue.Counts, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := queue.Counts{States: map[queue.State]int{}, Left: -1}
	for _, it := range q.items {
		c.States[it.State]++
	}
	return c, nil
}

func (q *fakePanelQueue) Active() []queue.Item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []queue.Item
	for _, it := range q.items {
		if it.State == queue.Running || it.State == queue.Scanning {
			out = append(out, it)
		}
	}
	return out
}

// listed returns the most rows that were listed at once since the last call.
func (q *fakePanelQueue) listed() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.most
	q.most = 0
	return n
}

func (q *fakePanelQueue) List(_ context.Context, f queue.Filter, offset, limit int) ([]queue.Item, int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.most = max(q.most, limit)
	var out []queue.Item
	n := 0
	for _, it := range q.items {
		s := it.State
		if s == queue.Running || s == queue.Scanning {
			s = queue.Queued // as it is in the file
		}
		if !slices.Contains(f.States, s) || !strings.Contains(it.Remote, f.Text) {
			continue
		}
		if n >= offset && len(out) < limit {
			out = append(out, it)
		}
		n++
	}
	return out, n, nil
}

func (q *fakePanelQueue) Items(_ context.Context, ids ...int64) ([]queue.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []queue.Item
	for _, it := range q.items {
		if slices.Contains(ids, it.ID) {
			out = append(out, it)
		}
	}
	return out, nil
}

func (q *fakePanelQueue) Sites(context.Context) ([]queue.SiteStatus, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.sites), nil
}
func (q *fakePanelQueue) Graph() []queue.Sample { return nil }

func (q *fakePanelQueue) Paused() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.paused
}

func (q *fakePanelQueue) Trouble() queue.Reason {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.trouble
}

func (q *fakePanelQueue) Limits() queue.Limits {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.limits
}

func (q *fakePanelQueue) Schedule() queue.Schedule {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.schedule
}

func (q *fakePanelQueue) WhenDone() queue.WhenDone {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.whenDone
}

func (q *fakePanelQueue) Pause(_ context.Context, ids ...int64) error {
	return q.call("pause %v", ids)
}

func (q *fakePanelQueue) Resume(_ context.Context, ids ...int64) error {
	return q.call("resume %v", ids)
}

func (q *fakePanelQueue) PauseAll(_ context.Context, now bool) error {
	q.mu.Lock()
	q.paused = true
	q.mu.Unlock()
	return q.call("pause all %v", now)
}

func (q *fakePanelQueue) ResumeAll(context.Context) error {
	q.mu.Lock()
	q.paused = false
	q.mu.Unlock()
	return q.call("resume all")
}

func (q *fakePanelQueue) Cancel(_ context.Context, ids ...int64) error {
	if len(ids) > 20 {
		return q.call("cancel %d", len(ids))
	}
	return q.call("cancel %v", ids)
}
func (q *fakePanelQueue) CancelAll(context.Context) error { return q.call("cancel all") }

func (q *fakePanelQueue) Remove(_ context.Context, ids ...int64) error {
	return q.call("remove %v", ids)
}

func (q *fakePanelQueue) Retry(_ context.Context, ids ...int64) error { return q.call("retry %v", ids) }

func (q *fakePanelQueue) RetryFailed(context.Context) error { return q.call("retry failed") }

func (q *fakePanelQueue) Skip(_ context.Context, ids ...int64) error { return q.call("skip %v", ids) }

func (q *fakePanelQueue) SetPriority(_ context.Context, p queue.Priority, ids ...int64) error {
	return q.call("priority %d %v", p, ids)
}

func (q *fakePanelQueue) Move(_ context.Context, where queue.Where, ids ...int64) error {
	return q.call("move %d %v", where, ids)
}

func (q *fakePanelQueue) Answer(_ context.Context, id int64, d transfers.Decision) (bool, error) {
	q.mu.Lock()
	q.decision = d
	q.mu.Unlock()
	return true, q.call("answer %d", id)
}

func (q *fakePanelQueue) SetLimits(_ context.Context, l queue.Limits) error {
	q.mu.Lock()
	q.limits = l
	q.mu.Unlock()
	return q.call("limits %d %d %d %d", l.Down, l.Up, l.Parallel, l.PerSite)
}

func (q *fakePanelQueue) SetSchedule(_ context.Context, s queue.Schedule) error {
	q.mu.Lock()
	q.schedule = s
	q.mu.Unlock()
	return q.call("schedule %v-%v %v", s.From, s.To, s.Days)
}

func (q *fakePanelQueue) SetWhenDone(_ context.Context, d queue.WhenDone) error {
	q.mu.Lock()
	q.whenDone = d
	q.mu.Unlock()
	return q.call("when done %s %q", d.Action, d.Command)
}

func (q *fakePanelQueue) ResumeSite(site string) { _ = q.call("resume site %s", site) }

func (q *fakePanelQueue) Clear(_ context.Context, states ...queue.State) error {
	return q.call("clear")
}

// panelBench is a panel in a window with somebody to use it.
type panelBench struct {
	*uitest.User
	t       *testing.T
	loop    *uitest.Loop
	p       *transferPanel
	q       *fakePanelQueue
	looks   sync.WaitGroup
	errs    []error
	logins  []string
	copied  string
	told    []int64 // IDs that diagnose or reveal got
	arrange int
}

func openPanel(t *testing.T, items ...queue.Item) *panelBench {
	t.Helper()
	lightApp(t)
	win := test.NewTempWindow(t, nil)
	win.SetPadded(false)
	b := &panelBench{t: t, loop: uitest.NewLoop(t), q: &fakePanelQueue{items: items}}
	b.p = newTransferPanel(t.Context(), panelHooks{
		run: func(f func()) { b.looks.Go(f) }, do: b.loop.Do, wake: func() {}, sheets: newSheetBoard(win.Canvas()), canvas: win.Canvas(),
		words:    func() state.PanelWords { return samplePanelWords(time.Now()) },
		copy:     func(text string) { b.copied = text },
		diagnose: func(it queue.Item) { b.told = append(b.told, it.ID) },
		reveal:   func(it queue.Item) { b.told = append(b.told, -it.ID) },
		login:    func(site string) { b.logins = append(b.logins, site) },
		fail:     func(err error) { b.errs = append(b.errs, err) },
		arranged: func() { b.arrange++ }, active: func() {},
	})
	t.Cleanup(func() {
		b.looks.Wait()
		b.p.Close()
	})
	win.SetContent(container.NewBorder(b.p.Head, nil, nil, nil, b.p.Body))
	win.Resize(fyne.NewSize(1200, 420))
	b.User = uitest.NewUser(t, win.Canvas())
	b.p.SetOpen(true)
	b.p.Use(b.q)
	b.sees("the first look", func() bool { return b.p.snap.counts.States != nil })
	return b
}

// sees looks at the queue until ok holds.
func (b *panelBench) sees(what string, ok func() bool) {
	b.t.Helper()
	b.loop.Until(what, func() bool {
		b.p.Pull()
		b.loop.Drain()
		return ok()
	})
}

func (b *panelBench) reads(text string) {
	b.t.Helper()
	b.sees("the text "+text, func() bool { return uitest.HasText(b.Canvas(), text) })
}

// told waits for the queue to be told something.
func (b *panelBench) tells(call string) {
	b.t.Helper()
	b.sees("the call "+call, func() bool { return slices.Contains(b.q.made(), call) })
}

// sampleItems are so many items, IDs from 1, that wait.
func sampleItems(n int) []queue.Item {
	items := make([]queue.Item, n)
	for i := range items {
		items[i] = queue.Item{
			ID: int64(i + 1), Job: int64(i + 1), Site: "srv", Remote: fmt.Sprintf("/pub/f%06d.bin", i+1),
			Local: fmt.Sprintf("/home/joe/f%06d.bin", i+1), Total: 1000, Left: -1,
		}
	}
	return items
}
