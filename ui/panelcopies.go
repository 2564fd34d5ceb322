package ui

import (
	"context"
	"maps"

	"portside/transfers/queue"
	"portside/ui/state"
)

// copiesMost bounds the entries that are looked at to find copies to a site that does
// not work.
const copiesMost = 1000

// countCopies counts, for sites that do not work and that nothing waits for but copies
// from other sites, how many do: the queue counts a copy with its source.
func countCopies(ctx context.Context, q panelView, list []queue.SiteStatus) error {
	held := map[string]*queue.SiteStatus{}
	for i := range list {
		if s := &list[i]; s.Unfinished == 0 && (s.Stopped != queue.Reason{} || s.Trouble != queue.Reason{}) {
			held[s.Key] = s
		}
	}
	if len(held) == 0 {
		return nil
	}
	items, _, err := q.List(ctx, queue.Filter{States: []queue.State{queue.Queued, queue.Waiting}}, 0, copiesMost)
	if err != nil {
		return err
	}
	for _, it := range items {
		if s := held[it.ToSite]; s != nil {
			s.Unfinished++
		}
	}
	return nil
}

// stoppedSites returns why sites wait for a login.
func stoppedSites(list []queue.SiteStatus) func(key string) queue.Reason {
	why := map[string]queue.Reason{}
	for _, s := range list {
		if s.Stopped != (queue.Reason{}) {
			why[s.Key] = s.Stopped
		}
	}
	if len(why) == 0 {
		return nil
	}
	return func(key string) queue.Reason { return why[key] }
}

// holdWaiting reports whether all that waits for its next try is held up by a login, and
// counts it as queued then. It looks at no more than copiesMost of them.
func holdWaiting(ctx context.Context, q panelView, c *queue.Counts, words state.PanelWords) (bool, error) {
	if words.Stopped == nil || c.States[queue.Waiting] == 0 {
		return false, nil
	}
	items, _, err := q.List(ctx, queue.Filter{States: []queue.State{queue.Waiting}}, 0, copiesMost)
	if err != nil || len(items) == 0 {
		return false, err
	}
	for _, it := range items {
		if it.State == queue.Waiting && state.PanelHeld(it, words) == "" {
			return false, nil
		}
	}
	c.States = maps.Clone(c.States)
	c.States[queue.Queued] += c.States[queue.Waiting]
	c.States[queue.Waiting] = 0
	return true, nil
}
