package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// contrast is the ratio of WCAG 2.1, 1.4.3.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.03928 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func TestThemeContrast(t *testing.T) {
	surfaces := []fyne.ThemeColorName{
		theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameMenuBackground,
		theme.ColorNameOverlayBackground, theme.ColorNameHeaderBackground,
	}
	texts := []fyne.ThemeColorName{
		theme.ColorNameForeground, theme.ColorNamePlaceHolder, theme.ColorNamePrimary,
		theme.ColorNameError, theme.ColorNameWarning, theme.ColorNameSuccess,
	}
	pairs := [][2]fyne.ThemeColorName{
		{theme.ColorNameForeground, theme.ColorNameSelection},
		{theme.ColorNamePlaceHolder, theme.ColorNameSelection},
		{theme.ColorNameForeground, theme.ColorNameButton},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
		{theme.ColorNameForegroundOnError, theme.ColorNameError},
		{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning},
		{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess},
	}
	for _, s := range surfaces {
		for _, x := range texts {
			pairs = append(pairs, [2]fyne.ThemeColorName{x, s})
		}
	}
	for _, choice := range []ThemeChoice{ThemeLight, ThemeDark} {
		th := NewTheme(choice)
		for _, p := range pairs {
			got := contrast(th.Color(p[0], theme.VariantLight), th.Color(p[1], theme.VariantLight))
			if got < 4.5 {
				t.Errorf("%v: %s on %s has contrast %.2f, want at least 4.5 (WCAG AA)", choice, p[0], p[1], got)
			}
		}
	}
}

func TestThemeFollowsTheSystemUnlessToldOtherwise(t *testing.T) {
	bg := func(c ThemeChoice, v fyne.ThemeVariant) color.Color {
		return NewTheme(c).Color(theme.ColorNameBackground, v)
	}
	if bg(ThemeSystem, theme.VariantDark) == bg(ThemeSystem, theme.VariantLight) {
		t.Error("the system's variant makes no difference")
	}
	for _, v := range []fyne.ThemeVariant{theme.VariantDark, theme.VariantLight} {
		if bg(ThemeDark, v) != bg(ThemeSystem, theme.VariantDark) || bg(ThemeLight, v) != bg(ThemeSystem, theme.VariantLight) {
			t.Errorf("a fixed choice follows the system's variant %d", v)
		}
	}
}

func TestParseThemeChoice(t *testing.T) {
	for _, c := range []ThemeChoice{ThemeSystem, ThemeLight, ThemeDark} {
		if got, err := ParseThemeChoice(c.String()); err != nil || got != c {
			t.Errorf("ParseThemeChoice(%q) = %v, %v", c, got, err)
		}
	}
	if _, err := ParseThemeChoice("pink"); err == nil {
		t.Error("pink was accepted")
	}
}
