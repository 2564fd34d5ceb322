package ui

import (
	"context"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"portside/transfers/queue"
	"portside/ui/state"
)

// headRow is a heading between rows.
func headRow(title string) *prefRow { return newPrefRow("", title, "", nil) }

// buttonsRow is a row of things to do.
func (v *prefsView) buttonsRow(label, help string, actions ...action) *prefRow {
	box := container.NewHBox()
	var first fyne.Focusable
	for _, a := range actions {
		b := newPushButton(a.label, a.do)
		b.onEscape = v.hands.close
		box.Add(b)
		if first == nil {
			first = b
		}
	}
	r := newPrefRow("", label, help, box)
	r.focus = first
	return r
}

// textRow is an entry that is not kept in the file of the settings: read writes
// what there is, and set takes what was typed, unless it says what is wrong.
func (v *prefsView) textRow(label, help, prompt string, read func() string, set func(text string) error) (*prefRow, *inputEntry) {
	e := newPrefEntry(prompt, false, v.hands.close)
	r := newPrefRow("", label, help, e)
	r.focus = e
	quiet, typed := false, ""
	e.OnChanged = func(text string) {
		if quiet {
			return
		}
		typed = text
		problem := ""
		if err := set(text); err != nil {
			problem = sentence(err.Error())
		}
		if r.say(problem) {
			v.relayout()
		}
	}
	e.onFocus = func(gained bool) {
		if !gained {
			typed = ""
		}
	}
	r.update = func(*state.Prefs) {
		if now := read(); now != e.Text && typed != e.Text {
			quiet = true
			e.SetText(now)
			quiet = false
		}
	}
	return r, e
}

// limitRow is a speed limit of the list of transfers.
func (w *Window) limitRow(v *prefsView, label, help string, of func(l *queue.Limits) *int64) *prefRow {
	p := w.panel
	r, _ := v.textRow(label, help, "no limit", func() string {
		l := p.snap.limits
		if n := *of(&l); n > 0 {
			return state.LimitText(n)
		}
		return ""
	}, func(text string) error {
		n, err := state.ParseLimit(text)
		if err != nil {
			return err
		}
		l := p.snap.limits
		*of(&l) = n
		p.setLimits(l)
		return nil
	})
	return r
}

// numberRow is a number of connections of the list of transfers; standard is what 0
// stands for.
func (w *Window) numberRow(v *prefsView, label, help string, standard int, of func(l *queue.Limits) *int) *prefRow {
	p := w.panel
	var labels []string
	for n := 1; n <= mostConnections; n++ {
		labels = append(labels, strconv.Itoa(n))
	}
	s := newSyncSelect(labels, v.hands.close)
	quiet := false
	s.OnChanged = func(text string) {
		n, err := strconv.Atoi(text)
		if err != nil || quiet {
			return
		}
		l := p.snap.limits
		*of(&l) = n
		p.setLimits(l)
	}
	r := newPrefRow("", label, help, container.New(narrow{80}, newFramed(s)))
	r.focus = s
	r.update = func(*state.Prefs) {
		l := p.snap.limits
		n := *of(&l)
		if n <= 0 {
			n = standard
		}
		if text := strconv.Itoa(n); s.Selected != text {
			quiet = true
			s.SetSelected(text)
			quiet = false
		}
	}
	return r
}

// queueRows are what the list of transfers keeps itself: the panel shows and
// changes the same.
func (w *Window) queueRows(v *prefsView) []*prefRow {
	return []*prefRow{
		headRow("Speed"),
		w.numberRow(v, "Files at a time", "Connections for transfers in all, to all servers together. Takes effect at once.",
			queue.DefaultParallel, func(l *queue.Limits) *int { return &l.Parallel }),
		w.numberRow(v, "To one server", "Not more connections than this to a single server. Portside opens fewer where more would not help.",
			queue.DefaultPerSite, func(l *queue.Limits) *int { return &l.PerSite }),
		w.limitRow(v, "Download at most", "For example 500 kB/s, 2.5 MB/s or 8 Mbit/s, over all connections together.",
			func(l *queue.Limits) *int64 { return &l.Down }),
		w.limitRow(v, "Upload at most", "The same for uploads. Empty is no limit.", func(l *queue.Limits) *int64 { return &l.Up }),
		headRow("When all is done"),
		w.endingRow(v), w.commandRow(v),
	}
}

