package transfers

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"
)

// maxNameLen is the length in bytes that a name may have on all common file
// systems.
const maxNameLen = 255

// partName returns the name of the partial file for name, always the same one.
// Where that would be too long, the end of the name gives way to a checksum.
func partName(name string) string { return within(partPrefix, name, partSuffix) }

// PartOf returns the raw path to which a file is sent until it is complete, beside its own.
func PartOf(path string) string {
	dir, name := splitRemote(path)
	return dir + partName(name)
}

// wrongName returns the name under which a file is kept whose checksum is not
// that of its source.
func wrongName(name string) string { return within("", name, wrongSuffix) }

// within puts name between prefix and suffix, as whole as it fits.
func within(prefix, name, suffix string) string {
	if len(prefix)+len(name)+len(suffix) <= maxNameLen {
		return prefix + name + suffix
	}
	sum := sha256.Sum256([]byte(name))
	mark := "~" + hex.EncodeToString(sum[:8])
	keep := maxNameLen - len(prefix) - len(suffix) - len(mark)
	for keep > 0 && !utf8.RuneStart(name[keep]) && utf8.ValidString(name) {
		keep--
	}
	return prefix + name[:keep] + mark + suffix
}
