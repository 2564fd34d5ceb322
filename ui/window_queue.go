package ui

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"

	"portside/client"
	"portside/transfers/queue"
	"portside/transfers/queue/store"
	"portside/ui/state"
	"portside/ui/themed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// damageText says what became of a queue file that could not be read.
func damageText(d *store.Damage) string {
	saved := "Nothing in it could be saved."
	if d.Saved > 0 {
		saved = state.Counted(d.Saved, "transfer was", "transfers were") + " saved from it."
	}
	return fmt.Sprintf("The list of transfers was damaged and has been set aside as %s. %s", client.Printable(d.Aside), saved)
}

// noQueueText says that transfers are not kept.
func noQueueText(err error) string {
	return joinSentences("The list of transfers cannot be kept on disk, so that it ends with the program", client.Printable(err.Error()))
}

// buildPanel makes the panel of transfers, still without a queue.
func (w *Window) buildPanel(kept state.Prefs) {
	w.panel = newTransferPanel(w.ctx, panelHooks{
		run: w.run, do: w.cfg.Do, wake: w.wake, sheets: w.sheets, canvas: w.win.Canvas(),
		words:    w.panelWords,
		copy:     func(text string) { w.app.Clipboard().SetContent(text) },
		diagnose: func(it queue.Item) { w.diagnose(w.sites.target(it.Site)) },
		reveal:   w.reveal, login: w.loginSite,
		fail: func(err error) {
			w.banners.Show(notice{key: "queue", tone: toneError, text: sentence(client.Printable(err.Error()))})
		},
		arranged: func() {
			w.panelClosed = !w.panel.Open()
			w.arrangePanel()
			w.menus.update()
			w.saveSettings()
		},
		active: func() {
			if !w.panelClosed && !w.panel.Open() {
				w.panel.SetOpen(true)
				w.arrangePanel()
				w.menus.update()
			}
		},
	})
	w.panelClosed, w.panelShare = kept.TransfersClosed, kept.TransfersShare
}

// panelWords are how names are written now.
func (w *Window) panelWords() state.PanelWords {
	return state.PanelWords{Text: w.sites.text, Site: w.sites.name, Foreign: w.sites.foreign, Now: w.cfg.Now(), Format: w.format()}
}

// arrangePanel puts the panel below the rest: as a line, or with a divider above
// it that can be dragged.
func (w *Window) arrangePanel() {
	if w.floor != nil {
		w.panelShare = 1 - w.floor.Offset
	}
	w.floor = nil
	var content fyne.CanvasObject = container.NewBorder(nil, w.panel.Head, nil, nil, w.bottom)
	if w.panel.Open() {
		w.floor = container.NewVSplit(w.bottom, container.NewBorder(w.panel.Head, nil, nil, nil, w.panel.Body))
		if w.panelShare < 0.1 || w.panelShare > 0.9 {
			w.panelShare = 0.34
		}
		w.floor.Offset = 1 - w.panelShare
		content = w.floor
	}
	w.deck.Objects = []fyne.CanvasObject{themed.New(content, splitTheme{})}
	if w.root != nil { // else nothing of it is shown yet
		w.deck.Refresh()
	}
}

// togglePanel opens or closes the panel from the menu.
func (w *Window) togglePanel() { w.panel.toggle() }

// reveal shows the local folder of a transfer, or the remote one where it has
// none here.
func (w *Window) reveal(it queue.Item) {
	w.leaveDiagnosis()
	if it.Local != "" {
		w.local.Go(filepath.Dir(it.Local))
		w.focusPane(w.local)
		return
	}
	if w.shown.State == linkUp && sameSite(siteKey(w.shown.Target), it.Site) {
		w.remote.Go(state.SlashPaths.Parent(it.Remote))
	}
}

// loginSite logs in to a site whose transfers wait for it: it connects to it where
// nothing else is connected to, and else leaves what the window shows.
func (w *Window) loginSite(key string) {
	v := w.link.View()
	if v.State == linkUp && sameSite(siteKey(v.Target), key) {
		w.siteUp(v)
		return
	}
	beside := v.State == linkUp || v.State == linkConnecting
	if key == demoSite {
		if beside {
			w.withDemo(w.loginBeside)
		} else {
			w.openDemo()
		}
		return
	}
	t := w.sites.target(key)
	if t.URL.Host == "" {
		return
	}
	t.Password = "" // the one that is known was refused, or there is none
	if beside {
		w.loginBeside(t)
		return
	}
	w.bar.SetFields(fields{
		Address: t.URL.Host, User: t.URL.User, Port: portText(t), Security: t.Security,
	})
	w.connect(t)
}

func portText(t target) string {
	if t.URL.Port == 0 {
		return ""
	}
	return fmt.Sprint(t.URL.Port)
}

// siteUp lets the transfers of a server go on that was logged in to.
func (w *Window) siteUp(v linkView[Session]) { w.letGoOn(v.Target, v.Session.Text) }

// addJobs hands jobs for the connected server to the queue.
func (w *Window) addJobs(jobs []queue.Job) { w.addJobsOf(w.shown.Target, jobs) }

