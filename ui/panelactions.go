package ui

import (
	"context"
	"slices"
	"strings"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// steer does something to the queue and looks at it again.
func (p *transferPanel) steer(f func(ctx context.Context, q panelQueue) error) {
	q := p.queue
	if q == nil {
		return
	}
	p.ask.deeds++
	p.hand.Do(func(ctx context.Context) error {
		err := f(ctx, q)
		p.hooks.wake()
		return err
	})
	p.hooks.wake()
}

func (p *transferPanel) pauseOrGoOn() {
	if p.snap.paused {
		p.steer(func(ctx context.Context, q panelQueue) error { return q.ResumeAll(ctx) })
		return
	}
	p.pauseAll(true)
}

func (p *transferPanel) pauseAll(now bool) {
	p.steer(func(ctx context.Context, q panelQueue) error { return q.PauseAll(ctx, now) })
}

func (p *transferPanel) cancelAll() {
	p.steer(func(ctx context.Context, q panelQueue) error { return q.CancelAll(ctx) })
}

func (p *transferPanel) clear() {
	p.steer(func(ctx context.Context, q panelQueue) error { return q.Clear(ctx) })
}

func (p *transferPanel) answer(id int64, d transfers.Decision) {
	p.steer(func(ctx context.Context, q panelQueue) error {
		_, err := q.Answer(ctx, id, d)
		return err
	})
}

// tryNow connects to a site again without waiting for the time.
func (p *transferPanel) tryNow(site string) {
	p.steer(func(_ context.Context, q panelQueue) error { q.ResumeSite(site); return nil })
}

func (p *transferPanel) wireTable() {
	t := p.table
	t.OnNeed = p.hooks.wake
	t.OnMenu = p.showMenu
	t.OnKey = func(do panelDo) { p.act(do, p.selection()) }
	t.OnDo = func(do panelDo, id int64) { p.act(do, panelSelection{ids: []int64{id}, rows: p.rowsOf(id)}) }
	t.OnRange = func(first, last int) {
		ask, words := p.ask, p.hooks.words()
		ask.held = p.snap.ask.held
		p.steer(func(ctx context.Context, q panelQueue) error {
			ids, err := panelIDs(ctx, q, ask, words, first, last)
			if err == nil {
				p.hooks.do(func() {
					p.list.Choose(ids)
					p.table.body.update()
				})
			}
			return err
		})
	}
}

// A panelSelection is what an action is about: IDs, or every row of a tab.
type panelSelection struct {
	ids  []int64
	all  bool
	rows []state.PanelRow // those that are here
}

func (p *transferPanel) selection() panelSelection {
	s := panelSelection{all: p.list.All(), rows: p.list.SelectedRows()}
	if !s.all {
		s.ids = p.list.IDs()
	}
	return s
}

func (p *transferPanel) rowsOf(id int64) []state.PanelRow {
	for place := range p.list.Len() {
		if r := p.list.Row(place); r != nil && r.ID == id {
			return []state.PanelRow{*r}
		}
		if place > p.list.Top()+4*state.PanelPage {
			break
		}
	}
	return nil
}

// with does something to the IDs of a selection.
func (p *transferPanel) with(s panelSelection, f func(ctx context.Context, q panelQueue, ids []int64) error) {
	ask, words := p.ask, p.hooks.words()
	ask.held = p.snap.ask.held
	p.steer(func(ctx context.Context, q panelQueue) error {
		ids := s.ids
		if s.all {
			const every = int(^uint(0)>>1) / 2
			var err error
			if ids, err = panelIDs(ctx, q, ask, words, 0, every); err != nil {
				return err
			}
		}
		slices.Sort(ids) // the order of adding, as far as it was not changed
		if len(ids) == 0 {
			return nil
		}
		return f(ctx, q, ids)
	})
}

// act does one of the things that a key, a link or a menu stands for.
func (p *transferPanel) act(do panelDo, s panelSelection) {
	finished, paused := true, false
	for _, r := range s.rows {
		finished = finished && r.State.Finished()
		paused = paused || r.State == queue.Paused
	}
	finished = finished && len(s.rows) > 0
	switch do {
	case panelCancel:
		if finished {
			p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Remove(ctx, ids...) })
			p.list.SelectNone()
			return
		}
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Cancel(ctx, ids...) })
	case panelRetry:
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Retry(ctx, ids...) })
	case panelSkip:
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Skip(ctx, ids...) })
	case panelPause:
		if paused {
			p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Resume(ctx, ids...) })
			return
		}
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Pause(ctx, ids...) })
	case panelDiagnose:
		p.about(s, p.hooks.diagnose)
	case panelMoveTop, panelMoveUp, panelMoveDown, panelMoveBottom:
		where := [...]queue.Where{queue.Top, queue.Up, queue.Down, queue.Bottom}[do-panelMoveTop]
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Move(ctx, where, ids...) })
	}
}

