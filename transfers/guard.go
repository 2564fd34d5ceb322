package transfers

import (
	"bytes"
	"context"
	"errors"
)

// A guard watches a download into a partial file: the first bytes that arrive
// must be those that are at its end already, and it must not grow without end.
// It reads the file instead of standing between, so that the kernel can move
// the bytes.
type guard struct {
	p       *part
	start   int64  // offset of tail, and of the transfer
	tail    []byte // what was in p from start on
	limit   int64  // size at which to stop; -1: none
	n       int64  // bytes moved
	checked bool
	differs bool
	tooLong bool
	stop    context.CancelCauseFunc
}

// moved is told of every n bytes, in the transfer's goroutine.
func (g *guard) moved(n int64) {
	g.n += n
	if g.limit >= 0 && g.start+g.n > g.limit && !g.tooLong {
		g.tooLong = true
		g.stop(errTooLong)
	}
	if g.checked || g.n < int64(len(g.tail)) {
		return
	}
	if same, err := g.compare(g.start + g.n); err == nil && !same {
		g.stop(ErrResume)
	}
}

var errTooLong = errors.New("more bytes than the server said")

// compare reports whether the bytes before pos that should have been there
// before are the same. Where they end early, what has come is judged.
func (g *guard) compare(pos int64) (bool, error) {
	if g.checked || len(g.tail) == 0 {
		return !g.differs, nil
	}
	n := min(pos-g.start, int64(len(g.tail)))
	got, err := g.p.bytesAt(g.start, int(n))
	if err != nil {
		return false, err
	}
	g.checked = n == int64(len(g.tail))
	g.differs = !bytes.Equal(got, g.tail[:n])
	return !g.differs, nil
}
