package listing

import "strings"

// sampleLines is how many lines settle the format of a listing.
const sampleLines = 64

// A lineFormat is one of the formats of a line.
type lineFormat uint8

// The formats, in the order in which they are tried when nothing is known. The
// strictest come first.
const (
	formatMLSD lineFormat = iota
	formatEPLF
	formatDOS
	formatUnix
	formats
)

// String returns the name of f as Listing.Format has it.
func (f lineFormat) String() string {
	return [...]string{"mlsd", "eplf", "dos", "unix", ""}[min(f, formats)]
}

// A verdict says what a line turned out to be.
type verdict uint8

const (
	unread  verdict = iota // not in this format
	isEntry                // an entry
	isSelf                 // the directory itself, or its parent
)

// detect chooses the order in which formats are tried: first the one that reads
// most of the first lines. SYST decides between equals.
func (p *parser) detect(t text) (order []lineFormat, name string) {
	order = []lineFormat{formatMLSD, formatEPLF, formatDOS, formatUnix}
	var score [formats]int
	if strings.HasPrefix(strings.ToLower(p.system), "unix") {
		order[2], order[3] = formatUnix, formatDOS
	}
	seen, found := 0, false
	for raw := range t.each {
		line := trimLineEnd(raw, p.cr)
		if isBlank(line) {
			continue
		}
		for _, f := range order {
			var e Entry
			if p.as(f, line, &e) != unread {
				score[f]++
				found = true
			}
		}
		if seen++; seen == sampleLines {
			break
		}
	}
	p.late = nil
	p.votes, p.months.votes = [dateClasses]dateVotes{}, [2]int{}
	if !found {
		return order, ""
	}
	best := 0
	for i, f := range order {
		if score[f] > score[order[best]] {
			best = i
		}
	}
	f := order[best]
	copy(order[1:best+1], order[:best])
	order[0] = f
	return order, f.String()
}

// line reads one line in the first format that fits it. Where none of the first
// lines could be read, the first that can names the format of the listing.
func (p *parser) line(line string, e *Entry) verdict {
	p.spare = p.spare[:0]
	for _, f := range p.order {
		if v := p.as(f, line, e); v != unread {
			if p.out.Format == "" {
				p.out.Format = f.String()
			}
			return v
		}
	}
	return unread
}

// as reads line in format f.
func (p *parser) as(f lineFormat, line string, e *Entry) verdict {
	switch f {
	case formatMLSD:
		return p.mlsd(line, e)
	case formatEPLF:
		return eplf(line, e)
	case formatDOS:
		return p.dos(line, e)
	default:
		return p.unix(line, e)
	}
}

// isDot reports whether name stands for the directory itself or its parent.
func isDot(name string) bool {
	return name == "." || name == ".."
}
