package ui

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/state"
	"portside/ui/themed"
)

// siteDeps are what the site manager needs from the window.
type siteDeps struct {
	Ctx     context.Context // ends what it starts
	Book    *sites.Book
	Secrets *secrets.Store
	Sheets  *sheetBoard
	Do      func(func()) // brings a function to the Fyne goroutine
	Run     func(func()) // runs a function off it, and waits for it at the end
	Now     func() time.Time

	// After runs f on the Fyne goroutine once d has passed; nil: a timer and Do.
	After func(d time.Duration, f func()) (stop func())

	OnConnect func(sites.Site) // a site is to be connected to
	OnClose   func()           // the view is left
	OnChanged func()           // the book has changed, or a colour in it

	// Test tries a site out. Errors besides those of the engine: *siteSecretMissing.
	Test siteTest
	// Trust shows a certificate and calls then once the user trusts it.
	Trust func(s sites.Site, e *client.CertError, then func())

	// ChooseFile asks for a file or a folder, SaveFile for the name of a new file.
	// nil: paths are typed.
	ChooseFile func(title string, dir bool, done func(path string))
	SaveFile   func(title, name string, done func(path string))

	// Usual looks for files of other programs; nil: in this computer's usual places.
	Usual func() []exchange.Found
}

// siteManager is the view of all saved sites: their tree, and the form of the
// chosen one. It takes the place of the panes. What is typed is saved by itself.
type siteManager struct {
	Content *fyne.Container

	deps  siteDeps
	work  *siteWork
	model *state.SiteTree
	forms map[string]*state.SiteForm // the shown one, and those with something unsaved
	shown string                     // ID of the site in the form; "": none
	moved []string                   // path of the folder in the panel; nil: none
	book  sites.Content              // as read last
	ready bool                       // it was read
	undo  *siteUndo                  // what can be taken back; nil: nothing
	stop  func()                     // stops the timer of the next save; nil: none

	removing sync.Mutex // guards removed
	removed  []string   // IDs of the sites that were taken out of the book

	tree     *siteTree
	search   *inputEntry
	form     *siteForm
	keys     *siteKeys
	tester   *siteTester
	notice   *siteNotice
	empty    *siteEmpty
	folder   *siteFolderPanel
	imports  *importView
	title    *widget.Label
	head     *fyne.Container
	formSide *fyne.Container
	right    *fyne.Container
	main     *fyne.Container
	buttons  siteButtons
}

// siteButtons are those whose state changes.
type siteButtons struct {
	duplicate, remove, export, revert, test, connect *pushButton
}

// newSiteManager returns the view, hidden.
func newSiteManager(deps siteDeps) *siteManager {
	m := &siteManager{deps: deps.withDefaults(), model: state.NewSiteTree(), forms: map[string]*state.SiteForm{}}
	m.work = &siteWork{run: m.deps.Run, do: m.deps.Do}
	m.notice = newSiteNotice(m.escape)
	m.buildTree()
	m.form = newSiteForm(siteFormHands{
		edited: m.edited, settled: m.settled, escape: m.escape, enter: m.connect, focus: m.focus, browse: m.deps.ChooseFile,
		secret: func(k secrets.Kind, text string) { m.keys.Put(k, text) }, forget: func(k secrets.Kind) { m.keys.Forget(k) },
	})
	m.keys = newSiteKeys(m)
	m.tester = newSiteTester(m)
	m.empty = newSiteEmpty(m)
	m.folder = newSiteFolderPanel(m)
	m.imports = newImportView(m)
	m.Content = container.NewStack(newSurface(theme.ColorNameInputBackground), m.layout(), m.imports.Content)
	m.notice.onResize = m.main.Refresh
	m.Content.Hide()
	m.show()
	return m
}

