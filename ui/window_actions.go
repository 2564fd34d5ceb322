package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// addShortcuts adds what the menu only shows, for when no entry has the focus.
func (w *Window) addShortcuts() {
	for _, s := range []struct {
		key fyne.KeyName
		mod fyne.KeyModifier
		do  func()
	}{
		{fyne.KeyRight, ctrl, func() { w.local.TransferSelected() }},
		{fyne.KeyLeft, ctrl, func() { w.remote.TransferSelected() }},
		{fyne.KeyR, ctrl, w.refresh},
		{fyne.KeyL, ctrl, func() { w.active.EditPath() }},
	} {
		w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: s.key, Modifier: s.mod}, func(fyne.Shortcut) {
			if !w.covered() && !w.sheets.Open() && w.win.Canvas().Overlays().Top() == nil {
				s.do()
			}
		})
	}
	w.win.Canvas().SetOnTypedKey(w.typedKey)
}

// typedKey takes the keys that nothing with the focus has taken.
func (w *Window) typedKey(e *fyne.KeyEvent) {
	if w.folder != nil && e.Name == fyne.KeyEscape {
		w.folder.Dismiss()
		w.folder = nil
	}
	if top := w.win.Canvas().Overlays().Top(); top != nil {
		if w.popup != nil && e.Name == fyne.KeyEscape {
			w.popup.Hide()
			w.popup = nil
		}
		return
	}
	if w.view.Visible() {
		w.view.TypedKey(e)
		return
	}
	if w.sync.Visible() {
		w.sync.TypedKey(e)
		return
	}
	switch e.Name {
	case fyne.KeyF5:
		w.refresh()
	case fyne.KeyF2:
		w.active.RenameSelected()
	case fyne.KeyDelete:
		w.active.DeleteSelected()
	}
}

// refresh lists both folders again.
func (w *Window) refresh() {
	w.local.Relist()
	if w.shown.State == linkUp {
		w.remote.Relist()
	}
}

func (w *Window) toggleHidden() {
	show := !w.local.ShowsHidden()
	w.local.SetShowHidden(show)
	w.remote.SetShowHidden(show)
	w.menus.update()
	w.saveSettings()
}

func (w *Window) toggleTranscript() {
	if below := w.bottom.Trailing; below.Visible() {
		below.Hide()
	} else {
		below.Show()
	}
	w.bottom.Refresh()
	w.menus.update()
	w.saveSettings()
}

// setTheme changes the colours at once.
func (w *Window) setTheme(c ThemeChoice) {
	w.theme = c
	w.app.Settings().SetTheme(NewTheme(c))
	w.menus.update()
	w.saveSettings()
	w.wake()
}

func (w *Window) forgetRecents() {
	w.run(func() {
		err := w.recents.Clear()
		w.cfg.Do(func() {
			if err != nil {
				w.banners.Show(notice{key: "recent", tone: toneWarning, text: sentence(err.Error())})
			}
			if w.shown.State == linkIdle {
				w.showWelcome()
			}
		})
	})
}

// keyHelp is what the sheet on the keyboard lists.
func keyHelp() [][2]string {
	return [][2]string{
		{"Ctrl+O", "Type the address of a server"},
		{"Ctrl+1, Ctrl+2", "Go to the local, to the remote files"},
		{"Ctrl+L", "Type a path"},
		{"Tab", "Go on to the next part of the window"},
		{"Return", "Open a folder, transfer a file"},
		{"Backspace", "Go to the folder above"},
		{"Ctrl+Right, Ctrl+Left", "Upload, download the selection"},
		{"Ctrl+Shift+S, Ctrl+Return", "Synchronise folders, go ahead with it"},
		{"Shift, Ctrl, Ctrl+A", "Select more, single ones, all"},
		{"Letters, Ctrl+F", "Go to the name that begins so, filter names"},
		{"F2, Delete", "Rename, delete"},
		{"Ctrl+Shift+N", "New folder"},
		{"F5, Ctrl+R", "List again"},
		{"Ctrl+H, Ctrl+T", "Show hidden files, the transcript"},
		{"Ctrl+Shift+R, Ctrl+D", "Reconnect, disconnect"},
		{"Ctrl+Shift+D", "Diagnose the connection"},
		{"Ctrl+J, Ctrl+3", "Show the list of transfers, go to it"},
		{"Ctrl+Shift+P", "Pause all transfers, or go on"},
		{"Space, Delete", "Pause or go on, cancel (in the list of transfers)"},
		{"Alt+Up, Alt+Down", "Do earlier, later; with Home or End first, last"},
		{"Escape", "Cancel what asks or runs"},
	}
}

func (w *Window) showKeys() {
	grid := container.New(layout.NewFormLayout())
	for _, k := range keyHelp() {
		key := newInk(k[0], theme.SizeNameText, theme.ColorNameForeground)
		key.Wrapping = fyne.TextWrapOff
		style(key).TextStyle.Bold = true
		grid.Add(key)
		grid.Add(newInk(k[1], theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	w.sheets.Show(&sheet{title: "Keyboard", body: grid, cancel: "Close"})
}

func (w *Window) showAbout() {
	text := "A desktop FTP client that always finds a way through the firewall, and says what stood in the way."
	body := container.NewVBox()
	if w.cfg.Icon != nil {
		icon := widget.NewIcon(w.cfg.Icon)
		body.Add(container.NewCenter(container.New(squareLayout(64), icon)))
	}
	body.Add(paragraph(text))
	version := w.cfg.Version
	if version == "" {
		version = "development build"
	}
	body.Add(newInk("Version "+version+". MIT licence.", theme.SizeNameText, theme.ColorNamePlaceHolder))
	w.sheets.Show(&sheet{title: "Portside", body: body, width: 360, cancel: "Close"})
}
