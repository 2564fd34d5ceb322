package modes

import (
	"slices"
	"time"

	"portside/client/internal/dtp"
)

// A Choice says which methods may be tried.
type Choice struct {
	Methods      []Method // what the mode allows; nil: all four
	IPv6         bool     // the control connection is IPv6, for which PASV and PORT have no room
	PreferActive bool     // EPRT and PORT before EPSV and PASV
}

// Order returns the methods in the order in which they are to be tried: first those
// that are remembered to work, the one used last before the others; then those of
// which nothing is known; then those that failed within the last day, among them
// first those that had worked before. Where the memory does not decide, the order is
// EPSV, PASV, EPRT, PORT, or EPRT, PORT, EPSV, PASV where active is preferred. No
// method is left out for what is remembered of it.
//
// Over IPv6, PASV and PORT are left out, unless nothing else is allowed: then the
// attempt itself has to say why it cannot be.
func Order(choice Choice, rec Record, at time.Time) []Method {
	order := candidates(choice)
	rank := func(m Method) int {
		o := rec.Of(m)
		switch {
		case o.Works(at):
			return 0
		case !o.Fails(at):
			return 1
		case o.worked(at):
			return 2
		default:
			return 3
		}
	}
	slices.SortStableFunc(order, func(a, b Method) int {
		ra, rb := rank(a), rank(b)
		if ra == rb && (ra == 0 || ra == 2) {
			return rec.Of(b).Worked.Compare(rec.Of(a).Worked)
		}
		return ra - rb
	})
	return order
}

// candidates returns what may be tried, in the order without a memory.
func candidates(choice Choice) []Method {
	all := []Method{dtp.EPSV, dtp.PASV, dtp.EPRT, dtp.PORT}
	if choice.PreferActive {
		all = []Method{dtp.EPRT, dtp.PORT, dtp.EPSV, dtp.PASV}
	}
	var allowed, fits []Method
	for _, m := range all {
		if choice.Methods != nil && !slices.Contains(choice.Methods, m) {
			continue
		}
		allowed = append(allowed, m)
		if !choice.IPv6 || m == dtp.EPSV || m == dtp.EPRT {
			fits = append(fits, m)
		}
	}
	if len(fits) == 0 {
		return allowed
	}
	return fits
}
