package client

import (
	"context"
	"errors"
	"time"
)

const (
	// heldBack is how long the end of a download is late, at the least, where the server
	// waits for an acknowledgement: Linux holds one back for 40 ms, others for longer.
	heldBack = 25 * time.Millisecond
	// halfCloseMost is the largest file whose data connection is closed on this side at
	// once: firewalls forget connections sooner of which one side has ended.
	halfCloseMost = 256 << 10
	// halfCloseAfter is how many downloads in a row end late before that is tried, and
	// halfCloseTries how many may do so all the same.
	halfCloseAfter = 2
	halfCloseTries = 8
)

// A halfClose is what a Session has seen of downloads whose last word comes late
// (dtp.Data.HalfClose). Where it does, one Session tries a small file of known size on a
// connection that is closed on this side; the others follow where that helps. Anything odd
// ends it, for all: there are servers to whom that end is the end of the transfer. So
// listings, of which nobody knows how much is to come, are left alone.
type halfClose struct {
	late   int           // how many downloads have ended late without it, in a row
	least  time.Duration // how late, of these, at the least
	vain   int           // how often it did not help, in a row
	helps  triState
	blamed bool   // the transfer under way went wrong with it
	over   func() // ends the trial; nil where there is none
}

// askHalf has the data connection of the attempt under way closed on this side where that
// is worth it.
func (s *Session) askHalf(m Method, req request) {
	h := &s.half
	h.blamed = false
	s.gate.HalfClose(false)
	if !req.download || !s.more || m != s.proven || m.Active() || s.tlsData != nil {
		return
	}
	small := req.size > 0 && req.size <= halfCloseMost
	switch s.halfHelps() {
	case yes:
		s.gate.HalfClose(small)
	case unknown:
		s.gate.HalfClose(small && h.late >= halfCloseAfter && s.tryHalf())
	case no:
	}
}

// halfHelps is what is known of it: by all Sessions, where they have a Memory.
func (s *Session) halfHelps() triState {
	if s.opt.Memory == nil {
		return s.half.helps
	}
	switch known, helps := s.opt.Memory.HalfCloses(s.key, s.opt.Now()); {
	case !known:
		return unknown
	case helps:
		return yes
	default:
		return no
	}
}

// tryHalf reports whether s is the one to find out. sawEnd ends that.
func (s *Session) tryHalf() bool {
	over, mine := s.opt.Memory.TryHalfClose(s.key)
	if mine && s.halfHelps() != unknown { // another one has just found out
		over()
		return false
	}
	if mine {
		s.half.over = over
	}
	return mine
}

// sawEnd takes in the end of a download: what went wrong, and how long after the data the
// last word came.
func (s *Session) sawEnd(ctx context.Context, req request, err error, late time.Duration) {
	h := &s.half
	if h.over != nil {
		defer func() { h.over(); h.over = nil }()
	}
	halved := s.gate.HalfClosed()
	switch {
	case err == nil && req.whole != nil && !req.whole(), err != nil && s.speaksOfHalf(err):
		if halved && ctx.Err() == nil {
			h.blamed = true
			s.learnedHalf(false)
		}
	case err != nil:
	case !halved && late < heldBack:
		h.late = 0
	case !halved:
		if h.late++; h.late == 1 || late < h.least {
			h.least = late
		}
	case late < heldBack || late < h.least/2:
		h.vain = 0
		if s.halfHelps() == unknown {
			s.learnedHalf(true)
		}
	case h.least > 0: // else it is not known how late the end would be
		if h.vain++; h.vain >= halfCloseTries {
			s.learnedHalf(false)
		}
	}
}

// speaksOfHalf reports whether err may come from the end of this side: not what this
// computer says of its disk, and before the transfer has begun not what the server says of
// the file.
func (s *Session) speaksOfHalf(err error) bool {
	var local *LocalIOError
	var refused *ReplyError
	switch {
	case errors.As(err, &local), errors.Is(err, ErrNarrow):
		return false
	case !s.gate.Begun() && errors.As(err, &refused):
		return refused.Reply.Code == 425 || refused.Reply.Code == 426 || refused.Reply.Code == 451
	}
	return true
}

// learnedHalf keeps whether it helps.
func (s *Session) learnedHalf(helps bool) {
	s.half.helps = no
	if helps {
		s.half.helps = yes
		s.note("downloads from this server end sooner where this side of their data connections is closed at once")
	}
	s.opt.Memory.HalfClose(s.key, helps, s.opt.Now())
}
