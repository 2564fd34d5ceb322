package client

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/jlaffaye/ftp"

	"portside/client/internal/dtp"
)

const (
	// raceAfter is how long the first method has before the other direction is
	// tried beside it; four round trips where those are longer.
	raceAfter = 400 * time.Millisecond
	// raceTrusted is the same for a method that worked here before.
	raceTrusted = 1500 * time.Millisecond
	// scoutLogin bounds the second login, 20 round trips where those are longer: a
	// server that serves one connection after the other lets it wait for ever.
	scoutLogin = 6 * time.Second
	// scoutFor bounds the wait for the second control connection to be free.
	scoutFor = 3 * time.Second
	// scoutBytes is how much of a listing the scout reads.
	scoutBytes = 64 << 10
)

// errEnough ends the scout's listing: the channel has been proved.
var errEnough = errors.New("enough was read")

// A race tries the methods of the other direction on a second control connection,
// the scout's, while the first direction has not delivered. The nil race does
// nothing.
type race struct {
	cancel context.CancelFunc
	begun  chan struct{} // closed when the scout sets out
	won    chan struct{} // closed when method has delivered
	done   chan struct{} // closed when the scout is free or gone
	method Method        // after won
	tries  []Method      // what it tries
	login  time.Duration // for the second login
	failed []Failed      // after done: what it tried in vain
	width  width         // of the scout's data connections
	scout  chan *Session // after done: holds it, unless it is of no use or taken
	over   chan struct{} // closed when nobody wants the scout any more
}

// startRace begins a race beside the first of order; nil where there is no other
// direction to try.
func (s *Session) startRace(ctx context.Context, order []Method) *race {
	if s.opt.Mode != Auto || s.ctx == nil || len(order) < 2 {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(order), func(m Method) bool { return m.Active() == order[0].Active() })
	if len(others) == 0 {
		return nil
	}
	after := max(raceAfter, 4*s.ctl.RTT())
	if s.known.Of(order[0]).Works(s.opt.Now()) {
		after = max(raceTrusted, 8*s.ctl.RTT())
	}
	mode := Passive
	if others[0].Active() {
		mode = Active
	}
	opt, addr := s.siblingOptions(mode)
	rctx, cancel := context.WithCancel(ctx)
	r := &race{
		cancel: cancel, tries: others, width: width{narrow: s.width.narrow, settled: true}, login: max(scoutLogin, 20*s.ctl.RTT()),
		begun: make(chan struct{}), won: make(chan struct{}), done: make(chan struct{}),
		scout: make(chan *Session, 1), over: make(chan struct{}),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed { // Close waits for its helpers already, and for no new ones
		cancel()
		return nil
	}
	s.helpers.Go(func() {
		r.run(rctx, after, opt, addr)
		close(r.done)
		r.dismiss(s.ctx.Done())
	})
	return r
}

// dismiss says goodbye for a scout that nobody has taken when the race or the
// Session is over.
func (r *race) dismiss(closed <-chan struct{}) {
	select {
	case <-r.over:
	case <-closed:
	}
	select {
	case o := <-r.scout:
		_ = o.ctl.Quit()
	default:
	}
}

// run waits, dials and tries the methods until one delivers.
func (r *race) run(ctx context.Context, after time.Duration, opt Options, addr string) {
	t := time.NewTimer(after)
	defer t.Stop()
	select {
	case <-t.C:
		close(r.begun)
	case <-ctx.Done():
		return
	}
	o, err := r.enter(ctx, addr, opt)
	if err != nil {
		if ctx.Err() == nil {
			remark(opt, 0, "no second control connection to try the other direction: %v", err)
		}
		return
	}
	o.note("trying the other direction beside the first")
	o.width = r.width
	o.accepting, o.silence = acceptFor, o.patience(silentFor)
	methods := r.tries
	for len(methods) > 0 {
		m := methods[0]
		methods = methods[1:]
		err = o.attempt(ctx, m, r.proof(o, m), nil)
		if r.winner() != MethodNone || ctx.Err() != nil || !o.movesOn(ctx, err, request{touched: never}) {
			break
		}
		r.failed = append(r.failed, o.failed(m, err))
		left := o.postpone(methods, m, err)
		for _, x := range methods {
			if !slices.Contains(left, x) {
				r.failed = append(r.failed, Failed{Method: x, Step: StepAccept, Reason: "left out, as " + m.String() + " was not answered", Err: err})
			}
		}
		methods = left
		if o.ctl.Err() != nil || o.ctl.Busy() || o.gate.Unanswered() {
			break // the next method would wait for the reply to this one
		}
	}
	if o.ctl.Err() != nil || ctx.Err() != nil || o.ctl.Busy() {
		_ = o.ctl.Close()
		return
	}
	r.scout <- o
}

// enter logs in a second time.
func (r *race) enter(ctx context.Context, addr string, opt Options) (*Session, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, r.login, &TimeoutError{What: "the second login", After: r.login})
	defer cancel()
	return dial(ctx, addr, opt)
}

