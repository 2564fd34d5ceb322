package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// A DamagedError is a file whose content is not what this program writes.
type DamagedError struct {
	Path  string
	Aside string // its new name; "": it could not be renamed, and stays as it is
	Err   error  // what is wrong with it
}

func (e *DamagedError) Error() string {
	if e.Aside == "" {
		return fmt.Sprintf("%s is damaged and cannot be set aside: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("%s was damaged and is now %s: %v", e.Path, e.Aside, e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// A NewerError is a file that a newer version of the program wrote. It is left alone.
type NewerError struct {
	Path    string
	Version int // of the file
	Known   int // the newest that this program knows
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was written by a newer version of this program (format %d, known is %d) and is left as it is", e.Path, e.Version, e.Known)
}

// A BusyError says that another program held the lock of a file all the time.
type BusyError struct{ Path string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s is in use by another program", e.Path)
}

// Temporary reports true: the same may work later.
func (e *BusyError) Temporary() bool { return true }

// A formatError is a content that cannot be understood.
type formatError struct{ err error }

func (e *formatError) Error() string { return e.err.Error() }
func (e *formatError) Unwrap() error { return e.err }

// readOnly reports whether a folder can only be read, so that nobody changes the
// file meanwhile, or nobody who would be locked out by us.
func readOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
