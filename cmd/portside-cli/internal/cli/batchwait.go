package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"portside/client"
	"portside/transfers/queue"
)

// How often a batch looks at its progress, and whether it is stuck.
const (
	lookEvery  = 100 * time.Millisecond
	stuckEvery = time.Second
)

// wait waits until everything has come to its end, and shows how far it is.
func (b *batch) wait(ctx context.Context) error {
	over := make(chan error, 1)
	go func() { over <- b.q.Wait(ctx) }()
	look, stuck := time.NewTicker(lookEvery), time.NewTicker(stuckEvery)
	defer look.Stop()
	defer stuck.Stop()
	for {
		select {
		case err := <-over:
			b.bar.clear()
			if err != nil {
				return &stoppedError{err: err, copied: b.copied && slices.ContainsFunc(b.list, func(s *batchSource) bool { return s.dir })}
			}
			return nil
		case <-look.C:
			b.show(ctx)
		case <-stuck.C:
			if err := b.noRoom(ctx); err != nil {
				err = errors.Join(err, b.q.CancelAll(ctx), <-over)
				b.bar.clear()
				return err
			}
		}
	}
}

// noRoom reports a full disk of this computer, for which nothing waits here.
func (b *batch) noRoom(ctx context.Context) error {
	items, _, err := b.q.List(ctx, queue.Filter{States: []queue.State{queue.Waiting}}, 0, 1)
	if err != nil || len(items) == 0 {
		return err
	}
	r := items[0].Reason
	if r.Kind != client.KindSpace.String() || items[0].Kind != queue.Download {
		return nil
	}
	return &adviceError{
		advice: client.Advice{Sentence: r.Sentence, Next: optionNames().Replace(r.Next), Kind: client.KindSpace},
		err:    &localError{op: "write", err: syscall.ENOSPC},
	}
}

// show brings the progress line up to date.
func (b *batch) show(ctx context.Context) {
	if b.bar == nil {
		return
	}
	c, err := b.q.Counts(ctx)
	if err != nil {
		return // the end tells what is wrong with the list
	}
	b.mu.Lock()
	done := b.files
	b.mu.Unlock()
	label := ""
	if running := b.q.Active(); len(running) > 0 {
		label = running[len(running)-1].Remote
		if running[len(running)-1].Kind == queue.Upload {
			label = running[len(running)-1].Local
		}
	}
	total := c.BytesDone + c.BytesLeft
	if c.Unknown > 0 {
		total = -1
	}
	b.bar.showQueue(fmt.Sprintf("%d/%d ", done, done+c.Unfinished()), label, c.BytesDone, total)
}

// failedPage is how many failed items are read at a time.
const failedPage = 1000

// settle reads what has failed without having run: the rest of a site whose
// connection could not be made again.
func (b *batch) settle(ctx context.Context) error {
	filter := queue.Filter{States: []queue.State{queue.Failed}}
	for {
		items, total, err := b.q.List(ctx, filter, len(b.left), failedPage)
		if err != nil {
			return err
		}
		b.left = append(b.left, items...)
		if len(items) == 0 || len(b.left) >= total {
			return nil
		}
	}
}

// untold makes one failure of all that failed without having run.
func (b *batch) untold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	missed := map[*batchSource]int{}
	reason := map[*batchSource]queue.Reason{}
	for _, it := range b.left {
		if s := b.byJob[it.Job]; s != nil && !b.seen[it.ID] {
			missed[s]++
			reason[s] = it.Reason
		}
	}
	for s, n := range missed {
		advice := reasonError(reason[s]).advice
		site := b.sites[s.site]
		site.mu.Lock()
		last := site.last
		site.mu.Unlock()
		if last != nil {
			advice = adviceOf(last)
		}
		if s.dir && s.over {
			advice.Sentence += fmt.Sprintf(" %s of %s could not be transferred.", plural(n, "file"), s.from)
		}
		s.err = &adviceError{advice: advice, err: last}
	}
}

// A stoppedError is a batch that was interrupted.
type stoppedError struct {
	err    error
	copied bool // a folder, to a destination that is its copy
}

func (e *stoppedError) Error() string { return e.err.Error() }
func (e *stoppedError) Unwrap() error { return e.err }
