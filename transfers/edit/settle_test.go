package edit

import (
	"path/filepath"
	"testing"
	"time"

	"portside/client/listing"
)

func TestSettling(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	mark := func(size int64, ms int) localMark { return localMark{true, size, at(ms)} }
	type look struct {
		ms   int
		m    localMark
		over bool
	}
	for name, looks := range map[string][]look{
		"written at once":     {{100, mark(1, 0), false}, {299, mark(1, 0), false}, {300, mark(1, 0), true}, {400, mark(1, 0), false}},
		"it grows":            {{100, mark(2, 0), false}, {399, mark(2, 0), false}, {400, mark(2, 0), true}},
		"the time alone":      {{250, mark(1, 250), false}, {500, mark(1, 250), false}, {550, mark(1, 250), true}},
		"gone, and replaced":  {{200, localMark{}, false}, {450, mark(1, 440), false}, {750, mark(1, 440), true}},
		"gone for good":       {{100, localMark{}, false}, {400, localMark{}, false}, {500, localMark{}, false}},
		"back to what it was": {{100, mark(9, 100), false}, {200, mark(1, 0), false}, {499, mark(1, 0), false}, {500, mark(1, 0), true}},
	} {
		t.Run(name, func(t *testing.T) {
			var s settling
			s.begin(at(0), mark(1, 0))
			for _, l := range looks {
				if over := s.look(at(l.ms), l.m); over != l.over {
					t.Errorf("after %d ms: %v", l.ms, over)
				}
			}
		})
	}
}

func TestStamps(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	const unknown = listing.UnknownSize
	for _, tt := range []struct {
		name         string
		a, b         Stamp
		differ, sure bool
	}{
		{"the same", Stamp{1, noon, true}, Stamp{1, noon, true}, false, true},
		{"another size", Stamp{1, noon, true}, Stamp{2, noon, true}, true, true},
		{"a second later", Stamp{1, noon, true}, Stamp{1, noon.Add(time.Second), true}, true, true},
		{"a second later, to the minute", Stamp{1, noon, true}, Stamp{1, noon.Add(time.Second), false}, false, true},
		{"a minute later, to the minute", Stamp{1, noon, false}, Stamp{1, noon.Add(time.Minute), false}, true, true},
		{"no time", Stamp{1, noon, true}, Stamp{Size: 1}, false, false},
		{"another size, no time", Stamp{Size: 1}, Stamp{Size: 2}, true, true},
		{"no size", Stamp{unknown, noon, true}, Stamp{1, noon, true}, false, true},
		{"nothing", Stamp{Size: unknown}, Stamp{Size: 5}, false, false},
	} {
		for _, pair := range [][2]Stamp{{tt.a, tt.b}, {tt.b, tt.a}} {
			if differ, sure := pair[0].compare(pair[1]); differ != tt.differ || sure != tt.sure {
				t.Errorf("%s: differ %v, sure %v", tt.name, differ, sure)
			}
		}
	}
}

func TestRuns(t *testing.T) {
	for _, tt := range []struct {
		system, name string
		want         bool
	}{
		{"windows", "a.EXE", true},
		{"windows", "a.exe. ", true},
		{"windows", "site.js", true},
		{"windows", "index.html", false},
		{"darwin", "x.command", true},
		{"darwin", "site.js", false},
		{"linux", "a.desktop", true},
		{"linux", "setup.exe", true},
		{"linux", "a.kdelnk", true},
		{"linux", "a.msi", true},
		{"windows", "a.pyz", true},
		{"windows", "a.library-ms", true},
		{"linux", "a.txt", false},
		{"linux", "Makefile", false},
		{"linux", "a.", false},
	} {
		if got := Runs(tt.system, tt.name); got != tt.want {
			t.Errorf("Runs(%q, %q) = %v", tt.system, tt.name, got)
		}
	}
}

// A file without an extension is what it begins with.
func TestRunsWhatItBeginsWith(t *testing.T) {
	for content, want := range map[string]bool{
		"MZ\x90": true, "\x7fELF\x02": true, "[Desktop Entry]": true, "#!/bin/sh": true, "": false, "M": false, "all: build": false,
	} {
		path := filepath.Join(t.TempDir(), "README")
		write(t, path, content)
		if got := Runs("linux", path); got != want {
			t.Errorf("Runs(%q) = %v", content, got)
		}
		write(t, path+".txt", content)
		if Runs("linux", path+".txt") || Runs("windows", path) {
			t.Errorf("%q: a text, or another system", content)
		}
	}
}
