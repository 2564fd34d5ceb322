package ui

import (
	"fmt"
	"slices"
	"strings"

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
	upload, download, copy, sync              *fyne.MenuItem
	transfers                                 *fyne.MenuItem
	saveSite, bookmark, pair                  *fyne.MenuItem
	siteMenu                                  *fyne.Menu
	siteFixed                                 []*fyne.MenuItem // of siteMenu, before the sites
	siteShown                                 string           // what siteMenu was made from
	themes                                    []*fyne.MenuItem
	modes                                     []*fyne.MenuItem
	keyed                                     map[string]*fyne.MenuItem // by the ID of their action
	panes                                     []*fyne.MenuItem          // act on the panes, so not while these are hidden
}

// item makes a menu item whose action is held back while a sheet or a dialog
// asks something: menu shortcuts would reach through it.
func (m *menuBar) item(label string, do func(), shortcut fyne.Shortcut) *fyne.MenuItem {
	it := fyne.NewMenuItem(label, func() {
		if !m.w.sheets.Open() && m.w.folder == nil {
			do()
			m.w.keyboardBack()
		}
	})
	it.Shortcut = shortcut
	if k, ok := shortcut.(keyed); ok {
		m.keyed[string(k)] = it
		it.Shortcut = shortcutOf(m.w.prefs.get().KeyFor(string(k)))
	}
	return it
}

// keyed stands for the key that an action of the window has: the user may choose
// another.
type keyed string

// ShortcutName implements fyne.Shortcut; no key press has that name.
func (k keyed) ShortcutName() string { return "keyed:" + string(k) }

// showKeys gives the items the keys that are in force.
func (m *menuBar) showKeys() {
	for id, it := range m.keyed {
		it.Shortcut = shortcutOf(m.w.prefs.get().KeyFor(id))
	}
	m.menu.Refresh()
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
	m := &menuBar{w: w, keyed: map[string]*fyne.MenuItem{}}
	m.menu = fyne.NewMainMenu(m.file(), m.edit(), m.view(), m.sites(), m.transfer(), m.help())
	return m
}

func (m *menuBar) file() *fyne.Menu {
	w := m.w
	m.reconnect = m.item("Reconnect", w.reconnect, keyed("reconnect"))
	m.disconnect = m.item("Disconnect", w.disconnect, keyed("disconnect"))
	quit := m.item("Quit", w.endOrAsk, keyed("quit"))
	quit.IsQuit = true
	items := []*fyne.MenuItem{m.item("Connect to a server", w.bar.Focus, keyed("connect"))}
	if w.cfg.Demo != nil {
		items = append(items, m.item("Open the demo server", w.openDemo, nil))
	}
	items = append(items, m.reconnect, m.disconnect, fyne.NewMenuItemSeparator(),
		m.paneItem("New folder", func() { w.active.NewFolder() }, keyed("new-folder")),
		m.paneItem("Rename", func() { w.active.RenameSelected() }, shown(fyne.KeyF2, 0)),
		m.paneItem("Delete", func() { w.active.DeleteSelected() }, shown(fyne.KeyDelete, 0)),
		m.paneItem("Edit", w.editSelected, keyed("edit")),
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
		fyne.NewMenuItemSeparator(),
		m.item("Settings…", w.ShowSettings, keyed("settings")),
	)
}

func (m *menuBar) view() *fyne.Menu {
	w := m.w
	m.hidden = m.item("Hidden files", w.toggleHidden, keyed("hidden-files"))
	m.transcript = m.item("Transcript", w.toggleTranscript, keyed("transcript"))
	m.transfers = m.item("Transfers", w.togglePanel, keyed("transfers"))
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
		m.item("Local files", func() { w.showPane(w.local) }, keyed("local-files")),
		m.item("Remote files", func() { w.showPane(w.remote) }, keyed("remote-files")),
		m.item("List of transfers", w.showTransfers, keyed("transfer-list")),
		fyne.NewMenuItemSeparator(), m.hidden, m.transcript, m.transfers, look)
}

