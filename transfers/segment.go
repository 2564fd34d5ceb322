package transfers

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"portside/client/listing"
)

// The defaults of SegmentOptions, and the sizes that are not options.
const (
	DefaultSegments       = 4
	DefaultSegmentMinSize = 64 << 20
	DefaultSegmentWindow  = time.Second

	segmentGain = 1.15    // what another connection has to bring
	smallestCut = 2 << 20 // bytes of a piece, at least
	largestStep = 4 << 20 // bytes that a connection is let move at once
)

// SegmentOptions say when one file is fetched over several connections.
type SegmentOptions struct {
	Max     int           // connections at most. 0: DefaultSegments
	MinSize int64         // of a file for which it is tried. 0: DefaultSegmentMinSize
	Window  time.Duration // over which speeds are compared. 0: DefaultSegmentWindow
	// Closed, where set, is called for each session that is closed while the others go
	// on, from any goroutine.
	Closed func()
}

func (o SegmentOptions) withDefaults() SegmentOptions {
	if o.Max <= 0 {
		o.Max = DefaultSegments
	}
	if o.MinSize <= 0 {
		o.MinSize = DefaultSegmentMinSize
	}
	if o.Window <= 0 {
		o.Window = DefaultSegmentWindow
	}
	return o
}

// MoveSegmented is Move for a large download: it begins with one connection and
// adds others, one at a time, as long as each of them makes the whole faster by
// 15 %. sessions makes a session, or says why there is none; that ends the growth
// quietly, but for the first. All sessions are closed before it returns.
//
// Where two pieces meet, the bytes at the seam are fetched twice and compared, so
// that a server that begins at another place than it was told is found out; the
// file is then fetched in one piece. What an interrupted call leaves is gone on
// from by the next, which checks both ends of every gap. Other files, and all of
// them on Windows, are left to Move.
func MoveSegmented(
	ctx context.Context, sessions func(ctx context.Context) (RemoteCloser, error), f File, opt Options, so SegmentOptions,
) (Outcome, error) {
	so = so.withDefaults()
	first, err := sessions(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if f.Direction != Downloading || so.Max < 2 || runtime.GOOS == "windows" {
		defer func() { _ = first.Close() }()
		return Move(ctx, first, f, opt)
	}
	s := &segments{so: so, sessions: sessions, spare: []RemoteCloser{first}}
	out, err := moveBy(ctx, first, f, opt, s)
	for _, r := range s.spare {
		_ = r.Close()
	}
	if ke, ok := errors.AsType[*KeptError](err); ok && s.kept > 0 {
		ke.Bytes = s.kept
	}
	return out, err
}

// drop closes a session that is not needed any more.
func (s *segments) drop(r RemoteCloser) {
	_ = r.Close()
	if s.so.Closed != nil {
		s.so.Closed()
	}
}

// segments is the download of one file over several connections.
type segments struct {
	so       SegmentOptions
	sessions func(ctx context.Context) (RemoteCloser, error)
	spare    []RemoteCloser // that fetch nothing at this moment

	f     *fetch
	lanes *lanes
	plain bool  // in one piece, as Move does
	kept  int64 // bytes that a later call can go on from

	mapping sync.Mutex // guards the file of the map
}

// try is the step that takes the place of fetch.try.
func (s *segments) try(ctx context.Context) (int64, error) {
	f := s.f
	if s.plain || f.t.opt.ASCII || f.src.size < s.so.MinSize || f.src.size == listing.UnknownSize {
		s.plain = true
		return f.try(ctx)
	}
	f.t.sharpen(ctx, &f.src) // one question for a large file, by which a later call knows it
	if err := s.open(); err != nil {
		return 0, err
	}
	f.again = true
	run := segmentRun{segments: s}
	err := run.run(ctx)
	far := s.lanes.bytes()
	switch {
	case errors.Is(err, ErrResume):
		return 0, s.fallBack()
	case err != nil:
		s.leave()
		return far, err
	}
	f.pieces = true
	err = f.complete(ctx, &guard{p: f.p}, f.src.size)
	if isA[*anewError](err) {
		s.plain = true
		return 0, errors.Join(err, s.toPart())
	}
	if err == nil || isA[*HashError](err) {
		s.removeMap()
	} else {
		s.leave()
	}
	return f.src.size, err
}

// fallBack ends the pieces: what is certain stays, the rest is fetched in one.
func (s *segments) fallBack() error {
	s.plain = true
	if err := s.f.p.cut(s.lanes.certain()); err != nil {
		return err
	}
	if err := s.toPart(); err != nil {
		return err
	}
	return &anewError{err: ErrResume}
}

// leave makes what is there usable for a later call: as an ordinary part where
// it is the beginning of the file, else with a map of it.
func (s *segments) leave() {
	s.kept = s.lanes.bytes()
	if n, whole := s.lanes.prefix(); whole {
		if s.f.p.cut(n) == nil && s.toPart() == nil {
			return
		}
	}
	if s.saveRanges(s.lanes.ranges()) != nil {
		// Without a map nothing but the beginning can be told from holes.
		s.kept = s.lanes.certain()
		_ = s.f.p.cut(s.kept)
		_ = s.toPart()
	}
}

// segmentHandle opens the partial file once more, to be written elsewhere.
func (s *segments) segmentHandle(at int64) (*os.File, error) {
	p := s.f.p
	h, err := p.at.root.OpenFile(p.name, os.O_RDWR, 0)
	if err != nil {
		return nil, localErr("open", p.path(), err)
	}
	if _, err = h.Seek(at, 0); err != nil {
		_ = h.Close()
		return nil, localErr("write", p.path(), err)
	}
	return h, nil
}
