package transfers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A target is where an upload goes, and what is known of what is there.
type target struct {
	path  string         // raw
	known bool           // entry says what is there
	entry *listing.Entry // nil: nothing
	// names are those in the same folder, where they are known; a new one is
	// not to be among them.
	names map[string]listing.Entry
}

// Upload sends the local file to the remote path.
//
// The size is checked afterwards where the server tells it (RFC 3659, section
// 4: SIZE). The error is nil also where the rule for existing files says to
// skip it.
func Upload(ctx context.Context, r Remote, local, remote string, opt Options) (Summary, error) {
	t := newTask(r, Uploading, opt)
	_, err := t.upload(ctx, local, &target{path: remote})
	if err != nil {
		t.fail(local, err)
	}
	return t.result(err)
}

// upload sends one file, under the rule for existing targets. It returns its
// size.
func (t *task) upload(ctx context.Context, local string, to *target) (int64, error) {
	// Looked at before it is opened, which would wait for a pipe's other end.
	fi, err := os.Stat(local)
	switch {
	case err != nil:
		return 0, localErr("open", local, err)
	case fi.IsDir():
		return 0, &LocalError{Kind: LocalIsDir, Op: "open", Path: local, Err: ErrIsDir}
	case !fi.Mode().IsRegular():
		return 0, &LocalError{Kind: LocalSpecial, Op: "open", Path: local, Err: errSpecial}
	}
	t.chooseType(to.path)
	t.rep.begin(to.path, local, fi.Size())
	size, err := t.uploadTo(ctx, local, fi, to)
	if err != nil {
		t.rep.end(-1)
		if isA[*LocalError](err) {
			return 0, err
		}
		return 0, t.about(to.path, err)
	}
	t.rep.end(size)
	return size, nil
}

// uploadTo returns the size of the local file.
func (t *task) uploadTo(ctx context.Context, local string, fi fs.FileInfo, to *target) (int64, error) {
	f, err := os.Open(local)
	if err != nil {
		return 0, localErr("open", local, err)
	}
	defer func() { _ = f.Close() }()
	t.reconsiderType(f)
	s := send{t: t, f: f, path: local, fi: fi}
	action, err := t.settleUpload(ctx, local, fi, to)
	switch {
	case err != nil:
		return 0, err
	case action == Skip:
		t.sum.Skipped++
		return fi.Size(), nil
	}
	s.to, s.final = to.path, to.path
	done, err := t.findBegun(ctx, &s, to, action)
	if done || err != nil {
		return fi.Size(), err
	}
	t.decide(action, to.path)
	if s.to == s.final {
		// From the first byte on there is something under the final name.
		if err = t.settleDurably(ctx); err != nil {
			return 0, err
		}
	}
	if err = t.retry(ctx, s.try); err != nil {
		return 0, err
	}
	if t.pending != nil { // it has its name, and its time is under way
		t.sum.Files++
		return s.fi.Size(), nil
	}
	if t.opt.Times {
		t.setTime(ctx, local, s.to, s.fi.ModTime())
	}
	if err = t.settleDurably(ctx); err != nil {
		return 0, err
	}
	replace := action != RenameNew && t.settled.Action != RenameNew &&
		(to.entry != nil || t.opt.Exists == Overwrite || t.settled.Action != Ask)
	if err = t.putInPlace(ctx, &s, replace); err != nil {
		return 0, err
	}
	t.sum.Files++
	return s.fi.Size(), nil
}

// settleUpload looks at the target, as far as it matters, and says what to do:
// Overwrite, Resume, RenameNew (to is the new name then) or Skip.
func (t *task) settleUpload(ctx context.Context, local string, fi fs.FileInfo, to *target) (Exists, error) {
	if t.settled.Action == Skip {
		return Skip, nil
	}
	if t.needsTarget() || t.goOn {
		if err := t.look(ctx, to); err != nil {
			return Fail, err
		}
	}
	action := Overwrite
	switch {
	case t.settled.Action != Ask:
		action = t.settled.again()
	case to.entry != nil && t.needsTarget():
		var err error
		if action, err = t.settleRemote(ctx, local, fi, to); err != nil {
			return Fail, err
		}
	}
	switch {
	case action == RenameNew:
		return action, t.rename(ctx, local, to)
	case action != Skip && to.entry != nil && to.entry.Type == listing.Dir:
		return Fail, ErrIsDir
	}
	return action, nil
}

