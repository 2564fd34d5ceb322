package transfers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
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
		{"linux", newFake(), ".x.portside-part", ""},
		{"linux", newFake(), "x.portside-part", "x.portside-part"},
		{"linux", latin1(), "caf\xe9", "café"},
		{"linux", ascii(), "caf\xe9", "caf\xe9"}, // would not come back
		{"darwin", newFake(), "café", "café"},
		{"darwin", newFake(), "caf\xe9", ""}, // the fake shows no other text for it
		{"darwin", latin1(), "caf\xe9", "café"},
		{"windows", newFake(), "café", "café"},
		{"windows", latin1(), "caf\xe9", "café"},
		{"windows", newFake(), `..\x`, ""},
		{"windows", newFake(), `C:x`, ""},
		{"windows", newFake(), `x:stream`, ""},
		{"windows", newFake(), "what?", ""},
		{"windows", newFake(), "tab\there", ""},
		{"windows", newFake(), "con", ""},
		{"windows", newFake(), "NUL.txt", ""},
		{"windows", newFake(), "com1.log", ""},
		{"windows", newFake(), "LPT³", ""},
		{"windows", newFake(), "COM10", "COM10"},
		{"windows", newFake(), "console", "console"},
		{"windows", newFake(), "dot.", ""},
		{"windows", newFake(), "blank ", ""},
	}
	for _, tt := range tests {
		got, err := localName(tt.goos, tt.r, tt.raw)
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
			local, err := localName("linux", r, raw)
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
				name, err := localName(goos, r, raw)
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
