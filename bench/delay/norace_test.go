//go:build linux && !race

package delay_test

const raceEnabled = false
