package state

import (
	"testing"
	"time"

	"portside/client/listing"
)

func TestSizesInUnits(t *testing.T) {
	for _, tt := range []struct {
		n                      int64
		decimal, binary, bytes string
	}{
		{-1, "", "", ""},
		{0, "0 B", "0 B", "0"},
		{999, "999 B", "999 B", "999"},
		{1000, "1.0 kB", "1000 B", "1,000"},
		{1024, "1.0 kB", "1.0 KiB", "1,024"},
		{1_048_576, "1.0 MB", "1.0 MiB", "1,048,576"},
		{10_189, "10 kB", "10 KiB", "10,189"},
		{1_072_693_248, "1.1 GB", "1023 MiB", "1,072,693,248"},
		{1 << 30, "1.1 GB", "1.0 GiB", "1,073,741,824"},
		{1<<63 - 1, "9.2 EB", "8.0 EiB", "9,223,372,036,854,775,807"},
	} {
		got := [3]string{Format{}.Size(tt.n), Format{Sizes: SizesBinary}.Size(tt.n), Format{Sizes: SizesBytes}.Size(tt.n)}
		if got != [3]string{tt.decimal, tt.binary, tt.bytes} {
			t.Errorf("%d: %q", tt.n, got)
		}
	}
	f := Format{Sizes: SizesBytes}
	if f.Sum(5) != "5 bytes" || f.Rate(1234.5) != "1,234 B/s" || (Format{Sizes: SizesBinary}).Rate(2048) != "2.0 KiB/s" {
		t.Errorf("%q %q", f.Sum(5), f.Rate(1234.5))
	}
}

func TestTimesInStyles(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	now := time.Date(2026, 11, 23, 15, 0, 0, 0, zone)
	relative := Format{Dates: DatesRelative, Now: func() time.Time { return now.UTC() }}
	for _, tt := range []struct {
		past time.Duration
		want string
	}{
		{-time.Hour, "2026-11-23 16:00"},
		{30 * time.Second, "just now"},
		{time.Minute, "1 minute ago"},
		{59 * time.Minute, "59 minutes ago"},
		{2 * time.Hour, "2 hours ago"},
		{14 * time.Hour, "today 01:00"},
		{16 * time.Hour, "yesterday 23:00"},
		{4 * 24 * time.Hour, "4 days ago"},
		{8 * 24 * time.Hour, "2026-11-15 15:00"},
	} {
		if got := relative.Time(now.Add(-tt.past)); got != tt.want {
			t.Errorf("%v past: %q, want %q", tt.past, got, tt.want)
		}
	}
	if relative.Time(time.Time{}) != "" {
		t.Error("no time is written as one")
	}
	at := time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC)
	for locale, want := range map[string]string{
		"de_DE.UTF-8": "02.11.2026 14:03", "en_US.UTF-8": "11/02/2026 2:03 PM", "en-GB": "02/11/2026 14:03", "de_CH@euro": "02.11.2026 14:03",
		"fr_CA": "2026-11-02 14:03", "ja_JP": "2026/11/02 14:03", "C.UTF-8": "2026-11-02 14:03", "": "2026-11-02 14:03", "zh-Hant-TW": "2026/11/02 14:03",
	} {
		if got := (Format{Dates: DatesLocale, Locale: locale}).Time(at); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

func TestCellsInAFormat(t *testing.T) {
	r := Row{Size: 2048, ModTime: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Type: listing.File, DayOnly: true}
	f := Format{Sizes: SizesBinary, Dates: DatesRelative, Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }}
	if f.Cell(&r, ColumnSize) != "2.0 KiB" || f.Cell(&r, ColumnModified) != "yesterday" {
		t.Errorf("%q, %q", f.Cell(&r, ColumnSize), f.Cell(&r, ColumnModified))
	}
	r.DayOnly = false
	if f.Detail(&r, ColumnModified) != "2026-11-22 00:00" || f.Detail(&r, ColumnSize) != "2,048 bytes" {
		t.Errorf("in full: %q, %q", f.Detail(&r, ColumnModified), f.Detail(&r, ColumnSize))
	}
	m := &Model{}
	m.Set(NewDirectory([]Row{r}), false)
	m.SetFormat(f)
	if got := m.Status(); got != "1 file, 2.0 KiB" {
		t.Errorf("status %q", got)
	}
}

func TestFoldersAmongFiles(t *testing.T) {
	rows := []Row{{Name: "b", Text: "b", Type: listing.Dir}, {Name: "a", Text: "a", Size: 5, Type: listing.File}, {Name: "c", Text: "c", Size: 3, Type: listing.File}}
	names := func(m *Model) (out string) {
		for i := range m.Len() {
			out += m.Row(i).Name
		}
		return out
	}
	m := &Model{}
	m.Set(NewDirectory(rows), false)
	first := names(m)
	m.SetFoldersFirst(false)
	mixed := names(m)
	m.SortBy(ColumnName, true)
	down := names(m)
	m.SortBy(ColumnSize, true)
	if first != "bac" || mixed != "abc" || down != "cba" || names(m) != "acb" {
		t.Errorf("first %s, mixed %s, downwards %s, by size %s", first, mixed, down, names(m))
	}
	m.SetFoldersFirst(true)
	if names(m) != "bac" {
		t.Errorf("first again %s", names(m))
	}
}
