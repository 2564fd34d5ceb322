//go:build !linux && !darwin

package dtp

// CanNarrow says whether this system lets the size of segments be set.
const CanNarrow = false

func setSegment(uintptr, int) {}
