package transfers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"portside/client"
	"portside/client/listing"
)

// MakeDir makes a remote folder (raw path), in one try. fresh reports that it
// was not there before, so that nothing is in it.
func MakeDir(ctx context.Context, r Remote, remote string) (fresh bool, err error) {
	t := oneTry(r)
	if fresh, err = t.makeDir(ctx, remote); err != nil {
		return false, t.about(remote, err)
	}
	return fresh, nil
}

// CheckDir refuses a path that the server says is a file (ErrNotDir), since
// servers list a file as a folder that holds it. What the server does not say is
// no error.
func CheckDir(ctx context.Context, r Remote, remote string) error {
	return oneTry(r).mustBeDir(ctx, remote)
}

// ResolveLink asks what a link on the server leads to: at the link itself, and
// where the server describes the link, at its target, of which a listing may
// have said the path. The type is Link where it leads nowhere.
func ResolveLink(ctx context.Context, r Remote, remote, target string) (listing.Entry, error) {
	t := oneTry(r)
	dir, name := splitRemote(remote)
	s := scan{t: t}
	d := &folder{path: path.Clean(dir)}
	to, err := s.statLink(ctx, d, listing.Entry{Name: name, Type: listing.Link, Target: target}, remote)
	switch {
	case err == nil:
		return to, nil
	case ctx.Err() == nil && !t.lost() && isRefusal(err):
		return listing.Entry{Name: name, Type: listing.Link}, nil
	}
	return to, t.about(remote, err)
}

// oneTry returns a task that tries everything once.
func oneTry(r Remote) *task { return newTask(r, Downloading, Options{Retries: -1}) }

// A Mark is what two listings of one folder have in common.
type Mark = mark

// MarkOf returns the mark of a listing. Folders without files say too little:
// they may well hold others of the same name and time.
func MarkOf(l *listing.Listing) (m Mark, hasFiles bool) { return markOf(l) }

// IsPartName reports whether a local name is that of an unfinished download.
func IsPartName(name string) bool { return isPartName(name) }

// LocalTrouble makes a *LocalError of what the os package returned for a path;
// nil stays nil.
func LocalTrouble(op, path string, err error) error { return localErr(op, path, err) }

// IsMissing reports that the server says there is nothing at a remote path (raw). What
// it does not say is no report.
func IsMissing(ctx context.Context, r Remote, remote string) bool {
	_, err := r.Stat(ctx, remote)
	return err != nil && ctx.Err() == nil && isRefusal(err)
}

// DeleteFile deletes a remote file or link (raw path), in one try. One that is
// not there is no error.
func DeleteFile(ctx context.Context, r Remote, remote string) error {
	t := oneTry(r)
	err := r.Delete(ctx, remote)
	if err == nil {
		return nil
	}
	if ctx.Err() == nil && !t.lost() && isRefusal(err) {
		if IsMissing(ctx, r, remote) {
			return nil
		}
	}
	return t.about(remote, err)
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

// openSub opens the folder of that name, which it makes where it is missing.
func openSub(root *os.Root, dir, name string) (*os.Root, error) {
	at := filepath.Join(dir, name)
	if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, localErr("create", at, err)
	}
	sub, err := root.OpenRoot(name)
	return sub, localErr("open", at, err)
}
