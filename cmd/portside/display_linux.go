//go:build linux && !x11

package main

// hasDisplay reports whether there is a display.
func hasDisplay(getenv func(string) string) bool {
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}
