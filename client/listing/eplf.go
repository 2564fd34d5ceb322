package listing

import "strings"

// eplf reads a line of the Easily Parsed LIST Format (cr.yp.to/ftp/list/eplf):
// "+", facts that each end with a comma, a tab, the name.
func eplf(line string, e *Entry) verdict {
	if line == "" || line[0] != '+' {
		return unread
	}
	facts, name, ok := strings.Cut(line[1:], "\t")
	if !ok || name == "" {
		return unread
	}
	*e = Entry{Name: name, Size: UnknownSize, Mode: ModeUnknown, Raw: line}
	for facts != "" {
		var fact string
		fact, facts, _ = strings.Cut(facts, ",")
		if fact == "" {
			continue
		}
		switch value := fact[1:]; fact[0] {
		case '/':
			e.Type = Dir
		case 'r':
			if e.Type == Other {
				e.Type = File
			}
		case 's':
			if isNumber(value) {
				e.Size = decimal(value)
			}
		case 'm':
			if isNumber(value) {
				if t := epochTime(decimal(value)); !t.IsZero() {
					e.ModTime, e.Precise = t, true
				}
			}
		case 'u':
			if bits, found := strings.CutPrefix(value, "p"); found {
				e.Mode = octalMode(bits)
			}
		}
	}
	if isDot(name) {
		return isSelf
	}
	return isEntry
}

// octalMode reads permission bits in octal; ModeUnknown if they are none. Bits
// for the type of a file are left out.
func octalMode(s string) uint32 {
	if s == "" || len(s) > 11 {
		return ModeUnknown
	}
	var n uint64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '7' {
			return ModeUnknown
		}
		n = n<<3 | uint64(s[i]-'0')
	}
	return uint32(n & 0o7777)
}
