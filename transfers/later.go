package transfers

import (
	"context"
	"io/fs"
	"time"
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
