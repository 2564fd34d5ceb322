package edit

import (
	"context"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Watcher says that something has happened in one of its folders.
type Watcher interface {
	Add(dir string) error
	Remove(dir string) error
	// Events has something for each change; it is closed by Close.
	Events() <-chan struct{}
	Close() error
}

// systemWatcher watches as the system can.
func systemWatcher() (Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	out := &fsWatcher{w: w, events: make(chan struct{}, 1), done: make(chan struct{})}
	go out.run()
	return out, nil
}

// fsWatcher is fsnotify, of which only matters that something has happened: which
// file it was is found out by looking, also when events were lost.
type fsWatcher struct {
	w      *fsnotify.Watcher
	events chan struct{}
	done   chan struct{} // closed when run has ended
}

func (f *fsWatcher) Add(dir string) error    { return f.w.Add(dir) }
func (f *fsWatcher) Remove(dir string) error { return f.w.Remove(dir) }
func (f *fsWatcher) Events() <-chan struct{} { return f.events }

func (f *fsWatcher) Close() error {
	err := f.w.Close()
	<-f.done
	return err
}

func (f *fsWatcher) run() {
	defer close(f.done)
	for events, errs := f.w.Events, f.w.Errors; events != nil || errs != nil; {
		var ok bool
		select {
		case _, ok = <-events:
			if !ok {
				events = nil
				continue
			}
		case _, ok = <-errs: // also one of lost events
			if !ok {
				errs = nil
				continue
			}
		}
		select {
		case f.events <- struct{}{}:
		default:
		}
	}
}

// watch looks at the copies when something happens in their folders, until ctx ends.
func (d *Desk) watch(ctx context.Context) {
	w, err := d.opt.Watch()
	if err == nil {
		d.mu.Lock()
		d.watcher = w
		for _, f := range d.files {
			d.watchFile(f)
		}
		d.mu.Unlock()
		defer func() {
			d.mu.Lock()
			d.watcher = nil
			d.mu.Unlock()
			_ = w.Close()
		}()
	}
	var events <-chan struct{}
	if err == nil {
		events = w.Events()
	}
	for {
		var alarm <-chan time.Time
		if wait := d.look(ctx); wait > 0 {
			alarm = d.opt.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-events:
		case <-d.kick:
		case <-alarm:
		}
	}
}

// watchFile watches the folder of a file; where that fails, the file is looked at
// time and again. The lock is held.
func (d *Desk) watchFile(f *file) {
	f.polled = d.watcher == nil || d.watcher.Add(f.dir()) != nil
}

// unwatch ends that. The lock is held.
func (d *Desk) unwatch(f *file) {
	if d.watcher != nil {
		_ = d.watcher.Remove(f.dir())
	}
}

// look looks at all copies and judges those that have come to rest. It returns when
// to look again; 0: when something happens.
func (d *Desk) look(ctx context.Context) (again time.Duration) {
	now := d.opt.Now()
	var rested []*file
	d.mu.Lock()
	for _, f := range d.files {
		m := markOf(f.Local)
		if m.there && !m.equal(f.judged) {
			f.settle.begin(now, m)
		}
		switch {
		case f.settle.look(now, m):
			rested = append(rested, f)
		case f.settle.waits && m.there:
			again = settleEvery
		}
		if f.polled && again == 0 {
			again = pollEvery
		}
	}
	d.mu.Unlock()
	for _, f := range rested {
		d.judge(ctx, f)
	}
	return again
}

// judge compares what a copy holds with what the server was known to have.
func (d *Desk) judge(ctx context.Context, f *file) {
	m := markOf(f.Local)
	sum, err := sumOf(ctx, f.Local)
	if ctx.Err() != nil {
		return
	}
	if err != nil || !m.equal(markOf(f.Local)) { // it goes on
		d.mu.Lock()
		f.judged = localMark{}
		f.settle = settling{waits: true, last: m, since: d.opt.Now()}
		d.mu.Unlock()
		return
	}
	send := false
	d.mu.Lock()
	f.judged, f.Size, f.Changed = m, m.size, m.mtime
	switch {
	case f.State == Sending: // looked at again when that is over
		f.sum = sum
	case sum == f.base:
		f.sum = sum
		if f.State != Same {
			f.Err, f.Conflict, f.wanted = nil, nil, false
			f.turn(Same)
		}
	case sum != f.sum || f.State == Same:
		f.sum, f.Quiet = sum, false
		if f.State == Conflicted { // still, and asked about again
			f.turn(Conflicted)
		} else {
			f.turn(Changed)
		}
		send = f.State == Changed && (f.Always || d.opt.AtOnce())
	}
	id := f.ID
	d.mu.Unlock()
	if send {
		d.Upload(id, Plainly) //nolint:contextcheck // it lives as long as the desk
	}
	d.opt.OnChange()
}
