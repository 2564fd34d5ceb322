package listing

import (
	"strings"
	"time"
)

// A dateMatch is a date in a line of ls, and where the name begins after it.
type dateMatch struct {
	c      civil
	known  bool // the month and the form are; else c is void and the time stays empty
	utc    bool // c, less zone, is UTC and to the second
	zone   time.Duration
	late   *pendingDate // not nil: to be settled with the whole listing
	end    int          // first word after the date
	nameAt int
}

// matchDate tries to read a date that begins with word i and is followed by a
// name.
func (p *parser) matchDate(line string, i int) (dateMatch, bool) {
	w := p.word(line, i)
	if c := w[0]; !isDigit(c) {
		if c < 0x80 && !isLetter(c) {
			return dateMatch{}, false
		}
		return p.monthFirst(line, i)
	}
	n := digitsEnd(w, 0)
	switch {
	case n == len(w) || w[n] == ',' && n+1 == len(w):
	case w[n] >= 0x80:
		return p.cjk(line, i)
	case n <= 2 && w[n] == ':':
		return p.timeFirst(line, i)
	case n <= 2 && isDayOnly(w):
	case n <= 2 && w[n] == '.' && noBreakSpace(w[n+1:]) > 0:
		return p.dayAndName(line, i, n)
	case n <= 4 && (w[n] == '-' || w[n] == '/' || w[n] == '.') && n+1 < len(w):
		return p.joined(line, i)
	}
	switch {
	case n <= 2:
		return p.dayFirst(line, i)
	case n == 4 && n <= len(w):
		return p.yearFirst(line, i)
	}
	return dateMatch{}, false
}

// monthFirst reads "Mar  4 09:07", "Mar  4  2022", "Mar 04, 2022 09:07" and
// "Mar  4 09:07:33 2022" (ls -lT of BSD).
func (p *parser) monthFirst(line string, i int) (dateMatch, bool) {
	day, comma, ok := dayNumber(p.word(line, i+1))
	if !ok {
		return dateMatch{}, false
	}
	c := civil{day: day}
	d, ok := p.yearOrTime(line, i+2, &c, comma)
	if !ok {
		return dateMatch{}, false
	}
	return p.named(d, c, p.word(line, i))
}

// dayFirst reads "4 Mar 09:07", "4. Okt  2022", "4 de gen. 2022", and in numbers
// "4. 3. 2022" (Finnish) and "3 29 03:26", the month first.
func (p *parser) dayFirst(line string, i int) (dateMatch, bool) {
	day, _, ok := dayNumber(p.word(line, i))
	at := i + 1
	if p.word(line, at) == "de" {
		at++
	}
	name := p.word(line, at)
	if !ok || name == "" {
		return dateMatch{}, false
	}
	next := at + 1
	if vietnameseMonth(name) {
		return p.numberedMonth(line, next, day)
	}
	if w := p.word(line, next); (w == "у" || w == "u") && clockTime(p.word(line, next+1)).colon {
		next++ // "at", in Serbian
	}
	c := civil{day: day}
	d, ok := p.yearOrTime(line, next, &c, false)
	if !ok {
		return dateMatch{}, false
	}
	second, _, numeric := dayNumber(name)
	switch {
	case !numeric && isDigit(name[0]):
		return dateMatch{}, false
	case !numeric:
		return p.named(d, c, name)
	case hasStop(p.word(line, i)) && hasStop(name) && second <= 12:
		c.month = second
		return p.finish(d, c), true
	case c.year != 0 || !isNumber(name) || !isNumber(p.word(line, i)) || day > 12:
		return dateMatch{}, false
	}
	c.month, c.day = day, second
	return p.finish(d, c), true
}

// vietnameseMonth reports whether w is the word for "month" that a number follows.
func vietnameseMonth(w string) bool {
	return w == "Thg" || w == "thg" || w == "Tháng" || w == "tháng"
}

// numberedMonth reads the rest of "14 Thg 1   2025", from the number on.
func (p *parser) numberedMonth(line string, i int, day uint8) (dateMatch, bool) {
	m, _, ok := dayNumber(p.word(line, i))
	c := civil{month: m, day: day}
	d, found := p.yearOrTime(line, i+1, &c, false)
	if !ok || !found {
		return dateMatch{}, false
	}
	return p.finish(d, c), true
}

// timeFirst reads "10:11  3 Thg 6  f" (Vietnamese): the number of the month is
// padded on its right.
func (p *parser) timeFirst(line string, i int) (dateMatch, bool) {
	t := clockTime(p.word(line, i))
	day, _, ok := dayNumber(p.word(line, i+1))
	number := p.word(line, i+3)
	m, _, numbered := dayNumber(number)
	if !t.colon || !ok || !numbered || !vietnameseMonth(p.word(line, i+2)) {
		return dateMatch{}, false
	}
	d, ok := p.nameAfter(line, i+3, len(number) == 1)
	return p.finish(d, civil{month: m, day: day, hour: t.hour, minute: t.minute, se: t.se}), ok
}

// dayAndName reads "14.\u00a0led  2025" (Czech): day and month are one word, with a
// no-break space in it after the first n bytes and a full stop.
func (p *parser) dayAndName(line string, i, n int) (dateMatch, bool) {
	w := p.word(line, i)
	c := civil{day: number2(w[:n])}
	d, ok := p.yearOrTime(line, i+1, &c, false)
	name := w[n+1+noBreakSpace(w[n+1:]):]
	if !ok || name == "" {
		return dateMatch{}, false
	}
	return p.named(d, c, name)
}

