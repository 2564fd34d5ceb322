package ui

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites/exchange"
	"portside/ui/state"
)

// importView shows what files of other programs hold, before any of it is taken.
// It takes the place of the site manager.
type importView struct {
	Content *fyne.Container

	m        *siteManager
	found    []exchange.Found
	sources  *fyne.Container // buttons, one a file
	choosing *pushButton     // asks for another file
	path     string          // of the file that is shown; "": none
	list     *state.ImportList
	trouble  string // with the keyring
	cancel   context.CancelFunc
	busy     bool // something is read or imported
	unread   unread

	table    *importTable
	all      *pushButton
	none     *pushButton
	take     *pushButton
	summary  *widget.RichText
	keys     *widget.RichText
	message  *widget.RichText
	hint     *widget.RichText
	empty    *fyne.Container
	lower    *fyne.Container
	detail   *syncDetail
	head     *fyne.Container
	statusBx *fyne.Container
}

func newImportView(m *siteManager) *importView {
	v := &importView{m: m, table: newImportTable(), detail: newSyncDetail(), summary: newSyncLine(), sources: container.NewHBox(), unread: unread{now: m.deps.Now}}
	v.keys = newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder)
	v.message = newInk("", theme.SizeNameHeadingText, theme.ColorNameForeground)
	v.hint = newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder)
	v.table.OnEscape, v.table.OnEnter, v.table.OnToggle = m.escape, v.apply, v.ticked
	v.table.OnCursor = v.showDetail
	quiet := func(label string, icon fyne.Resource, do func()) *pushButton {
		b := newQuietButton(label, do)
		b.Icon, b.onEscape = icon, m.escape
		return b
	}
	title := widget.NewLabel("Import sites")
	title.TextStyle.Bold = true
	v.all, v.none = quiet("All", nil, func() { v.choose(true) }), quiet("None", nil, func() { v.choose(false) })
	v.take = newPushButton("Import", v.apply)
	v.take.Importance, v.take.onEscape = widget.HighImportance, m.escape
	v.head = container.New(layout.NewCustomPaddedLayout(2, 2, 0, syncEdge),
		container.NewBorder(nil, nil, container.NewHBox(quiet("Back", theme.NavigateBackIcon(), m.escape), title), nil))
	pad := theme.Padding()
	sources := container.New(layout.NewCustomPaddedLayout(pad, pad, syncEdge-theme.InnerPadding(), syncEdge), container.NewHScroll(v.sources))
	v.statusBx = container.New(layout.NewCustomPaddedLayout(0, 2*pad, syncEdge, syncEdge), container.New(trailingLayout{gap: 2 * pad},
		container.New(flowLayout{gap: 2}, tightLine(v.summary), tightLine(v.keys)), container.NewHBox(v.all, v.none, v.take)))
	v.empty = container.New(layout.NewCustomPaddedLayout(4*pad, 0, syncEdge-theme.InnerPadding(), syncEdge), container.New(flowLayout{gap: 4}, v.message, v.hint))
	v.lower = container.NewBorder(nil, v.detail, nil, nil, v.table)
	top := container.NewStack(newSurface(theme.ColorNameBackground), container.New(flowLayout{}, v.head, widget.NewSeparator(), sources, v.statusBx))
	v.Content = container.NewStack(newSurface(theme.ColorNameInputBackground), container.NewBorder(top, nil, nil, nil, container.NewStack(v.empty, v.lower)))
	v.Content.Hide()
	return v
}

// Visible reports whether the view is shown.
func (v *importView) Visible() bool { return v.Content.Visible() }

// Hide takes the view away, and forgets what was read: passwords are in it.
func (v *importView) Hide() {
	v.Cancel()
	v.list, v.path = nil, ""
	v.table.Set(nil)
	v.Content.Hide()
}

// Focus is what has the keyboard: the list, or what asks for another file.
func (v *importView) Focus() fyne.Focusable {
	if v.list != nil || v.choosing == nil {
		return v.table
	}
	return v.choosing
}

