package state

import (
	"testing"
	"unicode/utf8"
)

// columns is a width for tests: every rune is one wide.
func columns(s string) float32 { return float32(utf8.RuneCountInString(s)) }

func TestCutMiddle(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit float32
		want  string
	}{
		{"short.txt", 20, "short.txt"},
		{"short.txt", 9, "short.txt"},
		{"a-long-name-of-a-file.tar.gz", 15, "a-long-na…ar.gz"},
		{"abcdef", 3, "ab…"},
		{"abcdef", 1, "…"},
		{"abcdef", 0, "…"},
		{"one two three", 9, "one t…ree"},
		{"日本語のファイル名.txt", 9, "日本語のフ…txt"},
	} {
		if got := CutMiddle(c.text, c.limit, columns); got != c.want {
			t.Errorf("CutMiddle(%q, %v) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
	// A mark is never parted from its letter, nor a joined picture taken apart.
	for limit := float32(1); limit < 8; limit++ {
		got := CutMiddle("e\u0301e\u0301e\u0301e\u0301e\u0301", limit, columns)
		for i, r := range got {
			if r == '\u0301' && (i == 0 || got[i-1] != 'e') {
				t.Errorf("limit %v parts a mark: %q", limit, got)
			}
		}
	}
}

func TestClusters(t *testing.T) {
	family := "👩\u200d👩\u200d👧"
	got := clusters("a" + family + "👍🏽z")
	if len(got) != 4 || got[1] != family || got[2] != "👍🏽" {
		t.Errorf("clusters = %q", got)
	}
}

func TestStem(t *testing.T) {
	for _, c := range []struct {
		name string
		dir  bool
		want int
	}{
		{"a.txt", false, 1},
		{"archive.tar.gz", false, 7},
		{"b.TAR.XZ", false, 1},
		{"x.gz", false, 1},
		{".profile", false, 8},
		{".tar.gz", false, 4},
		{"noext", false, 5},
		{"réunion.odt", false, 7},
		{"folder.d", true, 8},
		{"", false, 0},
	} {
		if got := Stem(c.name, c.dir); got != c.want {
			t.Errorf("Stem(%q) = %d, want %d", c.name, got, c.want)
		}
	}
}
