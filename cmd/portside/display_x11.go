//go:build linux && x11

package main

// hasDisplay reports whether there is a display for this build, which speaks
// X11 only; Wayland desktops offer that as well.
func hasDisplay(getenv func(string) string) bool { return getenv("DISPLAY") != "" }
