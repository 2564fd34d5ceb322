package transfers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
)

// LocalNames are the names that entries of one remote folder get in a local one.
// No two are the same, also where the file system takes large and small letters
// for one.
type LocalNames struct {
	r     Namer
	goos  string
	folds bool // the file system takes "A" and "a" for one name
	used  map[string]struct{}
}

// NewLocalNames returns the names of the local folder dir, which need not exist
// yet.
func NewLocalNames(r Namer, dir string) *LocalNames {
	return &LocalNames{
		r: r, goos: runtime.GOOS, folds: !bytewise(runtime.GOOS) || foldsNames(dir),
		used: make(map[string]struct{}),
	}
}

// Take returns the name for that of a remote entry, raw bytes. The note, where
// there is one, says that it is another one, and which. The error is that of
// LocalName.
func (n *LocalNames) Take(raw string) (name, note string, err error) {
	name, mapped, err := localName(n.goos, n.r, raw)
	if err != nil {
		return "", "", err
	}
	if mapped {
		note = savedAs(name, "this computer has no such names")
	}
	if n.add(name) {
		return name, note, nil
	}
	stem, ext := splitExt(name)
	for length := 4; length <= 32; length++ {
		other := shorten(n.goos, stem+markOfName(raw, length)+ext)
		if n.add(other) {
			return other, savedAs(other, "another one has the same name here"), nil
		}
	}
	return "", "", &LocalError{Kind: LocalClash, Op: "create", Path: show(n.r, raw), Err: errExists}
}

// add takes a name that is free.
func (n *LocalNames) add(name string) bool {
	key := name
	if n.folds {
		key = foldName(name)
	}
	if _, taken := n.used[key]; taken {
		return false
	}
	n.used[key] = struct{}{}
	return true
}

// foldsNames reports whether the file system of a folder takes large and small
// letters for one. It writes nothing: it looks whether the folder, or the first
// above it that exists and has letters in its name, is there also under the
// name with the other letters.
func foldsNames(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for {
		up, name := filepath.Split(dir)
		up = filepath.Clean(up)
		if up == dir {
			return false
		}
		if is, serr := os.Stat(dir); serr == nil {
			if other := swapCase(name); other != name {
				twin, terr := os.Stat(filepath.Join(up, other))
				return terr == nil && os.SameFile(is, twin)
			}
		}
		dir = up
	}
}

// swapCase returns name with large letters for small ones and the reverse.
func swapCase(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsUpper(c) {
			return unicode.ToLower(c)
		}
		return unicode.ToUpper(c)
	}, name)
}
