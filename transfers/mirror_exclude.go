package transfers

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// excludes are the patterns of MirrorOptions.Exclude, ready to be matched.
type excludes []excludePattern

// An excludePattern is one pattern: its components, of which "**" stands for
// any number of folders.
type excludePattern struct {
	parts   []string
	dirOnly bool
}

// parseExcludes reads patterns as a .gitignore has them, but for "!", comments
// and blanks at the end.
func parseExcludes(patterns []string) (excludes, error) {
	out := make(excludes, 0, len(patterns))
	for _, p := range patterns {
		x, err := parseExclude(p)
		if err != nil {
			return nil, &PatternError{Pattern: p, Err: err}
		}
		out = append(out, x)
	}
	return out, nil
}

func parseExclude(p string) (excludePattern, error) {
	var x excludePattern
	if strings.HasPrefix(p, "!") {
		return x, errors.New("what is excluded cannot be taken back: write \\! for the character")
	}
	p, x.dirOnly = strings.CutSuffix(p, "/")
	rooted := strings.Contains(p, "/")
	p = strings.TrimPrefix(p, "/")
	if p == "" || strings.HasSuffix(p, "/") {
		return x, errors.New("it names nothing")
	}
	p = caretClasses(p)
	if !rooted {
		x.parts = append(x.parts, "**")
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." {
			return x, fmt.Errorf("%q is no name", part)
		}
		if _, err := path.Match(part, "x"); err != nil {
			return x, errors.New("a bracket is not closed, or nothing follows a backslash")
		}
		x.parts = append(x.parts, part)
	}
	return x, nil
}

// caretClasses writes "[!a]" as path.Match has it: "[^a]".
func caretClasses(p string) string {
	b := []byte(p)
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\':
			i++
		case b[i] == '[' && i+1 < len(b) && b[i+1] == '!':
			b[i+1] = '^'
		}
	}
	return string(b)
}

// match reports whether a path below the root, with slashes, is excluded. What
// is in an excluded folder is not asked about: nobody goes there.
func (x excludes) match(rel string, isDir bool) bool {
	if len(x) == 0 {
		return false
	}
	names := strings.Split(rel, "/")
	for _, p := range x {
		if (isDir || !p.dirOnly) && matchParts(p.parts, names) {
			return true
		}
	}
	return false
}

// matchParts is linear in the names for each "**", of which only the last one
// that was passed needs to be gone back to.
func matchParts(parts, names []string) bool {
	p, n := 0, 0
	again, from := -1, 0 // the part after the last "**", and the name that it was tried at
	for n < len(names) {
		switch {
		case p < len(parts) && parts[p] == "**":
			if p == len(parts)-1 {
				return true // everything below
			}
			p++
			again, from = p, n
		case p < len(parts) && matchName(parts[p], names[n]):
			p++
			n++
		case again >= 0:
			from++
			p, n = again, from
		default:
			return false
		}
	}
	return p == len(parts)
}

func matchName(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// CheckExclude reports a pattern of MirrorOptions.Exclude that cannot be read,
// as a *PatternError.
func CheckExclude(patterns []string) error {
	_, err := parseExcludes(patterns)
	return err
}
