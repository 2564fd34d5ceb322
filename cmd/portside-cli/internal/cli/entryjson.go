package cli

import (
	"bufio"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"portside/client/listing"
)

// writeListing writes a listing as JSON, without the closing brace:
//
//	{"entries":[…],"unread":[…]
//
// It is written by hand, entry by entry, because a folder may hold a million.
func writeListing(w *bufio.Writer, entries []listing.Entry, unread []string, decode func(string) string) error {
	buf := append(make([]byte, 0, 4096), `{"entries":[`...)
	for i := range entries {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendEntry(buf, &entries[i], decode)
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	buf = append(buf, `],"unread":[`...)
	for i, line := range unread {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendString(buf, shownText(line, decode))
	}
	_, err := w.Write(append(buf, ']'))
	return err
}

// appendEntry appends e as a JSON object. What the server did not say is left out.
func appendEntry(dst []byte, e *listing.Entry, decode func(string) string) []byte {
	dst = append(dst, '{')
	dst = appendRaw(dst, "name", e.Name, decode)
	dst = append(dst, `,"type":"`...)
	dst = append(dst, e.Type.String()...)
	dst = append(dst, '"')
	if e.Size != listing.UnknownSize {
		dst = append(dst, `,"size":`...)
		dst = appendInt(dst, e.Size)
	}
	if e.Target != "" {
		dst = append(dst, ',')
		dst = appendRaw(dst, "target", e.Target, decode)
	}
	if e.Mode != listing.ModeUnknown {
		dst = append(dst, `,"mode":"`...)
		dst = appendMode(dst, e.Mode)
		dst = append(dst, '"')
	}
	if e.Owner != "" {
		dst = append(dst, `,"owner":`...)
		dst = appendString(dst, shownText(e.Owner, decode))
	}
	if e.Group != "" {
		dst = append(dst, `,"group":`...)
		dst = appendString(dst, shownText(e.Group, decode))
	}
	if !e.ModTime.IsZero() {
		dst = append(dst, `,"mtime":"`...)
		dst = e.ModTime.UTC().AppendFormat(dst, time.RFC3339Nano)
		dst = append(dst, '"')
	}
	if e.Raw != "" {
		dst = append(dst, ',')
		dst = appendRaw(dst, "raw", e.Raw, decode)
	}
	return append(dst, '}')
}

// appendRaw appends a field with the shown text of raw, and a field with _b64
// behind its name where the text does not hold the bytes of raw.
func appendRaw(dst []byte, field, raw string, decode func(string) string) []byte {
	text := shownText(raw, decode)
	dst = append(dst, '"')
	dst = append(dst, field...)
	dst = append(dst, `":`...)
	dst = appendString(dst, text)
	if text == raw {
		return dst
	}
	dst = append(dst, `,"`...)
	dst = append(dst, field...)
	dst = append(dst, `_b64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, []byte(raw))
	return append(dst, '"')
}

// shownText decodes raw; plain ASCII, nearly everything, is left as it is.
func shownText(raw string, decode func(string) string) string {
	if plainASCII(raw) {
		return raw
	}
	return decode(raw)
}

// plainASCII reports whether s is printable ASCII and nothing else.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// appendMode appends permission bits in octal, four digits.
func appendMode(dst []byte, mode uint32) []byte {
	return append(dst, '0'+byte(mode>>9&7), '0'+byte(mode>>6&7), '0'+byte(mode>>3&7), '0'+byte(mode&7))
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string (RFC 8259, 7). Invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, `\ufffd`...)
				start = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscape appends an ASCII character that a JSON string cannot hold as it is.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
