package listing

import "strings"

// The widths of the columns in which DOS and IIS write a listing.
const (
	dosTagWidth = 15 // of "<DIR>          ", before the name
)

// dos reads a line of DOS, Windows NT (IIS) or Windows CE: date, time, "<DIR>"
// or a size, name.
func (p *parser) dos(line string, e *Entry) verdict {
	at := 0
	for at < len(line) && line[at] == ' ' {
		at++
	}
	if at == len(line) || !isDigit(line[at]) {
		return unread
	}
	p.split(line, at, 6)
	j, ok := splitDate(p.word(line, 0))
	if !ok || j.parts != 3 || j.name != "" {
		return unread
	}
	t := clockTime(p.word(line, 1))
	if !t.colon {
		return unread
	}
	next := 2
	if half, isHalf := halfOfDay(p.word(line, 2)); isHalf && half != 0 {
		t.setHalf(half)
		next++
	}
	w := p.word(line, next)
	if w == "" {
		return unread
	}
	*e = Entry{Type: File, Size: UnknownSize, Mode: ModeUnknown, Raw: line}
	name := ""
	if w[0] == '<' {
		if name, ok = dosTag(line[p.toks[next].a:], e); !ok {
			return unread
		}
	} else {
		size, class := parseSize(w)
		if class != sizeStrong || !isDigit(w[len(w)-1]) {
			return unread
		}
		e.Size = size
		name = strings.TrimPrefix(line[p.toks[next].b:], " ")
	}
	if name == "" {
		return unread
	}
	e.Name = name
	if e.Type == Link {
		splitJunction(e)
	}
	var class dateClass
	switch j.sep {
	case '/':
		class = numericSlash
	case '.':
		class = numericDot
	}
	c, late := p.numericDate(class, j.n, j.digits, civil{hour: t.hour, minute: t.minute, se: t.se})
	p.setTime(&dateMatch{c: c, late: late}, e)
	if isDot(e.Name) {
		return isSelf
	}
	return isEntry
}

// dosTag reads "<DIR>" and the like at the beginning of s, and returns the name
// after it. The name has its own column; only where the blanks before that are
// missing can those of a name not be told from it.
func dosTag(s string, e *Entry) (name string, ok bool) {
	end := strings.IndexByte(s, '>')
	if end < 0 || end+1 == len(s) || s[end+1] != ' ' {
		return "", false
	}
	switch strings.ToUpper(s[1:end]) {
	case "DIR", "REP", "BEZ":
		e.Type = Dir
	case "JUNCTION", "SYMLINKD", "SYMLINK":
		e.Type = Link
	default:
		return "", false
	}
	rest := s[end+1:]
	blanks := len(rest) - len(strings.TrimLeft(rest, " "))
	return rest[min(blanks, max(1, dosTagWidth-end-1)):], true
}

// splitJunction parts the name of a link from its target: "Documents [C:\Users]".
func splitJunction(e *Entry) {
	inner, ok := strings.CutSuffix(e.Name, "]")
	i := strings.LastIndex(inner, " [")
	if ok && i > 0 {
		e.Name, e.Target = inner[:i], inner[i+2:]
	}
}
