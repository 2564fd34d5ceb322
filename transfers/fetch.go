package transfers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"portside/client"
	"portside/client/listing"
)

// ErrResume is a partial file that is not the beginning of the source, or a
// server that cannot start in the middle of a file.
var ErrResume = errors.New("the partial file is not the beginning of the whole one")

// A fetch is the download of one file into its partial file.
type fetch struct {
	t    *task
	src  source
	p    *part
	goOn bool // what is in p may be used

	since  time.Time // when the bytes that were in p at the start were written
	old    bool      // p held bytes at the start, which a comparison has to allow
	noRest bool      // the server does not start in the middle, or p is not to be trusted
	again  bool      // not the first try
}

// prepare empties the partial file, or leaves or puts into it what may be
// gone on from.
func (f *fetch) prepare(old fs.FileInfo, adopt bool) error {
	if !f.goOn || f.t.opt.ASCII || f.src.size < 0 {
		return f.p.empty()
	}
	fi, err := f.p.f.Stat()
	if err != nil {
		return localErr("read", f.p.path(), err)
	}
	f.since = fi.ModTime()
	if fi.Size() == 0 && adopt {
		if err = f.p.adopt(); err != nil {
			return err
		}
		f.since = old.ModTime()
	}
	have, err := f.p.size()
	if err != nil {
		return err
	}
	f.old = have > 0
	if have > f.src.size || f.outdated() {
		f.old = false
		return f.p.empty()
	}
	return nil
}

// outdated reports a source that was changed after the bytes of p were
// written. Times of plain listings are off by up to a time zone.
func (f *fetch) outdated() bool {
	slack := 2 * time.Second
	if !f.src.precise {
		slack = 26 * time.Hour
	}
	return f.old && !f.src.time.IsZero() && f.src.time.After(f.since.Add(slack))
}

// try downloads from the end of what is there.
func (f *fetch) try(ctx context.Context) (int64, error) {
	if f.again {
		if err := f.refresh(ctx); err != nil {
			return 0, err
		}
	}
	f.again = true
	g, err := f.guard()
	if err != nil {
		return 0, err
	}
	f.t.rep.at(g.start)
	tctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	g.stop = cancel
	n, err := f.t.r.Retrieve(tctx, f.src.path, f.p.f, client.TransferOptions{
		Offset: g.start, ASCII: f.t.opt.ASCII, Progress: func(n int64) {
			f.t.rep.moved(n)
			g.moved(n)
		},
	})
	f.t.sum.Bytes += max(n, g.n)
	return f.judge(ctx, g, err)
}

// guard looks at what is in p and says where to go on.
func (f *fetch) guard() (*guard, error) {
	g := &guard{p: f.p, limit: -1}
	have, err := f.p.size()
	if err != nil {
		return nil, err
	}
	if f.src.size >= 0 && !f.t.opt.ASCII {
		g.limit = f.src.size + excessLimit
	}
	if have > 0 && (f.noRest || f.t.opt.ASCII || f.src.size < have) {
		have = 0
		if err = f.p.empty(); err != nil {
			return nil, err
		}
	}
	if have > 0 {
		n := min(have, sampleSize)
		g.start = have - n
		if g.tail, err = f.p.bytesAt(g.start, int(n)); err != nil {
			return nil, err
		}
	}
	return g, f.p.seek(g.start)
}

// judge says what a try has brought.
func (f *fetch) judge(ctx context.Context, g *guard, err error) (int64, error) {
	pos, perr := f.p.pos()
	if perr != nil {
		return 0, perr
	}
	same, verr := g.compare(pos)
	switch {
	case verr != nil:
		return 0, verr
	case !same, isRestRefused(err):
		return 0, f.anew(ErrResume)
	case g.tooLong && len(g.tail) > 0:
		return 0, f.anew(ErrResume)
	case g.tooLong:
		f.noRest = true
		return 0, &SizeError{Path: show(f.t.r, f.src.path), Want: f.src.size, Got: pos}
	case err != nil && isLocal(err):
		return pos, localErr("write", f.p.at.path(), err)
	case errors.Is(err, client.ErrUnverified) && !f.t.opt.ASCII && pos == f.src.size:
		// The mark at the end is missing, but the listing says that this is it.
	case err != nil:
		return max(pos, g.start+int64(len(g.tail))), err
	}
	return pos, f.complete(ctx, g, pos)
}

