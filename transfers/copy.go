package transfers

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A CopyFile is one file to copy from one server to another, through this
// computer, where it is kept nowhere.
type CopyFile struct {
	Remote string         // raw path on the server that has it
	Target string         // raw path on the other
	Source *listing.Entry // what a listing said of Remote; nil: ask
	There  *listing.Entry // what a listing said is at Target; nil: see TargetKnown
	// TargetKnown says that There says all: where it is nil, nothing is there.
	TargetKnown bool
	Settled     Settled // decided by an earlier run; Name is a raw path on the other server
	// OnSettled is as in File: nothing is written before its function has returned nil.
	OnSettled func(Settled) (durable func(ctx context.Context) error)
	GoOn      bool // an earlier run has begun with the file
	More      bool // another file follows over both sessions
	// ReadPace is the Pace of the session that reads; that of Options is for the
	// one that writes.
	ReadPace func(ctx context.Context, n int) (int, error)
}

// A SideError says which of the two sessions of a copy has failed.
type SideError struct {
	Source bool // the one that reads; else the one that writes
	Err    error
}

// Error returns the reason and the side.
func (e *SideError) Error() string {
	if e.Source {
		return "reading: " + e.Err.Error()
	}
	return "writing: " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *SideError) Unwrap() error { return e.Err }

// MoveBetween is Move for a file that goes from one server to another. Errors of
// one side are a *SideError.
func MoveBetween(ctx context.Context, from, to Remote, f CopyFile, opt Options) (Outcome, error) {
	opt.Retries, opt.Redial, opt.OnRetry = -1, nil, nil
	if opt.Exists == Ask && opt.Ask == nil {
		opt.Ask = func(_ context.Context, c Conflict) (Decision, error) {
			return Decision{}, &ConflictError{Conflict: c}
		}
	}
	b := newBetween(from, to, f, opt)
	b.tt.settled = f.Settled
	b.tt.goOn = f.GoOn || f.Settled.Action != Ask
	b.tt.mayBeDone = f.GoOn && f.Settled.Action != Ask
	size, err := b.move(ctx)
	return Outcome{
		Skipped: err == nil && b.tt.sum.Skipped > 0, Size: size,
		Moved: b.tt.sum.Bytes, Far: b.tt.far, Notes: b.tt.sum.Notes,
	}, err
}

// A between copies one file between two sessions: ft is the task of the one that
// reads, tt of the one that writes, which counts.
type between struct {
	ft, tt *task
	f      CopyFile
	src    source
	to     target

	goOn     bool  // what the target has may be gone on from, once compared
	sent     int64 // bytes that have left in a try before; -1: not by this call
	noRest   bool  // the target's server has no REST for STOR
	noAppend bool  // nor APPE
	wrong    bool  // its checksum was wrong once

	path string // where it is written
	temp string // the temporary name, where one is used
}

func newBetween(from, to Remote, f CopyFile, opt Options) *between {
	if _, name := splitRemote(f.Remote); !opt.ASCII && opt.ASCIIFor != nil {
		opt.ASCII = opt.ASCIIFor(from.Text(name))
	}
	quiet := opt
	quiet.Progress = nil
	b := &between{ft: newTask(from, Downloading, quiet), tt: newTask(to, Uploading, opt), f: f}
	b.to = target{path: f.Target, known: f.TargetKnown || f.There != nil, entry: f.There}
	return b
}

// move returns the size of the file.
func (b *between) move(ctx context.Context) (int64, error) {
	t := b.tt
	if b.f.Settled.Action == Skip {
		t.sum.Skipped++
		return 0, nil
	}
	if b.f.Settled.Action != Ask && b.f.Settled.Name != "" {
		b.to.path = b.f.Settled.Name
	}
	if b.f.GoOn || b.f.Settled.Action != Ask {
		b.to.known, b.to.entry = false, nil // what was known is of an earlier time
	}
	if err := b.look(ctx); err != nil {
		return 0, err
	}
	t.rep.begin(b.to.path, show(b.ft.r, b.f.Remote), b.src.size)
	size, err := b.settleAndCopy(ctx)
	if err != nil {
		t.rep.end(-1)
		return 0, fmt.Errorf("copy %s: %w", show(b.ft.r, b.f.Remote), err)
	}
	t.rep.end(size)
	return size, nil
}

