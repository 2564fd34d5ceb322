package ui

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/trust"
)

// A certAnswer is what may be done about a certificate that cannot be verified.
// Doing nothing is what Return and Escape choose.
type certAnswer struct{ once, always func() }

// AskCertificate shows a certificate that could not be verified, what is wrong with
// it and what that means. Trusting it takes a press of a button, never Return.
func (b *sheetBoard) AskCertificate(e *client.CertError, now time.Time, answer certAnswer) {
	body := container.New(flowLayout{gap: theme.Padding()})
	for _, p := range certFaults(e, now) {
		body.Add(problemLine(p))
	}
	body.Add(newGap(2))
	body.Add(factGrid(certFacts(e)))
	body.Add(newInk("Nothing was sent. Trust it only if the server is your own, or if its owner gave you this fingerprint: "+
		"otherwise somebody in between could read your password and your files.", theme.SizeNameText, theme.ColorNameForeground))
	s := &sheet{
		title: "The certificate of " + client.Printable(e.Host) + " cannot be verified", body: body, width: 600, tall: true,
		cancel: "Do not connect", safe: true,
	}
	if leafOf(e) != nil {
		s.extra = []sheetChoice{{"Trust once", answer.once}, {"Always trust for this server", answer.always}}
	}
	b.Show(s)
}

// problemLine is one thing that is wrong: what, and below it what it means.
func problemLine(p certFault) fyne.CanvasObject {
	what := newInk(p.what, theme.SizeNameText, theme.ColorNameForeground)
	style(what).TextStyle.Bold = true
	text := container.New(flowLayout{gap: -2 * theme.Padding()}, what, newInk(p.meaning, theme.SizeNameText, theme.ColorNamePlaceHolder))
	icon := container.New(squareLayout(18), widget.NewIcon(toneWarning.icon()))
	pad := theme.InnerPadding()
	return container.New(besideLayout{}, container.New(layout.NewCustomPaddedLayout(pad, 0, pad, 0), icon), text)
}

// factGrid sets facts in two columns.
func factGrid(facts []certFact) fyne.CanvasObject {
	grid := container.New(&columnGrid{columns: 2, first: 92})
	for _, f := range facts {
		grid.Add(newInk(f.name, theme.SizeNameText, theme.ColorNamePlaceHolder))
		grid.Add(factValue(f.value, f.mono, false))
	}
	return grid
}

func factValue(value string, mono, bold bool) fyne.CanvasObject {
	t := newInk(value, theme.SizeNameText, theme.ColorNameForeground)
	style(t).TextStyle.Bold = bold
	if mono {
		style(t).TextStyle.Monospace = true
		style(t).SizeName = theme.SizeNameCaptionText
	}
	return t
}

// A changedCert is a server that was trusted by its certificate and shows another.
type changedCert struct {
	Old  trust.Server // only the fingerprint where no more is known
	Err  *client.CertError
	Now  time.Time
	Addr string
}

// AskChangedCertificate stops before a server whose certificate is another than the
// one that was trusted, and shows both side by side. Trusting the new one takes a
// second sheet, in which a reason is ticked.
func (b *sheetBoard) AskChangedCertificate(c changedCert, answer certAnswer) {
	e := c.Err
	body := container.New(flowLayout{gap: theme.Padding()},
		newInk("This is what it looks like when somebody in between pretends to be the server. It is also what it looks like when "+
			"the server's owner has renewed the certificate. Ask the owner before you go on. Nothing was sent.",
			theme.SizeNameText, theme.ColorNameForeground), newGap(2), comparison(c))
	if problem := certProblem(e, c.Now); problem != "" {
		body.Add(newInk("The new one cannot be verified either: "+problem, theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	s := &sheet{
		title: "Stop: " + client.Printable(e.Host) + " shows another certificate than before", alarm: true,
		body: body, width: 700, tall: true, cancel: "Do not connect", safe: true,
	}
	if leafOf(e) != nil {
		s.extra = []sheetChoice{{"I know why: trust the new one…", func() { b.confirmNewCertificate(c, answer) }}}
	}
	b.Show(s)
}

var errNoReason = errors.New("Tick the reason first.") //nolint:revive,staticcheck // a sentence to be shown

// confirmNewCertificate is the second step.
func (b *sheetBoard) confirmNewCertificate(c changedCert, answer certAnswer) {
	reason := widget.NewCheck("The owner has told me so, or I have renewed it myself, and this is the fingerprint:", nil)
	b.Show(&sheet{
		title: "Trust the new certificate of " + client.Printable(c.Err.Host) + "?", width: 560,
		body: container.New(flowLayout{gap: theme.Padding()}, reason,
			factValue(fingerprintText(c.Err.Fingerprint, 16), true, true),
			newInk("The old one is forgotten. The password goes to whoever has the new one.", theme.SizeNameText, theme.ColorNamePlaceHolder)),
		cancel: "Do not connect", safe: true,
		extra: []sheetChoice{{"Trust the new certificate", answer.always}},
		allow: func() error {
			if !reason.Checked {
				return errNoReason
			}
			return nil
		},
	})
}

// comparison sets two certificates side by side, with a mark where they differ.
func comparison(c changedCert) fyne.CanvasObject {
	fresh := trust.Server{Fingerprint: c.Err.Fingerprint}
	if leaf := leafOf(c.Err); leaf != nil {
		fresh = trust.Describe(c.Addr, leaf, c.Now)
	}
	grid := container.New(&columnGrid{columns: 3, first: 104})
	head := func(text string) {
		t := newInk(text, theme.SizeNameText, theme.ColorNameForeground)
		style(t).TextStyle.Bold = true
		grid.Add(t)
	}
	head("")
	since := "Trusted until now"
	if !c.Old.Since.IsZero() {
		since = "Trusted since " + c.Old.Since.Local().Format(time.DateOnly)
	}
	head(since)
	head("Shown now")
	for _, d := range trust.Compare(c.Old, fresh) {
		old, shown, mono := d.Old, d.New, d.What == "SHA-256"
		if c.Old.Subject == "" && c.Old.Since.IsZero() && !mono {
			old, d.Same = "not known", true // it was trusted for one run only
		}
		if mono {
			old, shown = fingerprintText(c.Old.Fingerprint, 8), fingerprintText(fresh.Fingerprint, 8)
		}
		name := newInk(d.What, theme.SizeNameText, theme.ColorNamePlaceHolder)
		value := factValue(cutText(shown), mono, !d.Same)
		if !d.Same {
			setInk(name, "≠ "+d.What)
			style(name).ColorName, style(name).TextStyle.Bold = theme.ColorNameError, true
			style(value.(*widget.RichText)).ColorName = theme.ColorNameError
		}
		grid.Add(name)
		grid.Add(factValue(cutText(old), mono, false))
		grid.Add(value)
	}
	return grid
}
