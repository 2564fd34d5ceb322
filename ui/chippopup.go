package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
)

// showChipMenu opens what the mode chip stands for: the facts of the
// connection, and the choice of how data connections are made.
func (w *Window) showChipMenu(at fyne.Position) {
	v := w.shown
	if v.State != linkUp {
		return
	}
	facts := container.New(layout.NewFormLayout())
	for _, f := range chipDetails(v.Session.Info()) {
		for i, text := range f {
			ink := theme.ColorNamePlaceHolder
			if i == 1 {
				ink = theme.ColorNameForeground
			}
			t := newInk(text, theme.SizeNameText, ink)
			t.Wrapping = fyne.TextWrapOff
			facts.Add(t)
		}
	}
	heading := widget.NewLabel("Data connections")
	heading.TextStyle.Bold = true
	names := modeNames()
	modes := widget.NewRadioGroup(names, nil)
	modes.Required = true
	modes.SetSelected(names[w.mode])
	pad := theme.Padding() * 2
	content := container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad),
		container.NewVBox(facts, widget.NewSeparator(), heading, modes))
	popup := widget.NewPopUp(content, w.win.Canvas())
	modes.OnChanged = func(name string) {
		popup.Hide()
		for i, n := range names {
			if n == name {
				w.setMode(client.ConnMode(i))
			}
		}
	}
	at.X = max(0, min(at.X, w.win.Canvas().Size().Width-popup.MinSize().Width-pad))
	popup.ShowAtPosition(at)
}
