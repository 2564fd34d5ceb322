package ui

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/listing"
	"portside/ui/filetable"
	"portside/ui/state"
)

// PaneOptions say what a Pane is for and whom it tells. Every field may be left
// out; a callback that is nil takes its menu entries with it.
type PaneOptions struct {
	Name     string                          // "Local", "Remote"
	Key      func(action string) state.Chord // of the window's actions; nil: the usual ones
	Where    string                          // in sentences: "on this computer", "on the server"
	Transfer string                          // what transferring is called: "Upload", "Download"
	Empty    string                          // what is said while there is no Source

	Context context.Context                                                       // ends all that the pane starts; nil: Close alone does
	Do      func(func())                                                          // brings a function to the Fyne goroutine; nil: fyne.Do
	After   func(d time.Duration, f func()) (stop func())                         // f on the Fyne goroutine after d; nil: a timer and Do
	Confirm func(title, sentence, verb string, yes func())                        // asks before deleting
	AskName func(title, name string, check func(string) error, done func(string)) // asks for the name of a new folder

	OnTransfer   func(p *Pane, rows []state.Row)                    // Enter or a double click on a file, menu, button
	OnTransferTo func(p *Pane, rows []state.Row)                    // "Download to…"
	OnCopyTo     func(p *Pane, rows []state.Row)                    // "Copy to another site…"
	OnDrop       func(from, to *Pane, rows []state.Row, dir string) // dir is a raw path in to
	OnDropURIs   func(to *Pane, uris []fyne.URI, dir string)        // files from the desktop
	OnPath       func(p *Pane, path string)                         // another folder is shown
	OnSelection  func(p *Pane)                                      // something else is selected
	OnActive     func(p *Pane)                                      // the pane got the keyboard
	OnError      func(p *Pane, err error)                           // after the pane has said it itself

	// DeleteTrees deletes folders apart from the pane; nil: the Source does.
	DeleteTrees func(p *Pane, rows []state.Row)

	// FileOpen does what a double click on a file or Return means; nil, or false:
	// it is transferred.
	FileOpen func(p *Pane, row state.Row) (done bool)
	// SkipConfirm reports whether files, without a folder among them, are deleted
	// without a question; nil: they are not.
	SkipConfirm func() bool

	// OnEdit edits files; nil: nothing does.
	OnEdit func(p *Pane, rows []state.Row)

	// OpenFile opens a file of this computer with a program; nil: nothing does.
	OpenFile func(p *Pane, row state.Row)

	// Remedies are buttons beside what a folder could not be listed for, before
	// the pane's own; nil: none.
	Remedies func(p *Pane, err error) []paneChoice

	// Menu may add to the context menu.
	Menu func(p *Pane, rows []state.Row, items []*fyne.MenuItem) []*fyne.MenuItem
}

// A Pane shows one folder of a Source: a path that can be clicked and edited, the
// files, and a line that says how many there are. It lists, makes folders,
// renames and deletes by itself, off the Fyne goroutine, and hands transfers to
// its callbacks. All methods belong to the Fyne goroutine.
type Pane struct {
	widget.BaseWidget

	opt     PaneOptions
	src     Source
	home    string // raw; empty until known
	path    string // raw, of the folder that is shown; empty while there is none
	note    string // about what is shown, from the Source
	model   *state.Model
	history state.History

	load paneLoad
	op   paneOp
	side paneSide
	wait sync.WaitGroup // goroutines that work for the pane

	begin   func(work func(ctx context.Context)) context.CancelFunc // as paneTasks has it
	stop    context.CancelFunc
	keyed   bool // the pane has the keyboard, or had it when the table was covered
	content *fyne.Container
	table   *filetable.Table
	bar     *panePathBar
	card    *paneCard
	blank   *paneBlank
	filter  *paneFilter
	alert   *paneAlert
	status  *paneStatus
	tools   paneTools
	drag    *DragBoard
}

// paneTools are the buttons beside the path.
type paneTools struct{ back, forward, up, home, refresh *paneButton }

// NewPane makes a pane without a Source.
func NewPane(opt PaneOptions) *Pane {
	p := &Pane{opt: opt.withDefaults(), model: &state.Model{}}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(p.opt.Context)
	p.begin = paneTasks(ctx, &p.wait)
	p.ExtendBaseWidget(p)
	p.table = filetable.New(p.model)
	p.bar = newPanePathBar(p)
	p.card = newPaneCard()
	p.blank = newPaneBlank()
	p.filter = newPaneFilter(p)
	p.alert = newPaneAlert()
	p.alert.changed = func() { p.content.Refresh() }
	p.status = newPaneStatus(p.cancelShown)
	p.wireTable()
	p.content = p.arrange()
	p.show()
	return p
}

