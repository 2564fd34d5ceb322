package ftptest

import (
	"slices"
	"time"
)

// remove deletes a file or link, or with wantDir an empty folder.
func (t *tree) remove(p string, wantDir bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, base, err := t.parent(p)
	if err != nil {
		return err
	}
	n, ok := dir.kids[base]
	switch {
	case !ok && dir.child(base) != nil:
		return errSynth
	case !ok:
		return errNotFound
	case wantDir && !n.dir:
		return errNotDir
	case !wantDir && n.dir:
		return errIsDir
	case wantDir && len(n.kids)+n.wide+len(n.more) > 0:
		return errNotEmpty
	}
	delete(dir.kids, base)
	dir.mtime = t.now()
	return nil
}

// removeAll deletes whatever p is, with what is below.
func (t *tree) removeAll(p string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, base, err := t.parent(p)
	if err != nil {
		return err
	}
	if _, ok := dir.kids[base]; !ok {
		return errNotFound
	}
	delete(dir.kids, base)
	return nil
}

// rename moves from to to, replacing a file there as POSIX rename does.
func (t *tree) rename(from, to string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	src, srcBase, err := t.parent(from)
	if err != nil {
		return err
	}
	n, ok := src.kids[srcBase]
	if !ok {
		return errNotFound
	}
	dst, dstBase, err := t.parent(to)
	if err != nil {
		return err
	}
	if n.dir && n.holds(dst) {
		return errExists
	}
	if old, ok := dst.kids[dstBase]; ok && old != n && (old.dir || n.dir) {
		return errExists
	}
	delete(src.kids, srcBase)
	n.name = dstBase
	dst.kids[dstBase] = n
	return nil
}

// holds reports whether other is n or somewhere below it.
func (n *node) holds(other *node) bool {
	if n == other {
		return true
	}
	for _, kid := range n.kids {
		if kid.holds(other) {
			return true
		}
	}
	return false
}

func (t *tree) chmod(p string, mode uint32) error {
	return t.change(p, func(n *node) { n.mode = mode & 0o7777 })
}

func (t *tree) setTime(p string, mtime time.Time) error {
	return t.change(p, func(n *node) { n.mtime = mtime })
}

func (t *tree) change(p string, fn func(*node)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.walk(p, true, 0)
	if err != nil {
		return err
	}
	fn(n)
	return nil
}

// file is an open file.
type file struct {
	t       *tree
	n       *node
	off     int64
	discard bool
}

// open opens the file p for reading from off.
func (t *tree) open(p string, off int64) (*file, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.walk(p, true, 0)
	switch {
	case err != nil:
		return nil, err
	case n.dir:
		return nil, errIsDir
	case off > n.stat().size:
		return nil, errOffset
	}
	return &file{t: t, n: n, off: off}, nil
}

// create opens the file p for writing at off, made or truncated unless off is
// beyond 0; an off of -1 appends.
func (t *tree) create(p string, off int64, discard bool) (*file, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, base, err := t.parent(p)
	if err != nil {
		return nil, err
	}
	n := dir.kids[base] // a made-up entry gives way to a real one
	if n != nil && n.link != "" {
		if n, err = t.walk(p, true, 0); err != nil {
			return nil, err
		}
	}
	switch {
	case n != nil && n.dir:
		return nil, errIsDir
	case n == nil:
		n = t.newNode(base, false)
		n.big = discard
		dir.kids[base] = n
		dir.mtime = t.now()
	}
	size := n.stat().size
	if off < 0 {
		off = size
	}
	switch {
	case off > size:
		return nil, errOffset
	case off == 0:
		n.data, n.size, n.big = nil, 0, discard
	}
	n.mtime = t.now()
	return &file{t: t, n: n, off: off, discard: discard}, nil
}

// Write writes at the file's place, which moves on.
func (f *file) Write(b []byte) (int, error) {
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	if f.n.big {
		f.off += int64(len(b))
		f.n.size = max(f.n.size, f.off)
		return len(b), nil
	}
	// The file may have been truncated by somebody else meanwhile.
	f.off = min(f.off, int64(len(f.n.data)))
	n := copy(f.n.data[f.off:], b)
	if n < len(b) && cap(f.n.data)-len(f.n.data) < len(b)-n {
		f.n.data = slices.Grow(f.n.data, max(len(b), len(f.n.data)))
	}
	f.n.data = append(f.n.data, b[n:]...)
	f.off += int64(len(b))
	f.n.mtime = f.t.now()
	return len(b), nil
}

// read fills b from the file's place; 0 is the end.
func (f *file) read(b []byte) int {
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	var n int
	if f.n.big {
		n = int(min(int64(len(b)), f.n.size-f.off))
		fillBig(b[:n], f.off)
	} else if f.off < int64(len(f.n.data)) {
		n = copy(b, f.n.data[f.off:])
	}
	f.off += int64(n)
	return n
}
