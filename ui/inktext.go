package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// newInk is a wrapped text in a size and a colour of the theme. A label with low
// importance has the colour of disabled things, which is too pale to read.
func newInk(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName) *widget.RichText {
	seg := &widget.TextSegment{Text: text, Style: widget.RichTextStyle{SizeName: size, ColorName: ink}}
	t := widget.NewRichText(seg)
	t.Wrapping = fyne.TextWrapWord
	return t
}

// style returns the style of a text that newInk made, to be changed before it
// is shown.
func style(t *widget.RichText) *widget.RichTextStyle {
	return &t.Segments[0].(*widget.TextSegment).Style
}

// setInk changes what a text of newInk says.
func setInk(t *widget.RichText, text string) {
	if seg := t.Segments[0].(*widget.TextSegment); seg.Text != text {
		seg.Text = text
		t.Refresh()
	}
}
