package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/ui/state"
)

// prefsView is the view of the settings, which takes the place of the panes. It is
// made when it is first wanted.
func (w *Window) prefsView() *prefsView {
	if w.prefs.view == nil {
		w.prefs.view = newPrefsView(prefsHands{
			prefs: w.prefs.get, change: w.changePrefs, close: w.leaveSettings, sheets: w.sheets,
			extra: w.morePrefs, reset: w.resetMore,
		})
		w.places.put(w.places.prefs, w.prefs.view.Content)
	}
	return w.prefs.view
}

// buildPrefs has the settings asked where they matter.
func (w *Window) buildPrefs() {
	w.prefs.ctx, w.prefs.end = context.WithCancel(w.ctx)
	for _, p := range []*Pane{w.local, w.remote} {
		p.opt.Key = func(action string) state.Chord { return w.prefs.get().KeyFor(action) }
		p.opt.FileOpen = w.fileOpened
		p.opt.SkipConfirm = func() bool { return !w.prefs.get().ConfirmDelete }
	}
	w.local.opt.OpenFile = w.openFile
	w.recents.usual = func() client.ConnMode { return w.prefs.get().ConnMode() }
}

// ShowSettings shows the settings in place of the panes.
func (w *Window) ShowSettings() {
	if w.view.Visible() {
		w.closeDiagnosis()
	}
	if !w.prefs.open {
		w.rereadPrefs()
	}
	w.prefs.open = true
	w.prefsView().fill()
	w.showMiddle()
	w.middle.Refresh()
	if w.prefs.view.Visible() && w.win.Canvas().Overlays().Top() == nil {
		w.win.Canvas().Focus(w.prefs.view.Focus())
	}
}

// leaveSettings shows again what was there before.
func (w *Window) leaveSettings() {
	if !w.prefs.open {
		return
	}
	w.prefs.open = false
	w.showMiddle()
	if w.sync.Visible() {
		w.focusSync()
		return
	}
	w.focusPane(w.active)
}

// morePrefs are the rows of a section that are kept elsewhere than in the file of
// the settings: in the queue, in the keyring, in what is remembered.
func (w *Window) morePrefs(v *prefsView, s state.PrefSection) []*prefRow {
	switch s {
	case state.PrefConnection:
		return w.proxyRows(v)
	case state.PrefTransfers:
		return w.queueRows(v)
	case state.PrefPrivacy:
		return w.privacyRows(v)
	case state.PrefInterface, state.PrefEditing, state.PrefKeyboard:
	}
	return nil
}

// resetMore gives what morePrefs shows its defaults. What is remembered is not
// forgotten by it.
func (w *Window) resetMore(s state.PrefSection) {
	if s == state.PrefTransfers {
		w.resetQueue()
	}
}

// showKeys shows what keys do.
func (w *Window) showKeys() {
	p := w.prefs.get()
	grid := container.New(layout.NewFormLayout())
	for _, a := range state.KeyActions() {
		key := newInk(p.KeysText(a), theme.SizeNameText, theme.ColorNameForeground)
		key.Wrapping = fyne.TextWrapOff
		style(key).TextStyle.Bold = true
		label := a.Label
		if a.Where != "" && a.Where != "Files" {
			label += " (" + a.Where + ")"
		}
		grid.Add(key)
		grid.Add(newInk(label, theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	scroll := container.NewVScroll(grid)
	w.sheets.Show(&sheet{
		title: "Keyboard", width: 520, cancel: "Close",
		body: container.New(&fixedHeight{min(440, w.win.Canvas().Size().Height-160)}, scroll),
		extra: []sheetChoice{{"Change keys…", func() {
			w.ShowSettings()
			w.prefs.view.Open(state.PrefKeyboard)
		}}},
	})
}
