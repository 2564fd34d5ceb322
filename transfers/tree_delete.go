package transfers

import (
	"context"
	"errors"
	"path"

	"portside/client"
	"portside/client/listing"
)

// DeleteTree deletes a remote file, or a folder with all that is in it. Links
// are deleted themselves; what they lead to stays. The working directory, the
// root and what ends in ".." are refused.
//
// The whole tree is listed before anything is deleted. What fails does not stop
// the rest: it is in Summary.Failed, and the error is an *IncompleteError. What
// ends it all (ctx, a lost session, a refused login) is returned as it is.
func DeleteTree(ctx context.Context, r Remote, remote string, opt Options) (Summary, error) {
	t := newTask(r, Deleting, opt)
	return t.result(t.deleteTree(ctx, remote))
}

func (t *task) deleteTree(ctx context.Context, remote string) error {
	if base := path.Base(remote); remote == "" || base == "." || base == ".." || path.Clean(remote) == "/" {
		return t.about(remote, errProtected)
	}
	isDir, err := t.isRealDir(ctx, remote)
	if err != nil {
		return t.about(remote, err)
	}
	if !isDir {
		t.rep.found(0)
		err = t.deleteFile(ctx, remote)
		if err != nil {
			t.fail(remote, err)
		}
		return err
	}
	top, err := t.scanRemote(ctx, remote)
	if err != nil {
		return err
	}
	_, err = t.deleteFolder(ctx, top)
	return err
}

// isRealDir reports whether remote is a folder and not a link to one. Servers
// that follow links tell them apart in the listing of the folder above.
func (t *task) isRealDir(ctx context.Context, remote string) (bool, error) {
	var e listing.Entry
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, remote)
		return err
	})
	if err != nil {
		return false, err
	}
	if e.Type != listing.Dir {
		return false, nil
	}
	above, name := splitRemote(path.Clean(remote))
	var l *listing.Listing
	err = t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, above)
		return err
	})
	if err != nil {
		if ctx.Err() != nil || !isRefusal(err) {
			return false, err
		}
		return true, nil // not to be listed; the folder itself may well be
	}
	unsure, err := t.unmaskLinks(ctx, above, l)
	if err != nil {
		return false, err
	}
	if unsure[name] {
		return false, errUnsure
	}
	for _, o := range l.Entries {
		if o.Name == name {
			return o.Type != listing.Link, nil
		}
	}
	return true, nil
}

// deleteFolder deletes d and reports whether it is empty and gone. It returns
// only what ends everything.
func (t *task) deleteFolder(ctx context.Context, d *folder) (gone bool, err error) {
	empty := !d.holes
	for _, f := range d.files {
		if err = t.deleteFile(ctx, f.path); err == nil {
			continue
		}
		empty = false
		t.fail(f.path, err)
		if t.hopeless(ctx, err) {
			return false, err
		}
	}
	for _, sub := range d.dirs {
		subGone, serr := t.deleteFolder(ctx, sub)
		if serr != nil {
			return false, serr
		}
		empty = empty && subGone
	}
	if !empty {
		return false, nil
	}
	if err = t.remove(ctx, d.path, func(ctx context.Context) error { return t.r.RemoveDir(ctx, d.path) }); err != nil {
		err = t.about(d.path, err)
		t.fail(d.path, err)
		if t.hopeless(ctx, err) {
			return false, err
		}
		return false, nil
	}
	t.sum.Dirs++
	return true, nil
}

func (t *task) deleteFile(ctx context.Context, remote string) error {
	t.rep.begin(remote, "", 0)
	err := t.remove(ctx, remote, func(ctx context.Context) error { return t.r.Delete(ctx, remote) })
	if err != nil {
		t.rep.end(-1)
		return t.about(remote, err)
	}
	t.rep.end(0)
	t.sum.Files++
	return nil
}

// remove deletes one thing. Where the reply to a try got lost, the thing may
// be gone already.
func (t *task) remove(ctx context.Context, remote string, try func(context.Context) error) error {
	tries := 0
	return t.simply(ctx, func(ctx context.Context) error {
		tries++
		err := try(ctx)
		re, refused := errors.AsType[*client.ReplyError](err)
		if tries == 1 || !refused || re.Temporary() {
			return err
		}
		if _, serr := t.r.Stat(ctx, remote); serr != nil && isRefusal(serr) {
			return nil
		}
		return err
	})
}
