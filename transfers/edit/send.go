package edit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
)

// A Way says what an upload does about a file that was changed on the server.
type Way uint8

// The ways.
const (
	Plainly   Way = iota // nothing: the file becomes Conflicted
	Overwrite            // it is replaced
	BesideIt             // the copy gets another name there, and belongs to that from then on
)

// Upload sends the copy to where it came from, in a goroutine of the desk's; State
// and Err say what becomes of it. It does nothing while the file is on its way.
func (d *Desk) Upload(id string, way Way) {
	d.mu.Lock()
	f := d.find(id)
	if f == nil || f.State == Sending || d.ctx.Err() != nil {
		d.mu.Unlock()
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	f.cancel, f.way, f.wanted = cancel, way, true
	f.Err, f.Conflict, f.Sent, f.Quiet = nil, nil, 0, false
	f.turn(Sending)
	d.tasks.Add(1)
	d.mu.Unlock()
	go func() {
		defer d.tasks.Done()
		defer cancel()
		d.over(f, d.send(ctx, f, way), ctx.Err() != nil) //nolint:contextcheck // what follows is an upload of its own
	}()
	d.opt.OnChange()
}

// Retry sends a copy again, in the way that was chosen for it last.
func (d *Desk) Retry(id string) {
	d.mu.Lock()
	way := Plainly
	if f := d.find(id); f != nil {
		way = f.way
	}
	d.mu.Unlock()
	d.Upload(id, way)
}

// Reconnected tells that a site can be logged in to: what could not be sent for
// want of that is sent now, where the file there is still the one that was fetched:
// what somebody has decided about that may be hours ago. is says which keys are meant.
func (d *Desk) Reconnected(is func(site string) bool) {
	var list []string
	d.mu.Lock()
	for _, f := range d.files {
		if f.State == Failed && f.wanted && f.dialed && is(f.Site) {
			list = append(list, f.ID)
		}
	}
	d.mu.Unlock()
	for _, id := range list {
		d.Upload(id, Plainly)
	}
}

// over notes how an upload has ended.
func (d *Desk) over(f *file, err error, cancelled bool) {
	d.mu.Lock()
	f.cancel = nil
	conflict, stopped := errors.AsType[*conflictError](err)
	switch {
	case err == nil && f.sum == f.base:
		f.wanted = false
		f.turn(Same)
	case err == nil: // it was changed while it was sent
		f.turn(Changed)
	case stopped:
		f.Conflict = &conflict.Conflict
		f.turn(Conflicted)
	case cancelled:
		f.wanted, f.Quiet = false, true
		f.turn(Changed)
	default:
		_, f.dialed = errors.AsType[*DialError](err)
		f.Err = err
		f.turn(Failed)
	}
	again := err == nil && f.State == Changed && (f.Always || d.opt.AtOnce())
	site, remote, id := f.Site, f.Remote, f.ID
	d.mu.Unlock()
	if err == nil {
		d.opt.OnSent(site, remote)
	}
	if again {
		d.Upload(id, Plainly)
	}
	d.wake()
	d.opt.OnChange()
}

// A conflictError ends an upload that somebody has to decide about.
type conflictError struct{ Conflict }

func (e *conflictError) Error() string { return "the file was changed on the server meanwhile" }

// A sending is one upload.
type sending struct {
	d      *Desk
	f      *file // under the desk's lock
	way    Way
	site   string
	remote string // raw path of the file that was fetched
	beside string // raw path of the new name, once something was sent there; BesideIt only
	source string // the snapshot
	sum    string // of the snapshot
	size   int64
	link   bool
	moved  int64 // the most bytes that a try has sent to the target
	torn   bool  // a try may have left something at the target
	temp   bool  // under another name first, so that the target is whole at any time
	done   bool  // the server has it already
}

// send does all of an upload.
func (d *Desk) send(ctx context.Context, f *file, way Way) error {
	release, err := d.take(ctx, f.Site)
	if err != nil {
		return err
	}
	defer release()
	dir := filepath.Join(f.shelf.dir, sendName+filepath.Base(f.dir()))
	defer func() { _ = os.RemoveAll(dir) }()
	source, sum, m, err := d.still(ctx, f, dir)
	if err != nil {
		return err
	}
	s := &sending{
		d: d, f: f, way: way, site: f.Site, remote: f.Remote, source: source, sum: sum, size: m.size, link: f.isLink,
	}
	d.mu.Lock()
	f.sum, f.judged, f.Size, f.Changed = sum, m, m.size, m.mtime
	d.mu.Unlock()
	if err = d.try(ctx, s.site, s.try); err != nil && s.torn {
		s.noteBroken(ctx)
	}
	return err
}

// still takes a snapshot of a copy that nobody writes to at the moment.
func (d *Desk) still(ctx context.Context, f *file, dir string) (source, sum string, m localMark, err error) {
	for range 20 {
		source, sum, m, err = snapshot(ctx, f.Local, dir)
		if err == nil || ctx.Err() != nil {
			return source, sum, m, err
		}
		if _, gone := errors.AsType[*GoneError](err); !gone && !errors.Is(err, errRestless) && !errors.Is(err, fs.ErrNotExist) {
			return source, sum, m, err
		}
		select { // it is being replaced
		case <-d.opt.After(settleEvery):
		case <-ctx.Done():
			return source, sum, m, context.Cause(ctx)
		}
	}
	return source, sum, m, err
}

// path is where the upload goes; BesideIt: where it went, or the one that it goes beside.
func (s *sending) path() string {
	if s.beside != "" {
		return s.beside
	}
	return s.remote
}

// try is one try of an upload over r.
func (s *sending) try(ctx context.Context, r transfers.Remote) error {
	there, err := s.target(ctx, r)
	if err != nil {
		return err
	}
	half, err := s.isHalf(ctx, r, there)
	if err != nil {
		return err
	}
	if !half && s.beside != "" { // somebody else has that name by now
		s.beside = ""
		if there, err = s.target(ctx, r); err != nil {
			return err
		}
	}
	if !half {
		if err = s.check(ctx, r, there); err != nil {
			return err
		}
	}
	if !s.done {
		if err = s.move(ctx, r, there); err != nil {
			return err
		}
	}
	return s.arrived(ctx, r)
}

// isHalf reports whether what is at the target is what a try before has left there:
// nothing, or the first bytes of the snapshot.
func (s *sending) isHalf(ctx context.Context, r transfers.Remote, there *listing.Entry) (bool, error) {
	switch {
	case s.moved == 0 || s.temp:
		return false, nil
	case there == nil || there.Size == 0:
		return true, nil
	case there.Size < 0 || there.Size > s.moved:
		return false, nil
	case there.Size > compareMost:
		return true, nil
	}
	theirs, err := remoteSum(ctx, r, s.path())
	if err != nil {
		return false, err
	}
	ours, err := sumOfFirst(ctx, s.source, there.Size)
	return err == nil && ours == theirs, err
}

// target asks what is at the target; nil: nothing.
func (s *sending) target(ctx context.Context, r transfers.Remote) (*listing.Entry, error) {
	var listed listing.Entry
	if s.link && s.beside == "" {
		listed = listing.Entry{Type: listing.Link, Target: s.f.link}
	}
	e, _, err := look(ctx, r, s.path(), listed)
	switch {
	case isMissing(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &e, nil
}

// isMissing reports that the server says there is no such file.
func isMissing(err error) bool {
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	re, ok := errors.AsType[*client.ReplyError](err)
	return ok && re.Reply.Code == 550
}

// check compares what is at the target with what was fetched. A file that looks like
// another, or may be, is fetched once more where it is small, and compared.
func (s *sending) check(ctx context.Context, r transfers.Remote, there *listing.Entry) error {
	if s.way != Plainly {
		return nil
	}
	s.d.mu.Lock()
	base, baseSum, left, broken := s.f.Base, s.f.base, s.f.left, s.f.broken || s.torn
	s.d.mu.Unlock()
	if there == nil {
		return &conflictError{Conflict{Gone: true, Interrupted: broken}}
	}
	now := stampOf(*there)
	differ, sure := base.compare(now)
	if sure && !differ {
		return nil
	}
	if left != nil {
		if d, ok := left.compare(now); ok && !d {
			return nil // our own half
		}
	}
	if now.Size >= 0 && now.Size <= compareMost && (now.Size == base.Size || now.Size == s.size) {
		sum, err := remoteSum(ctx, r, s.remote)
		if err != nil {
			return err
		}
		s.done = sum == s.sum
		if s.done || sum == baseSum {
			return nil
		}
		sure = true
	}
	return &conflictError{Conflict{Theirs: now, Unsure: !sure, Interrupted: broken}}
}

// move sends the snapshot, always from its first byte on.
func (s *sending) move(ctx context.Context, r transfers.Remote, there *listing.Entry) error {
	var opt transfers.Options
	s.d.opt.Rules(s.site, &opt)
	opt.Exists, opt.Ask = transfers.Overwrite, nil
	if s.way == BesideIt && s.beside == "" {
		opt.Exists = transfers.RenameNew
	}
	opt.ASCII, opt.ASCIIFor = false, nil
	if s.link {
		opt.TempUpload = false // a renamed file would take the place of the link
	}
	opt.Progress, s.temp = s.progress, opt.TempUpload
	name := ""
	f := transfers.File{
		Direction: transfers.Uploading, Remote: s.path(), Root: filepath.Dir(s.source), Local: filepath.Base(s.source),
		Target: there, TargetKnown: true,
		OnSettled: func(to transfers.Settled) func(context.Context) error {
			name = to.Name
			return nil
		},
	}
	out, err := transfers.Move(ctx, r, f, opt)
	if s.way == BesideIt && name != "" && (err == nil || out.Moved > 0 && !s.temp) {
		s.beside = name
	}
	if err == nil && s.temp && s.way != BesideIt && there != nil && there.Mode&listing.ModeUnknown == 0 {
		_ = transfers.Chmod(ctx, r, s.path(), there.Mode) // the new file has others; not all servers can
	}
	if err != nil && !s.temp {
		s.moved = max(s.moved, min(out.Moved, s.size))
		s.torn = s.torn || out.Moved > 0 || name != "" && !isRefusal(err)
	}
	return err
}

func (s *sending) progress(p transfers.Progress) {
	s.d.mu.Lock()
	s.f.Sent = p.FileBytes
	s.d.mu.Unlock()
	s.d.opt.OnChange()
}

// arrived notes what the server has now.
func (s *sending) arrived(ctx context.Context, r transfers.Remote) error {
	base := Stamp{Size: s.size}
	if e, err := s.target(ctx, r); err == nil && e != nil && (e.Size < 0 || e.Size == s.size) {
		base = stampOf(*e)
	}
	text := client.Printable(r.Text(path.Base(s.path())))
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	f := s.f
	f.Remote, f.Text, f.Base, f.base = s.path(), text, base, s.sum
	if s.beside != "" && s.beside != s.remote {
		f.link, f.isLink = "", false
	}
	f.left, f.broken = nil, false
	if s.d.find(f.ID) == nil {
		return nil // discarded meanwhile
	}
	return s.d.save(f.shelf)
}

// noteBroken asks what an upload that broke off has left, so that it is not taken
// for the work of somebody else. What was left under another name is not in the way
// of the file.
func (s *sending) noteBroken(ctx context.Context) {
	if s.way == BesideIt {
		return
	}
	var left *Stamp
	err := s.d.once(ctx, s.site, func(ctx context.Context, r transfers.Remote) error {
		e, terr := s.target(ctx, r)
		if terr != nil || e == nil {
			return terr
		}
		half, terr := s.isHalf(ctx, r, e)
		if half {
			stamp := stampOf(*e)
			left = &stamp
		}
		return terr
	})
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.f.broken = true
	if err == nil {
		s.f.left = left
	}
}
