package listing

import (
	"strings"
	"time"
)

// ParseMLSx reads one line of MLSD data or the line of an MLST reply (RFC 3659,
// 7.2). Unlike Parse, it also returns an entry for the directory itself or its
// parent, since MLST may be asked for them; the name of the root is "/".
func ParseMLSx(line string) (Entry, bool) {
	if rest, ok := strings.CutSuffix(line, "\n"); ok {
		line = strings.TrimSuffix(rest, "\r")
	}
	var e Entry
	self := false
	if !mlsx(line, false, &e, &self) {
		return Entry{}, false
	}
	return e, true
}

// mlsd reads a line of MLSD facts. Where MLSD was not asked for, it takes only
// what cannot be anything else.
func (p *parser) mlsd(line string, e *Entry) verdict {
	self := false
	if !mlsx(line, p.kind != MLSD, e, &self) {
		return unread
	}
	if self {
		return isSelf
	}
	if isDot(e.Name) {
		if e.Type == File || e.Type == Link {
			return unread // no file has such a name
		}
		return isSelf
	}
	return isEntry
}

// maxFacts is how many facts of a line are looked at.
const maxFacts = 100

// mlsx splits line into facts and a pathname and reads both. A strict line must
// begin with a fact that servers are known to send.
func mlsx(line string, strict bool, e *Entry, self *bool) bool {
	facts, path, ok := cutFacts(line, strict)
	if !ok || path == "" {
		return false
	}
	*e = Entry{Name: lastComponent(path), Size: UnknownSize, Mode: ModeUnknown, Raw: line}
	var f mlsFacts
	for range maxFacts {
		if facts == "" {
			break
		}
		var fact string
		fact, facts, _ = strings.Cut(facts, ";")
		key, value, found := strings.Cut(fact, "=")
		if found && value != "" {
			f.set(key, value, e)
		}
	}
	f.finish(e)
	*self = f.self
	return true
}

// cutFacts separates the facts from the pathname: at the first blank, whether or
// not a semicolon is before it. Only the target of a link may hold a blank.
func cutFacts(line string, strict bool) (facts, path string, ok bool) {
	s := strings.TrimLeft(line, " ")
	i := strings.IndexByte(s, ' ')
	if i > 0 && s[i-1] != ';' {
		last := s[strings.LastIndexByte(s[:i], ';')+1 : i]
		if j := strings.Index(s[i:], "; "); j >= 0 && hasFold(last, "slink:") {
			i += j + 1
		}
	}
	if i > 0 && strings.IndexByte(s[:i], '=') > 0 {
		if strict && !knownFact(s[:i]) {
			return "", "", false
		}
		return s[:i], s[i+1:], true
	}
	if !strict && len(s) < len(line) {
		return "", line[1:], true // no facts: a blank and the pathname
	}
	return "", "", false
}

// knownFact reports whether facts begin with one that tells MLSD from other
// text, and hold nothing else.
func knownFact(facts string) bool {
	key, _, _ := strings.Cut(facts, "=")
	k, n := foldKey(key)
	switch string(k[:n]) {
	case "type", "size", "sizd", "modify", "create", "perm", "unique", "lang", "media-type", "charset",
		"unix.mode", "unix.owner", "unix.group", "unix.uid", "unix.gid", "unix.ownername",
		"unix.groupname", "win32.ea", "x.hidden":
	default:
		return false
	}
	return strings.IndexByte(facts, ';') > 0 || strings.EqualFold(key, "type")
}

// lastComponent returns what follows the last slash of path, slashes at its end
// not counted. Of the root it returns "/".
func lastComponent(path string) string {
	if strings.IndexByte(path, '/') < 0 {
		return path
	}
	p := strings.TrimRight(path, "/")
	if p == "" {
		return "/"
	}
	return p[strings.LastIndexByte(p, '/')+1:]
}

// mlsFacts gathers what several facts say together.
type mlsFacts struct {
	typed, self            bool
	owner, ownerID, ownerN string
	group, groupID, groupN string
}

