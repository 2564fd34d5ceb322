package sites

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"portside/client/keep"
)

// A Book is the file of saved sites. Several programs, and goroutines, may use one
// file at once: each change is made to what the file says at that moment.
type Book struct {
	path   string
	format format

	mu      sync.Mutex // guards what follows
	doc     *document  // never nil; the last one that could be read, or its part that could
	data    []byte     // the file that doc was read from; nil: none
	info    fs.FileInfo
	problem error // why the file cannot be written; nil: it can
}

// DefaultPath returns the path of the user's file, UserConfigDir()/portside/sites.json.
func DefaultPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", "sites.json"), nil
}

// Open reads the file of sites. A missing one is an empty Book, and is made by the
// first change; with path "" the Book is in memory only. The Book can be used also
// with an error: it then holds the sites that could be read, and is not changed
// until the file is mended.
//
// Errors: *FileError (somebody edited the file, and it cannot be understood),
// *keep.NewerError, *keep.BusyError, and those of the file system.
func Open(path string) (*Book, error) { return openAs(path, current()) }

func openAs(path string, f format) (*Book, error) {
	b := &Book{path: path, format: f, doc: &document{}}
	if path != "" {
		b.read()
	}
	return b, b.problem
}

// Path returns the path of the file; "": in memory only.
func (b *Book) Path() string { return b.path }

// Problem returns why nothing can be changed, as Open does; nil where it can. It
// says what the last Content, or the last change, found.
func (b *Book) Problem() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.problem
}

// Content returns a copy of what the Book holds. The file is read again where
// somebody else has changed it; what cannot be read of it then, Problem tells.
func (b *Book) Content() Content {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed() {
		b.read()
	}
	return b.doc.content()
}

// Changed reports whether somebody else has changed the file since it was read. It
// looks at the folder only, and is cheap.
func (b *Book) Changed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed()
}

func (b *Book) changed() bool {
	if b.path == "" {
		return false
	}
	info, err := os.Stat(b.path)
	if err != nil {
		return b.info != nil || !errors.Is(err, fs.ErrNotExist)
	}
	return b.info == nil || !os.SameFile(b.info, info) || b.info.Size() != info.Size() || !b.info.ModTime().Equal(info.ModTime())
}

// read takes the file in.
func (b *Book) read() {
	text, err := keep.ReadText(b.path)
	if err != nil {
		b.info, b.data = nil, nil // to be tried again
		b.problem = b.named(err)
		return
	}
	b.info = text.Info
	if text.Info == nil {
		b.doc, b.data, b.problem = &document{}, nil, nil
		return
	}
	b.take(text.Data)
}

// take parses the file's content, if it is not what is known already.
func (b *Book) take(data []byte) {
	if b.data != nil && bytes.Equal(b.data, data) {
		return
	}
	doc, err := b.format.parse(b.path, data)
	if doc != nil {
		b.doc = doc
	}
	b.data, b.problem = data, err
}

// named turns an error of reading into one that says what to do, where that is known.
func (b *Book) named(err error) error {
	if _, large := errors.AsType[*keep.TooLargeError](err); large {
		return &FileError{Path: b.path, What: "the file is larger than 16 MiB, more than any list of sites needs; put back a copy of it, or delete it to begin anew"}
	}
	return err
}

// change makes a change to what the file says at this moment. do is given a copy
// that it may change; where it returns an error nothing is written.
func (b *Book) change(do func(*document) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.path == "" {
		next, err := b.doc.changed(do)
		if err == nil {
			b.doc = next
		}
		return err
	}
	err := b.rewrite(do)
	if _, busy := errors.AsType[*keep.BusyError](err); busy {
		err = b.rewrite(do) // many programs at once take turns as it comes
	}
	return err
}

func (b *Book) rewrite(do func(*document) error) error {
	var next *document
	asked := false
	text, err := keep.RewriteText(b.path, func(old []byte) ([]byte, error) {
		asked = true
		if old == nil {
			b.doc, b.data, b.problem = &document{}, nil, nil
		} else {
			b.take(old)
		}
		if b.problem != nil {
			return nil, b.problem
		}
		var err error
		if next, err = b.doc.changed(do); err != nil {
			return nil, err
		}
		data, err := next.encode()
		if err == nil && bytes.Equal(data, old) {
			err = keep.ErrUnchanged
		}
		return data, err
	})
	if asked {
		b.info = text.Info
	}
	if err != nil {
		return b.named(err)
	}
	if len(next.notes) > 0 {
		b.take(text.Data) // the lines are others now
		return nil
	}
	b.doc, b.data = next, text.Data
	return nil
}

// content returns a copy of the document for users.
func (d *document) content() Content {
	c := Content{
		Folders: make([][]string, 0, len(d.folders)),
		Sites:   make([]Site, 0, len(d.entries)),
		Notes:   append([]string(nil), d.notes...),
	}
	for _, f := range d.folders {
		c.Folders = append(c.Folders, append([]string(nil), f...))
	}
	for _, e := range d.entries {
		c.Sites = append(c.Sites, e.clone())
	}
	return c
}

// changed returns a copy of d with a change made to it.
func (d *document) changed(do func(*document) error) (*document, error) {
	next := &document{
		folders: append([][]string(nil), d.folders...),
		entries: append([]entry(nil), d.entries...),
		extra:   d.extra, notes: d.notes,
	}
	if err := do(next); err != nil {
		return nil, err
	}
	next.arrange()
	return next, nil
}