// Cancel gives up what is being read.
func (v *importView) Cancel() {
	if v.cancel != nil {
		v.cancel()
		v.cancel = nil
	}
}

// OpenImport shows the preview of a file, "" for what is found by itself.
func (m *siteManager) OpenImport(path string) {
	m.settled()
	m.dropUndo()
	m.Content.Show()
	m.main.Hide()
	m.imports.open(path)
	m.reload(nil)
	m.focus(m.imports.Focus())
}

func (v *importView) open(path string) {
	v.Cancel()
	v.list, v.path, v.busy = nil, "", false
	v.table.Set(nil)
	v.Content.Show()
	v.say("Looking for files of other programs", "", false)
	v.show()
	v.m.deps.Run(func() {
		found := v.m.deps.Usual()
		v.m.deps.Do(func() {
			v.found = found
			v.showSources()
			if path == "" && len(found) == 0 && v.path == "" {
				v.say("Nothing was found by itself", "Portside reads the saved sites of FileZilla, WinSCP, lftp, Cyberduck, rclone, NcFTP and gFTP, .netrc files, lists of addresses, and its own exports. Choose the file.", false)
			}
			if path == "" && len(found) > 0 && v.path == "" {
				v.read(found[0].Path)
			}
		})
	})
	if path != "" {
		v.read(path)
	}
}

// showSources offers the files that there are, and to choose another one.
func (v *importView) showSources() {
	v.sources.RemoveAll()
	shown := false
	add := func(label, path string) {
		b := newQuietButton(label, func() { v.read(path) })
		b.onEscape = v.m.escape
		if path == v.path {
			b.Importance = widget.MediumImportance
			shown = true
		}
		v.sources.Add(b)
	}
	for _, f := range v.found {
		add(f.Format.Name+" · "+client.Printable(filepath.Base(f.Path)), f.Path)
	}
	if v.path != "" && !shown {
		add(client.Printable(filepath.Base(v.path)), v.path)
	}
	choose := newQuietButton("Choose a file…", v.ask)
	choose.Icon, choose.onEscape = theme.FolderOpenIcon(), v.m.escape
	v.sources.Add(choose)
	v.choosing = choose
}

// ask asks for a file.
func (v *importView) ask() {
	if v.m.deps.ChooseFile != nil {
		v.m.deps.ChooseFile("Import", false, v.read)
		return
	}
	e := newInputEntry("Path of the file")
	v.m.deps.Sheets.Show(&sheet{
		title: "Import a file", body: e, confirm: "Read", inputs: []*inputEntry{e}, focus: e,
		done: func(ok bool) {
			if ok && strings.TrimSpace(e.Text) != "" {
				v.read(strings.TrimSpace(e.Text))
			}
		},
	})
}

// read reads a file and shows what is in it.
func (v *importView) read(path string) {
	if v.busy && v.path == path {
		return
	}
	v.Cancel()
	ctx, cancel := context.WithCancel(v.m.deps.Ctx)
	v.cancel, v.path, v.list, v.busy = cancel, path, nil, true
	v.table.Set(nil)
	v.showSources()
	v.say("Reading "+client.Printable(filepath.Base(path)), "", false)
	v.show()
	v.m.work.Add(func() func() { // after what is being saved
		im, err := exchange.Read(ctx, path, exchange.ReadOptions{Existing: v.m.deps.Book.Content().Sites})
		trouble := v.lookAtKeys(ctx, im)
		cancelled := ctx.Err() != nil
		return func() {
			if v.path != path || cancelled {
				return
			}
			v.busy, v.trouble = false, trouble
			v.shown(im, err)
		}
	})
}

// lookAtKeys says what the keyring would say, where there is something to keep.
func (v *importView) lookAtKeys(ctx context.Context, im *exchange.Import) string {
	if im == nil || v.m.deps.Secrets == nil {
		return ""
	}
	for _, r := range im.Rows {
		if len(r.Secrets) > 0 {
			return secrets.Sentence(v.m.deps.Secrets.Look(ctx))
		}
	}
	return ""
}

