package modes

import (
	"time"

	"portside/client/internal/dtp"
)

// The kinds of a change.
const (
	didWork = iota
	didFail
	didBound
	didAhead
	didForget
	didClear
)

// A change is one thing that was learned. It is applied to the memory and, later, to
// what the file holds by then.
type change struct {
	key     Key
	kind    int
	method  Method
	reason  string
	version uint16
	ahead   bool
	at      time.Time
}

// maxName bounds the parts of a Key; a longer one is not remembered.
const maxName = 512

func (c change) valid() bool {
	if c.at.IsZero() || c.key.Server == "" || len(c.key.Server) > maxName || len(c.key.Network) > maxName {
		return false
	}
	return c.kind == didBound || c.kind == didAhead || c.method >= dtp.EPSV && c.method <= dtp.PORT
}

// news reports whether the change says more than rec: another outcome than before,
// or the same after a while.
func (c change) news(rec Record) bool {
	o := rec.Of(c.method)
	recent := func(then time.Time) bool { return within(then, c.at, repeatAfter) && !then.After(c.at) }
	switch c.kind {
	case didWork:
		return !o.Works(c.at) || !recent(o.Worked) || rec.Best(c.at) != c.method
	case didFail:
		return !o.Fails(c.at) || !recent(o.Failed) || o.Reason != c.reason
	case didAhead:
		known, ok := rec.Ahead(c.at)
		return !known || ok != c.ahead || !recent(rec.AheadAt)
	default:
		return rec.MaxTLS != c.version || c.version != 0 && !recent(rec.MaxTLSAt)
	}
}

// apply makes the change in rec. What rec holds of the other outcome cannot be
// younger than the change: where it says so, the clock was set back.
func (c change) apply(rec *Record) {
	if c.kind == didBound {
		rec.MaxTLS, rec.MaxTLSAt = c.version, c.at
		if c.version == 0 {
			rec.MaxTLSAt = time.Time{}
		}
		return
	}
	if c.kind == didAhead {
		rec.ahead(c.ahead, c.at)
		return
	}
	o := rec.Of(c.method)
	if c.kind == didWork {
		o.Worked = c.at
		o.Successes++
		if o.Failed.After(c.at) {
			o.Failed = c.at
		}
	} else {
		o.Failed, o.Reason = c.at, c.reason
		o.Failures++
		if !o.Worked.IsZero() && !o.Worked.Before(c.at) {
			o.Worked = c.at.Add(-time.Millisecond)
		}
	}
	rec.set(o)
}