func (o PaneOptions) withDefaults() PaneOptions {
	if o.Context == nil {
		o.Context = context.Background()
	}
	if o.Do == nil {
		o.Do = fyne.Do
	}
	if o.After == nil {
		do := o.Do
		o.After = func(d time.Duration, f func()) func() {
			timer := time.AfterFunc(d, func() { do(f) })
			return func() { timer.Stop() }
		}
	}
	if o.Key == nil {
		usual := state.NewPrefs()
		o.Key = usual.KeyFor
	}
	if o.Transfer == "" {
		o.Transfer = "Transfer"
	}
	if o.Where == "" {
		o.Where = "on this computer"
		if o.Name == "Remote" {
			o.Where = "on the server"
		}
	}
	if o.Empty == "" {
		o.Empty = "Not connected"
	}
	return o
}

// arrange puts the parts together.
func (p *Pane) arrange() *fyne.Container {
	hint := p.status.Hint
	p.tools = paneTools{
		back:    newPaneButton(theme.NavigateBackIcon(), "Back (Alt+Left)", hint, p.Back),
		forward: newPaneButton(theme.NavigateNextIcon(), "Forward (Alt+Right)", hint, p.Forward),
		up:      newPaneButton(theme.MoveUpIcon(), "Up to the folder above (Backspace)", hint, p.Up),
		home:    newPaneButton(theme.HomeIcon(), "Home folder (Alt+Home)", hint, p.Home),
		refresh: newPaneButton(theme.ViewRefreshIcon(), "List again (F5)", hint, p.refreshOrCancel),
	}
	t := p.tools
	top := container.New(paneBarLayout{}, t.back, t.forward, p.bar, t.up, t.home, t.refresh)
	foot := container.New(layout.NewCustomPaddedVBoxLayout(0), p.filter, p.alert, p.status)
	middle := container.NewStack(p.table, p.blank, p.card)
	return container.New(paneLayout{}, top, middle, foot)
}

// CreateRenderer implements fyne.Widget.
func (p *Pane) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(p.content) }

// paneTasks returns a function that does work off the Fyne goroutine. The ctx of
// the work ends with ctx, or when the function that is returned then is called.
func paneTasks(ctx context.Context, wait *sync.WaitGroup) func(work func(ctx context.Context)) context.CancelFunc {
	return func(work func(ctx context.Context)) context.CancelFunc {
		task, cancel := context.WithCancel(ctx)
		wait.Go(func() {
			defer cancel()
			work(task)
		})
		return cancel
	}
}

// Close ends what runs for the pane and waits for it.
func (p *Pane) Close() {
	p.stop()
	p.wait.Wait()
}

// SetSource shows another Source, or with nil none. path is where to begin, raw;
// "" is home, and a relative one begins there. What ran for the old Source is
// cancelled.
func (p *Pane) SetSource(src Source, path string) {
	p.Cancel()
	p.load.generation++
	p.src, p.home, p.path, p.note = src, "", "", ""
	p.bar.show(nil, "", "") // the names of its steps came from the old Source
	p.history = state.History{}
	p.model.SetFilter("")
	p.model.Set(state.NewDirectory(nil), false)
	p.filter.Hide()
	p.alert.Hide()
	p.card.Hide()
	p.uncover()
	p.table.Reload(true)
	if src != nil {
		p.open(paneTarget{path: path, visit: true})
	}
	p.show()
}

// Source returns what the pane shows, or nil.
func (p *Pane) Source() Source { return p.src }

// Path returns the raw path of the folder that is shown, "" while there is none.
func (p *Pane) Path() string { return p.path }

// Table returns the table of files, for its columns.
func (p *Pane) Table() *filetable.Table { return p.table }

// Busy reports whether the pane lists, renames, deletes or makes a folder.
func (p *Pane) Busy() bool { return p.load.running() || p.op.running() }

// Selection returns the selected rows, in the order of the screen.
func (p *Pane) Selection() []state.Row { return p.model.SelectedRows() }

// Select selects the rows with these raw names and no other.
func (p *Pane) Select(names ...string) { p.table.Select(names...) }

// Join returns the raw path of a row of the pane.
func (p *Pane) Join(row state.Row) string {
	if p.src == nil {
		return row.Name
	}
	return p.src.Style().Join(p.path, row.Name)
}

// Focus gives the pane the keyboard, or as soon as its files are shown.
func (p *Pane) Focus() {
	p.keyed = true
	switch {
	case p.table.Visible():
		p.focus(p.table)
	case p.card.Visible():
		p.focusCard()
	}
}

// canvas returns where the pane is, or nil before it was painted. Parts of it that
// were hidden until now do not know it themselves.
func (p *Pane) canvas() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(p) }

// focus gives a part of the pane the keyboard.
func (p *Pane) focus(part fyne.Focusable) {
	if c := p.canvas(); c != nil {
		c.Focus(part)
	}
}

// focusAgain gives the pane the keyboard where nothing else has it, and nothing is asked.
func (p *Pane) focusAgain() {
	if c := p.canvas(); c != nil && c.Focused() == nil && c.Overlays().Top() == nil {
		p.Focus()
	}
}

