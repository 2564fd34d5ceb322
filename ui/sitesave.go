package ui

import (
	"errors"
	"slices"
	"time"

	"portside/client"
	"portside/client/sites"
	"portside/ui/state"
)

// siteSaveAfter is how long after the last key what was typed is saved.
const siteSaveAfter = 800 * time.Millisecond

// chosen shows the form of the site that was chosen, or the panel of a folder.
func (m *siteManager) chosen() {
	s, is := m.chosenSite()
	path, isFolder := m.chosenFolder()
	if is && s.ID == m.shown {
		m.show()
		return
	}
	if m.shown != "" || m.moved != nil {
		m.settled()
	}
	if old := m.forms[m.shown]; old != nil {
		m.work.Add(func() func() { return func() { m.keys.Drop(old) } }) // once it is saved
	}
	if old := m.forms[m.shown]; old != nil && (!old.Unsaved() || old.Untouched()) {
		gone := old.Untouched()
		delete(m.forms, m.shown)
		if gone {
			defer m.refresh()
		}
	}
	m.shown, m.moved = "", nil
	m.tester.Clear()
	switch {
	case is:
		m.shown = s.ID
		f := m.forms[s.ID]
		if f == nil {
			f = state.NewSiteForm(s, true)
			m.forms[s.ID] = f
		}
		m.form.Show(f)
		m.keys.Look()
	case isFolder:
		m.moved = slices.Clone(path)
		m.folder.Set(path)
		m.form.Show(nil)
	default:
		m.form.Show(nil)
	}
	m.show()
}

// show brings head, buttons and the right side up to date.
func (m *siteManager) show() {
	f := m.forms[m.shown]
	row := m.model.Chosen()
	enable := func(b *pushButton, on bool) {
		if on == b.Disabled() {
			if on {
				b.Enable()
			} else {
				b.Disable()
			}
		}
	}
	enable(m.buttons.duplicate, f != nil && f.InBook())
	enable(m.buttons.remove, row >= 0)
	enable(m.buttons.export, len(m.book.Sites) > 0)
	relayout := m.formSide.Hidden != (f == nil) || m.folder.Content.Hidden != (m.moved == nil || f != nil) || m.empty.Content.Hidden != (f != nil || m.moved != nil)
	m.formSide.Hidden = f == nil
	m.folder.Content.Hidden = m.moved == nil || f != nil
	m.empty.Content.Hidden = f != nil || m.moved != nil
	if f != nil {
		d := f.Draft()
		title := client.Printable(d.Name)
		if title == "" {
			title = "New site"
		}
		if m.title.Text != title {
			m.title.SetText(title)
		}
		if hidden := !f.Changed() || !f.InBook(); m.buttons.revert.Hidden != hidden {
			m.buttons.revert.Hidden = hidden
			m.head.Refresh()
		}
	}
	if m.moved != nil {
		m.folder.Update()
	}
	if m.empty.Content.Visible() {
		m.empty.Update()
	}
	if relayout {
		m.right.Refresh()
	}
}

// edited notes that something was typed, which is saved in a moment.
func (m *siteManager) edited() {
	if m.stop != nil {
		m.stop()
	}
	m.stop = m.deps.After(siteSaveAfter, func() {
		m.stop = nil
		m.saveNow()
	})
	m.refresh()
}

// settled saves what was typed, also passwords: somebody is done with a field.
func (m *siteManager) settled() {
	f := m.forms[m.shown]
	if f == nil {
		m.folder.Settle()
		return
	}
	if password, changed := f.Settle(); changed {
		m.form.Show(f)
		if password != "" {
			m.keys.PutPassword(password)
		}
		m.refresh()
	}
	m.form.TakeSecrets()
	m.saveNow()
}

// saveNow saves what can be saved of the form that is shown.
func (m *siteManager) saveNow() {
	if m.stop != nil {
		m.stop()
		m.stop = nil
	}
	if f := m.forms[m.shown]; f != nil {
		m.save(f)
	}
}

// save puts what can be saved of a form into the book.
func (m *siteManager) save(f *state.SiteForm) {
	if f.Untouched() && f.Draft().Host == "" {
		return
	}
	s, ok := f.Save()
	if !ok {
		return
	}
	known, before, base := f.InBook(), f.Named(), f.Base()
	f.Asked(s)
	m.work.Add(func() func() {
		got, err := s, error(nil)
		if _, there := m.deps.Book.Content().ByID(s.ID); there || known {
			got, err = m.deps.Book.Update(s.ID, func(now *sites.Site) error {
				if there && known {
					*now = state.MergeSite(base, s, *now) // somebody else may have changed it, too
				} else {
					*now = s
				}
				return nil
			})
		} else {
			var added []sites.Site
			if added, err = m.deps.Book.Add(s); err == nil {
				got = added[0]
			}
		}
		content, problem := m.deps.Book.Content(), m.deps.Book.Problem()
		return func() {
			if err != nil {
				f.Asked(sites.Site{})
				m.object(f, err)
			} else {
				f.Saved(s, got)
				m.keys.Moved(f)
				if got.Path() != before {
					m.keys.Relabel(s.ID)
				}
			}
			m.take(content, problem)
			if m.forms[m.shown] == f {
				m.form.fill()
			}
			m.deps.OnChanged()
		}
	})
}

// object shows why a form was not saved, at the field where it is known.
func (m *siteManager) object(f *state.SiteForm, err error) {
	if check, is := errors.AsType[*sites.CheckError](err); is {
		for _, p := range check.Problems {
			f.Object(p.Field, p.What)
		}
		return
	}
	switch {
	case errors.Is(err, sites.ErrExists):
		f.Object("name", "there is a site of that name in the folder already; choose another one")
	case errors.Is(err, sites.ErrGone):
		f.Gone()
		m.notice.Say("Somebody else has removed “"+client.Printable(f.Draft().Name)+"” meanwhile. It is kept here until you leave it, or change something in it.", true)
	default:
		m.fail(err)
	}
}

// revert takes back all that was changed since the form was opened.
func (m *siteManager) revert() {
	f := m.forms[m.shown]
	if f == nil {
		return
	}
	changed := f.Draft()
	f.Revert()
	m.form.Show(f)
	m.saveNow()
	m.refresh()
	m.canUndo("The changes to “"+client.Printable(changed.Name)+"” were undone.", &siteUndo{back: func() {
		if m.forms[changed.ID] == f {
			f.Restore(changed)
			m.form.Show(m.forms[m.shown])
			m.save(f)
			m.refresh()
		}
	}})
}
