package ui

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A ThemeChoice says which palette the window uses.
type ThemeChoice uint8

// The choices. The zero value is what was chosen last.
const (
	ThemeRemembered ThemeChoice = iota
	ThemeSystem                 // follows the desktop
	ThemeLight
	ThemeDark
)

// String returns the name ParseThemeChoice reads.
func (c ThemeChoice) String() string {
	switch c {
	case ThemeLight:
		return "light"
	case ThemeDark:
		return "dark"
	default:
		return "system"
	}
}

// ParseThemeChoice reads "system", "light" or "dark".
func ParseThemeChoice(s string) (ThemeChoice, error) {
	for _, c := range []ThemeChoice{ThemeSystem, ThemeLight, ThemeDark} {
		if s == c.String() {
			return c, nil
		}
	}
	return ThemeSystem, fmt.Errorf("theme %q: want system, light or dark", s)
}

// Theme is Portside's look: Fyne's fonts and icons at dense sizes, with a
// light and a dark palette that have one accent, a deep teal. Red is kept for
// errors.
type Theme struct {
	base    fyne.Theme
	choice  ThemeChoice
	density Density
}

var _ fyne.Theme = (*Theme)(nil)

// NewTheme returns the theme for a choice of palette.
func NewTheme(choice ThemeChoice) *Theme {
	return &Theme{base: theme.DefaultTheme(), choice: choice}
}

// WithDensity returns the same with rows closer together or further apart.
func (t *Theme) WithDensity(d Density) *Theme {
	return &Theme{base: t.base, choice: t.choice, density: d}
}

// Is reports whether another theme is the same.
func (t *Theme) Is(other fyne.Theme) bool {
	o, ok := other.(*Theme)
	return ok && *o == *t
}

// Choice returns the palette that was asked for.
func (t *Theme) Choice() ThemeChoice { return t.choice }

// Color returns a colour of the palette; system is the desktop's variant.
func (t *Theme) Color(name fyne.ThemeColorName, system fyne.ThemeVariant) color.Color {
	variant := system
	switch t.choice {
	case ThemeLight:
		variant = theme.VariantLight
	case ThemeDark:
		variant = theme.VariantDark
	case ThemeRemembered, ThemeSystem:
	}
	palette := lightColor
	if variant == theme.VariantDark {
		palette = darkColor
	}
	if c, ok := palette(name); ok {
		return c
	}
	return t.base.Color(name, variant)
}

// Font returns Fyne's own fonts, which hold every script.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource { return t.base.Font(style) }

// Icon returns Fyne's own icons, coloured by the palette.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size returns the dense measures.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if size, ok := t.density.size(name); ok {
		return size
	}
	switch name {
	case theme.SizeNameText:
		return 12
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 14
	case theme.SizeNameHeadingText:
		return 18
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameLineSpacing:
		return 2
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder:
		return 1
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameSelectionRadius:
		return 4
	case theme.SizeNameScrollBarRadius:
		return 3
	case theme.SizeNameDialogRadius, theme.SizeNamePopupRadius, theme.SizeNameMenuRadius:
		return 6
	case theme.SizeNameModalBlurRadius:
		return 0
	}
	return t.base.Size(name)
}

// splitTheme is the application's theme with dividers, and the shadows of what
// scrolls, as faint as other lines: Fyne draws them in the colour that dims
// what lies below a sheet.
type splitTheme struct{}

func (splitTheme) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color returns the theme's colour; a line's for a shadow.
func (t splitTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameShadow {
		name = theme.ColorNameSeparator
	}
	return t.base().Color(name, v)
}

// Font returns the theme's font.
func (t splitTheme) Font(s fyne.TextStyle) fyne.Resource { return t.base().Font(s) }

// Icon returns the theme's icon.
func (t splitTheme) Icon(n fyne.ThemeIconName) fyne.Resource { return t.base().Icon(n) }

// Size returns the theme's size; dividers are slim.
func (t splitTheme) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNameSplitThickness {
		return 5
	}
	return t.base().Size(n)
}

