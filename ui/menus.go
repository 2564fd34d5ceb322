package ui

import (
	"fmt"

	"portside/client"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// shownShortcut is a shortcut that a menu shows but does not act on: the file
// tables and the canvas do, and an entry keeps what it needs for editing. (A
// shortcut of a Fyne menu would be taken from everything else.)
type shownShortcut struct {
	key fyne.KeyName
	mod fyne.KeyModifier
}

var _ fyne.KeyboardShortcut = shownShortcut{}

// ShortcutName is one that no key press has.
func (s shownShortcut) ShortcutName() string  { return fmt.Sprintf("shown:%v+%s", s.mod, s.key) }
func (s shownShortcut) Key() fyne.KeyName     { return s.key } // Key implements fyne.KeyboardShortcut.
func (s shownShortcut) Mod() fyne.KeyModifier { return s.mod } // Mod implements fyne.KeyboardShortcut.

const (
	ctrl      = fyne.KeyModifierShortcutDefault
	ctrlShift = fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift
)

// menuBar is the window's menu, with the items whose state changes.
type menuBar struct {
	w    *Window
	menu *fyne.MainMenu

	reconnect, disconnect, transcript, hidden *fyne.MenuItem
	mapping                                   *fyne.MenuItem
	upload, download, sync                    *fyne.MenuItem
	transfers                                 *fyne.MenuItem
	themes                                    []*fyne.MenuItem
	modes                                     []*fyne.MenuItem
	panes                                     []*fyne.MenuItem // act on the panes, so not while these are hidden
}

// item makes a menu item whose action is held back while a sheet or a dialog
// asks something: menu shortcuts would reach through it.
func (m *menuBar) item(label string, do func(), shortcut fyne.Shortcut) *fyne.MenuItem {
	it := fyne.NewMenuItem(label, func() {
		if !m.w.sheets.Open() && m.w.folder == nil {
			do()
		}
	})
	it.Shortcut = shortcut
	return it
}

// paneItem is an item that acts on the panes: it does nothing while something
// else is in their place.
func (m *menuBar) paneItem(label string, do func(), shortcut fyne.Shortcut) *fyne.MenuItem {
	it := m.item(label, func() {
		if !m.w.covered() {
			do()
		}
	}, shortcut)
	m.panes = append(m.panes, it)
	return it
}

func global(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: mod}
}

func shown(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return shownShortcut{key, mod}
}

func newMenuBar(w *Window) *menuBar {
	m := &menuBar{w: w}
	m.menu = fyne.NewMainMenu(m.file(), m.edit(), m.view(), m.transfer(), m.help())
	return m
}

func (m *menuBar) file() *fyne.Menu {
	w := m.w
	m.reconnect = m.item("Reconnect", w.reconnect, global(fyne.KeyR, ctrlShift))
	m.disconnect = m.item("Disconnect", w.disconnect, global(fyne.KeyD, ctrl))
	quit := m.item("Quit", w.endOrAsk, global(fyne.KeyQ, ctrl))
	quit.IsQuit = true
	items := []*fyne.MenuItem{m.item("Connect to a server", w.bar.Focus, global(fyne.KeyO, ctrl))}
	if w.cfg.Demo != nil {
		items = append(items, m.item("Open the demo server", w.openDemo, nil))
	}
	items = append(items, m.reconnect, m.disconnect, fyne.NewMenuItemSeparator(),
		m.paneItem("New folder", func() { w.active.NewFolder() }, global(fyne.KeyN, ctrlShift)),
		m.paneItem("Rename", func() { w.active.RenameSelected() }, shown(fyne.KeyF2, 0)),
		m.paneItem("Delete", func() { w.active.DeleteSelected() }, shown(fyne.KeyDelete, 0)),
		fyne.NewMenuItemSeparator(), quit)
	return fyne.NewMenu("File", items...)
}

func (m *menuBar) edit() *fyne.Menu {
	w := m.w
	return fyne.NewMenu("Edit",
		m.paneItem("Edit the path", func() { w.active.EditPath() }, shown(fyne.KeyL, ctrl)),
		m.paneItem("Copy path", func() { w.active.CopyPath() }, shown(fyne.KeyC, ctrl)),
		m.paneItem("Copy URL", func() { w.remote.CopyURL() }, nil),
		fyne.NewMenuItemSeparator(),
		m.item("Copy transcript", w.transcript.copy, nil),
		m.item("Clear transcript", w.transcript.Clear, nil),
		m.item("Forget recent servers", w.forgetRecents, nil),
	)
}

