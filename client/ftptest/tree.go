package ftptest

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	errNotFound = errors.New("no such file or directory")
	errNotDir   = errors.New("not a directory")
	errIsDir    = errors.New("is a directory")
	errExists   = errors.New("file exists")
	errNotEmpty = errors.New("directory not empty")
	errLoop     = errors.New("too many levels of symbolic links")
	errSynth    = errors.New("entry is made up")
	errOffset   = errors.New("restart position is beyond the end")
)

// info is what a listing says of an entry.
type info struct {
	name  string
	dir   bool
	link  string // target, for a symbolic link
	size  int64
	mode  uint32
	mtime time.Time
	owner string
	group string
	odd   bool // made by Entry; never hidden
}

// node is a file, folder or link in the tree; the tree's lock guards it.
type node struct {
	info
	kids map[string]*node
	more []info // entries under any name, listed after the others
	data []byte
	big  bool // content is made up; size counts
	wide int  // entries made up
}

func (n *node) stat() info {
	i := n.info
	if !n.big {
		i.size = int64(len(n.data))
	}
	return i
}

// tree is the server's files.
type tree struct {
	now func() time.Time

	mu   sync.Mutex // guards everything below, nodes included
	root *node
	odd  map[string]*node // by the path that a client would make
}

func newTree(now func() time.Time) *tree {
	t := &tree{now: now, odd: make(map[string]*node)}
	t.root = &node{info: info{name: "/", dir: true, mode: 0o755, owner: "ftp", group: "ftp", mtime: now()}, kids: make(map[string]*node)}
	return t
}

// clean makes an absolute path without dots.
func clean(p string) string { return path.Clean("/" + p) }

func (t *tree) newNode(name string, dir bool) *node {
	n := &node{info: info{name: name, dir: dir, mode: 0o644, owner: "ftp", group: "ftp", mtime: t.now()}}
	if dir {
		n.mode = 0o755
		n.kids = make(map[string]*node)
	}
	return n
}

// walk finds the node of p, following links on the way, and at its end if
// follow is set.
func (t *tree) walk(p string, follow bool, depth int) (*node, error) {
	if depth > 16 {
		return nil, errLoop
	}
	if n, ok := t.odd[p]; ok {
		return n, nil
	}
	p = clean(p)
	n, at := t.root, "/"
	parts := strings.Split(strings.Trim(p, "/"), "/")
	for i, part := range parts {
		if part == "" {
			continue
		}
		if !n.dir {
			return nil, errNotDir
		}
		kid := n.child(part)
		if kid == nil {
			return nil, errNotFound
		}
		if kid.link != "" && (follow || i < len(parts)-1) {
			target := kid.link
			if !strings.HasPrefix(target, "/") {
				target = path.Join(at, target)
			}
			var err error
			if kid, err = t.walk(target, true, depth+1); err != nil {
				return nil, err
			}
		}
		n, at = kid, path.Join(at, part)
	}
	return n, nil
}

func (n *node) child(name string) *node {
	if kid, ok := n.kids[name]; ok {
		return kid
	}
	if n.wide > 0 {
		var i int
		if _, err := fmt.Sscanf(name, "file-%d.dat", &i); err == nil && i >= 1 && i <= n.wide {
			if kid := wideNode(n, i); kid.name == name {
				return kid
			}
		}
	}
	return nil
}

func wideNode(n *node, i int) *node {
	return &node{big: true, info: info{
		name: fmt.Sprintf("file-%07d.dat", i), size: int64(i), mode: 0o644,
		owner: n.owner, group: n.group, mtime: n.mtime.Add(-time.Duration(i) * time.Minute),
	}}
}

// parent finds the folder that p is or would be in.
func (t *tree) parent(p string) (*node, string, error) {
	dir, base := path.Split(clean(p))
	if base == "" {
		return nil, "", errExists
	}
	n, err := t.walk(dir, true, 0)
	if err != nil {
		return nil, "", err
	}
	if !n.dir {
		return nil, "", errNotDir
	}
	return n, base, nil
}

func (t *tree) stat(p string) (info, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := t.walk(p, true, 0)
	if err != nil {
		return info{}, err
	}
	return n.stat(), nil
}

// each calls fn for every entry of the folder p, or for p itself if it is a
// file. Made-up entries are made one by one.
func (t *tree) each(p string, fn func(info) error) error {
	t.mu.Lock()
	n, err := t.walk(p, true, 0)
	if err != nil {
		t.mu.Unlock()
		return err
	}
	var list []info
	if n.dir {
		for _, kid := range n.kids {
			list = append(list, kid.stat())
		}
		slices.SortFunc(list, func(a, b info) int { return strings.Compare(a.name, b.name) })
		list = append(list, n.more...)
	} else {
		list = append(list, n.stat())
	}
	wide := &node{info: n.info}
	count := n.wide
	t.mu.Unlock()
	for _, i := range list {
		if err := fn(i); err != nil {
			return err
		}
	}
	for i := 1; i <= count; i++ {
		if err := fn(wideNode(wide, i).info); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) mkdir(p string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, base, err := t.parent(p)
	if err != nil {
		return err
	}
	if dir.child(base) != nil {
		return errExists
	}
	dir.kids[base] = t.newNode(base, true)
	dir.mtime = t.now()
	return nil
}

func (t *tree) mkdirAll(p string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.makeAll(p)
}

func (t *tree) makeAll(p string) error {
	n := t.root
	for part := range strings.SplitSeq(strings.Trim(clean(p), "/"), "/") {
		if part == "" {
			continue
		}
		kid := n.kids[part]
		if kid == nil {
			kid = t.newNode(part, true)
			n.kids[part] = kid
		}
		if !kid.dir {
			return fmt.Errorf("make %q: %w", p, errNotDir)
		}
		n = kid
	}
	return nil
}

// put places n at p, making the folders above it.
func (t *tree) put(p string, fill func(*node)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, base := path.Split(clean(p))
	if base == "" {
		return errIsDir
	}
	if err := t.makeAll(dir); err != nil {
		return err
	}
	folder, err := t.walk(dir, true, 0)
	if err != nil {
		return err
	}
	n := t.newNode(base, false)
	fill(n)
	folder.kids[base] = n
	return nil
}

func (t *tree) setFile(p string, data []byte) error {
	return t.put(p, func(n *node) { n.data = slices.Clone(data) })
}

func (t *tree) setBig(p string, size int64) error {
	return t.put(p, func(n *node) { n.big, n.size = true, size })
}

func (t *tree) symlink(p, target string) error {
	return t.put(p, func(n *node) { n.link, n.mode = target, 0o777 })
}

func (t *tree) setWide(p string, count int) error {
	return t.put(p, func(n *node) {
		n.dir, n.mode, n.wide = true, 0o755, count
		n.kids = make(map[string]*node)
	})
}

func (t *tree) addOdd(dir, name string, data []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.makeAll(dir); err != nil {
		return err
	}
	folder, err := t.walk(dir, true, 0)
	if err != nil {
		return err
	}
	n := t.newNode(name, false)
	n.data, n.odd = slices.Clone(data), true
	folder.more = append(folder.more, n.stat())
	t.odd[strings.TrimSuffix(clean(dir), "/")+"/"+name] = n
	if strings.HasPrefix(name, "/") {
		t.odd[name] = n
	}
	return nil
}