// anew drops what is there, so that the next try begins at the first byte.
func (f *fetch) anew(err error) error {
	f.noRest, f.old = true, false
	if eerr := f.p.empty(); eerr != nil {
		return eerr
	}
	return &anewError{err: err}
}

// isRestRefused reports a server that has no REST.
func isRestRefused(err error) bool {
	re, ok := errors.AsType[*client.ReplyError](err)
	return ok && re.Verb == "REST" && !re.Temporary()
}

// complete checks a download that the server calls complete.
func (f *fetch) complete(ctx context.Context, g *guard, pos int64) error {
	if f.t.opt.ASCII {
		return nil
	}
	if err := f.checkSize(ctx, g, pos); err != nil {
		return err
	}
	if !f.old {
		return nil
	}
	same, known, err := f.t.hashSays(ctx, f.src.path, f.p.f, pos)
	if err != nil {
		return err
	}
	if known && !same {
		return f.anew(ErrResume)
	}
	return nil
}

// checkSize compares what has arrived with what the server says. A file that
// grew in the meantime is complete as it was.
func (f *fetch) checkSize(ctx context.Context, g *guard, pos int64) error {
	want := f.src.size
	if want == pos {
		return nil
	}
	now, err := f.t.size(ctx, f.src.path)
	if err != nil {
		return err
	}
	switch {
	case now < 0 && want < 0, now == pos, want >= 0 && pos > want && now > pos:
		f.src.size = pos
		return nil
	case now >= 0:
		want = now
	}
	if pos > want && len(g.tail) > 0 {
		return f.anew(ErrResume)
	}
	if pos > want {
		f.noRest = true
	}
	return &SizeError{Path: show(f.t.r, f.src.path), Want: want, Got: pos}
}

// refresh asks before another try whether the source is still the same.
func (f *fetch) refresh(ctx context.Context) error {
	e, err := f.t.r.Stat(ctx, f.src.path)
	if err != nil {
		if isRefusal(err) {
			return nil
		}
		return err
	}
	now := sourceOf(f.src.path, e)
	resized := now.size >= 0 && f.src.size >= 0 && now.size != f.src.size
	retimed := now.precise && f.src.precise && !now.time.Equal(f.src.time)
	if resized || retimed {
		if err = f.p.empty(); err != nil {
			return err
		}
		f.old = false
	}
	if now.size >= 0 {
		f.src.size = now.size
	}
	if now.precise || !f.src.precise {
		f.src.time, f.src.precise = now.time, now.precise
	}
	return nil
}

// giveUp leaves a partial file only where a later call can go on from it, and
// says so.
func (f *fetch) giveUp(err error) error {
	have, serr := f.p.size()
	if serr != nil || f.t.opt.ASCII || f.noRest || have < sampleSize || have > f.src.size {
		f.p.discard()
		return err
	}
	f.p.keep(f.src.time)
	return &KeptError{Part: f.p.path(), Bytes: have, Size: f.src.size, Err: err}
}

// size asks for the size of a remote file; -1 where the server cannot tell.
func (t *task) size(ctx context.Context, path string) (int64, error) {
	s, ok := t.r.(sizer)
	if !ok || t.noSize {
		return listing.UnknownSize, nil
	}
	n, err := s.Size(ctx, path)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, client.ErrUnsupported):
		t.noSize = true
		return listing.UnknownSize, nil
	case isRefusal(err), isA[*client.ProtocolError](err) && !t.lost():
		return listing.UnknownSize, nil
	default:
		return listing.UnknownSize, fmt.Errorf("asking for its size: %w", err)
	}
}

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
