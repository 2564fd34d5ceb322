package transfers

import (
	"context"
	"errors"

	"portside/client"
	"portside/client/listing"
)

// UploadTree sends what is in localDir into the remote folder, which is made
// where it is missing; the folder above it must exist. Links to files are sent
// as files.
//
// The tree is listed first. Failures are told as by DownloadTree.
func UploadTree(ctx context.Context, r Remote, localDir, remote string, opt Options) (Summary, error) {
	t := newTask(r, Uploading, opt)
	return t.result(t.uploadTree(ctx, localDir, remote))
}

func (t *task) uploadTree(ctx context.Context, localDir, remote string) error {
	top, err := t.scanLocal(ctx, localDir)
	if err != nil {
		return err
	}
	fresh, err := t.makeDir(ctx, remote)
	if err != nil {
		return t.about(remote, err)
	}
	return t.uploadFolder(ctx, top, remote, fresh)
}

// makeDir makes a remote folder. fresh reports that it was not there before,
// so that nothing is in it.
func (t *task) makeDir(ctx context.Context, remote string) (fresh bool, err error) {
	if remote == "" || remote == "/" {
		return false, nil
	}
	err = t.simply(ctx, func(ctx context.Context) error { return t.r.MakeDir(ctx, remote) })
	if err == nil {
		return true, nil
	}
	re, refused := errors.AsType[*client.ReplyError](err)
	if !refused || re.Temporary() || t.lost() {
		return false, err
	}
	var e listing.Entry
	serr := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, remote)
		return err
	})
	switch {
	case serr != nil && !isRefusal(serr):
		return false, serr
	case serr != nil || (e.Type != listing.Dir && e.Type != listing.Link):
		return false, err
	}
	return false, nil
}

// uploadFolder sends d into the remote folder. It returns only what ends
// everything.
func (t *task) uploadFolder(ctx context.Context, d *localFolder, remote string, fresh bool) error {
	t.sum.Dirs++
	there, known, err := t.whatIsIn(ctx, d, remote, fresh)
	if err != nil {
		return err
	}
	for _, f := range d.files {
		raw, nerr := RemoteName(t.r, f.name)
		if nerr != nil {
			t.rep.begin("", f.path, f.size)
			t.rep.end(-1)
			t.fail(f.path, nerr)
			continue
		}
		to := target{path: JoinRemote(remote, raw), known: known, names: there}
		if e, ok := there[raw]; ok {
			to.entry = &e
		}
		if _, err = t.upload(ctx, f.path, &to); err == nil {
			continue
		}
		t.fail(f.path, err)
		if t.hopeless(ctx, err) {
			return err
		}
	}
	for _, sub := range d.dirs {
		if err = t.uploadSub(ctx, sub, remote); err != nil {
			return err
		}
	}
	return nil
}

// uploadSub makes the remote folder for d, and sends into it.
func (t *task) uploadSub(ctx context.Context, d *localFolder, parent string) error {
	raw, err := RemoteName(t.r, d.name)
	if err != nil {
		t.fail(d.path, err)
		return nil
	}
	remote := JoinRemote(parent, raw)
	fresh, err := t.makeDir(ctx, remote)
	if err != nil {
		err = t.about(remote, err)
		t.fail(d.path, err)
		if t.hopeless(ctx, err) {
			return err
		}
		return nil
	}
	return t.uploadFolder(ctx, d, remote, fresh)
}

// whatIsIn returns the entries of a remote folder, where the rule asks for
// them. known is false where they are not known.
func (t *task) whatIsIn(
	ctx context.Context, d *localFolder, remote string, fresh bool,
) (there map[string]listing.Entry, known bool, err error) {
	if fresh {
		return make(map[string]listing.Entry), true, nil
	}
	if (!t.needsTarget() && !t.goOn) || len(d.files) == 0 {
		return nil, false, nil
	}
	var l *listing.Listing
	err = t.simply(ctx, func(ctx context.Context) (err error) {
		l, err = t.r.List(ctx, remote)
		return err
	})
	switch {
	case err == nil:
		return byName(l), true, nil
	case t.hopeless(ctx, err):
		return nil, false, t.about(remote, err)
	default:
		return nil, false, nil // each file is asked for on its own
	}
}