// findBegun looks for what an earlier run has left: a temporary file, a part
// under the final name, or the whole. done reports that nothing is to be sent.
func (t *task) findBegun(ctx context.Context, s *send, to *target, action Exists) (done bool, err error) {
	if t.opt.TempUpload && action != Resume {
		left, lerr := t.useTemp(ctx, s)
		if lerr != nil || left {
			return false, lerr
		}
	}
	if to.entry == nil {
		return false, nil
	}
	if action == Resume || (t.mayBeDone && t.mayBeWhole(ctx, s, to)) {
		same, serr := t.sameAsRemote(ctx, s.f, s.fi, to)
		switch {
		case serr != nil:
			return false, serr
		case same && t.mayBeDone:
			if t.opt.Times {
				t.setTime(ctx, s.path, to.path, s.fi.ModTime())
			}
			t.sum.Files++
			return true, nil
		case same:
			t.sum.Skipped++
			return true, nil
		}
	}
	if s.to == s.final && (action == Resume || t.goOn) {
		s.goOn = s.mayResume(to.entry)
	}
	return false, nil
}

// mayBeWhole reports whether the target may be what an earlier run has sent: it
// has the size, and was not written before the source was.
func (t *task) mayBeWhole(ctx context.Context, s *send, to *target) bool {
	there := sourceOf(to.path, *to.entry)
	if there.size != s.fi.Size() {
		return false
	}
	t.sharpen(ctx, &there)
	if !there.precise || there.time.IsZero() {
		return there.size <= sampleSize // which is compared as a whole
	}
	return !s.fi.ModTime().Truncate(time.Second).After(there.time)
}

// look asks what is at the target.
func (t *task) look(ctx context.Context, to *target) error {
	if to.known {
		return nil
	}
	var e listing.Entry
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, to.path)
		return err
	})
	switch {
	case err == nil:
		to.entry = &e
	case ctx.Err() != nil || !isRefusal(err):
		return err
	}
	to.known = true
	return nil
}

// settleRemote applies the rule for an existing target.
func (t *task) settleRemote(ctx context.Context, local string, fi fs.FileInfo, to *target) (Exists, error) {
	e := to.entry
	if e.Type == listing.Dir {
		return Fail, ErrIsDir
	}
	there := sourceOf(to.path, *e)
	if t.needsTime() {
		t.sharpen(ctx, &there)
		e.ModTime, e.Precise = there.time, there.precise
	}
	return t.settle(ctx, Conflict{
		Direction: Uploading, Remote: to.path, Local: local,
		SourceSize: fi.Size(), TargetSize: there.size,
		SourceTime: fi.ModTime(), TargetTime: there.time,
		coarse: !there.precise,
	})
}

// sameAsRemote reports whether the target is the source already.
func (t *task) sameAsRemote(ctx context.Context, f *os.File, fi fs.FileInfo, to *target) (bool, error) {
	if t.opt.ASCII || to.entry.Type == listing.Link || to.entry.Size != fi.Size() {
		return false, nil
	}
	return t.sameBytes(ctx, to.path, f, fi.Size())
}

// rename moves the target to the first "name (n).ext" that is not taken.
func (t *task) rename(ctx context.Context, local string, to *target) error {
	dir, name := splitRemote(to.path)
	if to.names == nil {
		var l *listing.Listing
		err := t.simply(ctx, func(ctx context.Context) (err error) {
			l, err = t.r.List(ctx, dir)
			return err
		})
		if err != nil {
			return err
		}
		to.names = byName(l)
	}
	for n := 1; ; n++ {
		next := numbered(name, n)
		if _, taken := to.names[next]; taken {
			continue
		}
		to.names[next] = listing.Entry{Name: next, Type: listing.File}
		to.path, to.entry = dir+next, nil
		t.note(local, fmt.Sprintf("saved as %q", show(t.r, next)))
		return nil
	}
}

func byName(l *listing.Listing) map[string]listing.Entry {
	names := make(map[string]listing.Entry, len(l.Entries))
	for _, e := range l.Entries {
		names[e.Name] = e
	}
	return names
}

// setTime gives the target the source's modification time. A server that
// cannot is mentioned once.
func (t *task) setTime(ctx context.Context, local, remote string, mtime time.Time) {
	if t.noTimes || t.lost() {
		return
	}
	s, ok := t.r.(timeSetter)
	err := client.ErrUnsupported
	if ok {
		err = s.SetModTime(ctx, remote, mtime)
	}
	if err == nil {
		return
	}
	t.noTimes = errors.Is(err, client.ErrUnsupported)
	t.note(local, "modification time could not be set on the server")
}
