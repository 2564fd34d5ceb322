package queue

import (
	"context"

	"portside/transfers"
)

// change deletes something on the server, or changes its permissions, with all
// that is in it.
func (w *worker) change(e *entry) result {
	opt := w.q.options(e)
	opt.Retries = -1
	opt.MaxDepth = w.q.opt.MaxDepth
	var sum transfers.Summary
	var err error
	remote := string(e.row.Remote)
	switch {
	case e.kind() == Chmod:
		sum, err = chmod(e.ctx, w.sess, remote, e.row.Mode, e.row.Dir, opt)
	case e.row.Dir:
		sum, err = transfers.DeleteTree(e.ctx, w.sess, remote, opt)
		if err != nil && e.ctx.Err() == nil && !isGone(w.sess) && transfers.IsMissing(e.ctx, w.sess, remote) {
			// Such as after the program has ended between the deed and the record of it.
			return result{state: Done, size: -1, note: "it was not there any more"}
		}
	default:
		err = transfers.DeleteFile(e.ctx, w.sess, remote)
		sum.Files = 1
	}
	return result{state: Done, err: err, size: -1, count: sum.Files + sum.Dirs}
}

// chmod sets permissions; folders get x where r is.
func chmod(ctx context.Context, r transfers.Remote, remote string, mode uint32, dir bool, opt transfers.Options) (transfers.Summary, error) {
	of := transfers.ChmodOptions{File: &mode, Recursive: dir}
	if dir {
		folders := mode | mode&0o444>>2
		of.Dir = &folders
	}
	return transfers.ChmodTree(ctx, r, remote, of, opt)
}
