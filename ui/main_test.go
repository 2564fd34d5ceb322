package ui

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets memory grow further before it is collected: windows are made by the
// hundred here, and each lives as long as its test.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
