package modes

import (
	"slices"
	"time"
)

// A Key says for what something is remembered. A way that a firewall closes in one
// network is open in another, and an inspecting firewall closes other ways where it
// cannot read the control connection: so the network and TLS are part of it.
type Key struct {
	Server  string // "host:port", as dialled; capitals do not matter
	TLS     bool   // the control connection is protected
	Network string // Network.String of the local network
}

// How long what was learned is believed.
//
// A success is tried first for a week after its last use. Firewalls and servers are
// changed rarely, and to be wrong costs one failed attempt, after which the ladder
// goes on; a week covers weekly work without keeping a way alive that nobody uses.
// Every further success adds a day, up to thirty: a way that has worked for long is
// worth one attempt after a holiday too.
//
// A failure only moves a method to the end, for a day: to forget it costs one slow
// attempt a day, and to keep it longer would hide that somebody has opened the
// firewall.
//
// A time that lies in the future, beyond what setting a clock right explains, is
// believed no more: otherwise a clock that was wrong once would make it immortal.
const (
	trustSuccess     = 7 * 24 * time.Hour
	trustPerSuccess  = 24 * time.Hour
	trustSuccessMost = 30 * 24 * time.Hour
	trustFailure     = 24 * time.Hour
	clockSlack       = 5 * time.Minute
	pauseAhead       = time.Hour
	missedTwice      = 24 * time.Hour
	keepEntry        = 90 * 24 * time.Hour // after its last use an entry is dropped
)

// An Outcome is what is remembered of one method.
type Outcome struct {
	Method    Method
	Worked    time.Time // the last success; zero: none
	Successes int       // counted once a minute at most
	Failed    time.Time // the last failure; zero: none
	Failures  int       // counted once a minute at most
	Reason    string    // of the last failure, short; printable
}

// Works reports whether the method worked when it was last tried, not too long
// before at.
func (o Outcome) Works(at time.Time) bool {
	return o.worked(at) && !o.Failed.After(o.Worked)
}

// worked is Works without regard to a later failure.
func (o Outcome) worked(at time.Time) bool {
	if o.Successes < 1 {
		return false
	}
	trust := trustSuccess + time.Duration(min(o.Successes-1, 30))*trustPerSuccess
	return within(o.Worked, at, min(trust, trustSuccessMost))
}

// Fails reports whether the method failed when it was last tried, not too long
// before at.
func (o Outcome) Fails(at time.Time) bool {
	return o.Failures > 0 && within(o.Failed, at, trustFailure) && o.Failed.After(o.Worked)
}

// within reports whether then is at most long before now.
func within(then, now time.Time, long time.Duration) bool {
	age := now.Sub(then)
	return !then.IsZero() && age <= long && age >= -clockSlack
}

// used is when the method was last tried.
func (o Outcome) used() time.Time {
	if o.Failed.After(o.Worked) {
		return o.Failed
	}
	return o.Worked
}

// A Record is what is remembered for one Key. The zero value knows nothing.
type Record struct {
	Methods []Outcome // those that were tried, in the order of the constants
	// MaxTLS is the newest version of TLS that works where newer ones fail, such as
	// tls.VersionTLS12; 0: no bound is known. MaxTLSAt is when that was seen.
	MaxTLS   uint16
	MaxTLSAt time.Time
	// AheadWorks says whether the server takes an EPSV or PASV that is sent together
	// with a transfer command; AheadAt is when that was seen, zero where it never was.
	AheadWorks bool
	AheadAt    time.Time
	// AheadPaused says that it went wrong once where it had worked, which may be chance;
	// AheadMissed is when that was last so.
	AheadPaused bool
	AheadMissed time.Time
}

// ahead takes in what a server did with commands that were sent ahead.
func (r *Record) ahead(works bool, at time.Time) {
	known, worked := r.Ahead(at)
	r.AheadPaused = false
	if !works && known && worked {
		r.AheadPaused = !within(r.AheadMissed, at, missedTwice)
		r.AheadMissed = at
	}
	r.AheadWorks, r.AheadAt = works, at
}

// Of returns what is remembered of method m.
func (r Record) Of(m Method) Outcome {
	for _, o := range r.Methods {
		if o.Method == m {
			return o
		}
	}
	return Outcome{Method: m}
}

// Best returns the method that is known to work at the given time, the one used last
// where there are several; 0 (none) where nothing is known.
func (r Record) Best(at time.Time) Method {
	var best Outcome
	for _, o := range r.Methods {
		if o.Works(at) && (best.Method == 0 || o.Worked.After(best.Worked)) {
			best = o
		}
	}
	return best.Method
}

// TLSBound returns MaxTLS where it was seen within a week before at, else 0: a server
// that has learned TLS 1.3 meanwhile is to be used with it.
func (r Record) TLSBound(at time.Time) uint16 {
	if within(r.MaxTLSAt, at, trustSuccess) {
		return r.MaxTLS
	}
	return 0
}

// Ahead returns what is known at the given time of commands that are sent ahead: that
// the server takes them is believed for a week, that it does not for a month. Where they
// went wrong once after they had worked, they are left alone for an hour; the second
// time within a day is believed.
func (r Record) Ahead(at time.Time) (known, works bool) {
	trust := trustSuccessMost
	switch {
	case r.AheadWorks:
		trust = trustSuccess
	case r.AheadPaused:
		trust = pauseAhead
	}
	return within(r.AheadAt, at, trust), r.AheadWorks
}

// Used is when anything was last learned.
func (r Record) Used() time.Time {
	used := r.MaxTLSAt
	if r.AheadAt.After(used) {
		used = r.AheadAt
	}
	for _, o := range r.Methods {
		if t := o.used(); t.After(used) {
			used = t
		}
	}
	return used
}

func (r Record) clone() Record {
	r.Methods = slices.Clone(r.Methods)
	return r
}

// set puts o in its place.
func (r *Record) set(o Outcome) {
	for i := range r.Methods {
		if r.Methods[i].Method == o.Method {
			r.Methods[i] = o
			return
		}
	}
	r.Methods = append(r.Methods, o)
	slices.SortFunc(r.Methods, func(a, b Outcome) int { return int(a.Method) - int(b.Method) })
}

// An Entry is a Key with what is remembered for it.
type Entry struct {
	Key
	Record
}
