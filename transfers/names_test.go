package transfers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"portside/client"
)

// latin1 is a session in ISO 8859-1.
func latin1() *fake {
	f := newFake()
	f.charset = "ISO-8859-1"
	f.text = func(raw string) string {
		s, _ := charmap.ISO8859_1.NewDecoder().String(raw)
		return s
	}
	f.encode = func(text string) (string, error) { return charmap.ISO8859_1.NewEncoder().String(text) }
	return f
}

// ascii is a session in a character set that cannot hold all bytes; the others
// are shown as ISO 8859-1.
func ascii() *fake {
	f := latin1()
	f.charset = "us-ascii"
	f.encode = func(text string) (string, error) {
		if strings.ContainsFunc(text, func(c rune) bool { return c >= utf8.RuneSelf }) {
			return "", client.ErrBadName
		}
		return text, nil
	}
	return f
}

func TestLocalName(t *testing.T) {
	tests := []struct {
		goos string
		r    *fake
		raw  string
		want string // "": refused
	}{
		{"linux", newFake(), "plain.txt", "plain.txt"},
		{"linux", newFake(), "中文 عربى 🚢", "中文 عربى 🚢"},
		{"linux", newFake(), "caf\xe9", "caf\xe9"},
		{"linux", newFake(), `a\b:c*?`, `a\b:c*?`},
		{"linux", newFake(), "tab\there", "tab\there"},
		{"linux", newFake(), "CON", "CON"},
		{"linux", newFake(), "..", ""},
		{"linux", newFake(), ".", ""},
		{"linux", newFake(), "", ""},
		{"linux", newFake(), "../x", ""},
		{"linux", newFake(), "/etc/passwd", ""},
		{"linux", newFake(), "a/b", ""},
		{"linux", newFake(), "a\x00b", ""},
		{"linux", newFake(), ".x.portside-part", "%2Ex.portside-part"},
		{"linux", newFake(), "x.portside-wrong", "x%2Eportside-wrong"},
		{"linux", newFake(), "%2Ex.portside-part", "%252Ex.portside-part"},
		{"linux", newFake(), "my%20file%3A.", "my%20file%3A."},
		{"linux", newFake(), "x.portside-part", "x.portside-part"},
		{"linux", latin1(), "caf\xe9", "café"},
		{"linux", ascii(), "caf\xe9", "caf\xe9"}, // would not come back
		{"darwin", newFake(), "café", "café"},
		{"darwin", newFake(), "caf\xe9", ""}, // the fake shows no other text for it
		{"darwin", latin1(), "caf\xe9", "café"},
		{"windows", newFake(), "café", "café"},
		{"windows", latin1(), "caf\xe9", "café"},
		{"windows", newFake(), `..\x`, `..%5Cx`},
		{"windows", newFake(), `C:x`, "C%3Ax"},
		{"windows", newFake(), `x:stream`, "x%3Astream"},
		{"windows", newFake(), "what?", "what%3F"},
		{"windows", newFake(), "tab\there", "tab%09here"},
		{"windows", newFake(), "con", "%63on"},
		{"windows", newFake(), "NUL.txt", "%4EUL.txt"},
		{"windows", newFake(), "com1.log", "%63om1.log"},
		{"windows", newFake(), "LPT³", "%4CPT³"},
		{"windows", newFake(), "COM10", "COM10"},
		{"windows", newFake(), "console", "console"},
		{"windows", newFake(), "dot.", "dot%2E"},
		{"windows", newFake(), "blank ", "blank%20"},
		{"windows", newFake(), "my%20file.txt", "my%20file.txt"},
		{"windows", newFake(), "a%3Ab", "a%253Ab"},
		{"windows", newFake(), "a%253Ab", "a%25253Ab"},
		{"windows", newFake(), "a%3ab", "a%3ab"},
		{"windows", newFake(), "dots...", "dots..%2E"},
		{"windows", newFake(), "...", "..%2E"},
		{"windows", newFake(), "con.", "con%2E"},
		{"windows", newFake(), "a/b", ""},
		{"windows", newFake(), "..", ""},
	}
	for _, tt := range tests {
		got, _, err := localName(tt.goos, tt.r, tt.raw)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s: %q became %q, want a refusal", tt.goos, tt.raw, got)
			} else if !errors.Is(err, client.ErrBadName) && !isA[*LocalError](err) {
				t.Errorf("%s: %q: error %v has no known type", tt.goos, tt.raw, err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q became %q (%v), want %q", tt.goos, tt.raw, got, err, tt.want)
		}
	}
}

