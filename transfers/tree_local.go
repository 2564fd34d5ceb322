package transfers

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
)

// A localFolder is a folder of this computer with all that is below it.
type localFolder struct {
	path  string
	name  string // of the top folder empty
	files []localFile
	dirs  []*localFolder
}

// A localFile is a regular file, or a link to one.
type localFile struct {
	path string
	name string
	size int64
}

// A localScan lists a local tree.
type localScan struct {
	t       *task
	entries int
}

// scanLocal lists the tree below a local path. Parts of it that cannot be read
// become failures of the task; the error is for the top folder, for limits and
// for ctx.
func (t *task) scanLocal(ctx context.Context, path string) (*localFolder, error) {
	t.rep.p.Scanning = true
	defer func() {
		t.rep.p.Scanning = false
		t.rep.emit(true)
	}()
	fi, err := os.Stat(path)
	if err != nil {
		return nil, localErr("open", path, err)
	}
	if !fi.IsDir() {
		return nil, &LocalError{Kind: LocalNotDir, Op: "open", Path: path, Err: ErrNotDir}
	}
	s := localScan{t: t}
	top := &localFolder{path: path}
	if err = s.folder(ctx, top, []fs.FileInfo{fi}); err != nil {
		return nil, err
	}
	return top, nil
}

// folder fills d. above are the folders that it is in, itself the last.
func (s *localScan) folder(ctx context.Context, d *localFolder, above []fs.FileInfo) error {
	t := s.t
	if err := ctx.Err(); err != nil {
		return ended(ctx)
	}
	if len(above) > t.opt.MaxDepth {
		return &LimitError{What: "levels", Limit: t.opt.MaxDepth}
	}
	t.rep.p.Local = d.path
	t.rep.emit(false)
	entries, err := os.ReadDir(d.path)
	if err != nil {
		err = localErr("read", d.path, err)
		if d.name == "" {
			return err
		}
		t.fail(d.path, err)
		return nil
	}
	if s.entries += len(entries); s.entries > t.opt.MaxEntries {
		return &LimitError{What: "entries", Limit: t.opt.MaxEntries}
	}
	for _, e := range entries {
		if err = s.entry(ctx, d, e, above); err != nil {
			return err
		}
	}
	return nil
}

// entry adds one entry to d.
func (s *localScan) entry(ctx context.Context, d *localFolder, e fs.DirEntry, above []fs.FileInfo) error {
	t := s.t
	at := filepath.Join(d.path, e.Name())
	skip := func(why string) error {
		t.sum.Skipped++
		t.note(at, why)
		return nil
	}
	isLink := e.Type()&fs.ModeSymlink != 0
	fi, err := os.Stat(at)
	switch {
	case err != nil && isLink:
		return skip("link that leads nowhere, left out")
	case err != nil:
		t.fail(at, localErr("open", at, err))
		return nil
	case fi.IsDir() && isLink && !t.opt.FollowLinks:
		return skip("link to a folder, not followed")
	case fi.IsDir():
		for _, parent := range above {
			if os.SameFile(parent, fi) {
				return skip("link to a folder that it is in, not followed")
			}
		}
		sub := &localFolder{path: at, name: e.Name()}
		d.dirs = append(d.dirs, sub)
		return s.folder(ctx, sub, append(above[:len(above):len(above)], fi))
	case !fi.Mode().IsRegular():
		return skip("neither file nor folder, left out")
	case isPartName(e.Name()):
		return skip("unfinished download, left out")
	}
	t.rep.found(fi.Size())
	d.files = append(d.files, localFile{path: at, name: e.Name(), size: fi.Size()})
	return nil
}
