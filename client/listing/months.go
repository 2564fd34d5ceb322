package listing

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// A month is 1 to 12, or 0 for none. Further bits hold the second meaning of a
// contested name, and which language a name speaks for.
type month uint16

// first returns the month in most languages that have the name.
func (m month) first() uint8 { return uint8(m & 0xF) }

// second returns the month in Croatian, or 0 if the name is not contested.
func (m month) second() uint8 { return uint8(m >> 4 & 0xF) }

// side tells which language of a contested name m speaks for: 1 Croatian, 0 the
// others, -1 none.
func (m month) side() int { return int(m>>8&3) - 1 }

// contestedMonths are names that mean one month in Croatian and another in
// Polish, Czech and others.
const contestedMonths = "lip:7:6 srp:8:7 lis:11:10 listopad:11:10 listopada:11:10"

// Names that tell Croatian from the languages it contests with.
const (
	croatianMonths = "sij siječanj siječnja velj velja veljača veljače ožu ožujak ožujka tra travanj travnja " +
		"svi svibanj svibnja kol kolovoz kolovoza ruj rujan rujna stu studeni studenoga"
	westSlavMonths = "sty lut kwi cze sie wrz paź gru stycznia lutego kwietnia czerwca lipca sierpnia września " +
		"października grudnia led úno bře dub kvě čen čec zář říj ledna února března dubna června července září října"
)

// monthTable returns the months by their names in lower case.
var monthTable = sync.OnceValue(func() map[string]month {
	t := make(map[string]month, 1600)
	for i, names := range monthNames {
		for _, name := range strings.Fields(names) {
			t[name] = month(i + 1)
		}
	}
	for _, rule := range strings.Fields(contestedMonths) {
		name, months, _ := strings.Cut(rule, ":")
		a, b, _ := strings.Cut(months, ":")
		t[name] = decimalMonth(a) | decimalMonth(b)<<4
	}
	for _, name := range strings.Fields(croatianMonths) {
		t[name] |= 2 << 8
	}
	for _, name := range strings.Fields(westSlavMonths) {
		t[name] |= 1 << 8
	}
	for name, m := range t {
		if m.first() == 0 {
			delete(t, name)
		}
	}
	return t
})

// decimalMonth reads a month of contestedMonths.
func decimalMonth(s string) month {
	m := month(0)
	for i := range len(s) {
		m = m*10 + month(s[i]-'0')
	}
	return m
}

// monthCharsets are tried in turn for a name that is not UTF-8.
var monthCharsets = [...]string{
	"windows-1252", "windows-1251", "koi8-r", "windows-1250", "iso-8859-2", "iso-8859-5",
	"ibm866", "windows-1253", "windows-1254", "windows-1257", "macintosh", "x-mac-cyrillic",
	"koi8-u", "iso-8859-7", "windows-1255", "windows-1256", "iso-8859-6", "windows-874",
	"gb18030", "big5", "euc-kr", "euc-jp", "shift_jis",
}

// A monthFinder recognises the names of months, in the character set of the
// session or in any that is usual for such names.
type monthFinder struct {
	charset string
	found   map[string]month // names that are not plain English, as sent
	votes   [2]int           // names that speak for either side of a contested one
}

// The bounds of a search: the length of a name, and how many are looked up in one
// listing. Words that are no months come here too, and guessing at their
// character set takes time.
const (
	maxMonthBytes = 48
	maxMonthNames = 4096
)

// find returns the month that name stands for, or 0. A full stop or comma at the
// end does not count.
func (f *monthFinder) find(name string) month {
	if len(name) == 3 {
		if m := englishMonth(name); m != 0 {
			return m
		}
	}
	if len(name) < 2 || len(name) > maxMonthBytes || !monthLike(name) {
		return 0
	}
	m, ok := f.found[name]
	if !ok {
		if len(f.found) == maxMonthNames {
			return 0
		}
		m = f.lookUp(strings.TrimRight(name, ".,"))
		if f.found == nil {
			f.found = make(map[string]month)
		}
		f.found[name] = m
	}
	if side := m.side(); side >= 0 {
		f.votes[side]++
	}
	return m
}

// lookUp finds a name in the table, decoding it if need be.
func (f *monthFinder) lookUp(name string) month {
	table := monthTable()
	if utf8.ValidString(name) {
		if m := table[strings.ToLower(name)]; m != 0 {
			return m
		}
	}
	if isASCII(name) {
		return 0
	}
	if f.charset != "" {
		if m := table[lowerIn(f.charset, name)]; m != 0 {
			return m
		}
	}
	if utf8.ValidString(name) {
		return 0
	}
	for _, cs := range monthCharsets {
		if m := table[lowerIn(cs, name)]; m != 0 {
			f.charset = cs // the others of this listing are in it too
			return m
		}
	}
	return 0
}

// lowerIn decodes name from a character set and lowers its case. It returns ""
// where that fails.
func lowerIn(charset, name string) string {
	var enc encoding.Encoding
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return ""
	}
	s, err := enc.NewDecoder().String(name)
	if err != nil || strings.ContainsRune(s, utf8.RuneError) {
		return ""
	}
	return strings.TrimRight(strings.ToLower(s), ".,")
}

// monthLike reports whether name may be the name of a month: it begins with a
// letter or a byte above ASCII, and holds no digit.
func monthLike(name string) bool {
	if c := name[0]; c < 0x80 && !isLetter(c) {
		return false
	}
	for i := 1; i < len(name); i++ {
		if c := name[i]; c >= '0' && c <= '9' || c == '/' || c == '_' {
			return false
		}
	}
	return true
}

// englishMonth returns the month of an English name of three letters, or 0.
func englishMonth(s string) month {
	switch uint32(s[0]|0x20)<<16 | uint32(s[1]|0x20)<<8 | uint32(s[2]|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// isLetter reports whether c is an ASCII letter.
func isLetter(c byte) bool {
	c |= 0x20
	return c >= 'a' && c <= 'z'
}

// isASCII reports whether s is all ASCII.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
