package sites

import (
	"errors"
	"fmt"
	"strings"

	"portside/client"
)

// ErrGone says that what should be changed is not there any more.
var ErrGone = errors.New("it is not there any more; somebody has removed it")

// ErrExists says that the name, or the ID, is taken.
var ErrExists = errors.New("there is one of that name already")

// ErrInside says that a folder should be moved into itself.
var ErrInside = errors.New("a folder cannot be moved into itself or into a folder of its own")

// A FieldError is a field of a site that cannot stay as it is.
type FieldError struct {
	Field string // its name in the file, such as "port" or "proxy.address"
	What  string // what is wrong and what to do, a sentence without its full stop
}

func (e FieldError) Error() string { return e.Field + ": " + e.What }

// A CheckError is a site that was not saved or used, since Check found problems.
type CheckError struct {
	Site     string // its Path
	Problems []FieldError
}

func (e *CheckError) Error() string {
	parts := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		parts = append(parts, p.Error())
	}
	return fmt.Sprintf("the site %q cannot be used as it is: %s", client.Printable(e.Site), strings.Join(parts, "; "))
}

// A FileError is a place of the file of sites that cannot be understood, mostly
// after somebody edited it. The file is left alone, and nothing is written until it
// is mended.
type FileError struct {
	Path  string
	Line  int    // from 1; 0: not of one line
	Site  string // its Path, as far as it is known
	Field string // its name in the file; "": not of one field
	What  string // what is wrong and what to do, without full stop; never a value that may be secret
	More  []*FileError
}

// Error names file, line, site and field.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	b.WriteString(": ")
	if e.Site != "" {
		fmt.Fprintf(&b, "site %q: ", client.Printable(e.Site))
	}
	if e.Field != "" {
		fmt.Fprintf(&b, "%q: ", client.Printable(e.Field))
	}
	b.WriteString(e.What)
	switch n := len(e.More); {
	case n == 1:
		b.WriteString("; and one more place is wrong")
	case n > 1:
		fmt.Fprintf(&b, "; and %d more places are wrong", n)
	}
	return b.String()
}
