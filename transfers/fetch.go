package transfers

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"portside/client"
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

	pieces  bool   // p did not come in one piece
	wrong   bool   // its checksum was wrong once
	asked   bool   // its size was wrong once
	tooLong bool   // more came than may be
	end     ending // where a try ended that the server called complete
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
	if whole, err := f.isWhole(ctx); whole || err != nil {
		return max(f.src.size, 0), err
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
	f.pieces = g.start > 0 || len(g.tail) > 0
	n, err := f.t.r.Retrieve(tctx, f.src.path, f.target(), client.TransferOptions{
		Offset: g.start, Size: max(f.src.size, 0), ASCII: f.t.opt.ASCII, Pace: f.t.opt.Pace, More: f.t.more, Progress: func(n int64) {
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
	if f.src.size >= 0 && !f.t.opt.ASCII && !f.tooLong {
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
	if he, ok := errors.AsType[*HashError](err); ok && serr == nil && have > 0 {
		he.Kept = f.p.setAside()
		return err
	}
	if serr != nil || f.t.opt.ASCII || f.noRest || have == 0 || have < min(sampleSize, f.src.size) || have > f.src.size {
		f.p.discard()
		return err
	}
	kept := f.src.time
	if !f.src.precise {
		kept = time.Time{} // the minute of a listing: the exact time would look newer
	}
	f.p.keep(kept)
	return &KeptError{Part: f.p.path(), Bytes: have, Size: f.src.size, Err: err}
}
