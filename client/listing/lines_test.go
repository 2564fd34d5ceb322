package listing

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// describe writes an entry as the files in testdata/lines have it: type, mode,
// size, time, owner, group, name, target. A time marked with Z is precise.
func describe(e *Entry) string {
	mode, size, mtime := FormatMode(e.Mode), strconv.FormatInt(e.Size, 10), "-"
	if e.Mode == ModeUnknown {
		mode = "-"
	}
	if e.Size == UnknownSize {
		size = "-"
	}
	if !e.ModTime.IsZero() {
		mtime = e.ModTime.Format("2006-01-02T15:04:05")
		if e.ModTime.Location() != time.UTC {
			mtime += " not UTC"
		}
	}
	if e.Precise {
		mtime += "Z"
	}
	return fmt.Sprintf("%s %s %s %s %q %q %q %q", e.Type, mode, size, mtime, e.Owner, e.Group, e.Name, e.Target)
}

// outcome parses one line as a listing of its own and says what became of it.
func outcome(t *testing.T, line string, opt Options) string {
	t.Helper()
	l, err := Parse(strings.NewReader(line+"\n"), opt)
	if err != nil {
		t.Fatal(err)
	}
	if sum := len(l.Entries) + len(l.Unread) + l.Skipped + l.Self; sum != l.Lines || l.Lines != 1 {
		t.Errorf("%d lines became %d", l.Lines, sum)
	}
	switch {
	case len(l.Unread) == 1:
		if l.Unread[0] != line {
			t.Errorf("unread line is %q", l.Unread[0])
		}
		return "unread"
	case l.Skipped == 1:
		return "skipped"
	case l.Self == 1:
		return "self " + l.Format
	default:
		if l.Entries[0].Raw != line {
			t.Errorf("raw line is %q", l.Entries[0].Raw)
		}
		return l.Format + " " + describe(&l.Entries[0])
	}
}

// lineOptions reads the words after "%" in a file of testdata/lines.
func lineOptions(t *testing.T, s string, opt Options) Options {
	t.Helper()
	for _, word := range strings.Fields(s) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "now":
			now, err := time.Parse(time.RFC3339, value)
			if err != nil {
				t.Fatal(err)
			}
			opt.Now = now
		case "kind":
			opt.Kind = map[string]Kind{"AUTO": Auto, "LIST": LIST, "MLSD": MLSD}[value]
		case "charset":
			opt.Charset = value
		default:
			t.Fatalf("unknown option %q", word)
		}
	}
	return opt
}

// TestLines reads the files in testdata/lines. In each, "%" sets options, "#"
// names what the next lines show, and after a line, as it is or quoted, "=" says
// what must become of it.
func TestLines(t *testing.T) {
	files, err := filepath.Glob("testdata/lines/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	count := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opt, about := Options{}, ""
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		for i := 0; i < len(lines); i++ {
			line := lines[i]
			switch {
			case strings.HasPrefix(line, "% "):
				opt = lineOptions(t, line[2:], opt)
				continue
			case strings.HasPrefix(line, "# "):
				about = line[2:]
				continue
			case strings.HasPrefix(line, `"`):
				if line, err = strconv.Unquote(line); err != nil {
					t.Fatalf("%s:%d: %v", file, i+1, err)
				}
			}
			if i++; i == len(lines) || !strings.HasPrefix(lines[i], "= ") {
				t.Fatalf("%s:%d: no outcome", file, i)
			}
			count++
			at := fmt.Sprintf("%s:%d", filepath.Base(file), i)
			t.Run(at, func(t *testing.T) {
				if got, want := outcome(t, line, opt), lines[i][2:]; got != want {
					t.Errorf("%s\nline %q\n got %s\nwant %s", about, line, got, want)
				}
			})
		}
	}
	if count < 450 {
		t.Errorf("%d lines only", count)
	}
}
