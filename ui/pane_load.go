package ui

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/ui/state"
)

// paneBusyAfter is how long a folder may take before the pane says that it is
// being listed; most are there before that, and nothing flickers.
const paneBusyAfter = 200 * time.Millisecond

// A paneTarget is a folder to show.
type paneTarget struct {
	path   string     // raw; "" is home, a relative one begins at home
	visit  bool       // it goes into the history
	steps  int        // else: how far to move in the history
	again  bool       // the same folder as before: selection and place stay
	choose []string   // raw names to select afterwards
	link   *state.Row // the link that leads there, which may be one to a file
}

// paneLoad is the listing that is under way. Only the answer to the last question
// counts: each question has a generation, and answers of older ones are dropped.
type paneLoad struct {
	generation int
	cancel     context.CancelFunc
	target     paneTarget
	failed     string // the raw path that could not be listed last
	unwait     func() // stops the clock that shows the busy state
}

func (l *paneLoad) running() bool { return l.cancel != nil }

func (l *paneLoad) end() {
	if l.cancel != nil {
		l.cancel()
		l.unwait()
	}
	l.cancel, l.unwait = nil, nil
}

// paneAnswer is what a Source said about a folder.
type paneAnswer struct {
	path, home string
	dir        *state.Directory
	note       string
	err        error
}

// open lists a folder and shows it. What was being listed is not waited for.
func (p *Pane) open(to paneTarget) {
	if p.src == nil {
		return
	}
	p.load.end()
	p.load.generation++
	p.load.target, p.load.failed = to, ""
	generation, src, home := p.load.generation, p.src, p.home
	p.load.unwait = p.opt.After(paneBusyAfter, func() {
		if generation == p.load.generation && p.load.running() && !to.again {
			p.showBusy(to)
		}
	})
	p.load.cancel = p.begin(func(ctx context.Context) {
		answer := paneList(ctx, src, to.path, home)
		p.opt.Do(func() {
			if generation == p.load.generation {
				p.loaded(to, answer)
			}
		})
	})
	p.show()
}

// paneList asks src for the folder at path. It runs off the Fyne goroutine, the
// ordering of the names included.
func paneList(ctx context.Context, src Source, path, home string) paneAnswer {
	a := paneAnswer{path: path, home: home}
	if a.home == "" {
		if a.home, a.err = src.Home(ctx); a.err != nil {
			return a
		}
	}
	a.path = src.Style().Resolve(a.home, path)
	var l Listing
	if l, a.err = src.List(ctx, a.path); a.err != nil {
		return a
	}
	a.dir, a.note = state.NewDirectory(l.Rows), l.Note
	return a
}

// loaded shows the answer to the last question.
func (p *Pane) loaded(to paneTarget, a paneAnswer) {
	p.load.end()
	switch {
	case a.err == nil:
		p.showFolder(to, a)
	case errors.Is(a.err, context.Canceled):
		p.restore()
	case to.link != nil && refusesFolder(a.err):
		p.restore() // the link leads to a file, it seems
		p.transfer([]state.Row{*to.link})
	case to.again && p.table.Visible() && !isGone(a.err):
		sentence, next := p.src.Explain(a.err) // what was listed before is better than nothing
		p.alert.Say(sentence, next, p.remedies(a.err)...)
		p.tellError(a.err)
	default:
		if a.home != "" {
			p.home = a.home
		}
		p.showFailure(to, a)
	}
	p.show()
}

// isGone reports whether err says that there is no such folder any more.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || client.Explain(err).Kind == client.KindNotFound
}

func (p *Pane) tellError(err error) {
	if p.opt.OnError != nil {
		p.opt.OnError(p, err)
	}
}

// refusesFolder reports whether err may mean that a path is no folder, rather than
// that the server cannot be asked.
func refusesFolder(err error) bool {
	switch client.Explain(err).Kind {
	case client.KindNotFound, client.KindDenied, client.KindName, client.KindOther:
		return true
	default:
		return false
	}
}

func (p *Pane) showFolder(to paneTarget, a paneAnswer) {
	from := p.path
	same := a.path == from
	p.home, p.path, p.note = a.home, a.path, a.note
	if to.visit {
		p.history.Visit(a.path)
	} else {
		p.history.Go(to.steps)
	}
	if !same {
		p.model.SetFilter("")
		p.filter.Hide()
		p.alert.Hide()
	}
	p.model.Set(a.dir, same)
	p.uncover()
	p.table.Reload(!same)
	switch {
	case to.choose != nil:
		p.table.Select(to.choose...)
	case !same:
		p.table.Select(p.childOnTheWayTo(from)...)
	}
	if c := p.canvas(); p.keyed && c != nil && c.Focused() == nil {
		p.focus(p.table)
	}
	if p.keyed && p.model.Cursor() < 0 && p.model.Len() > 0 {
		p.model.SetCursor(0)
		p.table.Refresh()
	}
	if !same && p.opt.OnPath != nil {
		p.opt.OnPath(p, p.path)
	}
}

