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
func partName(name string) string {
	whole := partPrefix + name + partSuffix
	if len(whole) <= maxNameLen {
		return whole
	}
	sum := sha256.Sum256([]byte(name))
	mark := "~" + hex.EncodeToString(sum[:8])
	keep := maxNameLen - len(partPrefix) - len(partSuffix) - len(mark)
	for keep > 0 && !utf8.RuneStart(name[keep]) && utf8.ValidString(name) {
		keep--
	}
	return partPrefix + name[:keep] + mark + partSuffix
}
