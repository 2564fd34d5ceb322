package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Text is the content of a file as it stands there, for files that people edit by
// hand: what is wrong with one is for its reader to say, and it is never set aside.
type Text struct {
	Data []byte
	Info fs.FileInfo // of the file that Data came from; nil: there is none
}

// A TooLargeError is a file that is, or would become, larger than MaxSize.
type TooLargeError struct{ Path string }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: a file of more than %d MiB is not read", e.Path, MaxSize>>20)
}

// ReadText reads the file under its lock. A missing one is the zero Text.
//
// Errors: *TooLargeError, *BusyError, and those of the file system.
func ReadText(path string) (Text, error) {
	path = target(path)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return Text{}, nil
	}
	release, err := lock(path)
	if err != nil && !readOnly(err) {
		return Text{}, err
	}
	defer release()
	return readText(path)
}

// RewriteText changes the file under its lock: change is given what stands there, nil
// for a missing file, and returns what is written in its place, as a whole. Where it
// returns an error nothing is written; ErrUnchanged comes back as nil. The Text that is
// returned is the file as it is afterwards, as far as it could be read.
//
// Errors: that of change, and those of ReadText.
func RewriteText(path string, change func(old []byte) ([]byte, error)) (Text, error) {
	path = target(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Text{}, err
	}
	release, err := lock(path)
	if err != nil {
		return Text{}, err
	}
	defer release()
	old, err := readText(path)
	if err != nil {
		return Text{}, err
	}
	data, err := change(old.Data)
	if err == nil && len(data) > MaxSize {
		err = &TooLargeError{Path: path}
	}
	if err == nil {
		err = replace(path, data)
	}
	switch {
	case errors.Is(err, ErrUnchanged):
		return old, nil
	case err != nil:
		return old, err
	}
	info, err := os.Stat(path)
	return Text{Data: data, Info: info}, err
}

// readText reads the file at path, whose lock is held.
func readText(path string) (Text, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Text{}, nil
	}
	if err != nil {
		return Text{}, err
	}
	data, err := readBounded(path)
	if _, large := errors.AsType[*formatError](err); large {
		return Text{}, &TooLargeError{Path: path}
	}
	return Text{Data: data, Info: info}, err
}