func never() bool { return false }

// proof is a listing of the login folder that ends when the channel is proved.
func (r *race) proof(o *Session, m Method) request {
	o.gate.ListAs("LIST")
	return request{
		op: func(c *ftp.ServerConn) error { _, err := c.List(""); return err },
		move: func(ctx context.Context, d *dtp.Data) error {
			if err := d.Establish(ctx); err != nil {
				return err
			}
			if m.Active() || o.tlsData != nil {
				r.win(m)
			}
			return o.readSome(ctx, d, func() { r.win(m) })
		},
		touched: never,
	}
}

// readSome reads a listing until the channel is proved, and calls first at the
// first byte.
func (s *Session) readSome(ctx context.Context, d *dtp.Data, first func()) error {
	in, err := d.NewReader(ctx, nil)
	if err != nil {
		return err
	}
	defer in.Close()
	buf := make([]byte, 4096)
	for total := 0; ; {
		n, err := in.Read(buf)
		if n > 0 && total == 0 {
			first()
		}
		total += n
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case total >= scoutBytes:
			return errEnough
		}
	}
}

// win tells that m has delivered.
func (r *race) win(m Method) {
	select {
	case <-r.won:
	default:
		r.method = m
		close(r.won)
	}
}

// winner returns the method that has delivered; MethodNone while none has.
func (r *race) winner() Method {
	if r == nil {
		return MethodNone
	}
	select {
	case <-r.won:
		return r.method
	default:
		return MethodNone
	}
}

// has reports whether the race is still finding out about the first of order. A
// race that has not begun is called off: there is nothing to wait for.
func (r *race) has(order []Method) bool {
	if r == nil || len(order) > 0 && !slices.Contains(r.tries, order[0]) {
		return false
	}
	select {
	case <-r.begun:
	default:
		r.cancel()
		return false
	}
	select {
	case <-r.done:
		return false
	default:
		return r.winner() == MethodNone
	}
}

// wait waits until the race is won or over.
func (r *race) wait(ctx context.Context) {
	select {
	case <-r.won:
	case <-r.done:
	case <-ctx.Done():
	}
}

// failures are the methods that the race has tried in vain; none while it goes on.
func (r *race) failures() []Failed {
	if r == nil {
		return nil
	}
	select {
	case <-r.done:
		return r.failed
	default:
		return nil
	}
}

// watch ends the attempt behind g when the other direction has delivered first. An
// attempt that has got a reply has so long still: where its connection is no
// ghost's, the server is only slow to begin.
func (r *race) watch(g *sign, grace time.Duration) (stop func()) {
	if r == nil || r.winner() != MethodNone {
		return func() {}
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-r.won:
		case <-over:
			return
		}
		if g.reply.Load() && grace > 0 {
			t := time.NewTimer(grace)
			defer t.Stop()
			select {
			case <-t.C:
			case <-over:
				return
			}
		}
		g.end(errOvertaken)
	}()
	return func() { close(over); <-ended }
}

// take returns the scout once it is free; nil where there is none.
func (r *race) take(ctx context.Context) *Session {
	if r == nil || r.winner() == MethodNone {
		return nil
	}
	t := time.NewTimer(scoutFor)
	defer t.Stop()
	select {
	case <-r.done:
	case <-t.C:
		return nil
	case <-ctx.Done():
		return nil
	}
	select {
	case o := <-r.scout:
		return o
	default:
		return nil
	}
}

// stop ends the race. A scout that nobody took says goodbye.
func (r *race) stop() {
	if r != nil {
		r.cancel()
		close(r.over)
	}
}
