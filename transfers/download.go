package transfers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"portside/client"
	"portside/client/listing"
)

// A source is a remote file to download.
type source struct {
	path    string // raw
	size    int64  // -1: not known
	time    time.Time
	precise bool // time is to the second
}

// sourceOf makes a source of what a listing says.
func sourceOf(path string, e listing.Entry) source {
	s := source{path: path, size: e.Size, time: e.ModTime, precise: e.Precise}
	if e.Type == listing.Link {
		s.size = listing.UnknownSize // what is listed is the length of the link
	}
	return s
}

// Download fetches the remote file to the local path, whose folder must exist.
//
// The error is nil also where the rule for existing files says to skip it. A
// *KeptError says that a partial file was left, which the rule Resume goes on
// from.
func Download(ctx context.Context, r Remote, remote, local string, opt Options) (Summary, error) {
	t := newTask(r, Downloading, opt)
	err := t.downloadOne(ctx, remote, local)
	if err != nil {
		t.fail(remote, err)
	}
	return t.result(err)
}

func (t *task) downloadOne(ctx context.Context, remote, local string) error {
	at, err := openPlace(local)
	if err != nil {
		return err
	}
	defer func() { _ = at.root.Close() }()
	src, err := t.stat(ctx, remote)
	if err != nil {
		return err
	}
	_, err = t.download(ctx, src, at)
	return err
}

// openPlace opens the folder of a local path that a person gave.
func openPlace(local string) (place, error) {
	dir, name := filepath.Split(local)
	if name == "" || name == "." || name == ".." {
		return place{}, &LocalError{Kind: LocalIsDir, Op: "create", Path: local, Err: ErrIsDir}
	}
	if dir == "" {
		dir = "."
	}
	if err := checkLocalName(runtime.GOOS, name); err != nil {
		return place{}, &LocalError{Kind: LocalBadName, Op: "create", Path: local, Err: err}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return place{}, localErr("open", filepath.Clean(dir), err)
	}
	return place{root: root, dir: filepath.Clean(dir), name: name}, nil
}

// stat asks for size and time of a remote file. What a server cannot tell does
// not stop a transfer, which has its own answer.
func (t *task) stat(ctx context.Context, remote string) (source, error) {
	src := source{path: remote, size: listing.UnknownSize}
	var e listing.Entry
	err := t.simply(ctx, func(ctx context.Context) (err error) {
		e, err = t.r.Stat(ctx, remote)
		return err
	})
	switch {
	case err == nil && e.Type == listing.Dir:
		return src, fmt.Errorf("%s: %w", show(t.r, remote), ErrIsDir)
	case err == nil:
		return sourceOf(remote, e), nil
	case ctx.Err() != nil || !isRefusal(err):
		return src, t.about(remote, err)
	default:
		return src, nil
	}
}

// isRefusal reports that the server answered, and has nothing to say.
func isRefusal(err error) bool {
	if isA[*client.LoginError](err) {
		return false
	}
	if re, ok := errors.AsType[*client.ReplyError](err); ok {
		return !re.Temporary()
	}
	return errors.Is(err, client.ErrUnsupported) || errors.Is(err, fs.ErrNotExist)
}

// about adds the remote path to an error.
func (t *task) about(remote string, err error) error {
	if t.r == nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", t.dir, show(t.r, remote), err)
}

// download fetches one file, under the rule for existing targets. It returns
// the size of what is there afterwards.
func (t *task) download(ctx context.Context, src source, at place) (int64, error) {
	t.chooseType(src.path)
	t.rep.begin(src.path, at.path(), src.size)
	size, err := t.downloadTo(ctx, src, at)
	if err != nil {
		t.rep.end(-1)
		if isA[*LocalError](err) {
			return 0, err
		}
		return 0, t.about(src.path, err)
	}
	t.rep.end(size)
	return size, nil
}

// downloadTo returns the size of the file that is at the place afterwards.
func (t *task) downloadTo(ctx context.Context, src source, at place) (int64, error) {
	old, err := inspect(at)
	if err != nil {
		return 0, err
	}
	f := fetch{t: t, src: src, goOn: t.goOn || t.opt.Exists == Resume}
	action := Overwrite
	switch {
	case t.settled.Action != Ask:
		action = t.settled.again()
	case old != nil:
		if action, err = t.settleLocal(ctx, &f.src, at, old); err != nil {
			return 0, err
		}
	}
	adopt := false
	switch {
	case action == Skip:
		t.sum.Skipped++
		if f.src.size >= 0 || old == nil {
			return max(f.src.size, 0), nil
		}
		return old.Size(), nil
	case action == RenameNew:
		if f.p, err = freePart(at); err != nil {
			return 0, err
		}
		at = f.p.at
		t.note(src.path, fmt.Sprintf("saved as %q", at.name))
		old, f.goOn = nil, false
	case old == nil:
	case action == Resume, t.mayBeDone && t.isDated(ctx, &f.src, old):
		same, verr := t.sameAsLocal(ctx, f.src, at, old)
		if verr != nil {
			return 0, verr
		}
		if same {
			return old.Size(), t.foundDone(at)
		}
		if action == Resume {
			f.goOn, adopt = true, old.Size() > 0 && old.Size() < f.src.size
		}
	}
	t.decide(action, at.name)
	return t.downloadPart(ctx, &f, at, old, adopt)
}

