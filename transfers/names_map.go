package transfers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"portside/client"
)

// Names that this computer does not take are mapped, by one rule that can be
// read off the result:
//
//   - A character that is not allowed where it is becomes "%" and its code in
//     two upper-case hexadecimal digits, as in URLs: "a:b" is "a%3Ab". On
//     Windows these are \ : < > " | ? * and control characters anywhere, a dot
//     or blank at the end, and the first letter of a device ("%63on.txt").
//     Everywhere it is the dot of a name that this package keeps for itself:
//     ".x.portside-part" is "%2Ex.portside-part".
//   - A "%" that would then be read as such a code becomes "%25", so that no
//     two names become one. Every other "%" stays as it is, with it names like
//     "my%20file".
//   - What is longer than a name may be loses the end of its stem, for "~" and
//     a checksum of the whole.
//   - Of names that a file system without case takes for one, each but the first
//     gets "~" and a checksum of the server's name before its extension.
//
// Other programs use "_", which makes one name of two, or look-alikes from
// other scripts, which nobody can type and which hide what a name is.

// mappedName maps one name for the system; most stay what they are. Slashes, NUL
// and what is no name at all are not for it.
func mappedName(goos, name string) string {
	mapped := mapChars(goos, name)
	if goos == "windows" && deviceName(mapped) != "" {
		mapped = code(mapped[0]) + mapped[1:]
	}
	return shorten(goos, mapped)
}

// mapChars replaces the characters that are not allowed where they are.
func mapChars(goos, name string) string {
	last := len(name) - 1
	isPart := strings.HasPrefix(name, partPrefix) && isPartName(name)
	wrongDot := -1
	if strings.HasSuffix(name, wrongSuffix) && isPartName(name) {
		wrongDot, isPart = len(name)-len(wrongSuffix), false
	}
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		windows := goos == "windows" && (isForbidden(c) || (i == last && (c == '.' || c == ' ')))
		if windows || i == wrongDot || (i == 0 && isPart) || (c == '%' && readsAsCode(goos, name, i)) {
			b.WriteString(code(c))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// code returns the code of a character.
func code(c byte) string { return fmt.Sprintf("%%%02X", c) }

// isForbidden reports what Windows has in no name.
func isForbidden(c byte) bool { return c < ' ' || strings.IndexByte(windowsForbidden, c) >= 0 }

// readsAsCode reports whether the "%" at i would be read as the beginning of a
// code, or of the code of a "%" that would.
func readsAsCode(goos, name string, i int) bool {
	rest := name[i+1:]
	for strings.HasPrefix(rest, "25") {
		rest = rest[2:]
	}
	if len(rest) < 2 {
		return false
	}
	digits := rest[:2]
	n, err := hex.DecodeString(digits)
	if err != nil || digits != strings.ToUpper(digits) {
		return false
	}
	c, after := n[0], rest[2:]
	switch {
	case c == '.' && after == wrongSuffix[1:]:
		return true
	case c == '.' && i == 0 && isPartName("."+after):
		return true
	case goos != "windows":
		return false
	case isForbidden(c), after == "" && (c == '.' || c == ' '):
		return true
	}
	return i == 0 && deviceName(string(c)+after) != ""
}

// shorten cuts a name to the length that the system takes.
func shorten(goos, name string) string {
	if nameLen(goos, name) <= maxNameLen {
		return name
	}
	stem, ext := splitExt(name)
	if len(ext) > 16 {
		stem, ext = name, ""
	}
	mark := markOfName(name, 8) + ext
	for nameLen(goos, stem)+len(mark) > maxNameLen {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + mark
}

// nameLen is the length of a name as the system counts it.
func nameLen(goos, name string) int {
	if bytewise(goos) {
		return len(name)
	}
	return len(utf16.Encode([]rune(name)))
}

// markOfName returns "~" and n bytes of a name's checksum.
func markOfName(name string, n int) string {
	sum := sha256.Sum256([]byte(name))
	return "~" + hex.EncodeToString(sum[:n])
}

// splitExt splits off the extension, to which ".tar" belongs; a leading dot
// does not.
func splitExt(name string) (stem, ext string) {
	stem = name
	if e := path.Ext(name); e != "" && e != name && e != "." {
		stem, ext = strings.TrimSuffix(name, e), e
		if e = path.Ext(stem); strings.EqualFold(e, ".tar") && e != stem {
			stem, ext = strings.TrimSuffix(stem, e), e+ext
		}
	}
	return stem, ext
}

// savedAs is the note for a name that was mapped.
func savedAs(name, why string) string {
	return fmt.Sprintf("saved as %q: %s", client.Printable(name), why)
}
