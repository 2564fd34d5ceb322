package pi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"portside/client/transcript"
)

// A Command is a verb with its argument, which may be empty.
type Command struct{ Verb, Arg string }

// String is the command as it is sent, without its line end.
func (c Command) String() string {
	if c.Arg == "" {
		return c.Verb
	}
	return c.Verb + " " + c.Arg
}

// An Ahead is a command that was sent while the replies to others were still to
// come. Servers answer commands in their order (RFC 959, 5.4), so its reply is
// found by counting: it goes to the Ahead and never to Read.
type Ahead struct {
	verb string
	main bool // no Ahead for anybody: its replies are for Read, and those behind it wait
	sure bool // that the server answers it in its turn: others may be sent behind it

	begun  bool // main: a 1yz has come
	strays int

	done chan struct{}
	rep  Reply
	err  error
	odd  bool
}

// ErrSwallowed is the error of an Ahead whose reply did not come.
var ErrSwallowed = errors.New("the server did not answer a command that was sent ahead")

// errGivenUp is the error of an Ahead behind a transfer that was given up.
var errGivenUp = errors.New("the transfer before it was given up")

// Done is closed when the reply has come, or will not come any more.
func (a *Ahead) Done() <-chan struct{} { return a.done }

// Verb returns the command's verb.
func (a *Ahead) Verb() string { return a.verb }

// Reply returns the reply, after Done. inTurn says that it came after the replies to
// what was sent before it, and that nothing else came in between.
func (a *Ahead) Reply() (rep Reply, inTurn bool, err error) { return a.rep, !a.odd, a.err }

func (a *Ahead) end(rep Reply, err error) {
	a.rep, a.err = rep, err
	close(a.done)
}

// A line is the queue of those whose replies are to come. It is empty unless
// something is sent ahead.
type line struct {
	mu    sync.Mutex // guards what follows
	queue []*Ahead
}

// outOfTurn bounds the wait for the reply to a command that is not sure to be
// answered, before anything else is sent; four round trips where those are longer.
const outOfTurn = 2 * time.Second

// SendWith is Send with further commands in the same write: a server that reads
// its commands one after the other finds them when it is done with the first.
// ProFTPD and Pure-FTPd look for commands while they transfer, and refuse what they
// find, but not what they have read along with the transfer command. Until it is
// known whose its reply is, nothing else is sent.
func (c *Conn) SendWith(ctx context.Context, first Command, behind ...Command) ([]*Ahead, error) {
	return c.send(ctx, &first, behind, false)
}

// SendAhead sends commands whose replies go to the Aheads returned, in their order.
// Others may be sent at once. It is for servers that are known to take that.
func (c *Conn) SendAhead(ctx context.Context, cmds ...Command) ([]*Ahead, error) {
	return c.send(ctx, nil, cmds, true)
}