// No two names become one, and each is one that the system takes.
func TestMappedNamesDiffer(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{
		"a", "%", "25", "3A", "2E", "20", "63", "c", "on", "com1", "%3A", "%2E", "%25", ":", ".", " ", "?", "\x01",
		".portside-part", ".portside-wrong", "portside-wrong", ".x",
	}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		seen := make(map[string]string)
		for range 100_000 {
			var b strings.Builder
			for range 1 + random.IntN(6) {
				b.WriteString(pieces[random.IntN(len(pieces))])
			}
			raw := b.String()
			name, mapped, err := localName(goos, newFake(), raw)
			if client.CleanName(raw) != nil {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %q: %v", goos, raw, err)
			}
			if err = checkLocalName(goos, name); err != nil || isPartName(name) || mapped != (name != raw) {
				t.Fatalf("%s: %q became %q (mapped %v): %v", goos, raw, name, mapped, err)
			}
			if other, ok := seen[name]; ok && other != raw {
				t.Fatalf("%s: %q and %q both became %q", goos, raw, other, name)
			}
			seen[name] = raw
		}
	}
}

func TestLongNames(t *testing.T) {
	long := strings.Repeat("中", 100) + "1.tar.gz"
	other := strings.Repeat("中", 100) + "2.tar.gz"
	a, mapped, err := localName("linux", newFake(), long)
	b, _, _ := localName("linux", newFake(), other)
	if err != nil || !mapped || len(a) > 255 || len(a) < 240 || !strings.HasSuffix(a, ".tar.gz") || a == b || !utf8.ValidString(a) {
		t.Errorf("%q and %q (mapped %v), %v", a, b, mapped, err)
	}
	if c, mapped, _ := localName("windows", newFake(), long); mapped || c != long {
		t.Errorf("windows counts otherwise: %q", c)
	}
	if d, _, _ := localName("linux", newFake(), strings.Repeat("\xff", 300)); len(d) > 255 {
		t.Errorf("%d bytes", len(d))
	}
}

func TestLocalNames(t *testing.T) {
	n := NewLocalNames(newFake(), t.TempDir())
	n.goos, n.folds = "windows", true
	taken := make(map[string]bool)
	for _, raw := range []string{"README.md", "readme.md", "Readme.md", "é.txt", "e\u0301.txt", "a:b", "a%3Ab", "A%3AB"} {
		name, note, err := n.Take(raw)
		if err != nil || taken[foldName(name)] || (note != "") != (name != raw) {
			t.Errorf("%q became %q (%s), %v", raw, name, note, err)
		}
		if note != "" && !strings.Contains(note, name) {
			t.Errorf("note %q does not say the new name %q", note, name)
		}
		taken[foldName(name)] = true
	}
	if !taken["readme.md"] || !taken["é.txt"] || !taken["a%3ab"] {
		t.Errorf("the first ones have not kept their names: %v", taken)
	}
	again := NewLocalNames(newFake(), t.TempDir())
	again.goos, again.folds = "windows", true
	for _, raw := range []string{"README.md", "readme.md"} {
		if name, _, _ := again.Take(raw); !taken[foldName(name)] {
			t.Errorf("another run calls it %q", name)
		}
	}
	if _, _, err := n.Take(".."); !errors.Is(err, client.ErrBadName) {
		t.Errorf("error %v", err)
	}
}

func TestFoldsNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Letters")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	want := !caseMatters(t)
	if got := foldsNames(dir); got != want {
		t.Errorf("folds = %v", got)
	}
	if got := foldsNames(filepath.Join(dir, "not", "there")); got != want {
		t.Errorf("below: folds = %v", got)
	}
	if !want {
		// One folder under both names is what a system without case shows.
		if err := os.Symlink(dir, filepath.Join(filepath.Dir(dir), "lETTERS")); err != nil {
			t.Skip(err)
		}
		if !foldsNames(dir) {
			t.Error("one folder under both names does not fold")
		}
	}
}

// On a system of bytes, every name comes back as the bytes that the server
// sent, whatever the character set.
func TestNamesRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "Z", " ", ".", "é", "\xe9", "\xc3", "中", "🚢", "\\", "~", "\x01", "\xff"}
	for range 20_000 {
		var b strings.Builder
		for range 1 + random.IntN(8) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		raw := b.String()
		for name, r := range map[string]*fake{"utf-8": newFake(), "latin1": latin1(), "ascii": ascii()} {
			local, _, err := localName("linux", r, raw)
			if client.CleanName(raw) != nil {
				if err == nil {
					t.Fatalf("%s: %q became %q, want a refusal", name, raw, local)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %q: %v", name, raw, err)
			}
			if strings.ContainsAny(local, "/\x00") || local == "." || local == ".." {
				t.Fatalf("%s: %q became the path %q", name, raw, local)
			}
			// Where the bytes are no text of the character set but happen to be
			// valid UTF-8, the way back takes them for text and refuses.
			back, err := remoteName("linux", r, local)
			if err != nil && local == raw && utf8.ValidString(raw) && name == "ascii" {
				continue
			}
			if err != nil || back != raw {
				t.Fatalf("%s: %q became %q and came back as %q (%v)", name, raw, local, back, err)
			}
		}
	}
}

