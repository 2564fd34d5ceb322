package state

import (
	"slices"
	"testing"
)

func TestCleanParentBase(t *testing.T) {
	for _, c := range []struct {
		style                     PathStyle
		in, clean, parent, lastly string
	}{
		{SlashPaths, "/", "/", "/", "/"},
		{SlashPaths, "/a/b", "/a/b", "/a", "b"},
		{SlashPaths, "/a", "/a", "/", "a"},
		{SlashPaths, "//a//b/./c/../", "/a/b", "/a", "b"},
		{SlashPaths, "/../..", "/", "/", "/"},
		{SlashPaths, "/a\xff/\xe9", "/a\xff/\xe9", "/a\xff", "\xe9"},
		{SlashPaths, `/a\b`, `/a\b`, "/", `a\b`},
		{SlashPaths, "../x", "../x", "..", "x"},
		{SlashPaths, "", ".", ".", "."},
		{WindowsPaths, `C:\`, `C:\`, `C:\`, `C:\`},
		{WindowsPaths, `C:`, `C:\`, `C:\`, `C:\`},
		{WindowsPaths, `C:\Users\me`, `C:\Users\me`, `C:\Users`, `me`},
		{WindowsPaths, `C:/Users/../x`, `C:\x`, `C:\`, `x`},
		{WindowsPaths, `\\host\share`, `\\host\share`, `\\host\share`, `\\host\share`},
		{WindowsPaths, `\\host\share\a`, `\\host\share\a`, `\\host\share\`, `a`},
	} {
		if got := c.style.Clean(c.in); got != c.clean {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.clean)
		}
		if got := c.style.Parent(c.in); got != c.parent {
			t.Errorf("Parent(%q) = %q, want %q", c.in, got, c.parent)
		}
		if got := c.style.Base(c.in); got != c.lastly {
			t.Errorf("Base(%q) = %q, want %q", c.in, got, c.lastly)
		}
	}
}

func TestJoinResolve(t *testing.T) {
	for _, c := range []struct {
		style           PathStyle
		dir, what, want string
	}{
		{SlashPaths, "/pub", "a/b", "/pub/a/b"},
		{SlashPaths, "/pub", "..", "/"},
		{SlashPaths, "/pub", "/etc", "/etc"},
		{SlashPaths, "/pub", "", "/pub"},
		{SlashPaths, "/", "x", "/x"},
		{WindowsPaths, `C:\a`, `b`, `C:\a\b`},
		{WindowsPaths, `C:\a`, `D:/x`, `D:\x`},
	} {
		if got := c.style.Resolve(c.dir, c.what); got != c.want {
			t.Errorf("Resolve(%q, %q) = %q, want %q", c.dir, c.what, got, c.want)
		}
	}
	// A name is one component whatever it holds; joining must not make sense of it.
	if got := SlashPaths.Join("/pub", ".."); got != "/pub/.." {
		t.Errorf("Join = %q", got)
	}
	if got := SlashPaths.Join("/", "a"); got != "/a" {
		t.Errorf("Join with the root = %q", got)
	}
}

func TestCrumbs(t *testing.T) {
	for _, c := range []struct {
		style   PathStyle
		p, home string
		want    []Crumb
	}{
		{SlashPaths, "/", "", []Crumb{{"/", "/"}}},
		{SlashPaths, "/a/b", "", []Crumb{{"/", "/"}, {"a", "/a"}, {"b", "/a/b"}}},
		{SlashPaths, "/home/me/x", "/home/me", []Crumb{{"~", "/home/me"}, {"x", "/home/me/x"}}},
		{SlashPaths, "/home/me", "/home/me/", []Crumb{{"~", "/home/me"}}},
		{SlashPaths, "/home/mexico", "/home/me", []Crumb{{"/", "/"}, {"home", "/home"}, {"mexico", "/home/mexico"}}},
		{SlashPaths, "/a", "/", []Crumb{{"/", "/"}, {"a", "/a"}}},
		{WindowsPaths, `C:\Users\me`, "", []Crumb{{"C:", `C:\`}, {"Users", `C:\Users`}, {"me", `C:\Users\me`}}},
	} {
		if got := c.style.Crumbs(c.p, c.home); !slices.Equal(got, c.want) {
			t.Errorf("Crumbs(%q, %q) = %q, want %q", c.p, c.home, got, c.want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, c := range []struct {
		style PathStyle
		name  string
		ok    bool
	}{
		{SlashPaths, "a.txt", true},
		{SlashPaths, "ünï 😀", true},
		{SlashPaths, `a\b`, true},
		{SlashPaths, "", false},
		{SlashPaths, "  ", false},
		{SlashPaths, ".", false},
		{SlashPaths, "..", false},
		{SlashPaths, "...", true},
		{SlashPaths, "a/b", false},
		{SlashPaths, "a\nb", false},
		{SlashPaths, "a\x00", false},
		{WindowsPaths, `a\b`, false},
		{WindowsPaths, "a:b", false},
		{WindowsPaths, "a.", false},
		{WindowsPaths, "a b", true},
	} {
		if err := c.style.CheckName(c.name); (err == nil) != c.ok {
			t.Errorf("CheckName(%q) = %v, want ok %v", c.name, err, c.ok)
		}
	}
}

func TestFreeName(t *testing.T) {
	taken := map[string]bool{"New folder": true, "New folder 2": true}
	if got := FreeName("New folder", func(s string) bool { return taken[s] }); got != "New folder 3" {
		t.Errorf("FreeName = %q", got)
	}
	if got := FreeName("x", func(string) bool { return false }); got != "x" {
		t.Errorf("FreeName = %q", got)
	}
}

func TestHistory(t *testing.T) {
	var h History
	if _, ok := h.Peek(-1); ok {
		t.Error("an empty history has a past")
	}
	for _, p := range []string{"/", "/a", "/a", "/b"} {
		h.Visit(p)
	}
	if p, ok := h.Peek(-1); p != "/a" || !ok {
		t.Errorf("behind lies %q, %v", p, ok)
	}
	h.Go(-2)
	if p, ok := h.Peek(1); p != "/a" || !ok {
		t.Errorf("ahead lies %q, %v", p, ok)
	}
	h.Go(-1) // beyond the beginning: stays
	if p, _ := h.Peek(0); p != "/" {
		t.Errorf("at %q", p)
	}
	h.Visit("/c")
	if _, ok := h.Peek(1); ok {
		t.Error("what lay ahead was not forgotten")
	}
	for i := range 3 * historyLimit {
		h.Visit(string(rune('a' + i%20)))
	}
	if len(h.paths) > historyLimit {
		t.Errorf("%d paths are kept", len(h.paths))
	}
}
