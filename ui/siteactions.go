package ui

import (
	"errors"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/sites"
	"portside/ui/state"
)

// chosenSite returns the site that is chosen, as it was typed.
func (m *siteManager) chosenSite() (sites.Site, bool) {
	i := m.model.Chosen()
	if i < 0 || m.model.Row(i).IsFolder() {
		return sites.Site{}, false
	}
	if f := m.forms[m.model.Row(i).ID]; f != nil {
		return f.Draft(), true
	}
	return m.model.Content().ByID(m.model.Row(i).ID)
}

// chosenFolder returns the path of the folder that is chosen.
func (m *siteManager) chosenFolder() ([]string, bool) {
	i := m.model.Chosen()
	if i < 0 || !m.model.Row(i).IsFolder() {
		return nil, false
	}
	return m.model.Row(i).Folder, true
}

// find searches, and chooses what is found first.
func (m *siteManager) find(text string) {
	m.model.Search(text)
	m.tree.Reload()
	if m.model.Searching() && m.model.Chosen() < 0 {
		for i := range m.model.Len() {
			if !m.model.Row(i).IsFolder() {
				m.tree.Choose(i)
				return
			}
		}
	}
	m.tree.Reveal()
	m.show()
}

// choose chooses a site and shows its form.
func (m *siteManager) choose(id string) {
	if m.model.Searching() {
		if s, ok := m.model.Content().ByID(id); ok && !state.MatchesSite(s, m.search.Text) {
			m.search.SetText("")
		}
	}
	m.model.ChooseSite(id)
	m.tree.Reveal()
	m.chosen()
}

// newSite begins a site in the chosen folder. It is saved as soon as it has a
// host.
func (m *siteManager) newSite() {
	m.settled()
	s := sites.Site{ID: sites.NewID(), Folder: m.model.Place()}
	s.Name = m.model.NewName(s.Folder, "New site", false)
	m.forms[s.ID] = state.NewSiteForm(s, false)
	m.search.SetText("")
	m.refresh()
	m.choose(s.ID)
	m.form.Focus("name")
}

// newFolder makes a folder in the chosen one, ready to be named.
func (m *siteManager) newFolder() {
	m.settled()
	m.search.SetText("")
	in := m.model.Place()
	path := append(in, m.model.NewName(in, "New folder", true))
	m.change(func(b *sites.Book) error { return b.AddFolder(path) }, func() {
		m.model.ChooseFolder(path)
		m.tree.Reveal()
		m.chosen()
		m.folder.Focus()
	})
}

// duplicate makes a copy of the chosen site, with its passwords.
func (m *siteManager) duplicate() {
	s, ok := m.chosenSite()
	if !ok {
		return
	}
	m.settled()
	if f := m.forms[s.ID]; f != nil && !f.InBook() {
		m.form.FocusProblem()
		return
	}
	var added sites.Site
	m.change(func(b *sites.Book) (err error) {
		added, err = b.Duplicate(s.ID)
		return err
	}, func() {
		m.keys.Copy(s.ID, added.ID)
		m.keys.Relabel(added.ID)
		m.choose(added.ID)
		m.form.Focus("name")
	})
}

// rename puts the cursor into the name of what is chosen.
func (m *siteManager) rename() {
	if _, is := m.chosenSite(); is {
		m.form.Focus("name")
	} else if _, is := m.chosenFolder(); is {
		m.folder.Focus()
	}
}

// remove deletes what is chosen. A site can be brought back; a folder with sites
// in it is asked about before.
func (m *siteManager) remove() {
	if s, is := m.chosenSite(); is {
		m.removeSite(s)
		return
	}
	path, is := m.chosenFolder()
	if !is {
		return
	}
	n := len(m.model.Below(path))
	if n == 0 {
		m.removeFolder(path)
		return
	}
	name := client.Printable(path[len(path)-1])
	m.deps.Sheets.Confirm("Delete the folder “"+name+"”?",
		fmt.Sprintf("%s in it. Their passwords are removed from the keyring, too.", state.Counted(n, "site is", "sites are")), "Delete",
		func() { m.removeFolder(path) })
}

// near is the row that is chosen once the present one is gone.
func (m *siteManager) chooseNear(row int) {
	if n := m.model.Len(); n > 0 && m.model.Chosen() < 0 {
		m.tree.Choose(min(max(row, 0), n-1))
	}
	m.show()
}

func (m *siteManager) removeSite(s sites.Site) {
	row := m.model.Chosen()
	form := m.forms[s.ID]
	name := "“" + client.Printable(s.Name) + "”"
	m.dropUndo()
	if form != nil && !form.InBook() {
		delete(m.forms, s.ID)
		m.refresh()
		m.chooseNear(row)
		if !form.Untouched() {
			m.canUndo(name+" was deleted.", &siteUndo{back: func() {
				m.forms[s.ID] = form
				m.refresh()
				m.choose(s.ID)
			}, over: func() { m.keys.Remove(s.ID) }})
		}
		return
	}
	m.saveNow()
	next := m.model.After(s.ID)
	var removed []sites.Site
	m.change(func(b *sites.Book) (err error) {
		if removed, err = b.Remove(s.ID); err == nil {
			m.noteRemoved(s.ID)
		}
		return err
	}, func() {
		delete(m.forms, s.ID)
		m.refresh()
		m.chooseNear(row)
		m.canUndo(name+" was deleted.", &siteUndo{
			back: func() { m.restore(removed, next) },
			over: func() { m.keys.Remove(s.ID) },
		})
	})
}

// noteRemoved has Close see to it that the secrets of sites go, where they are still gone.
func (m *siteManager) noteRemoved(ids ...string) {
	m.removing.Lock()
	defer m.removing.Unlock()
	m.removed = append(m.removed, ids...)
}

