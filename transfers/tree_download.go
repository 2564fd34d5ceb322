package transfers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"portside/client/listing"
)

// DownloadTree fetches what is in the remote folder into localDir, which is
// made where it is missing. All writing happens below localDir, whatever names
// the server sends.
//
// The whole tree is listed first, then transferred. A file that fails does not
// stop the others: they are in Summary.Failed, and the error is an
// *IncompleteError. What ends it all (ctx, a lost session, a refused login, a
// full disk) is returned as it is.
func DownloadTree(ctx context.Context, r Remote, remote, localDir string, opt Options) (Summary, error) {
	t := newTask(r, Downloading, opt)
	return t.result(t.downloadTree(ctx, remote, localDir))
}

func (t *task) downloadTree(ctx context.Context, remote, localDir string) error {
	if err := t.mustBeDir(ctx, remote); err != nil {
		return err
	}
	top, err := t.scanRemote(ctx, remote, false)
	if err != nil {
		return err
	}
	if err = os.MkdirAll(localDir, 0o777); err != nil {
		return localErr("create", localDir, err)
	}
	root, err := os.OpenRoot(localDir)
	if err != nil {
		return localErr("open", localDir, err)
	}
	defer func() { _ = root.Close() }()
	return t.downloadFolder(ctx, top, root, filepath.Clean(localDir))
}

// mustBeDir refuses a path that the server says is a file, since servers list
// a file as a folder that holds it.
func (t *task) mustBeDir(ctx context.Context, remote string) error {
	if remote == "" || remote == "/" {
		return nil
	}
	var e listing.Entry
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, remote)
		return err
	})
	switch {
	case err == nil && e.Type == listing.File:
		return t.about(remote, ErrNotDir)
	case err == nil, ctx.Err() == nil && isRefusal(err):
		return nil // listing it has the last word
	default:
		return t.about(remote, err)
	}
}

// downloadFolder fetches d into root, whose path is dir. It returns only what
// ends everything.
func (t *task) downloadFolder(ctx context.Context, d *folder, root *os.Root, dir string) error {
	t.sum.Dirs++
	names := NewLocalNames(t.r, dir)
	for _, src := range d.files {
		_, raw := splitRemote(src.path)
		name, note, err := names.Take(raw)
		if note != "" {
			t.note(src.path, note)
		}
		if err == nil {
			_, err = t.download(ctx, src, place{root: root, dir: dir, name: name})
		} else {
			t.rep.begin(src.path, "", src.size)
			t.rep.end(-1)
		}
		if err == nil {
			continue
		}
		t.fail(src.path, err)
		if t.hopeless(ctx, err) {
			return err
		}
	}
	for _, sub := range d.dirs {
		if err := t.downloadSub(ctx, sub, names, root, dir); err != nil {
			return err
		}
	}
	return nil
}

// downloadSub makes the local folder for d, and fetches into it.
func (t *task) downloadSub(ctx context.Context, d *folder, names *LocalNames, above *os.Root, dir string) error {
	name, note, err := names.Take(d.name)
	if note != "" {
		t.note(d.path, note)
	}
	var root *os.Root
	if err == nil {
		root, err = openSub(above, dir, name)
	}
	if err != nil {
		t.fail(d.path, err)
		if t.hopeless(ctx, err) {
			return err
		}
		return nil
	}
	defer func() { _ = root.Close() }()
	return t.downloadFolder(ctx, d, root, filepath.Join(dir, name))
}

// openSub opens the folder of that name, which it makes where it is missing.
func openSub(root *os.Root, dir, name string) (*os.Root, error) {
	at := filepath.Join(dir, name)
	if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, localErr("create", at, err)
	}
	sub, err := root.OpenRoot(name)
	return sub, localErr("open", at, err)
}