func (d siteDeps) withDefaults() siteDeps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.After == nil {
		do := d.Do
		d.After = func(wait time.Duration, f func()) func() {
			timer := time.AfterFunc(wait, func() { do(f) })
			return func() { timer.Stop() }
		}
	}
	if d.Usual == nil {
		d.Usual = func() []exchange.Found { return exchange.Usual(exchange.Env{}) }
	}
	for _, f := range []*func(){&d.OnClose, &d.OnChanged} {
		if *f == nil {
			*f = func() {}
		}
	}
	if d.OnConnect == nil {
		d.OnConnect = func(sites.Site) {}
	}
	return d
}

// buildTree makes the tree and the search above it.
func (m *siteManager) buildTree() {
	m.tree = newSiteTree(m.model)
	m.tree.OnChoose, m.tree.OnOpen, m.tree.OnEscape = m.chosen, m.connect, m.escape
	m.tree.OnRename, m.tree.OnDelete, m.tree.OnUndo = m.rename, m.remove, m.takeBack
	m.tree.OnShift, m.tree.OnDrop, m.tree.OnMenu = m.shift, m.drop, m.menu
	m.tree.OnType = func(r rune) {
		m.focus(m.search)
		m.search.TypedRune(r)
	}
	m.search = newInputEntry("Search")
	m.search.ActionItem = widget.NewIcon(theme.NewColoredResource(theme.SearchIcon(), theme.ColorNamePlaceHolder))
	m.search.OnChanged = m.find
	m.search.OnSubmitted = func(string) { m.connect() }
	m.search.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyEscape:
			if m.search.Text == "" {
				m.escape()
			} else {
				m.search.SetText("")
			}
		case fyne.KeyDown, fyne.KeyUp:
			m.focus(m.tree)
			m.tree.TypedKey(k)
		default:
			return false
		}
		return true
	}
}

// layout puts the parts together.
func (m *siteManager) layout() fyne.CanvasObject {
	quiet := func(label string, icon fyne.Resource, do func()) *pushButton {
		b := newQuietButton(label, do)
		b.Icon, b.onEscape = icon, m.escape
		return b
	}
	title := widget.NewLabel("Sites")
	title.TextStyle.Bold = true
	b := &m.buttons
	b.duplicate = quiet("Duplicate", theme.ContentCopyIcon(), m.duplicate)
	b.remove = quiet("Delete", theme.DeleteIcon(), m.remove)
	b.export = quiet("Export…", nil, m.openExport)
	actions := container.NewHBox(quiet("New site", theme.ContentAddIcon(), m.newSite), quiet("New folder", theme.FolderNewIcon(), m.newFolder),
		b.duplicate, b.remove, quiet("Import…", nil, func() { m.OpenImport("") }), b.export)
	bar := container.New(layout.NewCustomPaddedLayout(2, 2, 0, syncEdge),
		container.NewBorder(nil, nil, container.NewHBox(quiet("Back", theme.NavigateBackIcon(), m.escape), title), actions))

	m.title = widget.NewLabel("")
	m.title.TextStyle.Bold = true
	m.title.SizeName = theme.SizeNameSubHeadingText
	m.title.Truncation = fyne.TextTruncateEllipsis
	b.revert = quiet("Undo changes", theme.ContentUndoIcon(), m.revert)
	b.test = newPushButton("Test connection", m.test)
	b.connect = newPushButton("Connect", m.connect)
	b.connect.Importance = widget.HighImportance
	b.test.onEscape, b.connect.onEscape = m.escape, m.escape
	gap := theme.Padding() * 2
	m.head = container.New(layout.NewCustomPaddedLayout(gap, gap, syncEdge-theme.InnerPadding(), syncEdge+4),
		container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedHBoxLayout(gap), b.revert, b.test, b.connect), m.title))
	m.formSide = container.NewBorder(container.NewVBox(m.head, m.tester.Content), nil, nil, nil, m.form.Content)
	m.right = container.NewStack(m.formSide, m.folder.Content, m.empty.Content)

	left := container.NewBorder(container.New(layout.NewCustomPaddedLayout(gap, gap, gap, gap), m.search), nil, nil, nil, m.tree)
	split := container.NewHSplit(left, m.right)
	split.Offset = 0.27
	top := container.NewStack(newSurface(theme.ColorNameBackground), container.NewVBox(bar, widget.NewSeparator()))
	m.main = container.NewBorder(top, m.notice.Content, nil, nil, themed.New(split, splitTheme{}))
	return m.main
}

