package listing

import "time"

// A civil is a date and a time of day, of no particular time zone.
type civil struct {
	year             int32
	month, day       uint8
	hour, minute, se uint8
}

// valid reports whether c exists in the calendar. A leap second does not.
func (c civil) valid() bool {
	return c.year >= 1600 && c.year <= 9999 && c.month >= 1 && c.month <= 12 &&
		c.day >= 1 && c.day <= daysIn(c.year, c.month) &&
		c.hour <= 23 && c.minute <= 59 && c.se <= 59
}

// after reports whether c is later than d.
func (c civil) after(d civil) bool {
	return c.order() > d.order()
}

// order maps c to a number that grows with time.
func (c civil) order() int64 {
	n := int64(c.year)
	for _, v := range [...]uint8{c.month, c.day, c.hour, c.minute, c.se} {
		n = n<<8 | int64(v)
	}
	return n
}

// unix returns c, taken as UTC, in seconds since 1970.
func (c civil) unix() int64 {
	// Days by the proleptic Gregorian calendar, with years that begin in March.
	y, m := int64(c.year), int64(c.month)
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + int64(c.day) - 1
	days := era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
	return days*86400 + int64(c.hour)*3600 + int64(c.minute)*60 + int64(c.se)
}

// isLeap reports whether year has a 29 February.
func isLeap(year int32) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

// daysIn returns the number of days of a month.
func daysIn(year int32, month uint8) uint8 {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// A clock turns dates as a server writes them into instants.
type clock struct {
	loc    *time.Location
	utc    bool
	latest civil // now and one day: what is later belongs to last year
}

// newClock returns a clock for a server in loc.
func newClock(now time.Time, loc *time.Location) clock {
	t := now.In(loc).Add(24 * time.Hour)
	return clock{
		loc: loc,
		utc: loc == time.UTC,
		latest: civil{
			year: int32(t.Year()), month: uint8(t.Month()), day: uint8(t.Day()),
			hour: uint8(t.Hour()), minute: uint8(t.Minute()), se: uint8(t.Second()),
		},
	}
}

// withYear gives a date without a year the latest year that does not put it more
// than one day ahead of now. 29 February goes back to a leap year.
func (k *clock) withYear(c civil) civil {
	c.year = k.latest.year
	if c.after(k.latest) {
		c.year--
	}
	if c.month == 2 && c.day == 29 {
		for !isLeap(c.year) {
			c.year--
		}
	}
	return c
}

// time returns the instant of c at the server, in UTC; the zero Time if there is
// no such date.
func (k *clock) time(c civil) time.Time {
	if !c.valid() {
		return time.Time{}
	}
	if k.utc {
		return time.Unix(c.unix(), 0).UTC()
	}
	return time.Date(int(c.year), time.Month(c.month), int(c.day),
		int(c.hour), int(c.minute), int(c.se), 0, k.loc).UTC()
}

// utcTime returns the instant of c in UTC; the zero Time if there is no such date.
func utcTime(c civil) time.Time {
	if !c.valid() {
		return time.Time{}
	}
	return time.Unix(c.unix(), 0).UTC()
}

// epochTime returns the instant sec seconds after 1970; the zero Time if that is
// past the year 9999.
func epochTime(sec int64) time.Time {
	if sec < 0 || sec > 253402300799 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// fullYear completes a year of two digits (70 is 1970, 69 is 2069), or of three,
// as servers write it that print the years since 1900.
func fullYear(year, digits int) int32 {
	switch {
	case digits >= 4:
		return int32(year)
	case digits == 3:
		return int32(1900 + year)
	case year < 70:
		return int32(2000 + year)
	default:
		return int32(1900 + year)
	}
}