// about fetches the one item of a selection and hands it over.
func (p *transferPanel) about(s panelSelection, f func(it queue.Item)) {
	if len(s.ids) != 1 || s.all {
		return
	}
	p.steer(func(ctx context.Context, q panelQueue) error {
		items, err := q.Items(ctx, s.ids...)
		if err == nil && len(items) > 0 {
			p.hooks.do(func() { f(items[0]) })
		}
		return err
	})
}

func (p *transferPanel) setPriority(s panelSelection, to queue.Priority) {
	p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.SetPriority(ctx, to, ids...) })
}

// panelKey is a shortcut as a menu shows it.
func panelKey(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: mod}
}

// showMenu shows what can be done with the selection.
func (p *transferPanel) showMenu(at fyne.Position) {
	s := p.selection()
	if len(s.rows) == 0 && !s.all {
		return
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", p.menuItems(s)...), p.hooks.canvas, at)
}

func (p *transferPanel) menuItems(s panelSelection) []*fyne.MenuItem {
	var waits, paused, over, retry, failed, diagnose bool
	for _, r := range s.rows {
		waits = waits || !r.State.Finished() && r.State != queue.Paused
		paused = paused || r.State == queue.Paused
		over = over || r.State.Finished()
		retry = retry || r.Retry || r.State == queue.Waiting
		failed = failed || r.State == queue.Failed || r.State == queue.NeedsAnswer || r.State == queue.Waiting
		diagnose = diagnose || r.Diagnose
	}
	one := len(s.ids) == 1 && !s.all
	var items []*fyne.MenuItem
	add := func(on bool, label string, key fyne.Shortcut, do func()) {
		if on {
			item := fyne.NewMenuItem(label, do)
			item.Shortcut = key
			items = append(items, item)
		}
	}
	group := func() {
		if n := len(items); n > 0 && !items[n-1].IsSeparator {
			items = append(items, fyne.NewMenuItemSeparator())
		}
	}
	do := func(what panelDo) func() { return func() { p.act(what, s) } }
	add(waits, "Pause", panelKey(fyne.KeySpace, 0), do(panelPause))
	add(paused, "Go on", panelKey(fyne.KeySpace, 0), do(panelPause))
	add(retry, "Try again", nil, do(panelRetry))
	add(failed, "Skip", nil, do(panelSkip))
	add(diagnose && one, "Diagnose", nil, do(panelDiagnose))
	group()
	if waits || paused {
		add(true, "Priority", nil, nil)
		items[len(items)-1].ChildMenu = fyne.NewMenu("", p.priorities(s)...)
		add(true, "Move to the top", panelKey(fyne.KeyHome, fyne.KeyModifierAlt), do(panelMoveTop))
		add(true, "Move up", panelKey(fyne.KeyUp, fyne.KeyModifierAlt), do(panelMoveUp))
		add(true, "Move down", panelKey(fyne.KeyDown, fyne.KeyModifierAlt), do(panelMoveDown))
		add(true, "Move to the bottom", panelKey(fyne.KeyEnd, fyne.KeyModifierAlt), do(panelMoveBottom))
	}
	group()
	add(one, "Show in its folder", nil, func() { p.about(s, p.hooks.reveal) })
	add(one, "Copy what it says", nil, func() { p.copyRow(s) })
	group()
	add(waits || paused, "Cancel", panelKey(fyne.KeyDelete, 0), func() {
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Cancel(ctx, ids...) })
	})
	add(over, "Take off the list", panelKey(fyne.KeyDelete, 0), func() {
		p.with(s, func(ctx context.Context, q panelQueue, ids []int64) error { return q.Remove(ctx, ids...) })
		p.list.SelectNone()
	})
	return items
}

