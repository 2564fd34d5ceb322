//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// A shape is a tree of small files.
type shape struct {
	folders, files int // files in all
	size           int // of each
}

func (s shape) String() string {
	return fmt.Sprintf("%d files of %d KiB in %d folders", s.files, s.size>>10, s.folders)
}

// names lists the files, with slashes, folder by folder.
func (s shape) names() []string {
	var names []string
	for i := range s.files {
		names = append(names, fmt.Sprintf("folder-%03d/file-%05d.dat", i*s.folders/s.files, i))
	}
	return names
}

// make writes the tree. Every file is different, so that none can stand in for
// another. The server reads it as another user.
func (s shape) make(dir string) error {
	noise := rand.NewChaCha8([32]byte{2})
	data := make([]byte, s.size)
	for _, name := range s.names() {
		_, _ = noise.Read(data) // never fails
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// different counts the files below got that are not as those below want:
// missing, with other bytes, or too many.
func different(want, got string) (int, error) {
	wanted, err := filesIn(want)
	if err != nil {
		return 0, err
	}
	found, err := filesIn(got)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	wrong := 0
	for _, name := range found {
		if _, known := slices.BinarySearch(wanted, name); !known {
			wrong++
		}
	}
	for _, name := range wanted {
		same, err := sameBytes(filepath.Join(want, name), filepath.Join(got, name))
		if err != nil {
			return 0, err
		}
		if !same {
			wrong++
		}
	}
	return wrong, nil
}

// filesIn lists everything below dir that is no folder, sorted.
func filesIn(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		names = append(names, name)
		return err
	})
	slices.Sort(names)
	return names, err
}

// sameBytes is false where b is not there.
func sameBytes(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return bytes.Equal(x, y), err
}
