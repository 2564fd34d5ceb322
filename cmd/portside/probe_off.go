//go:build !uiprobe

package main

import "fyne.io/fyne/v2"

// startProbe does nothing: only builds for the end-to-end test have a probe.
func startProbe(fyne.App, fyne.Window) {}
