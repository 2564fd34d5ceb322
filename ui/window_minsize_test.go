package ui

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portside/ui/state"
)

// A window of the smallest size stays as it is, whatever is opened in it: what it holds
// fits together with the line of the menu, which Fyne adds.
func TestTheSmallestWindowDoesNotGrow(t *testing.T) {
	b := openWindow(t, nil)
	b.w.win.Resize(minSize())
	for _, density := range []string{"compact", "normal", "relaxed"} {
		b.w.changePrefs(func(p *state.Prefs) { p.Density = density })
		b.loop.Drain()
		menu := canvas.NewText("", color.Black).MinSize().Height + theme.Padding()*2 // as Fyne has it
		look := func(what string) {
			t.Helper()
			need, most := b.w.win.Content().MinSize().AddWidthHeight(0, menu), minSize()
			if need.Width > most.Width || need.Height > most.Height {
				t.Errorf("%s, %s: the window needs %v, more than %v", density, what, need, most)
			}
		}
		look("panes")
		b.w.newSite()
		look("site manager")
		b.w.closeManager()
		b.w.ShowSettings()
		look("settings")
		b.w.leaveSettings()
	}
}
