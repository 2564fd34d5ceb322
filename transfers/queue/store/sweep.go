package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portside/client/keep"
)

// The names of a temporary file and its folder.
const (
	tempPrefix = "portside-queue-"
	tempFile   = "queue.db"
	lockSuffix = ".lock"
)

// sweepAge is how long a folder is left alone, since who makes one does not hold it
// at once.
const sweepAge = time.Minute

// sweep removes temporary folders that killed programs have left beside our own. What
// cannot be removed stays: it is in nobody's way.
func (s *Store) sweep() {
	if !isHeld(s.temp) {
		return // this file system has no locks, which would tell what is in use
	}
	parent := filepath.Dir(s.temp)
	list, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range list {
		dir := filepath.Join(parent, e.Name())
		if !strings.HasPrefix(e.Name(), tempPrefix) || !e.IsDir() || dir == s.temp {
			continue
		}
		if info, err := e.Info(); err != nil || time.Since(info.ModTime()) < sweepAge || isHeld(dir) {
			continue
		}
		_ = os.RemoveAll(dir) // the system clears its folder of temporary files too
	}
}

// isHeld reports whether a program uses a temporary folder, as far as can be told: one
// that is not ours to look into, or whose lock is something else, is left alone.
func isHeld(dir string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return true
	}
	defer func() { _ = root.Close() }() // only read
	name := tempFile + lockSuffix
	info, err := root.Lstat(name)
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) || !isEmpty(root)
	}
	if !info.Mode().IsRegular() {
		return true
	}
	file, err := root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return true
	}
	defer func() { _ = file.Close() }() // nothing was written
	return keep.TryLock(file) != nil
}

// isEmpty reports whether nothing is in a folder.
func isEmpty(root *os.Root) bool {
	dir, err := root.Open(".")
	if err != nil {
		return false
	}
	defer func() { _ = dir.Close() }() // only read
	names, _ := dir.Readdirnames(1)
	return len(names) == 0
}
