package ui

import (
	"os"
	"runtime/debug"
	"testing"

	"portside/ui/uitest"
)

// TestMain lets memory grow further before it is collected: windows are made by the
// hundred here, and each lives as long as its test.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// lightApp is the application of the tests in light colours.
func lightApp(t *testing.T) {
	t.Helper()
	app := uitest.App(t)
	if light := NewTheme(ThemeLight); !light.Is(app.Settings().Theme()) {
		app.Settings().SetTheme(light)
	}
}
