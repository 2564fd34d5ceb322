package demo

import (
	"errors"
	"os"
	"path"

	"github.com/spf13/afero"
)

var (
	errIsDir    = errors.New("is a directory")
	errNotDir   = errors.New("not a directory")
	errNotEmpty = errors.New("directory not empty")
)

// files is the tree as a user may change it. afero's file system in memory
// lets pass what a real one refuses; these are the rules it lacks.
type files struct{ afero.Fs }

// Mkdir makes a folder in one that exists.
func (f *files) Mkdir(name string, perm os.FileMode) error {
	if i, err := f.Stat(path.Dir(name)); err != nil {
		return err
	} else if !i.IsDir() {
		return &os.PathError{Op: "mkdir", Path: name, Err: errNotDir}
	}
	return f.Fs.Mkdir(name, perm|os.ModeDir)
}

// OpenFile refuses folders, and to make a file in a folder that does not exist.
func (f *files) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	if i, err := f.Stat(name); err == nil && i.IsDir() {
		return nil, &os.PathError{Op: "open", Path: name, Err: errIsDir}
	}
	if flag&os.O_CREATE != 0 {
		if _, err := f.Stat(path.Dir(name)); err != nil {
			return nil, err
		}
		perm = 0o644 // the library asks for 0777
	}
	return f.Fs.OpenFile(name, flag, perm)
}

// Remove removes a file.
func (f *files) Remove(name string) error {
	if i, err := f.Stat(name); err != nil {
		return err
	} else if i.IsDir() {
		return &os.PathError{Op: "remove", Path: name, Err: errIsDir}
	}
	return f.Fs.Remove(name)
}

// RemoveDir removes an empty folder.
func (f *files) RemoveDir(name string) error {
	i, err := f.Stat(name)
	if err != nil {
		return err
	}
	if !i.IsDir() || path.Clean(name) == "/" {
		return &os.PathError{Op: "rmdir", Path: name, Err: errNotDir}
	}
	empty, err := afero.IsEmpty(f.Fs, name)
	if err != nil {
		return err
	}
	if !empty {
		return &os.PathError{Op: "rmdir", Path: name, Err: errNotEmpty}
	}
	return f.Fs.Remove(name)
}

// Rename moves a file, or a folder to a place that is free.
func (f *files) Rename(from, to string) error {
	i, err := f.Stat(from)
	if err != nil {
		return err
	}
	if _, err := f.Stat(path.Dir(to)); err != nil {
		return err
	}
	if old, err := f.Stat(to); err == nil && path.Clean(from) != path.Clean(to) && (i.IsDir() || old.IsDir()) {
		return &os.PathError{Op: "rename", Path: to, Err: os.ErrExist}
	}
	return f.Fs.Rename(from, to)
}
