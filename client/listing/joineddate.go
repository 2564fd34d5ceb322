package listing

import (
	"strings"
	"time"
)

// joined reads a date whose parts are joined in word i: "2022-03-04", "03-04"
// (ls --time-style=iso), "24.04.2003", "01-jun-99", each with its time or year.
func (p *parser) joined(line string, i int) (dateMatch, bool) {
	w := p.word(line, i)
	clock, zulu := "", false
	if len(w) > 11 && w[10] == 'T' { // 2022-03-04T09:07:33Z
		clock, zulu = strings.CutSuffix(w[11:], "Z")
		w = w[:10]
	}
	j, ok := splitDate(strings.TrimSuffix(w, "."))
	if !ok {
		return dateMatch{}, false
	}
	var at civil
	if j.parts == 2 {
		d, found := p.yearOrTime(line, i+1, &at, false)
		if !found || (j.sep == '.') != hasStop(p.word(line, i)) {
			return dateMatch{}, false
		}
		at.month, at.day = uint8(j.n[0]), uint8(j.n[1])
		if j.sep == '.' { // 14.10. (Finnish)
			at.month, at.day = at.day, at.month
		}
		return p.finish(d, at), true
	}
	var d dateMatch
	if clock != "" {
		t := clockTime(clock)
		if !t.ok {
			return dateMatch{}, false
		}
		at.hour, at.minute, at.se = t.hour, t.minute, t.se
		d, ok = p.nameAfter(line, i, false)
		d.utc = zulu && t.seconds
	} else {
		d, ok = p.timeAfter(line, i, &at)
	}
	if !ok {
		return dateMatch{}, false
	}
	if j.name != "" {
		at.day, at.year = uint8(j.n[0]), fullYear(j.n[2], j.digits[2])
		return p.named(d, at, j.name)
	}
	d.known = true
	d.c, d.late = p.numericDate(unixNumeric, j.n, j.digits, at)
	return d, true
}

// A joinedDate is a date in one word: three parts, or month and day.
type joinedDate struct {
	n, digits [3]int
	name      string // of the month, if it is the second part
	parts     int
	sep       byte
}

// splitDate parts a date at its separators.
func splitDate(w string) (j joinedDate, ok bool) {
	for {
		n := digitsEnd(w, 0)
		if n == 0 && j.parts == 1 {
			n = strings.IndexByte(w, j.sep)
			if n < 2 || !monthLike(w[:n]) {
				return j, false
			}
			j.name = w[:n]
		} else {
			if n == 0 || n > 4 {
				return j, false
			}
			j.n[j.parts], j.digits[j.parts] = int(decimal(w[:n])), n
		}
		j.parts++
		if n == len(w) {
			break
		}
		if j.parts == 3 || j.sep != 0 && w[n] != j.sep {
			return j, false
		}
		if j.sep = w[n]; j.sep != '-' && j.sep != '/' && j.sep != '.' {
			return j, false
		}
		w = w[n+1:]
	}
	return j, j.plausible()
}

// plausible reports whether the parts have as many digits as a date has.
func (j *joinedDate) plausible() bool {
	d := j.digits
	switch {
	case j.parts == 2:
		return j.name == "" && d[0] <= 2 && d[1] <= 2
	case j.parts != 3:
		return false
	case j.name != "":
		return d[0] <= 2 && d[2] >= 2
	case d[0] == 4:
		return j.n[0] >= 1600 && d[1] <= 2 && d[2] <= 2
	}
	return d[0] <= 2 && d[1] <= 2 && d[2] >= 2 && (d[2] < 4 || j.n[2] >= 1600)
}

// timeAfter reads the time that may follow a whole date at word i, with a zone
// after it if it has seconds ("09:07:33.123456789 +0200"). Where no name follows
// the time, it is the name itself: that is what ls --time-style=iso writes for
// old files, with two blanks after the date.
func (p *parser) timeAfter(line string, i int, at *civil) (dateMatch, bool) {
	t := clockTime(p.word(line, i+1))
	if !t.colon {
		return p.nameAfter(line, i, p.gap(i) > 0)
	}
	d, ok := p.nameAfter(line, i+1, false)
	if !ok {
		if p.gap(i+1) < 2 {
			return dateMatch{}, false
		}
		return p.nameAfter(line, i, true)
	}
	if zone, found := zoneOffset(p.word(line, i+2)); found && t.seconds {
		if z, named := p.nameAfter(line, i+2, false); named {
			d = z
			d.utc, d.zone = true, zone
		}
	}
	at.hour, at.minute, at.se = t.hour, t.minute, t.se
	return d, true
}

// zoneOffset reads "+0200".
func zoneOffset(w string) (time.Duration, bool) {
	if len(w) != 5 || w[0] != '+' && w[0] != '-' || digitsEnd(w, 1) != 5 {
		return 0, false
	}
	z := time.Duration(number2(w[1:3]))*time.Hour + time.Duration(number2(w[3:5]))*time.Minute
	if w[0] == '-' {
		z = -z
	}
	return z, true
}

// cjk reads a date of Chinese, Japanese or Korean servers, in any character set:
// "10月  4日 09:07", "2022年10月4日", "3月 4 2022年". What follows a number is not
// looked at; the numbers themselves say which is the year.
func (p *parser) cjk(line string, i int) (dateMatch, bool) {
	var n, digits [3]int
	parts, marked, markedYear := 0, false, false
	word, rest := i, p.word(line, i)
	for parts < 3 {
		d := digitsEnd(rest, 0)
		if d == 0 || d == 3 || d > 4 || d < len(rest) && rest[d] < 0x80 {
			break
		}
		n[parts], digits[parts] = int(decimal(rest[:d])), d
		if rest = rest[d:]; rest != "" {
			rest = rest[markBytes(rest):]
			marked = true
			markedYear = markedYear || d == 4
		}
		parts++
		if rest == "" {
			word++
			rest = p.word(line, word)
		}
	}
	if !marked || word >= len(p.toks) || rest != p.word(line, word) {
		return dateMatch{}, false // also where the last number does not end its word
	}
	word--
	c := civil{}
	switch {
	case parts == 3 && digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2:
		if !markedYear && p.isYearOrTime(line, word+1) {
			return dateMatch{}, false // it was the size
		}
		c.year, c.month, c.day = int32(n[0]), uint8(n[1]), uint8(n[2])
		d, ok := p.timeAfter(line, word, &c)
		return p.finish(d, c), ok
	case parts == 3 && digits[2] == 4 && digits[0] <= 2 && digits[1] <= 2:
		c.year, c.month, c.day = int32(n[2]), uint8(n[0]), uint8(n[1])
		d, ok := p.nameAfter(line, word, p.gap(word) == 1)
		return p.finish(d, c), ok
	case parts == 2 && digits[0] <= 2 && digits[1] <= 2:
		d, ok := p.yearOrTime(line, word+1, &c, false)
		c.month, c.day = uint8(n[0]), uint8(n[1])
		return p.finish(d, c), ok
	}
	return dateMatch{}, false
}

// markBytes returns the length of the character after a number: three bytes in
// UTF-8, two in the national character sets, or what is there.
func markBytes(s string) int {
	n := 2
	if len(s) >= 3 && s[0] >= 0xE0 && s[0] < 0xF0 && s[1]&0xC0 == 0x80 && s[2]&0xC0 == 0x80 {
		n = 3
	}
	return min(n, len(s))
}
