package state

import (
	"strings"
	"unicode"
)

// Ellipsis marks where text was cut.
const Ellipsis = "…"

// CutMiddle shortens text until width says that it is at most limit wide, by
// taking out of its middle; more is kept of the beginning, and the end with the
// extension stays. Marks are not parted from their letters.
func CutMiddle(text string, limit float32, width func(string) float32) string {
	if width(text) <= limit {
		return text
	}
	units := clusters(text)
	cut := func(keep int) string {
		tail := keep * 2 / 5
		head := keep - tail
		return strings.TrimRight(strings.Join(units[:head], ""), " ") + Ellipsis +
			strings.TrimLeft(strings.Join(units[len(units)-tail:], ""), " ")
	}
	low, high := 0, len(units)-1
	for low < high {
		middle := (low + high + 1) / 2
		if width(cut(middle)) <= limit {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return cut(low)
}

// CutEnd shortens text until width says that it is at most limit wide, by taking
// away its end, as suits sentences.
func CutEnd(text string, limit float32, width func(string) float32) string {
	if width(text) <= limit {
		return text
	}
	units := clusters(text)
	cut := func(keep int) string { return strings.TrimRight(strings.Join(units[:keep], ""), " ,;:") + Ellipsis }
	low, high := 0, len(units)-1
	for low < high {
		middle := (low + high + 1) / 2
		if width(cut(middle)) <= limit {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return cut(low)
}

// clusters splits text into letters with the marks, joiners and selectors that
// belong to them.
func clusters(text string) []string {
	var out []string
	start, joined := 0, false
	for i, r := range text {
		const joiner = '\u200d'
		extends := r == joiner || joined || unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r >= 0x1F3FB && r <= 0x1F3FF
		joined = r == joiner
		if i > start && !extends {
			out = append(out, text[start:i])
			start = i
		}
	}
	return append(out, text[start:])
}

// Stem returns how many runes of name come before its extension: what renaming
// selects. A folder has no extension, nor has ".profile"; "a.tar.gz" has two.
func Stem(name string, dir bool) int {
	runes := []rune(name)
	if dir {
		return len(runes)
	}
	dot := strings.LastIndex(name, ".")
	if dot <= 0 {
		return len(runes)
	}
	stem := name[:dot]
	switch strings.ToLower(name[dot:]) {
	case ".gz", ".bz2", ".xz", ".zst", ".lz", ".z", ".br":
		if len(stem) > 4 && strings.EqualFold(stem[len(stem)-4:], ".tar") {
			stem = stem[:len(stem)-4]
		}
	}
	return len([]rune(stem))
}