func (c *Conn) send(ctx context.Context, first *Command, behind []Command, sure bool) ([]*Ahead, error) {
	all := behind
	if first != nil {
		all = append([]Command{*first}, behind...)
	}
	for _, cmd := range all {
		if strings.ContainsAny(cmd.Verb, "\r\n\x00 ") || strings.ContainsAny(cmd.Arg, "\r\n\x00") {
			return nil, fmt.Errorf("%w: it holds a line break or a NUL", ErrBadName)
		}
	}
	if err := c.settle(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var text strings.Builder
	for _, cmd := range all {
		text.WriteString(cmd.String() + "\r\n")
		c.record(transcript.Command, c.maskCommand(cmd.Verb, cmd.Arg))
	}
	aheads := c.join(first, behind, sure)
	// The byte 0xff is not doubled, as Telnet would have it: vsftpd and Pure-FTPd
	// take both bytes for letters of the name, and ProFTPD takes one for one.
	if err := c.write(ctx, text.String()); err != nil {
		if len(aheads) > 0 {
			_ = c.Close() // nobody could tell whose the next reply is
		}
		return nil, err
	}
	if len(aheads) > 0 && isClosed(c.done) {
		c.dropAheads(c.Err()) // the reader has ended before they were lined up
	}
	c.quickAck()
	return aheads, nil
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// Await waits for the reply to a. It may be called from any goroutine. As with Read, a
// reply that does not come in Config.Timeout ends the connection.
func (c *Conn) Await(ctx context.Context, a *Ahead) (Reply, error) {
	if !isClosed(a.done) {
		timer := time.NewTimer(c.cfg.Timeout)
		defer timer.Stop()
		select {
		case <-a.done:
		case <-ctx.Done():
			return Reply{}, context.Cause(ctx)
		case <-timer.C:
			return Reply{}, c.fail(&TimeoutError{What: "the reply to " + a.verb, After: c.cfg.Timeout})
		}
	}
	return a.rep, a.err
}

// join lines the commands up for their replies.
func (c *Conn) join(first *Command, behind []Command, sure bool) []*Ahead {
	if len(behind) == 0 {
		return nil
	}
	aheads := make([]*Ahead, 0, len(behind))
	for _, cmd := range behind {
		aheads = append(aheads, &Ahead{verb: strings.ToUpper(cmd.Verb), sure: sure, done: make(chan struct{})})
	}
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if first != nil {
		c.line.queue = append(c.line.queue, &Ahead{verb: first.Verb, main: true, done: make(chan struct{})})
	}
	c.line.queue = append(c.line.queue, aheads...)
	return aheads
}

// giveUpAheads gives up what is waited for behind a transfer that is given up, but for
// what was asked before it and is answered in its turn.
func (c *Conn) giveUpAheads() {
	c.line.mu.Lock()
	n := 0
	for n < len(c.line.queue) && c.line.queue[n].sure {
		n++
	}
	rest := slices.Clone(c.line.queue[n:])
	c.line.queue = c.line.queue[:n]
	c.line.mu.Unlock()
	for _, a := range rest {
		a.end(Reply{}, errGivenUp)
	}
}

// dropAheads gives up all that is waited for: replies go to Read from here on.
func (c *Conn) dropAheads(why error) {
	c.line.mu.Lock()
	queue := c.line.queue
	c.line.queue = nil
	c.line.mu.Unlock()
	for _, a := range queue {
		a.end(Reply{}, why)
	}
}

// route gives a reply to the Ahead that it belongs to, on the goroutine that reads.
// It reports whether it was one's; else it is for Read.
func (c *Conn) route(rep Reply) bool {
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if rep.Code == 421 {
		return false // it is about the connection
	}
	for len(c.line.queue) > 0 {
		head := c.line.queue[0]
		switch {
		case head.main:
			return c.routeMain(head, rep)
		case isStray(rep):
			if head.odd, head.strays = true, head.strays+1; head.strays > maxExtra {
				return false
			}
			return true
		}
		c.line.queue = c.line.queue[1:]
		if rep.Class() != 1 && (head.verb == "PWD" || !isPlace(rep)) {
			head.end(rep, nil)
			return true
		}
		head.odd = true
		head.end(Reply{}, ErrSwallowed) // this is the beginning of the answer to a later command
	}
	return false
}

// routeMain judges a reply while that of the command before the Aheads is to come.
func (c *Conn) routeMain(main *Ahead, rep Reply) bool {
	for i, a := range c.line.queue[1:] {
		if a.main {
			break
		}
		if a.overtakes(rep, main.begun) {
			a.odd = true
			a.end(rep, nil)
			c.line.queue = slices.Delete(c.line.queue, i+1, i+2)
			return true
		}
	}
	if rep.Class() == 1 {
		main.begun = true
		return false
	}
	c.line.queue = c.line.queue[1:]
	main.end(rep, nil)
	return false
}

// overtakes reports whether rep answers a though a transfer before it has not got its
// final reply. begun says that the transfer has got its 1yz, after which no server
// says that it does not know the command.
func (a *Ahead) overtakes(rep Reply, begun bool) bool {
	switch {
	case rep.Code == 229:
		return a.verb == "EPSV"
	case rep.Code == 227:
		return a.verb == "PASV"
	case !begun:
		return false
	case rep.Code >= 500 && rep.Code <= 504: // Pure-FTPd: "500 Unknown command"
		return true
	}
	// ProFTPD: "450 EPSV: data transfer in progress"
	return rep.Class() >= 4 && strings.HasPrefix(strings.ToUpper(rep.Last()), a.verb+":")
}

// isStray reports whether rep is a second end of a transfer, as some servers send.
func isStray(rep Reply) bool { return rep.Code == 226 || rep.Code == 426 }

// isPlace reports whether rep answers the PWD that finds the place, or QUIT, as it does
// nothing else that is sent ahead.
func isPlace(rep Reply) bool { return rep.Code == 257 || rep.Code == 221 }

// awaitDoubtful waits for the replies to what is not sure to be answered: another
// command behind it would make its reply ambiguous. Where none comes, PWD finds the
// place where commands and replies agree again.
func (c *Conn) awaitDoubtful(ctx context.Context) error {
	c.line.mu.Lock()
	var wait []*Ahead
	for _, a := range c.line.queue {
		if !a.main && !a.sure {
			wait = append(wait, a)
		}
	}
	c.line.mu.Unlock()
	if len(wait) == 0 {
		return nil
	}
	timer := time.NewTimer(min(max(outOfTurn, 4*c.RTT()), c.cfg.Timeout))
	defer timer.Stop()
	for _, a := range wait {
		select {
		case <-a.done:
		case <-c.done:
			return c.Err()
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			c.Note("no reply to %s, which was sent ahead", a.verb)
			c.dropAheads(ErrSwallowed)
			return c.findPlace(ctx)
		}
	}
	return nil
}
