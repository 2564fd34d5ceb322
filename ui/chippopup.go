package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/modes"
	"portside/ui/state"
)

// showChipMenu opens what the mode chip stands for: the facts of the connection,
// how data connections are made, what is remembered for this network, and the
// diagnosis.
func (w *Window) showChipMenu(at fyne.Position) {
	v := w.shown
	if v.State != linkUp {
		return
	}
	info := v.Session.Info()
	facts := container.New(layout.NewFormLayout())
	for _, f := range append(chipDetails(info), failedDetails(info)...) {
		addFact(facts, f[0], f[1])
	}
	var popup *widget.PopUp
	choice := modeChoice(w.mode, func(m client.ConnMode) {
		popup.Hide()
		w.setMode(m)
	})
	column := container.NewVBox(facts, widget.NewSeparator(), popupHeading("Data connections"), choice)
	pad := theme.Padding() * 2
	popup = widget.NewPopUp(container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), column), w.win.Canvas())
	w.addRemembered(column, popup)
	diagnose := newPushButton("Diagnose", func() {
		popup.Hide()
		w.Diagnose()
	})
	diagnose.onEscape = popup.Hide
	buttons := container.NewHBox(diagnose)
	if w.report != nil && w.examined.addr() == v.Target.addr() {
		last := newPushButton("Last diagnosis", func() {
			popup.Hide()
			w.showLastDiagnosis()
		})
		last.onEscape = popup.Hide
		buttons.Add(last)
	}
	edge := theme.InnerPadding()
	column.Add(widget.NewSeparator())
	column.Add(container.New(layout.NewCustomPaddedLayout(pad, 0, edge, edge), buttons))
	w.popup = popup
	at.X = max(0, min(at.X, w.win.Canvas().Size().Width-popup.MinSize().Width-pad))
	popup.ShowAtPosition(at)
}

// modeChoice are the modes to choose from: the three that find their way, and
// beside them the single methods.
func modeChoice(mode client.ConnMode, chosen func(client.ConnMode)) fyne.CanvasObject {
	names := modeNames()
	const single = 3 // the first of the single methods
	group := func(from, to int) *widget.RadioGroup {
		g := widget.NewRadioGroup(names[from:to], nil)
		g.SetSelected(names[mode]) // of the other group: nothing
		g.OnChanged = func(name string) {
			for i, n := range names {
				if n == name {
					chosen(client.ConnMode(i))
				}
			}
		}
		return g
	}
	return container.NewHBox(group(0, single), newGap(1), group(single, len(names)))
}

// addFact adds a name and what it is.
func addFact(to *fyne.Container, name, value string) {
	for i, text := range [2]string{name, value} {
		ink := theme.ColorNamePlaceHolder
		if i == 1 {
			ink = theme.ColorNameForeground
		}
		t := newInk(text, theme.SizeNameText, ink)
		t.Wrapping = fyne.TextWrapOff
		to.Add(t)
	}
}

func popupHeading(text string) fyne.CanvasObject {
	l := widget.NewLabel(text)
	l.TextStyle.Bold = true
	return l
}

// addRemembered adds what the memory has for this server in this network.
func (w *Window) addRemembered(column *fyne.Container, popup *widget.PopUp) {
	key := w.memoryAt
	rec := w.memory.Lookup(key)
	text := state.RememberedText(rec, w.cfg.Now())
	failed := state.FailedText(rec, w.cfg.Now())
	if text == "" && failed == "" {
		return
	}
	column.Add(widget.NewSeparator())
	forget := newQuietButton("Forget", func() {
		popup.Hide()
		w.forgetNetworks(func() {}, key)
	})
	forget.onEscape = popup.Hide
	column.Add(container.NewBorder(nil, nil, nil, forget, popupHeading("Remembered for this network")))
	grid := container.New(layout.NewFormLayout())
	addFact(grid, "Network", state.NetworkText(key.Network))
	if text != "" {
		addFact(grid, "Works", text)
	}
	if failed != "" {
		addFact(grid, "Failed", failed)
	}
	column.Add(grid)
}

// failedDetails are the methods that failed in a session.
func failedDetails(info client.Info) [][2]string {
	var out [][2]string
	for i, f := range info.Failed {
		name := ""
		if i == 0 {
			name = "Failed"
		}
		out = append(out, [2]string{name, state.MethodText(f.Method, client.Auto) + ": " + client.Printable(f.Reason)})
	}
	return out
}

// noteNetwork finds out under what the memory has the session that is up.
func (w *Window) noteNetwork(v linkView[Session]) {
	info := v.Session.Info()
	w.memoryAt = modes.Key{}
	w.run(func() {
		key := memoryKey(w.ctx, info)
		w.cfg.Do(func() {
			if w.shown.Session == v.Session {
				w.memoryAt = key
			}
		})
	})
}
