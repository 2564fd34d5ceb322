package ui

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// windowPrefs are the settings as the window uses them.
type windowPrefs struct {
	now    atomic.Pointer[state.Prefs] // never changed, only replaced
	book   settingsBook
	view   *prefsView // nil: not yet wanted
	open   bool       // that view is wanted, unless a diagnosis is
	locale string
	ctx    context.Context // of what runs for the settings
	end    context.CancelFunc
	stop   context.CancelFunc // ends the clock of relative times; nil: it does not run
	retry  lostRetry
}

// get returns the settings in force, which must not be changed.
func (p *windowPrefs) get() *state.Prefs {
	if now := p.now.Load(); now != nil {
		return now
	}
	prefs := state.NewPrefs()
	return &prefs
}

// keptFile is where a file of the user's is kept, "" where nothing is.
func (w *Window) keptFile(name string) string {
	if w.cfg.ConfigDir == "" {
		return ""
	}
	return filepath.Join(w.cfg.ConfigDir, name)
}

// loadSettings reads what was chosen last; a theme on the command line stands
// above it, and is not kept.
func (w *Window) loadSettings() state.Prefs {
	w.prefs.book.path = w.keptFile("settings.json")
	w.prefs.locale = systemLocale()
	p, err := w.prefs.book.Read()
	if err != nil {
		w.saySettings(err)
	}
	if w.cfg.Theme != ThemeRemembered {
		p.Theme = w.cfg.Theme.String()
	}
	w.prefs.now.Store(&p)
	w.theme, _ = ParseThemeChoice(p.Theme) // was checked
	w.mode = p.ConnMode()
	return p
}

