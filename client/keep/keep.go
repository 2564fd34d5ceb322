// Package keep holds the small JSON files of the program: what it remembers, and
// what the user chose.
//
// Every such file has a version, is replaced as a whole (a crash leaves the old
// content or the new, never a part), is readable by its owner only, and is changed
// under a lock, so that two programs do not lose each other's changes. A file that
// cannot be understood is set aside under another name; a file of a newer version of
// the program is left alone. Both are reported.
//
// The package leaves out what the files mean. No secret belongs in any of them.
package keep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// MaxSize is the size in bytes of the largest file that is read. A larger one is
// no file of this program, and counts as damaged.
const MaxSize = 16 << 20

// A File is a JSON file that the program keeps.
type File struct {
	Path    string
	Version int // of the format that this program writes; 1 or more
}

// ErrUnchanged is returned by the function given to Update where there is nothing
// to write. Update then writes nothing and returns nil.
var ErrUnchanged = errors.New("nothing has changed")

// A validator is a content that can be well-formed and wrong.
type validator interface{ Valid() error }

// Load reads the file into a T, a struct (or a map) whose JSON form is an object;
// the member "version" is the File's own. A missing file gives the zero T. A T with a
// method Valid() error is asked; its error makes the file a damaged one.
//
// Errors: *DamagedError (the file is now set aside), *NewerError, *BusyError, and those
// of the file system. With each of them T is the zero value. The wait for another
// program, which holds the file for some milliseconds, is two seconds at most.
func Load[T any](f File) (T, error) {
	var content T
	path := target(f.Path)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return content, nil
	}
	release, err := lock(path)
	if err != nil && !readOnly(err) {
		return content, err
	}
	defer release()
	err = read(path, f.Version, &content)
	if err != nil {
		content = *new(T)
	}
	return content, err
}

// Update changes the file: it is read as Load does, handed to change, and written,
// all under the lock. Where change returns an error nothing is written, and the
// error comes back; ErrUnchanged comes back as nil. Where reading fails nothing is
// written either. After a *DamagedError with a name in Aside the next Update starts
// with an empty file.
func Update[T any](f File, change func(*T) error) error {
	path := target(f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	release, err := lock(path)
	if err != nil {
		return err
	}
	defer release()
	var content T
	if err = read(path, f.Version, &content); err != nil {
		return err
	}
	if err = change(&content); err != nil {
		if errors.Is(err, ErrUnchanged) {
			return nil
		}
		return err
	}
	data, err := encode(content, f.Version)
	if err != nil {
		return err
	}
	return replace(path, data)
}

// target follows a symbolic link, so that the file is replaced and not the link.
func target(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// read reads the file at path, sets a damaged one aside, and leaves a newer one alone.
func read(path string, version int, into any) error {
	data, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = decode(data, path, version, into)
	}
	if bad, ok := errors.AsType[*formatError](err); ok {
		aside, asideErr := setAside(path)
		return &DamagedError{Path: path, Aside: aside, Err: errors.Join(bad.err, asideErr)}
	}
	return err
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err == nil && len(data) > MaxSize {
		err = &formatError{fmt.Errorf("the file is larger than %d bytes", MaxSize)}
	}
	return data, err
}

// decode reads a file's content into the value that into points to.
func decode(data []byte, path string, version int, into any) error {
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return &formatError{err}
	}
	if head.Version == nil || *head.Version < 1 {
		return &formatError{errors.New("the file has no version")}
	}
	if *head.Version > version {
		return &NewerError{Path: path, Version: *head.Version, Known: version}
	}
	if err := json.Unmarshal(data, into); err != nil {
		return &formatError{err}
	}
	if v, ok := into.(validator); ok {
		if err := v.Valid(); err != nil {
			return &formatError{err}
		}
	}
	return nil
}

// encode is the JSON form of content with the version in it.
func encode(content any, version int) ([]byte, error) {
	body, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err = json.Unmarshal(body, &members); err != nil {
		return nil, fmt.Errorf("the content is no JSON object: %w", err)
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	members["version"] = json.RawMessage(fmt.Sprint(version))
	data, err := json.MarshalIndent(members, "", "\t")
	return append(data, '\n'), err
}

// replace writes data to a new file beside path and renames it. The lock is held, so
// the new file's name belongs to this program alone; what a crash left is removed.
func replace(path string, data []byte) (err error) {
	fresh := path + ".new"
	if err = os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(fresh)
		}
	}()
	if _, err = file.Write(data); err != nil {
		return err
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	if err = os.Rename(fresh, path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes the renaming itself last, where the system can do that.
func syncFolder(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync() // Windows has no such thing, and the content is whole in any case
	_ = d.Close()
}

// setAside renames a damaged file, so that nothing of it is lost, and returns its
// new name: path.damaged, else path.damaged-2 and so on.
func setAside(path string) (aside string, err error) {
	aside = path + ".damaged"
	for n := 2; ; n++ {
		_, err = os.Lstat(aside)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return "", err
		}
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
	}
	if err = os.Rename(path, aside); err != nil {
		return "", err
	}
	return aside, nil
}