// foundDone counts a file that is at its place already, and removes what an
// earlier run may have left beside it.
func (t *task) foundDone(at place) error {
	if !t.goOn {
		t.sum.Skipped++
		return nil
	}
	if t.mayBeDone {
		t.sum.Files++
	} else {
		t.sum.Skipped++
	}
	if _, err := at.root.Lstat(partName(at.name)); err != nil {
		return nil
	}
	p, err := openPart(at)
	if err != nil {
		return err
	}
	p.discard()
	return nil
}

// isDated reports whether the file that is there has the time of the source.
func (t *task) isDated(ctx context.Context, src *source, old fs.FileInfo) bool {
	t.sharpen(ctx, src)
	return src.precise && !src.time.IsZero() && old.ModTime().Truncate(time.Second).Equal(src.time.Truncate(time.Second))
}

// downloadPart fetches into the partial file, and puts it in its place.
func (t *task) downloadPart(ctx context.Context, f *fetch, at place, old fs.FileInfo, adopt bool) (int64, error) {
	p := f.p
	if p == nil {
		var err error
		if p, err = openPart(at); err != nil {
			return 0, err
		}
		f.p = p
	}
	var err error
	if have, serr := p.size(); serr == nil && have > 0 && f.goOn {
		t.sharpen(ctx, &f.src) // to be compared
	}
	if err = f.prepare(old, adopt); err != nil {
		p.close()
		return 0, err
	}
	try := f.try
	if t.segments != nil {
		t.segments.f, try = f, t.segments.try
	}
	if err = t.retry(ctx, try); err != nil {
		return 0, f.giveUp(err)
	}
	size, err := p.size()
	if err != nil {
		return 0, f.giveUp(err)
	}
	var mtime time.Time
	if t.opt.Times {
		t.sharpen(ctx, &f.src)
		mtime = f.src.time
	}
	if t.later {
		t.pending = t.commitLater(ctx, f, old, mtime)
		t.sum.Files++
		return size, nil
	}
	if err = t.settleDurably(ctx); err != nil {
		return 0, f.giveUp(err)
	}
	untimed, err := p.commit(old, mtime)
	if err != nil {
		return 0, f.giveUp(err)
	}
	p.close()
	if untimed != nil {
		t.note(f.src.path, "modification time could not be kept")
	}
	t.sum.Files++
	return size, nil
}

// inspect returns what is at the place, nil for nothing. Of a link it says
// what the link leads to, as long as that is in the folder.
func inspect(at place) (fs.FileInfo, error) {
	fi, err := at.root.Lstat(at.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, localErr("create", at.path(), err)
	}
	if fi.Mode()&fs.ModeSymlink != 0 {
		if to, serr := at.root.Stat(at.name); serr == nil {
			fi = to
		}
	}
	switch {
	case fi.IsDir():
		return nil, &LocalError{Kind: LocalIsDir, Op: "create", Path: at.path(), Err: ErrIsDir}
	case !fi.Mode().IsRegular() && fi.Mode()&fs.ModeSymlink == 0:
		return nil, &LocalError{Kind: LocalSpecial, Op: "create", Path: at.path(), Err: errSpecial}
	}
	return fi, nil
}

// settleLocal applies the rule for a file that is at the place.
func (t *task) settleLocal(ctx context.Context, src *source, at place, old fs.FileInfo) (Exists, error) {
	if t.needsTime() {
		t.sharpen(ctx, src)
	}
	return t.settle(ctx, Conflict{
		Direction: Downloading, Remote: src.path, Local: at.path(),
		SourceSize: src.size, TargetSize: old.Size(),
		SourceTime: src.time, TargetTime: old.ModTime(),
		coarse: !src.precise,
	})
}

// sharpen asks for the time to the second, where the listing had less. Without
// an answer everything stays as it is.
func (t *task) sharpen(ctx context.Context, src *source) {
	m, ok := t.r.(timer)
	if src.precise || !ok || t.lost() {
		return
	}
	if mtime, err := m.ModTime(ctx, src.path); err == nil && !mtime.IsZero() {
		src.time, src.precise = mtime, true
	}
}

// freePart opens the partial file for the first "name (n).ext" at which nothing
// is, and which no other transfer has taken.
func freePart(at place) (*part, error) {
	taken := at.name
	for n := 1; n < 100_000; n++ {
		at.name = numbered(taken, n)
		if err := checkLocalName(runtime.GOOS, at.name); err != nil {
			return nil, &LocalError{Kind: LocalBadName, Op: "create", Path: at.path(), Err: err}
		}
		if _, err := at.root.Lstat(at.name); err == nil {
			continue
		}
		p, err := openPart(at)
		if le, ok := errors.AsType[*LocalError](err); ok && le.Kind == LocalBusy {
			continue
		}
		if err != nil {
			return nil, err
		}
		// Looked at again: the other transfer may just have ended.
		_, err = at.root.Lstat(at.name)
		if errors.Is(err, fs.ErrNotExist) {
			return p, nil
		}
		p.discard()
		if err != nil {
			return nil, localErr("create", at.path(), err)
		}
	}
	return nil, &LocalError{Kind: LocalExists, Op: "create", Path: at.path(), Err: errExists}
}
