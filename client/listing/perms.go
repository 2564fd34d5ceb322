package listing

// A permHead is what the first column of ls -l says.
type permHead struct {
	typ    Type
	mode   uint32
	device bool // block or character device: a size is "major, minor"
	links  bool // the link count is glued to it
	failed bool // ls could not read the file's attributes: "d?????????"
	end    int  // of the column in the line
}

// typeOf returns the type for the letter before the permissions. For letters
// that no ls is known to write it returns false.
func typeOf(c byte) (Type, bool) {
	switch c {
	case '-', 'f', 'a', 'C', 'm', 'M': // append-only (Plan 9), contiguous, migrated
		return File, true
	case 'd':
		return Dir, true
	case 'l':
		return Link, true
	case 'b', 'c', 'p', 's', 'D', 'P', 'n', 'w', '?':
		return Other, true
	}
	return Other, false
}

// isPermLetter reports whether ls writes c for a permission.
func isPermLetter(c byte) bool {
	switch c {
	case '-', 'r', 'w', 'x', 's', 'S', 't', 'T', 'l', 'L':
		return true
	}
	return false
}

// parsePerms reads the column of permissions that begins at line[at].
func parsePerms(line string, at int) (permHead, bool) {
	end := at
	for end < len(line) && line[end] != ' ' && line[end] != '\t' {
		end++
	}
	s := line[at:end]
	h := permHead{end: end, mode: ModeUnknown}
	if len(s) < 7 {
		return h, false
	}
	if s[1:] == "?????????" {
		h.typ, _ = typeOf(s[0])
		h.failed = true
		return h, true
	}
	n := 0 // letters after the type
	for n < 9 && n+1 < len(s) && isPermLetter(s[n+1]) {
		n++
	}
	letters, rest := s[1:n+1], s[n+1:]
	typ, known := typeOf(s[0])
	h.device = s[0] == 'b' || s[0] == 'c'
	switch {
	case n == 9:
	case n == 8 && rest == "" && permMode(s) != ModeUnknown:
		letters, typ, known = s, File, true // nine letters, and no type before them
		h.device = false
	case (n == 8 || n == 6) && rest == "":
	default:
		return h, false
	}
	h.mode = permMode(letters)
	if !known && (h.mode == ModeUnknown || !isLetter(s[0])) {
		return h, false
	}
	h.typ = typ
	for rest != "" && (rest[0] == '+' || rest[0] == '.' || rest[0] == '@') {
		rest = rest[1:]
	}
	if rest != "" {
		if !isNumber(rest) {
			return h, false
		}
		h.links = true
	}
	return h, true
}

// permMode returns the bits of nine letters, or ModeUnknown if they are not the
// letters of ls in their places.
func permMode(s string) uint32 {
	if len(s) != 9 {
		return ModeUnknown
	}
	var mode uint32
	for i := range 9 {
		c, bit := s[i], uint32(1)<<(8-i)
		switch {
		case c == '-':
		case i%3 == 0 && c == 'r', i%3 == 1 && c == 'w', i%3 == 2 && c == 'x':
			mode |= bit
		case i == 2 && (c == 's' || c == 'S'):
			mode |= bitSetUID
			if c == 's' {
				mode |= bit
			}
		case i == 5 && (c == 's' || c == 'S' || c == 'l' || c == 'L'):
			mode |= bitSetGID // l is mandatory locking, set-gid without x
			if c == 's' {
				mode |= bit
			}
		case i == 8 && (c == 't' || c == 'T'):
			mode |= bitSticky
			if c == 't' {
				mode |= bit
			}
		default:
			return ModeUnknown
		}
	}
	return mode
}
