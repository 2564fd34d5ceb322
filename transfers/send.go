package transfers

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A send is the upload of one file.
type send struct {
	t     *task
	f     *os.File
	path  string      // local
	fi    fs.FileInfo // of f, as it was at the start
	to    string      // remote, raw: the final name, or a temporary one
	final string      // remote, raw

	goOn     bool  // what the server has may be gone on from, once compared
	sent     int64 // bytes of the file that have left in a try before; -1: not by this call
	refused  bool  // the last reply was a refusal, of a part or of the whole
	noRest   bool  // the server has no REST for STOR
	noAppend bool  // nor APPE
	pieces   bool  // the target did not come in one piece
	wrong    bool  // its checksum was wrong once
}

// mayResume reports whether the target may be an earlier part of the file.
func (s *send) mayResume(e *listing.Entry) bool {
	if s.t.opt.ASCII || e.Type == listing.Dir || e.Size == 0 || e.Size > s.fi.Size() {
		return false
	}
	s.sent = -1
	// Changed here after it was written there: the part is of something else.
	return !e.Precise || e.ModTime.IsZero() || !s.fi.ModTime().After(e.ModTime.Add(2*time.Second))
}

// try uploads from the end of what the server has.
func (s *send) try(ctx context.Context) (int64, error) {
	opt := client.TransferOptions{ASCII: s.t.opt.ASCII, Pace: s.t.opt.Pace, Progress: s.t.rep.moved, More: s.t.more}
	at := int64(0)
	if s.goOn {
		var err error
		if at, err = s.compare(ctx); err != nil {
			return 0, err
		}
	}
	if at > 0 && at == s.fi.Size() {
		if !s.refused {
			s.pieces = true
			return at, s.checkHash(ctx, at) // the reply got lost, not the file
		}
		at = 0
	}
	switch {
	case at == 0:
	case !s.noRest && (hasFeature(s.t.r, "REST") || s.noAppend):
		opt.Offset = at
	case !s.noAppend:
		opt.Append = true
	default:
		at = 0
	}
	if _, err := s.f.Seek(at, io.SeekStart); err != nil {
		return 0, localErr("read", s.path, err)
	}
	s.t.rep.at(at)
	s.pieces = at > 0
	n, err := s.t.r.Store(ctx, s.to, s.f, opt)
	s.t.sum.Bytes += n
	if err != nil {
		return s.failed(at, n, err)
	}
	return at + n, s.complete(ctx, at)
}

// compare asks how much of the file the server has, and returns that where the
// last bytes of it are the same; else 0.
func (s *send) compare(ctx context.Context) (int64, error) {
	n, err := s.t.size(ctx, s.to)
	if err != nil {
		return 0, err
	}
	if n <= 0 || n > s.fi.Size() || (s.sent >= 0 && n > s.sent) {
		return 0, nil
	}
	same, err := s.t.sameTail(ctx, s.to, s.f, n)
	if err != nil || !same {
		return 0, err
	}
	return n, nil
}

// failed judges a try that ended in an error.
func (s *send) failed(at, n int64, err error) (int64, error) {
	if isLocal(err) {
		return 0, localErr("read", s.path, err)
	}
	re, ok := errors.AsType[*client.ReplyError](err)
	s.refused = ok
	if ok && !re.Temporary() && n == 0 && at > 0 {
		switch re.Verb {
		case "REST":
			s.noRest = true
			return at, &anewError{err: err}
		case "APPE":
			s.noAppend = true
			return at, &anewError{err: err}
		}
	}
	if n > 0 {
		// From here on the target is what this call has made of it.
		s.sent = at + n
		s.goOn = !s.t.opt.ASCII
	}
	return at + n, err
}

// complete checks an upload that the server calls complete.
func (s *send) complete(ctx context.Context, at int64) error {
	end, err := s.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return localErr("read", s.path, err)
	}
	now, err := s.f.Stat()
	if err != nil {
		return localErr("read", s.path, err)
	}
	if now.Size() != s.fi.Size() || !now.ModTime().Equal(s.fi.ModTime()) || end != now.Size() {
		s.fi, s.goOn = now, false
		return &anewError{err: &LocalError{Kind: LocalChanged, Op: "read", Path: s.path, Err: errChanged}}
	}
	if s.t.opt.ASCII {
		return nil
	}
	if s.checkLater(ctx, end) {
		return nil
	}
	there, err := s.t.size(ctx, s.to)
	if err != nil {
		// All is there, as the server said; the next try sees whether it is.
		s.sent, s.goOn = end, true
		return err
	}
	if there < 0 || there == end {
		return s.checkHash(ctx, end)
	}
	wrong := &SizeError{Path: show(s.t.r, s.to), Want: end, Got: there}
	s.goOn = false
	if at > 0 {
		return &anewError{err: wrong}
	}
	return wrong
}

// checkHash compares what is there by its checksum, where that pays. What is
// wrong twice is kept aside.
func (s *send) checkHash(ctx context.Context, size int64) error {
	if !s.t.wantsHash(s.to, size, s.pieces || s.wrong) {
		return nil
	}
	v, err := s.t.hashVerdict(ctx, s.to, s.f, size)
	switch {
	case err != nil:
		return err
	case !v.known:
		s.t.noHashNote(s.path)
		return nil
	case v.same:
		return nil
	}
	failure := v.failure(show(s.t.r, s.to))
	if s.wrong {
		failure.Kept = s.setAside(ctx)
		return failure
	}
	s.wrong, s.goOn = true, false
	return &anewError{err: failure}
}

// setAside gives the wrong file on the server a name that says so, and returns
// that as text; "" where the server does not do it.
func (s *send) setAside(ctx context.Context) string {
	rn, ok := s.t.r.(renamer)
	if !ok {
		return ""
	}
	dir, name := splitRemote(s.final)
	aside := dir + wrongName(name)
	if err := rn.Rename(ctx, s.to, aside); err != nil {
		return ""
	}
	return show(s.t.r, aside)
}
