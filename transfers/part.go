package transfers

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"portside/client/keep"
)

// A place is where a local file goes: a name in an open folder.
type place struct {
	root *os.Root
	dir  string // path of root, to show
	name string // one component
}

func (p place) path() string { return filepath.Join(p.dir, p.name) }

// A part is the partial file beside a place: open, locked against other
// transfers to the same place, and invisible under the final name until commit.
type part struct {
	at   place
	name string
	f    *os.File
}

func (p *part) path() string { return filepath.Join(p.at.dir, p.name) }

// openPart opens the partial file for at, making it where it is missing.
func openPart(at place) (*part, error) {
	p := &part{at: at, name: partName(at.name)}
	// The file may be renamed by its former owner between opening and locking.
	for range 10 {
		err := p.tryOpen()
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, errChanged) {
			return nil, localErr("create", at.path(), err)
		}
	}
	return nil, localErr("create", at.path(), errBusy)
}

// tryOpen returns errChanged where it has opened something that is not, or no
// longer, the file under the name.
func (p *part) tryOpen() error {
	root := p.at.root
	old, err := root.Lstat(p.name)
	switch {
	case err == nil && !old.Mode().IsRegular():
		// Never written through: a link would lead to another file.
		if err = root.Remove(p.name); err != nil {
			return err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := root.OpenFile(p.name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	if err = p.check(f); err != nil {
		_ = f.Close()
		return err
	}
	p.f = f
	return nil
}

func (p *part) check(f *os.File) error {
	if err := keep.TryLock(f); err != nil {
		if errors.Is(err, keep.ErrHeld) {
			return &LocalError{Kind: LocalBusy, Op: "create", Path: p.at.path(), Err: errBusy}
		}
		return err
	}
	is, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := p.at.root.Lstat(p.name)
	if err != nil || !os.SameFile(is, named) {
		return errChanged
	}
	return nil
}

// size returns the number of bytes in p.
func (p *part) size() (int64, error) {
	fi, err := p.f.Stat()
	if err != nil {
		return 0, localErr("read", p.path(), err)
	}
	return fi.Size(), nil
}

// empty drops what is in p.
func (p *part) empty() error { return p.cut(0) }

// cut drops what is beyond size, and goes there.
func (p *part) cut(size int64) error {
	if err := p.f.Truncate(size); err != nil {
		return localErr("write", p.path(), err)
	}
	return p.seek(size)
}

func (p *part) seek(pos int64) error {
	_, err := p.f.Seek(pos, io.SeekStart)
	return localErr("write", p.path(), err)
}

// pos returns where the next byte goes.
func (p *part) pos() (int64, error) {
	pos, err := p.f.Seek(0, io.SeekCurrent)
	return pos, localErr("write", p.path(), err)
}

// bytesAt returns the n bytes at off.
func (p *part) bytesAt(off int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := p.f.ReadAt(b, off); err != nil {
		return nil, localErr("read", p.path(), err)
	}
	return b, nil
}

// adopt fills p with what is under the final name.
func (p *part) adopt() error {
	src, err := p.at.root.Open(p.at.name)
	if err != nil {
		return localErr("open", p.at.path(), err)
	}
	defer func() { _ = src.Close() }()
	if err = p.empty(); err != nil {
		return err
	}
	if _, err = p.f.ReadFrom(src); err != nil {
		return localErr("write", p.path(), err)
	}
	return nil
}

// commit flushes p to the disk and puts it under the final name, in one step,
// with the permissions of the file that it replaces. A zero mtime leaves the
// time alone; its failure is returned as untimed.
func (p *part) commit(old fs.FileInfo, mtime time.Time) (untimed, err error) {
	if err = p.f.Sync(); err != nil {
		return nil, localErr("write", p.path(), err)
	}
	if old != nil && old.Mode().IsRegular() && runtime.GOOS != "windows" {
		_ = p.f.Chmod(old.Mode().Perm()) // of the file systems that have none, vfat refuses
	}
	if runtime.GOOS == "windows" {
		// An open file cannot be renamed there.
		if err = p.f.Close(); err != nil {
			return nil, localErr("write", p.path(), err)
		}
	}
	if !mtime.IsZero() {
		untimed = p.at.root.Chtimes(p.name, time.Time{}, mtime)
	}
	if err = p.at.root.Rename(p.name, p.at.name); err != nil {
		return untimed, localErr("rename", p.at.path(), err)
	}
	return untimed, nil
}

// close closes p, which keeps its name unless discarded or committed.
func (p *part) close() { _ = p.f.Close() }

// discard removes p.
func (p *part) discard() {
	_ = p.f.Truncate(0) // frees the space also where the name cannot be removed
	if runtime.GOOS == "windows" {
		_ = p.f.Close()
	}
	_ = p.at.root.Remove(p.name)
	_ = p.f.Close()
}

// setAside leaves p under a name that says that it is wrong, and returns its
// path; "" where that did not succeed and p is gone.
func (p *part) setAside() string {
	if runtime.GOOS == "windows" {
		_ = p.f.Close() // an open file cannot be renamed there
	}
	name := wrongName(p.at.name)
	if err := p.at.root.Rename(p.name, name); err != nil {
		p.discard()
		return ""
	}
	_ = p.f.Close()
	return filepath.Join(p.at.dir, name)
}

// keep leaves p for a later try, with the source's exact time, so that a source
// that has changed since is recognised; a zero one leaves that of the last byte.
func (p *part) keep(mtime time.Time) {
	if !mtime.IsZero() {
		_ = p.at.root.Chtimes(p.name, time.Time{}, mtime)
	}
	_ = p.f.Close()
}
