package listing

import (
	"strings"
	"testing"
	"time"
)

// mtime parses one line as of now and returns its time.
func mtime(t *testing.T, line string, opt Options) string {
	t.Helper()
	l := parse(t, line+"\r\n", opt)
	if len(l.Entries) != 1 {
		t.Fatalf("%q was not read", line)
	}
	if l.Entries[0].ModTime.IsZero() {
		return "-"
	}
	return l.Entries[0].ModTime.Format("2006-01-02 15:04")
}

// TestMissingYear is trap 1.
func TestMissingYear(t *testing.T) {
	for _, tt := range []struct{ now, date, want string }{
		{"2026-11-23 12:00", "Nov 23 12:00", "2026-11-23 12:00"},
		{"2026-11-23 12:00", "Nov 23 23:59", "2026-11-23 23:59"}, // clock skew
		{"2026-11-23 12:00", "Nov 24 12:00", "2026-11-24 12:00"}, // one day ahead
		{"2026-11-23 12:00", "Nov 24 12:01", "2025-11-24 12:01"}, // more than one day
		{"2026-11-23 12:00", "Dec 31 12:00", "2025-12-31 12:00"},
		{"2026-11-23 12:00", "Jan  1 00:00", "2026-01-01 00:00"},
		{"2026-01-01 00:30", "Dec 31 23:50", "2025-12-31 23:50"},
		{"2026-01-01 00:30", "Jan  1 00:20", "2026-01-01 00:20"},
		{"2026-01-01 00:30", "Jan  2 00:30", "2026-01-02 00:30"},
		{"2026-01-01 00:30", "Jan  2 00:31", "2025-01-02 00:31"},
		{"2025-12-31 23:50", "Jan  1 00:10", "2026-01-01 00:10"}, // the server is ahead
		{"2025-12-31 23:50", "Jan  1 23:50", "2026-01-01 23:50"},
		{"2025-12-31 23:50", "Jan  1 23:51", "2025-01-01 23:51"},
		{"2025-12-31 23:50", "Dec 31 23:55", "2025-12-31 23:55"},
		{"2026-11-23 12:00", "Feb 29 10:00", "2024-02-29 10:00"},
		{"2024-03-01 12:00", "Feb 29 10:00", "2024-02-29 10:00"},
		{"2024-02-28 12:00", "Feb 29 10:00", "2024-02-29 10:00"},
		{"2024-02-27 12:00", "Feb 29 10:00", "2020-02-29 10:00"},
		{"2101-01-15 12:00", "Feb 29 10:00", "2096-02-29 10:00"}, // 2100 is none
	} {
		now, err := time.Parse("2006-01-02 15:04", tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := mtime(t, "-rw-r--r-- 1 a b 1 "+tt.date+" f", Options{Now: now}); got != tt.want {
			t.Errorf("now %s: %s is %s, want %s", tt.now, tt.date, got, tt.want)
		}
	}
}

// TestLocation: LIST has the server's time, MLSD and EPLF have UTC.
func TestLocation(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	opt := Options{Location: zone, Now: time.Date(2026, 1, 1, 0, 30, 0, 0, zone)}
	for _, tt := range []struct{ line, want string }{
		{"-rw-r--r-- 1 a b 1 Mar  4 09:07 f", "2025-03-04 00:07"},
		{"-rw-r--r-- 1 a b 1 Jan  1 00:20 f", "2025-12-31 15:20"},
		{"-rw-r--r-- 1 a b 1 Mar  4  2022 f", "2022-03-03 15:00"},
		{"-rw-r--r-- 1 a b 1 2022-03-04 09:07:33.0 +0200 f", "2022-03-04 07:07"},
		{"03-04-22  01:05PM                  589 f", "2022-03-04 04:05"},
		{"type=file;modify=20220304090733; f", "2022-03-04 09:07"},
		{"+m1646384853,r,\tf", "2022-03-04 09:07"},
		{"0100644 1 1 1 1646384853 f", "2022-03-04 09:07"},
	} {
		if got := mtime(t, tt.line, opt); got != tt.want {
			t.Errorf("%q is %s, want %s", tt.line, got, tt.want)
		}
	}
	summer, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data")
	}
	opt.Location = summer
	if got := mtime(t, "-rw-r--r-- 1 a b 1 Jul  4  2022 f", opt); got != "2022-07-03 22:00" {
		t.Errorf("summer time: %s", got)
	}
}

