package ui

import (
	"context"
	"errors"
	"time"

	"portside/client"
	"portside/client/diagnose"
	"portside/client/transcript"
	"portside/ui/state"
)

// diagView is the view of a diagnosis, which takes the place of the panes. It is
// made when it is first wanted.
func (w *Window) diagView() *diagView {
	if w.view == nil {
		w.view = newDiagView(diagHands{
			close: w.closeDiagnosis, cancel: w.cancelDiagnosis, again: w.diagnoseAgain,
			save: w.showSaveMenu, use: w.useMode, zone: time.Local,
			copy: func(text string) { w.app.Clipboard().SetContent(text) },
			after: func(d time.Duration, f func()) func() {
				timer := time.AfterFunc(d, func() { w.cfg.Do(f) })
				return func() { timer.Stop() }
			},
		})
		w.places.put(w.places.diagnosis, w.view.Content)
	}
	return w.view
}

// Diagnose diagnoses the server that the window is connected to or was connected
// to last, or else the one in the address.
func (w *Window) Diagnose() {
	v := w.link.View()
	if v.State != linkIdle && v.Target.URL.Host != "" {
		w.diagnose(v.Target)
		return
	}
	t, err := w.bar.Fields().target()
	if err != nil {
		w.bar.OnProblem(err)
		w.bar.Focus()
		return
	}
	w.diagnose(t)
}

// diagnose diagnoses the way to t, after asking for a password where one is
// missing.
func (w *Window) diagnose(t target) {
	if t.needsPassword() {
		w.sheets.AskPassword(client.Printable(t.URL.User), client.Printable(t.URL.Host), "The diagnosis logs in as you would.",
			func(password string) {
				t.Password = password
				w.startDiagnosis(t, false)
			})
		return
	}
	w.startDiagnosis(t, false)
}

// DiagnoseNext diagnoses the connection that is made next, as soon as it is there
// or has failed.
func (w *Window) DiagnoseNext() { w.then = true }

// startDiagnosis runs a diagnosis and shows it in the place of the panes. It
// begins when a channel of before is closed, or at once where there is none.
func (w *Window) startDiagnosis(t target, plain bool, before ...<-chan struct{}) {
	w.cancelDiagnosis()
	ctx, cancel := context.WithCancel(w.ctx)
	run := &diagRun{target: t, plain: plain, cancel: cancel}
	w.diagnosis = run
	w.showDiagnosis(true)
	w.view.plain.SetChecked(plain) // consent is for one server and one sitting
	w.view.Run(t.name())
	w.run(func() {
		defer cancel()
		for _, over := range before {
			select {
			case <-over:
			case <-ctx.Done():
			}
		}
		whole, err := w.resolve(ctx, t)
		var opt client.Options
		if err == nil {
			opt, err = w.options(ctx, whole)
		}
		if missing, ok := errors.AsType[*secretsNeeded](err); ok {
			w.cfg.Do(func() { w.askToDiagnose(run, whole, missing) }) //nolint:contextcheck // it asks, and may begin another with Window.ctx
			return
		}
		if err != nil {
			w.cfg.Do(func() { w.diagnosed(run, nil, err) }) //nolint:contextcheck // it shows, and begins nothing
			return
		}
		report, err := w.cfg.Diagnose(ctx, DiagnoseRequest{
			Addr: t.addr(), Options: opt, Plain: plain, Version: w.cfg.Version, MapPort: w.mapForDiagnosis(),
			OnProbe: func(p diagnose.Probe) {
				run.note(p)
				w.wake()
			},
		})
		w.cfg.Do(func() { //nolint:contextcheck // it shows, and may begin another with Window.ctx
			run.target = whole
			w.diagnosed(run, report, err)
		})
	})
}

// askToDiagnose asks for what a diagnosis of a saved site needs to log in.
func (w *Window) askToDiagnose(run *diagRun, t target, missing *secretsNeeded) {
	if w.diagnosis != run {
		return
	}
	w.closeDiagnosis()
	w.sheets.AskSecrets(secretsAsk{
		target: t, questions: missing.questions, verb: "Diagnose",
		done: func(t target) {
			t.Keep = keptSecrets{} // nothing has shown that they are right
			w.startDiagnosis(t, run.plain)
		},
	})
}

// pullDiagnosis shows how far the running diagnosis is.
func (w *Window) pullDiagnosis() {
	if run := w.diagnosis; run != nil && run.news.Swap(false) {
		w.view.Steps(run.steps())
	}
}

