package portmap

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// again is how long a router that made no mapping is not asked again: each transfer would
// wait for it.
const again = 2 * time.Minute

// An Announcer maps the ports of listeners as they come: its Announce is made for
// client.Options.Announce. The router is looked for when the first listener comes.
// Its existence is the user's consent; Close ends it.
type Announcer struct {
	opt  Options        // Local is that of the listener
	turn chan struct{}  // holds a token while a router is looked for
	uses sync.WaitGroup // calls of Announce

	mu      sync.Mutex // guards what follows
	closed  bool
	calls   map[*context.CancelCauseFunc]struct{} // of Announce, under way
	mappers map[netip.Addr]*Mapper                // by local address
	failed  map[netip.Addr]failure
	last    Mapping
}

// A failure is why there is no Mapper.
type failure struct {
	err error
	at  time.Time
}

// NewAnnouncer returns an Announcer that asks with opt; opt.Local is not used. Nothing is
// sent before the first Announce.
func NewAnnouncer(opt Options) *Announcer {
	return &Announcer{opt: opt, turn: make(chan struct{}, 1), mappers: map[netip.Addr]*Mapper{}, failed: map[netip.Addr]failure{}, calls: map[*context.CancelCauseFunc]struct{}{}}
}

// Announce maps a port of the router to the listener local and returns the address to
// announce in PORT or EPRT. release removes the mapping; it does not wait for the router,
// Close does. An error means that the listener's own address is all there is. A loopback
// listener has no router: its address is returned as it is.
func (a *Announcer) Announce(ctx context.Context, local netip.AddrPort) (announce netip.AddrPort, release func(), err error) {
	if local.Addr().IsLoopback() && !a.opt.Gateway.IsLoopback() {
		return local, func() {}, nil
	}
	actx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	end, ok := a.begin(cancel)
	if !ok {
		return netip.AddrPort{}, nil, ErrClosed
	}
	defer end()
	m, err := a.mapper(actx, local.Addr().Unmap())
	if err != nil {
		return netip.AddrPort{}, nil, err
	}
	mp, err := m.Map(actx, local)
	a.mu.Lock()
	defer a.mu.Unlock() // before end, which takes it again
	if err != nil {
		if actx.Err() == nil {
			a.failed[m.opt.Local] = failure{err, time.Now()}
		}
		return netip.AddrPort{}, nil, err
	}
	a.last = mp
	return mp.External, func() { m.releaseLater(ctx, mp) }, nil
}

// begin counts a call, which Close cancels and waits for.
func (a *Announcer) begin(cancel context.CancelCauseFunc) (end func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false
	}
	a.uses.Add(1)
	call := &cancel
	a.calls[call] = struct{}{}
	return func() {
		a.mu.Lock()
		delete(a.calls, call)
		a.mu.Unlock()
		a.uses.Done()
	}, true
}

// mapper returns the Mapper for a local address, opening it where there is none.
func (a *Announcer) mapper(ctx context.Context, local netip.Addr) (*Mapper, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	a.mu.Lock()
	m, f := a.mappers[local], a.failed[local]
	a.mu.Unlock()
	switch {
	case f.err != nil && time.Since(f.at) < again:
		return nil, f.err
	case m != nil:
		return m, nil
	}
	opt := a.opt
	opt.Local = local
	m, err := Open(ctx, opt)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil {
			a.failed[local] = failure{err, time.Now()}
		}
		return nil, err
	}
	a.mappers[local] = m
	return m, nil
}

// Last returns the mapping that was made last; ok is false where none was made.
func (a *Announcer) Last() (mp Mapping, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last, a.last.How != ""
}

// Close removes all mappings that are left and returns when nothing of the Announcer runs
// any more. It may be called again.
func (a *Announcer) Close(ctx context.Context) error {
	a.mu.Lock()
	a.closed = true
	for cancel := range a.calls {
		(*cancel)(ErrClosed)
	}
	a.mu.Unlock()
	a.uses.Wait()
	var all error
	for _, m := range a.mappers { // nobody adds to it now
		all = errors.Join(all, m.Close(ctx))
	}
	return all
}
