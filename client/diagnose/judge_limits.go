package diagnose

import (
	"fmt"
	"slices"
	"strconv"
)

// limitWords are in a reply that names a limit of connections.
var limitWords = []string{"421", "too many", "maximum", "limit", "already logged", "connections"}

// limitSecond: a second control connection was refused by a reply that names a
// limit (421, 530 "too many"). One that found no answer proves no limit: that can
// be chance, or a firewall that counts.
func limitSecond(e *evidence) (Verdict, bool) {
	l := e.r.Limits
	if l.Second == Works && l.Most > 1 && mentions(l.MostErr, limitWords...) {
		return Verdict{
			Severity: Note, Actor: ActNobody,
			Sentence: fmt.Sprintf("The server lets in %d connections at a time.", l.Most),
			Evidence: []string{fmt.Sprintf("connection number %d: %s", l.Most+1, strconv.Quote(shown(l.MostErr)))},
		}, true
	}
	if l.Second != Fails {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Warning, Actor: ActProvider,
		Sentence:    "The server lets in one connection at a time only.",
		Meaning:     "Portside then browses and transfers one after the other. Ask for a higher limit where that is too slow.",
		Evidence:    []string{"a second connection: " + strconv.Quote(shown(l.SecondErr))},
		ForProvider: e.requestLimit(),
	}
	switch {
	case mentions(l.SecondErr, limitWords...):
	case mentions(l.SecondErr, "530", "refused", "reset", "closed", "eof"):
		v.Confidence = Likely
	default:
		return Verdict{}, false
	}
	return v, true
}

// idleTimer: a connection at rest was gone after a wait that others of the same
// test survived or not. A 421 is the server's own timer; a connection that dies
// without a word was forgotten by a router on the way.
func idleTimer(e *evidence) (Verdict, bool) {
	gone := slices.IndexFunc(e.r.Limits.Idle, func(i Idle) bool { return i.Result == Fails })
	if gone < 0 {
		return Verdict{}, false
	}
	first := e.r.Limits.Idle[gone]
	v := Verdict{
		Severity: Warning, Confidence: Likely, Actor: ActNetwork,
		Sentence: fmt.Sprintf("A connection that rests for %s is forgotten by a router or firewall on the way.", secs(span(first.Wait))),
		Meaning:  "Long transfers can fail at their very end, when the resting connection is needed again. Portside keeps it awake; a longer timer in the router would do as well.",
	}
	if mentions(first.Err, "421") {
		v.Confidence, v.Actor = Certain, ActProvider
		v.Sentence = fmt.Sprintf("The server ends a connection that rests for %s.", secs(span(first.Wait)))
		v.Meaning = "That is the server's setting. Portside connects again when it is needed."
	}
	for _, i := range e.r.Limits.Idle {
		line := fmt.Sprintf("after %s at rest: %s", secs(span(i.Wait)), i.Result)
		if i.Err != "" {
			line += ", " + strconv.Quote(shown(i.Err))
		}
		v.Evidence = append(v.Evidence, line)
	}
	v.ForAdmin = e.requestIdle(first)
	if v.Actor == ActProvider {
		v.ForAdmin = ""
	}
	return v, true
}

// smallSize is the largest transfer that fits one packet on any path.
const smallSize = 1200

// lostPackets is what lost large packets mean.
const lostPackets = "A link on the way takes only smaller packets, and a firewall keeps the sender from hearing of it. A VPN or a DSL line with a wrong packet size (MTU) is the usual cause. Portside gets through with small packets once it has noticed, where the system lets it, as Linux does."

// smallOnly is the verdict where only small packets let a handshake end.
func (e *evidence) smallOnly() Verdict {
	var failed []Attempt
	for _, a := range e.r.Methods {
		if a.Result == Fails && a.How == HowTLS {
			failed = append(failed, a)
		}
	}
	lines := append(attemptLines(failed), "with segments that fit 1,280 bytes the protected data connection came about")
	letter := e.requestSmall(lines)
	return Verdict{
		Severity: Failure, Confidence: Likely, Actor: ActNetwork,
		Sentence: "Large packets get lost on the way, so that protected connections for files do not come about.",
		Meaning:  lostPackets, Evidence: lines, ForAdmin: letter, ForProvider: letter,
	}
}

// pmtu: what fits one packet comes through, and what needs full packets stops on
// the way. Full packets are lost where a link takes smaller ones only and the
// messages that say so (RFC 1191, 4; RFC 8201) are filtered. A transfer that a reply
// refused, or that broke after much had come, has other causes.
func pmtu(e *evidence) (Verdict, bool) {
	small := slices.ContainsFunc(e.r.Sizes, func(s SizeTry) bool { return s.Result == Works && s.Bytes <= smallSize })
	listed := anyWorks(e.passive) || anyWorks(e.active)
	const much = 64 << 10
	var stuck []SizeTry
	for _, s := range e.r.Sizes {
		if s.Result == Fails && s.Bytes > smallSize && s.Moved < min(s.Bytes, much) && !mentions(s.Err, "45", "53", "55", "denied", "reset") {
			stuck = append(stuck, s)
		}
	}
	whole := slices.ContainsFunc(e.r.Sizes, func(s SizeTry) bool {
		return s.Result == Works && s.Bytes > smallSize && slices.ContainsFunc(stuck, func(t SizeTry) bool { return t.Up == s.Up && t.Bytes <= s.Bytes })
	})
	if e.r.TLS != nil && e.r.TLS.OnlySmall {
		return e.smallOnly(), true
	}
	if len(stuck) == 0 || !small && !listed || whole {
		return Verdict{}, false
	}
	v := Verdict{
		Severity: Failure, Confidence: Likely, Actor: ActNetwork,
		Sentence:    "Small files come through, but large packets get lost on the way, so that larger transfers stop.",
		Meaning:     lostPackets,
		ForAdmin:    e.requestMTU(stuck),
		ForProvider: e.requestMTU(stuck),
	}
	if !small {
		v.Confidence = Possible
	}
	for _, s := range e.r.Sizes {
		way := "download"
		if s.Up {
			way = "upload"
		}
		line := fmt.Sprintf("%s of %d bytes: %s, %d bytes in %s", way, s.Bytes, s.Result, s.Moved, secs(span(s.Took)))
		if s.Err != "" {
			line += ", " + shown(s.Err)
		}
		v.Evidence = append(v.Evidence, line)
	}
	return v, true
}
