package edit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"portside/transfers"
)

// MaxAtOnce is how many files are fetched by one call.
const MaxAtOnce = 10

// Options are what a Desk needs. Dir and Dial are necessary.
type Options struct {
	// Dir is the folder of all copies, absolute; it is made, for its owner only.
	Dir string
	// Dial returns a session of a site. done is called when it is not needed any more;
	// broken says that something was stopped on its way, so that nobody need wait for
	// the server's goodbye.
	Dial func(ctx context.Context, site string) (r transfers.Remote, done func(broken bool), err error)
	// Rules change how files of a site are transferred. nil: nothing is changed.
	Rules func(site string, opt *transfers.Options)
	// AtOnce reports that changes are sent without a question. nil: they are not.
	AtOnce func() bool
	// OnChange is told that Files says something else now. It may be called from any
	// goroutine, and must not call the Desk. nil: nobody.
	OnChange func()
	// OnSent is told that a file of a site, raw path, has become another. nil: nobody.
	OnSent func(site, remote string)

	// Watch begins to watch folders. nil: the system's way.
	Watch func() (Watcher, error)
	// Now is the clock, and After its alarm. nil: those of the time package.
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

func (o Options) withDefaults() Options {
	if o.Rules == nil {
		o.Rules = func(string, *transfers.Options) {}
	}
	if o.AtOnce == nil {
		o.AtOnce = func() bool { return false }
	}
	if o.OnChange == nil {
		o.OnChange = func() {}
	}
	if o.OnSent == nil {
		o.OnSent = func(string, string) {}
	}
	if o.Watch == nil {
		o.Watch = systemWatcher
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// A Desk holds the files that are being edited. It may be used by several goroutines
// at once.
type Desk struct {
	opt   Options
	ctx   context.Context
	end   context.CancelFunc
	tasks sync.WaitGroup
	kick  chan struct{} // wakes the watch; holds one token

	mu      sync.Mutex // guards what follows
	own     *shelf     // of this run; nil: not needed yet
	left    []*shelf   // of earlier runs
	files   []*file
	turns   map[string]chan struct{} // one transfer at a time for each site
	watcher Watcher                  // nil: folders are looked at
	closed  bool
}

// Open takes over what earlier runs have left below opt.Dir. The Desk is usable in
// any case; the error says what of it could not be read, and where it is.
// ctx ends all that the Desk does, for which Close waits.
func Open(ctx context.Context, opt Options) (*Desk, error) {
	d := &Desk{opt: opt.withDefaults(), kick: make(chan struct{}, 1), turns: map[string]chan struct{}{}}
	d.ctx, d.end = context.WithCancel(ctx)
	shelves, err := leftShelves(d.opt.Dir)
	for _, s := range shelves {
		err = errors.Join(err, d.adopt(s))
	}
	d.tasks.Go(func() { d.watch(d.ctx) })
	return d, err
}

// adopt takes over the files of an earlier run. Those that are the same as on the
// server go: whoever edited them had closed that program.
func (d *Desk) adopt(s *shelf) error {
	entries, unlisted, err := s.read()
	if err != nil {
		_ = s.close(false)
		return fmt.Errorf("edited files of an earlier run in %s: %w", s.dir, err)
	}
	for _, dir := range unlisted {
		err = errors.Join(err, &KeptError{Dir: dir})
	}
	for _, e := range entries {
		local := filepath.Join(s.dir, e.ID, string(e.Name))
		m := markOf(local)
		sum, serr := sumOf(d.ctx, local)
		if !m.there || serr == nil && sum == e.Sum {
			if !clearCopy(local) {
				s.lost = append(s.lost, e)
				err = errors.Join(err, &KeptError{Dir: filepath.Dir(local)})
			}
			continue
		}
		f := &file{
			File: File{
				ID: filepath.Base(s.dir) + "/" + e.ID, Site: e.Site, SiteName: e.SiteName, Remote: string(e.Remote), Text: e.Text,
				Local: local, Base: Stamp{e.Size, e.Time, e.Precise}, Size: m.size, Changed: m.mtime,
				State: Changed, Kept: true, Quiet: true,
			},
			shelf: s, link: string(e.Link), isLink: e.IsLink, base: e.Sum, sum: sum, judged: m,
		}
		d.files = append(d.files, f)
	}
	d.left = append(d.left, s)
	return errors.Join(err, d.save(s))
}

// clearCopy removes a copy that the server has, the older version that an editor has
// left of it, and their folder. It reports false where something else is in that: work
// that was saved under another name.
func clearCopy(local string) bool {
	dir := filepath.Dir(local)
	if os.Remove(local) == nil {
		_ = os.Remove(local + "~")
	}
	err := os.Remove(dir)
	return err == nil || errors.Is(err, fs.ErrNotExist)
}

// save writes the list of a shelf. The lock is held, or nobody else knows the desk.
func (d *Desk) save(s *shelf) error {
	var out []listed
	for _, f := range d.files {
		if f.shelf != s {
			continue
		}
		out = append(out, f.listed())
	}
	return s.write(out)
}

// Files returns all that is being edited, in the order in which it was begun.
func (d *Desk) Files() []File {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]File, len(d.files))
	for i, f := range d.files {
		out[i] = f.File
	}
	return out
}

// Unsent returns the files whose copy has what the server has not, those included
// that were written to a moment ago.
func (d *Desk) Unsent() []File {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []File
	for _, f := range d.files {
		if m := markOf(f.Local); f.Unsent() || m.there && !m.equal(f.judged) {
			out = append(out, f.File)
		}
	}
	return out
}

// find returns the file with that ID, or nil. The lock is held.
func (d *Desk) find(id string) *file {
	i := slices.IndexFunc(d.files, func(f *file) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return d.files[i]
}

// with calls do with the file, under the lock, and tells that something may be new.
func (d *Desk) with(id string, do func(f *file)) {
	d.mu.Lock()
	f := d.find(id)
	if f != nil {
		do(f)
	}
	d.mu.Unlock()
	if f != nil {
		d.opt.OnChange()
	}
}

// NotNow leaves a change where it is until the next one, or until somebody asks.
func (d *Desk) NotNow(id string) {
	d.with(id, func(f *file) { f.Quiet, f.wanted = true, false })
}

// Always has every further change of the file sent without a question, as long as
// the Desk lives.
func (d *Desk) Always(id string) { d.with(id, func(f *file) { f.Always = true }) }

// Cancel ends the upload of a file; the copy stays.
func (d *Desk) Cancel(id string) {
	d.with(id, func(f *file) {
		if f.cancel != nil {
			f.cancel()
		}
	})
}

// Discard deletes the copy, with what is in its folder, and forgets the file. One
// that is on its way is cancelled first.
func (d *Desk) Discard(id string) error {
	d.mu.Lock()
	f := d.find(id)
	if f == nil {
		d.mu.Unlock()
		return nil
	}
	if f.cancel != nil {
		f.cancel()
	}
	d.files = slices.DeleteFunc(d.files, func(o *file) bool { return o == f })
	d.unwatch(f)
	err := errors.Join(d.save(f.shelf), os.RemoveAll(f.dir()))
	d.mu.Unlock()
	d.opt.OnChange()
	return err
}

// Close ends what runs, waits for it, deletes the copies that the server has, and
// keeps the others for the next Open.
func (d *Desk) Close() error {
	d.mu.Lock() // nothing is begun from here on
	d.end()
	d.mu.Unlock()
	d.tasks.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	var err error
	d.files = slices.DeleteFunc(d.files, func(f *file) bool {
		sum, serr := sumOf(context.WithoutCancel(d.ctx), f.Local)
		if serr != nil || sum != f.base {
			return false
		}
		if !clearCopy(f.Local) {
			f.shelf.lost = append(f.shelf.lost, f.listed())
		}
		return true
	})
	shelves := d.left
	if d.own != nil {
		shelves = append(shelves, d.own)
	}
	for _, s := range shelves {
		kept := slices.ContainsFunc(d.files, func(f *file) bool { return f.shelf == s })
		err = errors.Join(err, d.save(s), s.close(!kept && s.empty()))
	}
	return err
}

// wake has the watch look again.
func (d *Desk) wake() {
	select {
	case d.kick <- struct{}{}:
	default:
	}
}

// take waits for the turn of a site; release gives it on.
func (d *Desk) take(ctx context.Context, site string) (release func(), err error) {
	d.mu.Lock()
	turn := d.turns[site]
	if turn == nil {
		turn = make(chan struct{}, 1)
		d.turns[site] = turn
	}
	d.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
