package edit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
)

// A Request is a file to be edited.
type Request struct {
	Site     string // key, for Options.Dial
	SiteName string // for people
	Remote   string // raw path
	Entry    listing.Entry
	// Limit is the size in bytes above which nothing is fetched, but a *SizeError
	// returned, so that somebody can be asked. 0: there is none.
	Limit int64
}

// timer is an optional ability of a session.
type timer interface {
	ModTime(ctx context.Context, path string) (time.Time, error)
}

// Fetch downloads a file to a folder of its own and begins to watch it. One that is
// being edited already is not fetched again, unless the server has another by now
// and the copy is unchanged. progress may be nil.
//
// Errors: *SizeError, *KindError, those of transfers.Move and of Options.Dial.
func (d *Desk) Fetch(ctx context.Context, q Request, progress func(transfers.Progress)) (File, error) {
	release, err := d.take(ctx, q.Site)
	if err != nil {
		return File{}, err
	}
	defer release()
	f := d.editing(q)
	if f != nil && f.Unsent() {
		d.with(f.ID, func(f *file) { f.Kept, f.Quiet = false, false })
		f.Kept, f.Quiet = false, false
		return f.File, nil
	}
	var out File
	err = d.try(ctx, q.Site, func(ctx context.Context, r transfers.Remote) error {
		var ferr error
		out, ferr = d.fetch(ctx, r, q, f, progress)
		return ferr
	})
	return out, err
}

// editing returns the file that a request is about, where it is on the desk: a copy.
func (d *Desk) editing(q Request) *file {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.files {
		if f.Site == q.Site && f.Remote == q.Remote {
			twin := *f
			return &twin
		}
	}
	return nil
}

