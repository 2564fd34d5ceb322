package diagnose

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// hopFor is the wait for a hop; a SYN that was lost, or that a router was too
	// busy to answer, is sent again after a second.
	hopFor = 1600 * time.Millisecond
	// farthest is how many hops there are on any path of the internet.
	farthest = 32
	// ends is how many hops are looked at on this side and on the server's.
	ends = 3
)

// What a hop showed besides the classes of Control.
const (
	traceHop    = "hop"
	traceSilent = "silent"
)

// probeTrace finds out on which side a passive port is dropped, where nothing
// else tells: connections to it and to the control port, which is let through, are
// sent with a small time to live, so that the routers on the way report them
// (RFC 792, time exceeded). The last router that reports the one to the dropped
// port has let it pass all that lies before. It needs no special rights.
func (r *run) probeTrace(ctx context.Context, t *task) {
	dropped := r.methods(func(a Attempt) bool { return a.How == HowDropped && a.Dialled.IsValid() && a.At == "" })
	answered := r.outsideAnswered()
	switch {
	case len(dropped) == 0:
		t.skip("no passive port was dropped")
		return
	case answered:
		t.skip("a port that the server does not offer answers, which tells as much")
		return
	case r.target.Options.Dialer != nil:
		t.skip("the connections do not go out by themselves")
		return
	case !canTrace:
		t.skip("this system does not tell a program what the routers report")
		return
	case r.left() < 3*hopFor:
		t.skip("%s", errNoTime)
		return
	}
	r.mu.Lock()
	control := r.remote
	r.mu.Unlock()
	tr := &tracer{r: r, control: control, offered: dropped[0].Dialled}
	tr.distance = tr.measure(ctx)
	if ctx.Err() != nil {
		t.skip("%s", stopReason(ctx))
		return
	}
	if tr.distance < 2 {
		t.skip("there is no router on the way")
		return
	}
	hops := tr.compare(ctx)
	if ctx.Err() != nil {
		t.skip("%s", stopReason(ctx))
		return
	}
	stop := whereDropped(tr.distance, hops)
	r.update(func(rep *Report) {
		rep.Trace = &Trace{Port: tr.offered.Port(), Distance: tr.distance, Hops: hops, Stop: stop}
	})
	var words []string
	for _, h := range hops {
		words = append(words, fmt.Sprintf("%d: %s/%s", h.TTL, h.Control, h.Offered))
	}
	result := Works
	if stop == HopUnknown {
		result = Unknown
	}
	t.show(result, "the server is %s away; control port/port %d at hop %s", count(tr.distance, "hop"), tr.offered.Port(), strings.Join(words, ", "))
}

// placeDropped says of the dropped passive connections where they stopped, once
// that is known.
func placeDropped(rep *Report) {
	if rep.Trace == nil {
		return
	}
	for i := range rep.Methods {
		a := &rep.Methods[i]
		same := a.Dialled.Addr() == rep.Server.Remote.Addr() && a.At == ""
		if a.How == HowDropped && same && a.Stop == HopUnknown {
			a.Stop = rep.Trace.Stop
		}
	}
}

// outsideAnswered reports whether a port outside the offer gave a sign of life.
func (r *run) outsideAnswered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.rep.Control, func(c Control) bool {
		return c.What == WhatOutside && (c.Class == ClassOpen || c.Class == ClassRefused)
	})
}

// A tracer sends connections that live for a few hops.
type tracer struct {
	r                *run
	control, offered netip.AddrPort
	distance         int
}

// try connects with a time to live.
func (tr *tracer) try(ctx context.Context, to netip.AddrPort, ttl int) string {
	dctx, cancel := context.WithTimeout(ctx, hopFor)
	defer cancel()
	d := hopDialer(ttl)
	nc, err := d.DialContext(dctx, "tcp", to.String())
	if err == nil {
		_ = nc.Close()
		return ClassOpen
	}
	switch class := dialClass(err, false); class {
	case ClassUnreachable:
		return traceHop
	case ClassDropped:
		return traceSilent
	default:
		return class
	}
}

// measure finds the number of hops to the server by halving, so that few
// connections come up there; 0 where it cannot be found.
func (tr *tracer) measure(ctx context.Context) int {
	low, high := 0, farthest // low does not reach it, high does
	for high-low > 1 && ctx.Err() == nil && tr.r.left() > 2*hopFor {
		middle := min((low+high)/2, low+8)
		if tr.try(ctx, tr.control, middle) == ClassOpen {
			high = middle
		} else {
			low = middle
		}
	}
	if high-low > 1 || high == farthest {
		return 0
	}
	return high
}

// compare sends both connections to the hops at both ends of the path.
func (tr *tracer) compare(ctx context.Context) []TraceHop {
	var hops []TraceHop
	for ttl := 1; ttl < tr.distance; ttl++ {
		if ttl <= ends || ttl >= tr.distance-ends {
			hops = append(hops, TraceHop{TTL: ttl})
		}
	}
	var wg sync.WaitGroup
	for i := range hops {
		wg.Go(func() { hops[i].Control = tr.try(ctx, tr.control, hops[i].TTL) })
		wg.Go(func() { hops[i].Offered = tr.try(ctx, tr.offered, hops[i].TTL) })
	}
	wg.Wait()
	return hops
}

// whereDropped reads a comparison. A router reports the end of a time to live
// before its filter is asked, or after, so that the place is known to one hop only:
// either the last router that reports the connection drops it, or the next. Only
// where both are on one side is the side known. On short paths they may not be.
func whereDropped(distance int, hops []TraceHop) Hop {
	last, next := 0, 0 // the last router that reports it, and the first behind that does not
	for _, h := range hops {
		switch {
		case h.Control != traceHop: // a router that never reports says nothing
		case h.Offered == traceHop && next > 0:
			return HopUnknown // some report it and some do not, in no order
		case h.Offered == traceHop:
			last = h.TTL
		case next == 0:
			next = h.TTL
		}
	}
	const side = 2 // hops that belong to this network, or to the server's
	switch {
	case last >= side && last >= distance-side:
		return HopFar
	case last > 0 && last <= side && next > 0 && next <= distance-side:
		return HopNear
	}
	return HopUnknown
}
