package listing

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// check holds what must be true of every listing, whatever was sent.
func check(t *testing.T, text []byte, opt Options) {
	t.Helper()
	l, err := Parse(bytes.NewReader(text), opt)
	if err != nil {
		if l != nil {
			t.Error("a listing and an error")
		}
		return
	}
	lines := bytes.Count(text, []byte("\n"))
	if n := len(text); n > 0 && text[n-1] != '\n' {
		lines++
	}
	if got := len(l.Entries) + len(l.Unread) + l.Skipped + l.Self; got != lines || l.Lines != lines {
		t.Errorf("%d lines: %d entries, %d unread, %d skipped, %d self; Lines %d",
			lines, len(l.Entries), len(l.Unread), l.Skipped, l.Self, l.Lines)
	}
	for _, line := range l.Unread {
		if !bytes.Contains(text, []byte(line)) || strings.Contains(line, "\n") {
			t.Errorf("unread line %q was not sent", line)
		}
	}
	for i := range l.Entries {
		checkEntry(t, text, &l.Entries[i])
	}
	if len(l.Entries) > 0 && l.Format == "" {
		t.Error("entries without a format")
	}
}

// checkEntry holds what must be true of every entry.
func checkEntry(t *testing.T, text []byte, e *Entry) {
	t.Helper()
	if e.Name == "" || isDot(e.Name) || strings.Contains(e.Name, "\n") {
		t.Errorf("name %q", e.Name)
	}
	for _, part := range []string{e.Name, e.Target, e.Owner, e.Group} {
		if !strings.Contains(e.Raw, part) {
			t.Errorf("%q is not in the line %q", part, e.Raw)
		}
	}
	if !bytes.Contains(text, []byte(e.Raw)) {
		t.Errorf("line %q was not sent", e.Raw)
	}
	if e.Size < 0 && e.Size != UnknownSize {
		t.Errorf("size %d", e.Size)
	}
	if e.Mode&^0o7777 != 0 && e.Mode != ModeUnknown {
		t.Errorf("mode %o", e.Mode)
	}
	if e.Type > Link {
		t.Errorf("type %d", e.Type)
	}
	if e.Target != "" && e.Type != Link {
		t.Errorf("target of a %v", e.Type)
	}
	if !e.ModTime.IsZero() {
		if y := e.ModTime.Year(); y < 1599 || y > 10000 {
			t.Errorf("year %d", y)
		}
		if e.ModTime.Location() != time.UTC || e.ModTime.Nanosecond() != 0 {
			t.Errorf("time %v", e.ModTime)
		}
	} else if e.Precise {
		t.Error("precise, but no time")
	}
}

// seed adds the lines of a file in testdata/lines, and all of them together.
func seed(f *testing.F, name string) {
	f.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "lines", name))
	if err != nil {
		f.Fatal(err)
	}
	var all []byte
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "% "), strings.HasPrefix(line, "# "), strings.HasPrefix(line, "= "):
			continue
		case strings.HasPrefix(line, `"`):
			if line, err = strconv.Unquote(line); err != nil {
				f.Fatal(err)
			}
		}
		f.Add([]byte(line + "\r\n"))
		all = append(all, line+"\r\n"...)
	}
	f.Add(all)
}

// fuzzNow is the clock of the fuzz tests.
var fuzzNow = time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)

func FuzzUnix(f *testing.F) {
	seed(f, "unix.txt")
	seed(f, "localized.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, Options{Kind: LIST, Now: fuzzNow})
	})
}

func FuzzDOS(f *testing.F) {
	seed(f, "dos.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, Options{Now: fuzzNow, System: "Windows_NT", Location: time.FixedZone("", -5*3600)})
	})
}

func FuzzMLSD(f *testing.F) {
	seed(f, "mlsd.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, Options{Kind: MLSD, Now: fuzzNow})
		line, _, _ := strings.Cut(string(text), "\n")
		if e, ok := ParseMLSx(line); ok {
			if e.Name == "" || !strings.Contains(line, e.Name) || e.Raw != line {
				t.Errorf("%q: %+v", line, e)
			}
		}
	})
}

func FuzzEPLF(f *testing.F) {
	seed(f, "eplf.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, Options{Now: fuzzNow})
	})
}

// FuzzLater feeds the formats that are not read yet, with small limits.
func FuzzLater(f *testing.F) {
	seed(f, "later.txt")
	servers, err := filepath.Glob("testdata/servers/*.list")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range servers {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		check(t, text, Options{Now: fuzzNow, Charset: "shift_jis", Limits: Limits{LineBytes: 200, Entries: 20, Bytes: 4000}})
	})
}
