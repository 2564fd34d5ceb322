package transfers

import (
	"errors"
	"time"

	"portside/client"
)

// A Judgement says what an error means for the next try.
type Judgement struct {
	Again       bool // a later try may end better
	SessionLost bool // the session is of no use any more
	SiteWide    bool // every other file of the site would fare the same
	NeedsUser   bool // somebody has to decide or to change something first
	// Wait is the least time before the next try; 0: as usual.
	Wait time.Duration
}

// fullWait is how long a full disk is given before it is tried again.
const fullWait = 30 * time.Second

// Judge judges an error of Move, or of another call for one entry.
func Judge(err error) Judgement {
	if err == nil {
		return Judgement{}
	}
	if isA[*ConflictError](err) || isA[*RemoteExistsError](err) {
		return Judgement{NeedsUser: true}
	}
	if le, ok := errors.AsType[*LocalError](err); ok {
		switch le.Kind {
		case LocalFull:
			return Judgement{Again: true, Wait: fullWait}
		case LocalBusy, LocalChanged:
			return Judgement{Again: true}
		default:
			return Judgement{NeedsUser: true}
		}
	}
	switch {
	case isA[*HashError](err): // it was tried again already
		return Judgement{NeedsUser: true}
	case errors.Is(err, ErrIsDir), errors.Is(err, ErrNotDir):
		return Judgement{NeedsUser: true}
	case errors.Is(err, errNotKept), isFullThere(err):
		return Judgement{Again: true, Wait: fullWait}
	}
	var j Judgement
	j.Again, j.SessionLost = judge(err)
	if isA[*client.LoginError](err) || client.NeedsUser(err) || isA[*client.NoMethodError](err) {
		j.SiteWide, j.NeedsUser = true, true
		j.SessionLost = !isA[*client.NoMethodError](err)
	}
	return j
}

// isFullThere reports a server without space (RFC 959, section 4.2.2: 452, 552).
func isFullThere(err error) bool {
	re, ok := errors.AsType[*client.ReplyError](err)
	return ok && (re.Reply.Code == 452 || re.Reply.Code == 552)
}
