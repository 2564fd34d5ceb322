package client

import (
	"context"
	"sync/atomic"
	"time"
)

// A sign is what an attempt to make a data connection has shown so far. Once it
// has delivered, nothing ends the attempt from outside but its caller.
type sign struct {
	cancel context.CancelCauseFunc
	state  atomic.Int32 // one of the states below
	reply  atomic.Bool  // the transfer command has got a first reply
}

const (
	signNone      int32 = iota
	signDelivered       // data, or a protected connection
	signEnded           // given up for another method
)

func newSign(cancel context.CancelCauseFunc) *sign { return &sign{cancel: cancel} }

// delivered is called when the first bytes have come or gone, or the TLS
// handshake is done.
func (g *sign) delivered() { g.state.CompareAndSwap(signNone, signDelivered) }

// commit is delivered before something that cannot be taken back; it reports
// whether the attempt goes on.
func (g *sign) commit() bool {
	g.delivered()
	return g.state.Load() == signDelivered
}

// begun is called with the first reply to the transfer command.
func (g *sign) begun() { g.reply.Store(true) }

// end ends the attempt with why, unless it has delivered.
func (g *sign) end(why error) {
	if g.state.CompareAndSwap(signNone, signEnded) {
		g.cancel(why)
	}
}

// within ends the attempt where neither a reply nor data come in time.
func (g *sign) within(d time.Duration) (stop func() bool) {
	return time.AfterFunc(d, func() {
		if !g.reply.Load() {
			g.end(errSilent)
		}
	}).Stop
}
