package client

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// A NoMethodError says that none of several methods made a data connection. It
// unwraps to the error of each, the first tried first.
type NoMethodError struct{ Tried []Failed }

func (e *NoMethodError) Error() string {
	parts := make([]string, 0, len(e.Tried))
	for _, f := range e.Tried {
		parts = append(parts, f.Method.String()+": "+f.Reason)
	}
	return "no data connection: " + strings.Join(parts, "; ")
}

// Unwrap returns the error of each method.
func (e *NoMethodError) Unwrap() []error {
	out := make([]error, 0, len(e.Tried))
	for _, f := range e.Tried {
		out = append(out, f.Err)
	}
	return out
}

// Temporary reports whether the same may work later, by any of the methods.
func (e *NoMethodError) Temporary() bool {
	for _, f := range e.Tried {
		var t interface{ Temporary() bool }
		if errors.As(f.Err, &t) && t.Temporary() {
			return true
		}
	}
	return false
}

// Timeout reports whether a wait ran out for any of the methods.
func (e *NoMethodError) Timeout() bool {
	for _, f := range e.Tried {
		if isTimeoutErr(f.Err) {
			return true
		}
	}
	return false
}

// noWay joins what was tried; a single failure stays what it is.
func noWay(tried []Failed) error {
	if len(tried) == 1 {
		return tried[0].Err
	}
	return &NoMethodError{Tried: tried}
}

// reason says in a few words why a method made no data connection.
func reason(err error) string {
	var de *DataError
	var re *ReplyError
	if !errors.As(err, &de) {
		if errors.As(err, &re) {
			return fmt.Sprintf("the server said %q", re.Reply.String())
		}
		return err.Error()
	}
	var late *TimeoutError
	var pe *ProxyError
	refused := errors.As(de.Err, &re)
	errors.As(de.Err, &late)
	switch {
	case errors.As(de.Err, &pe):
		return pe.Error()
	case refused && !de.Method.Active() && nobodyThere(err) && !missesResumption(re.Reply):
		return fmt.Sprintf("it connected to somebody, but the server saw nobody: an antivirus or a proxy on the way answers in its place (the server said %q)", re.Reply.String())
	case refused:
		return fmt.Sprintf("the server said %q", re.Reply.String())
	case de.Step == StepDial && late != nil:
		return fmt.Sprintf("no answer from %s within %s", de.Addr, round(late.After))
	case de.Step == StepDial && errors.Is(de.Err, syscall.ECONNREFUSED):
		return de.Addr + " refused the connection"
	case de.Step == StepAccept && late != nil:
		return fmt.Sprintf("the server's connection to %s did not arrive within %s", de.Addr, round(late.After))
	case de.Step == StepNegotiate && late != nil:
		return fmt.Sprintf("no reply to %s within %s", de.Method, round(late.After))
	}
	return de.Err.Error()
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
