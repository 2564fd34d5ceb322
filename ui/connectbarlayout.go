package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// connectBarTheme is the application's theme without scroll bars: Fyne draws one across
// the text of an entry that is too narrow for it.
type connectBarTheme struct{ splitTheme }

// Color returns the theme's colour; none for scroll bars.
func (t connectBarTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameScrollBar || name == theme.ColorNameScrollBarBackground {
		return color.Transparent
	}
	return t.base().Color(name, v)
}

// Size returns the theme's size.
func (t connectBarTheme) Size(n fyne.ThemeSizeName) float32 { return t.base().Size(n) }

// connectBarLayout gives the address what the others leave.
type connectBarLayout struct{}

// widths of user, password, port, security and button.
func connectBarWidths(total float32) [5]float32 {
	if total < 860 {
		return [5]float32{116, 104, 52, 118, 88}
	}
	return [5]float32{136, 136, 58, 124, 92}
}

// MinSize is what a narrow window needs.
func (*connectBarLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(160+objects[0].MinSize().Width+theme.Padding(), 0)
	for _, w := range connectBarWidths(0) {
		size.Width += w + theme.Padding()
	}
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Layout puts all in a row of one height.
func (*connectBarLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Padding() * 2
	widths := connectBarWidths(size.Width)
	menu := objects[0].MinSize().Width
	objects[0].Move(fyne.Position{})
	objects[0].Resize(fyne.NewSize(menu, size.Height))
	first := size.Width - menu - gap
	for _, w := range widths {
		first -= w + gap
	}
	x := menu + gap
	for i, o := range objects[1:] {
		w := first
		if i > 0 {
			w = widths[i-1]
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w + gap
	}
}
