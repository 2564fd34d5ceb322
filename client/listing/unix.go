package listing

import "strings"

// A span is the place of a word in a line.
type span struct{ a, b int }

// The number of words that are looked at: of a line, first and at most.
const (
	fewWords  = 9
	manyWords = 64
)

// split finds the words of line from at on, up to limit of them. Only blanks and
// tabs part words: no other byte may, since it can be the half of a character.
func (p *parser) split(line string, at, limit int) {
	toks := p.toks[:0]
	for i := at; len(toks) < limit; {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) {
			break
		}
		a := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		toks = append(toks, span{a, i})
	}
	p.toks = toks
}

// word returns the i-th word of line, or "".
func (p *parser) word(line string, i int) string {
	if i < 0 || i >= len(p.toks) {
		return ""
	}
	return line[p.toks[i].a:p.toks[i].b]
}

// unix reads a line of ls -l and of its many imitations.
func (p *parser) unix(line string, e *Entry) verdict {
	at := 0
	for at < len(line) && line[at] == ' ' {
		at++
	}
	if at == len(line) {
		return unread
	}
	head, ok := parsePerms(line, at)
	for skip := 0; !ok && skip < 2 && isDigit(line[at]); skip++ {
		// Inode and blocks may come first (ls -i, ls -s).
		next := digitsEnd(line, at)
		if next == len(line) || line[next] != ' ' {
			break
		}
		for next < len(line) && line[next] == ' ' {
			next++
		}
		if next == len(line) {
			return unread
		}
		at = next
		head, ok = parsePerms(line, at)
	}
	if !ok {
		return p.noPerms(line, e)
	}
	if head.failed {
		return p.failedStat(line, head, e)
	}
	p.split(line, head.end, fewWords)
	f, found := p.findFields(line, head)
	if len(p.toks) == fewWords && (f.score < sureScore || f.date.end >= fewWords) {
		p.split(line, head.end, manyWords)
		f, found = p.findFields(line, head)
	}
	if !found {
		return unread
	}
	*e = Entry{Type: head.typ, Mode: head.mode, Size: f.size, Raw: line}
	e.Name = line[f.date.nameAt:]
	p.setTime(&f.date, e)
	p.owners(line, head, f, e)
	return finishUnix(e)
}

// setTime gives e the time of d.
func (p *parser) setTime(d *dateMatch, e *Entry) {
	switch {
	case d.late != nil:
		p.late = append(p.late, *d.late)
	case d.utc:
		e.ModTime = utcTime(d.c)
		if !e.ModTime.IsZero() {
			e.ModTime = e.ModTime.Add(-d.zone)
			e.Precise = true
		}
	default:
		e.ModTime = p.now.time(d.c)
	}
}

// finishUnix parts the name of a link from its target, and says what e is.
func finishUnix(e *Entry) verdict {
	if e.Type == Link {
		splitLink(e)
	}
	if e.Type == Dir && len(e.Name) > 1 {
		e.Name = strings.TrimSuffix(e.Name, "/")
	}
	if isDot(e.Name) {
		return isSelf
	}
	return isEntry
}

// splitLink finds the target of a link. Of several arrows, the one counts that
// leaves a target as long as the size says; else the first.
func splitLink(e *Entry) {
	const arrow = " -> "
	name, best := e.Name, -1
	for i := 1; i < len(name); {
		j := strings.Index(name[i:], arrow)
		if j < 0 {
			break
		}
		i += j
		if best < 0 {
			best = i
		}
		if int64(len(name)-i-len(arrow)) == e.Size {
			best = i
			break
		}
		i++
	}
	if best > 0 {
		e.Name, e.Target = name[:best], name[best+len(arrow):]
	}
}

// fields is what findFields made of the words before the name.
type fields struct {
	date    dateMatch
	size    int64
	textEnd int // words before this one are link count, owner and group
	glued   int // bytes of the word at textEnd that belong to the group
	score   int
}

// sureScore is the score that needs no comparison with others.
const sureScore = 100

