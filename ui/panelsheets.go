package ui

import (
	"context"
	"time"

	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// askLimit asks for a speed limit.
func (p *transferPanel) askLimit(title string, now int64, done func(int64)) {
	e := newInputEntry("no limit")
	if now > 0 {
		e.SetText(state.LimitText(now))
	}
	var limit int64
	p.hooks.sheets.Show(&sheet{
		title: title, width: 340, confirm: "Set", inputs: []*inputEntry{e}, focus: e,
		body: container.NewVBox(paragraph("For example 500 kB/s, 2.5 MB/s or 8 Mbit/s. It takes effect at once, over all connections together."), e),
		check: func() (err error) {
			limit, err = state.ParseLimit(e.Text)
			return err
		},
		done: func(ok bool) {
			if ok {
				done(limit)
			}
		},
	})
	e.selectAll()
}

// askSchedule asks at what times transfers may run.
func (p *transferPanel) askSchedule() {
	now := p.snap.schedule
	from, to := newInputEntry("22:00"), newInputEntry("06:00")
	if now.From != now.To {
		from.SetText(state.Clock(now.From))
		to.SetText(state.Clock(now.To))
	}
	days := container.NewHBox()
	var checks []*widget.Check
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		c := widget.NewCheck(day.String()[:2], nil)
		c.Checked = len(now.Days) == 0
		for _, d := range now.Days {
			c.Checked = c.Checked || d == day
		}
		checks = append(checks, c)
		days.Add(c)
	}
	times := container.New(layout.NewFormLayout(),
		widget.NewLabel("From"), container.New(layout.NewCustomPaddedLayout(0, 0, 0, theme.Padding()), from),
		widget.NewLabel("To"), container.New(layout.NewCustomPaddedLayout(0, 0, 0, theme.Padding()), to))
	var chosen queue.Schedule
	set := func(s queue.Schedule) {
		p.snap.schedule = s
		p.steer(func(ctx context.Context, q panelQueue) error { return q.SetSchedule(ctx, s) })
	}
	p.hooks.sheets.Show(&sheet{
		title: "Transfer only at certain times", width: 380, confirm: "Set", inputs: []*inputEntry{from, to}, focus: from,
		body:  container.NewVBox(paragraph("Leave both times empty for the whole day. Files that move when the time is over are finished first."), times, days),
		extra: []sheetChoice{{"At any time", func() { set(queue.Schedule{}) }}},
		check: func() (err error) {
			var picked []time.Weekday
			for i, c := range checks {
				if c.Checked {
					picked = append(picked, time.Weekday((i+1)%7))
				}
			}
			chosen, err = state.ParseSchedule(from.Text, to.Text, picked)
			return err
		},
		done: func(ok bool) {
			if ok {
				set(chosen)
			}
		},
	})
}

// askCommand asks what to run when all is done.
func (p *transferPanel) askCommand(set func(queue.WhenDone)) {
	e := newInputEntry("program arguments")
	e.SetText(state.CommandText(p.snap.whenDone.Command))
	var command []string
	p.hooks.sheets.Show(&sheet{
		title: "Run a command when all is done", width: 420, confirm: "Set", inputs: []*inputEntry{e}, focus: e,
		body: container.NewVBox(paragraph("It is run without a shell, each time that the last transfer has ended."), e),
		check: func() (err error) {
			command, err = state.ParseCommand(e.Text)
			return err
		},
		done: func(ok bool) {
			if ok {
				set(queue.WhenDone{Action: queue.DoCommand, Command: command})
			}
		},
	})
}

// chooseLimit shows limits to choose from, below a button.
func (p *transferPanel) chooseLimit(below fyne.CanvasObject, title string, now int64, done func(int64)) {
	var items []*fyne.MenuItem
	for _, l := range state.LimitPresets() {
		label := state.LimitText(l)
		if l == 0 {
			label = "No limit"
		}
		it := fyne.NewMenuItem(label, func() { done(l) })
		it.Checked = l == now
		items = append(items, it)
	}
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Other…", func() { p.askLimit(title, now, done) }))
	p.popUp(below, items)
}

// chooseParallel shows numbers of connections to choose from.
func (p *transferPanel) chooseParallel(below fyne.CanvasObject) {
	l := p.snap.limits
	numbers := func(standard, now int, set func(int) queue.Limits) []*fyne.MenuItem {
		if now <= 0 {
			now = standard
		}
		var items []*fyne.MenuItem
		for _, n := range []int{1, 2, 3, 4, 6, 8, 10, 16, 32} {
			it := fyne.NewMenuItem(state.Counted(n, "connection", "connections"), func() { p.setLimits(set(n)) })
			it.Checked = n == now
			items = append(items, it)
		}
		return items
	}
	items := numbers(queue.DefaultParallel, l.Parallel, func(n int) queue.Limits { m := l; m.Parallel = n; return m })
	site := fyne.NewMenuItem("To one site at most", nil)
	site.ChildMenu = fyne.NewMenu("", numbers(queue.DefaultPerSite, l.PerSite, func(n int) queue.Limits { m := l; m.PerSite = n; return m })...)
	p.popUp(below, append(items, fyne.NewMenuItemSeparator(), site))
}

func (p *transferPanel) setLimits(l queue.Limits) {
	p.snap.limits = l
	p.meter.Set(p.snap)
	p.steer(func(ctx context.Context, q panelQueue) error { return q.SetLimits(ctx, l) })
}

// popUp shows a menu below a button, or above it where there is no room.
func (p *transferPanel) popUp(below fyne.CanvasObject, items []*fyne.MenuItem) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), p.hooks.canvas, at.AddXY(0, below.Size().Height))
}