// childOnTheWayTo returns the name of the folder by which one would come to a
// path below the one that is shown: after going up, where one came from.
func (p *Pane) childOnTheWayTo(path string) []string {
	style := p.src.Style()
	for path != "" && style.Parent(path) != path {
		above := style.Parent(path)
		if above == p.path {
			return []string{style.Base(path)}
		}
		path = above
	}
	return nil
}

// cover puts the card in the place of the files.
func (p *Pane) cover() {
	keyed := p.keyed
	p.table.Hide()
	p.blank.Hide()
	p.keyed = keyed
	p.card.Show()
	if keyed {
		p.focusCard()
	}
}

// uncover shows the files again, and gives them the keyboard back.
func (p *Pane) uncover() {
	p.card.Hide()
	if p.table.Visible() {
		return
	}
	p.table.Show()
	if p.keyed {
		p.focus(p.table)
	}
}

func (p *Pane) showBusy(to paneTarget) {
	name := to.path
	if name == "" {
		name = "the home folder"
	} else {
		name = "“" + p.src.Text(name) + "”"
	}
	p.card.Busy("Opening "+name+"…", paneChoice{"Cancel", p.Cancel})
	p.cover()
	p.show()
}

func (p *Pane) showFailure(to paneTarget, a paneAnswer) {
	sentence, next := p.src.Explain(a.err)
	choices := append(p.remedies(a.err), paneChoice{"Retry", func() { p.open(to) }})
	if p.path != "" && p.path != a.path {
		choices = append(choices, paneChoice{"Back to “" + p.src.Text(p.src.Style().Base(p.path)) + "”", func() {
			p.restore()
			p.show()
		}})
	} else if above := p.src.Style().Parent(a.path); a.path != "" && above != a.path {
		choices = append(choices, paneChoice{"Folder above", func() { p.open(paneTarget{path: above, visit: true}) }})
	}
	p.load.failed = a.path
	p.card.Fail(theme.WarningIcon(), sentence, next, choices...)
	p.cover()
	p.tellError(a.err)
}

func (p *Pane) remedies(err error) []paneChoice {
	if p.opt.Remedies == nil {
		return nil
	}
	return p.opt.Remedies(p, err)
}

// restore shows the folder again that was shown before.
func (p *Pane) restore() {
	if p.path == "" {
		p.card.Fail(theme.InfoIcon(), "Nothing was listed.", "", paneChoice{"List the home folder", p.Home})
		p.cover()
		return
	}
	p.uncover()
}

// Cancel stops what the pane is doing. The folder that was shown stays.
func (p *Pane) Cancel() {
	p.op.stop()
	if !p.load.running() {
		return
	}
	p.load.end()
	p.load.generation++
	p.restore()
	p.show()
}

// stay shows the folder again that was shown before one that failed.
func (p *Pane) stay() {
	p.load.failed = ""
	p.restore()
	p.show()
}

func (p *Pane) refreshOrCancel() {
	if p.load.running() {
		p.Cancel()
	} else {
		p.Relist()
	}
	p.Focus()
}

// Go shows the folder at a raw path.
func (p *Pane) Go(path string) { p.open(paneTarget{path: path, visit: true}) }

// Home shows the home folder.
func (p *Pane) Home() { p.Go("") }

// Up shows the folder above.
func (p *Pane) Up() {
	if p.src == nil || p.path == "" {
		return
	}
	if above := p.src.Style().Parent(p.path); above != p.path {
		p.Go(above)
	}
}

// Back shows the folder that was shown before.
func (p *Pane) Back() { p.move(-1) }

// Forward undoes Back.
func (p *Pane) Forward() { p.move(1) }

func (p *Pane) move(steps int) {
	if path, ok := p.history.Peek(steps); ok && p.src != nil {
		p.open(paneTarget{path: path, steps: steps})
	}
}

// Relist lists the folder again; what is selected stays selected. (Refresh is
// what every widget has: it paints.)
func (p *Pane) Relist() { p.reload(nil) }

// reload lists again and then selects the rows with these raw names, where given.
func (p *Pane) reload(choose []string) {
	switch {
	case p.src == nil:
	case p.path == "":
		p.open(p.load.target)
	default:
		p.open(paneTarget{path: p.path, again: p.table.Visible(), choose: choose})
	}
}
