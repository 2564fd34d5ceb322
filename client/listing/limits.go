package listing

import "fmt"

// The limits that hold where Limits leaves a field zero.
const (
	DefaultLineBytes = 64 << 10
	DefaultEntries   = 2_000_000
	DefaultBytes     = 1 << 30
)

// Limits bounds what a server may send as one listing. A zero field means its
// default.
type Limits struct {
	LineBytes int   // longest line, without its line end; DefaultLineBytes
	Entries   int   // most entries and unread lines together; DefaultEntries
	Bytes     int64 // longest listing; DefaultBytes
}

// withDefaults returns l with its zero fields filled in.
func (l Limits) withDefaults() Limits {
	if l.LineBytes <= 0 {
		l.LineBytes = DefaultLineBytes
	}
	if l.Entries <= 0 {
		l.Entries = DefaultEntries
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultBytes
	}
	return l
}

// A LimitError says that a listing exceeds one of the Limits. Nothing of such a
// listing is returned, since a part of it would look like the whole.
type LimitError struct {
	What string // "line bytes", "entries" or "bytes"
	Max  int64
}

// Error names the limit and its value.
func (e *LimitError) Error() string {
	return fmt.Sprintf("listing exceeds the limit of %d %s", e.Max, e.What)
}
