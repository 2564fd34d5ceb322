package ui

import (
	"context"
	"slices"

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

// siteFolderPanel stands at the right while a folder is chosen: its name, and
// what is in it.
type siteFolderPanel struct {
	Content *fyne.Container

	m       *siteManager
	path    []string
	title   *widget.Label
	name    *inputEntry
	count   *widget.RichText
	filling bool
}

func newSiteFolderPanel(m *siteManager) *siteFolderPanel {
	p := &siteFolderPanel{m: m, title: widget.NewLabel(""), name: newInputEntry("Name of the folder"), count: newInk("", theme.SizeNameCaptionText, theme.ColorNamePlaceHolder)}
	p.title.TextStyle.Bold = true
	p.title.SizeName = theme.SizeNameSubHeadingText
	p.title.Truncation = fyne.TextTruncateEllipsis
	p.name.OnSubmitted = func(string) {
		p.Settle()
		m.focus(m.tree)
	}
	p.name.onKey = func(e *fyne.KeyEvent) bool {
		if e.Name != fyne.KeyEscape {
			return false
		}
		if len(p.path) > 0 && p.name.Text != p.path[len(p.path)-1] {
			p.name.SetText(p.path[len(p.path)-1])
			return true
		}
		m.focus(m.tree)
		return true
	}
	p.name.onFocus = func(gained bool) {
		if !gained && !p.filling {
			p.Settle()
		}
	}
	label := newInk("Name", theme.SizeNameText, theme.ColorNameForeground)
	row := container.New(&siteRowLayout{}, label, p.name, tightLine(p.count))
	quiet := func(text string, icon fyne.Resource, do func()) *pushButton {
		b := newQuietButton(text, do)
		b.Icon, b.onEscape = icon, m.escape
		return b
	}
	actions := container.NewHBox(quiet("New site in it", theme.ContentAddIcon(), m.newSite), quiet("New folder in it", theme.FolderNewIcon(), m.newFolder))
	gap := theme.Padding() * 2
	p.Content = container.New(layout.NewCustomPaddedLayout(gap, gap, syncEdge, syncEdge+4), container.New(flowLayout{gap: 8},
		container.New(layout.NewCustomPaddedLayout(0, 0, -theme.InnerPadding(), 0), p.title), row,
		container.New(layout.NewCustomPaddedLayout(0, 0, siteLabelWidth-theme.InnerPadding(), 0), actions)))
	p.Content.Hide()
	return p
}

// Set shows a folder.
func (p *siteFolderPanel) Set(path []string) {
	p.path = slices.Clone(path)
	p.filling = true
	p.name.SetText(path[len(path)-1])
	p.filling = false
	p.Update()
}

// Update says what is in the folder now.
func (p *siteFolderPanel) Update() {
	if len(p.path) == 0 {
		return
	}
	if name := client.Printable(p.path[len(p.path)-1]); p.title.Text != name {
		p.title.SetText(name)
	}
	text := "Empty. Drag sites into it, or make a new one."
	if n := len(p.m.model.Below(p.path)); n > 0 {
		text = state.Counted(n, "site is", "sites are") + " in it."
	}
	setInk(p.count, text)
}

// Focus puts the cursor into the name.
func (p *siteFolderPanel) Focus() {
	p.m.focus(p.name)
	p.name.selectAll()
}

// Settle renames the folder, where another name was typed.
func (p *siteFolderPanel) Settle() {
	m := p.m
	if m.moved == nil || len(p.path) == 0 || p.name.Text == "" || p.name.Text == p.path[len(p.path)-1] {
		return
	}
	old, name := p.path, p.name.Text
	to := append(slices.Clone(old[:len(old)-1]), name)
	p.path = to // so that it is not done twice
	m.moved = nil
	m.change(func(b *sites.Book) error {
		err := b.RenameFolder(old, name)
		if err != nil {
			m.deps.Do(func() { p.Set(old) })
		}
		return err
	}, func() {
		was := m.model.Chosen()
		m.rebase(old, to)
		if was < 0 {
			m.model.ChooseFolder(to)
			m.tree.Reveal()
			m.chosen()
		}
		for _, s := range m.model.Below(to) {
			m.keys.Relabel(s.ID)
		}
	})
}

// siteEmpty stands at the right while nothing is chosen; where there are no sites
// at all it says what to do.
type siteEmpty struct {
	Content *fyne.Container

	m        *siteManager
	message  *widget.RichText
	hint     *widget.RichText
	actions  *fyne.Container
	programs *fyne.Container
	looked   bool
	count    func(exchange.Found) int // the sites in a file
	bring    func(path string)        // shows what would be imported
	found    []siteFound
}

func newSiteEmpty(m *siteManager) *siteEmpty {
	e := &siteEmpty{
		m: m, message: newInk("", theme.SizeNameHeadingText, theme.ColorNameForeground),
		hint: newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder), programs: container.New(flowLayout{gap: 2}),
	}
	e.bring = m.OpenImport
	e.count = func(f exchange.Found) int { return countIn(m.deps.Ctx, f) }
	begin := newPushButton("New site", m.newSite)
	begin.Importance = widget.HighImportance
	bring := newPushButton("Import…", func() { m.OpenImport("") })
	begin.onEscape, bring.onEscape = m.escape, m.escape
	e.actions = container.New(layout.NewCustomPaddedHBoxLayout(theme.Padding()*2), begin, bring)
	pad := theme.Padding()
	indent := layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), 0)
	e.Content = container.New(layout.NewCustomPaddedLayout(6*pad, 0, 4*pad, 4*pad), container.New(flowLayout{gap: 6}, e.message, e.hint,
		container.New(indent, e.actions), container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), e.programs)))
	return e
}

