package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portside/client"
)

// minRTT is the shortest TCP handshake for which the time of a refusal tells
// near from far; below, all answers are equally quick.
const minRTT = 5 * time.Millisecond

// locate says where an attempt stopped, as far as the evidence tells, and why.
// What the probe saw itself (Attempt.Stop, by short-lived connections: Trace) comes
// first. A refusal that came back
// in less than half the time of the server's handshake was sent by something
// nearer than the server; one that took as long came from there. A silence is
// told apart by a port outside the server's offer: where that one got an answer,
// this network lets high ports out, and the silence is the server's side.
// Everything else stays HopUnknown.
func (e *evidence) locate(a Attempt) (Hop, string) {
	switch {
	case a.Result != Fails:
		return HopUnknown, ""
	case a.Stop != HopUnknown && a.How == HowDropped:
		return a.Stop, e.traceLine(a.Stop)
	case a.Stop != HopUnknown:
		return a.Stop, ""
	case a.How == HowLocal:
		return HopHere, "this computer could not listen"
	case rejected(a) || a.How == HowNoData:
		return HopServer, ""
	case isActive(a):
		return e.locateActive()
	case a.How == HowRefused || a.How == HowProhibited:
		return e.locateByTime(span(a.Connect))
	case a.How == HowDropped:
		return e.locateDropped()
	}
	return HopUnknown, ""
}

// traceLine tells the hops that told where a silent connection stopped.
func (e *evidence) traceLine(stop Hop) string {
	t := e.r.Trace
	if t == nil || t.Stop != stop {
		return ""
	}
	var hops []string
	for _, h := range t.Hops {
		hops = append(hops, fmt.Sprintf("hop %d: %s/%s", h.TTL, shown(h.Control), shown(h.Offered)))
	}
	return fmt.Sprintf("connections that live for a few hops only, to the control port and to port %d, with the server %s away: %s",
		t.Port, client.Counted(t.Distance, "hop", "hops"), strings.Join(hops, ", "))
}

// locateByTime compares the time of a refusal with the handshake to the server.
func (e *evidence) locateByTime(took time.Duration) (Hop, string) {
	rtt := e.roundTrip()
	switch {
	case rtt < minRTT || took <= 0:
		return HopUnknown, ""
	case took*2 < rtt:
		return HopNear, "the refusal came after " + secs(took) + ", sooner than the server can answer (" + secs(rtt) + ")"
	case took*10 >= rtt*8:
		return HopFar, "the refusal took as long as an answer from the server takes (" + secs(took) + ", handshake " + secs(rtt) + ")"
	}
	return HopUnknown, ""
}

// roundTrip is how soon the server can answer: the shorter of its handshake and its
// quickest reply, as one handshake alone may have been slow by chance.
func (e *evidence) roundTrip() time.Duration {
	shake, reply := span(e.r.Server.ConnectRTT), span(e.r.Server.RTT)
	if reply > 0 && reply < shake {
		return reply
	}
	return shake
}

// locateDropped uses the port outside the offer.
func (e *evidence) locateDropped() (Hop, string) {
	for _, c := range e.controls(WhatOutside) {
		if c.Class != ClassOpen && c.Class != ClassRefused {
			continue
		}
		if rtt := e.roundTrip(); rtt >= minRTT && span(c.Took)*2 < rtt {
			continue // answered by something nearer than the server
		}
		return HopFar, "a port outside the server's offer gave an answer, so this network lets such connections out: " + controlLine(c)
	}
	return HopUnknown, ""
}

// locateActive: translation without a mapping stops calls at the router.
func (e *evidence) locateActive() (Hop, string) {
	switch {
	case e.r.Local.SelfReach == Fails:
		return HopHere, "this computer cannot reach its own listener"
	case e.nat == Works && e.r.Local.MappedBy == "":
		return HopNear, e.natLine()
	}
	return HopUnknown, ""
}

// place finds one place for several attempts: the one on which all agree of
// which it is known.
func (e *evidence) place(list []Attempt) (Hop, []string) {
	var hops []Hop
	var why []string
	for _, a := range list {
		hop, reason := e.locate(a)
		if hop != HopUnknown && !slices.Contains(hops, hop) {
			hops = append(hops, hop)
		}
		if reason != "" && !slices.Contains(why, reason) {
			why = append(why, reason)
		}
	}
	if len(hops) != 1 {
		return HopUnknown, nil
	}
	return hops[0], why
}
