package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/state"
)

// startRecents is how many recent servers the start page has.
const startRecents = 8

// startPage fills the remote side while nothing is connected and something is known: the
// saved sites in their folders, and recent servers.
type startPage struct {
	Content *fyne.Container

	list    *startList
	buttons *fyne.Container
	hands   startHands
}

// startHands are what the start page asks of the window.
type startHands struct {
	connect func(id string)
	recent  func(address string)
	newSite func()
	imports func(path string) // "": to be chosen
	demo    func()            // nil: there is none
	menu    func(r startRow, at fyne.Position)
}

func newStartPage(hands startHands) *startPage {
	p := &startPage{list: newStartList(), hands: hands}
	p.list.OnMenu = hands.menu
	p.buttons = container.New(layout.NewCustomPaddedHBoxLayout(2 * theme.Padding()))
	for _, a := range hands.actions() {
		p.buttons.Add(newPushButton(a.label, a.do))
	}
	title := widget.NewLabel("Not connected")
	title.TextStyle.Bold = true
	edge := 3 * theme.Padding()
	head := container.New(layout.NewCustomPaddedLayout(edge, edge, edge, edge), container.NewVBox(
		container.New(layout.NewCustomPaddedLayout(0, theme.Padding(), -theme.Padding(), 0), title), container.NewHBox(p.buttons)))
	p.Content = container.NewStack(newSurface(theme.ColorNameInputBackground),
		container.NewBorder(container.NewVBox(head, widget.NewSeparator()), nil, nil, nil, p.list))
	p.Content.Hide()
	return p
}

// actions are what one can begin with.
func (h startHands) actions() []action {
	list := []action{{"New site", h.newSite}, {"Import…", func() { h.imports("") }}}
	if h.demo != nil {
		list = append(list, action{"Open the demo server", h.demo})
	}
	return list
}

// A startRow is one line of the start page.
type startRow struct {
	head   bool // a heading, or an empty line before one; it cannot be chosen
	folder bool // the heading is a folder of the tree
	indent int
	text   string
	note   string // dim, behind the text
	when   string // at the end of the line
	colour string
	id     string // of a saved site
	recent string // address
	do     func()
}

// Show shows what is known.
func (p *startPage) Show(content sites.Content, recent []recentAddress, now time.Time) {
	p.list.Set(p.rows(content, recent, now))
	p.Content.Show()
}

func (p *startPage) rows(content sites.Content, recent []recentAddress, now time.Time) []startRow {
	var rows []startRow
	if len(content.Sites) > 0 {
		rows = append(rows, startRow{head: true, text: "Sites"})
		rows = append(rows, p.siteRows(content, now)...)
	}
	recent = withoutSites(recent, content)
	if len(recent) > 0 {
		if len(rows) > 0 {
			rows = append(rows, startRow{head: true})
		}
		rows = append(rows, startRow{head: true, text: "Recent servers"})
	}
	for _, a := range recent[:min(len(recent), startRecents)] {
		rows = append(rows, startRow{
			text: client.Printable(a.Address), when: state.AgeText(a.Used, now), recent: a.Address,
			do: func() { p.hands.recent(a.Address) },
		})
	}
	return rows
}

// withoutSites leaves out the servers that are among the saved sites.
func withoutSites(recent []recentAddress, content sites.Content) []recentAddress {
	saved := map[string]bool{}
	for _, s := range content.Sites {
		saved[s.URL().User+"@"+s.Addr()] = true
	}
	return slices.DeleteFunc(recent, func(a recentAddress) bool {
		u, err := client.ParseURL(a.Address)
		return err == nil && saved[u.User+"@"+u.Addr()]
	})
}