// Update says what there is to say now.
func (e *siteEmpty) Update() {
	none := e.m.ready && len(e.m.model.Content().Sites) == 0 && !e.m.model.Searching()
	message, hint := "No site is chosen", "Choose one at the left to see and change it."
	switch {
	case none:
		message, hint = "No sites yet", "A site is a server with all that it takes to connect: set up once, a double click away from then on. Passwords go into the keyring of this computer's system."
		e.look()
	case !e.m.ready:
		message, hint = "", ""
	case e.m.model.Searching() && e.m.model.Matches() == 0:
		message, hint = "Nothing is found", "The search looks at names, hosts, users, folders and notes."
	}
	setInk(e.message, message)
	setInk(e.hint, hint)
	e.actions.Hidden, e.programs.Hidden = !none, !none
	e.Content.Refresh()
}

// look finds out, once, which other programs have sites on this computer.
func (e *siteEmpty) look() {
	if e.looked {
		return
	}
	e.looked = true
	m := e.m
	m.deps.Run(func() {
		var found []siteFound
		for _, f := range m.deps.Usual() {
			if n := e.count(f); n > 0 {
				found = append(found, siteFound{f, n})
			}
		}
		m.deps.Do(func() {
			e.found = found
			e.showFound()
		})
	})
}

// countIn is how many sites could be imported from a file.
func countIn(ctx context.Context, f exchange.Found) int {
	im, err := exchange.Read(ctx, f.Path, exchange.ReadOptions{Format: f.Format.ID})
	if err != nil {
		return 0
	}
	return im.Count(exchange.Imported)
}

// showFound offers to import what was found.
func (e *siteEmpty) showFound() {
	e.programs.RemoveAll()
	if len(e.found) > 0 {
		e.programs.Add(newInk("Found on this computer:", theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	for _, f := range e.found {
		b := newQuietButton(f.found.Format.Name+": "+state.Counted(f.count, "site", "sites"), func() { e.bring(f.found.Path) })
		b.Icon, b.onEscape = theme.DownloadIcon(), e.m.escape
		e.programs.Add(container.NewHBox(b))
	}
	e.Content.Refresh()
}
