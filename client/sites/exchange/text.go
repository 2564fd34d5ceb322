package exchange

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const bomUTF8 = "\xef\xbb\xbf"

// text returns the file's content as UTF-8 text without a byte-order mark. It reads
// UTF-8, and UTF-16 with its mark (or where its first character can be no other).
func (s *source) text() (string, error) {
	d := s.data
	s.data = nil // large, and not needed besides the text
	switch {
	case bytes.HasPrefix(d, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(d, []byte("\x00\x00\xfe\xff")):
		return "", s.fail(0, "is written in UTF-32; only UTF-8 and UTF-16 are read")
	case bytes.HasPrefix(d, []byte("\xff\xfe")):
		return s.fromUTF16(d[2:], binary.LittleEndian)
	case bytes.HasPrefix(d, []byte("\xfe\xff")):
		return s.fromUTF16(d[2:], binary.BigEndian)
	case len(d) > 3 && d[0] != 0 && d[1] == 0 && d[2] != 0 && d[3] == 0:
		return s.fromUTF16(d, binary.LittleEndian)
	case len(d) > 3 && d[0] == 0 && d[1] != 0 && d[2] == 0 && d[3] != 0:
		return s.fromUTF16(d, binary.BigEndian)
	}
	d = bytes.TrimPrefix(d, []byte(bomUTF8))
	if i := bytes.IndexByte(d, 0); i >= 0 {
		return "", s.fail(lineAt(d, i), "holds a NUL byte, which no text does")
	}
	if !utf8.Valid(d) {
		return "", s.fail(lineAt(d, badUTF8(d)), "is not written in UTF-8")
	}
	return string(d), nil
}

func (s *source) fromUTF16(d []byte, order binary.ByteOrder) (string, error) {
	if len(d)%2 != 0 {
		return "", s.fail(0, "is cut off: UTF-16 text has an even number of bytes")
	}
	var b strings.Builder
	b.Grow(len(d)/2 + len(d)/8)
	line := 1
	for i := 0; i < len(d); i += 2 {
		r := rune(order.Uint16(d[i:]))
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if i+3 < len(d) {
				second = rune(order.Uint16(d[i+2:]))
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				return "", s.fail(line, "is not written in UTF-16 properly: half a character")
			}
			i += 2
		}
		switch r {
		case 0:
			return "", s.fail(line, "holds a NUL byte, which no text does")
		case '\n':
			line++
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// badUTF8 is where the first byte stands that is not part of UTF-8 text.
func badUTF8(d []byte) int {
	for i := 0; i < len(d); {
		r, size := utf8.DecodeRune(d[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(d)
}

func lineAt(d []byte, i int) int { return bytes.Count(d[:i], []byte("\n")) + 1 }

// maxLine bounds a line of the formats that are read line by line.
const maxLine = 64 << 10

// lines calls f with each line of text without its end, from 1, until an error.
func (s *source) lines(text string, f func(n int, line string) error) error {
	n := 0
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		n++
		line = strings.TrimSuffix(line, "\r")
		if len(line) > maxLine {
			return s.fail(n, "is longer than %d KiB", maxLine>>10)
		}
		if n%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err := f(n, line); err != nil {
			return err
		}
	}
	return nil
}
