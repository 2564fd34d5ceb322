package edit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"portside/client/keep"
)

// The files of a shelf: who holds the lock is its owner.
const (
	listName  = "edits.json"
	lockName  = "owner"
	runPrefix = "run-"
	sendName  = "sending-"  // before the number of a file: the snapshot that is sent
	fetchName = "fetching-" // before the number of a file: a download that is not on the list yet
)

// A shelf is the folder of one run of the program. Another run may take it over
// once its owner is gone, which its lock shows.
type shelf struct {
	dir  string
	lock *os.File
	next int
	// lost are files whose copy is gone, with something else in its folder: it may be
	// work that was saved under another name, and stays where it is. It is told at each
	// start.
	lost []listed
}

// A listed is a file as a shelf's list has it. Names are bytes.
type listed struct {
	ID       string    `json:"id"`
	Site     string    `json:"site"`
	SiteName string    `json:"site_name"`
	Remote   []byte    `json:"remote"`
	Link     []byte    `json:"link,omitempty"`
	IsLink   bool      `json:"is_link,omitempty"`
	Name     []byte    `json:"name"`
	Text     string    `json:"text"`
	Size     int64     `json:"size"`
	Time     time.Time `json:"time"`
	Precise  bool      `json:"precise"`
	Sum      string    `json:"sha256"`
}

// A list is the content of edits.json.
type list struct {
	Files []listed `json:"files"`
}

// Valid refuses what would lead out of the shelf.
func (l *list) Valid() error {
	for _, f := range l.Files {
		name := string(f.Name)
		if _, err := strconv.ParseUint(f.ID, 10, 31); err != nil {
			return fmt.Errorf("%q is no number of a file", f.ID)
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || name == "." {
			return fmt.Errorf("file %s has no name of its own", f.ID)
		}
		if f.Site == "" || len(f.Remote) == 0 {
			return fmt.Errorf("file %s has no place on a server", f.ID)
		}
	}
	return nil
}

// newShelf makes the shelf of this run.
func newShelf(root string) (*shelf, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	var name [8]byte
	_, _ = rand.Read(name[:]) // it never fails
	dir := filepath.Join(root, runPrefix+hex.EncodeToString(name[:]))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return takeShelf(dir)
}

// takeShelf makes a folder ours; keep.ErrHeld says that somebody else has it.
func takeShelf(dir string) (*shelf, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err = keep.TryLock(lock); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return &shelf{dir: dir, lock: lock, next: 1}, nil
}

// leftShelves takes over what earlier runs have left below root.
func leftShelves(root string) ([]*shelf, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []*shelf
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), runPrefix) {
			continue
		}
		s, serr := takeShelf(filepath.Join(root, e.Name()))
		switch {
		case serr == nil:
			out = append(out, s)
		case !errors.Is(serr, keep.ErrHeld) && !errors.Is(serr, fs.ErrNotExist):
			err = errors.Join(err, serr)
		}
	}
	return out, err
}

func (s *shelf) file() keep.File {
	return keep.File{Path: filepath.Join(s.dir, listName), Version: 1}
}

// read returns the list, and removes what was never finished: downloads and snapshots.
// Folders that are not on the list, though something is in them, stay: the list may be
// what was lost. They are returned.
func (s *shelf) read() (files []listed, unlisted []string, err error) {
	l, err := keep.Load[list](s.file())
	if err != nil {
		return nil, nil, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		number := strings.TrimPrefix(strings.TrimPrefix(e.Name(), sendName), fetchName)
		id, nerr := strconv.ParseUint(number, 10, 31)
		if nerr != nil || !e.IsDir() {
			continue
		}
		s.next = max(s.next, int(id)+1)
		dir := filepath.Join(s.dir, e.Name())
		switch {
		case number != e.Name():
			_ = os.RemoveAll(dir)
		case slices.ContainsFunc(l.Files, func(f listed) bool { return f.ID == number }):
		case os.Remove(dir) != nil: // nothing was in it
			unlisted = append(unlisted, dir)
		}
	}
	return l.Files, unlisted, nil
}

// empty reports whether nothing has to stay on the shelf beside the files of the desk.
func (s *shelf) empty() bool { return len(s.lost) == 0 }

// write replaces the list.
func (s *shelf) write(files []listed) error {
	return keep.Update(s.file(), func(l *list) error {
		l.Files = append(files, s.lost...)
		return nil
	})
}

// room makes the folder of a download; id is the number of the file.
func (s *shelf) room() (id, dir string, err error) {
	id = strconv.Itoa(s.next)
	s.next++
	dir = filepath.Join(s.dir, fetchName+id)
	return id, dir, os.Mkdir(dir, 0o700)
}

// close gives the shelf back, and removes it where nothing is on it.
func (s *shelf) close(empty bool) error {
	var err error
	if empty {
		for _, name := range []string{listName, listName + ".lock"} {
			_ = os.Remove(filepath.Join(s.dir, name))
		}
	}
	err = s.lock.Close()
	if empty {
		_ = os.Remove(filepath.Join(s.dir, lockName))
		_ = os.Remove(s.dir) // stays where something of unknown origin is in it
	}
	return err
}
