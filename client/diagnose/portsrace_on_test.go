//go:build race

package diagnose

// raceEnabled reports whether the race detector slows the tests down.
const raceEnabled = true