// look asks both servers what there is.
func (b *between) look(ctx context.Context) error {
	if b.f.Source != nil {
		if b.f.Source.Type == listing.Dir {
			return b.ft.about(b.f.Remote, ErrIsDir)
		}
		b.src = sourceOf(b.f.Remote, *b.f.Source)
	} else {
		var err error
		if b.src, err = b.ft.stat(ctx, b.f.Remote); err != nil {
			return &SideError{Source: true, Err: err}
		}
	}
	if b.tt.needsTarget() || b.tt.goOn {
		if err := b.tt.look(ctx, &b.to); err != nil {
			return &SideError{Err: b.tt.about(b.to.path, err)}
		}
	}
	return nil
}

// settleAndCopy applies the rule for an existing target, and copies.
func (b *between) settleAndCopy(ctx context.Context) (int64, error) {
	t := b.tt
	action := Overwrite
	switch {
	case t.settled.Action != Ask:
		action = t.settled.again()
	case b.to.entry != nil && t.needsTarget():
		var err error
		if action, err = b.settle(ctx); err != nil {
			return 0, err
		}
	}
	switch {
	case action == Skip:
		t.sum.Skipped++
		return max(b.src.size, 0), nil
	case action == RenameNew:
		if err := t.rename(ctx, show(b.ft.r, b.f.Remote), &b.to); err != nil {
			return 0, &SideError{Err: err}
		}
	case b.to.entry == nil:
	case b.to.entry.Type == listing.Dir:
		return 0, ErrIsDir
	case action == Resume, t.goOn:
		b.goOn, b.sent = b.mayResume(b.to.entry), -1
	}
	b.path = b.to.path
	if _, ok := t.r.(renamer); ok && t.opt.TempUpload && action != Resume {
		if err := b.useTemp(ctx); err != nil {
			return 0, &SideError{Err: err}
		}
	}
	if b.f.OnSettled != nil && b.f.Settled.Action == Ask {
		t.durable = b.f.OnSettled(Settled{Action: action, Name: b.to.path})
	}
	if err := t.settleDurably(ctx); err != nil {
		return 0, err
	}
	var size int64
	moved := t.sum.Bytes
	err := t.retry(ctx, func(ctx context.Context) (far int64, err error) {
		far, err = b.try(ctx)
		size = far
		return far, err
	})
	if err != nil {
		return 0, err
	}
	if b.goOn && b.sent < 0 && t.sum.Bytes == moved && size > 0 {
		t.sum.Skipped++ // all of it was there
	} else {
		t.sum.Files++
	}
	if t.opt.Times {
		b.ft.sharpen(ctx, &b.src)
		if !b.src.time.IsZero() {
			t.setTime(ctx, b.f.Remote, b.path, b.src.time)
		}
	}
	replace := action != RenameNew && t.settled.Action != RenameNew &&
		(b.to.entry != nil || t.opt.Exists == Overwrite || t.settled.Action != Ask)
	if err = t.putInPlace(ctx, b.asSend(size), replace); err != nil {
		return 0, &SideError{Err: err}
	}
	return size, nil
}

// useTemp makes the copy go to a temporary name, and on from what an earlier run
// has left there.
func (b *between) useTemp(ctx context.Context) error {
	dir, name := splitRemote(b.to.path)
	b.temp = dir + partName(name)
	if !b.tt.goOn {
		b.goOn = false
		return nil
	}
	left := target{path: b.temp}
	if err := b.tt.look(ctx, &left); err != nil {
		return err
	}
	switch {
	case left.entry != nil:
		b.path, b.goOn, b.sent = b.temp, b.mayResume(left.entry), -1
	case b.to.entry != nil && b.to.entry.Size != b.src.size:
		b.goOn = false // the final name holds what is to be replaced
	}
	return nil
}

