package ui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"portside/client/listing"
	"portside/transfers/queue"
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

var errMode = errors.New("want permissions in octal digits, such as 644 or 755")

// parseMode reads permission bits in octal.
func parseMode(text string) (uint32, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 8, 32)
	if err != nil || n > 0o7777 {
		return 0, errMode
	}
	return uint32(n), nil
}

// askMode asks for the permissions of rows, and queues the change: a folder with
// all that is in it may take a while.
func (w *Window) askMode(rows []state.Row) {
	e := newInputEntry("644")
	if m := rows[0].Mode; m&listing.ModeUnknown == 0 && !rows[0].IsDir() {
		e.SetText(fmt.Sprintf("%03o", m&0o7777))
	}
	about := "In octal digits: owner, group, others."
	for _, r := range rows {
		if r.IsDir() {
			about += " Files in a folder get them too; folders can be entered by those who may read them."
			break
		}
	}
	var mode uint32
	w.sheets.Show(&sheet{
		title: "Permissions of " + state.Describe(rows), width: 400, confirm: "Set", inputs: []*inputEntry{e}, focus: e,
		body: container.NewVBox(paragraph(about), e),
		check: func() (err error) {
			mode, err = parseMode(e.Text)
			return err
		},
		done: func(ok bool) {
			if !ok || !w.ready() {
				return
			}
			var jobs []queue.Job
			for _, r := range rows {
				jobs = append(jobs, queue.Job{Kind: queue.Chmod, Remote: w.remote.Join(r), Dir: r.IsDir(), Mode: mode})
			}
			w.addJobs(jobs)
		},
	})
	e.selectAll()
}
