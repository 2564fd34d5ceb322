package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// syncView is the view of a synchronisation, which takes the place of the panes.
// It is made when it is first wanted.
func (w *Window) syncView() *syncView {
	if w.sync == nil {
		w.sync = newSyncView(syncHands{
			close: w.leaveSync, cancel: w.cancelSync, compare: w.compareSync, apply: w.applySync, stale: w.staleSync, now: w.cfg.Now,
			diagnose: func() {
				if w.syncing != nil {
					w.diagnose(w.syncing.req.target)
				}
			},
		})
		w.sync.SetFormat(w.format())
		w.places.put(w.places.sync, w.sync.Content)
	}
	return w.sync
}

// buildSync makes the button that leads to a synchronisation, and the key that
// stands for the strong button there.
func (w *Window) buildSync() {
	w.syncCtx, w.endSync = context.WithCancel(w.ctx)
	w.syncButton = newQuietButton("Synchronise…", w.Synchronise)
	w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: ctrl}, func(fyne.Shortcut) {
		if w.sync.Visible() && !w.sheets.Open() && w.win.Canvas().Overlays().Top() == nil {
			w.sync.Enter()
		}
	})
}

// covered reports whether something else is in the place of the panes.
func (w *Window) covered() bool {
	return w.view.Visible() || w.sync.Visible() || w.prefs.view.Visible() || w.manager.Visible()
}

// Synchronise shows the folders of the two panes, to be compared.
func (w *Window) Synchronise() {
	if w.view.Visible() {
		w.closeDiagnosis()
	}
	w.closeManager()
	switch {
	case w.sync.Visible():
		return
	case !w.ready():
		return
	case w.remote.Path() == "" || w.local.Path() == "":
		return // still being listed
	}
	w.syncOpen = true
	if !w.syncView().Busy() {
		w.syncing = nil
		w.sync.options.Set(client.Printable(w.local.Path()), client.Printable(w.remoteText(w.remote.Path())),
			w.shown.Target.name(), transfers.CanHash(w.shown.Session))
		w.sync.Idle()
	}
	w.showMiddle()
	w.focusSync()
}

// focusSync gives the keyboard to what is to be done next, unless somebody types
// elsewhere.
func (w *Window) focusSync() {
	w.middle.Refresh() // makes what is in the view known
	if e, typing := w.win.Canvas().Focused().(*inputEntry); typing && e != w.sync.options.exclude && w.sync.stage != syncIdle {
		return
	}
	if w.sync.Visible() && w.win.Canvas().Overlays().Top() == nil {
		w.win.Canvas().Focus(w.sync.Focus())
	}
}

// showMiddle shows the panes, or what is in their place: a diagnosis before a
// synchronisation.
func (w *Window) showMiddle() {
	if w.prefs.view != nil {
		w.prefs.view.Content.Hidden = !w.prefs.open || w.view.Visible()
	}
	if w.sync != nil {
		w.sync.Content.Hidden = !w.syncOpen || w.view.Visible() || w.prefs.view.Visible()
	}
	if w.manager.Visible() && (w.view.Visible() || w.prefs.view.Visible()) {
		w.manager.leave()
		w.manager.Content.Hide()
	}
	w.panes.Hidden = w.covered()
	w.middle.Refresh()
	w.showButtons()
	w.menus.update()
}

// showSyncButton lets the button be pressed while there is a server.
func (w *Window) showSyncButton() {
	switch up := w.shown.State == linkUp; {
	case up && w.syncButton.Disabled():
		w.syncButton.Enable()
	case !up && !w.syncButton.Disabled():
		w.syncButton.Disable()
	}
}

// newSyncTask prepares the comparison that the view asks for.
func (w *Window) newSyncTask() *syncTask {
	t := w.shown.Target
	req := syncRequest{target: t, local: w.local.Path(), remote: w.remote.Path()}
	if w.syncing != nil { // the panes may have moved on
		req.target, req.local, req.remote = w.syncing.req.target, w.syncing.req.local, w.syncing.req.remote
		t = req.target
	}
	if !w.sync.options.Request(&req) {
		return nil
	}
	var rules transfers.Options
	w.transferRules(siteKey(t), &rules)
	jobs := syncJobs
	if s, ok := w.sites.savedOf(siteKey(t)); ok && s.MaxConnections > 0 {
		jobs = min(jobs, max(1, s.MaxConnections-1)) // one is there to browse
	}
	return &syncTask{
		req: req, jobs: jobs, text: w.textFor(), wake: w.wake, now: w.cfg.Now, rules: rules,
		dial: func(ctx context.Context) (transfers.RemoteCloser, error) { return w.dialBeside(ctx, t) },
		lend: func() transfers.RemoteCloser {
			if v := w.link.View(); v.State == linkUp && v.Target.sameServer(t) {
				return v.Session
			}
			return nil
		},
	}
}

