package ui

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/state"
)

// siteManager is the site manager, which takes the place of the panes. It is made
// when it is first wanted: the window is there sooner without it.
func (w *Window) siteManager() *siteManager {
	if w.manager != nil {
		return w.manager
	}
	deps := siteDeps{
		Ctx: w.ctx, Book: w.book, Secrets: w.secrets, Sheets: w.sheets, Do: w.cfg.Do, Run: w.run, Now: w.cfg.Now,
		OnConnect: w.connectSite, OnClose: w.managerLeft, OnChanged: w.sitesChanged,
		Test: w.testSite, Trust: w.trustSite, ChooseFile: w.chooseFile, SaveFile: w.saveFile,
	}
	deps.Usual = func() []exchange.Found {
		if w.cfg.Importable == nil {
			return nil
		}
		return w.cfg.Importable()
	}
	w.manager = newSiteManager(deps)
	w.places.put(w.places.manager, w.manager.Content)
	return w.manager
}

// openManager shows the site manager with a site chosen; "" keeps what was chosen.
func (w *Window) openManager(id string) {
	w.uncoverForManager()
	w.siteManager().Open(id)
	w.managerShown()
}

// openImport shows the preview of an import; "": the file is to be chosen.
func (w *Window) openImport(path string) {
	w.uncoverForManager()
	w.siteManager().OpenImport(path)
	w.managerShown()
}

// OpenImport shows the preview of an import of a file, such as one that was opened in
// the desktop's file manager. Nothing is taken over before the user says so.
func (w *Window) OpenImport(path string) { w.openImport(path) }

// newSite shows the form of a site that is to be set up.
func (w *Window) newSite() {
	w.uncoverForManager()
	w.siteManager().OpenSite(sites.Site{Name: "New site"})
	w.managerShown()
}

// openExport shows what can be exported, and how.
func (w *Window) openExport() {
	w.openManager("")
	w.siteManager().openExport()
	w.managerShown()
}

// uncoverForManager puts away what may be in the place of the panes before the manager,
// which learns what is connected.
func (w *Window) uncoverForManager() {
	if w.view.Visible() {
		w.closeDiagnosis()
	}
	w.leaveSettings()
	id := ""
	if s, ok := w.connectedSite(); ok {
		id = s.ID
	}
	w.siteManager().Current(id)
}

func (w *Window) managerShown() {
	w.showMiddle()
	w.middle.Refresh()
	if w.win.Canvas().Overlays().Top() == nil {
		w.win.Canvas().Focus(w.manager.Focus())
	}
}

// managerLeft shows the panes again.
func (w *Window) managerLeft() {
	w.showMiddle()
	w.showSites()
	switch {
	case w.sync.Visible():
		w.focusSync()
	case w.shown.State == linkIdle:
		w.focusWelcome()
	default:
		w.focusPane(w.active)
	}
}

// closeManager puts the site manager away, for a connection that is about to be made.
func (w *Window) closeManager() {
	if !w.manager.Visible() {
		return
	}
	w.manager.leave()
	w.manager.Content.Hide()
	w.showMiddle()
}

// focusWelcome gives the start page the keyboard, or the address where there is none.
func (w *Window) focusWelcome() {
	if w.welcome.Content.Visible() {
		w.win.Canvas().Focus(w.welcome.list)
		return
	}
	w.bar.Focus()
}

// testSite runs the short diagnosis of a site that need not be saved yet.
func (w *Window) testSite(ctx context.Context, s sites.Site, typed map[secrets.Kind]string, onProbe func(diagnose.Probe)) (*diagnose.Report, error) {
	return newSiteTest(w.access, w.cfg.Options, w.usualOptions, w.cfg.Version)(ctx, s, typed, onProbe)
}

// trustSite asks about the certificate that a test has met; then is called where it is
// trusted.
func (w *Window) trustSite(s sites.Site, e *client.CertError, then func()) {
	w.judgeCertificate(targetOf(s).addr(), e, then)
}

