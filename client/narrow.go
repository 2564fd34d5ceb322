package client

import (
	"context"
	"errors"
	"time"

	"portside/client/internal/dtp"
)

const (
	// narrowAfter is how long after the server's first reply to a transfer command, on
	// a connection that is made, nothing may come before large packets are suspected to
	// get lost; four round trips where those are longer.
	narrowAfter = 5 * time.Second
	// fullPacket is how many bytes do not fit one packet of any usual size: that many
	// came through only if large packets do.
	fullPacket = 1500
)

// ErrNarrow ends a transfer of which nothing came through though its data connection was
// made: large packets get lost on the way, and nobody says so (RFC 2923, 2.1). A download
// or a listing has been tried again with small ones; an upload is the caller's to repeat:
// the data connections of the Session, and of others there, have small segments from now
// on.
var ErrNarrow = dtp.ErrNarrow

// A width is what a Session knows of the packets that its data connections carry.
type width struct {
	narrow   bool // they have small segments
	proved   bool // which have come through
	settled  bool // that was tried, and did not help
	down, up bool // large packets have come through
}

// watched is how long a download may be without a sign until large packets are
// suspected, and whether uploads are watched for that. They are not where large packets
// have come through that way, or where nothing can be done.
func (s *Session) watched() (down time.Duration, up bool) {
	w := s.width
	remote := s.info.Remote.Addr()
	if !dtp.CanNarrow || w.narrow || w.settled || s.route.tunnel != "" || !remote.IsValid() || remote.IsLoopback() {
		return 0, false
	}
	if !w.down {
		down = s.patience(narrowAfter)
	}
	return down, !w.up
}

// recallNarrow makes narrow connections where they were needed before.
func (s *Session) recallNarrow() {
	if down, up := s.watched(); (down > 0 || up) && s.opt.Memory.Narrow(s.key, s.opt.Now()) {
		s.width.narrow = true
		s.dropWide()
		s.note("large packets get lost on the way here: sending and asking for small ones")
	}
}

// dropWide ends what was made ahead with large segments.
func (s *Session) dropWide() { s.takeReady().kill() }

// goNarrow sees to it that the next data connections have small segments, where err
// says that large packets may get lost. It reports whether that is new.
func (s *Session) goNarrow(err error) bool {
	if !errors.Is(err, ErrNarrow) || s.width.narrow {
		return false
	}
	s.width.narrow = true
	s.dropWide()
	s.opt.Memory.SetNarrow(s.key, true, s.opt.Now())
	s.note("the data connection was made and nothing came through: trying again with small packets")
	return true
}

// transferNarrow runs req again with small segments, after err.
func (s *Session) transferNarrow(ctx context.Context, req request, err error) error {
	mendErr := s.mend(ctx, nil, err)
	var de *DialError
	switch {
	case mendErr == nil:
	case errors.As(mendErr, &de):
		return err // the old login may still count, which says nothing of the site
	default:
		return errors.Join(err, mendErr)
	}
	if err = s.transferBy(ctx, req); err == nil {
		s.width.proved = true
		s.note("small packets come through")
	}
	return err
}

// judgeNarrow takes back what was suspected, where small packets do not come through
// either: err is that of a transfer.
func (s *Session) judgeNarrow(err error) {
	var late *TimeoutError
	var none *NoMethodError
	if !s.width.narrow || s.width.proved || !errors.As(err, &late) && !errors.As(err, &none) {
		return
	}
	s.width.narrow, s.width.settled = false, true
	s.dropWide()
	s.opt.Memory.SetNarrow(s.key, false, s.opt.Now())
	s.note("small packets do not come through either")
}

// cameDown and wentUp take note of a transfer of n bytes.
func (s *Session) cameDown(n int64) { s.came(n, &s.width.down) }

func (s *Session) wentUp(n int64) { s.came(n, &s.width.up) }

func (s *Session) came(n int64, large *bool) {
	if n < fullPacket {
		return
	}
	if s.width.narrow {
		s.width.proved = true
	} else {
		*large = true
	}
}