// diagnosed shows what a diagnosis found, unless nobody waits for it any more.
func (w *Window) diagnosed(run *diagRun, report *diagnose.Report, err error) {
	if w.diagnosis != run {
		return
	}
	w.diagnosis = nil
	w.examined = run.target
	if report != nil && w.yield(run, report) {
		return
	}
	offer := w.offersPlain(run.target, report)
	switch {
	case report != nil && err == nil:
		w.report = report
		w.portBook(run.target).Seen(run.target.addr(), report.Ports.Class)
		w.banners.Hide("ports")
		w.view.Show(run.target.name(), report, offer)
		w.noteReport(run.target, report)
	case errors.Is(err, context.Canceled):
		w.closeDiagnosis()
	default:
		w.view.Fail(run.target.name(), err, offer)
	}
}

// yield gives up the window's own connection where the server of a diagnosis
// takes no other beside it, and diagnoses again. It is made again when the
// diagnosis is closed. Transfers under way are not disturbed.
func (w *Window) yield(run *diagRun, report *diagnose.Report) bool {
	v := w.link.View()
	if report.ErrKind != client.KindBusy.String() || v.State != linkUp || v.Target.addr() != run.target.addr() || w.transferring() {
		return false
	}
	w.resume = v.Target
	w.resume.Return = w.remote.Path()
	w.recorder.Add(transcript.Line{Time: w.cfg.Now(), Kind: transcript.Note, Text: "the server takes no second connection: this one is given up for the diagnosis"})
	gone := v.Session.Done()
	w.link.Disconnect()
	w.startDiagnosis(run.target, run.plain, gone)
	return true
}

// offersPlain reports whether a login without encryption would be something
// else than what the site does anyway, as far as r knows, which may be nil.
func (w *Window) offersPlain(t target, r *diagnose.Report) bool {
	return t.Security != client.SecurityOff && (r == nil || r.TLS != nil || r.Error != "")
}

// showLastDiagnosis shows the report of the last diagnosis again.
func (w *Window) showLastDiagnosis() {
	w.showDiagnosis(true)
	w.view.Show(w.examined.name(), w.report, w.offersPlain(w.examined, w.report))
}

func (w *Window) cancelDiagnosis() {
	if w.diagnosis != nil {
		w.diagnosis.cancel()
	}
}

// diagnoseAgain repeats the diagnosis that is shown.
func (w *Window) diagnoseAgain(plain bool) { w.startDiagnosis(w.examined, plain) }

// closeDiagnosis shows the panes again; a diagnosis that runs is given up.
func (w *Window) closeDiagnosis() {
	w.cancelDiagnosis()
	w.diagnosis = nil
	w.showDiagnosis(false)
	if w.sync.Visible() {
		w.focusSync()
	} else {
		w.focusPane(w.active)
	}
	t := w.resume
	w.resume = target{}
	if t.URL.Host != "" && w.link.View().State == linkIdle {
		w.link.Connect(t)
	}
}

// leaveDiagnosis shows the panes again, for a connection that is about to be made.
func (w *Window) leaveDiagnosis() {
	w.resume = target{}
	if w.view.Visible() {
		w.closeDiagnosis()
	}
	w.closeSync()
}

// showDiagnosis puts the view in the place of the panes, or the panes back.
func (w *Window) showDiagnosis(on bool) {
	if on || w.view != nil {
		w.diagView().Content.Hidden = !on
	}
	w.showMiddle()
	if on {
		w.win.Canvas().Unfocus() // so that the keys scroll the view
	}
}

// useMode takes over the mode that a verdict recommends, and goes back to work.
func (w *Window) useMode(name string) {
	mode, err := client.ParseMode(name)
	if err != nil {
		return
	}
	t := w.examined
	w.closeDiagnosis()
	w.setModeFor(t, mode)
}

// noteReport keeps what a report says about the server that is connected, for
// the mode chip.
func (w *Window) noteReport(t target, r *diagnose.Report) {
	w.known = state.KnownMethods(r)
	w.knownAddr = t.addr()
	w.showChip()
}

// blockedChoices are the buttons beside a failed listing that lead on.
func (w *Window) blockedChoices(p *Pane, err error) []paneChoice {
	if p != w.remote || !state.ConnectionTrouble(err) {
		return nil
	}
	var choices []paneChoice
	if active, ok := state.DataTrouble(err); ok {
		switch {
		case active && w.mode != client.Auto:
			choices = append(choices, paneChoice{"Go on in passive", func() { w.setMode(client.Passive) }})
		case !active && w.mode != client.Auto:
			choices = append(choices, paneChoice{"Find a way automatically", func() { w.setMode(client.Auto) }})
		}
	}
	return append(choices, paneChoice{"Diagnose", w.Diagnose})
}

// diagnoseAction is the button that stands beside connection errors.
func (w *Window) diagnoseAction() action { return action{"Diagnose", w.Diagnose} }

// showPane shows the panes and gives one of them the keyboard.
func (w *Window) showPane(p *Pane) {
	if w.view.Visible() {
		w.closeDiagnosis()
	}
	w.closeManager()
	if w.sync.Visible() {
		w.leaveSync()
	}
	if !w.sync.Visible() {
		w.focusPane(p)
	}
}
