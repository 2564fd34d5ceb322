package state

import (
	"testing"
	"time"

	"portside/client/listing"
)

func TestSize(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{
		{-1, ""},
		{0, "0 B"},
		{999, "999 B"},
		{1000, "1.0 kB"},
		{1234, "1.2 kB"},
		{9949, "9.9 kB"},
		{9950, "10 kB"},
		{12_345, "12 kB"},
		{999_499, "999 kB"},
		{999_500, "1.0 MB"},
		{4_100_000, "4.1 MB"},
		{1_200_000_000, "1.2 GB"},
		{5_000_000_000_000, "5.0 TB"},
		{1<<63 - 1, "9.2 EB"},
	} {
		if got := Size(c.n); got != c.want {
			t.Errorf("Size(%d) = %q, want %q", c.n, got, c.want)
		}
	}
}

func TestCountAndBytes(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{{0, "0"}, {999, "999"}, {1000, "1,000"}, {100_000, "100,000"}, {1_234_567, "1,234,567"}, {-1000, "-1,000"}, {-100, "-100"}} {
		if got := Count(c.n); got != c.want {
			t.Errorf("Count(%d) = %q, want %q", c.n, got, c.want)
		}
	}
	if got := Bytes(1); got != "1 byte" {
		t.Errorf("Bytes(1) = %q", got)
	}
	if got := Bytes(12_345); got != "12,345 bytes" {
		t.Errorf("Bytes = %q", got)
	}
	if got := Bytes(-1); got != "" {
		t.Errorf("Bytes of the unknown = %q", got)
	}
}

func TestMode(t *testing.T) {
	for _, c := range []struct {
		mode uint32
		want string
	}{
		{0o755, "rwxr-xr-x"},
		{0o644, "rw-r--r--"},
		{0, "---------"},
		{0o4755, "rwsr-xr-x"},
		{0o4644, "rwSr--r--"},
		{0o2755, "rwxr-sr-x"},
		{0o2745, "rwxr-Sr-x"},
		{0o1777, "rwxrwxrwt"},
		{0o1776, "rwxrwxrwT"},
		{listing.ModeUnknown, ""},
	} {
		if got := Mode(c.mode); got != c.want {
			t.Errorf("Mode(%#o) = %q, want %q", c.mode, got, c.want)
		}
	}
}

func TestCellAndDetail(t *testing.T) {
	when := time.Date(2026, 11, 2, 14, 3, 59, 0, time.UTC)
	r := Row{Name: "a", Text: "a", Target: "b/c", Size: 12_345, ModTime: when, Mode: 0o640, Owner: "www:data", Type: listing.Link}
	for c, want := range map[Column][2]string{
		ColumnName:     {"a", "a leads to b/c"},
		ColumnSize:     {"12 kB", "12,345 bytes"},
		ColumnModified: {"2026-11-02 14:03", "2026-11-02 14:03"},
		ColumnMode:     {"rw-r-----", "rw-r-----"},
		ColumnOwner:    {"www:data", "www:data"},
	} {
		if got := [2]string{r.Cell(c), r.Detail(c)}; got != want {
			t.Errorf("%v: %q, want %q", c, got, want)
		}
	}
	r.DayOnly = true
	if got := r.Cell(ColumnModified); got != "2026-11-02" {
		t.Errorf("a day shows as %q", got)
	}
	dir := Row{Type: listing.Dir, Size: 4096}
	if dir.Cell(ColumnSize) != "" || dir.Detail(ColumnSize) != "" || dir.Cell(ColumnModified) != "" {
		t.Error("a folder of unknown time shows a size or a time")
	}
}

func TestDescribe(t *testing.T) {
	f, d := Row{Text: "a.txt", Type: listing.File}, Row{Text: "img", Type: listing.Dir}
	for _, c := range []struct {
		rows []Row
		want string
	}{
		{[]Row{f}, "“a.txt”"},
		{[]Row{f, f}, "2 files"},
		{[]Row{d, d, d}, "3 folders"},
		{[]Row{f, d, f}, "1 folder and 2 files"},
	} {
		if got := Describe(c.rows); got != c.want {
			t.Errorf("Describe = %q, want %q", got, c.want)
		}
	}
}
