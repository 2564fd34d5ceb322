package listing

import (
	"math"
	"strings"
)

// A sizeClass says how much a word looks like a size.
type sizeClass uint8

const (
	sizeNone   sizeClass = iota // a word
	sizeWeak                    // where a size should be, but it tells none: "-528", "?"
	sizeGlued                   // a word with a number at its end: "editors1234567"
	sizeStrong                  // a number: "512", "1,234", "33.5k"
)

// parseSize reads a size of ls. What cannot be held in an int64 is UnknownSize,
// never wrapped or clamped. Of a glued word, it reads the number at the end.
func parseSize(s string) (int64, sizeClass) {
	if s == "" {
		return UnknownSize, sizeNone
	}
	i := digitsEnd(s, 0)
	switch {
	case i == len(s):
		return decimal(s), sizeStrong
	case i > 0:
		return scaledSize(s, i)
	case s[0] == '-' || s[0] == '?' || s[0] == '+' || s[0] == '*':
		return UnknownSize, sizeWeak
	}
	j := len(s)
	for j > 0 && isDigit(s[j-1]) {
		j--
	}
	if j < len(s) {
		return decimal(s[j:]), sizeGlued
	}
	return UnknownSize, sizeNone
}

// scaledSize reads a size with thousands separators or a unit; its first i bytes
// are digits.
func scaledSize(s string, i int) (int64, sizeClass) {
	if n, ok := groupedSize(s); ok {
		return n, sizeStrong
	}
	whole, rest := s[:i], s[i:]
	frac := ""
	if rest[0] == '.' || rest[0] == ',' {
		j := digitsEnd(rest, 1)
		frac, rest = rest[1:j], rest[j:]
	}
	if rest == "" {
		return UnknownSize, sizeWeak
	}
	unit := strings.IndexByte("BKMGTPE", rest[0]&^0x20)
	switch rest[1:] {
	case "", "B", "b", "iB", "ib":
	default:
		unit = -1
	}
	if unit < 0 || len(frac) > 3 {
		return UnknownSize, sizeWeak
	}
	n := decimal(whole)
	scale := int64(1) << (10 * unit)
	if n < 0 || n > math.MaxInt64/scale {
		return UnknownSize, sizeStrong
	}
	n *= scale
	if frac != "" {
		tens := int64(1)
		for range frac {
			tens *= 10
		}
		f := decimal(frac)
		part := f*(scale/tens) + f*(scale%tens)/tens
		if part > math.MaxInt64-n {
			return UnknownSize, sizeStrong
		}
		n += part
	}
	return n, sizeStrong
}

// groupedSize reads a size whose digits stand in groups of three: "9,730",
// "9.730", with an apostrophe, or with a no-break space.
func groupedSize(s string) (int64, bool) {
	n, groups := int64(0), 0
	for s != "" {
		i := digitsEnd(s, 0)
		if i == 0 || i > 3 || groups > 0 && i != 3 {
			return 0, false
		}
		v := decimal(s[:i])
		if n > (math.MaxInt64-v)/1000 {
			n = UnknownSize
		}
		if n >= 0 {
			n = n*1000 + v
		}
		groups++
		if s = s[i:]; s == "" {
			break
		}
		sep := 1
		switch {
		case s[0] == ',' || s[0] == '.' || s[0] == '\'' || s[0] == 0xA0 || s[0] == 0xFF:
		case strings.HasPrefix(s, "\u00a0") || strings.HasPrefix(s, "’"):
			sep = len("\u00a0")
			if s[0] == 0xE2 {
				sep = len("’")
			}
		case strings.HasPrefix(s, "\u202f"):
			sep = len("\u202f")
		default:
			return 0, false
		}
		if s = s[sep:]; s == "" {
			return 0, false
		}
	}
	return n, groups > 1
}

// decimal reads digits; UnknownSize if they are too many. Leading zeros do not
// make it octal.
func decimal(s string) int64 {
	var n int64
	for i := range len(s) {
		d := int64(s[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			return UnknownSize
		}
		n = n*10 + d
	}
	return n
}

// digitsEnd returns the index of the first byte of s from i on that is no digit.
func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// isDigit reports whether c is an ASCII digit.
func isDigit(c byte) bool { return c-'0' <= 9 }

// isNumber reports whether s is all digits.
func isNumber(s string) bool {
	return s != "" && digitsEnd(s, 0) == len(s)
}