// A sized is a file of which only the size is known.
type sized struct {
	fs.FileInfo
	size int64
}

// Size returns the size.
func (s sized) Size() int64 { return s.size }

// asSend shows the copy to what works on uploads.
func (b *between) asSend(size int64) *send {
	return &send{t: b.tt, to: b.path, final: b.to.path, fi: sized{size: size}}
}

// settle applies the rule for an existing target.
func (b *between) settle(ctx context.Context) (Exists, error) {
	t, e := b.tt, b.to.entry
	if e.Type == listing.Dir {
		return Fail, ErrIsDir
	}
	there := sourceOf(b.to.path, *e)
	if t.needsTime() {
		b.ft.sharpen(ctx, &b.src)
		t.sharpen(ctx, &there)
		e.ModTime, e.Precise = there.time, there.precise
	}
	return t.settle(ctx, Conflict{
		Direction: Uploading, Remote: b.to.path, Local: show(b.ft.r, b.f.Remote),
		SourceSize: b.src.size, TargetSize: there.size, SourceTime: b.src.time, TargetTime: there.time,
		coarse: !there.precise || !b.src.precise,
	})
}

// mayResume reports whether the target may be an earlier part of the file.
func (b *between) mayResume(e *listing.Entry) bool {
	if b.tt.opt.ASCII || e.Type != listing.File || e.Size <= 0 || e.Size > b.src.size {
		return false
	}
	return !e.Precise || !b.src.precise || e.ModTime.IsZero() || !b.src.time.After(e.ModTime.Add(2*time.Second))
}

// try copies from the end of what the target has.
func (b *between) try(ctx context.Context) (int64, error) {
	var (
		at   int64
		tail []byte
	)
	if !b.goOn && b.temp != "" {
		b.path = b.temp
	}
	if b.goOn {
		var err error
		if at, tail, err = b.tail(ctx); err != nil {
			return 0, &SideError{Err: err}
		}
	}
	opt := client.TransferOptions{ASCII: b.tt.opt.ASCII, Progress: b.tt.rep.moved, Pace: b.tt.opt.Pace}
	switch {
	case at == 0:
	case !b.noRest && (hasFeature(b.tt.r, "REST") || b.noAppend):
		opt.Offset = at
	case !b.noAppend:
		opt.Append = true
	default:
		at, tail = 0, nil
	}
	b.tt.rep.at(at)
	s := &stream{b: b, at: at, tail: tail}
	n, err := s.run(ctx, opt)
	b.tt.sum.Bytes += n
	if err != nil {
		return b.failed(ctx, s, at, n, err)
	}
	return at + n, b.complete(ctx, at, n)
}

// tail returns how much the target has, and the last bytes of it; nothing where
// that cannot be told or is more than there should be.
func (b *between) tail(ctx context.Context) (at int64, tail []byte, err error) {
	size, err := b.tt.size(ctx, b.path)
	if err != nil || size <= 0 || size > b.src.size || (b.sent >= 0 && size > b.sent) {
		return 0, nil, err
	}
	n := min(size, sampleSize)
	got := limitedBuffer{max: n}
	_, err = b.tt.r.Retrieve(ctx, b.path, &got, client.TransferOptions{Offset: size - n})
	switch {
	case err != nil && ctx.Err() == nil && !got.over && !isRefusal(err):
		return 0, nil, err
	case ctx.Err() != nil:
		return 0, nil, ended(ctx)
	case err != nil, int64(len(got.b)) != n:
		return 0, nil, nil // not to be read, or no REST: nothing to trust
	}
	return size, got.b, nil
}
