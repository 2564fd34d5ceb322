package listing

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLocales reads what ls -l of GNU coreutils writes in the locales of glibc.
// In testdata/locales.txt, "#" names the locales that write the next 25 lines.
// The files in each are f01 to f12, 2001 to 2012 bytes long and of the 14th of
// their month in 2025, and g01 to g12, 1 to 12 bytes long and of the third of their
// month in 2026, 10:11. They were listed on 23 November 2026.
func TestLocales(t *testing.T) {
	text, err := os.ReadFile("testdata/locales.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for part := range strings.SplitSeq(string(text), "# ") {
		locales, lines, _ := strings.Cut(part, "\n")
		if locales == "" {
			continue
		}
		count++
		t.Run(locales, func(t *testing.T) { checkLocale(t, lines) })
	}
	if count < 70 {
		t.Errorf("%d locales only", count)
	}
}

// checkLocale checks the listing of one locale.
func checkLocale(t *testing.T, lines string) {
	t.Helper()
	var sb strings.Builder
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, `"`) {
			var err error
			if line, err = strconv.Unquote(line); err != nil {
				t.Fatal(err)
			}
		}
		sb.WriteString(line + "\r\n")
	}
	l := parse(t, sb.String(), Options{Kind: LIST, Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	if len(l.Entries) != 24 || l.Skipped != 1 || len(l.Unread) != 0 {
		t.Fatalf("%d entries, %d skipped, unread %q", len(l.Entries), l.Skipped, l.Unread)
	}
	for i := range l.Entries {
		e := &l.Entries[i]
		month, err := strconv.Atoi(e.Name[1:])
		if err != nil {
			t.Errorf("%q: name %q", e.Raw, e.Name)
			continue
		}
		size, want := int64(2000+month), time.Date(2025, time.Month(month), 14, 0, 0, 0, 0, time.UTC)
		if e.Name[0] == 'g' {
			size, want = int64(month), time.Date(2026, time.Month(month), 3, 10, 11, 0, 0, time.UTC)
			if !strings.Contains(e.Raw, "10:11") && !strings.Contains(e.Raw, "10.11") { // more than half a year old: no time
				want = want.Truncate(24 * time.Hour)
			}
		}
		if !e.ModTime.Equal(want) || e.Size != size || e.Owner != "root" || e.Group != "root" || e.Mode != 0o644 || e.Type != File {
			t.Errorf("%q is %s", e.Raw, describe(e))
		}
	}
}