func (m *menuBar) view() *fyne.Menu {
	w := m.w
	m.hidden = m.item("Hidden files", w.toggleHidden, global(fyne.KeyH, ctrl))
	m.transcript = m.item("Transcript", w.toggleTranscript, global(fyne.KeyT, ctrl))
	m.transfers = m.item("Transfers", w.togglePanel, global(fyne.KeyJ, ctrl))
	look := fyne.NewMenuItem("Colours", nil)
	for _, c := range []struct {
		label  string
		choice ThemeChoice
	}{{"As the desktop", ThemeSystem}, {"Light", ThemeLight}, {"Dark", ThemeDark}} {
		m.themes = append(m.themes, m.item(c.label, func() { w.setTheme(c.choice) }, nil))
	}
	look.ChildMenu = fyne.NewMenu("", m.themes...)
	return fyne.NewMenu("View",
		m.paneItem("Refresh", w.refresh, shown(fyne.KeyF5, 0)),
		m.item("Local files", func() { w.showPane(w.local) }, global(fyne.Key1, ctrl)),
		m.item("Remote files", func() { w.showPane(w.remote) }, global(fyne.Key2, ctrl)),
		m.item("List of transfers", w.showTransfers, global(fyne.Key3, ctrl)),
		fyne.NewMenuItemSeparator(), m.hidden, m.transcript, m.transfers, look)
}

func (m *menuBar) transfer() *fyne.Menu {
	w := m.w
	m.upload = m.paneItem("Upload the selection", w.local.TransferSelected, shown(fyne.KeyRight, ctrl))
	m.download = m.paneItem("Download the selection", w.remote.TransferSelected, shown(fyne.KeyLeft, ctrl))
	method := fyne.NewMenuItem("Data connections", nil)
	m.mapping = m.item("Ask the router to let active mode in", w.toggleMapping, nil)
	method.ChildMenu = fyne.NewMenu("", append(m.modeItems(), fyne.NewMenuItemSeparator(), m.mapping)...)
	m.sync = m.item("Synchronise…", w.Synchronise, global(fyne.KeyS, ctrlShift))
	return fyne.NewMenu("Transfer", m.upload, m.download, m.sync, fyne.NewMenuItemSeparator(), method,
		m.item("Networks", w.showNetworks, nil),
		m.item("Diagnose the connection", w.Diagnose, global(fyne.KeyD, ctrlShift)),
		fyne.NewMenuItemSeparator(),
		m.paneItem("Transfer the selection later…", w.transferLater, nil),
		m.item("Pause or go on", w.panel.pauseOrGoOn, global(fyne.KeyP, ctrlShift)),
		m.item("Cancel all", w.panel.cancelAll, nil),
		m.item("Clear finished", w.panel.clear, nil))
}

// modeNames are the ways to make data connections, in the order of
// client.ConnMode.
func modeNames() []string {
	return []string{
		"Automatic", "Passive", "Active",
		"EPSV only (passive)", "PASV only (passive)", "EPRT only (active)", "PORT only (active)",
	}
}

func (m *menuBar) modeItems() []*fyne.MenuItem {
	for i, name := range modeNames() {
		m.modes = append(m.modes, m.item(name, func() { m.w.setMode(client.ConnMode(i)) }, nil))
	}
	return m.modes
}

func (m *menuBar) help() *fyne.Menu {
	return fyne.NewMenu("Help",
		m.item("Keyboard", m.w.showKeys, global(fyne.KeyF1, ctrl)),
		m.item("About Portside", m.w.showAbout, nil))
}

// update makes the menu true: what is checked and what can be done.
func (m *menuBar) update() {
	w := m.w
	v := w.shown
	m.reconnect.Disabled = v.Target.URL.Host == "" || v.State == linkConnecting
	m.disconnect.Disabled = v.State != linkUp && v.State != linkConnecting
	for _, it := range m.panes {
		it.Disabled = w.covered()
	}
	m.upload.Disabled, m.download.Disabled = v.State != linkUp || w.covered(), v.State != linkUp || w.covered()
	m.sync.Disabled = v.State != linkUp
	m.mapping.Checked = w.mapPorts.Load()
	m.hidden.Checked = w.local.ShowsHidden()
	m.transcript.Checked = w.bottom == nil || w.bottom.Trailing.Visible()
	m.transfers.Checked = w.panel.Open()
	for i, it := range m.modes {
		it.Checked = client.ConnMode(i) == w.mode
	}
	for i, it := range m.themes {
		it.Checked = ThemeSystem+ThemeChoice(i) == w.theme
	}
	m.menu.Refresh()
}