// Visible reports whether the view is in the place of the panes.
func (m *siteManager) Visible() bool { return m != nil && m.Content.Visible() }

// Open shows the view with a site chosen; "" keeps what was chosen.
func (m *siteManager) Open(id string) {
	m.Content.Show()
	m.imports.Hide()
	m.main.Show()
	m.reload(func() {
		switch {
		case id != "" && m.model.ChooseSite(id):
			m.tree.Reveal()
			m.chosen()
		case m.model.Chosen() >= 0:
		case m.tree.current != "" && m.model.ChooseSite(m.tree.current): // what is connected
			m.tree.Reveal()
			m.chosen()
		case m.model.Len() > 0:
			m.tree.Choose(0)
		}
	})
	m.show()
	m.focus(m.tree)
}

// OpenSite shows the view with the form of a site that is not saved yet, such as
// the one that is connected.
func (m *siteManager) OpenSite(s sites.Site) {
	if s.ID == "" {
		s.ID = sites.NewID()
	}
	m.Content.Show()
	m.imports.Hide()
	m.main.Show()
	m.reload(func() {
		s.Name = m.model.NewName(s.Folder, s.Name, false)
		m.forms[s.ID] = state.NewSiteForm(s, false)
		m.refresh()
		m.choose(s.ID)
		m.save(m.forms[s.ID])
		m.form.Focus("name")
	})
}

// Current says which site is connected; "": none.
func (m *siteManager) Current(id string) {
	if m.tree.current != id {
		m.tree.current = id
		m.tree.Reload()
	}
}

// Close ends what the view has begun: what was typed is saved, and what was
// deleted loses its passwords. It waits for nothing; Run does.
//
// What is shown is told nobody any more from here on, so that what the end owes to the
// keyring is found out from the book.
func (m *siteManager) Close() {
	shown, base := m.forms[m.shown], sites.Site{}
	if shown != nil && shown.InBook() {
		base = shown.Opened()
	}
	m.leave()
	m.work.Add(func() func() {
		content := m.deps.Book.Content()
		if now, there := content.ByID(base.ID); there {
			m.keys.drop(base.ID, state.DroppedSecrets(base, now))
		}
		m.removing.Lock()
		defer m.removing.Unlock()
		for _, id := range m.removed {
			if _, there := content.ByID(id); !there {
				m.keys.Remove(id)
			}
		}
		return nil
	})
	m.tester.Cancel()
	m.imports.Cancel()
}

// escape goes back: out of a search, out of what is in front, out of the view.
func (m *siteManager) escape() {
	switch {
	case m.imports.Visible():
		m.imports.Hide()
	case m.search.Text != "":
		m.search.SetText("")
		return
	default:
		m.leave()
		m.tester.Clear()
		m.Content.Hide()
		m.deps.OnClose()
		return
	}
	m.main.Show()
	m.reload(nil)
	m.focus(m.tree)
}

// leave saves what was typed, and makes deletions final.
func (m *siteManager) leave() {
	m.settled()
	if f := m.forms[m.shown]; f != nil {
		m.work.Add(func() func() { return func() { m.keys.Drop(f) } })
	}
	m.dropUndo()
}

// TypedKey takes the keys that nothing in the view has taken.
func (m *siteManager) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape:
		m.escape()
	case m.imports.Visible():
		m.imports.table.TypedKey(e)
	default:
		m.tree.TypedKey(e)
	}
}

// Focus is what has the keyboard when the view is shown.
func (m *siteManager) Focus() fyne.Focusable {
	if m.imports.Visible() {
		return m.imports.Focus()
	}
	return m.tree
}

func (m *siteManager) focus(f fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(m.Content); c != nil && m.Visible() && !m.deps.Sheets.Open() {
		c.Focus(f)
	}
}
