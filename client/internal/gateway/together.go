package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portside/client/internal/pi"
)

// togetherFor is how long each reply to commands that were sent together may take; eight
// round trips where those are longer. A server that throws away what stands behind the
// first command never answers.
const togetherFor = 5 * time.Second

// An OddError says that a server did not answer commands that were sent together as it
// answers them one by one. Where commands and replies agree again is not known.
type OddError struct {
	Verb string // whose reply it was
	Turn bool   // a reply came, and not in its turn
	Err  error
}

func (e *OddError) Error() string {
	return fmt.Sprintf("%s, sent together with other commands: %v", e.Verb, e.Err)
}

// Unwrap returns Err.
func (e *OddError) Unwrap() error { return e.Err }

// errOutOfTurn is the error of an OddError with Turn.
var errOutOfTurn = errors.New("the reply came out of turn")

// kept is a reply that has come before it was asked for.
type kept struct {
	cmd pi.Command
	rep pi.Reply
}

// Together sends commands in one write and waits for their replies (RFC 959, 5.4: a
// server answers in order), which Ask returns, and which the library gets where it sends
// the same command. A 421 is a *pi.ReplyError that names no command, what else is odd an
// *OddError. After an error the connection is of no use any more.
func (g *Gateway) Together(ctx context.Context, cmds ...pi.Command) ([]pi.Reply, error) {
	aheads, err := g.ctl.SendAhead(ctx, cmds...)
	if err != nil {
		return nil, err
	}
	replies := make([]pi.Reply, 0, len(cmds))
	for i, a := range aheads {
		rep, err := g.await(ctx, a)
		if err == nil && !fits(a.Verb(), rep) {
			err = &OddError{Verb: a.Verb(), Turn: true, Err: errOutOfTurn}
		}
		if err != nil {
			g.kept = nil
			return nil, err
		}
		replies = append(replies, rep)
		g.kept = append(g.kept, kept{cmds[i], rep})
	}
	return replies, nil
}

// await waits for one of the replies.
func (g *Gateway) await(ctx context.Context, a *pi.Ahead) (pi.Reply, error) {
	timer := time.NewTimer(min(max(togetherFor, 8*g.ctl.RTT()), g.ctl.Timeout()))
	defer timer.Stop()
	select {
	case <-a.Done():
		select {
		case rep := <-g.ctl.Replies():
			if rep.Code == 421 {
				return rep, &pi.ReplyError{Reply: rep}
			}
			g.ctl.Unread(rep) // the next Send passes over it
		default:
		}
	case rep := <-g.ctl.Replies(): // it belongs to none of them
		if rep.Code == 421 {
			return rep, &pi.ReplyError{Reply: rep}
		}
		g.ctl.Unread(rep)
		if !isDone(a) {
			return rep, &OddError{Verb: a.Verb(), Turn: true, Err: errOutOfTurn}
		}
	case <-timer.C:
		return pi.Reply{}, &OddError{Verb: a.Verb(), Err: pi.ErrSwallowed}
	case <-ctx.Done():
		return pi.Reply{}, context.Cause(ctx)
	}
	rep, inTurn, err := a.Reply()
	var lost *pi.LostError
	switch {
	case errors.As(err, &lost) && lost.Last != nil && lost.Last.Code == 421:
		return rep, &pi.ReplyError{Reply: *lost.Last}
	case err != nil:
		return rep, &OddError{Verb: a.Verb(), Turn: !inTurn, Err: err}
	case !inTurn:
		return rep, &OddError{Verb: a.Verb(), Turn: true, Err: errOutOfTurn}
	}
	return rep, nil
}

func isDone(a *pi.Ahead) bool {
	select {
	case <-a.Done():
		return true
	default:
		return false
	}
}

// fits reports whether rep may be the reply to verb: one more or one less than there
// should be shows where a reply belongs to one command only.
func fits(verb string, rep pi.Reply) bool {
	switch rep.Code {
	case 257:
		return verb == "PWD"
	case 215:
		return verb == "SYST"
	case 211:
		return verb == "FEAT"
	case 331, 332:
		return false
	}
	return verb != "PWD" || rep.Class() >= 4 || rep.Code == 250
}

// Ask is pi's Cmd, but for a command that Together has sent already it returns that
// one's reply.
func (g *Gateway) Ask(ctx context.Context, verb, arg string) (pi.Reply, error) {
	for i, k := range g.kept {
		if k.cmd.Verb == verb && k.cmd.Arg == arg {
			g.kept = append(g.kept[:i:i], g.kept[i+1:]...)
			return k.rep, nil
		}
	}
	return g.ctl.Cmd(ctx, verb, arg)
}

// Unkeep forgets the replies that nobody has asked for.
func (g *Gateway) Unkeep() { g.kept = nil }
