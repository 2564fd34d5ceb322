package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portside/client/keep"
)

// TestLeftTemporaryFoldersAreRemoved has folders of several origins beside a new one.
func TestLeftTemporaryFoldersAreRemoved(t *testing.T) {
	tmp := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, tmp)
	}
	if os.TempDir() != tmp {
		t.Skip("the system has a folder for temporary files that cannot be chosen")
	}
	plant := func(name string, age time.Duration, files ...string) (dir string) {
		t.Helper()
		dir = filepath.Join(tmp, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(dir, at, at); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	const lock = tempFile + lockSuffix
	held := plant(tempPrefix+"held", time.Hour, tempFile, lock)
	file, err := os.OpenFile(filepath.Join(held, lock), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err = keep.TryLock(file); err != nil {
		t.Fatal(err)
	}
	stays := map[string]string{
		"held":                   held,
		"young":                  plant(tempPrefix+"young", 30*time.Second, tempFile, lock),
		"of another kind":        plant(tempPrefix+"other", time.Hour, "letter.txt"),
		"of another name":        plant("portside-other", time.Hour, tempFile, lock),
		"with a folder for lock": plant(tempPrefix+"odd", time.Hour),
	}
	if err = os.Mkdir(filepath.Join(stays["with a folder for lock"], lock), 0o700); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	if err = os.Chtimes(stays["with a folder for lock"], at, at); err != nil {
		t.Fatal(err)
	}
	goes := map[string]string{
		"left":       plant(tempPrefix+"left", 2*time.Minute, tempFile, lock, tempFile+"-wal"),
		"just begun": plant(tempPrefix+"begun", 2*time.Minute),
	}
	s := open(t, options(""))
	for what, dir := range stays {
		if _, err = os.Stat(dir); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, dir := range goes {
		if _, err = os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: it is still there, or %v", what, err)
		}
	}
	second := open(t, options("")) // the first is in use, and as old
	if err = os.Chtimes(s.temp, at, at); err != nil {
		t.Fatal(err)
	}
	second.sweep()
	insert(t, s, files(1)...)
	if _, err = os.Stat(s.path); err != nil {
		t.Error(err)
	}
}
