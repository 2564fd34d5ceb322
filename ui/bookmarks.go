package ui

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/sites"
	"portside/ui/state"
)

// connectedSite returns the saved site that the window is connected to.
func (w *Window) connectedSite() (sites.Site, bool) {
	if w.shown.State != linkUp || w.shown.Target.Site == nil {
		return sites.Site{}, false
	}
	if s, ok := w.content().ByID(w.shown.Target.Site.ID); ok {
		return s, true
	}
	return *w.shown.Target.Site, true
}

// bookmarkFolder keeps the folder that is shown, in the site's bookmarks. A connection
// that is no site is saved as one first.
func (w *Window) bookmarkFolder() {
	if !w.ready() {
		return
	}
	s, ok := w.connectedSite()
	if !ok {
		if w.shown.Target.Passing {
			w.banners.Show(notice{key: "bookmark", tone: toneInfo, text: "The demo server is gone when Portside is closed, so it has no bookmarks."})
			return
		}
		w.saveAsSite("Bookmarks belong to a saved site. Save this one first.", w.bookmarkFolder)
		return
	}
	w.askBookmark(s)
}

// askBookmark asks for the name of a bookmark, and of which sides it is.
func (w *Window) askBookmark(s sites.Site) {
	remote, local := w.remoteText(w.remote.Path()), w.local.Path()
	if raw, err := w.shown.Session.Encode(remote); err != nil || raw != w.remote.Path() {
		w.banners.Show(notice{
			key: "bookmark", tone: toneWarning,
			text: "“" + client.Printable(remote) + "” cannot be bookmarked: its name is no text in the character set of this site, so it would not be found again. Another one can be chosen in the site manager.",
		})
		return
	}
	e := newInputEntry("Name")
	e.SetText(freeBookmarkName(s.Bookmarks, state.SlashPaths.Base(remote)))
	here := widget.NewCheck("With the folder of this computer: "+client.Printable(filepath.Base(local)), nil)
	pair := widget.NewCheck("Browse the two together", nil)
	pair.Disable()
	here.OnChanged = func(on bool) {
		if on {
			pair.Enable()
		} else {
			pair.SetChecked(false)
			pair.Disable()
		}
	}
	if w.pair.on {
		here.SetChecked(true)
		pair.SetChecked(true)
	}
	w.sheets.Show(&sheet{
		title: "Bookmark this folder", width: 440, confirm: "Add", inputs: []*inputEntry{e}, focus: e,
		body: container.New(flowLayout{gap: theme.Padding()},
			newInk(client.Printable(remote)+" on “"+client.Printable(s.Name)+"”", theme.SizeNameText, theme.ColorNamePlaceHolder), e, here, pair),
		check: func() error { return checkBookmarkName(s.Bookmarks, e.Text, -1) },
		done: func(ok bool) {
			if !ok {
				return
			}
			b := sites.Bookmark{Name: strings.TrimSpace(e.Text), RemoteDir: remote, SyncDirs: pair.Checked}
			if here.Checked {
				b.LocalDir = local
			}
			w.changeBookmarks(s.ID, func(list []sites.Bookmark) []sites.Bookmark {
				if checkBookmarkName(list, b.Name, -1) != nil { // another one got it meanwhile
					b.Name = freeBookmarkName(list, b.Name)
				}
				return append(list, b)
			})
		},
	})
	e.selectAll()
}

// changeBookmarks changes those of a site.
func (w *Window) changeBookmarks(id string, change func([]sites.Bookmark) []sites.Bookmark) {
	w.changeSite(id, func(s *sites.Site) { s.Bookmarks = change(slices.Clone(s.Bookmarks)) }, w.adoptSite)
}

// checkBookmarkName says why a bookmark cannot have a name. at is its own place in the
// list, -1 where it is new.
func checkBookmarkName(list []sites.Bookmark, name string, at int) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return errors.New("Type a name.") //nolint:revive,staticcheck // a sentence to be shown
	}
	for i, b := range list {
		if i != at && strings.EqualFold(b.Name, name) {
			return fmt.Errorf("There is a bookmark “%s” already.", client.Printable(b.Name)) //nolint:revive,staticcheck // a sentence to be shown
		}
	}
	return nil
}