// textFor decodes raw names as the session does that is there now.
func (w *Window) textFor() func(string) string {
	if s := w.shown.Session; s != nil {
		return s.Text
	}
	return readable
}

// compareSync compares what the view shows.
func (w *Window) compareSync() {
	if w.sync.Busy() {
		return
	}
	t := w.newSyncTask()
	if t == nil {
		return
	}
	w.syncing = t
	w.sync.Comparing()
	w.focusSync()
	w.runSync(t, func(ctx context.Context) func() {
		plan, err := t.compare(ctx)
		cancelled := ctx.Err() != nil
		return func() { w.compared(t, plan, err, cancelled) }
	})
}

// runSync does something for a task, and shows what then returns unless nobody
// waits for it any more.
func (w *Window) runSync(t *syncTask, do func(ctx context.Context) (then func())) {
	ctx, cancel := context.WithCancel(w.syncCtx)
	t.cancel, t.began = cancel, t.now()
	w.run(func() {
		defer cancel()
		then := do(ctx)
		w.cfg.Do(func() {
			if w.syncing == t {
				then()
				w.focusSync()
			}
		})
	})
	w.wake()
}

// compared shows what a comparison found.
func (w *Window) compared(t *syncTask, plan *transfers.MirrorPlan, err error, cancelled bool) {
	switch {
	case cancelled:
		w.sync.Idle()
	case err != nil:
		w.sync.Fail(err)
	default:
		t.plan, t.view = plan, state.NewSync(plan, t.req.upload)
		w.sync.Preview(t.view)
	}
}

// staleSync forgets what was compared, since something else is asked.
func (w *Window) staleSync() {
	if !w.sync.Busy() && w.sync.stage != syncIdle {
		w.sync.Idle()
	}
}

// applySync does what is ticked.
func (w *Window) applySync() {
	t := w.syncing
	if t == nil || t.view == nil || w.sync.stage != syncPreview {
		return
	}
	if label, _ := t.view.Button(); label == "" {
		return
	}
	plan := t.plan.Without(t.view.Left())
	t.view.Begin()
	w.sync.Applying()
	w.focusSync()
	w.runSync(t, func(ctx context.Context) func() {
		sum, err := t.apply(ctx, plan)
		cancelled := err != nil && ctx.Err() != nil
		return func() { w.applied(t, sum, err, cancelled) }
	})
}

// applied shows what a run has done, in the panes too.
func (w *Window) applied(t *syncTask, sum transfers.Summary, err error, cancelled bool) {
	w.pullSync()
	w.sync.Finish(sum, len(t.plan.Notes), err, cancelled, t.now().Sub(t.began))
	w.refresh()
}

// pullSync shows how far what runs is; it reports whether something does.
func (w *Window) pullSync() bool {
	t := w.syncing
	if t == nil || !w.sync.Busy() {
		return false
	}
	if t.news.Swap(false) {
		p, over, running := t.pull()
		w.sync.Progress(p, over, running, t.now().Sub(t.began))
	}
	return true
}

// cancelSync ends what runs; the view then says how far it came.
func (w *Window) cancelSync() {
	if t := w.syncing; t != nil && t.cancel != nil {
		t.cancel()
	}
}

// leaveSync shows the panes again. A run that changes something goes on until the
// user says otherwise.
func (w *Window) leaveSync() {
	if !w.sync.Visible() {
		return
	}
	if w.sync.At(syncApplying) {
		w.sheets.Confirm("Stop synchronising?", "What is done stays done, and files that are half done are kept for the next time.", "Stop", w.cancelSync)
		return
	}
	w.closeSync()
}

// closeSync shows the panes again, unless files are being changed.
func (w *Window) closeSync() {
	if !w.syncOpen || w.sync.At(syncApplying) {
		return
	}
	w.cancelSync()
	w.syncing, w.syncOpen = nil, false
	w.sync.Idle()
	w.showMiddle()
	w.focusPane(w.active)
}

// endOrAsk ends the program, after asking where folders are being synchronised
// or files transferred.
func (w *Window) endOrAsk() {
	if !w.sync.At(syncApplying) {
		w.askToClose()
		return
	}
	w.sheets.Confirm("Quit Portside?", "Folders are being synchronised. What is done stays done, and files that are half done are kept for the next time.",
		"Quit", w.askToClose)
}
