package listing

import "strings"

// noPerms reads the lines of the relatives of ls that begin with a number:
// an octal mode, or the size (VShell).
func (p *parser) noPerms(line string, e *Entry) verdict {
	if !isDigit(line[0]) {
		return unread
	}
	p.split(line, 0, 6)
	if v := p.octal(line, e); v != unread {
		return v
	}
	return p.vshell(line, e)
}

// octal reads "0100640  1000    50    4711   1646384853   f": mode, owner,
// group, size, seconds since 1970, name.
func (p *parser) octal(line string, e *Entry) verdict {
	mode, size, epoch := p.word(line, 0), p.word(line, 3), p.word(line, 4)
	if len(p.toks) < 6 || len(mode) < 5 || len(mode) > 7 || !isNumber(size) || !isNumber(epoch) {
		return unread
	}
	var full uint32
	for i := range len(mode) {
		if mode[i] < '0' || mode[i] > '7' {
			return unread
		}
		full = full<<3 | uint32(mode[i]-'0')
	}
	*e = Entry{
		Name: line[p.toks[5].a:], Owner: p.word(line, 1), Group: p.word(line, 2),
		Size: decimal(size), Mode: full & 0o7777, Raw: line,
	}
	switch full &^ 0o7777 {
	case 0o100000:
		e.Type = File
	case 0o040000:
		e.Type = Dir
	case 0o120000:
		e.Type = Link
	case 0o010000, 0o020000, 0o060000, 0o140000:
		e.Type, e.Size = Other, UnknownSize
	default:
		return unread
	}
	if t := epochTime(decimal(epoch)); !t.IsZero() {
		e.ModTime, e.Precise = t, true
	}
	return finishUnix(e)
}

// vshell reads "4711  Mar 04, 2022 09:07 notes.txt": size, date, time, name; the
// name of a folder ends with a slash.
func (p *parser) vshell(line string, e *Entry) verdict {
	if !isNumber(p.word(line, 0)) || !strings.HasSuffix(p.word(line, 2), ",") {
		return unread
	}
	d, ok := p.matchDate(line, 1)
	if !ok || !d.known || d.end != 5 {
		return unread
	}
	*e = Entry{
		Name: line[d.nameAt:], Type: File, Size: decimal(p.word(line, 0)),
		Mode: ModeUnknown, Raw: line,
	}
	if strings.HasSuffix(e.Name, "/") {
		e.Type = Dir
	}
	p.setTime(&d, e)
	return finishUnix(e)
}