// TestTwoDigitOrder is trap 10: the whole listing settles the order of a date.
func TestTwoDigitOrder(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	row := func(date string) string { return date + "  09:07                  589 f\r\n" }
	for _, tt := range []struct{ about, dates, want string }{
		{"month first", "03-04-22 04-27-22", "2022-03-04 2022-04-27"},
		{"day first", "03-04-22 27-04-22", "2022-04-03 2022-04-27"},
		{"day first, settled late", "03-04-22 05-06-22 27-04-22", "2022-04-03 2022-06-05 2022-04-27"},
		{"day first, settled before", "27-04-22 03-04-22", "2022-04-27 2022-04-03"},
		{"year first", "99-04-27 03-04-05", "1999-04-27 2003-04-05"},
		{"year first by days", "22-04-27 22-03-04 21-12-31", "2022-04-27 2022-03-04 2021-12-31"},
		{"undecided", "03-04-22 05-06-22", "2022-03-04 2022-05-06"},
		{"future says day first", "04-12-26 05-10-26 03-11-26 07-09-26", "2026-04-12 2026-05-10 2026-03-11 2026-07-09"},
		{"future decides", "10-12-26 11-12-26 01-12-26", "2026-10-12 2026-11-12 2026-01-12"},
		{"slashes, day first", "03/04/22 27/04/22", "2022-04-03 2022-04-27"},
		{"dots", "03.04.22", "2022-04-03"},
		{"dots, month first", "03.04.22 04.27.22", "2022-03-04 2022-04-27"},
		{"four digits, day first", "03/04/2022 27/04/2022", "2022-04-03 2022-04-27"},
		{"one wrong line does not decide", "03-04-22 04-27-22 04-28-22 27-04-22", "2022-03-04 2022-04-27 2022-04-28 2022-04-27"},
		{"same either way", "05-05-22 27-04-22", "2022-05-05 2022-04-27"},
	} {
		t.Run(tt.about, func(t *testing.T) {
			var sb strings.Builder
			for _, d := range strings.Fields(tt.dates) {
				sb.WriteString(row(d))
			}
			l := parse(t, sb.String(), Options{Now: now})
			var got []string
			for i := range l.Entries {
				got = append(got, l.Entries[i].ModTime.Format("2006-01-02"))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
	t.Run("unix", func(t *testing.T) {
		l := parse(t, "-rw-r--r-- 1 a b 1 03-04-2022 09:07 f\n-rw-r--r-- 1 a b 1 04-27-2022 09:07 f\n", Options{Now: now})
		if got := l.Entries[0].ModTime.Format("2006-01-02"); got != "2022-03-04" {
			t.Errorf("got %s", got)
		}
	})
}

// TestMonthCharset: a character set named by the session comes before guesses.
func TestMonthCharset(t *testing.T) {
	for _, charset := range []string{"", "koi8-r", "nonsense", "utf-8"} {
		line := "-rw-r--r-- 1 a b 1 12 \xcd\xc1\xd1  2021 f"
		if got := mtime(t, line, Options{Charset: charset}); got != "2021-05-12 00:00" {
			t.Errorf("charset %q: %s", charset, got)
		}
	}
}

// TestMonthTable checks that each name means one month, and that names are as
// they are looked up.
func TestMonthTable(t *testing.T) {
	seen := map[string]int{}
	total := 0
	for i, text := range monthNames {
		for _, name := range strings.Fields(text) {
			total++
			if j, ok := seen[name]; ok {
				t.Errorf("%q is month %d and %d", name, j, i+1)
			}
			seen[name] = i + 1
			f := monthFinder{}
			if m := f.find(name); m.first() != uint8(i+1) {
				t.Errorf("%q is found as %d, want %d", name, m.first(), i+1)
			}
		}
	}
	if total < 1000 {
		t.Errorf("%d names", total)
	}
	for i, name := range strings.Fields("Jan feb MAR aPr May JUN jul Aug sep Oct nov DEC") {
		f := monthFinder{}
		if m := f.find(name); int(m) != i+1 {
			t.Errorf("%q is %d", name, m)
		}
	}
	for _, name := range []string{"", "x", "foo", "ja", "mara", "1an", "j4n", "дом", "\xff\xfe"} {
		f := monthFinder{}
		if m := f.find(name); m != 0 {
			t.Errorf("%q is %d", name, m)
		}
	}
}

// TestCivil compares the calendar with that of package time.
func TestCivil(t *testing.T) {
	for day := time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2500; day = day.AddDate(0, 0, 17) {
		c := civil{
			year: int32(day.Year()), month: uint8(day.Month()), day: uint8(day.Day()),
			hour: 23, minute: 59, se: 58,
		}
		want := day.Add(24*time.Hour - 2*time.Second)
		if got := utcTime(c); !got.Equal(want) || got.Location() != time.UTC {
			t.Fatalf("%+v is %v, want %v", c, got, want)
		}
		if last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); int(daysIn(c.year, c.month)) != last {
			t.Fatalf("%d-%d has %d days", c.year, c.month, daysIn(c.year, c.month))
		}
	}
	for _, c := range []civil{
		{},
		{year: 2022},
		{year: 2022, month: 13, day: 1},
		{year: 2022, month: 2, day: 29},
		{year: 1900, month: 2, day: 29},
		{year: 2022, month: 1, day: 1, hour: 24},
		{year: 2022, month: 1, day: 1, minute: 60},
		{year: 2022, month: 1, day: 1, se: 60},
		{year: 1599, month: 1, day: 1},
		{year: 10000, month: 1, day: 1},
	} {
		if c.valid() || !utcTime(c).IsZero() {
			t.Errorf("%+v is valid", c)
		}
	}
}

func TestClockTime(t *testing.T) {
	for _, tt := range []struct {
		in, want string
	}{
		{"09:07", "9 7 0"},
		{"9:07", "9 7 0"},
		{"00:0", "0 0 0"},
		{"09:07:33", "9 7 33"},
		{"09:07:33.123456789", "9 7 33"},
		{"12:00AM", "0 0 0"},
		{"12:30am", "0 30 0"},
		{"12:00PM", "12 0 0"},
		{"01:05PM", "13 5 0"},
		{"1:05p", "13 5 0"},
		{"11:59PM", "23 59 0"},
		{"13:05PM", "13 5 0"},
		{"09.07", "9 7 0"},
		{"99:99", "99 99 0"},
		{"", "-"},
		{"9", "-"},
		{"9:", "-"},
		{":07", "-"},
		{"009:07", "-"},
		{"09:007", "-"},
		{"09:07:", "-"},
		{"09:07:333", "-"},
		{"09:07x", "-"},
		{"09:07 PM", "-"},
		{"09:07XM", "-"},
		{"9.7", "-"},
		{"1.234", "-"},
		{"09.07.33", "-"},
		{"12,30", "-"},
	} {
		got := "-"
		if c := clockTime(tt.in); c.ok {
			got = strings.Join([]string{itoa(c.hour), itoa(c.minute), itoa(c.se)}, " ")
		}
		if got != tt.want {
			t.Errorf("%q is %s, want %s", tt.in, got, tt.want)
		}
	}
}

// itoa writes a small number.
func itoa(n uint8) string {
	if n < 10 {
		return string('0' + rune(n))
	}
	return itoa(n/10) + itoa(n%10)
}
