package pi

import (
	"context"
	"errors"
	"time"
)

const (
	// owedFor is how long the end of a transfer that was given up may take
	// before it is asked for with ABOR.
	owedFor = 2 * time.Second
	// abortFor bounds the answer to ABOR.
	abortFor = 3 * time.Second
	// quitFor bounds the goodbye.
	quitFor = time.Second
)

// payOwed waits for the final replies of commands that were given up. A server
// that keeps silent is sent ABOR (RFC 959, 4.1.3).
func (c *Conn) payOwed(ctx context.Context) error {
	for c.owed > 0 {
		rep, err := c.wait(ctx, "the end of a command that was given up", min(owedFor, c.cfg.Timeout))
		var late *TimeoutError
		switch {
		case errors.As(err, &late):
			return c.Abort(ctx)
		case err != nil:
			return err
		case rep.Class() != 1:
			c.owed--
		}
	}
	return nil
}

// Abort asks the server to give up the running transfer, and finds the place
// where commands and replies agree again: how many replies a server gives to
// ABOR and to the transfer differs, so a NOOP follows and its answer is waited
// for. A server that answers nothing loses the connection.
func (c *Conn) Abort(ctx context.Context) error {
	for _, verb := range []string{"ABOR", "NOOP"} {
		c.maskAndRecord(verb)
		if err := c.write(ctx, verb+"\r\n"); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(min(abortFor, c.cfg.Timeout))
	for {
		rep, err := c.wait(ctx, "the answer to ABOR", time.Until(deadline))
		var late *TimeoutError
		if errors.As(err, &late) {
			return c.fail(&TimeoutError{What: "the answer to ABOR", After: min(abortFor, c.cfg.Timeout)})
		}
		if err != nil {
			return err
		}
		if endsNoop(rep.Code) {
			c.owed = 0
			return nil
		}
	}
}

// endsNoop reports whether code answers NOOP, and neither the transfer nor ABOR.
func endsNoop(code int) bool {
	switch code {
	case 225, 226, 250:
		return false
	}
	return code/100 == 2
}

// Quit says goodbye and closes the connection; it takes no longer than a second.
// It must not be called while another call is on its way.
func (c *Conn) Quit() error {
	if c.Err() == nil && c.owed == 0 {
		c.maskAndRecord("QUIT")
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
