package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/themed"
)

// paneEntry is an entry low enough for a pane's bars, which tells Escape, the
// arrow down and the loss of the keyboard.
type paneEntry struct {
	widget.Entry

	onEscape, onDown, onLost func()
	themed                   fyne.CanvasObject // the entry in its theme: what is laid out
}

func newPaneEntry() *paneEntry {
	e := &paneEntry{}
	e.ExtendBaseWidget(e)
	e.Scroll = fyne.ScrollHorizontalOnly
	e.themed = themed.New(e, paneSlim{})
	return e
}

// TypedKey implements fyne.Focusable.
func (e *paneEntry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape && e.onEscape != nil:
		e.onEscape()
	case k.Name == fyne.KeyDown && e.onDown != nil:
		e.onDown()
	default:
		e.Entry.TypedKey(k)
	}
}

// FocusLost implements fyne.Focusable.
func (e *paneEntry) FocusLost() {
	e.Entry.FocusLost()
	if e.onLost != nil {
		e.onLost()
	}
}

// paneSlim is the theme of the app, whichever that is at the time, with less room
// around the text of entries.
type paneSlim struct{}

func (paneSlim) base() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (s paneSlim) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return s.base().Color(n, v)
}

// Font implements fyne.Theme.
func (s paneSlim) Font(style fyne.TextStyle) fyne.Resource { return s.base().Font(style) }

// Icon implements fyne.Theme.
func (s paneSlim) Icon(n fyne.ThemeIconName) fyne.Resource { return s.base().Icon(n) }

// Size implements fyne.Theme.
func (s paneSlim) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNameInnerPadding {
		const low = 3
		return low
	}
	return s.base().Size(n)
}