// Focused reports whether the pane has the keyboard.
func (p *Pane) Focused() bool { return p.keyed }

// ShowsHidden reports whether names with a leading dot are shown.
func (p *Pane) ShowsHidden() bool { return p.model.ShowsHidden() }

// SetShowHidden shows or hides names with a leading dot.
func (p *Pane) SetShowHidden(show bool) {
	p.model.SetShowHidden(show)
	p.table.Reload(false)
	p.show()
}

// show brings everything around the table up to date.
func (p *Pane) show() {
	p.bar.show(p.src, p.shownPath(), p.homeSign())
	_, behind := p.history.Peek(-1)
	_, ahead := p.history.Peek(1)
	t := p.tools
	t.back.enable(behind)
	t.forward.enable(ahead)
	t.up.enable(p.path != "" && p.src.Style().Parent(p.path) != p.path)
	t.home.enable(p.src != nil)
	t.refresh.enable(p.src != nil)
	icon, hint := theme.ViewRefreshIcon(), "List again (F5)"
	if p.load.running() {
		icon, hint = theme.CancelIcon(), "Cancel (Escape)"
	}
	t.refresh.become(icon, hint)
	p.showStatus()
	p.showBlank()
}

// shownPath returns the path that the bar shows: that of a folder that could not
// be listed, while the pane says so, and of the first one already before it is
// there.
func (p *Pane) shownPath() string {
	switch {
	case p.card.Visible() && p.load.failed != "":
		return p.load.failed
	case p.path == "" && p.load.running() && p.src.Style().Rooted(p.load.target.path):
		return p.load.target.path
	default:
		return p.path
	}
}

// homeSign returns the folder that is written "~"; on a server none is, since
// people know its folders by their paths.
func (p *Pane) homeSign() string {
	if _, local := p.src.(*LocalSource); local {
		return p.home
	}
	return ""
}

func (p *Pane) showStatus() {
	text := p.model.SelectionStatus()
	if text == "" {
		text = p.model.Status()
		if p.note != "" {
			text += ", " + p.note
		}
	}
	if p.path == "" {
		text = ""
	}
	p.status.Say(text)
	switch {
	case p.op.running():
		p.status.Busy(p.op.text)
	case p.load.running():
		p.status.Busy("Listing…")
	case p.side.text != "":
		p.status.Busy(p.side.text)
	default:
		p.status.Busy("")
	}
}

// showBlank says why there are no files, where there are none.
func (p *Pane) showBlank() {
	switch {
	case p.src == nil:
		p.blank.Say(p.opt.Empty, "")
	case p.path == "" || p.model.Len() > 0 || !p.table.Visible():
		p.blank.Hide()
	case p.model.Filter() != "":
		p.blank.Say("No name contains “"+p.filter.entry.Text+"”", "Escape shows all names again.")
	case p.model.Status() != "Empty folder":
		p.blank.Say("Only hidden files are here", "The context menu shows them.")
	case p.opt.OnDrop != nil:
		p.blank.Say("This folder is empty", "Drop files here to put them into it.")
	default:
		p.blank.Say("This folder is empty", "")
	}
}

// wireTable ties the table's callbacks to the pane.
func (p *Pane) wireTable() {
	t := p.table
	t.After = p.opt.After
	t.OnOpen = p.openRow
	t.OnBack = p.Up
	t.OnRename = p.rename
	t.CheckName = p.checkName
	t.OnDelete = p.DeleteSelected
	t.OnRefresh = p.Relist
	t.OnMenu = p.showMenu
	t.OnColumns = p.showColumns
	t.OnSelection = func() {
		p.showStatus()
		if p.opt.OnSelection != nil {
			p.opt.OnSelection(p)
		}
	}
	t.OnEscape = p.escape
	t.OnShortcut = p.shortcut
	t.OnFocus = func(focused bool) {
		if focused {
			p.active()
		} else if t.Visible() {
			p.keyed = false
		}
	}
}

func (p *Pane) active() {
	p.keyed = true
	if p.opt.OnActive != nil {
		p.opt.OnActive(p)
	}
}

// openRow does what Enter means: it goes into a folder and transfers files.
func (p *Pane) openRow(place int) {
	if place < 0 || place >= p.model.Len() || p.src == nil {
		return
	}
	row := *p.model.Row(place)
	several := p.model.SelectedCount() > 1 && p.model.Selected(place)
	switch {
	case several:
		p.transfer(p.Selection())
	case row.IsDir():
		p.open(paneTarget{path: p.Join(row), visit: true})
	case row.Type == listing.Link && row.LeadsTo == listing.Other:
		p.open(paneTarget{path: p.Join(row), visit: true, link: &row})
	case p.opt.FileOpen != nil && p.opt.FileOpen(p, row):
	default:
		p.transfer([]state.Row{row})
	}
}

func (p *Pane) transfer(rows []state.Row) {
	if len(rows) > 0 && p.opt.OnTransfer != nil {
		p.opt.OnTransfer(p, rows)
	}
}
