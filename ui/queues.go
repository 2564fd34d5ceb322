package ui

import (
	"context"
	"errors"
	"sync"

	"portside/transfers"
)

// queues are the transfer queues of all servers this window was connected to,
// seen as one: transfers go on when the window turns to another server. An ID
// here is the number of the queue and the ID in it.
type queues struct {
	list []*siteQueue
}

// A siteQueue is the queue of one server, with what its names need.
type siteQueue struct {
	queue  *transfers.Queue
	target target
}

const queueShift = 40

func outerID(queue int, id int64) int64 { return int64(queue)<<queueShift | id }

func (q *queues) find(id int64) (*transfers.Queue, int64) {
	n := int(id >> queueShift)
	if n < 0 || n >= len(q.list) {
		return nil, 0
	}
	return q.list[n].queue, id & (1<<queueShift - 1)
}

// forTarget returns the queue whose sessions go to t in the same way, nil
// where there is none: sessions made under other security are never shared.
func (q *queues) forTarget(t target) *transfers.Queue {
	for _, s := range q.list {
		if s.target.sameServer(t) {
			return s.queue
		}
	}
	return nil
}

func (q *queues) add(t target, queue *transfers.Queue) {
	q.list = append(q.list, &siteQueue{queue: queue, target: t})
}

// target returns to which server the transfer with that ID goes.
func (q *queues) target(id int64) target {
	n := int(id >> queueShift)
	if n < 0 || n >= len(q.list) {
		return target{}
	}
	return q.list[n].target
}

// Snapshot returns the transfers of all queues.
func (q *queues) Snapshot() []transfers.Item {
	var all []transfers.Item
	for n, s := range q.list {
		for _, it := range s.queue.Snapshot() {
			it.ID = outerID(n, it.ID)
			all = append(all, it)
		}
	}
	return all
}

// Cancel cancels one transfer.
func (q *queues) Cancel(id int64) bool {
	queue, inner := q.find(id)
	return queue != nil && queue.Cancel(inner)
}

// CancelAll cancels every transfer.
func (q *queues) CancelAll() {
	for _, s := range q.list {
		s.queue.CancelAll()
	}
}

// Retry starts a failed or cancelled transfer again.
func (q *queues) Retry(id int64) bool {
	queue, inner := q.find(id)
	return queue != nil && queue.Retry(inner)
}

// Answer decides a conflict; ForAll reaches the queue it belongs to.
func (q *queues) Answer(id int64, d transfers.Decision) bool {
	queue, inner := q.find(id)
	return queue != nil && queue.Answer(inner, d)
}

// Clear forgets the finished transfers.
func (q *queues) Clear() {
	for _, s := range q.list {
		s.queue.Clear()
	}
}

// Close cancels everything and waits until nothing runs.
func (q *queues) Close(ctx context.Context) error {
	var wait sync.WaitGroup
	errs := make([]error, len(q.list))
	for n, s := range q.list {
		wait.Add(1)
		go func() {
			defer wait.Done()
			errs[n] = s.queue.Close(ctx)
		}()
	}
	wait.Wait()
	return errors.Join(errs...)
}
