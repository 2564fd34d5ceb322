// Package listing reads what FTP servers send as a directory listing: LIST text
// (RFC 959, 4.1.3, which gives it no form) and MLSD facts (RFC 3659, 7).
//
// It reads the variants of unix ls, DOS and IIS, MLSD and EPLF. Text of other
// servers (VMS, AS/400, z/OS, NetWare and the like) is not guessed at: a line
// that cannot be read is returned with its raw text in Listing.Unread, so that
// no name is lost without a word.
//
// The package is pure: it takes bytes and gives entries, with names as raw
// bytes. It decodes a character set only to recognise the name of a month.
package listing

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Kind says which command gave a listing.
type Kind uint8

// The kinds of a listing.
const (
	Auto Kind = iota // not known
	LIST             // LIST, or STAT with a pathname
	MLSD             // MLSD
)

// Options says what is known about a listing. The zero value is useful.
type Options struct {
	Kind     Kind
	Now      time.Time      // reference for years left out; zero: time.Now()
	System   string         // what SYST said, a hint to the format
	Location *time.Location // of the server, for the times of LIST; nil: UTC
	Charset  string         // WHATWG label; a hint for the names of months
	Limits   Limits
}

// A Listing is what a server listed. Every line that was sent is an entry, is
// in Unread, or is counted in Skipped or Self.
type Listing struct {
	Entries []Entry  // without the directory itself and its parent
	Unread  []string // lines that could not be read, as sent, without line ends
	Format  string   // of most lines: "unix", "dos", "mlsd", "eplf"; "" if none
	Lines   int      // all lines
	Skipped int      // blank lines, totals and headings
	Self    int      // lines for the directory itself and its parent
	Unended bool     // the last line had no line end, as where the listing was cut short
}

// Parse reads a whole listing from r. It fails only where r fails or with a
// *LimitError; then it returns no Listing. An empty listing is not an error.
func Parse(r io.Reader, opt Options) (*Listing, error) {
	lim := opt.Limits.withDefaults()
	txt, err := readText(r, lim)
	if err != nil {
		if limit, ok := errors.AsType[*LimitError](err); ok {
			return nil, limit
		}
		return nil, fmt.Errorf("read listing: %w", err)
	}
	p := newParser(opt)
	p.out.Lines, p.out.Unended = txt.lines, txt.unended
	p.cr = lineEnd(txt)
	p.order, p.out.Format = p.detect(txt)
	prev := ""
	for raw := range txt.each {
		line := trimLineEnd(raw, p.cr)
		p.take(line, prev)
		prev = line
		if n := len(p.out.Entries) + len(p.out.Unread); n > lim.Entries {
			return nil, &LimitError{What: "entries", Max: int64(lim.Entries)}
		}
	}
	p.settle()
	return &p.out, nil
}

// A parser holds the state of one Parse.
type parser struct {
	now    clock
	kind   Kind
	system string
	months monthFinder

	cr    int           // carriage returns before each line feed
	order []lineFormat  // formats, the likeliest first
	other bool          // lines now describe another directory
	out   Listing       // what was read so far
	late  []pendingDate // dates that wait for the whole listing
	spare []pendingDate // dates of the line being read
	votes [dateClasses]dateVotes
	toks  []span // of the line being read
}

// newParser returns a parser that has read nothing.
func newParser(opt Options) *parser {
	now := opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	loc := opt.Location
	if loc == nil {
		loc = time.UTC
	}
	return &parser{
		now:    newClock(now, loc),
		kind:   opt.Kind,
		system: opt.System,
		months: monthFinder{charset: opt.Charset},
	}
}

// firstEntries is how many entries must have been read before room is made for
// as many as there are lines.
const firstEntries = 1024

// take reads one line; prev is the line before it.
func (p *parser) take(line, prev string) {
	if isBlank(line) {
		p.out.Skipped++
		return
	}
	if p.other {
		p.out.Unread = append(p.out.Unread, line)
		return
	}
	// The entry is made in its place: copying it would cost more than reading it.
	n, late := len(p.out.Entries), len(p.late)
	if n == cap(p.out.Entries) {
		room := firstEntries
		if n >= firstEntries {
			room = p.out.Lines - p.out.Skipped - n
		}
		p.out.Entries = slices.Grow(p.out.Entries, room)
	}
	p.out.Entries = p.out.Entries[:n+1]
	switch p.line(line, &p.out.Entries[n]) {
	case isEntry:
		for i := late; i < len(p.late); i++ {
			p.late[i].entry = n
		}
		return
	case isSelf:
		p.out.Self++
	default:
		p.heading(line, prev, n+p.out.Self+len(p.out.Unread) == 0)
	}
	p.out.Entries[n] = Entry{}
	p.out.Entries = p.out.Entries[:n]
	p.late = p.late[:late]
}

// heading judges a line that is no entry; first says that none was before it. The headings of a recursive listing
// end this directory: what follows is of another one, and is kept unread.
func (p *parser) heading(line, prev string, first bool) {
	if isTotal(line) || isHere(line) {
		p.out.Skipped++
		return
	}
	if isHeading(line) && isBlank(prev) {
		if first {
			p.out.Skipped++
			return
		}
		p.other = true
	}
	p.out.Unread = append(p.out.Unread, line)
}

// isBlank reports whether line holds nothing but blanks.
func isBlank(line string) bool {
	for i := range len(line) {
		if c := line[i]; c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

// isHere reports whether line heads the listing of the directory itself.
func isHere(line string) bool {
	return line == ".:" || line == "./:"
}

// isHeading reports whether line has the form of the heading that ls -R writes
// before each directory.
func isHeading(line string) bool {
	return len(line) > 1 && line[len(line)-1] == ':' && !strings.Contains(line, ": ")
}

// isTotal reports whether line is the sum that ls -l begins with, in any of the
// languages it speaks: "total 123", "insgesamt 12", "合計 8".
func isTotal(line string) bool {
	word, num, ok := strings.Cut(strings.Trim(line, " \t"), " ")
	if !ok {
		return false
	}
	if rest, found := strings.CutPrefix(num, "alt "); found && word == "i" {
		word, num = "i alt", rest
	}
	num = strings.Trim(num, " \t")
	if _, class := parseSize(num); class != sizeStrong {
		return false
	}
	word = strings.TrimSuffix(word, ":")
	for i := range len(word) {
		if word[i] >= 0x80 {
			return true
		}
	}
	switch strings.ToLower(word) {
	case "total", "totals", "insgesamt", "gesamt", "totaal", "totale", "totalt", "totalo", "summa",
		"celkem", "celkom", "razem", "suma", "toplam", "kokku", "viso", "skupaj", "ukupno",
		"guztira", "sveukupno", "skupno", "jumlah", "somme", "i alt", "samtals", "gjithsej", "yhteensä", "spolu":
		return true
	}
	return false
}
