package transfers

import (
	"errors"
	"fmt"

	"portside/client"
)

// A tooManyError is a session that the server refused while it serves others of
// the same work: it wants fewer of them.
type tooManyError struct {
	open int // sessions that there are
	err  error
}

// Error says how many the server allows.
func (e *tooManyError) Error() string {
	return fmt.Sprintf("the server allows no more than %s: %v", client.Counted(e.open, "connection", "connections"), e.err)
}

// Unwrap returns the refusal.
func (e *tooManyError) Unwrap() error { return e.err }

// isRefusedSession reports that the server answered and said no.
func isRefusedSession(err error) bool {
	if isA[*client.CertError](err) {
		return false
	}
	_, ok := errors.AsType[*client.ReplyError](err)
	return ok
}
