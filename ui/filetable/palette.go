package filetable

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A palette is the colours and measures of a theme as the table uses them.
type palette struct {
	surface, header, line      color.Color
	text, dim, accent          color.Color
	selected, idle, hover      color.Color // rows: selected with and without the focus, under the pointer
	selectedHover              color.Color
	dropped                    color.Color // the row or pane that a drop would go to
	tip, tipText, trouble      color.Color
	textSize, smallSize        float32
	textHeight, smallHeight    float32
	mono                       fyne.TextStyle
	monoSize, monoHeight       float32
	row                        float32 // from one row to the next
	textTop, monoTop, smallTop float32 // of a text in a row; in the header for smallTop
}

func newPalette(t *Table) palette {
	th := t.Theme()
	variant := fyne.CurrentApp().Settings().ThemeVariant()
	get := func(n fyne.ThemeColorName) color.Color { return th.Color(n, variant) }
	text := get(theme.ColorNameForeground)
	accent := get(theme.ColorNamePrimary)
	p := palette{
		surface: get(theme.ColorNameInputBackground), header: get(theme.ColorNameHeaderBackground),
		line: get(theme.ColorNameSeparator), text: text, dim: get(theme.ColorNamePlaceHolder), accent: accent,
		selected: get(theme.ColorNameSelection), idle: fade(text, 0.11), hover: fade(text, 0.045),
		dropped: fade(accent, 0.28), tip: get(theme.ColorNameOverlayBackground), tipText: text,
		trouble:  get(theme.ColorNameError),
		textSize: th.Size(theme.SizeNameText), smallSize: th.Size(theme.SizeNameCaptionText),
		mono: fyne.TextStyle{Monospace: true},
	}
	if p.row = th.Size(SizeNameRow); p.row <= 0 {
		p.row = RowHeight
	}
	p.selectedHover = over(fade(text, 0.05), p.selected)
	p.monoSize = p.smallSize
	p.textHeight = fyne.MeasureText("Mg", p.textSize, fyne.TextStyle{}).Height
	p.smallHeight = fyne.MeasureText("Mg", p.smallSize, fyne.TextStyle{}).Height
	p.monoHeight = fyne.MeasureText("Mg", p.monoSize, p.mono).Height
	p.textTop = whole((p.row - p.textHeight) / 2)
	p.monoTop = whole((p.row - p.monoHeight) / 2)
	p.smallTop = whole((headerHeight - p.smallHeight) / 2)
	return p
}

// whole rounds to a pixel, since text between two pixels is blurred.
func whole(v float32) float32 { return float32(math.Round(float64(v))) }

// fade returns c with a part of its opacity.
func fade(c color.Color, part float64) color.NRGBA {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(math.Round(float64(n.A) * part))
	return n
}

// over lays a veil over a colour.
func over(veil color.NRGBA, below color.Color) color.NRGBA {
	b := color.NRGBAModel.Convert(below).(color.NRGBA)
	mix := func(v, w uint8) uint8 {
		a := float64(veil.A) / 255
		return uint8(math.Round(float64(v)*a + float64(w)*(1-a)))
	}
	return color.NRGBA{R: mix(veil.R, b.R), G: mix(veil.G, b.G), B: mix(veil.B, b.B), A: max(b.A, veil.A)}
}

// shadowless is the theme of the app, whichever that is at the time, without the
// shadows that a scroll container draws over its first and last row.
type shadowless struct{}

func (shadowless) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (s shadowless) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameShadow {
		return color.Transparent
	}
	return s.base().Color(n, v)
}

// Font implements fyne.Theme.
func (s shadowless) Font(style fyne.TextStyle) fyne.Resource { return s.base().Font(style) }

// Icon implements fyne.Theme.
func (s shadowless) Icon(n fyne.ThemeIconName) fyne.Resource { return s.base().Icon(n) }

// Size implements fyne.Theme.
func (s shadowless) Size(n fyne.ThemeSizeName) float32 { return s.base().Size(n) }
