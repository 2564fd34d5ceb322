package transfers

import (
	"context"
	"io/fs"
	"time"

	"portside/client"
)

// A laterCommit is a download whose bytes are there, on its way to the disk and
// to its name while the session does something else.
type laterCommit struct {
	done chan struct{} // closed at the end
	err  error         // valid then
}

// Wait returns when the file has its name, or has failed to get it.
func (l *laterCommit) Wait(context.Context) error {
	<-l.done
	return l.err
}

// commitLater puts the part of f in its place from a goroutine of its own, which
// takes over the part, its folder and the task.
func (t *task) commitLater(ctx context.Context, f *fetch, old fs.FileInfo, mtime time.Time) *laterCommit {
	l := &laterCommit{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		defer func() { _ = f.p.at.root.Close() }()
		err := t.settleDurably(ctx)
		if err == nil {
			_, err = f.p.commit(old, mtime)
		}
		if err != nil {
			l.err = f.giveUp(err)
			return
		}
		f.p.close()
	}()
	return l
}

// A laterCheck is an upload whose size is asked for, and its time set, while the
// session does something else.
type laterCheck struct {
	check *client.Check
	path  string // to show
	want  int64
}

// Wait returns what the server says of the size. One that it does not say is none
// that is wrong; a time that it does not set does no harm.
func (l *laterCheck) Wait(ctx context.Context) error {
	res, err := l.check.Wait(ctx)
	if err != nil {
		return err
	}
	if res.SizeErr == nil && res.Size >= 0 && res.Size != l.want {
		return &SizeError{Path: l.path, Want: l.want, Got: res.Size}
	}
	return nil
}

// checkLater asks for the size and sets the time of a complete upload without
// waiting, where the task may leave that to its caller and the session can. A file
// whose checksum is to be compared waits for it.
func (s *send) checkLater(ctx context.Context, size int64) bool {
	t := s.t
	c, ok := t.r.(checker)
	if !ok || !t.later || !t.more || s.to != s.final || t.wantsHash(s.to, size, s.pieces || s.wrong) {
		return false
	}
	var mtime time.Time
	if t.opt.Times && !t.noTimes {
		mtime = s.fi.ModTime()
	}
	check, err := c.CheckLater(ctx, s.to, mtime, true)
	if err != nil {
		return false // the way with waiting finds out what is wrong
	}
	t.pending = &laterCheck{check: check, path: show(t.r, s.to), want: size}
	return true
}