// siteRows are the sites in the order of their tree, each folder above what is in it.
// Folders with nothing in them are left out.
func (p *startPage) siteRows(content sites.Content, now time.Time) []startRow {
	var rows []startRow
	var shown []string // the folder that the rows are in
	for _, s := range inTreeOrder(content) {
		same := 0
		for same < len(shown) && same < len(s.Folder) && shown[same] == s.Folder[same] {
			same++
		}
		for depth := same; depth < len(s.Folder); depth++ {
			rows = append(rows, startRow{head: true, folder: true, indent: depth, text: client.Printable(s.Folder[depth])})
		}
		shown = s.Folder
		row := startRow{
			indent: len(s.Folder), text: client.Printable(s.Name), note: client.Printable(targetOf(s).server()), colour: s.Colour, id: s.ID,
			do: func() { p.hands.connect(s.ID) },
		}
		if !s.Used.IsZero() {
			row.when = state.AgeText(s.Used, now)
		}
		rows = append(rows, row)
	}
	return rows
}

// inTreeOrder returns the sites in the order of the tree, but for those outside of all
// folders: they are first, where no heading above them can be taken for theirs.
func inTreeOrder(content sites.Content) []sites.Site {
	place := map[string]int{}
	for i, f := range content.Folders {
		place[strings.Join(f, "\x00")] = i + 1
	}
	list := slices.Clone(content.Sites)
	at := func(s sites.Site) int {
		if len(s.Folder) == 0 {
			return 0
		}
		return place[strings.Join(s.Folder, "\x00")]
	}
	slices.SortStableFunc(list, func(a, b sites.Site) int { return at(a) - at(b) })
	return list
}

// showWelcome says what to do while there is no connection.
func (w *Window) showWelcome() {
	content := w.content()
	recent := w.recents.All()
	if len(content.Sites)+len(recent) == 0 {
		w.showFirstRun()
		return
	}
	w.state.Stop()
	w.state.Content.Hide()
	w.remote.Hide()
	w.welcome.Show(content, recent, w.cfg.Now())
	if w.book.Changed() {
		w.reloadSites()
	}
}

// showFirstRun is the start page of somebody who has used nothing yet.
func (w *Window) showFirstRun() {
	card := remoteCard{
		icon: w.cfg.Icon, title: "Not connected",
		hint:    "Type the address of an FTP server at the top and press Return, or set up a site once and open it by its name.",
		buttons: w.welcome.hands.actions(),
	}
	for _, f := range w.importable {
		card.heading = "Found on this computer"
		card.links = append(card.links, action{importLabel(f), func() { w.openImport(f.Path) }})
	}
	w.showState(card)
}

// importLabel names a file of another program.
func importLabel(f exchange.Found) string {
	return fmt.Sprintf("Import the sites of %s (%s)", f.Format.Name, client.Printable(filepath.Base(f.Path)))
}

// findImportable looks for the files of other programs, away from the window.
func (w *Window) findImportable() {
	if w.cfg.Importable == nil {
		return
	}
	w.run(func() {
		found := w.cfg.Importable()
		w.cfg.Do(func() {
			w.importable = found
			if w.shown.State == linkIdle && !w.starting {
				w.showWelcome()
			}
		})
	})
}

// buildStart makes the start page.
func (w *Window) buildStart() {
	hands := startHands{
		connect: w.connectSaved, newSite: w.newSite, imports: w.openImport, menu: w.startMenu,
		recent: func(address string) { w.bar.take(address) },
	}
	if w.cfg.Demo != nil {
		hands.demo = w.openDemo
	}
	w.welcome = newStartPage(hands)
}

// startMenu is the context menu of a line of the start page.
func (w *Window) startMenu(r startRow, at fyne.Position) {
	var items []*fyne.MenuItem
	if r.do != nil {
		items = append(items, fyne.NewMenuItem("Connect", r.do))
	}
	switch {
	case r.id != "":
		items = append(items, fyne.NewMenuItem("Edit…", func() { w.openManager(r.id) }))
	case r.recent != "":
		items = append(items, fyne.NewMenuItem("Save as site…", func() { w.saveRecent(r.recent) }),
			fyne.NewMenuItem("Forget", func() { w.forgetRecent(r.recent) }))
	}
	if len(items) > 0 {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), w.win.Canvas(), at)
	}
}

// forgetRecent removes one address from the recent ones.
func (w *Window) forgetRecent(address string) {
	w.run(func() {
		err := w.recents.Remove(address)
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
