package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"portside/client"
	"portside/client/sites"
)

// Bounds of what is read. A file beyond one of them is an error.
const (
	MaxSize    = 10 << 20 // bytes of a file, or of all bookmarks of a folder together
	MaxEntries = 50_000   // entries of a file; more would not fit into the book
	MaxDepth   = 64       // folders within folders, elements within elements
)

// ReadOptions say how to read a file.
type ReadOptions struct {
	Format   string       // ID of its format; empty: found out by name and content
	Existing []sites.Site // what is in the book, to find duplicates
}

// An Error says why a file cannot be imported, in words for people.
type Error struct {
	Path string
	Line int // 0: not of one line
	What string
	Err  error // of the file system; nil otherwise
}

// Error names the file, the line and the reason.
func (e *Error) Error() string {
	where := client.Printable(filepath.Base(e.Path))
	if e.Line > 0 {
		where += fmt.Sprintf(": line %d", e.Line)
	}
	return where + ": " + e.What
}

// Unwrap returns the error of the file system.
func (e *Error) Unwrap() error { return e.Err }

// source is a file being read.
type source struct {
	ctx  context.Context //nolint:containedctx // lives as long as one call of Read
	path string
	data []byte
	mode fs.FileMode
	imp  *Import
}

// fail makes the error that ends the reading of the file.
func (s *source) fail(line int, format string, args ...any) error {
	return &Error{Path: s.path, Line: line, What: fmt.Sprintf(format, args...)}
}

// note adds a remark on the whole file, once.
func (s *source) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	for _, have := range s.imp.Notes {
		if have == n {
			return
		}
	}
	s.imp.Notes = append(s.imp.Notes, n)
}

// add appends a row; an error says that there are too many, or that ctx has ended.
func (s *source) add(r Row) error {
	if len(s.imp.Rows) >= MaxEntries {
		return s.fail(0, "holds more than %d entries", MaxEntries)
	}
	if len(s.imp.Rows)%256 == 0 && s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	s.imp.Rows = append(s.imp.Rows, r)
	return nil
}

// Read reads the sites in the file at path, and takes none of them yet. A folder
// with Cyberduck bookmarks counts as one file. Errors are of type *Error, or ctx's.
func Read(ctx context.Context, path string, opt ReadOptions) (*Import, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	s := &source{ctx: ctx, path: path, imp: &Import{Path: path}}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, s.unreadable(err)
	case info.IsDir():
		return s.readFolder(opt)
	}
	if err = s.load(); err != nil {
		return nil, err
	}
	return s.read(opt)
}

// read makes the rows of the content that has been loaded.
func (s *source) read(opt ReadOptions) (*Import, error) {
	c, ok := detect(s.path, s.data)
	if opt.Format != "" {
		if c, ok = codecByID(opt.Format); !ok {
			return nil, s.fail(0, "%q is no format that can be read; choose one of %s", client.Printable(opt.Format), formatIDs())
		}
	}
	switch {
	case len(s.data) == 0:
		return nil, s.fail(0, "is empty")
	case !ok:
		return nil, s.fail(0, "is of no format that is known here; what can be read are site lists of %s", formatNames())
	}
	s.imp.Format = c.Format
	if err := c.read(s); err != nil {
		return nil, err
	}
	s.data = nil
	if len(s.imp.Rows) == 0 {
		s.note("There are no sites in this file.")
	}
	return s.imp, s.judge(opt.Existing)
}

// load reads the file, whole and up to MaxSize.
func (s *source) load() error {
	info, err := os.Stat(s.path)
	if err != nil {
		return s.unreadable(err)
	}
	if err = s.regular(info); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_RDONLY|openFlags, 0) // does not wait, should it be a pipe by now
	if err != nil {
		return s.unreadable(err)
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return s.unreadable(err)
	}
	if err = s.regular(info); err != nil {
		return err
	}
	s.mode = info.Mode()
	s.data, err = io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return s.unreadable(err)
	}
	if len(s.data) > MaxSize {
		return s.tooLarge()
	}
	return nil
}

func (s *source) regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return s.fail(0, "is a folder, not a file")
	case !info.Mode().IsRegular():
		return s.fail(0, "is no ordinary file but a device, a pipe or a socket")
	case info.Size() > MaxSize:
		return s.tooLarge()
	}
	return nil
}

func (s *source) tooLarge() error {
	return s.fail(0, "is larger than %d MiB, which no list of sites is", MaxSize>>20)
}

// unreadable puts an error of the file system in words.
func (s *source) unreadable(err error) error {
	what := "cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		what = "is not there"
	case errors.Is(err, fs.ErrPermission):
		what = "may not be read by you"
	case errors.Is(err, syscall.ELOOP):
		what = "is a link that leads to itself"
	default:
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			what += ": " + pe.Err.Error()
		}
	}
	return &Error{Path: s.path, What: what, Err: err}
}

func formatNames() string {
	var out []string
	for _, f := range Formats() {
		out = append(out, f.Name)
	}
	return strings.Join(out, ", ")
}

func formatIDs() string {
	var out []string
	for _, f := range Formats() {
		out = append(out, f.ID)
	}
	return strings.Join(out, ", ")
}
