package pi

import (
	"context"
	"errors"
	"time"
)

const (
	// owedFor is how long the first answer to ABOR may take before PWD follows.
	owedFor = 500 * time.Millisecond
	// abortFor bounds the answer to ABOR.
	abortFor = 3 * time.Second
	// giveUpFor bounds the sending of ABOR.
	giveUpFor = 300 * time.Millisecond
	// quitFor bounds the goodbye.
	quitFor = time.Second
)

// GiveUp tells the server with ABOR (RFC 959, 4.1.3) that the running transfer is
// not wanted any more, without waiting for an answer: the next Send does.
func (c *Conn) GiveUp() {
	if c.Err() != nil || c.aborting {
		return
	}
	c.aborting = true
	c.aborts.Add(1)
	c.giveUpAheads()
	c.recordVerb("ABOR")
	if err := c.nc.SetWriteDeadline(time.Now().Add(giveUpFor)); err != nil {
		return
	}
	if _, err := c.nc.Write([]byte("ABOR\r\n")); err != nil {
		_ = c.Close() // half a command may be out
	}
}

// payOwed waits for the final replies of commands that were given up: exactly as
// many as are owed, so that none is taken for the answer to a later command.
func (c *Conn) payOwed(ctx context.Context) error {
	if c.aborting {
		return c.Abort(ctx)
	}
	for c.owed > 0 {
		rep, err := c.next(ctx, "the reply to a command that was given up")
		if err != nil {
			return err
		}
		if rep.Class() != 1 {
			c.owed--
		}
	}
	return nil
}

// Abort asks the server to give up the running transfer, and finds the place
// where commands and replies agree again: how many replies a server gives to
// ABOR and to the transfer differs, so a PWD follows, and its 257 is the answer
// to nothing else. The PWD waits for a first reply, since Pure-FTPd throws away
// what comes together with ABOR. Where this is broken off, or a server does not
// answer, the connection is closed: nobody could tell whose the next reply is.
func (c *Conn) Abort(ctx context.Context) error {
	if !c.aborting {
		c.giveUpAheads()
		if err := c.say(ctx, "ABOR"); err != nil {
			return err
		}
		c.aborting = true
		c.aborts.Add(1)
	}
	deadline := time.Now().Add(min(abortFor, c.cfg.Timeout))
	if err := c.firstAnswer(ctx); err != nil {
		return err
	}
	return c.findPlaceBy(ctx, deadline)
}

// Aborts counts the ABORs that were sent. What was agreed about data connections
// before one no longer holds: some servers close a passive port at ABOR.
func (c *Conn) Aborts() int32 { return c.aborts.Load() }

// findPlace sends PWD and passes over what comes before its 257.
func (c *Conn) findPlace(ctx context.Context) error {
	return c.findPlaceBy(ctx, time.Now().Add(min(abortFor, c.cfg.Timeout)))
}

func (c *Conn) findPlaceBy(ctx context.Context, deadline time.Time) error {
	if err := c.say(ctx, "PWD"); err != nil {
		return err
	}
	for {
		rep, err := c.wait(ctx, "the answer to PWD", time.Until(deadline))
		var late *TimeoutError
		if errors.As(err, &late) {
			return c.fail(&TimeoutError{What: "the answer to PWD, which finds the place after a command that was given up", After: min(abortFor, c.cfg.Timeout)})
		}
		if err != nil {
			_ = c.Close()
			return err
		}
		if rep.Code == 257 {
			c.owed, c.aborting = 0, false
			return nil
		}
	}
}

// firstAnswer waits a moment for the first final reply after ABOR.
func (c *Conn) firstAnswer(ctx context.Context) error {
	deadline := time.Now().Add(min(owedFor, c.cfg.Timeout/2))
	for {
		rep, err := c.wait(ctx, "the answer to ABOR", time.Until(deadline))
		var late *TimeoutError
		if errors.As(err, &late) {
			return nil
		}
		if err != nil || rep.Class() != 1 {
			return err
		}
	}
}

// say sends a command without an argument.
func (c *Conn) say(ctx context.Context, verb string) error {
	c.recordVerb(verb)
	return c.write(ctx, verb+"\r\n")
}

// Quit says goodbye and closes the connection; it takes no longer than a second.
// It must not be called while another call is on its way.
func (c *Conn) Quit() error {
	if c.Err() == nil && c.owed == 0 && !c.aborting {
		// The end that comes now is ours, also where the server's comes first.
		c.setErr(ErrClosed)
		c.recordVerb("QUIT")
		if err := c.raw.SetWriteDeadline(time.Now().Add(quitFor)); err == nil {
			if _, err = c.nc.Write([]byte("QUIT\r\n")); err == nil {
				c.awaitGoodbye()
			}
		}
	}
	return c.Close()
}

func (c *Conn) awaitGoodbye() {
	timer := time.NewTimer(quitFor)
	defer timer.Stop()
	for {
		select {
		case rep := <-c.replies:
			if rep.Class() != 1 {
				return
			}
		case <-c.done:
			return
		case <-timer.C:
			return
		}
	}
}