// systemLocale is the place by whose custom times are written.
func systemLocale() string {
	for _, name := range []string{"LC_ALL", "LC_TIME"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return lang.SystemLocale().String()
}

func (w *Window) saySettings(err error) {
	w.banners.Show(notice{key: "settings", tone: toneWarning, text: sentence(err.Error())})
}

// saveSettings writes down what the panel of transfers was dragged to.
func (w *Window) saveSettings() {
	if w.floor != nil {
		w.panelShare = 1 - w.floor.Offset
	}
	w.changePrefs(func(p *state.Prefs) { p.TransfersClosed, p.TransfersShare = w.panelClosed, w.panelShare })
}

// changePrefs changes settings: what differs takes effect, and is written.
func (w *Window) changePrefs(change func(p *state.Prefs)) {
	old := w.prefs.get()
	p := old.Clone()
	change(&p)
	keys := state.PrefDiff(old, &p)
	if len(keys) == 0 {
		return
	}
	w.prefs.now.Store(&p)
	for _, key := range keys {
		w.takeEffect(key)
	}
	w.prefs.view.Show()
	w.menus.update()
	if err := w.prefs.book.Note(&p, keys...); err != nil {
		w.saySettings(err)
		return
	}
	w.run(func() {
		if err := w.prefs.book.Flush(); err != nil {
			w.cfg.Do(func() { w.saySettings(err) })
		}
	})
}

// rereadPrefs takes over what another window has changed.
func (w *Window) rereadPrefs() {
	p, err := w.prefs.book.Read()
	if err != nil {
		return // it was said when the window opened, or is said when something is changed
	}
	old := w.prefs.get()
	if w.cfg.Theme != ThemeRemembered {
		p.Theme = old.Theme
	}
	p.TransfersClosed, p.TransfersShare = old.TransfersClosed, old.TransfersShare // of this window
	w.prefs.now.Store(&p)
	for _, key := range state.PrefDiff(old, &p) {
		w.takeEffect(key)
	}
	w.menus.update()
}

// takeEffect makes the window what a setting says, as soon as it is changed.
// What is not named here is read where it is used: at the next connection, the
// next file, the next key.
func (w *Window) takeEffect(key string) {
	p := w.prefs.get()
	switch key {
	case "theme":
		w.paint()
		w.wake()
	case "density":
		w.paint()
		w.prefs.view.Rebuild()
		w.wake()
	case "dates", "sizes":
		w.showFormat()
	case "hidden_files", "folders_first", "rename_stem":
		w.arrangePanes()
	case "transcript":
		if p.Transcript == w.bottom.Trailing.Visible() {
			return
		}
		if p.Transcript {
			w.bottom.Trailing.Show()
		} else {
			w.bottom.Trailing.Hide()
		}
		w.bottom.Refresh()
	case "keys":
		w.menus.showKeys()
	case "mode":
		if w.link.View().State == linkIdle && !w.picked {
			w.mode = p.ConnMode()
		}
	case "security":
		w.bar.SetUsual(p.TLS())
	case "map_ports":
		if w.link.View().State == linkUp && w.mode != client.Passive {
			w.reconnect()
		}
	}
}

// applyPrefs makes the window what the settings say, at its beginning.
func (w *Window) applyPrefs() {
	for _, key := range []string{"hidden_files", "transcript", "security", "dates"} {
		w.takeEffect(key)
	}
}

// paint gives the window its colours and its density, where it does not have them:
// all fonts and icons are read again for a theme.
func (w *Window) paint() {
	p := w.prefs.get()
	w.theme, _ = ParseThemeChoice(p.Theme) // was checked
	if t := NewTheme(w.theme).WithDensity(densityOf(p.Density)); !t.Is(w.app.Settings().Theme()) {
		w.app.Settings().SetTheme(t)
	}
}

// arrangePanes shows the files as the settings say.
func (w *Window) arrangePanes() {
	p := w.prefs.get()
	for _, pane := range []*Pane{w.local, w.remote} {
		pane.table.RenameWhole = !p.RenameStem
		pane.model.SetFoldersFirst(p.FoldersFirst)
		pane.SetShowHidden(p.HiddenFiles)
	}
}

// format is how sizes and times are written now.
func (w *Window) format() state.Format {
	f := w.prefs.get().Format(w.cfg.Now)
	f.Locale = w.prefs.locale
	return f
}

// relativeEvery is how often times are written anew that say how long ago.
const relativeEvery = 30 * time.Second

// showFormat writes sizes and times anew, and has a clock do so again where they
// say how long ago something was.
func (w *Window) showFormat() {
	f := w.format()
	for _, pane := range []*Pane{w.local, w.remote} {
		pane.table.SetFormat(f)
		pane.show()
	}
	w.sync.SetFormat(f)
	w.wake()
	relative := f.Dates == state.DatesRelative
	switch {
	case relative && w.prefs.stop == nil:
		ctx, cancel := context.WithCancel(w.prefs.ctx)
		w.prefs.stop = cancel
		w.run(func() { w.tickTimes(ctx) })
	case !relative && w.prefs.stop != nil:
		w.prefs.stop()
		w.prefs.stop = nil
	}
}

func (w *Window) tickTimes(ctx context.Context) {
	tick := time.NewTicker(relativeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.cfg.Do(func() {
				w.local.table.Rewrite()
				w.remote.table.Rewrite()
			})
		case <-ctx.Done():
			return
		}
	}
}

// endPrefs ends what runs for the settings.
func (w *Window) endPrefs() { w.prefs.end() }

// transferRules changes how files of a site are transferred, from the next one on:
// what the site does not say is as the settings have it. It may be called from any
// goroutine.
func (w *Window) transferRules(site string, opt *transfers.Options) {
	p := w.prefs.get()
	p.Transfer(opt)
	w.sites.rules(site, opt)
	if opt.Exists == transfers.Ask {
		opt.Exists = p.Rule()
	}
}

// shortcutOf is a chord as Fyne has it; nil for none.
func shortcutOf(c state.Chord) fyne.Shortcut {
	if c.Key == "" {
		return nil
	}
	var mod fyne.KeyModifier
	if c.Ctrl {
		mod |= ctrl
	}
	if c.Alt {
		mod |= fyne.KeyModifierAlt
	}
	if c.Shift {
		mod |= fyne.KeyModifierShift
	}
	return global(fyne.KeyName(c.Key), mod)
}
