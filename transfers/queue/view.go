package queue

import (
	"cmp"
	"context"
	"slices"

	"portside/transfers/queue/store"
)

// Active returns what runs at the moment, the oldest first.
func (q *Queue) Active() []Item {
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	items := make([]Item, 0, len(q.active))
	for _, e := range q.active {
		it := q.item(&e.row)
		e.live(&it, now)
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	})
	return items
}

// List returns the items that a filter chooses, from offset on, limit at most,
// and how many there are. Unfinished ones are in the order in which they will
// run, then finished ones, the newest first. What runs counts as queued in the
// order, and has its own state in the items.
func (q *Queue) List(ctx context.Context, f Filter, offset, limit int) ([]Item, int, error) {
	query := store.PageQuery{Text: f.Text, Job: f.Job, NewestFirst: true, Offset: offset, Limit: limit}
	for _, s := range f.States {
		switch s {
		case Running, Scanning:
			s = Queued // as it is in the file
		}
		if !slices.Contains(query.States, uint8(s)) {
			query.States = append(query.States, uint8(s))
		}
	}
	rows, total, err := q.st.Page(ctx, query)
	if err != nil {
		return nil, 0, err
	}
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	items := make([]Item, len(rows))
	for i := range rows {
		items[i] = q.item(&rows[i])
		if e := q.active[rows[i].ID]; e != nil {
			e.live(&items[i], now)
		}
	}
	return items, total, nil
}

// Items returns items by ID; those that are gone are left out.
func (q *Queue) Items(ctx context.Context, ids ...int64) ([]Item, error) {
	rows, err := q.st.Get(ctx, ids...)
	if err != nil {
		return nil, err
	}
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	items := make([]Item, len(rows))
	for i := range rows {
		items[i] = q.item(&rows[i])
		if e := q.active[rows[i].ID]; e != nil {
			e.live(&items[i], now)
		}
	}
	return items, nil
}

// Counts returns the sums.
func (q *Queue) Counts(ctx context.Context) (Counts, error) {
	sums, err := q.st.Counts(ctx)
	if err != nil {
		return Counts{}, err
	}
	now := q.opt.Now()
	c := Counts{States: make(map[State]int), Left: -1}
	for s, n := range sums {
		state := State(s)
		c.States[state] = int(n.N)
		if !state.Finished() {
			c.BytesLeft += n.Bytes
			c.Unknown += int(n.Unknown) + int(n.Dirs)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.active {
		c.States[State(e.row.State)]--
		c.States[e.state]++
		c.BytesLeft -= min(e.gauge.bytes.Load(), max(0, e.row.Size))
	}
	c.BytesLeft = max(0, c.BytesLeft)
	c.Down, c.Up = q.meter.rates()
	if q.working {
		c.FilesDone = q.totals.Files
		down, up := q.meter.down.Load()-q.sinceDown, q.meter.up.Load()-q.sinceUp
		c.BytesDone = down + up
		if span := now.Sub(q.since).Seconds(); span > 0 {
			c.MeanDown, c.MeanUp = float64(down)/span, float64(up)/span
		}
		c.Left = left(c.BytesLeft, c.Down+c.Up)
	}
	return c, nil
}

// Sites returns how the sites are getting on.
func (q *Queue) Sites(ctx context.Context) ([]SiteStatus, error) {
	open, err := q.st.CountsBySite(ctx)
	if err != nil {
		return nil, err
	}
	now := q.opt.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]SiteStatus, 0, len(q.sites))
	for _, s := range q.sites {
		st := SiteStatus{
			Site: s.site, Connections: s.sessions, Limit: max(1, min(s.grow.target, q.most(s))),
			Stopped: s.stopped,
		}
		for state, n := range open[s.id] {
			if !State(state).Finished() {
				st.Unfinished += int(n.N)
			}
		}
		if s.retry.After(now) {
			st.Retry, st.Trouble = s.retry, s.trouble
		}
		list = append(list, st)
	}
	return list, nil
}

// Trouble says why the queue's file cannot be written; the zero Reason: it can.
func (q *Queue) Trouble() Reason {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.trouble
}

// Graph returns the throughput of the last two minutes, oldest first.
func (q *Queue) Graph() []Sample {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.meter.samples)
}