// findFields finds the date, and with it all the other columns. A date is one
// that comes after a size; where owner, size or name look like dates too, the
// first that leaves room for the columns before it is taken.
func (p *parser) findFields(line string, head permHead) (best fields, ok bool) {
	for i := range p.toks {
		d, match := p.matchDate(line, i)
		if !match {
			continue
		}
		f := p.fieldsBefore(line, head, i)
		f.date = d
		if !f.date.known {
			f.score -= 50
		}
		if !ok || f.score > best.score {
			best, ok = f, true
		}
		if best.score >= sureScore {
			break
		}
	}
	// A bare word, an unknown month and no size prove nothing.
	return best, ok && best.score > 0
}

// fieldsBefore reads the words before a date at word i and says how well they
// fit: a size, and at least one column before it, is what ls writes.
func (p *parser) fieldsBefore(line string, head permHead, i int) fields {
	f := fields{size: UnknownSize, textEnd: i}
	if i >= 2 && isWeekday(p.word(line, i-1)) && isNumber(p.word(line, i-2)) {
		i--
		f.textEnd = i
	}
	if i == 0 {
		f.score = 20
		return f
	}
	w := p.word(line, i-1)
	size, class := parseSize(w)
	columns := i
	if head.links {
		columns++
	}
	if before := p.word(line, i-2); len(before) > 1 && isNumber(before[:len(before)-1]) &&
		before[len(before)-1] == ',' && isNumber(w) {
		f.textEnd = i - 2 // "major, minor"
		f.score = sureScore
		return f
	}
	if head.device {
		size = UnknownSize
	}
	switch class {
	case sizeStrong:
		f.size, f.textEnd = size, i-1
		if f.score = sureScore; columns < 2 {
			f.score = 60
		}
	case sizeGlued:
		digits := len(w)
		for isDigit(w[digits-1]) {
			digits--
		}
		f.size, f.textEnd, f.glued = size, i-1, digits
		if f.score = sureScore; columns < 2 {
			f.score = 55
		}
	case sizeWeak:
		f.textEnd = i - 1
		f.score = 58
	default:
		f.score = 45
	}
	return f
}

// owners fills in owner and group from the words before the size.
func (p *parser) owners(line string, head permHead, f fields, e *Entry) {
	first, end := 0, f.textEnd
	if !head.links && end-first >= 1 && isNumber(p.word(line, first)) {
		first++
	}
	if first == 1 && end == 2 && f.glued == 0 && isNumber(p.word(line, 1)) {
		// Mac servers write resource fork, data fork and their sum.
		a, b := decimal(p.word(line, 0)), decimal(p.word(line, 1))
		if a >= 0 && b >= 0 && e.Size >= 0 && a <= e.Size && b == e.Size-a {
			return
		}
	}
	if f.glued > 0 {
		end++
	}
	if first >= end {
		return
	}
	at, stop := p.toks[first].a, p.toks[end-1].b
	if f.glued > 0 {
		stop = p.toks[end-1].a + f.glued
	}
	text := line[at:stop]
	if text == "folder" && first == 0 && e.Type == Dir {
		e.Size = UnknownSize // Mac servers: the number of items
		return
	}
	if end-first == 1 {
		e.Owner = text
		return
	}
	cut := p.widestGap(first, end)
	e.Owner = line[at:p.toks[first+cut-1].b]
	e.Group = line[p.toks[first+cut].a:stop]
}

// widestGap returns how many of the words first to end belong to the owner,
// when names hold blanks: those before the widest gap, or one.
func (p *parser) widestGap(first, end int) int {
	cut, wide := 1, 1
	for i := first + 1; i < end; i++ {
		if gap := p.toks[i].a - p.toks[i-1].b; gap > wide {
			cut, wide = i-first, gap
		}
	}
	return cut
}

// isWeekday reports whether w is the English name of a day of the week, cut to
// three letters.
func isWeekday(w string) bool {
	switch w {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// failedStat reads a line for a file of which ls could tell no more than its
// name and perhaps its type: "d????????? ? ? ? ?            ? name".
func (p *parser) failedStat(line string, head permHead, e *Entry) verdict {
	p.split(line, head.end, fewWords)
	n := 0
	for p.word(line, n) == "?" {
		n++
	}
	if n < 4 || p.toks[n-1].b+1 >= len(line) {
		return unread
	}
	*e = Entry{Name: line[p.toks[n-1].b+1:], Type: head.typ, Mode: ModeUnknown, Size: UnknownSize, Raw: line}
	return finishUnix(e)
}