func freeBookmarkName(list []sites.Bookmark, name string) string {
	if name = strings.TrimSpace(client.Printable(name)); name == "" || name == "/" {
		name = "Top"
	}
	free := name
	for n := 2; checkBookmarkName(list, free, -1) != nil; n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}

// goBookmark shows the folders of a bookmark.
func (w *Window) goBookmark(b sites.Bookmark) {
	w.leaveDiagnosis()
	w.closeManager()
	w.endPair("")
	if b.LocalDir != "" {
		w.local.Go(b.LocalDir)
	}
	if b.RemoteDir != "" && w.shown.State == linkUp {
		raw, err := w.shown.Session.Encode(b.RemoteDir)
		if err != nil {
			w.refuse(b.RemoteDir, err)
			return
		}
		w.remote.Go(raw)
		w.focusPane(w.remote)
	}
	w.pairWanted = b.SyncDirs
}

// organiseBookmarks shows the bookmarks of the site, to be renamed, moved and deleted.
func (w *Window) organiseBookmarks() {
	s, ok := w.connectedSite()
	if !ok {
		return
	}
	list := container.New(flowLayout{gap: theme.Padding()})
	scroll := container.NewVScroll(list)
	marks := slices.Clone(s.Bookmarks)
	entries := []*inputEntry{}
	var fill func()
	read := func() {
		for i := range marks {
			marks[i].Name = strings.TrimSpace(entries[i].Text)
		}
	}
	fill = func() {
		list.RemoveAll()
		entries = entries[:0]
		if len(marks) == 0 {
			list.Add(newInk("There are no bookmarks.", theme.SizeNameText, theme.ColorNamePlaceHolder))
		}
		for i, b := range marks {
			e := newInputEntry("Name")
			e.SetText(b.Name)
			entries = append(entries, e)
			change := func(do func()) func() {
				return func() {
					read()
					do()
					fill()
				}
			}
			up := newIconButton(theme.MoveUpIcon(), change(func() {
				if i > 0 {
					marks[i-1], marks[i] = marks[i], marks[i-1]
				}
			}))
			down := newIconButton(theme.MoveDownIcon(), change(func() {
				if i < len(marks)-1 {
					marks[i+1], marks[i] = marks[i], marks[i+1]
				}
			}))
			drop := newIconButton(theme.DeleteIcon(), change(func() { marks = slices.Delete(marks, i, i+1) }))
			list.Add(container.NewBorder(nil, nil, nil, container.NewHBox(up, down, drop), e))
			list.Add(newInk(bookmarkText(b), theme.SizeNameCaptionText, theme.ColorNamePlaceHolder))
		}
		list.Refresh()
		scroll.Refresh()
	}
	fill()
	w.sheets.Show(&sheet{
		title: "Bookmarks of “" + client.Printable(s.Name) + "”", width: 520, confirm: "Save",
		body: container.New(&fixedHeight{min(300, w.win.Canvas().Size().Height-200)}, scroll),
		check: func() error {
			read()
			for i, b := range marks {
				if err := checkBookmarkName(marks, b.Name, i); err != nil {
					return err
				}
			}
			return nil
		},
		done: func(ok bool) {
			if ok {
				w.changeBookmarks(s.ID, func(now []sites.Bookmark) []sites.Bookmark {
					return state.MergeBookmarks(s.Bookmarks, marks, now)
				})
			}
		},
	})
	fill() // the texts have their width now
}

// bookmarkText says where a bookmark leads.
func bookmarkText(b sites.Bookmark) string {
	var parts []string
	if b.RemoteDir != "" {
		parts = append(parts, b.RemoteDir)
	}
	if b.LocalDir != "" {
		parts = append(parts, "here "+b.LocalDir)
	}
	if b.SyncDirs {
		parts = append(parts, "browsed together")
	}
	return client.Printable(strings.Join(parts, " · "))
}

// bookmarkItems are the bookmarks as a menu has them.
func (w *Window) bookmarkItems(s sites.Site) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, b := range s.Bookmarks[:min(len(s.Bookmarks), menuMost)] {
		items = append(items, w.menus.item(menuText(b.Name), func() { w.goBookmark(b) }, nil))
	}
	return items
}
