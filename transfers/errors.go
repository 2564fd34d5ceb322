package transfers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"portside/client"
)

// Errors about what a path is, found by errors.Is.
var (
	ErrIsDir  = errors.New("is a folder")
	ErrNotDir = errors.New("is not a folder")

	errExists    = errors.New("exists already")
	errBusy      = errors.New("another transfer is writing to it")
	errSpecial   = errors.New("is neither a file nor a folder")
	errReserved  = errors.New("name is kept for unfinished downloads")
	errChanged   = errors.New("changed while it was transferred")
	errNoRedial  = errors.New("connection lost")
	errNotKept   = errors.New("what was decided could not be kept")
	errNoRename  = errors.New("the session cannot rename")
	errEscape    = errors.New("leads out of the folder")
	errProtected = errors.New("refused to delete it as a whole")
)

// A LocalKind says what kind of trouble this computer made.
type LocalKind uint8

// The kinds.
const (
	LocalOther    LocalKind = iota
	LocalFull               // no space, or no quota
	LocalTooBig             // the file system has no files of that size
	LocalDenied             // no permission
	LocalReadOnly           // read-only file system
	LocalBadName            // the system has no such names
	LocalClash              // two names of the server are one here
	LocalExists             // the target exists, and the rule is Fail
	LocalIsDir              // a folder where a file is meant
	LocalNotDir             // a file where a folder is meant
	LocalMissing            // no such file or folder
	LocalEscape             // a link leads out of the target folder
	LocalChanged            // the file changed while it was transferred
	LocalBusy               // another transfer, or program, uses it
	LocalSpecial            // a device, socket or pipe
)

// A LocalError is a file or folder of this computer that could not be used.
type LocalError struct {
	Kind LocalKind
	Op   string // "open", "write", "rename"; never empty
	Path string
	Err  error
}

// Error returns the operation, the path and the reason.
func (e *LocalError) Error() string { return e.Op + " " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *LocalError) Unwrap() error { return e.Err }

// fatal reports whether every other file would fare the same.
func (e *LocalError) fatal() bool {
	return e.Kind == LocalFull || e.Kind == LocalReadOnly
}

// isA reports whether an error of type E is in err's tree.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// localErr makes a LocalError of what the os package returned; nil stays nil.
func localErr(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if le, ok := errors.AsType[*LocalError](err); ok {
		return le
	}
	kind := localKind(err)
	if kind == LocalBadName && (op == "write" || op == "read") {
		kind = LocalOther
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	} else if le, isLink := errors.AsType[*os.LinkError](err); isLink {
		err = le.Err
	}
	return &LocalError{Kind: kind, Op: op, Path: path, Err: err}
}

// localKind sorts an error of the os package.
func localKind(err error) LocalKind {
	switch {
	case isEscape(err):
		return LocalEscape
	case errors.Is(err, syscall.ENOSPC):
		return LocalFull
	case errors.Is(err, syscall.EFBIG):
		return LocalTooBig
	case errors.Is(err, syscall.EROFS):
		return LocalReadOnly
	case errors.Is(err, syscall.EISDIR):
		return LocalIsDir
	case errors.Is(err, syscall.ENOTDIR):
		return LocalNotDir
	case errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EILSEQ):
		return LocalBadName
	}
	if kind := systemKind(err); kind != LocalOther {
		return kind
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return LocalMissing
	case errors.Is(err, fs.ErrPermission):
		return LocalDenied
	case errors.Is(err, fs.ErrExist):
		return LocalExists
	}
	return LocalOther
}

// isEscape reports the refusal of an os.Root to leave its folder, which the os
// package does not export.
func isEscape(err error) bool {
	pe, ok := errors.AsType[*fs.PathError](err)
	return ok && pe.Err.Error() == "path escapes from parent"
}

// isLocal reports whether an error that came back from a transfer is about the
// local file and not about the connection.
func isLocal(err error) bool {
	_, ok := errors.AsType[*client.LocalIOError](err)
	return ok
}

// A SizeError is a transfer that the server called complete, but the sizes of
// source and target differ.
type SizeError struct {
	Path string // as text
	Want int64  // bytes
	Got  int64
}

// Error returns both sizes.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: %d bytes arrived of %d", e.Path, e.Got, e.Want)
}

// A KeptError is a download that failed and left a partial file, from which
// the rule Resume goes on.
type KeptError struct {
	Part  string // path of the partial file
	Bytes int64  // in it
	Size  int64  // of the whole file
	Err   error
}

// Error returns the reason and where the partial file is.
func (e *KeptError) Error() string {
	return fmt.Sprintf("%v (%d of %d bytes are kept in %s)", e.Err, e.Bytes, e.Size, e.Part)
}

// Unwrap returns the reason.
func (e *KeptError) Unwrap() error { return e.Err }

// A RemoteExistsError is an upload to a name that exists, where the rule is
// Fail.
type RemoteExistsError struct {
	Path string // raw
}

// Error returns the path.
func (e *RemoteExistsError) Error() string {
	return fmt.Sprintf("%q exists already on the server", e.Path)
}

// A LimitError is a tree that is larger than Options allow.
type LimitError struct {
	What  string // "levels" or "entries"
	Limit int
}

// Error returns the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("folder has more than %d %s", e.Limit, e.What)
}

// An IncompleteError is a tree of which some entries failed; the rest is done.
type IncompleteError struct {
	Failed []Failure // at least one
	Total  int       // files that were found
}

// Error returns the number and the first failure.
func (e *IncompleteError) Error() string {
	if len(e.Failed) == 1 {
		return e.Failed[0].Err.Error()
	}
	return fmt.Sprintf("%d failures, the first: %v", len(e.Failed), e.Failed[0].Err)
}

// Unwrap returns the failures.
func (e *IncompleteError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}
