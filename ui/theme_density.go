package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portside/ui/filetable"
)

// A Density says how much air there is between things.
type Density uint8

// The densities.
const (
	DensityNormal Density = iota
	DensityCompact
	DensityRelaxed
)

// densityOf reads the name that the settings have for a density.
func densityOf(name string) Density {
	switch name {
	case "compact":
		return DensityCompact
	case "relaxed":
		return DensityRelaxed
	default:
		return DensityNormal
	}
}

// size returns a measure that depends on the density.
func (d Density) size(name fyne.ThemeSizeName) (size float32, ok bool) {
	var sizes [3]float32 // in the order of the densities
	switch name {
	case filetable.SizeNameRow: // even, so that heights of a million rows are exact
		sizes = [3]float32{filetable.RowHeight, 18, 26}
	case theme.SizeNamePadding:
		sizes = [3]float32{3, 2, 5}
	case theme.SizeNameInnerPadding:
		sizes = [3]float32{5, 4, 8}
	default:
		return 0, false
	}
	return sizes[d], true
}
