package transfers

import (
	"strings"
	"testing"
	"time"
)

func TestExcludes(t *testing.T) {
	tests := []struct {
		pattern, path string
		dir, want     bool
	}{
		{"*.tmp", "a.tmp", false, true},
		{"*.tmp", "sub/deep/a.tmp", false, true},
		{"*.tmp", "a.tmpx", false, false},
		{"*.tmp", "a.tmp", true, true},
		{"cache/", "cache", true, true},
		{"cache/", "cache", false, false},
		{"cache/", "sub/cache", true, true},
		{"/cache", "cache", false, true},
		{"/cache", "sub/cache", false, false},
		{"a/b", "a/b", false, true},
		{"a/b", "x/a/b", false, false},
		{"**/x", "x", false, true},
		{"**/x", "a/b/x", false, true},
		{"**/x", "a/xx", false, false},
		{"a/**/b", "a/b", false, true},
		{"a/**/b", "a/1/2/b", false, true},
		{"a/**/b", "c/a/1/b", false, false},
		{"a/**", "a/1/2", false, true},
		{"a/**", "a", true, false},
		{"a/**/b/**/c", "a/b/b/x/c", false, true},
		{"a/**/b/*", "a/b/x/b/c", false, true},
		{"a*b", "a/b", false, false},
		{"?.c", "x.c", false, true},
		{"?.c", "é.c", false, true},
		{"[!a]x", "bx", false, true},
		{"[!a]x", "ax", false, false},
		{"[a-c]", "b", false, true},
		{`\!x`, "!x", false, true},
		{`\*`, "*", false, true},
		{`\*`, "a", false, false},
		{"a b", "a b", false, true},
		{"*", ".hidden", false, true},
		{"caf\xe9", "caf\xe9", false, true},
	}
	for _, tt := range tests {
		x, err := parseExcludes([]string{tt.pattern})
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		if got := x.match(tt.path, tt.dir); got != tt.want {
			t.Errorf("%q excludes %q (folder: %v): %v, want %v", tt.pattern, tt.path, tt.dir, got, tt.want)
		}
	}
}

func TestExcludesRefused(t *testing.T) {
	for _, p := range []string{"", "/", "!x", "[a", `x\`, "a//b", "../x", "a/./b", "//"} {
		if _, err := parseExcludes([]string{p}); !isA[*PatternError](err) {
			t.Errorf("%q: error %v", p, err)
		}
	}
}

// A pattern of many "**" and "*" takes no time that grows with their number.
func TestExcludesHostile(t *testing.T) {
	x, err := parseExcludes([]string{strings.Repeat("**/a/", 30) + "b"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if x.match(strings.Repeat("a/", 2000)+"c", false) {
		t.Error("matches")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}
