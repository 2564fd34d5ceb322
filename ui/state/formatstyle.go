package state

import (
	"strconv"
	"strings"
	"time"
)

// SizeUnits say in what sizes are written.
type SizeUnits string

// The units. The zero value is as SizesDecimal.
const (
	SizesDecimal SizeUnits = "decimal" // 1.2 kB, of 1000 bytes
	SizesBinary  SizeUnits = "binary"  // 1.2 KiB, of 1024 bytes (IEC 80000-13)
	SizesBytes   SizeUnits = "bytes"   // 1,234
)

// DateStyle says how times are written.
type DateStyle string

// The styles. The zero value is as DatesISO.
const (
	DatesISO      DateStyle = "iso"      // 2026-11-02 14:03 (ISO 8601, with a space)
	DatesLocale   DateStyle = "locale"   // as Format.Locale has it
	DatesRelative DateStyle = "relative" // 5 minutes ago; after a week as DatesISO
)

// A Format is how sizes and times are written for people. The zero value writes
// "1.2 kB" and "2026-11-02 14:03".
type Format struct {
	Sizes  SizeUnits
	Dates  DateStyle
	Locale string           // of DatesLocale: "de_DE.UTF-8", "en-US"
	Now    func() time.Time // of DatesRelative; nil: time.Now
}

// Size writes n bytes in short: "512 B", "1.2 kB", "340 MB". It writes nothing
// where n is not known.
func (f Format) Size(n int64) string {
	if n < 0 {
		return ""
	}
	base, units := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	switch f.Sizes {
	case SizesBytes:
		return Count(n)
	case SizesBinary:
		base, units = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	case SizesDecimal:
	}
	if float64(n) < base {
		return strconv.FormatInt(n, 10) + " B"
	}
	v := float64(n)
	for _, unit := range units {
		v /= base
		switch {
		case v < 9.95:
			return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit
		case v < base-0.5 || unit == units[len(units)-1]:
			return strconv.FormatFloat(v, 'f', 0, 64) + " " + unit
		}
	}
	return ""
}

// Sum is Size inside a sentence, where a bare number would not say of what.
func (f Format) Sum(n int64) string {
	if f.Sizes == SizesBytes {
		return Bytes(n)
	}
	return f.Size(n)
}

// Rate writes bytes a second, nothing while they are not known.
func (f Format) Rate(rate float64) string {
	if rate < 1 {
		return ""
	}
	if f.Sizes == SizesBytes {
		return Count(int64(rate)) + " B/s"
	}
	return f.Size(int64(rate)) + "/s"
}

// Time writes t to the minute, in t's own zone. It writes nothing for the zero
// Time.
func (f Format) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch f.Dates {
	case DatesRelative:
		if text := f.ago(t); text != "" {
			return text
		}
	case DatesLocale:
		day, clock := localeLayouts(f.Locale)
		return t.Format(day + " " + clock)
	case DatesISO:
	}
	return t.Format("2006-01-02 15:04")
}

// Day writes a day whose time is not known.
func (f Format) Day(t time.Time) string {
	switch f.Dates {
	case DatesRelative:
		if text := f.days(t); text != "" {
			return text
		}
	case DatesISO:
	case DatesLocale:
		day, _ := localeLayouts(f.Locale)
		return t.Format(day)
	}
	return t.Format(time.DateOnly)
}

func (f Format) now(zone *time.Location) time.Time {
	if f.Now == nil {
		return time.Now().In(zone)
	}
	return f.Now().In(zone)
}

// ago writes how long t is past, up to a week; "" for what lies further away or
// ahead.
func (f Format) ago(t time.Time) string {
	past := f.now(t.Location()).Sub(t)
	switch {
	case past < -time.Minute:
		return ""
	case past < time.Minute:
		return "just now"
	case past < time.Hour:
		return Counted(int(past/time.Minute), "minute", "minutes") + " ago"
	case past < 12*time.Hour:
		return Counted(int(past/time.Hour), "hour", "hours") + " ago"
	}
	day := f.days(t)
	if day == "today" || day == "yesterday" {
		return day + " " + t.Format("15:04")
	}
	return day
}

// days writes how many days t is past, up to a week; else "".
func (f Format) days(t time.Time) string {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch n := int(midnight(f.now(t.Location())).Sub(midnight(t)) / (24 * time.Hour)); {
	case n == 0:
		return "today"
	case n == 1:
		return "yesterday"
	case n > 1 && n <= 7:
		return Counted(n, "day", "days") + " ago"
	}
	return ""
}

// localeLayouts returns how a day and a time of day are written in a place, such
// as "de_DE.UTF-8" or "en-US", by the short forms of CLDR with the year in full.
// Where nothing is known they are those of ISO 8601.
func localeLayouts(locale string) (day, clock string) {
	locale, _, _ = strings.Cut(locale, ".")
	locale, _, _ = strings.Cut(locale, "@")
	language, region, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	language = strings.ToLower(language)
	if i := strings.LastIndexByte(region, '-'); i >= 0 { // zh-Hant-TW
		region = region[i+1:]
	}
	region = strings.ToUpper(region)
	const iso, dots, slashes, half = "2006-01-02", "02.01.2006", "02/01/2006", "3:04 PM"
	clock = "15:04"
	switch language {
	case "en":
		switch region {
		case "US", "PH", "":
			return "01/02/2006", half
		case "CA":
			return iso, half
		case "AU", "NZ", "IN", "SG":
			return slashes, half
		case "ZA":
			return "2006/01/02", clock
		}
		return slashes, clock
	case "de", "ru", "uk", "pl", "cs", "sk", "tr", "fi", "nb", "nn", "no", "da", "ro", "bg", "et", "lv", "hr", "sl", "sr":
		if language == "de" || region != "CH" {
			return dots, clock
		}
	case "fr":
		if region == "CA" {
			return iso, clock
		}
		if region == "CH" {
			return dots, clock
		}
		return slashes, clock
	case "it":
		if region == "CH" {
			return dots, clock
		}
		return slashes, clock
	case "es", "pt", "el", "ca", "gl", "vi", "id":
		return slashes, clock
	case "nl":
		return "02-01-2006", clock
	case "ja", "zh":
		return "2006/01/02", clock
	case "ko", "hu":
		return "2006.01.02", clock
	}
	return iso, clock
}
