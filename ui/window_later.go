package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"portside/ui/state"
)

// showTransfers opens the list of transfers and gives it the keyboard.
func (w *Window) showTransfers() {
	if !w.panel.Open() {
		w.togglePanel()
	}
	w.win.Canvas().Focus(w.panel.table)
}

// transferLater asks when the selection of the active pane is to be transferred.
func (w *Window) transferLater() {
	if !w.ready() || len(w.active.Selection()) == 0 {
		return
	}
	e := newInputEntry("22:30")
	var at time.Time
	w.sheets.Show(&sheet{
		title: "Transfer " + state.Describe(w.active.Selection()) + " later", width: 400, confirm: "Queue",
		inputs: []*inputEntry{e}, focus: e,
		body: container.NewVBox(paragraph("Start at a time of day, or on a date: 2026-11-24 06:30. Portside must be running then; else it starts as soon as it runs again."), e),
		check: func() (err error) {
			at, err = state.ParseStart(e.Text, w.cfg.Now())
			return err
		},
		done: func(ok bool) {
			if ok {
				w.later = at
				w.active.TransferSelected()
				w.later = time.Time{}
			}
		},
	})
}

// remoteMenu adds to the context menu of the server's files.
func (w *Window) remoteMenu(_ *Pane, rows []state.Row, items []*fyne.MenuItem) []*fyne.MenuItem {
	if len(rows) == 0 || w.shown.State != linkUp {
		return items
	}
	return append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Permissions…", func() { w.askMode(rows) }),
		fyne.NewMenuItem("Download later…", w.transferLater))
}
