package state

import (
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
	s := fold(text)
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			dst = append(dst, s[i])
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

// naturalOrder returns the indexes of rows in natural order of their text; rows
// that read alike are ordered by their bytes.
func naturalOrder(rows []Row) []int32 {
	type entry struct {
		prefix uint64 // the first eight bytes of key, which decide nearly always
		key    []byte
		row    int32
	}
	arena := make([]byte, 0, 24*len(rows))
	entries := make([]entry, len(rows))
	for i := range rows {
		start := len(arena)
		arena = appendNaturalKey(arena, rows[i].Text)
		key := arena[start:len(arena):len(arena)]
		var head [8]byte
		copy(head[:], key)
		entries[i] = entry{prefix: binary.BigEndian.Uint64(head[:]), key: key, row: int32(i)}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		if c := slices.Compare(a.key, b.key); c != 0 {
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