func (m *menuBar) sites() *fyne.Menu {
	w := m.w
	m.saveSite = m.item("Save as site…", w.saveThisSite, keyed("save-site"))
	m.bookmark = m.item("Bookmark this folder…", w.bookmarkFolder, keyed("bookmark"))
	m.pair = m.paneItem("Browse both sides together", w.togglePair, nil)
	m.siteFixed = []*fyne.MenuItem{
		m.item("Site manager", func() { w.openManager("") }, keyed("sites")), m.item("New site…", w.newSite, nil), m.saveSite,
		fyne.NewMenuItemSeparator(), m.bookmark, m.pair,
		fyne.NewMenuItemSeparator(), m.item("Import…", func() { w.openImport("") }, nil), m.item("Export…", w.openExport, nil),
		m.item("Trusted servers", w.showTrusted, nil),
	}
	m.siteMenu = fyne.NewMenu("Sites", m.siteFixed...)
	return m.siteMenu
}

// updateSites makes the menu of sites true: bookmarks of the site that is connected, and
// the saved sites by folder.
func (m *menuBar) updateSites() {
	w := m.w
	m.saveSite.Disabled = !w.canSaveSite()
	m.bookmark.Disabled = w.shown.State != linkUp
	m.pair.Disabled = m.pair.Disabled || w.shown.State != linkUp
	m.pair.Checked = w.pair.on
	content := w.content()
	s, ok := w.connectedSite()
	var shown strings.Builder
	fmt.Fprintf(&shown, "%v %+v", ok, s.Bookmarks)
	for _, one := range content.Sites {
		fmt.Fprintf(&shown, " %s %q", one.ID, one.Path())
	}
	if m.siteShown == shown.String() {
		return
	}
	m.siteShown = shown.String()
	items := slices.Clone(m.siteFixed)
	if marks := w.bookmarkItems(s); ok && len(marks) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
		items = append(items, marks...)
		items = append(items, m.item("Organise bookmarks…", w.organiseBookmarks, nil))
	}
	if list := w.siteItems(content, nil); len(list) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
		items = append(items, list...)
	}
	m.siteMenu.Items = items
}

func (m *menuBar) transfer() *fyne.Menu {
	w := m.w
	m.upload = m.paneItem("Upload the selection", w.local.TransferSelected, shown(fyne.KeyRight, ctrl))
	m.download = m.paneItem("Download the selection", w.remote.TransferSelected, shown(fyne.KeyLeft, ctrl))
	m.copy = m.paneItem("Copy to another site…", w.copySelected, nil)
	method := fyne.NewMenuItem("Data connections", nil)
	m.mapping = m.item("Ask the router to let active mode in", w.toggleMapping, nil)
	method.ChildMenu = fyne.NewMenu("", append(m.modeItems(), fyne.NewMenuItemSeparator(), m.mapping)...)
	m.sync = m.item("Synchronise…", w.Synchronise, keyed("synchronise"))
	return fyne.NewMenu("Transfer", m.upload, m.download, m.copy, m.sync, fyne.NewMenuItemSeparator(), method,
		m.item("Networks", w.showNetworks, nil),
		m.item("Diagnose the connection", w.Diagnose, keyed("diagnose")),
		fyne.NewMenuItemSeparator(),
		m.paneItem("Transfer the selection later…", w.transferLater, nil),
		m.item("Pause or go on", w.panel.pauseOrGoOn, keyed("pause")),
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
		m.item("Keyboard", m.w.showKeys, keyed("keyboard")),
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
	for _, it := range []*fyne.MenuItem{m.upload, m.download, m.copy} {
		it.Disabled = v.State != linkUp || w.covered()
	}
	m.sync.Disabled = v.State != linkUp
	m.updateSites()
	m.mapping.Checked = w.prefs.get().MapPorts
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
