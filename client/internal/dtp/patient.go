package dtp

import (
	"context"
	"io"
)

// A patientReader reads from a source that may block for ever, such as a pipe or
// a terminal, and gives up with its context. A read that is still blocked then
// goes on until the source gives something or ends: nothing can stop it.
type patientReader struct {
	ctx  context.Context
	src  io.Reader
	buf  []byte
	done chan readResult
}

type readResult struct {
	n   int
	err error
}

func newPatientReader(ctx context.Context, src io.Reader) *patientReader {
	return &patientReader{ctx: ctx, src: src, done: make(chan readResult, 1)}
}

// Read implements io.Reader.
func (p *patientReader) Read(b []byte) (int, error) {
	if len(p.buf) < len(b) {
		p.buf = make([]byte, len(b))
	}
	into := p.buf[:len(b)]
	go func() {
		n, err := p.src.Read(into)
		p.done <- readResult{n, err}
	}()
	select {
	case r := <-p.done:
		return copy(b, into[:r.n]), r.err
	case <-p.ctx.Done():
		p.buf = nil // the blocked read may still write to it
		return 0, context.Cause(p.ctx)
	}
}