// addJobsOf hands jobs for a server that was logged in to to the queue. to are the
// sites that they go to besides.
func (w *Window) addJobsOf(t target, jobs []queue.Job, to ...queue.Site) {
	if len(jobs) == 0 {
		return
	}
	site := w.sites.queueSite(siteKey(t)) // with the limits that it has
	site.Name = t.name()
	for i := range jobs {
		jobs[i].Site, jobs[i].After = site.Key, w.later
	}
	w.adding++
	w.panel.hand.Do(func(ctx context.Context) error {
		q, err := w.queue.get(), errNoQueue
		var counts queue.Counts
		if q != nil {
			err = w.addTo(ctx, q, append(to, site), jobs)
			counts, _ = q.Counts(ctx) // the next look says what is wrong
		}
		w.cfg.Do(func() {
			w.adding--
			if counts.States != nil {
				w.panel.Note(counts)
			}
			w.wake()
		})
		return err
	})
	w.wake()
}

// addTo adds jobs, and makes their sites known before, with the limits that they have by
// now.
func (w *Window) addTo(ctx context.Context, q *queue.Queue, list []queue.Site, jobs []queue.Job) error {
	if err := w.knowSites(ctx, q, list); err != nil {
		return err
	}
	_, err := q.Add(ctx, jobs...)
	return err
}

// knowSites makes sites known to the queue, by the names that they have here.
func (w *Window) knowSites(ctx context.Context, q *queue.Queue, list []queue.Site) error {
	w.limiting.Lock()
	defer w.limiting.Unlock()
	for _, s := range list {
		now := w.sites.queueSite(s.Key)
		now.Name = s.Name
		if err := q.AddSite(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// transferring reports whether something is moving, or will by itself.
func (w *Window) transferring() bool {
	return w.adding > 0 || w.panel.hand.Busy() || w.panel.Works()
}

// askToClose asks before transfers are stopped by closing the window.
func (w *Window) askToClose() {
	if w.sheets.Open() || w.askEdits() {
		return
	}
	if !w.transferring() {
		w.Quit()
		return
	}
	if w.cfg.QueueFile == "" {
		w.sheets.Confirm("Quit Portside?", "Transfers are still going on. Files that are half done are kept and can be resumed later.",
			"Quit", w.Quit)
		return
	}
	w.sheets.Show(&sheet{
		title: "Transfers are still going on", width: 520,
		body: paragraph(fmt.Sprintf("%s. When Portside starts again and has logged in, it goes on where it was; half a file is not fetched twice.",
			w.panel.sum.Text)),
		confirm: "Continue next time", cancel: "Go on working",
		extra: []sheetChoice{{"Stop and forget", w.forgetAndQuit}},
		done: func(ok bool) {
			if ok {
				w.Quit()
			}
		},
	})
}

// forgetAndQuit cancels what is left and ends the program.
func (w *Window) forgetAndQuit() {
	w.panel.hand.Do(func(ctx context.Context) error {
		var err error
		if q := w.queue.get(); q != nil {
			err = q.CancelAll(ctx)
		}
		w.cfg.Do(w.Quit)
		return err
	})
}

// allDone does what was asked for the moment at which nothing is left to do.
func (w *Window) allDone(t queue.Totals) {
	w.wake()
	q := w.queue.get()
	if q == nil || t.Files+t.Failed+t.Skipped == 0 {
		return
	}
	d := q.WhenDone()
	if t.Left > 0 && (d.Action == queue.DoCommand || d.Action == queue.DoQuit) {
		return // it is for the end of all, and some wait for an answer or a login
	}
	switch d.Action {
	case queue.DoNotify:
		w.app.SendNotification(fyne.NewNotification("Transfers have ended", state.PanelEnded(t, w.format())))
	case queue.DoSound:
		w.start(soundCommand(runtime.GOOS))
	case queue.DoCommand:
		w.start(d.Command)
	case queue.DoQuit:
		w.Quit()
	}
}

// soundCommand is what plays a sound on a system.
func soundCommand(system string) []string {
	switch system {
	case "darwin":
		return []string{"afplay", "/System/Library/Sounds/Glass.aiff"}
	case "windows":
		return []string{"rundll32", "user32.dll,MessageBeep"}
	default:
		return []string{"canberra-gtk-play", "-i", "complete"}
	}
}

// start starts a program, which may outlive the window.
func (w *Window) start(command []string) {
	w.startOr(command, func(err error) {
		w.banners.Show(notice{key: "ending", tone: toneWarning, text: sentence(err.Error())})
	})
}

// startOr is start, with what is done where the program cannot be started.
func (w *Window) startOr(command []string, failed func(error)) {
	if len(command) == 0 {
		return
	}
	w.run(func() {
		c := exec.CommandContext(context.WithoutCancel(w.ctx), command[0], command[1:]...) //nolint:gosec // the user has typed it
		err := c.Start()
		if err == nil {
			err = c.Process.Release()
		}
		if err != nil {
			w.cfg.Do(func() { failed(err) })
		}
	})
}