func TestRemoteName(t *testing.T) {
	if got, err := remoteName("linux", latin1(), "café"); err != nil || got != "caf\xe9" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := remoteName("linux", latin1(), "中"); err == nil {
		t.Errorf("what the character set cannot say became %q", got)
	}
	if got, err := remoteName("windows", newFake(), "café"); err != nil || got != "café" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPartName(t *testing.T) {
	seen := make(map[string]string)
	for n := 1; n <= 255; n++ {
		for _, unit := range []string{"x", "é", "中", "🚢", "\xff"} {
			name := strings.Repeat(unit, n)
			if len(name) > 255 {
				continue
			}
			part := partName(name)
			if len(part) > 255 {
				t.Errorf("part of a name of %d bytes has %d", len(name), len(part))
			}
			if utf8.ValidString(name) && !utf8.ValidString(part) {
				t.Errorf("part of %q is cut within a character", name)
			}
			if !isPartName(part) {
				t.Errorf("%q is not recognised", part)
			}
			if other, ok := seen[part]; ok {
				t.Errorf("%q and %q have the same part", name, other)
			}
			seen[part] = name
		}
	}
	if a, b := partName(strings.Repeat("x", 254)+"a"), partName(strings.Repeat("x", 254)+"b"); a == b {
		t.Error("two long names have the same part")
	}
}

func TestNumbered(t *testing.T) {
	tests := map[string]string{
		"a.txt": "a (1).txt", "a": "a (1)", ".bashrc": ".bashrc (1)", "a.tar.gz": "a (1).tar.gz",
		"a.b.c": "a.b (1).c", "a.": "a. (1)", ".tar.gz": ".tar (1).gz", "x.TAR.xz": "x (1).TAR.xz",
	}
	for name, want := range tests {
		if got := numbered(name, 1); got != want {
			t.Errorf("numbered(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestJoinRemote(t *testing.T) {
	for _, tt := range []struct{ dir, name, want string }{
		{"", "a", "a"}, {"/", "a", "/a"}, {"/b", "a", "/b/a"}, {"/b/", "a", "/b/a"}, {"b", "\xe9", "b/\xe9"},
	} {
		got := JoinRemote(tt.dir, tt.name)
		if got != tt.want {
			t.Errorf("JoinRemote(%q, %q) = %q", tt.dir, tt.name, got)
		}
		if dir, name := splitRemote(got); JoinRemote(dir, name) != got || name != tt.name {
			t.Errorf("splitRemote(%q) = %q, %q", got, dir, name)
		}
	}
}

func FuzzLocalName(f *testing.F) {
	for _, s := range []string{"a", "..", "a/b", "con", "\xe9", "x:y", "a\x00", strings.Repeat("é", 130)} {
		f.Add(s)
	}
	systems := []string{"linux", "windows", "darwin"}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, goos := range systems {
			for _, r := range []*fake{newFake(), latin1()} {
				name, _, err := localName(goos, r, raw)
				if err != nil {
					continue
				}
				if name == "" || path.Base(name) != name || name == ".." || name == "." || strings.ContainsRune(name, 0) {
					t.Errorf("%s: %q became %q", goos, raw, name)
				}
				if goos == "windows" && strings.ContainsAny(name, `\:`) {
					t.Errorf("%s: %q became %q", goos, raw, name)
				}
				if !slices.Contains([]string{"linux"}, goos) && !utf8.ValidString(name) {
					t.Errorf("%s: %q became %q, which is not Unicode", goos, raw, name)
				}
				if fmt.Sprint(partName(name)) == name {
					t.Errorf("%q is its own part", name)
				}
			}
		}
	})
}

// Two names of the server that are one here: the second does not overwrite the
// first.
func TestLocalNamesClash(t *testing.T) {
	f := latin1()
	f.file("/top/caf\xe9", bytesOf(10, 1))
	f.text = func(raw string) string { return strings.ToLower(latin1().text(raw)) }
	f.encode = func(s string) (string, error) { return "CAF\xe9", nil }
	f.file("/top/CAF\xe9", bytesOf(10, 2))
	n := NewLocalNames(f, t.TempDir())
	n.goos, n.folds = "linux", false
	for _, raw := range []string{"readme", "README", "Readme"} {
		if name, note, err := n.Take(raw); err != nil || note != "" || !strings.EqualFold(name, raw) {
			t.Errorf("%s: %q, %q, %v", raw, name, note, err)
		}
	}
	// The same text.
	first, _, err := n.Take("CAF\xe9")
	if err != nil {
		t.Fatal(err)
	}
	second, note, err := n.Take("CAF\xe9")
	if err != nil || first == second || !strings.Contains(note, second) {
		t.Errorf("%q and %q, %q, %v", first, second, note, err)
	}
}
