package listing

import (
	"strings"
	"testing"
)

func TestType(t *testing.T) {
	for typ, want := range map[Type]string{Other: "other", File: "file", Dir: "dir", Link: "link", 77: "other"} {
		if got := typ.String(); got != want {
			t.Errorf("%d is %q, want %q", typ, got, want)
		}
	}
}

func TestModeStrings(t *testing.T) {
	for _, tt := range []struct {
		typ   Type
		mode  uint32
		octal string
		text  string
	}{
		{File, 0o644, "0644", "-rw-r--r--"},
		{Dir, 0o755, "0755", "drwxr-xr-x"},
		{Link, 0o777, "0777", "lrwxrwxrwx"},
		{Other, 0o600, "0600", "?rw-------"},
		{File, 0, "0000", "----------"},
		{File, 0o4755, "4755", "-rwsr-xr-x"},
		{File, 0o4644, "4644", "-rwSr--r--"},
		{Dir, 0o2775, "2775", "drwxrwsr-x"},
		{Dir, 0o2705, "2705", "drwx--Sr-x"},
		{Dir, 0o1777, "1777", "drwxrwxrwt"},
		{Dir, 0o1776, "1776", "drwxrwxrwT"},
		{File, 0o7777, "7777", "-rwsrwsrwt"},
		{File, 0o7000, "7000", "---S--S--T"},
		{File, ModeUnknown, "", "-?????????"},
		{Other, ModeUnknown, "", "??????????"},
	} {
		if got := FormatMode(tt.mode); got != tt.octal {
			t.Errorf("FormatMode(%o) is %q, want %q", tt.mode, got, tt.octal)
		}
		got := ModeString(tt.typ, tt.mode)
		if got != tt.text {
			t.Errorf("ModeString(%v, %o) is %q, want %q", tt.typ, tt.mode, got, tt.text)
		}
		// What is shown is what ls would have written.
		if tt.mode != ModeUnknown && permMode(got[1:]) != tt.mode {
			t.Errorf("%q is read as %o", got, permMode(got[1:]))
		}
	}
}

func TestParseSize(t *testing.T) {
	for _, tt := range []struct {
		in    string
		want  int64
		class sizeClass
	}{
		{"0", 0, sizeStrong},
		{"010", 10, sizeStrong},
		{"4711", 4711, sizeStrong},
		{"9223372036854775807", 9223372036854775807, sizeStrong},
		{"9223372036854775808", UnknownSize, sizeStrong},
		{"18446744073709551616", UnknownSize, sizeStrong},
		{"1k", 1024, sizeStrong},
		{"1K", 1024, sizeStrong},
		{"33.5k", 34304, sizeStrong},
		{"33,5k", 34304, sizeStrong},
		{"1.5M", 1572864, sizeStrong},
		{"2G", 2147483648, sizeStrong},
		{"1.25T", 1374389534720, sizeStrong},
		{"1P", 1125899906842624, sizeStrong},
		{"7E", 8070450532247928832, sizeStrong},
		{"7.999E", 9222219115350168961, sizeStrong},
		{"8E", UnknownSize, sizeStrong},
		{"99999999999999999999k", UnknownSize, sizeStrong},
		{"12KB", 12288, sizeStrong},
		{"12KiB", 12288, sizeStrong},
		{"512B", 512, sizeStrong},
		{"1,234", 1234, sizeStrong},
		{"1.234.567", 1234567, sizeStrong},
		{"1'234", 1234, sizeStrong},
		{"1\u00a0234", 1234, sizeStrong},
		{"1\u202f234", 1234, sizeStrong},
		{"1\xa0234", 1234, sizeStrong},
		{"9,223,372,036,854,775,808", UnknownSize, sizeStrong},
		{"1,23", UnknownSize, sizeWeak},
		{"1,2345", UnknownSize, sizeWeak},
		{"1,", UnknownSize, sizeWeak},
		{"33.5", UnknownSize, sizeWeak},
		{"1.5X", UnknownSize, sizeWeak},
		{"12kk", UnknownSize, sizeWeak},
		{"-1", UnknownSize, sizeWeak},
		{"?", UnknownSize, sizeWeak},
		{"0x1f", UnknownSize, sizeWeak},
		{"group512", 512, sizeGlued},
		{"a9223372036854775808", UnknownSize, sizeGlued},
		{"group", UnknownSize, sizeNone},
		{"", UnknownSize, sizeNone},
	} {
		if got, class := parseSize(tt.in); got != tt.want || class != tt.class {
			t.Errorf("%q is %d, %d; want %d, %d", tt.in, got, class, tt.want, tt.class)
		}
	}
}

// TestParseMLSx reads lines of MLST replies, which Parse would skip too.
func TestParseMLSx(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{" type=file;size=1024;modify=20220304090733;UNIX.mode=0644; /pub/plain.txt", `file 0644 1024 2022-03-04T09:07:33Z "" "" "plain.txt" ""`},
		{"type=file;size=1024; plain.txt\r\n", `file - 1024 - "" "" "plain.txt" ""`},
		{"type=file;size=1024; plain.txt\n", `file - 1024 - "" "" "plain.txt" ""`},
		{"type=file;size=1024; Icon\r", `file - 1024 - "" "" "Icon\r" ""`},
		{" type=cdir;modify=20220304090733; /pub", `dir - - 2022-03-04T09:07:33Z "" "" "pub" ""`},
		{" type=pdir;modify=20220304090733; /", `dir - - 2022-03-04T09:07:33Z "" "" "/" ""`},
		{" type=dir; /", `dir - - - "" "" "/" ""`},
		{" type=OS.unix=slink:/x y; /pub/l", `link - - - "" "" "l" "/x y"`},
		{" /pub/no facts", `other - - - "" "" "no facts" ""`},
		{"type=file;size=1;", ""},
		{"type=file;size=1; ", ""},
		{"", ""},
		{" ", ""},
		{"250 end", ""},
	} {
		got := ""
		if e, ok := ParseMLSx(tt.line); ok {
			got = describe(&e)
		}
		if got != tt.want {
			t.Errorf("%q is\n %s, want\n %s", tt.line, got, tt.want)
		}
	}
}

// TestFormatAfterNoise has more lines that nobody can read than settle the format, and then an entry.
func TestFormatAfterNoise(t *testing.T) {
	text := strings.Repeat("?\n", 2*sampleLines) + "type=file;size=3; a\n"
	l, err := Parse(strings.NewReader(text), Options{Kind: MLSD})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Entries) != 1 || l.Format != "mlsd" || len(l.Unread) != 2*sampleLines {
		t.Errorf("%d entries, %d unread, format %q", len(l.Entries), len(l.Unread), l.Format)
	}
}
