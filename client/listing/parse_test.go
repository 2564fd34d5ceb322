package listing

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// parse parses text that must be readable.
func parse(t *testing.T, text string, opt Options) *Listing {
	t.Helper()
	l, err := Parse(strings.NewReader(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// names returns the names in l, quoted and joined.
func names(l *Listing) string {
	s := make([]string, len(l.Entries))
	for i := range l.Entries {
		s[i] = l.Entries[i].Name
	}
	return strings.Join(s, "|")
}

const lsLine = "-rw-r--r--   1 mara     editors     2048 Jan 12  2022 "

func TestLineEnds(t *testing.T) {
	for _, tt := range []struct{ about, text, want string }{
		{"LF", lsLine + "a\n" + lsLine + "b\n", "a|b"},
		{"CRLF", lsLine + "a\r\n" + lsLine + "b\r\n", "a|b"},
		{"CRCRLF", lsLine + "a\r\r\n" + lsLine + "b\r\r\n", "a|b"},
		{"no final newline", lsLine + "a\r\n" + lsLine + "b", "a|b"},
		{"half of the final newline", lsLine + "a\r\n" + lsLine + "b\r", "a|b"},
		{"lone CR in a name, LF", lsLine + "a\rb\n" + lsLine + "c\n", "a\rb|c"},
		{"CR at the end of a name, LF", lsLine + "a\n" + lsLine + "b\n" + lsLine + "Icon\r\n", "a|b|Icon\r"},
		{"CR at the end of a name, CRLF", lsLine + "a\r\n" + lsLine + "b\r\n" + lsLine + "Icon\r\r\n", "a|b|Icon\r"},
		{"total with LF only", "total 4\n" + lsLine + "a\r\n" + lsLine + "b\r\n", "a|b"},
		{"blank lines", "\r\n" + lsLine + "a\r\n\r\n" + lsLine + "b\r\n\r\n", "a|b"},
		{"NEL is no line end", lsLine + "a\x85b\n", "a\x85b"},
		{"NUL is no line end", lsLine + "a\x00b\n", "a\x00b"},
		{"VT, FF and NBSP are no blanks", lsLine + "\va\fb\u00a0\n", "\va\fb\u00a0"},
	} {
		t.Run(tt.about, func(t *testing.T) {
			l := parse(t, tt.text, Options{})
			if got := names(l); got != tt.want {
				t.Errorf("names %q, want %q", got, tt.want)
			}
			if len(l.Unread) != 0 {
				t.Errorf("unread %q", l.Unread)
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "\r\n", "total 0\r\n", "\n\n\n"} {
		l := parse(t, text, Options{})
		if len(l.Entries)+len(l.Unread) != 0 || l.Format != "" || l.Skipped != l.Lines {
			t.Errorf("%q: %+v", text, l)
		}
	}
}

// TestBlocks reads listings that are longer than a block, byte by byte too.
func TestBlocks(t *testing.T) {
	long := strings.Repeat("n", 5000)
	var sb strings.Builder
	for range 100 {
		sb.WriteString(lsLine + long + "\r\n" + lsLine + "short\r\n")
	}
	for _, r := range []io.Reader{
		strings.NewReader(sb.String()),
		iotest.OneByteReader(strings.NewReader(sb.String())),
		iotest.HalfReader(strings.NewReader(sb.String())),
		iotest.DataErrReader(strings.NewReader(sb.String())),
	} {
		l, err := Parse(r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Entries) != 200 || l.Lines != 200 || len(l.Unread) != 0 {
			t.Fatalf("%d entries of %d lines, %d unread", len(l.Entries), l.Lines, len(l.Unread))
		}
		for i := range l.Entries {
			if want := []string{long, "short"}[i%2]; l.Entries[i].Name != want {
				t.Fatalf("entry %d is %q", i, l.Entries[i].Name)
			}
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	l, err := Parse(io.MultiReader(strings.NewReader(lsLine+"a\r\n"), iotest.ErrReader(broken)), Options{})
	if l != nil || !errors.Is(err, broken) {
		t.Errorf("%v, %v", l, err)
	}
}

func TestLimits(t *testing.T) {
	line := lsLine + "a"
	for _, tt := range []struct {
		about, text string
		lim         Limits
		want        *LimitError
	}{
		{"line fits", line + "\r\n", Limits{LineBytes: len(line)}, nil},
		{"line fits, CRCRLF", line + "\r\r\n", Limits{LineBytes: len(line)}, nil},
		{"line too long", line + "\r\n", Limits{LineBytes: len(line) - 1}, &LimitError{"line bytes", int64(len(line) - 1)}},
		{"last line too long", line, Limits{LineBytes: len(line) - 1}, &LimitError{"line bytes", int64(len(line) - 1)}},
		{"default line fits", lsLine + strings.Repeat("a", DefaultLineBytes-len(lsLine)) + "\r\n", Limits{}, nil},
		{"default line", lsLine + strings.Repeat("a", DefaultLineBytes-len(lsLine)+1) + "\r\n", Limits{}, &LimitError{"line bytes", DefaultLineBytes}},
		{"no line end at all", strings.Repeat("a", 3*DefaultLineBytes), Limits{}, &LimitError{"line bytes", DefaultLineBytes}},
		{"entries fit", "total 2\n" + line + "\n" + line + "\n", Limits{Entries: 2}, nil},
		{"entries", line + "\n" + line + "\n" + line + "\n", Limits{Entries: 2}, &LimitError{"entries", 2}},
		{"unread lines", "x\ny\nz\n", Limits{Entries: 2}, &LimitError{"entries", 2}},
		{"bytes fit", line + "\n", Limits{Bytes: int64(len(line) + 1)}, nil},
		{"bytes", line + "\n", Limits{Bytes: int64(len(line))}, &LimitError{"bytes", int64(len(line))}},
	} {
		t.Run(tt.about, func(t *testing.T) {
			l, err := Parse(strings.NewReader(tt.text), Options{Limits: tt.lim})
			if tt.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			got, ok := errors.AsType[*LimitError](err)
			if !ok || *got != *tt.want || l != nil {
				t.Errorf("%v, %v; want %v", l, err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.want.What) {
				t.Errorf("message %q", err)
			}
		})
	}
}

func TestHeadings(t *testing.T) {
	for _, tt := range []struct {
		about, text            string
		entries, unread, skips int
	}{
		{"current directory", ".:\ntotal 4\n" + lsLine + "a\n", 1, 0, 2},
		{"current directory later", lsLine + "a\n\n.:\ntotal 4\n" + lsLine + "b\n", 2, 0, 3},
		{"named directory first", "/pub/in:\ntotal 4\n" + lsLine + "a\n", 1, 0, 2},
		{"another directory", lsLine + "a\n\n./sub:\ntotal 4\n" + lsLine + "b\n", 1, 3, 1},
		{"a message is no heading", lsLine + "a\nls: x: No such file\n" + lsLine + "b\n", 2, 1, 0},
		{"no blank line before it", lsLine + "a\nnote:\n" + lsLine + "b\n", 2, 1, 0},
		{"total in the middle", lsLine + "a\ntotal 12\n" + lsLine + "b\n", 2, 0, 1},
	} {
		t.Run(tt.about, func(t *testing.T) {
			l := parse(t, tt.text, Options{Kind: LIST})
			if len(l.Entries) != tt.entries || len(l.Unread) != tt.unread || l.Skipped != tt.skips {
				t.Errorf("%d entries, unread %q, %d skipped", len(l.Entries), l.Unread, l.Skipped)
			}
		})
	}
}

func TestDetection(t *testing.T) {
	dos := "03-04-22  01:05PM                  589 a\r\n"
	for _, tt := range []struct{ about, text, system, want string }{
		{"unix", lsLine + "a\n", "", "unix"},
		{"dos", dos, "", "dos"},
		{"dos, SYST says otherwise", dos, "UNIX Type: L8", "dos"},
		{"unix, SYST says otherwise", lsLine + "a\n", "Windows_NT", "unix"},
		{"a message first", "ls: x: Permission denied\n" + lsLine + "a\n", "", "unix"},
		{"majority", dos + lsLine + "a\n" + lsLine + "b\n", "", "unix"},
		{"nothing", "hello\n", "UNIX", ""},
	} {
		t.Run(tt.about, func(t *testing.T) {
			l := parse(t, tt.text, Options{System: tt.system})
			if l.Format != tt.want {
				t.Errorf("format %q, want %q", l.Format, tt.want)
			}
		})
	}
	t.Run("each line may be of another format", func(t *testing.T) {
		l := parse(t, lsLine+"a\r\n"+dos+"+r,\tb\r\ntype=dir;size=1; c\r\n"+lsLine+"d\r\n", Options{})
		if got := names(l); got != "a|a|b|c|d" || len(l.Unread) != 0 {
			t.Errorf("%q, unread %q", got, l.Unread)
		}
	})
}

func TestRawIsKept(t *testing.T) {
	line := lsLine + " odd \xff name "
	l := parse(t, line+"\r\nwhat is this\r\n", Options{})
	if len(l.Entries) != 1 || l.Entries[0].Raw != line {
		t.Errorf("entries %+v", l.Entries)
	}
	if len(l.Unread) != 1 || l.Unread[0] != "what is this" {
		t.Errorf("unread %q", l.Unread)
	}
}

func TestDefaultsOfNow(t *testing.T) {
	// Without Options.Now, a date without a year is at most a day ahead and less
	// than a year and a day behind the real clock.
	l := parse(t, "-rw-r--r-- 1 a b 1 Mar  4 09:07 f\n", Options{})
	age := time.Since(l.Entries[0].ModTime)
	if age < -25*time.Hour || age > 367*24*time.Hour {
		t.Errorf("age %v", age)
	}
}

// TestUnended: a last line without a line end is told, since the listing may
// have been cut short there.
func TestUnended(t *testing.T) {
	for text, want := range map[string]bool{
		"":                        false,
		"type=file;size=1; a\r\n": false,
		"type=file;size=1; a\n":   false,
		"type=file;size=1; a\r\ntype=file;size=2; b":         true,
		"-rw-r--r-- 1 u g 1 Nov 1 12:30 a\r\n-rw-r--r-- 1 u": true,
	} {
		l, err := Parse(strings.NewReader(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if l.Unended != want {
			t.Errorf("%q: Unended is %v", text, l.Unended)
		}
	}
}
