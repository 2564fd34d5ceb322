package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portside/client"
	"portside/client/listing"
)

func identity(s string) string { return s }

func TestLongFormat(t *testing.T) {
	day := time.Date(2022, 3, 4, 9, 7, 33, 0, time.UTC)
	entries := []listing.Entry{
		{Name: "a.txt", Owner: "mara", Group: "editors", Size: 5, ModTime: day, Mode: 0o640, Type: listing.File, Precise: true},
		{Name: "dir", Owner: "jo", Group: "x", Size: listing.UnknownSize, ModTime: day, Mode: 0o1777, Type: listing.Dir},
		{Name: "l\x1b[2J", Target: "a.txt", Size: 123456, Mode: listing.ModeUnknown, Type: listing.Link},
		{Name: "dev", Size: listing.UnknownSize, Mode: 0o6711, Type: listing.Other},
	}
	l := lister{decode: identity, zone: time.FixedZone("", 3600)}
	l.measure(entries)
	var b []byte
	for i := range entries {
		b = l.appendLong(b, &entries[i])
	}
	want := strings.Join([]string{
		"-rw-r----- mara editors       5  2022-03-04 10:07  a.txt",
		"drwxrwxrwt jo   x                2022-03-04 09:07  dir",
		`l                        123456                    l\x1b[2J -> a.txt`,
		"?rws--s--x                                         dev",
		"",
	}, "\n")
	if string(b) != want {
		t.Errorf("got\n%swant\n%s", b, want)
	}
}

func TestColumnsThatNobodyFillsAreLeftOut(t *testing.T) {
	entries := []listing.Entry{{Name: "A", Size: 7, Mode: listing.ModeUnknown, Type: listing.File}}
	l := lister{decode: identity, zone: time.UTC}
	l.measure(entries)
	if got := string(l.appendLong(nil, &entries[0])); got != "-  7  A\n" {
		t.Errorf("got %q", got)
	}
}

func TestOrder(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2022, 1, day, 0, 0, 0, 0, time.UTC) }
	sent := []listing.Entry{
		{Name: "c", Size: 2, ModTime: at(1)},
		{Name: "a", Size: 3, ModTime: at(2)},
		{Name: "d", Size: 1, ModTime: at(4)},
		{Name: "b", Size: 3, ModTime: at(3)},
	}
	for _, tt := range []struct {
		o    listOptions
		want string
	}{
		{listOptions{}, "abcd"},
		{listOptions{reverse: true}, "dcba"},
		{listOptions{order: bySize}, "abcd"},
		{listOptions{order: bySize, reverse: true}, "dcba"},
		{listOptions{order: byTime}, "dbac"},
		{listOptions{order: asSent}, "cadb"},
		{listOptions{order: asSent, reverse: true}, "bdac"},
	} {
		entries := slices.Clone(sent)
		order(entries, tt.o)
		var got strings.Builder
		for _, e := range entries {
			got.WriteString(e.Name)
		}
		if got.String() != tt.want {
			t.Errorf("%+v: %s, want %s", tt.o, got.String(), tt.want)
		}
	}
}

func TestEntryJSON(t *testing.T) {
	e := listing.Entry{
		Name: "caf\xe9\n", Target: "é", Type: listing.Link, Size: math.MaxInt64, Mode: 0o4755,
		Owner: "<&>", Group: "\xff", ModTime: time.Date(2022, 3, 4, 9, 7, 33, 0, time.FixedZone("", 3600)), Raw: "raw\x00",
	}
	var got map[string]any
	b := appendEntry(nil, &e, charset("").text)
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	for k, want := range map[string]any{
		"name": "café\n", "name_b64": "Y2Fm6Qo=", "target": "é", "type": "link", "mode": "4755",
		"owner": "<&>", "group": "ÿ", "mtime": "2022-03-04T08:07:33Z", "raw": "raw\x00",
	} {
		if got[k] != want {
			t.Errorf("%s = %v, want %v", k, got[k], want)
		}
	}
	if !bytes.Contains(b, []byte(`"size":9223372036854775807,`)) {
		t.Errorf("size is not exact in %s", b)
	}
	unknown := listing.Entry{Name: "x", Size: listing.UnknownSize, Mode: listing.ModeUnknown}
	if got := string(appendEntry(nil, &unknown, identity)); got != `{"name":"x","type":"other"}` {
		t.Errorf("what is unknown is not left out: %s", got)
	}
}

