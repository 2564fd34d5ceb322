package transfers

import (
	"context"
	"errors"

	"portside/client"
)

// A stream is one RETR of a session into one STOR of another.
type stream struct {
	b    *between
	p    *pipe
	at   int64  // where the target goes on
	tail []byte // what the source must have before that

	sourceFailed bool // the error is the source's
	short        bool // the source ended before at
}

// run moves the bytes, and returns how many the target was given. The target's
// session is not used before the source has delivered: a file that cannot be
// read does not empty its target.
func (s *stream) run(ctx context.Context, opt client.TransferOptions) (int64, error) {
	b := s.b
	s.p = newPipe(s.tail)
	read := client.TransferOptions{Offset: s.at - int64(len(s.tail)), ASCII: opt.ASCII, Pace: b.f.ReadPace}
	if b.src.size >= 0 && !opt.ASCII {
		read.MaxBytes = b.src.size - read.Offset + excessLimit
	}
	done := make(chan error, 1)
	go func() {
		_, err := b.ft.r.Retrieve(ctx, b.f.Remote, s.p, read)
		s.p.end(err)
		done <- err
	}()
	select {
	case <-s.p.began:
	case err := <-done:
		s.sourceFailed = err != nil
		s.short = err == nil && len(s.p.tail) > 0
		switch {
		case err != nil:
			return 0, err
		case s.short:
			return 0, ErrResume
		case s.p.passed == 0 && s.at > 0:
			return 0, nil // all of it is there
		}
		done <- nil
	}
	n, err := b.tt.r.Store(ctx, b.path, s.p, opt)
	s.p.leave()
	readErr := <-done
	switch {
	case readErr != nil && !errors.Is(readErr, errPipeClosed):
		s.sourceFailed = true
		return n, readErr
	case err != nil:
		return n, err
	case readErr != nil || n != s.p.passed:
		return n, &SizeError{Path: show(b.tt.r, b.path), Want: s.p.passed, Got: n}
	}
	return n, nil
}
