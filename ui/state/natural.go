package state

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold makes s comparable for people: lower case, letters without their marks.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return foldUnicode(s)
		}
	}
	return strings.ToLower(s)
}

func foldUnicode(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// appendNaturalKey appends to dst bytes that order as people expect the text to:
// without case and marks, and runs of digits by their value, so that "file 9"
// comes before "file 10". A run becomes '0', the number of its digits without
// leading zeros, and those digits.
func appendNaturalKey(dst []byte, text string) []byte {
	s := text
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			s = foldUnicode(s)
			break
		}
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c+'a'-'A')
			i++
			continue
		case c < '0' || c > '9':
			dst = append(dst, c)
			i++
			continue
		}
		end := i
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		digits := strings.TrimLeft(s[i:end], "0")
		dst = append(dst, '0', byte(min(len(digits), 255)))
		dst = append(dst, digits...)
		i = end
	}
	return dst
}

// keyMost bounds a key, so that all keys of the longest listing that is read fit
// into 32 bits; names that are alike so far are compared as text.
const keyMost = 1024

// naturalOrder returns the indexes of rows in natural order of their text; rows
// that read alike are ordered by their bytes.
func naturalOrder(rows []Row) []int32 {
	type entry struct {
		prefix   uint64 // eight bytes of the key, from where the keys differ: they decide nearly always
		from, to uint32 // the key is arena[from:to]
		row      int32
	}
	arena := make([]byte, 0, 24*len(rows))
	entries := make([]entry, len(rows))
	for i := range rows {
		from := len(arena)
		arena = appendNaturalKey(arena, rows[i].Text)
		arena = arena[:min(len(arena), from+keyMost)]
		entries[i] = entry{from: uint32(from), to: uint32(len(arena)), row: int32(i)}
	}
	key := func(e *entry) []byte { return arena[e.from:e.to] }
	alike := 0
	if len(entries) > 0 {
		alike = len(key(&entries[0]))
		for i := range entries {
			alike = commonPrefix(key(&entries[0])[:alike], key(&entries[i]))
		}
	}
	for i := range entries {
		var head [8]byte
		copy(head[:], key(&entries[i])[alike:])
		entries[i].prefix = binary.BigEndian.Uint64(head[:])
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		if c := bytes.Compare(key(&a), key(&b)); c != 0 {
			return c
		}
		ra, rb := &rows[a.row], &rows[b.row]
		return cmp.Or(strings.Compare(ra.Text, rb.Text), strings.Compare(ra.Name, rb.Name), cmp.Compare(a.row, b.row))
	})
	order := make([]int32, len(rows))
	for i := range entries {
		order[i] = entries[i].row
	}
	return order
}

// commonPrefix returns how many bytes a and b begin with alike.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
