package pi

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
)

// settle waits for the replies that are owed and passes over unasked ones.
func (c *Conn) settle(ctx context.Context) error {
	if c.owed > 0 || c.aborting {
		if err := c.payOwed(ctx); err != nil {
			return err
		}
	}
	if err := c.awaitDoubtful(ctx); err != nil {
		return err
	}
	for {
		select {
		case rep := <-c.replies:
			if rep.Code == 421 {
				return c.fail(&LostError{Last: &rep, Err: net.ErrClosed})
			}
			c.Note("passed over a reply that nobody asked for: %s", rep)
			continue
		default:
		}
		break
	}
	if err := c.Err(); err != nil {
		return err
	}
	c.unread, c.extra = nil, 0
	return nil
}

// Read returns the next reply, of whatever class. It waits for Config.Timeout at
// the longest. When ctx ends first the reply stays owed, and the next Send waits
// for it.
func (c *Conn) Read(ctx context.Context, what string) (Reply, error) {
	if n := len(c.unread); n > 0 {
		rep := c.unread[0]
		c.unread = c.unread[1:]
		return rep, nil
	}
	rep, err := c.next(ctx, what)
	if err != nil && ctx.Err() != nil {
		c.owed++
	}
	if err == nil && rep.Class() == 1 {
		err = c.countExtra()
	}
	return rep, err
}

// maxExtra bounds the preliminary and stray replies to one command.
const maxExtra = 64

func (c *Conn) countExtra() error {
	if c.extra++; c.extra > maxExtra {
		return c.fail(&LimitError{What: "the number of preliminary replies", Max: maxExtra})
	}
	return nil
}

func (c *Conn) next(ctx context.Context, what string) (Reply, error) {
	rep, err := c.wait(ctx, what, c.cfg.Timeout)
	var late *TimeoutError
	if errors.As(err, &late) {
		return rep, c.fail(late)
	}
	return rep, err
}

// wait is next with a bound of its own, which does not end the connection.
func (c *Conn) wait(ctx context.Context, what string, bound time.Duration) (Reply, error) {
	select {
	case rep := <-c.replies:
		return rep, nil
	default:
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case rep := <-c.replies:
		return rep, nil
	case <-ctx.Done():
		return Reply{}, context.Cause(ctx)
	case <-timer.C:
		return Reply{}, &TimeoutError{What: what, After: bound}
	case <-c.done:
		select { // a last reply may have come just before the end
		case rep := <-c.replies:
			return rep, nil
		default:
			return Reply{}, c.Err()
		}
	}
}

// Replies lets somebody who waits for something else as well, such as a data
// connection, see a reply arrive. What is taken from it and is meant for a later
// Read is given back with Unread.
func (c *Conn) Replies() <-chan Reply { return c.replies }

// Unread gives back a reply taken from Replies; the next Read returns it.
func (c *Conn) Unread(rep Reply) { c.unread = append(c.unread, rep) }

// Owe says that a final reply is still to come that nobody will read: the next
// Send waits for it.
func (c *Conn) Owe() { c.owed++ }

// Cmd sends a command and returns its first reply, of whatever class. A stray
// end of an earlier transfer (226, 426) is passed over where verb cannot cause it.
func (c *Conn) Cmd(ctx context.Context, verb, arg string) (Reply, error) {
	if err := c.Send(ctx, verb, arg); err != nil {
		return Reply{}, err
	}
	sent := time.Now()
	for {
		rep, err := c.Read(ctx, "the reply to "+verb)
		if err != nil {
			return Reply{}, err
		}
		c.timed(time.Since(sent))
		if (rep.Code == 226 || rep.Code == 426) && !movesData(verb) {
			c.Note("passed over a second end of the transfer before")
			if err = c.countExtra(); err != nil {
				return Reply{}, err
			}
			continue
		}
		switch strings.ToUpper(verb) {
		case "USER", "PASS", "ACCT": // a server may repeat what it was told
			for i, l := range rep.Lines {
				rep.Lines[i] = c.mask(l)
			}
		}
		return rep, nil
	}
}

// timed keeps the shortest wait for a reply.
func (c *Conn) timed(d time.Duration) {
	if best := c.rtt.Load(); best == 0 || int64(d) < best {
		c.rtt.Store(int64(d))
	}
}

// RTT returns the shortest wait for the reply to a command so far: the round trip
// and the server's own time. It is 0 before the first.
func (c *Conn) RTT() time.Duration { return time.Duration(c.rtt.Load()) }

// Busy reports whether a command that was given up still has replies to come.
// Like the commands, it is for the caller who has the turn.
func (c *Conn) Busy() bool { return c.owed > 0 || c.aborting }

// movesData reports whether 226 or 426 may be an answer to verb.
func movesData(verb string) bool {
	switch strings.ToUpper(verb) {
	case "RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD", "ABOR", "STAT":
		return true
	}
	return false
}

// Greeting waits for the server's greeting; 1yz lines before it ("120 ready in
// 5 minutes", RFC 959, 5.4) are passed over.
func (c *Conn) Greeting(ctx context.Context) (Reply, error) {
	for {
		rep, err := c.Read(ctx, "the greeting")
		if err != nil {
			return Reply{}, err
		}
		switch rep.Class() {
		case 1:
			continue
		case 2:
			return rep, nil
		default:
			return rep, &ReplyError{Reply: rep}
		}
	}
}
