//go:build race

package ui

import "testing"

// slowUnderRace skips a test that paints the whole window many times over and starts
// nothing beside it: the race detector makes it ten times as slow and finds nothing in
// it. It runs without the detector.
func slowUnderRace(t *testing.T) {
	t.Helper()
	t.Skip("paints for long and runs nothing at the same time; it is tried without the race detector")
}
