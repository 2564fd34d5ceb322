// Package assets holds the files that are embedded in the programs. It hands
// out bytes only, so that it can be used with or without the window toolkit.
package assets

import _ "embed"

// Icon is the program's icon, a PNG of 256 by 256 pixels: a ship's port side
// light. icon.svg is the drawing it is rendered from.
//
//go:embed icon.png
var Icon []byte

// IconSVG is the drawing of the icon.
//
//go:embed icon.svg
var IconSVG []byte