// rgb is an opaque colour written as in a style sheet: 0x0a6c7d.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// veil is a colour that lets what is below shine through.
func veil(hex uint32, alpha uint8) color.NRGBA {
	c := rgb(hex)
	c.A = alpha
	return c
}

func lightColor(name fyne.ThemeColorName) (color.Color, bool) {
	switch name {
	case theme.ColorNameBackground:
		return rgb(0xf2f4f5), true
	case theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return rgb(0xffffff), true
	case theme.ColorNameHeaderBackground:
		return rgb(0xe9edef), true
	case theme.ColorNameForeground:
		return rgb(0x1b2327), true
	case theme.ColorNamePlaceHolder:
		return rgb(0x58666e), true
	case theme.ColorNameDisabled:
		return rgb(0x97a3a9), true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return rgb(0x0a6577), true
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnError,
		theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return rgb(0xffffff), true
	case theme.ColorNameButton:
		return rgb(0xe0e6e8), true
	case theme.ColorNameDisabledButton:
		return rgb(0xe9edee), true
	case theme.ColorNameSelection:
		return rgb(0xcbe5ea), true
	case theme.ColorNameFocus:
		return veil(0x0a6577, 0x38), true
	case theme.ColorNameHover:
		return veil(0x0a3f4c, 0x12), true
	case theme.ColorNamePressed:
		return veil(0x0a3f4c, 0x2a), true
	case theme.ColorNameSeparator:
		return rgb(0xd8dfe2), true
	case theme.ColorNameInputBorder:
		return rgb(0xb9c4c9), true
	case theme.ColorNameScrollBar:
		return veil(0x24343b, 0x66), true
	case theme.ColorNameScrollBarBackground:
		return veil(0x24343b, 0x0c), true
	case theme.ColorNameShadow:
		return veil(0x10191d, 0x40), true
	case theme.ColorNameError:
		return rgb(0xb3261e), true
	case theme.ColorNameWarning:
		return rgb(0x8a5800), true
	case theme.ColorNameSuccess:
		return rgb(0x1b7343), true
	}
	return nil, false
}

func darkColor(name fyne.ThemeColorName) (color.Color, bool) {
	switch name {
	case theme.ColorNameBackground:
		return rgb(0x20272b), true
	case theme.ColorNameInputBackground:
		return rgb(0x171d20), true
	case theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground:
		return rgb(0x283136), true
	case theme.ColorNameHeaderBackground:
		return rgb(0x262e33), true
	case theme.ColorNameForeground:
		return rgb(0xe2e8ea), true
	case theme.ColorNamePlaceHolder:
		return rgb(0x9dabb2), true
	case theme.ColorNameDisabled:
		return rgb(0x66747b), true
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return rgb(0x55b9c9), true
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnError,
		theme.ColorNameForegroundOnSuccess, theme.ColorNameForegroundOnWarning:
		return rgb(0x08171b), true
	case theme.ColorNameButton:
		return rgb(0x343f45), true
	case theme.ColorNameDisabledButton:
		return rgb(0x2a3338), true
	case theme.ColorNameSelection:
		return rgb(0x1a434d), true
	case theme.ColorNameFocus:
		return veil(0x55b9c9, 0x40), true
	case theme.ColorNameHover:
		return veil(0xd6f3f8, 0x12), true
	case theme.ColorNamePressed:
		return veil(0xd6f3f8, 0x26), true
	case theme.ColorNameSeparator:
		return rgb(0x333d43), true
	case theme.ColorNameInputBorder:
		return rgb(0x4a575e), true
	case theme.ColorNameScrollBar:
		return veil(0xd6e2e6, 0x66), true
	case theme.ColorNameScrollBarBackground:
		return veil(0xd6e2e6, 0x0c), true
	case theme.ColorNameShadow:
		return veil(0x000000, 0x80), true
	case theme.ColorNameError:
		return rgb(0xff9087), true
	case theme.ColorNameWarning:
		return rgb(0xe9b75f), true
	case theme.ColorNameSuccess:
		return rgb(0x70c894), true
	}
	return nil, false
}