// pullPrefs shows what the panel of transfers, or another program, has changed.
func (w *Window) pullPrefs() {
	if v := w.prefs.view; v.Visible() && v.section == state.PrefTransfers {
		v.Show()
	}
}

// mostConnections is the largest number of connections that can be chosen.
const mostConnections = 32

// endingRow chooses what happens when nothing is left to do.
func (w *Window) endingRow(v *prefsView) *prefRow {
	p := w.panel
	f := &state.PrefField{}
	for _, e := range panelEndings() {
		f.Options = append(f.Options, state.PrefOption{Value: e.action, Label: strings.TrimSuffix(e.label, "…")})
	}
	var labels []string
	for _, o := range f.Options {
		labels = append(labels, o.Label)
	}
	s := newSyncSelect(labels, v.hands.close)
	quiet := false
	s.OnChanged = func(string) {
		if i := s.SelectedIndex(); i >= 0 && !quiet {
			d := queue.WhenDone{Action: f.Options[i].Value}
			if d.Action == queue.DoCommand {
				d.Command = p.snap.whenDone.Command
			}
			w.setWhenDone(d)
			v.Show()
		}
	}
	r := newPrefRow("", "Then", "The last transfer has ended, well or not.", newFramed(s))
	r.focus = s
	r.update = func(*state.Prefs) {
		for i, o := range f.Options {
			if o.Value == p.snap.whenDone.Action {
				quiet = true
				s.SetSelectedIndex(i)
				quiet = false
			}
		}
	}
	return r
}

// commandRow is the command that is run then.
func (w *Window) commandRow(v *prefsView) *prefRow {
	p := w.panel
	r, _ := v.textRow("Command", "A program with its arguments, run without a shell.", "program arguments",
		func() string { return state.CommandText(p.snap.whenDone.Command) },
		func(text string) error {
			command, err := state.ParseCommand(text)
			if err == nil {
				w.setWhenDone(queue.WhenDone{Action: queue.DoCommand, Command: command})
			}
			return err
		})
	r.needs = func(*state.Prefs) bool { return p.snap.whenDone.Action == queue.DoCommand }
	return r
}

func (w *Window) setWhenDone(d queue.WhenDone) {
	w.panel.snap.whenDone = d
	w.panel.steer(func(ctx context.Context, q panelQueue) error { return q.SetWhenDone(ctx, d) })
}

// resetQueue gives the list of transfers its usual limits.
func (w *Window) resetQueue() {
	w.panel.setLimits(queue.Limits{})
	w.setWhenDone(queue.WhenDone{})
}

// privacyRows are what is remembered, and how it is forgotten.
func (w *Window) privacyRows(v *prefsView) []*prefRow {
	rows := []*prefRow{
		v.buttonsRow("Recent servers", "Forgets them all now.", action{"Forget recent servers", func() {
			w.forgetRecents()
		}}),
		v.buttonsRow("Networks", "What worked in which network, to be looked at and forgotten one by one.", action{"Show…", w.showNetworks}),
		headRow("Trust and passwords"),
		v.buttonsRow("Trusted servers", "Servers whose certificate cannot be verified, and that you trust always.", action{"Show…", w.showTrusted}),
		v.buttonsRow("Passwords", "They are in the keyring of this computer and nowhere else; leftovers are those of sites that are gone.",
			action{"Forget all passwords…", w.ForgetPasswords}, action{"Look for leftovers", w.RemoveLeftovers}),
		headRow("What is written down"),
	}
	said := newPrefRow("", "Transcript", "It is kept in memory only, and ends with the program. Passwords are masked before anybody sees them, also in copies and reports.",
		widget.NewLabel("Passwords are always masked"))
	where := w.cfg.ConfigDir
	if where == "" {
		where = "nowhere: nothing is kept on disk"
	}
	place := widget.NewLabel(where)
	place.Truncation = fyne.TextTruncateEllipsis
	place.Selectable = true
	files := newPrefRow("", "Files of Portside", "Settings, sites and what is remembered, without passwords. Portside writes no log file.", place)
	return append(rows, said, files)
}
