//go:build !race

package ui

import "testing"

// slowUnderRace skips a test under the race detector, which this is not.
func slowUnderRace(*testing.T) {}
