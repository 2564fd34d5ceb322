package ui

import (
	"errors"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/state"
)

// siteWork does things off the Fyne goroutine one after the other: what changes
// the file of sites must not overtake what was changed before.
type siteWork struct {
	run, do func(func())

	mu    sync.Mutex // guards what follows
	queue []func() (then func())
	busy  bool
}

// Add does f once all that was added before is done, and what it returns on the
// Fyne goroutine.
func (w *siteWork) Add(f func() (then func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, f)
	if !w.busy {
		w.busy = true
		w.run(w.drain)
	}
}

func (w *siteWork) drain() {
	for {
		w.mu.Lock()
		if len(w.queue) == 0 {
			w.busy = false
			w.mu.Unlock()
			return
		}
		f := w.queue[0]
		w.queue = w.queue[1:]
		w.mu.Unlock()
		if then := f(); then != nil {
			w.do(then)
		}
	}
}

// Idle reports whether nothing is left to do.
func (w *siteWork) Idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.busy
}

// change changes the book, and shows what it then holds. done, which may be nil,
// is called on the Fyne goroutine after that; errors are shown.
func (m *siteManager) change(do func(b *sites.Book) error, done func()) {
	m.work.Add(func() func() {
		err := do(m.deps.Book)
		content, problem := m.deps.Book.Content(), m.deps.Book.Problem()
		return func() {
			m.take(content, problem)
			if err != nil {
				m.fail(err)
				return
			}
			if done != nil {
				done()
			}
			m.deps.OnChanged()
		}
	})
}

// reload reads the book again.
func (m *siteManager) reload(done func()) {
	m.work.Add(func() func() {
		content, problem := m.deps.Book.Content(), m.deps.Book.Problem()
		return func() {
			m.take(content, problem)
			if done != nil {
				done()
			}
		}
	})
}

// take shows what the book holds.
func (m *siteManager) take(content sites.Content, problem error) {
	m.book, m.ready = content, true
	for id, f := range m.forms {
		s, ok := content.ByID(id)
		switch {
		case !ok:
			if f.InBook() && id != m.shown {
				delete(m.forms, id)
			}
			continue
		case !f.InBook():
			continue
		}
		f.SetFolder(s.Folder)
		if f.Reload(s) && id == m.shown {
			m.form.Show(f)
		}
	}
	m.refresh()
	if problem != nil {
		m.notice.Say(sentence(problem.Error()), true)
	}
}

// fail says why something was not done.
func (m *siteManager) fail(err error) {
	text := sentence(err.Error())
	if errors.Is(err, sites.ErrGone) {
		text = "Somebody else has removed it meanwhile."
	}
	m.notice.Say(text, true)
}

// refresh shows the book, with what was typed and is not in it yet.
func (m *siteManager) refresh() {
	content := m.book
	content.Sites = append([]sites.Site(nil), content.Sites...)
	marked := map[string]bool{}
	for i, s := range content.Sites {
		if f := m.forms[s.ID]; f != nil {
			d := f.Draft()
			content.Sites[i].Name, content.Sites[i].Host, content.Sites[i].Colour = d.Name, d.Host, d.Colour
		}
	}
	for _, f := range m.drafts() {
		content.Sites = append(content.Sites, f.Draft())
	}
	for id, f := range m.forms {
		marked[id] = len(f.Problems()) > 0
	}
	m.model.Set(content)
	m.model.Mark(marked)
	m.tree.Reload()
	m.follow()
	m.show()
}

// drafts are the forms of sites that are not in the book, in a fixed order.
func (m *siteManager) drafts() []*state.SiteForm {
	var out []*state.SiteForm
	for _, f := range m.forms {
		if _, there := m.book.ByID(f.ID()); !f.InBook() && !there {
			out = append(out, f)
		}
	}
	state.SortForms(out)
	return out
}

// follow makes the right side show what is chosen, where that is gone.
func (m *siteManager) follow() {
	if _, there := m.model.Content().ByID(m.shown); m.shown != "" && !there {
		delete(m.forms, m.shown)
		m.shown = ""
		m.form.Show(nil)
		m.tester.Clear()
	}
	if m.moved != nil && !m.model.HasFolder(m.moved) {
		m.moved = nil
	}
}

// siteUndo is what was done last and can be taken back.
type siteUndo struct {
	back func() // takes it back
	over func() // makes it final; nil: nothing to do
}

// canUndo offers to take something back, until the next such thing.
func (m *siteManager) canUndo(text string, u *siteUndo) {
	m.dropUndo()
	m.undo = u
	m.notice.Say(text, false, siteNoticeAction{"Undo", m.takeBack})
}

// takeBack undoes what was done last.
func (m *siteManager) takeBack() {
	if u := m.undo; u != nil {
		m.undo = nil
		m.notice.Hide()
		u.back()
		m.focus(m.tree)
	}
}

// dropUndo makes what was done last final.
func (m *siteManager) dropUndo() {
	if u := m.undo; u != nil {
		m.undo = nil
		m.notice.Hide()
		if u.over != nil {
			u.over()
		}
	}
}

// siteNoticeAction is a button in a notice.
type siteNoticeAction struct {
	label string
	do    func()
}

// siteNotice is a line at the foot of the view: what was done, or what went wrong.
type siteNotice struct {
	Content *fyne.Container

	escape   func()
	onResize func() // the line has come or gone
	text     *widget.RichText
	actions  *fyne.Container
}

func newSiteNotice(escape func()) *siteNotice {
	n := &siteNotice{escape: escape, text: newInk("", theme.SizeNameText, theme.ColorNameForeground), actions: container.NewHBox()}
	line := container.New(layout.NewCustomPaddedLayout(2, 2, syncEdge-theme.InnerPadding(), 4), container.NewBorder(nil, nil, nil, container.NewCenter(n.actions), n.text))
	n.Content = container.NewStack(newSurface(theme.ColorNameBackground), container.NewBorder(widget.NewSeparator(), nil, nil, nil, line))
	n.Content.Hide()
	return n
}

// Say shows a text, and buttons behind it.
func (n *siteNotice) Say(text string, trouble bool, actions ...siteNoticeAction) {
	ink := theme.ColorNameForeground
	if trouble {
		ink = theme.ColorNameError
	}
	style(n.text).ColorName = ink
	setInk(n.text, text)
	n.text.Refresh()
	n.actions.RemoveAll()
	for _, a := range actions {
		b := newQuietButton(a.label, a.do)
		b.Importance, b.onEscape = widget.MediumImportance, n.escape
		n.actions.Add(b)
	}
	hide := newIconButton(theme.CancelIcon(), n.Hide)
	hide.onEscape = n.escape
	n.actions.Add(hide)
	n.Content.Show()
	for range 2 { // a wrapped text knows its height only once it has its width
		n.actions.Refresh()
		n.onResize()
	}
}

// Hide takes the line away.
func (n *siteNotice) Hide() {
	if n.Content.Visible() {
		n.Content.Hide()
		n.onResize()
	}
}

// siteFound are files of other programs with how many sites are in them.
type siteFound struct {
	found exchange.Found
	count int
}