// restore brings deleted sites back; a single one to its place.
func (m *siteManager) restore(removed []sites.Site, before string) {
	if len(removed) == 0 {
		return
	}
	m.change(func(b *sites.Book) error {
		added, err := b.Add(removed...)
		if err != nil || before == "" {
			return err
		}
		if _, there := b.Content().ByID(before); !there {
			return nil
		}
		return b.Move([]string{added[0].ID}, added[0].Folder, before)
	}, func() { m.choose(removed[0].ID) })
}

// drop moves a dragged row.
func (m *siteManager) drop(from int, to state.SiteDrop) {
	r := m.model.Row(from)
	if !r.IsFolder() {
		m.move(r.ID, to.Into, to.Before)
		return
	}
	m.settled()
	old, next := r.Folder, m.model.FolderAfter(r.Folder)
	up, name := old[:len(old)-1], old[len(old)-1]
	path := append(slices.Clone(to.Into), name)
	m.moveFolder(old, to.Into, to.Before, func() {
		if state.SamePlace(up, to.Into) {
			return
		}
		m.canUndo("“"+client.Printable(name)+"” was moved.", &siteUndo{back: func() { m.moveFolder(path, up, next, nil) }})
	})
}

// rebase tells the forms of new sites that a folder has another path now.
func (m *siteManager) rebase(from, to []string) {
	for _, f := range m.drafts() {
		d := f.Draft()
		if len(d.Folder) >= len(from) && state.SamePlace(d.Folder[:len(from)], from) {
			f.SetFolder(slices.Concat(to, d.Folder[len(from):]))
		}
	}
	m.refresh()
}

// move puts a site into a folder, in front of another.
func (m *siteManager) move(id string, into []string, before string) {
	m.settled()
	s, ok := m.model.Content().ByID(id)
	if !ok {
		return
	}
	if f := m.forms[id]; f != nil && !f.InBook() {
		f.SetFolder(into)
		m.refresh()
		m.choose(id)
		return
	}
	old, next := slices.Clone(s.Folder), m.model.After(id)
	if f := m.forms[before]; f != nil && !f.InBook() {
		before = "" // it is behind all that are in the book
	}
	m.change(func(b *sites.Book) error { return b.Move([]string{id}, into, before) }, func() {
		m.keys.Relabel(id)
		m.choose(id)
		if !state.SamePlace(old, into) {
			m.canUndo("“"+client.Printable(s.Name)+"” was moved.", &siteUndo{back: func() { m.move(id, old, next) }})
		}
	})
}

// shift moves the chosen site or folder up or down in its folder.
func (m *siteManager) shift(by int) {
	s, ok := m.chosenSite()
	if !ok {
		m.shiftFolder(by)
		return
	}
	before := ""
	if by < 0 {
		if before = m.model.Before(s.ID); before == "" {
			return
		}
	} else {
		next := m.model.After(s.ID)
		if next == "" {
			return
		}
		before = m.model.After(next)
	}
	m.move(s.ID, s.Folder, before)
}

// menu shows what can be done with what is chosen.
func (m *siteManager) menu(at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(m.Content)
	if c == nil {
		return
	}
	item, line := fyne.NewMenuItem, fyne.NewMenuItemSeparator
	var items []*fyne.MenuItem
	if s, is := m.chosenSite(); is {
		items = []*fyne.MenuItem{
			item("Connect", m.connect), item("Test connection", m.test), line(),
			item("Rename", m.rename), item("Duplicate", m.duplicate),
			item("Copy address", func() { fyne.CurrentApp().Clipboard().SetContent(urlText(s.URL())) }),
			item("Export…", m.openExport), line(), item("Delete", m.remove),
		}
	} else if _, is := m.chosenFolder(); is {
		items = []*fyne.MenuItem{
			item("New site in it", m.newSite), item("New folder in it", m.newFolder), line(),
			item("Rename", m.rename), item("Export…", m.openExport), line(), item("Delete", m.remove),
		}
	} else {
		items = []*fyne.MenuItem{item("New site", m.newSite), item("New folder", m.newFolder), item("Import…", func() { m.OpenImport("") })}
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
}

// connect connects to the chosen site, or says what it lacks.
func (m *siteManager) connect() {
	s, ok := m.chosenSite()
	if !ok {
		return
	}
	m.settled()
	if f := m.forms[s.ID]; f != nil {
		if len(f.Problems()) > 0 {
			m.form.FocusProblem()
			return
		}
		s = f.Draft()
	}
	m.dropUndo()
	m.tester.Clear()
	m.deps.OnConnect(s)
}

// removeAll takes an import back: sites go with their passwords, and folders that
// came with them and are empty now.
func (m *siteManager) removeAll(ids []string, before [][]string) {
	row := m.model.Chosen()
	m.change(func(b *sites.Book) error {
		if _, err := b.Remove(ids...); err != nil {
			return err
		}
		m.noteRemoved(ids...)
		c := b.Content()
		for _, path := range slices.Backward(c.Folders) { // those in a folder stand behind it
			same := func(f []string) bool { return state.SamePlace(f, path) }
			inside := func(s sites.Site) bool {
				return len(s.Folder) >= len(path) && state.SamePlace(s.Folder[:len(path)], path)
			}
			if slices.ContainsFunc(before, same) || slices.ContainsFunc(c.Sites, inside) {
				continue
			}
			if _, err := b.RemoveFolder(path); err != nil && !errors.Is(err, sites.ErrGone) {
				return err
			}
		}
		return nil
	}, func() {
		m.chooseNear(row)
		for _, id := range ids {
			m.keys.Remove(id)
		}
	})
}
