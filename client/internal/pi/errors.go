package pi

import (
	"errors"
	"fmt"
	"time"
)

// ErrClosed is returned for calls on a control connection that has been closed
// on this side.
var ErrClosed = errors.New("the control connection is closed")

// ErrBadName is returned for a name or argument that must not be sent or must
// not become a local path: it holds a line break or a NUL, or is no single
// pathname component where one is wanted.
var ErrBadName = errors.New("the name is not allowed")

// A ReplyError is a reply that refused a command.
type ReplyError struct {
	Verb  string // "STOR"; never the argument, so never a password
	Reply Reply
}

func (e *ReplyError) Error() string {
	if e.Verb == "" {
		return fmt.Sprintf("the server said %q", e.Reply.String())
	}
	return fmt.Sprintf("%s was refused: %q", e.Verb, e.Reply.String())
}

// Temporary reports a 4yz, transient negative completion reply (RFC 959, 4.2.1).
func (e *ReplyError) Temporary() bool { return e.Reply.Class() == 4 }

// A ProtocolError is something on the control connection that is no FTP reply,
// or a reply that cannot be understood or was not asked for.
type ProtocolError struct {
	Line string // what was received, shortened
	What string // what is wrong with it; empty: it is no reply
}

func (e *ProtocolError) Error() string {
	what := e.What
	if what == "" {
		what = "this is no FTP reply"
	}
	if e.Line == "" {
		return what
	}
	return fmt.Sprintf("%s: %q", what, e.Line)
}

// A LimitError says that a server sent more than is accepted.
type LimitError struct {
	What string // "a reply line"
	Max  int64  // bytes or entries
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the server sent more than is accepted: %s over %d", e.What, e.Max)
}

// A TimeoutError says that the server let a wait run out.
type TimeoutError struct {
	What  string // "the reply to RETR"
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("no answer within %s: waited for %s", e.After, e.What)
}

// Timeout reports true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary reports true: the same may work later.
func (e *TimeoutError) Temporary() bool { return true }

// A LostError says that the control connection ended while it was in use.
type LostError struct {
	Err  error
	Last *Reply // the last words of the server where it said 421 before
}

func (e *LostError) Error() string {
	if e.Last != nil {
		return fmt.Sprintf("the server closed the connection: %q", e.Last.String())
	}
	return fmt.Sprintf("the control connection was lost: %v", e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// Temporary reports true: a new connection may work.
func (e *LostError) Temporary() bool { return true }
