package transfers

import (
	"bytes"
	"errors"
	"io"
)

// The chunks of a pipe between two sessions, and how many it holds.
const (
	pipeChunk  = 128 << 10
	pipeChunks = 8
)

// errPipeClosed is what the writing side gets when nobody reads any more.
var errPipeClosed = errors.New("the other side has ended")

// A pipe carries bytes from the goroutine of one session to that of another. It
// holds a bounded number of them, so that the slower side sets the pace.
type pipe struct {
	full chan []byte
	free chan []byte
	gone chan struct{} // closed when nobody reads any more

	err        error  // of the writer; set before full is closed
	held, rest []byte // the reader's chunk, and what is left of it

	// For the writer: the bytes that must come first and are not passed on.
	tail    []byte
	differs bool          // they were others
	began   chan struct{} // closed when the first byte is passed on
	passed  int64
}

func newPipe(tail []byte) *pipe {
	p := &pipe{
		full: make(chan []byte, pipeChunks), free: make(chan []byte, pipeChunks),
		gone: make(chan struct{}), began: make(chan struct{}), tail: tail,
	}
	for range pipeChunks {
		p.free <- nil // made when it is needed
	}
	return p
}

// Write compares the bytes that must come first, and passes the others on.
func (p *pipe) Write(b []byte) (int, error) {
	n := min(len(b), len(p.tail))
	if !bytes.Equal(b[:n], p.tail[:n]) {
		p.differs = true
		return 0, ErrResume
	}
	p.tail = p.tail[n:]
	for n < len(b) {
		select {
		case <-p.gone:
			return n, errPipeClosed
		case chunk := <-p.free:
			if chunk == nil {
				chunk = make([]byte, pipeChunk)
			}
			m := copy(chunk[:cap(chunk)], b[n:])
			if p.passed == 0 {
				close(p.began)
			}
			p.passed += int64(m)
			n += m
			p.full <- chunk[:m] // there is room for all of them
		}
	}
	return n, nil
}

// end says that nothing more comes, because of err or, where that is nil, because
// the source has ended.
func (p *pipe) end(err error) {
	p.err = err
	close(p.full)
}

// Read implements io.Reader.
func (p *pipe) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.held != nil {
			p.free <- p.held
			p.held = nil
		}
		chunk, ok := <-p.full
		if !ok && p.err != nil {
			return 0, p.err
		}
		if !ok {
			return 0, io.EOF
		}
		p.held, p.rest = chunk, chunk
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// leave says that nobody reads any more.
func (p *pipe) leave() { close(p.gone) }