// set takes one fact. Its name is not case-sensitive; what is invalid is left out.
func (f *mlsFacts) set(key, value string, e *Entry) {
	k, n := foldKey(key)
	switch string(k[:n]) {
	case "type":
		if !f.typed {
			f.typed = true
			f.setType(value, e)
		}
	case "size", "sizd":
		if isNumber(value) {
			e.Size = decimal(value)
		}
	case "modify":
		if t, whole := mlsTime(value); !t.IsZero() {
			e.ModTime, e.Precise = t, whole
		}
	case "unix.mode":
		e.Mode = octalMode(value)
	case "unix.owner":
		f.owner = value
	case "unix.group":
		f.group = value
	case "unix.ownername":
		f.ownerN = value
	case "unix.groupname":
		f.groupN = value
	case "unix.uid":
		f.ownerID = value
	case "unix.gid":
		f.groupID = value
	}
}

// setType takes the value of the fact "type" (RFC 3659, 7.5.1). Of the types of an
// operating system it knows "OS.unix=slink:target" and its relatives.
func (f *mlsFacts) setType(value string, e *Entry) {
	kind, target := value, ""
	if len(value) > 3 && strings.EqualFold(value[:3], "os.") {
		if _, after, ok := strings.Cut(value, "="); ok {
			kind, target, _ = strings.Cut(after, ":")
		}
	}
	k, n := foldKey(kind)
	switch string(k[:n]) {
	case "file":
		e.Type = File
	case "dir":
		e.Type = Dir
	case "cdir", "pdir":
		e.Type, f.self = Dir, true
	case "link", "symlink", "slink":
		e.Type, e.Target = Link, target
	}
}

// finish fills in owner and group: by name where there is one, else the number.
func (f *mlsFacts) finish(e *Entry) {
	e.Owner = firstOf(f.ownerN, f.owner, f.ownerID)
	e.Group = firstOf(f.groupN, f.group, f.groupID)
}

// mlsTime reads a time of RFC 3659, 2.3: YYYYMMDDHHMMSS, UTC, perhaps with a
// fraction, which is cut. It allows for servers that print the years since 1900
// after "19", leave out the seconds, or add a Z. It reports whether the seconds
// were there; the zero Time means that s is no time.
func mlsTime(s string) (t time.Time, whole bool) {
	s = strings.TrimSuffix(s, "Z")
	n := digitsEnd(s, 0)
	if n < len(s) && (s[n] != '.' || digitsEnd(s, n+1) != len(s)) {
		return time.Time{}, false
	}
	s = s[:n]
	year := int32(0)
	switch {
	case n == 14 || n == 12:
		year, s = int32(decimal(s[:4])), s[4:]
	case n == 15 && s[:3] == "191":
		year, s = int32(1900+decimal(s[2:5])), s[5:]
	default:
		return time.Time{}, false
	}
	c := civil{
		year: year, month: twoDigits(s), day: twoDigits(s[2:]),
		hour: twoDigits(s[4:]), minute: twoDigits(s[6:]),
	}
	if len(s) > 8 {
		c.se = twoDigits(s[8:])
		if c.se == 60 {
			c.se = 59 // a leap second has no place in time.Time
		}
	}
	return utcTime(c), len(s) > 8
}

// twoDigits reads the first two bytes of s, which are digits.
func twoDigits(s string) uint8 {
	return (s[0]-'0')*10 + s[1] - '0'
}

// firstOf returns the first of the strings that is not empty.
func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// hasFold reports whether s holds the lower-case ASCII text sub in any case.
func hasFold(s, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return true
		}
	}
	return false
}

// A factKey is the name of a fact in lower case. It is at most 31 bytes long, so
// that it needs no memory of its own; longer ones are not known.
type factKey [32]byte

// foldKey returns key in lower case and its length; 0 if it is too long.
func foldKey(key string) (k factKey, n int) {
	if len(key) >= len(k) {
		return k, 0
	}
	for i := range len(key) {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		k[i] = c
	}
	return k, len(key)
}
