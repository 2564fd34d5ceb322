package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// paneKey is a shortcut as a menu shows it; none of them is triggered by a menu.
func paneKey(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: mod}
}

// showMenu shows the context menu of the selection, or of the folder.
func (p *Pane) showMenu(abs fyne.Position) {
	items := p.menuItems(p.Selection())
	if c := p.canvas(); c != nil && len(items) > 0 {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, abs)
	}
}

func (p *Pane) menuItems(rows []state.Row) []*fyne.MenuItem {
	if p.src == nil || p.path == "" {
		return nil
	}
	var items []*fyne.MenuItem
	add := func(ok bool, label string, s fyne.Shortcut, do func()) {
		if !ok {
			return
		}
		item := fyne.NewMenuItem(label, do)
		item.Shortcut = s
		items = append(items, item)
	}
	group := func() {
		if n := len(items); n > 0 && !items[n-1].IsSeparator {
			items = append(items, fyne.NewMenuItemSeparator())
		}
	}
	some, one := len(rows) > 0, len(rows) == 1
	folder := one && rows[0].IsDir()
	add(folder, "Open", paneKey(fyne.KeyReturn, 0), func() { p.Go(p.Join(rows[0])) })
	add(one && !folder && p.opt.OpenFile != nil, "Open", nil, func() { p.opt.OpenFile(p, rows[0]) })
	add(some && p.opt.OnTransfer != nil, p.opt.Transfer, p.transferKey(), func() { p.transfer(rows) })
	add(some && p.opt.OnTransferTo != nil, p.opt.Transfer+" to…", nil, func() { p.opt.OnTransferTo(p, rows) })
	add(some && p.opt.OnCopyTo != nil, "Copy to another site…", nil, func() { p.opt.OnCopyTo(p, rows) })
	add(some && p.opt.OnEdit != nil && !slices.ContainsFunc(rows, func(r state.Row) bool { return r.IsDir() }), "Edit",
		shortcutOf(p.opt.Key("edit")), func() { p.opt.OnEdit(p, rows) })
	group()
	add(one, "Rename", paneKey(fyne.KeyF2, 0), p.RenameSelected)
	add(some && p.opt.Confirm != nil, "Delete", paneKey(fyne.KeyDelete, 0), p.DeleteSelected)
	group()
	add(p.opt.AskName != nil, "New folder…", shortcutOf(p.opt.Key("new-folder")), p.NewFolder)
	group()
	add(true, "Copy path", nil, p.CopyPath)
	add(p.src.Address(p.path) != "", "Copy URL", nil, p.CopyURL)
	group()
	add(p.model.Len() > 0, "Select all", paneKey(fyne.KeyA, fyne.KeyModifierControl), func() {
		p.model.SelectAll()
		p.table.Refresh()
		p.showStatus()
	})
	add(true, "Filter by name", paneKey(fyne.KeyF, fyne.KeyModifierControl), p.filter.Open)
	add(true, "Show hidden files", shortcutOf(p.opt.Key("hidden-files")), func() { p.SetShowHidden(!p.ShowsHidden()) })
	items[len(items)-1].Checked = p.ShowsHidden()
	add(true, "List again", paneKey(fyne.KeyF5, 0), p.Relist)
	if p.opt.Menu != nil {
		items = p.opt.Menu(p, rows, items)
	}
	return items
}

// transferKey is the arrow to the other pane.
func (p *Pane) transferKey() fyne.Shortcut {
	if p.opt.Transfer == "Download" {
		return paneKey(fyne.KeyLeft, fyne.KeyModifierControl)
	}
	return paneKey(fyne.KeyRight, fyne.KeyModifierControl)
}

// showColumns shows the menu of the columns.
func (p *Pane) showColumns(abs fyne.Position) {
	var items []*fyne.MenuItem
	hidden := p.table.Layout().Hidden
	for c := state.ColumnSize; c < state.ColumnCount; c++ {
		item := fyne.NewMenuItem(c.String(), func() { p.table.SetColumnShown(c, hidden[c]) })
		item.Checked = !hidden[c]
		items = append(items, item)
	}
	reset := fyne.NewMenuItem("Usual widths", p.table.ResetWidths)
	items = append(items, fyne.NewMenuItemSeparator(), reset)
	if c := p.canvas(); c != nil {
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, abs)
	}
}

// shortcut handles the shortcuts of a pane whose table has the keyboard.
func (p *Pane) shortcut(s fyne.Shortcut) bool {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok {
		return p.clipboardShortcut(s)
	}
	type chord struct {
		mod fyne.KeyModifier
		key fyne.KeyName
	}
	const ctrl, alt = fyne.KeyModifierControl, fyne.KeyModifierAlt
	do := map[chord]func(){
		{ctrl, fyne.KeyL}:    p.EditPath,
		{ctrl, fyne.KeyF}:    p.filter.Open,
		{ctrl, fyne.KeyR}:    p.Relist,
		{alt, fyne.KeyUp}:    p.Up,
		{alt, fyne.KeyLeft}:  p.Back,
		{alt, fyne.KeyRight}: p.Forward,
		{alt, fyne.KeyHome}:  p.Home,
	}[chord{c.Modifier, c.KeyName}]
	switch name := s.ShortcutName(); {
	case do != nil:
	case is(p.opt.Key("new-folder"), name):
		do = p.NewFolder
	case is(p.opt.Key("hidden-files"), name):
		do = func() { p.SetShowHidden(!p.ShowsHidden()) }
	case p.opt.OnEdit != nil && is(p.opt.Key("edit"), name):
		do = func() { p.opt.OnEdit(p, p.Selection()) }
	default:
		return false
	}
	do()
	return true
}

// is reports whether a shortcut of that name is a chord.
func is(c state.Chord, name string) bool {
	s := shortcutOf(c)
	return s != nil && s.ShortcutName() == name
}

// clipboardShortcut copies paths; Shift+Delete, which is a cut, deletes.
func (p *Pane) clipboardShortcut(s fyne.Shortcut) bool {
	switch t := s.(type) {
	case *fyne.ShortcutCopy:
		p.CopyPath()
		return true
	case *fyne.ShortcutCut:
		if t.Secondary {
			p.DeleteSelected()
			return true
		}
	}
	return false
}

// escape ends what is going on in the pane, one thing at a time.
func (p *Pane) escape() {
	switch {
	case p.load.running(), p.op.running():
		p.Cancel()
	case p.alert.Visible():
		p.alert.Hide()
	case p.model.Filter() != "" || p.filter.Visible():
		p.filter.Close()
	case p.model.SelectedCount() > 0:
		p.model.SelectNone()
		p.table.Refresh()
		p.showStatus()
	}
}
