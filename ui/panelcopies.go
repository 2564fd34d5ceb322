package ui

import (
	"context"

	"portside/transfers/queue"
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
