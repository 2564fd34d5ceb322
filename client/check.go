package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portside/client/internal/pi"
)

// ErrUnanswered is returned by Check.Wait where the replies will not come although the
// Session lives: the transfer behind the Check was given up, or the control connection
// was replaced. What was asked can be asked again.
var ErrUnanswered = errors.New("the replies to what was asked ahead did not come")

// A Check is what CheckLater has asked. Its methods may be called from any goroutine.
type Check struct {
	s     *Session
	ctl   *pi.Conn
	stamp string    // the time that is set
	size  *pi.Ahead // nil: not asked for
	mtime *pi.Ahead // the same
	done  <-chan struct{}
}

// A CheckResult is what the server said to a Check.
type CheckResult struct {
	Size    int64 // -1: not known
	SizeErr error // why it is not
	TimeErr error // why the time was not set
}

// checkable is what is known to work with this server, and so may be sent without
// waiting for the reply.
type checkable struct {
	size   bool   // SIZE has given one
	timeBy string // the verb that has set a time; "": none yet
}

// CheckLater asks for the size of the file at path (SIZE) where size is set, and gives
// the file the modification time mtime where that is not zero, without waiting for the
// replies: they are taken in while the next command is under way. The commands are on
// the wire when it returns. It is for binary files on servers that are seen to take
// commands ahead, and sends only what has worked in this Session before: Size and
// SetModTime find that out. Else it returns ErrUnsupported, and nothing was sent.
func (s *Session) CheckLater(ctx context.Context, path string, mtime time.Time, size bool) (*Check, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if !s.worksAhead() || s.typ != 'I' || size && !s.can.size || !mtime.IsZero() && s.can.timeBy == "" {
		return nil, ErrUnsupported
	}
	path = s.abs(path)
	c := &Check{s: s, ctl: s.ctl}
	var cmds []pi.Command
	if size {
		cmds = append(cmds, pi.Command{Verb: "SIZE", Arg: path})
	}
	if !mtime.IsZero() {
		c.stamp = mtime.UTC().Format(timeLayout)
		cmds = append(cmds, timeCommand(s.can.timeBy, c.stamp, path))
	}
	if len(cmds) == 0 {
		return nil, ErrUnsupported
	}
	aheads, err := s.ctl.SendAhead(ctx, cmds...)
	if err != nil {
		return nil, err
	}
	if size {
		c.size = aheads[0]
	}
	if c.stamp != "" {
		c.mtime = aheads[len(aheads)-1]
	}
	c.done = aheads[len(aheads)-1].Done() // replies come in turn, so this one is the last
	return c, nil
}

// Done is closed when the replies have come, or will not come any more.
func (c *Check) Done() <-chan struct{} { return c.done }

// Wait waits for the replies, for Options.Timeout at the longest, and returns what they
// say. What the server refuses stands in the CheckResult. The error says that the
// replies did not come: because the connection was lost or closed, or ErrUnanswered.
func (c *Check) Wait(ctx context.Context) (CheckResult, error) {
	res := CheckResult{Size: -1}
	if c.size != nil {
		rep, err := c.await(ctx, c.size)
		if err != nil {
			return res, err
		}
		res.Size, res.SizeErr = parseSize(rep)
		var odd *ProtocolError
		if errors.As(res.SizeErr, &odd) {
			return res, c.outOfStep(odd)
		}
	}
	if c.mtime != nil {
		rep, err := c.await(ctx, c.mtime)
		switch {
		case err != nil:
			return res, err
		case rep.Class() != 2:
			res.TimeErr = &ReplyError{Verb: c.mtime.Verb(), Reply: rep}
		case toldTime(c.mtime.Verb(), c.stamp, rep):
			res.TimeErr = ErrUnsupported
		}
	}
	return res, nil
}

// await waits for the reply to a.
func (c *Check) await(ctx context.Context, a *pi.Ahead) (Reply, error) {
	rep, err := c.ctl.Await(ctx, a)
	switch {
	case err == nil:
		return rep, nil
	case ctx.Err() != nil && !isDone(a.Done()):
		return rep, context.Cause(ctx)
	}
	c.s.mu.Lock()
	closed, replaced := c.s.closed, c.s.ctl != c.ctl
	c.s.mu.Unlock()
	switch ended := c.ctl.Err(); {
	case replaced, !closed && ended == nil:
		return rep, fmt.Errorf("%w: %w", ErrUnanswered, err)
	case ended == nil:
		return rep, ErrClosed
	default:
		return rep, ended
	}
}

// outOfStep ends the connection because of a reply that SIZE does not have: commands
// and replies do not agree any more.
func (c *Check) outOfStep(err error) error {
	_ = c.ctl.Close()
	return err
}

// parseSize reads a reply to SIZE (RFC 3659, 4).
func parseSize(rep Reply) (int64, error) {
	if rep.Class() != 2 {
		return -1, unsupported(&ReplyError{Verb: "SIZE", Reply: rep})
	}
	n, err := strconv.ParseInt(strings.TrimSpace(rep.Last()), 10, 64)
	if err != nil || n < 0 {
		return -1, &ProtocolError{Line: rep.String(), What: "the reply to SIZE holds no size"}
	}
	return n, nil
}
