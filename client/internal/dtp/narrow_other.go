//go:build !linux

package dtp

// CanNarrow says whether this system lets the size of segments be set, in both
// directions: macOS announces what its interface takes, whatever is set.
const CanNarrow = false

func setSegment(uintptr, int) {}
