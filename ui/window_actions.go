package ui

import (
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
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
	w.win.Canvas().SetOnTypedRune(w.typedRune)
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
	if w.prefs.view.Visible() {
		w.prefs.view.TypedKey(e)
		return
	}
	if w.manager.Visible() {
		w.manager.TypedKey(e)
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
	default:
		if is(w.prefs.get().KeyFor("edit"), global(e.Name, 0).ShortcutName()) {
			w.editSelected()
			return
		}
		w.keyToPane(e)
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
	w.changePrefs(func(p *state.Prefs) { p.HiddenFiles = show })
}

func (w *Window) toggleTranscript() {
	show := !w.bottom.Trailing.Visible()
	w.changePrefs(func(p *state.Prefs) { p.Transcript = show })
}

// setTheme changes the colours at once.
func (w *Window) setTheme(c ThemeChoice) {
	w.changePrefs(func(p *state.Prefs) { p.Theme = c.String() })
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