// fetch is one try of Fetch; known is the file where it is on the desk.
func (d *Desk) fetch(ctx context.Context, r transfers.Remote, q Request, known *file, progress func(transfers.Progress)) (File, error) {
	text := client.Printable(r.Text(path.Base(q.Remote)))
	e, link, err := look(ctx, r, q.Remote, q.Entry)
	switch {
	case err != nil:
		return File{}, err
	case e.Type == listing.Dir || e.Type == listing.Link:
		return File{}, &KindError{Text: text, Dir: e.Type == listing.Dir}
	}
	if known != nil {
		if differ, sure := known.Base.compare(stampOf(e)); sure && !differ && markOf(known.Local).there {
			return known.File, nil
		}
		if sum, serr := sumOf(ctx, known.Local); serr == nil && sum != known.base {
			return known.File, nil // saved a moment ago
		}
	}
	if q.Limit > 0 && e.Size > q.Limit {
		return File{}, &SizeError{Text: text, Size: e.Size}
	}
	name, err := transfers.LocalName(r, path.Base(q.Remote))
	if err != nil {
		return File{}, err
	}
	s, id, dir, err := d.room()
	if err != nil {
		return File{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // where it is not on the list by then
	f := &file{
		File: File{
			ID: filepath.Base(s.dir) + "/" + id, Site: q.Site, SiteName: q.SiteName, Remote: q.Remote, Text: text,
			Local: filepath.Join(dir, name), Base: stampOf(e),
		},
		shelf: s, isLink: link != nil,
	}
	if link != nil {
		f.link = *link
	}
	if err = d.download(ctx, r, f, e, q.Limit, progress); err != nil {
		return File{}, err
	}
	if known != nil {
		if out, there, rerr := d.renew(ctx, known.ID, f); there || rerr != nil {
			return out, rerr
		}
	}
	return d.put(f, filepath.Join(s.dir, id))
}

// room makes a folder on the shelf of this run, for a download.
func (d *Desk) room() (s *shelf, id, dir string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err = d.ctx.Err(); err != nil { // nobody would close the shelf
		return nil, "", "", err
	}
	if d.own == nil {
		if d.own, err = newShelf(d.opt.Dir); err != nil {
			return nil, "", "", err
		}
	}
	id, dir, err = d.own.room()
	return d.own, id, dir, err
}

// put puts a fetched file on the desk: first on the list, and then into its folder, so
// that none is ever in a folder that no list knows.
func (d *Desk) put(f *file, dir string) (File, error) {
	d.mu.Lock()
	if err := d.ctx.Err(); err != nil { // the shelf may be another program's by now
		d.mu.Unlock()
		return File{}, err
	}
	fetched := f.dir()
	f.Local = filepath.Join(dir, filepath.Base(f.Local))
	d.files = append(d.files, f)
	err := d.save(f.shelf)
	if err == nil {
		if err = os.Rename(fetched, dir); err != nil {
			err = transfers.LocalTrouble("rename", fetched, err)
		}
	}
	if err != nil {
		d.files = slices.DeleteFunc(d.files, func(o *file) bool { return o == f })
		d.mu.Unlock()
		return File{}, err
	}
	d.watchFile(f)
	out := f.File
	d.mu.Unlock()
	d.wake()
	d.opt.OnChange()
	return out, nil
}

// renew puts what was fetched in the place of an unchanged copy: an editor may have
// that open. there is false where the copy was discarded meanwhile.
func (d *Desk) renew(ctx context.Context, id string, fetched *file) (out File, there bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err = d.ctx.Err(); err != nil {
		return File{}, true, err
	}
	f := d.find(id)
	if f == nil {
		return File{}, false, nil
	}
	m := markOf(f.Local)
	if f.State != Same || m.there && !m.equal(f.judged) {
		if sum, serr := sumOf(ctx, f.Local); f.State != Same || serr != nil || sum != f.base {
			return f.File, true, nil // saved a moment ago
		}
	}
	if !m.there || fetched.base != f.base {
		if err = os.MkdirAll(f.dir(), 0o700); err != nil {
			return f.File, true, transfers.LocalTrouble("create", f.dir(), err)
		}
		if err = os.Rename(fetched.Local, f.Local); err != nil {
			return f.File, true, transfers.LocalTrouble("rename", f.Local, err)
		}
		if !m.there {
			d.watchFile(f) // its folder may be another one
		}
	}
	f.Base, f.base, f.sum, f.link, f.isLink = fetched.Base, fetched.base, fetched.base, fetched.link, fetched.isLink
	f.left, f.broken = nil, false
	f.judged, f.settle = markOf(f.Local), settling{}
	f.Size, f.Changed = f.judged.size, f.judged.mtime
	return f.File, true, d.save(f.shelf)
}

// look asks for a file on the server: what a link leads to, and the time to the
// second where the server has it. listed is what a listing said of it, which counts
// where the server does not say more. link is what a link leads to; nil: it is none.
func look(ctx context.Context, r transfers.Remote, remote string, listed listing.Entry) (e listing.Entry, link *string, err error) {
	e, err = r.Stat(ctx, remote)
	if isRefusal(err) && listed.Name != "" {
		e, err = listed, nil
	}
	if err != nil {
		return e, nil, err
	}
	if listed.Type == listing.Link {
		link = &listed.Target
	}
	if e.Type == listing.Link {
		target := e.Target
		if target == "" {
			target = listed.Target
		}
		link = &target
		if e, err = transfers.ResolveLink(ctx, r, remote, target); err != nil {
			return e, link, err
		}
	}
	if t, ok := r.(timer); ok && !e.Precise && e.Type != listing.Dir {
		if mtime, terr := t.ModTime(ctx, remote); terr == nil && !mtime.IsZero() {
			e.ModTime, e.Precise = mtime, true
		}
	}
	return e, link, nil
}

// isRefusal reports that the server has answered, for good, and has nothing to say.
func isRefusal(err error) bool {
	if _, login := errors.AsType[*client.LoginError](err); login {
		return false
	}
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		return !re.Temporary()
	}
	return errors.Is(err, client.ErrUnsupported) || errors.Is(err, fs.ErrNotExist)
}

// download fetches a file exactly: as bytes, checked, and renamed once it is whole.
func (d *Desk) download(
	ctx context.Context, r transfers.Remote, f *file, e listing.Entry, limit int64, progress func(transfers.Progress),
) error {
	var opt transfers.Options
	d.opt.Rules(f.Site, &opt)
	opt.Exists, opt.Ask = transfers.Overwrite, nil
	opt.ASCII, opt.ASCIIFor = false, nil
	opt.Progress = progress
	source := e
	source.Name, source.Type = path.Base(f.Remote), listing.File
	if e.Size < 0 && limit > 0 {
		opt.Pace = bound(opt.Pace, limit, f.Text)
	}
	_, err := transfers.Move(ctx, r, transfers.File{
		Direction: transfers.Downloading, Remote: f.Remote, Root: f.dir(), Local: filepath.Base(f.Local), Source: &source,
	}, opt)
	if err != nil {
		return err
	}
	f.judged = markOf(f.Local)
	if f.base, err = sumOf(ctx, f.Local); err != nil {
		return err
	}
	f.sum, f.Size, f.Changed = f.base, f.judged.size, f.judged.mtime
	return nil
}

// bound ends a download whose size nobody knows once it is larger than limit. What
// is granted and does not move is given back as a negative number.
func bound(pace func(context.Context, int) (int, error), limit int64, text string) func(context.Context, int) (int, error) {
	var sum int64
	return func(ctx context.Context, n int) (int, error) {
		if n > 0 && sum >= limit {
			return 0, &SizeError{Text: text, Size: listing.UnknownSize}
		}
		n = int(min(int64(n), limit-sum))
		if pace != nil {
			var err error
			if n, err = pace(ctx, n); err != nil {
				return n, err
			}
		}
		sum += int64(n)
		return n, nil
	}
}

// How often something is tried on a server, and how long is waited first.
const (
	tries     = 3
	firstWait = time.Second
)

// try does something over a session of a site, and again over another one where that
// may help.
func (d *Desk) try(ctx context.Context, site string, do func(ctx context.Context, r transfers.Remote) error) error {
	wait := firstWait
	for n := 1; ; n++ {
		err := d.once(ctx, site, do)
		if err == nil || ctx.Err() != nil || n == tries || isOurs(err) || !transfers.Judge(err).Again {
			return err
		}
		select {
		case <-d.opt.After(max(wait, transfers.Judge(err).Wait)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		wait *= 2
	}
}

// isOurs reports what this package has found out, which is so the next time too.
func isOurs(err error) bool {
	_, size := errors.AsType[*SizeError](err)
	_, kind := errors.AsType[*KindError](err)
	_, conflict := errors.AsType[*conflictError](err)
	return size || kind || conflict
}

func (d *Desk) once(ctx context.Context, site string, do func(ctx context.Context, r transfers.Remote) error) error {
	r, done, err := d.opt.Dial(ctx, site)
	if err != nil {
		return &DialError{Err: err}
	}
	defer func() { done(ctx.Err() != nil) }()
	return do(ctx, r)
}
