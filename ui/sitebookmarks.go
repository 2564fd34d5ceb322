package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"portside/client/sites"
)

// siteBookmarkList edits the bookmarks of a site: each a name and two folders.
type siteBookmarkList struct {
	form *siteForm
	list []sites.Bookmark
	rows *fyne.Container
	add  *pushButton
	box  *fyne.Container
}

func newSiteBookmarkList(f *siteForm) *siteBookmarkList {
	b := &siteBookmarkList{form: f, rows: container.New(flowLayout{gap: 3})}
	b.add = newQuietButton("Add a bookmark", func() {
		b.list = append(b.list, sites.Bookmark{})
		b.show()
		b.told()
		b.focusLast()
	})
	b.add.Icon, b.add.onEscape = theme.ContentAddIcon(), f.hands.escape
	b.box = container.New(flowLayout{gap: 2}, b.rows, container.NewHBox(b.add))
	return b
}

func (b *siteBookmarkList) Object() fyne.CanvasObject { return b.box }
func (b *siteBookmarkList) Focus() fyne.Focusable     { return b.add }

// Show does nothing: bookmarks are no text.
func (b *siteBookmarkList) Show(string) {}

// Set shows bookmarks, unless they are there already.
func (b *siteBookmarkList) Set(list []sites.Bookmark) {
	if slices.Equal(b.list, list) && len(b.rows.Objects) == len(list) {
		return
	}
	b.list = slices.Clone(list)
	b.show()
}

func (b *siteBookmarkList) told() { b.form.bookmarks(b.list) }

// show makes the rows anew.
func (b *siteBookmarkList) show() {
	b.rows.RemoveAll()
	for i := range b.list {
		b.rows.Add(b.row(i))
	}
}

// row is one bookmark.
func (b *siteBookmarkList) row(i int) fyne.CanvasObject {
	mark := b.list[i]
	line := func(prompt, text string, set func(*sites.Bookmark, string)) *inputEntry {
		e := b.form.lineEntry(prompt, nil)
		e.SetText(text)
		e.OnChanged = func(s string) {
			if i < len(b.list) {
				set(&b.list[i], s)
				b.told()
			}
		}
		return e
	}
	remove := newIconButton(theme.CancelIcon(), func() {
		b.list = slices.Delete(b.list, i, i+1)
		b.show()
		b.told()
		b.form.settle()
	})
	remove.onEscape = b.form.hands.escape
	entries := container.NewGridWithColumns(3,
		line("Name", mark.Name, func(m *sites.Bookmark, s string) { m.Name = s }),
		line("On this computer", mark.LocalDir, func(m *sites.Bookmark, s string) { m.LocalDir = s }),
		line("On the server", mark.RemoteDir, func(m *sites.Bookmark, s string) { m.RemoteDir = s }))
	return container.NewBorder(nil, nil, nil, remove, entries)
}

// focusLast puts the cursor into the name of the last bookmark.
func (b *siteBookmarkList) focusLast() {
	last, is := b.rows.Objects[len(b.rows.Objects)-1].(*fyne.Container)
	if !is {
		return
	}
	grid, is := last.Objects[0].(*fyne.Container)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.box); is && c != nil {
		if e, is := grid.Objects[0].(*inputEntry); is {
			c.Focus(e)
		}
	}
}
