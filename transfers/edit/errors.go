package edit

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"

	"portside/client"
	"portside/transfers"
)

// A SizeError is a file that is larger than a Request allows.
type SizeError struct {
	Text string // its name for people
	Size int64  // bytes; -1: more than was allowed, nobody knows how much
}

// Error says how large.
func (e *SizeError) Error() string {
	if e.Size < 0 {
		return fmt.Sprintf("%q is larger than what is fetched without a question", e.Text)
	}
	return fmt.Sprintf("%q has %d bytes", e.Text, e.Size)
}

// A KindError is something on the server that is no file.
type KindError struct {
	Text string // its name for people
	Dir  bool   // a folder; else a link that leads nowhere
}

// Error says what it is.
func (e *KindError) Error() string {
	if e.Dir {
		return fmt.Sprintf("%q is a folder: only files can be edited", e.Text)
	}
	return fmt.Sprintf("%q is a link that leads to no file", e.Text)
}

// A DialError says that there is no session to do something with.
type DialError struct{ Err error }

// Error returns what the dial said.
func (e *DialError) Error() string { return e.Err.Error() }

// Unwrap returns it.
func (e *DialError) Unwrap() error { return e.Err }

// A GoneError is a copy that is not in its folder any more.
type GoneError struct{ Path string }

// Error names it.
func (e *GoneError) Error() string { return client.Printable(e.Path) + " is not there any more" }

// A KeptError is a folder of an earlier run with something in it that is no copy of a
// file of a server, as far as is known: it is left there for somebody to look at.
type KeptError struct{ Dir string }

// Error names it.
func (e *KeptError) Error() string {
	return "what was saved in the folder of an edited file was kept, and does not belong to a server any more: " + client.Printable(e.Dir)
}

// Explain says for people what went wrong and what to do next.
func Explain(err error) client.Advice {
	if se, ok := errors.AsType[*SizeError](err); ok {
		a := client.Advice{Sentence: fmt.Sprintf("“%s” is larger than what is fetched without a question.", se.Text)}
		if se.Size >= 0 {
			a.Sentence = fmt.Sprintf("“%s” has %s.", se.Text, humanize.IBytes(uint64(se.Size)))
		}
		return a
	}
	if ke, ok := errors.AsType[*KindError](err); ok {
		if ke.Dir {
			return client.Advice{Sentence: fmt.Sprintf("“%s” is a folder: only files can be edited.", ke.Text)}
		}
		return client.Advice{Sentence: fmt.Sprintf("“%s” is a link that leads to no file.", ke.Text)}
	}
	if ge, ok := errors.AsType[*GoneError](err); ok {
		return client.Advice{
			Sentence: fmt.Sprintf("The copy %s is not there any more.", client.Printable(ge.Path)),
			Next:     "Save it again in the editor.",
		}
	}
	return transfers.Explain(err)
}