func TestListingJSONHoldsArraysAlways(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := writeListing(w, nil, nil, identity); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if b.String() != `{"entries":[],"unread":[]` {
		t.Errorf("got %s", b.String())
	}
}

// Every text must come out as JSON that reads back as the same text.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/", "\x00\x1f\x7f", "é中🚢", "\xff\xc3(", "\u2028\u2029", "a\nb\tc\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if !utf8.Valid(b) {
			t.Errorf("%q is not UTF-8", b)
		}
		if want := replaceInvalid(s); got != want {
			t.Errorf("%q reads back as %q", s, got)
		}
	})
}

// replaceInvalid puts U+FFFD in place of each byte that is no UTF-8.
func replaceInvalid(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

func TestBarLine(t *testing.T) {
	for _, tt := range []struct {
		label       string
		done, total int64
		rate        float64
		columns     int
		want        string
	}{
		{"a.bin", 630_000, 1_000_000, 100_000, 80, "a.bin             ██████████░░░░░░  63 % 630 kB of 1.00 MB  100 kB/s  0:04 left"},
		{"a.bin", 500, -1, 0, 40, "a.bin                             500 B"},
		{strings.Repeat("long", 20), 0, 10, 0, 60, "longlonglong…onglonglong ░░░░░░░░░░░░░░░░   0 % 0 B of 10 B"},
		{"文文文文文文文文文文文文文文文文文文文文文文文文", 10, 10, 0, 60, "文文文文文文…文文文文文 ████████████████ 100 % 10 B of 10 B"},
	} {
		got := string(barLine(tt.label, tt.done, tt.total, tt.rate, tt.columns))
		if w := textWidth(got); w >= tt.columns {
			t.Errorf("%q is %d columns wide, of %d", got, w, tt.columns)
		}
		if len(tt.want) > 0 && got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 9994: "9.99 kB", 9996: "10.0 kB", 99_960: "100 kB",
		999_600: "1.00 MB", 2 << 30: "2.15 GB", math.MaxInt64: "9.22 EB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestClockText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0:00", 65 * time.Second: "1:05", time.Hour + 61*time.Second: "1:01:01",
	} {
		if got := clockText(d); got != want {
			t.Errorf("clockText(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestRateOfTheLastSeconds(t *testing.T) {
	var m rateMeter
	start := time.Unix(0, 0)
	for i := range 101 { // 10 s at 1000 B/s, then 3 s and more at 5000 B/s
		m.add(start.Add(time.Duration(i)*100*time.Millisecond), int64(i)*100)
	}
	for i := 1; i <= 40; i++ {
		m.add(start.Add(10*time.Second+time.Duration(i)*100*time.Millisecond), 10_000+int64(i)*500)
	}
	if got := m.perSecond(); math.Abs(got-5000) > 100 {
		t.Errorf("rate = %v, want about 5000", got)
	}
}

func TestReadRaw(t *testing.T) {
	for in, want := range map[string]string{
		"secret\rrest":           "secret",
		"secret\n":               "secret",
		"wrong\x15right\r":       "right",
		"pü\x7fa\x08ässe\x04":    "pässe",
		"\x7f\x7fx\r":            "x",
		"ends without a newline": "ends without a newline",
	} {
		if got, err := readRaw(strings.NewReader(in)); err != nil || got != want {
			t.Errorf("readRaw(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	if got, err := readRaw(strings.NewReader("abc\x03d\r")); !errors.Is(err, context.Canceled) {
		t.Errorf("Ctrl+C gave %q, %v", got, err)
	}
}

// Several failures have the code of one only where nothing else was done and
// all are alike.
func TestFailuresCode(t *testing.T) {
	missing := &client.ReplyError{Verb: "RETR", Reply: client.Reply{Code: 550, Lines: []string{"No such file."}}}
	local := &localError{op: "read", err: errors.New("x")}
	for _, tt := range []struct {
		errs []error
		done int
		want int
	}{
		{[]error{missing}, 0, exitNotFound},
		{[]error{missing, missing}, 0, exitNotFound},
		{[]error{missing, local}, 0, exitFailed},
		{[]error{missing}, 1, exitFailed},
	} {
		f := failures{done: tt.done}
		for _, err := range tt.errs {
			f.list = append(f.list, failure{err: err})
		}
		if got := f.code(); got != tt.want {
			t.Errorf("%v with %d done: code %d, want %d", tt.errs, tt.done, got, tt.want)
		}
	}
}