func (p *transferPanel) priorities(s panelSelection) []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for i, name := range []string{"Highest", "High", "Normal", "Low", "Lowest"} {
		to := queue.Highest - queue.Priority(i)
		items = append(items, fyne.NewMenuItem(name, func() { p.setPriority(s, to) }))
	}
	return items
}

// copyRow puts the paths and the reason of a row into the clipboard.
func (p *transferPanel) copyRow(s panelSelection) {
	text := ""
	for _, r := range s.rows {
		for _, line := range r.Whole {
			text += line + "\n"
		}
	}
	p.hooks.copy(strings.TrimSuffix(text, "\n"))
}

// showMore shows what can be done with all of them.
func (p *transferPanel) showMore() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.more)
	menu := fyne.NewMenu("", p.allItems()...)
	widget.ShowPopUpMenuAtPosition(menu, p.hooks.canvas, at.AddXY(0, p.more.Size().Height))
}

// allItems are also part of the window's menu.
func (p *transferPanel) allItems() []*fyne.MenuItem {
	c := p.snap.counts
	over := c.States[queue.Done] + c.States[queue.Failed] + c.States[queue.Skipped] + c.States[queue.Cancelled]
	item := func(label string, on bool, do func()) *fyne.MenuItem {
		it := fyne.NewMenuItem(label, do)
		it.Disabled = !on
		return it
	}
	between := item("Only at certain times…", true, p.askSchedule)
	between.Checked = state.ScheduleText(p.snap.schedule) != ""
	when := item("When all is done", true, nil)
	when.ChildMenu = fyne.NewMenu("", p.endings()...)
	items := []*fyne.MenuItem{
		item("Pause at once", !p.snap.paused, func() { p.pauseAll(true) }),
		item("Pause after the current files", !p.snap.paused, func() { p.pauseAll(false) }),
		item("Go on", p.snap.paused, p.pauseOrGoOn),
		fyne.NewMenuItemSeparator(),
		item("Try all failed again", c.States[queue.Failed] > 0, func() {
			p.steer(func(ctx context.Context, q panelQueue) error { return q.RetryFailed(ctx) })
		}),
		between, when, fyne.NewMenuItemSeparator(),
		item("Clear finished", over > 0, p.clear),
		item("Cancel all", p.sum.Active > 0, p.cancelAll),
	}
	return items
}

// A panelEnding is something that can happen when all is done.
type panelEnding struct{ label, action string }

func panelEndings() []panelEnding {
	return []panelEnding{
		{"Do nothing", queue.DoNothing},
		{"Show a notification", queue.DoNotify},
		{"Play a sound", queue.DoSound},
		{"Run a command…", queue.DoCommand},
		{"Quit Portside", queue.DoQuit},
	}
}

// endings choose what happens when all is done.
func (p *transferPanel) endings() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	set := func(d queue.WhenDone) {
		p.snap.whenDone = d
		p.steer(func(ctx context.Context, q panelQueue) error { return q.SetWhenDone(ctx, d) })
	}
	for _, e := range panelEndings() {
		it := fyne.NewMenuItem(e.label, func() {
			if e.action == queue.DoCommand {
				p.askCommand(set)
				return
			}
			set(queue.WhenDone{Action: e.action})
		})
		it.Checked = p.snap.whenDone.Action == e.action
		items = append(items, it)
	}
	return items
}
