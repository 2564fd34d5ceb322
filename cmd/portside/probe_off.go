//go:build !uiprobe

package main

import (
	"fyne.io/fyne/v2"

	"portside/ui"
)

// startProbe does nothing: only builds for the end-to-end test have a probe.
func startProbe(fyne.Window, *ui.Window) {}