// noBreakSpace returns the length of the no-break space that s begins with, in
// UTF-8 or in a character set of one byte; 0 if there is none.
func noBreakSpace(s string) int {
	switch {
	case strings.HasPrefix(s, "\u00a0"):
		return len("\u00a0")
	case s != "" && s[0] == 0xA0:
		return 1
	}
	return 0
}

// yearFirst reads "2022 okt  4". The same words can be a size and "okt  4" with a
// time or year; then they are that.
func (p *parser) yearFirst(line string, i int) (dateMatch, bool) {
	year, _, ok := yearNumber(p.word(line, i))
	day, _, isDay := dayNumber(p.word(line, i+2))
	name := p.word(line, i+1)
	if !ok || !isDay {
		return dateMatch{}, false
	}
	if isDigit(name[0]) {
		return p.cjk(line, i)
	}
	if p.isYearOrTime(line, i+3) {
		return dateMatch{}, false
	}
	d, ok := p.nameAfter(line, i+2, false)
	if !ok || p.months.find(name) == 0 {
		return dateMatch{}, false
	}
	return p.named(d, civil{year: year, day: day}, name)
}

// named completes a date whose month is given by name. A name that is not known
// leaves the date void.
func (p *parser) named(d dateMatch, c civil, name string) (dateMatch, bool) {
	if !monthLike(name) {
		return dateMatch{}, false
	}
	m := p.months.find(name)
	if m == 0 {
		return d, true
	}
	c.month = m.first()
	d = p.finish(d, c)
	if second := m.second(); second != 0 && d.c.valid() {
		c.month = second
		d.late = p.keep(pendingDate{class: contested, c: [readings]civil{d.c, p.finish(d, c).c}})
	}
	return d, true
}

// finish makes d known, with the date c; a year of 0 is filled in.
func (p *parser) finish(d dateMatch, c civil) dateMatch {
	if c.year == 0 {
		c = p.now.withYear(c)
	}
	d.c, d.known = c, true
	return d
}

// yearOrTime reads what follows month and day: the year, the time of day, or
// both. both says that a comma after the day announces both.
func (p *parser) yearOrTime(line string, i int, c *civil, both bool) (dateMatch, bool) {
	w := p.word(line, i)
	if w == "" || !isDigit(w[0]) {
		return dateMatch{}, false
	}
	if year, _, ok := yearNumber(w); ok {
		c.year = year
		unpadded := p.gap(i) == 1
		t := clockTime(p.word(line, i+1))
		if t.colon && p.gap(i+1) == 1 && (both || unpadded) {
			if d, named := p.nameAfter(line, i+1, false); named {
				c.hour, c.minute, c.se = t.hour, t.minute, t.se
				return d, true
			}
		}
		return p.nameAfter(line, i, unpadded)
	}
	t := clockTime(w)
	if !t.ok {
		return dateMatch{}, false
	}
	c.hour, c.minute, c.se = t.hour, t.minute, t.se
	if t.seconds {
		if year, plain, ok := yearNumber(p.word(line, i+1)); ok && plain && year >= 1970 && year <= p.now.latest.year+1 {
			if d, named := p.nameAfter(line, i+1, false); named {
				c.year = year
				return d, true
			}
		}
	}
	return p.nameAfter(line, i, false)
}

// isYearOrTime reports whether word i may follow month and day, as a year or as
// a time of day.
func (p *parser) isYearOrTime(line string, i int) bool {
	w := p.word(line, i)
	_, _, year := yearNumber(w)
	return year || clockTime(w).ok
}

// gap returns the number of blanks before word i.
func (p *parser) gap(i int) int {
	if i < 1 || i >= len(p.toks) {
		return 0
	}
	return p.toks[i].a - p.toks[i-1].b
}

// nameAfter places the name after word i: one blank parts them, and all others
// belong to the name. Servers that do not pad the year on its left (unpadded)
// write two blanks after it.
func (p *parser) nameAfter(line string, i int, unpadded bool) (dateMatch, bool) {
	at := p.toks[i].b + 1
	if unpadded && at < len(line) && line[at] == ' ' {
		at++
	}
	if at >= len(line) {
		return dateMatch{}, false
	}
	return dateMatch{end: i + 1, nameAt: at}, true
}

// dayNumber reads a day of the month, or a month in numbers: "4", "04", "4.",
// "4,", "4日". It reports whether a comma is at its end.
func dayNumber(w string) (day uint8, comma, ok bool) {
	n := digitsEnd(w, 0)
	if n == 0 || n > 2 {
		return 0, false, false
	}
	day = w[0] - '0'
	if n == 2 {
		day = day*10 + w[1] - '0'
	}
	switch rest := w[n:]; rest {
	case "", ".":
		return day, false, true
	case ",", ".,":
		return day, true, true
	default:
		return day, false, rest[0] >= 0x80 && len(rest) <= 3
	}
}

// yearNumber reads a year of four digits, which a comma, a full stop or the
// character for "year" may follow. plain says that nothing follows.
func yearNumber(w string) (year int32, plain, ok bool) {
	if len(w) < 4 || digitsEnd(w, 0) != 4 {
		return 0, false, false
	}
	year = int32(w[0]-'0')*1000 + int32(w[1]-'0')*100 + int32(w[2]-'0')*10 + int32(w[3]-'0')
	if year < 1600 {
		return 0, false, false
	}
	rest := w[4:]
	plain = rest == ""
	return year, plain, plain || rest == "," || rest == "." || rest[0] >= 0x80 && len(rest) <= 3
}

// isDayOnly reports whether w is a day with what may follow it, and not the
// beginning of a date in one word.
func isDayOnly(w string) bool {
	_, _, ok := dayNumber(w)
	return ok
}

// hasStop reports whether w ends with a full stop.
func hasStop(w string) bool { return w[len(w)-1] == '.' }