// chooseFile asks for a file, or a folder.
func (w *Window) chooseFile(title string, dir bool, done func(path string)) {
	answer := func(uri fyne.URI, err error) {
		w.folder = nil
		switch {
		case err != nil:
			w.saySites(err)
		case uri != nil:
			done(filepath.FromSlash(uri.Path()))
		}
	}
	var d *dialog.FileDialog
	if dir {
		d = dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
			if u == nil {
				answer(nil, err)
				return
			}
			answer(u, err)
		}, w.win)
	} else {
		d = dialog.NewFileOpen(func(u fyne.URIReadCloser, err error) {
			if u == nil {
				answer(nil, err)
				return
			}
			_ = u.Close()
			answer(u.URI(), err)
		}, w.win)
	}
	d.SetTitleText(title)
	d.SetConfirmText("Choose")
	if here, err := storage.ListerForURI(storage.NewFileURI(w.local.Path())); err == nil {
		d.SetLocation(here)
	}
	w.showFileDialog(d)
}

// saveFile asks for the name of a file to be written.
func (w *Window) saveFile(title, name string, done func(path string)) {
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		w.folder = nil
		switch {
		case err != nil:
			w.saySites(err)
		case file != nil:
			path := filepath.FromSlash(file.URI().Path())
			if err = file.Close(); err != nil {
				w.saySites(err)
				return
			}
			done(path)
		}
	}, w.win)
	d.SetTitleText(title)
	d.SetFileName(name)
	if here, err := storage.ListerForURI(storage.NewFileURI(w.local.Path())); err == nil {
		d.SetLocation(here)
	}
	w.showFileDialog(d)
}

// menuMost is how many entries a menu has at most: a longer one leaves the screen.
const menuMost = 24

// menuText is a name as a menu can show it.
func menuText(name string) string {
	const most = 48
	text := client.Printable(strings.TrimSpace(name))
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	return text
}

// showSitesMenu opens the menu of the button before the address, with the sites as they
// are in the file.
func (w *Window) showSitesMenu() {
	if !w.book.Changed() {
		w.popSitesMenu()
		return
	}
	w.reloadSites()
	w.run(func() {
		w.readSites()
		w.cfg.Do(w.popSitesMenu)
	})
}

func (w *Window) popSitesMenu() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.bar.menu)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", w.siteMenuItems()...), w.win.Canvas(), at.AddXY(0, w.bar.menu.Size().Height+2))
}

// watchSites reads the sites again where an editor, or another program, has changed them
// by the time that the user comes back to the window.
func (w *Window) watchSites() {
	fyne.CurrentApp().Lifecycle().SetOnEnteredForeground(func() {
		if w.ctx.Err() == nil && w.book.Changed() {
			w.reloadSites()
		}
	})
}

// siteMenuItems are the saved sites by folder, and what can be done with them.
func (w *Window) siteMenuItems() []*fyne.MenuItem {
	items := w.siteItems(w.content(), nil)
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	items = append(items, w.menus.item("Site manager…", func() { w.openManager("") }, nil),
		w.menus.item("New site…", w.newSite, nil), w.menus.item("Import…", func() { w.openImport("") }, nil))
	if w.shown.State == linkUp && w.shown.Target.Site == nil && !w.shown.Target.Passing {
		items = append(items, w.menus.item("Save as site…", w.saveThisSite, nil))
	}
	if s, ok := w.connectedSite(); ok {
		items = append(items, fyne.NewMenuItemSeparator(), w.menus.item("Bookmark this folder…", w.bookmarkFolder, nil))
		items = append(items, w.bookmarkItems(s)...)
	}
	return items
}

// siteItems are what is in a folder: its sites, and its folders as menus of their own.
func (w *Window) siteItems(content sites.Content, folder []string) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, s := range content.Sites {
		if state.SameFolder(s.Folder, folder) {
			items = append(items, w.menus.item(menuText(s.Name), func() { w.connectSaved(s.ID) }, nil))
		}
	}
	for _, f := range content.Folders {
		if len(f) == len(folder)+1 && state.SameFolder(f[:len(folder)], folder) {
			if inner := w.siteItems(content, f); len(inner) > 0 {
				it := fyne.NewMenuItem(menuText(f[len(f)-1]), nil)
				it.ChildMenu = fyne.NewMenu("", inner...)
				items = append(items, it)
			}
		}
	}
	if len(items) > menuMost {
		items = append(items[:menuMost], w.menus.item("More in the site manager…", func() { w.openManager("") }, nil))
	}
	return items
}

// suggestSites returns saved sites whose names hold a text, those that begin with it
// first, and those used last before others.
func (w *Window) suggestSites(text string, limit int) []sites.Site {
	return state.SuggestSites(w.content().Sites, text, limit)
}
