package cli

import (
	"strconv"
	"time"
	"unicode/utf8"

	"portside/client"
	"portside/client/listing"
)

// A lister writes entries as aligned lines of text.
type lister struct {
	decode func(string) string
	zone   *time.Location // for times that are exact; others stand as the server said them

	owner, group, size int // widths
	columns            struct{ mode, owner, group, size, time bool }
}

// measure finds which columns entries fill, and how wide they are.
func (l *lister) measure(entries []listing.Entry) {
	var largest int64
	for i := range entries {
		e := &entries[i]
		l.owner = max(l.owner, l.width(e.Owner))
		l.group = max(l.group, l.width(e.Group))
		if e.Size != listing.UnknownSize {
			l.columns.size = true
			largest = max(largest, e.Size)
		}
		l.columns.mode = l.columns.mode || e.Mode != listing.ModeUnknown
		l.columns.time = l.columns.time || !e.ModTime.IsZero()
	}
	l.columns.owner, l.columns.group = l.owner > 0, l.group > 0
	l.size = len(strconv.FormatInt(largest, 10))
}

// width is the number of characters that raw takes when shown.
func (l *lister) width(raw string) int {
	if plainASCII(raw) {
		return len(raw)
	}
	return utf8.RuneCountInString(client.Printable(l.decode(raw)))
}

// appendLong appends the line of e: type and mode, owner, group, size, time, name.
func (l *lister) appendLong(dst []byte, e *listing.Entry) []byte {
	dst = append(dst, typeLetter(e.Type))
	if l.columns.mode {
		dst = appendPermissions(dst, e.Mode)
	}
	if l.columns.owner {
		dst = l.appendColumn(dst, e.Owner, l.owner)
	}
	if l.columns.group {
		dst = l.appendColumn(dst, e.Group, l.group)
	}
	if l.columns.size {
		dst = append(dst, ' ', ' ')
		dst = appendSize(dst, e.Size, l.size)
	}
	if l.columns.time {
		dst = append(dst, ' ', ' ')
		dst = l.appendTime(dst, e)
	}
	dst = append(dst, ' ', ' ')
	dst = l.appendName(dst, e.Name)
	if e.Type == listing.Link && e.Target != "" {
		dst = append(dst, " -> "...)
		dst = l.appendName(dst, e.Target)
	}
	return append(dst, '\n')
}

// appendName appends raw as shown: decoded, and nothing in it that a terminal
// would obey.
func (l *lister) appendName(dst []byte, raw string) []byte {
	if plainASCII(raw) {
		return append(dst, raw...)
	}
	return append(dst, client.Printable(l.decode(raw))...)
}

func (l *lister) appendColumn(dst []byte, raw string, width int) []byte {
	dst = append(dst, ' ')
	dst = l.appendName(dst, raw)
	for n := l.width(raw); n < width; n++ {
		dst = append(dst, ' ')
	}
	return dst
}

func typeLetter(t listing.Type) byte {
	switch t {
	case listing.File:
		return '-'
	case listing.Dir:
		return 'd'
	case listing.Link:
		return 'l'
	default:
		return '?'
	}
}

// appendPermissions appends "rwxr-xr-x", as ls writes it, or blanks.
func appendPermissions(dst []byte, mode uint32) []byte {
	if mode == listing.ModeUnknown {
		return append(dst, "         "...)
	}
	const letters = "rwxrwxrwx"
	start := len(dst)
	for i := range 9 {
		c := byte('-')
		if mode&(1<<(8-i)) != 0 {
			c = letters[i]
		}
		dst = append(dst, c)
	}
	special := func(at int, bit uint32, with, without byte) {
		if mode&bit == 0 {
			return
		}
		if dst[start+at] == 'x' {
			dst[start+at] = with
		} else {
			dst[start+at] = without
		}
	}
	special(2, 0o4000, 's', 'S')
	special(5, 0o2000, 's', 'S')
	special(8, 0o1000, 't', 'T')
	return dst
}

// appendSize appends size, right-aligned; blanks where it is unknown.
func appendSize(dst []byte, size int64, width int) []byte {
	start := len(dst)
	for range width {
		dst = append(dst, ' ')
	}
	if size == listing.UnknownSize {
		return dst
	}
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], size, 10)
	if len(text) > width {
		return append(dst[:start], text...)
	}
	copy(dst[len(dst)-len(text):], text)
	return dst
}

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// appendTime appends "2006-01-02 15:04", or blanks.
func (l *lister) appendTime(dst []byte, e *listing.Entry) []byte {
	if e.ModTime.IsZero() {
		return append(dst, "                "...)
	}
	t := e.ModTime
	if e.Precise {
		t = t.In(l.zone)
	}
	return t.AppendFormat(dst, "2006-01-02 15:04")
}
