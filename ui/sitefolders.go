package ui

import (
	"errors"
	"slices"

	"portside/client"
	"portside/client/sites"
	"portside/ui/state"
)

func (m *siteManager) removeFolder(path []string) {
	row, next := m.model.Chosen(), m.model.FolderAfter(path)
	m.dropUndo()
	m.saveNow()
	var removed []sites.Site
	m.change(func(b *sites.Book) (err error) {
		removed, err = b.RemoveFolder(path)
		for _, s := range removed {
			m.noteRemoved(s.ID)
		}
		return err
	}, func() {
		m.chooseNear(row)
		m.canUndo("The folder “"+client.Printable(path[len(path)-1])+"” was deleted.", &siteUndo{
			back: func() {
				m.change(func(b *sites.Book) error { return restoreFolder(b, path, next, removed) }, func() {
					m.model.ChooseFolder(path)
					m.tree.Reveal()
					m.chosen()
				})
			},
			over: func() {
				for _, s := range removed {
					m.keys.Remove(s.ID)
				}
			},
		})
	})
}

// restoreFolder brings a deleted folder back to its place.
func restoreFolder(b *sites.Book, path []string, before string, removed []sites.Site) error {
	err := error(nil)
	if len(removed) == 0 {
		err = b.AddFolder(path)
	} else {
		_, err = b.Add(removed...)
	}
	if err != nil {
		return err
	}
	return arrangeFolder(b, path, before)
}

// arrangeFolder puts a folder in front of another one, which may be gone: then it stays
// where it is.
func arrangeFolder(b *sites.Book, path []string, before string) error {
	err := b.ArrangeFolder(path, before)
	if errors.Is(err, sites.ErrGone) && before != "" {
		return nil
	}
	return err
}

// moveFolder moves a folder, with what was typed about sites in it, in front of another
// folder; "": behind all.
func (m *siteManager) moveFolder(path, to []string, before string, done func()) {
	target := append(slices.Clone(to), path[len(path)-1])
	m.change(func(b *sites.Book) error {
		if !state.SamePlace(path, target) {
			if err := b.MoveFolder(path, to); err != nil {
				return err
			}
		}
		return arrangeFolder(b, target, before)
	}, func() {
		m.rebase(path, target)
		m.model.ChooseFolder(target)
		m.tree.Reveal()
		m.chosen()
		if done != nil {
			done()
		}
	})
}

// shiftFolder moves the chosen folder up or down among those beside it.
func (m *siteManager) shiftFolder(by int) {
	path, is := m.chosenFolder()
	if !is {
		return
	}
	up, before := path[:len(path)-1], m.model.FolderBefore(path)
	if by > 0 {
		next := m.model.FolderAfter(path)
		if next == "" {
			return
		}
		before = m.model.FolderAfter(append(slices.Clone(up), next))
	} else if before == "" {
		return
	}
	m.settled()
	m.moveFolder(path, up, before, nil)
}
