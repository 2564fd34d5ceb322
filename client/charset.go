package client

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// A charset turns names into text and back. The zero value is UTF-8.
type charset struct {
	name string
	enc  encoding.Encoding // nil: UTF-8
}

// newCharset finds a character set by its WHATWG label.
func newCharset(label string) (charset, error) {
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "", "utf-8", "utf8":
		return charset{name: "UTF-8"}, nil
	case "latin1", "iso-8859-1": // WHATWG means windows-1252 by these, which cannot hold 0x80 to 0x9f
		return charset{name: "ISO-8859-1", enc: charmap.ISO8859_1}, nil
	case "cp437", "ibm437":
		return charset{name: "IBM437", enc: charmap.CodePage437}, nil
	case "cp850", "ibm850":
		return charset{name: "IBM850", enc: charmap.CodePage850}, nil
	}
	enc, err := htmlindex.Get(strings.TrimSpace(label))
	if err != nil {
		return charset{}, fmt.Errorf("the character set %q is not known; try utf-8, latin1, windows-1252, koi8-r, shift_jis, gbk or big5", label)
	}
	name, err := htmlindex.Name(enc)
	if err != nil {
		name = label
	}
	return charset{name: name, enc: enc}, nil
}

// text decodes raw. Bytes that mean nothing in the character set are shown as
// windows-1252, so that every name shows something and two names rarely the same.
func (c charset) text(raw string) string {
	if c.enc == nil {
		if utf8.ValidString(raw) {
			return raw
		}
		return latin(raw)
	}
	s, err := c.enc.NewDecoder().String(raw)
	if err != nil || strings.ContainsRune(s, utf8.RuneError) {
		return latin(raw)
	}
	return s
}

func latin(raw string) string {
	s, err := charmap.Windows1252.NewDecoder().String(raw)
	if err != nil || strings.ContainsRune(s, utf8.RuneError) {
		s, err = charmap.ISO8859_1.NewDecoder().String(raw)
	}
	if err != nil {
		return strings.ToValidUTF8(raw, "\ufffd")
	}
	return s
}

// encode is the way back, for what a person typed.
func (c charset) encode(text string) (string, error) {
	if c.enc == nil {
		return text, nil
	}
	raw, err := c.enc.NewEncoder().String(text)
	if err != nil {
		return "", fmt.Errorf("%w: %q cannot be written in %s", ErrBadName, text, c.name)
	}
	return raw, nil
}

// DecodeText decodes raw bytes in the named character set as a Session does; it
// fails only where the character set is not known.
func DecodeText(charsetLabel, raw string) (string, error) {
	c, err := newCharset(charsetLabel)
	if err != nil {
		return "", err
	}
	return c.text(raw), nil
}

// Counted is a number with its noun: "1 line", "2 lines".
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Printable makes text that a server sent harmless to show: control, format
// (bidirectional overrides among them) and other invisible characters are
// written as \x1b or \u202e, and bytes that are no UTF-8 as \xff.
func Printable(s string) string {
	clean := true
	for _, r := range s {
		if r == utf8.RuneError || !showable(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case showable(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// showable reports whether r shows and disturbs nothing. The joiners that make
// emoji and several scripts are let through.
func showable(r rune) bool {
	switch r {
	case ' ', '\u00a0', '\u3000', '\u200d', '\u200c', '\ufe0f':
		return true
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Zl, r) && !unicode.Is(unicode.Zp, r)
}

// CleanName returns nil if a name that a server sent is one pathname component
// that can be used: not empty, not "." or "..", without a slash or a NUL.
// Anything else is ErrBadName. What the local system makes of it is not judged.
func CleanName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%w: %q is no name of a file", ErrBadName, name)
	case strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("%w: %q holds a slash or a NUL", ErrBadName, name)
	}
	return nil
}
