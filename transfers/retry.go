package transfers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"portside/client"
)

// A task is one call: its session, which a redial may replace, its options,
// and what has been counted. It belongs to one goroutine.
type task struct {
	r        Remote
	opt      Options
	dir      Direction
	sum      Summary
	rep      reporter
	standing Exists // the answer for all; Ask where there is none

	allText   bool                             // Options.ASCII: every file is text
	goOn      bool                             // go on from kept partial files, whatever the rule
	settled   Settled                          // decided by an earlier run
	mayBeDone bool                             // that run may have come to its end
	tell      func(action Exists, name string) // told what is decided; may be nil
	durable   func(ctx context.Context) error  // awaits that this is kept; may be nil
	far       int64                            // verified bytes of the last try
	segments  *segments                        // fetches large files in pieces; may be nil
	gone      bool                             // the session is lost
	noSize    bool                             // the server has no SIZE
	noTimes   bool                             // the server sets no times
	noHash    bool                             // the server has no hash, or refused

	more    bool    // another file follows over this session
	later   bool    // what comes after the bytes may be left to pending
	pending Pending // what is still under way
}

func newTask(r Remote, dir Direction, opt Options) *task {
	opt = opt.withDefaults()
	t := &task{r: r, opt: opt, dir: dir, allText: opt.ASCII}
	t.rep.fn = opt.Progress
	t.rep.p.Direction = dir
	return t
}

// An anewError is a try that must be repeated from the first byte.
type anewError struct{ err error }

func (e *anewError) Error() string { return e.err.Error() }
func (e *anewError) Unwrap() error { return e.err }

// maxAnew bounds how often one file is started anew, and maxNarrow how often because
// large packets were lost on the way, which a session says once.
const (
	maxAnew   = 2
	maxNarrow = 2
)

// A step is one try. It returns how far the file has come, in verified bytes.
type step func(ctx context.Context) (far int64, err error)

// retry tries until it succeeds, has failed for good, or has failed too often
// without getting any further. A lost session is replaced before a try.
func (t *task) retry(ctx context.Context, try step) error {
	var (
		best                int64
		tries, anew, narrow int
	)
	for {
		far, err := t.once(ctx, try)
		t.far = far
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ended(ctx)
		}
		if fresh, ok := errors.AsType[*anewError](err); ok {
			anew++
			if anew > maxAnew || (t.lost() && t.opt.Redial == nil) {
				return fresh.err
			}
			best = 0
			continue
		}
		if !t.worthRetrying(err) {
			return err
		}
		if errors.Is(err, client.ErrNarrow) && narrow < maxNarrow {
			narrow++ // the next try is with small packets, and is as good as the first
			continue
		}
		if far >= best+sampleSize {
			best, tries = far, 0
		}
		tries++
		if tries > t.opt.Retries {
			return err
		}
		if werr := t.wait(ctx, err, tries); werr != nil {
			return werr
		}
	}
}

// once replaces a lost session and tries.
func (t *task) once(ctx context.Context, try step) (int64, error) {
	if t.lost() {
		if t.opt.Redial == nil {
			return 0, fmt.Errorf("%w: %w", errNoRedial, client.ErrClosed)
		}
		r, err := t.opt.Redial(ctx)
		if err != nil {
			return 0, err
		}
		t.r, t.gone = r, false
	}
	return try(ctx)
}

// simply is retry for what has no position.
func (t *task) simply(ctx context.Context, try func(ctx context.Context) error) error {
	return t.retry(ctx, func(ctx context.Context) (int64, error) { return 0, try(ctx) })
}

// lost reports whether the session has ended.
func (t *task) lost() bool { return t.gone || t.r == nil || isGone(t.r) }

// worthRetrying judges an error, and remembers where it says that the control
// connection has ended.
func (t *task) worthRetrying(err error) bool {
	again, gone := judge(err)
	if gone {
		t.gone = true
	}
	if t.lost() {
		return (again || !isFinal(err)) && t.opt.Redial != nil
	}
	return again
}

// isFinal reports errors that no new connection would change.
func isFinal(err error) bool {
	if isA[*LocalError](err) {
		return true
	}
	if isA[*tooManyError](err) {
		return true
	}
	if isA[*client.CertError](err) {
		return true
	}
	if isA[*client.NoMethodError](err) {
		return true // the session has tried all there is
	}
	if isA[*client.LimitError](err) {
		return true
	}
	if isA[*client.ListingLimitError](err) {
		return true
	}
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		return !re.Temporary()
	}
	if isA[*client.LoginError](err) {
		return true
	}
	for _, target := range []error{
		client.ErrUnsupported, client.ErrBadName, client.ErrForeignDataCert,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// judge says whether trying again may help, and whether the control connection
// is gone.
func judge(err error) (again, gone bool) {
	if isFinal(err) {
		return false, false
	}
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		return true, re.Reply.Code == 421
	}
	if isA[*client.DataError](err) || errors.Is(err, client.ErrUnanswered) {
		return true, false
	}
	if isA[*SizeError](err) {
		return true, false
	}
	if isA[*client.ProtocolError](err) {
		return true, false // the session knows whether it can go on
	}
	if isConnError(err) {
		return true, true
	}
	return false, false
}

// isConnError reports the errors of a connection that broke.
func isConnError(err error) bool {
	if isA[*client.DialError](err) {
		return true
	}
	if isA[*client.LostError](err) {
		return true
	}
	if ne, ok := errors.AsType[net.Error](err); ok && ne != nil {
		return true
	}
	for _, target := range []error{
		client.ErrClosed, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
		syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// wait waits before try number tries+1.
func (t *task) wait(ctx context.Context, err error, tries int) error {
	d := t.opt.Backoff
	for range tries - 1 {
		if d *= 2; d >= maxBackoff {
			d = maxBackoff
			break
		}
	}
	d = time.Duration(float64(d) * (0.5 + t.opt.Jitter()))
	if t.opt.OnRetry != nil {
		t.opt.OnRetry(err, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended returns why ctx has ended, always as an error that is also ctx.Err().
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return cause
	}
	return fmt.Errorf("%w: %w", ctx.Err(), cause)
}

// hopeless reports whether after err the rest of a tree would fail as well.
func (t *task) hopeless(ctx context.Context, err error) bool {
	if ctx.Err() != nil || t.lost() {
		return true
	}
	if le, ok := errors.AsType[*LocalError](err); ok {
		return le.fatal()
	}
	if isA[*client.LoginError](err) || isA[*client.NoMethodError](err) {
		return true
	}
	_, ok := errors.AsType[*client.CertError](err)
	return ok
}

// fail records a failure of one entry.
func (t *task) fail(path string, err error) {
	t.sum.Failed = append(t.sum.Failed, Failure{Path: path, Err: err})
}

// note records something to know.
func (t *task) note(path, text string) {
	t.sum.Notes = append(t.sum.Notes, Note{Path: path, Text: text})
}

// result ends the call: err, if it ended early, else what the failures say.
func (t *task) result(err error) (Summary, error) {
	if err == nil && len(t.sum.Failed) > 0 {
		err = &IncompleteError{Failed: t.sum.Failed, Total: t.rep.p.FilesTotal}
	}
	return t.sum, err
}
