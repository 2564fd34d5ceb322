package ui

import (
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// openPortBook opens the book of passive ports that servers handed out.
func (w *Window) openPortBook() {
	var err error
	w.passing, err = diagnose.OpenPortBook("")
	if err == nil {
		w.ports, err = diagnose.OpenPortBook(w.keptFile("ports.json"))
	}
	if err != nil {
		w.banners.Show(notice{key: "portbook", tone: toneWarning, text: sentence(err.Error())})
	}
}

// portBook returns the book that has the ports of t.
func (w *Window) portBook(t target) *diagnose.PortBook {
	if t.Passing {
		return w.passing
	}
	return w.ports
}

// watchPorts makes sessions to t write down the passive ports that they see.
func (w *Window) watchPorts(t target, opt *client.Options) {
	server, book, before := t.addr(), w.portBook(t), opt.OnPassive
	opt.OnPassive = func(p client.PassivePort) {
		if before != nil {
			before(p)
		}
		book.Add(server, diagnose.PortSample{Time: p.Time, Port: p.Said.Port(), Method: p.Method.String()})
		if finding, tell := book.Warn(server); tell {
			w.cfg.Do(func() { w.warnOfPorts(t, finding) })
		}
	}
}

// warnOfPorts says that the ports of a server can be guessed.
func (w *Window) warnOfPorts(t target, f diagnose.PortFinding) {
	w.banners.Show(notice{
		key: "ports", tone: toneWarning, text: state.PortsSentence(f),
		actions: []action{{"What it means", func() { w.explainPorts(t) }}},
	})
}

// explainPorts shows what the book has on the server of t, and what it means.
func (w *Window) explainPorts(t target) {
	w.cancelDiagnosis()
	w.diagnosis, w.examined, w.report = nil, t, nil
	software, encrypted := "", t.Security != client.SecurityOff
	if v := w.shown; v.State == linkUp && v.Target.addr() == t.addr() {
		info := v.Session.Info()
		software, encrypted = info.Greeting, info.TLS != nil
	}
	w.showDiagnosis(true)
	w.view.ShowPorts(t.name(), w.portBook(t).Finding(t.addr()), software, encrypted)
}

// ShowPorts explains what the passive ports of a server show, without a run.
func (v *diagView) ShowPorts(name string, f diagnose.PortFinding, software string, encrypted bool) {
	v.probes = nil
	v.show("Passive ports of "+name, diagButtons{diagnose: true})
	severity := diagnose.OK
	if f.Class.Predictable() {
		severity = diagnose.Warning
	}
	v.main.Add(diagVerdictLine(severity, state.PortsSentence(f)))
	_, meaning, help := diagnose.PortWarning(f, software, encrypted)
	for _, s := range []string{meaning, help} {
		if s != "" {
			v.main.Add(newInk(client.Printable(s), theme.SizeNameText, theme.ColorNameForeground))
		}
	}
	v.main.Add(newInk(state.PortsSpan(f, v.hands.zone), theme.SizeNameCaptionText, theme.ColorNamePlaceHolder))
	v.main.Add(newGap(8))
	plot := newPortPlot()
	plot.Set(f)
	v.main.Add(plot)
	v.relayout()
}
