package filetable

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
	"portside/ui/themed"
)

// An editor is the entry in which a row is renamed.
type editor struct {
	t      *Table
	row    state.Row
	index  int
	entry  *nameEntry
	object fyne.CanvasObject // entry in its theme
	ended  bool
}

// nameEntry is an entry that tells Escape and the loss of the focus.
type nameEntry struct {
	widget.Entry
	onEscape, onLost func()
}

// TypedKey implements fyne.Focusable.
func (e *nameEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.onEscape()
		return
	}
	e.Entry.TypedKey(k)
}

// FocusLost implements fyne.Focusable.
func (e *nameEntry) FocusLost() {
	e.Entry.FocusLost()
	e.onLost()
}

// slim is a theme whose entries fit into a row.
type slim struct{ fyne.Theme }

// Size implements fyne.Theme.
func (s slim) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameInnerPadding:
		return 2
	case theme.SizeNamePadding, theme.SizeNameLineSpacing:
		return 1
	case theme.SizeNameInputRadius:
		return 2
	}
	return s.Theme.Size(n)
}

// Rename lets the row of the cursor be renamed in place, with its stem selected,
// or the whole name.
func (t *Table) Rename() {
	t.stopFind()
	at := t.model.Cursor()
	if at < 0 || t.OnRename == nil || t.canvas() == nil {
		return
	}
	t.endEdit(false)
	if !t.model.Selected(at) || t.model.SelectedCount() > 1 {
		t.model.SelectOnly(at)
		t.selectionChanged()
	}
	t.ScrollTo(at)
	e := &editor{t: t, row: *t.model.Row(at), index: at, entry: &nameEntry{}}
	e.entry.ExtendBaseWidget(e.entry)
	e.entry.Scroll = fyne.ScrollHorizontalOnly
	e.entry.SetText(e.row.Text)
	e.entry.onEscape = func() { t.endEdit(false) }
	e.entry.onLost = func() { t.leaveEdit(e) }
	e.entry.OnSubmitted = func(string) { t.endEdit(true) }
	e.entry.OnChanged = func(string) { e.check() }
	e.object = themed.New(e.entry, slim{t.Theme()})
	t.edit = e
	t.body.update()
	t.canvas().Focus(e.entry)
	if t.RenameWhole {
		e.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
		return
	}
	selectStart(&e.entry.Entry, state.Stem(e.row.Text, e.row.IsDir()))
}

// selectStart selects the first n characters of e, as Shift and the arrow do.
func selectStart(e *widget.Entry, n int) {
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	e.KeyDown(shift)
	for range n {
		e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	e.KeyUp(shift)
}

// place puts e over the name of its row.
func (e *editor) place() {
	const overlap = 2
	height := max(e.t.RowHeight()+2, e.object.MinSize().Height)
	x := float32(nameLeft - 4)
	e.object.Move(fyne.NewPos(x, float32(e.index)*e.t.RowHeight()+whole((e.t.RowHeight()-height)/2)))
	e.object.Resize(fyne.NewSize(max(80, e.t.columns[0].w-x-overlap), height))
}

// check shows why the name would be refused, while it is typed.
func (e *editor) check() {
	var err error
	if e.t.CheckName != nil && e.entry.Text != e.row.Text {
		err = e.t.CheckName(e.entry.Text)
	}
	e.t.hint.Hide()
	if err != nil {
		e.t.hint.warn(e.t.look, err.Error())
		e.t.hint.place(e.t.Size())
	}
}

// leaveEdit ends e after it lost the focus: the canvas must not be asked for
// anything while it moves the focus, so a little later.
func (t *Table) leaveEdit(e *editor) {
	if !e.ended {
		t.After(0, func() {
			if t.edit == e {
				t.endEditOf(true, false)
			}
		})
	}
}

// Renaming reports whether a row is being renamed.
func (t *Table) Renaming() bool { return t.edit != nil }

// endEdit ends renaming and takes the keyboard back. With commit, a new name that
// is allowed is handed to OnRename.
func (t *Table) endEdit(commit bool) { t.endEditOf(commit, true) }

func (t *Table) endEditOf(commit, focus bool) {
	e := t.edit
	if e == nil {
		return
	}
	e.ended = true
	t.edit = nil
	t.hint.Hide()
	t.body.update()
	if focus {
		t.Focus()
	}
	name := e.entry.Text
	if !commit || name == e.row.Text || t.CheckName != nil && t.CheckName(name) != nil {
		return
	}
	t.OnRename(e.row, name)
}
