package transfers

import (
	"context"
	"errors"

	"portside/client"
)

// failed judges a try that ended in an error.
func (b *between) failed(ctx context.Context, s *stream, at, n int64, err error) (int64, error) {
	if ctx.Err() != nil {
		return at + n, ended(ctx)
	}
	re, refused := errors.AsType[*client.ReplyError](err)
	switch {
	case s.p.differs, s.short:
		b.goOn = false
		return 0, &anewError{err: ErrResume}
	case !refused || re.Temporary() || n > 0 || at == 0:
	case s.sourceFailed && re.Verb == "REST":
		b.goOn = false
		return 0, &anewError{err: err}
	case !s.sourceFailed && re.Verb == "REST":
		b.noRest = true
		return at, &anewError{err: err}
	case !s.sourceFailed && re.Verb == "APPE":
		b.noAppend = true
		return at, &anewError{err: err}
	}
	if n > 0 {
		b.sent, b.goOn = at+n, !b.tt.opt.ASCII && b.src.size >= 0
	}
	return at + n, &SideError{Source: s.sourceFailed, Err: err}
}

// complete checks a copy that both servers call complete.
func (b *between) complete(ctx context.Context, at, n int64) error {
	if b.tt.opt.ASCII {
		return nil
	}
	end := at + n
	if end != b.src.size {
		now, err := b.ft.size(ctx, b.f.Remote)
		if err != nil {
			return &SideError{Source: true, Err: err}
		}
		if now >= 0 && now != end {
			b.goOn = false
			return &anewError{err: &SideError{Source: true, Err: &SizeError{Path: show(b.ft.r, b.f.Remote), Want: now, Got: end}}}
		}
		b.src.size = end
	}
	there, err := b.tt.size(ctx, b.path)
	if err != nil {
		b.sent, b.goOn = end, true
		return &SideError{Err: err}
	}
	if there >= 0 && there != end {
		b.goOn = false
		return &anewError{err: &SideError{Err: &SizeError{Path: show(b.tt.r, b.path), Want: end, Got: there}}}
	}
	return b.checkHash(ctx, at, end)
}

// checkHash compares the checksums of both servers, where that pays and both
// have the same. What is wrong twice is kept aside.
func (b *between) checkHash(ctx context.Context, at, end int64) error {
	if !b.tt.wantsHash(b.f.Remote, end, at > 0 || b.wrong) {
		return nil
	}
	v, err := b.hashes(ctx, end)
	switch {
	case err != nil:
		return err
	case !v.known:
		b.tt.noHashNote(b.f.Remote)
		return nil
	case v.same:
		return nil
	}
	failure := v.failure(show(b.tt.r, b.path))
	if b.wrong {
		failure.Kept = b.asSend(end).setAside(ctx)
		return failure
	}
	b.wrong, b.goOn = true, false
	return &anewError{err: failure}
}

// hashes compares the checksums of both servers, where both have the same.
func (b *between) hashes(ctx context.Context, size int64) (verdict, error) {
	fh, ok1 := b.ft.r.(hasher)
	th, ok2 := b.tt.r.(hasher)
	if !ok1 || !ok2 || b.ft.noHash || b.tt.noHash || size > hashLimit && b.tt.opt.Verify != VerifyAlways {
		return verdict{}, nil
	}
	sum := func(t *task, h hasher, path, algo string) (client.Hash, bool) {
		got, herr := h.Hash(ctx, path, algo)
		if herr != nil {
			t.noHash = !isRefusal(herr) || errors.Is(herr, client.ErrUnsupported)
		}
		return got, herr == nil
	}
	there, ok := sum(b.tt, th, b.path, "")
	if ok {
		var here client.Hash
		if here, ok = sum(b.ft, fh, b.f.Remote, there.Algo); ok {
			return verdict{known: true, same: here == there, algo: there.Algo, here: here.Sum, there: there.Sum}, nil
		}
	}
	if ctx.Err() != nil {
		return verdict{}, ended(ctx)
	}
	return verdict{}, nil
}