// shown shows what was read.
func (v *importView) shown(im *exchange.Import, err error) {
	switch {
	case err != nil:
		v.say("This file cannot be imported", sentence(client.Printable(err.Error())), true)
	case len(im.Rows) == 0:
		v.say("There are no sites in this file", joinSentences(im.Notes...), false)
	default:
		v.list = state.NewImportList(im)
		v.unread.Shown()
		v.table.Set(v.list)
	}
	v.show()
	v.m.focus(v.Focus())
}

// say shows a message in the place of the table.
func (v *importView) say(message, hint string, trouble bool) {
	setInk(v.message, message)
	ink := theme.ColorNamePlaceHolder
	if trouble {
		ink = theme.ColorNameError
	}
	style(v.hint).ColorName = ink
	setInk(v.hint, hint)
	v.hint.Refresh()
}

// show brings everything up to date.
func (v *importView) show() {
	there := v.list != nil
	v.empty.Hidden, v.lower.Hidden, v.statusBx.Hidden = there, !there, !there
	v.ticked()
	v.head.Refresh()
	v.Content.Refresh()
}

// ticked says what is chosen.
func (v *importView) ticked() {
	if v.list == nil {
		return
	}
	setInk(v.summary, joinSentences(append([]string{v.list.Summary()}, v.list.Notes()...)...))
	text := v.list.Passwords(v.trouble)
	if text == "" {
		text = "The file itself stays as it is."
	}
	setInk(v.keys, text)
	label := v.list.Button()
	switch {
	case v.busy:
		v.take.SetText("Importing")
		v.take.Disable()
	case label == "":
		v.take.SetText("Import: nothing chosen")
		v.take.Disable()
	default:
		v.take.SetText(label)
		v.take.Enable()
	}
	v.statusBx.Refresh()
}

func (v *importView) choose(all bool) {
	if v.list == nil || v.busy {
		return
	}
	v.list.Choose(all)
	v.table.Update()
	v.ticked()
}

func (v *importView) showDetail(row int) {
	if v.list == nil {
		v.detail.Set("", "")
		return
	}
	title, text := v.list.Detail(row)
	v.detail.Set(client.Printable(title), client.Printable(sentence(text)))
}

// apply imports what is chosen, and shows it in the tree. A list that nobody can
// have read yet stays as it is.
func (v *importView) apply() {
	if v.list == nil || v.busy || v.list.Button() == "" || v.unread.Yet() {
		return
	}
	v.busy, v.table.busy = true, true
	v.ticked()
	m, rows, folders := v.m, v.list.Rows(), v.m.book.Folders
	m.work.Add(func() func() {
		var keeper exchange.Keeper
		if m.deps.Secrets != nil {
			keeper = m.deps.Secrets
		}
		res, err := exchange.Apply(m.deps.Ctx, m.deps.Book, keeper, rows)
		content, problem := m.deps.Book.Content(), m.deps.Book.Problem()
		return func() {
			v.busy, v.table.busy = false, false
			m.take(content, problem)
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					v.list = nil
					v.say("Nothing was imported", sentence(client.Printable(err.Error())), true)
				}
				v.show()
				return
			}
			m.imported(res, folders)
		}
	})
}

// imported shows the sites that have come, and offers to send them away again.
// before are the folders that were there already.
func (m *siteManager) imported(res exchange.Result, before [][]string) {
	m.imports.Hide()
	m.main.Show()
	m.empty.looked = false
	m.search.SetText("")
	m.choose(res.Sites[0].ID)
	m.focus(m.tree)
	var ids []string
	for _, s := range res.Sites {
		ids = append(ids, s.ID)
	}
	text := res.String()
	if res.Trouble != nil {
		text += " " + secrets.Sentence(res.Trouble)
	}
	m.canUndo(text, &siteUndo{back: func() { m.removeAll(ids, before) }})
	m.deps.OnChanged()
}
