package ui

import "path/filepath"

// keptFile is where a file of the user's is kept, "" where nothing is.
func (w *Window) keptFile(name string) string {
	if w.cfg.ConfigDir == "" {
		return ""
	}
	return filepath.Join(w.cfg.ConfigDir, name)
}

// loadSettings reads what was chosen last; a theme on the command line stands
// above it.
func (w *Window) loadSettings() settings {
	s, err := loadSettings(w.keptFile("settings.json"))
	if err != nil {
		w.banners.Show(notice{key: "settings", tone: toneWarning, text: sentence(err.Error())})
	}
	if w.theme = w.cfg.Theme; w.theme == ThemeRemembered {
		w.theme, _ = ParseThemeChoice(s.Theme) // was checked
	}
	return s
}

// saveSettings writes down what the View menu says now.
func (w *Window) saveSettings() {
	if w.floor != nil {
		w.panelShare = 1 - w.floor.Offset
	}
	w.settings.Store(&settings{
		TransfersClosed: w.panelClosed, TransfersShare: w.panelShare,
		Theme: w.theme.String(), HiddenFiles: w.local.ShowsHidden(),
		NoTranscript: !w.bottom.Trailing.Visible(), MapPorts: w.mapPorts.Load(),
	})
	w.run(func() {
		w.saving.Lock()
		defer w.saving.Unlock()
		if err := w.settings.Load().save(w.keptFile("settings.json")); err != nil {
			w.cfg.Do(func() { w.banners.Show(notice{key: "settings", tone: toneWarning, text: sentence(err.Error())}) })
		}
	})
}
