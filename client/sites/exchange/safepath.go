package exchange

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf16"
)

// safePath reads a folder on a server as FileZilla writes it: the type of the path,
// the length of its prefix and the prefix, then the length and text of each segment,
// all parted by blanks: "1 0 4 home 3 foo" is /home/foo.
func (e *entry) safePath(what, v string) string {
	if v = strings.TrimLeft(v, " \t\r\n"); v == "" {
		return ""
	}
	if f := flaw(v, maxPath); f != "" {
		e.lose("%s, which %s", what, f)
		return ""
	}
	// Lengths count characters, and UTF-16 units where Windows wrote the file.
	kind, prefix, parts, ok := splitSafePath([]rune(v), func(r []rune) string { return string(r) })
	if !ok {
		kind, prefix, parts, ok = splitSafePath(utf16.Encode([]rune(v)), func(u []uint16) string { return string(utf16.Decode(u)) })
	}
	if !ok {
		e.lose("%s, which is not written well", what)
		return ""
	}
	path := ""
	switch kind {
	case 0, 1, 5, 7, 8, 9: // paths with slashes
		path = prefix + "/" + strings.Join(parts, "/")
	case 3, 10: // DOS: the first segment is the drive
		sep := map[int]string{3: `\`, 10: "/"}[kind]
		path = prefix + strings.Join(parts, sep)
		if len(parts) == 1 {
			path += sep
		}
	default:
		e.lose("%s, which is written in the way of another system", what)
		return ""
	}
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || strings.Contains(p, "/") {
			e.lose("%s, which leads elsewhere than it says", what)
			return ""
		}
	}
	return e.remoteDir(what, path)
}

// splitSafePath takes a safe path apart, which is written in units of U.
func splitSafePath[U rune | uint16](v []U, text func([]U) string) (kind int, prefix string, parts []string, ok bool) {
	number := func() (int, bool) {
		n := 0
		for n < len(v) && v[n] >= '0' && v[n] <= '9' {
			n++
		}
		got, err := strconv.Atoi(text(v[:n]))
		if err != nil || n < len(v) && v[n] != ' ' {
			return 0, false
		}
		v = v[min(n+1, len(v)):]
		return got, true
	}
	piece := func(n int) (string, bool) {
		if n < 0 || n > len(v) || n < len(v) && v[n] != ' ' {
			return "", false
		}
		s := text(v[:n])
		v = v[min(n+1, len(v)):]
		return s, true
	}
	if kind, ok = number(); !ok {
		return 0, "", nil, false
	}
	n, ok := number()
	if !ok {
		return 0, "", nil, false
	}
	if n > 0 {
		if prefix, ok = piece(n); !ok {
			return 0, "", nil, false
		}
	}
	for len(v) > 0 {
		if n, ok = number(); !ok {
			return 0, "", nil, false
		}
		part, ok := piece(n)
		if !ok {
			return 0, "", nil, false
		}
		parts = append(parts, part)
	}
	return kind, prefix, parts, true
}

// safePathOf writes a path on a server as FileZilla does: one with slashes, or one of
// DOS that begins with its drive. Relative paths have no such form; the second result
// is then false.
func safePathOf(path string) (string, bool) { return safePathFor(path, runtime.GOOS) }

// safePathFor is safePathOf for FileZilla on another system: on Windows it counts UTF-16
// units, elsewhere characters.
func safePathFor(path, goos string) (string, bool) {
	var b strings.Builder
	sep := "/"
	switch {
	case strings.HasPrefix(path, "/"):
		b.WriteString("1 0")
	case len(path) > 2 && path[1:3] == `:\`:
		sep = `\`
		b.WriteString("3 0")
	default:
		return "", false
	}
	for part := range strings.SplitSeq(path, sep) {
		if part == ".." {
			return "", false
		}
		if part != "" && part != "." {
			n := len([]rune(part))
			if goos == "windows" {
				n = len(utf16.Encode([]rune(part)))
			}
			fmt.Fprintf(&b, " %d %s", n, part)
		}
	}
	return b.String(), true
}
