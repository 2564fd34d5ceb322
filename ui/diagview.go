package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// diagHands are what the diagnosis view asks of the window.
type diagHands struct {
	close  func()
	cancel func()
	again  func(plain bool)
	save   func(at fyne.Position)
	use    func(mode string)
	copy   func(text string)
	zone   *time.Location                                // of the times that are shown
	after  func(d time.Duration, f func()) (stop func()) // f on the Fyne goroutine
}

// diagView shows a diagnosis in the place of the panes: its steps while it runs,
// then what it found: a sentence, the picture of the path, the verdicts, the
// server's ports, and the steps.
type diagView struct {
	Content *fyne.Container

	hands  diagHands
	head   *fyne.Container
	title  *widget.Label
	back   *pushButton
	cancel *pushButton
	again  *pushButton
	save   *pushButton
	plain  *diagCheck
	main   *fyne.Container // left, or above
	side   *fyne.Container // right, or below
	scroll *container.Scroll

	steps    *diagSteps
	bar      *thinBar
	progress *widget.RichText
	probes   []diagnose.Probe
}

func newDiagView(hands diagHands) *diagView {
	v := &diagView{
		hands: hands, title: widget.NewLabel(""), bar: newThinBar(),
		main: container.New(flowLayout{gap: 4}), side: container.New(flowLayout{gap: 4}),
		progress: newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder),
	}
	v.title.TextStyle.Bold = true
	v.title.Truncation = fyne.TextTruncateEllipsis
	button := func(label string, icon fyne.Resource, do func()) *pushButton {
		b := newQuietButton(label, do)
		b.Icon, b.onEscape = icon, v.escape
		return b
	}
	v.back = button("Back", theme.NavigateBackIcon(), func() { v.hands.close() })
	v.cancel = button("Cancel", theme.CancelIcon(), func() { v.hands.cancel() })
	v.again = button("Run again", theme.ViewRefreshIcon(), func() { v.hands.again(v.plain.Checked) })
	v.save = button("Save report", theme.DocumentSaveIcon(), nil)
	v.save.OnTapped = func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(v.save)
		v.hands.save(at.AddXY(0, v.save.Size().Height+2))
	}
	v.plain = newDiagCheck("Also try without encryption: sends the password readable", v.escape)
	v.steps = newDiagSteps(v.relayout)
	v.head = container.NewBorder(nil, nil, v.back, container.NewHBox(v.plain, v.again, v.save, v.cancel), v.title)
	pad := theme.Padding()
	columns := container.New(&columnsLayout{from: 1180, share: 0.62, gap: 20}, v.main, v.side)
	v.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(2*pad, 4*pad, 4*pad, 5*pad), columns))
	v.Content = container.NewStack(newSurface(theme.ColorNameInputBackground), container.NewBorder(
		container.NewStack(newSurface(theme.ColorNameBackground), container.NewVBox(v.head, widget.NewSeparator())), nil, nil, nil, v.scroll))
	v.Content.Hide()
	return v
}

func (v *diagView) escape() { v.hands.close() }

// TypedKey takes the keys that nothing in the view has taken: Escape closes it,
// others scroll.
func (v *diagView) TypedKey(e *fyne.KeyEvent) {
	const line = 40
	page := max(line, v.scroll.Size().Height-line)
	by := map[fyne.KeyName]float32{
		fyne.KeyUp: -line, fyne.KeyDown: line, fyne.KeyPageUp: -page, fyne.KeyPageDown: page, fyne.KeySpace: page,
		fyne.KeyHome: -v.scroll.Content.Size().Height, fyne.KeyEnd: v.scroll.Content.Size().Height,
	}[e.Name]
	switch {
	case e.Name == fyne.KeyEscape:
		v.escape()
	case by != 0:
		most := max(0, v.scroll.Content.Size().Height-v.scroll.Size().Height)
		v.scroll.ScrollToOffset(fyne.NewPos(0, max(0, min(v.scroll.Offset.Y+by, most))))
	}
}

// Visible reports whether the view is in the place of the panes.
func (v *diagView) Visible() bool { return v != nil && v.Content.Visible() }

// diagButtons are the buttons of a state of the view.
type diagButtons struct{ cancel, again, diagnose, save, plain bool }

// show is what every state of the view begins with.
func (v *diagView) show(name string, b diagButtons) {
	v.title.SetText(name)
	v.cancel.Hidden, v.again.Hidden, v.save.Hidden, v.plain.Hidden = !b.cancel, !b.again && !b.diagnose, !b.save, !b.plain
	v.again.SetText("Run again")
	if b.diagnose {
		v.again.SetText("Diagnose")
	}
	v.head.Refresh()
	v.main.RemoveAll()
	v.side.RemoveAll()
	v.scroll.Offset = fyne.Position{}
	v.Content.Show()
}

// Run shows a diagnosis of the server with that name, which begins now.
func (v *diagView) Run(name string) {
	v.probes = nil
	v.show("Diagnosis of "+name, diagButtons{cancel: true})
	v.main.Add(newInk("Looking at the way to the server", theme.SizeNameHeadingText, theme.ColorNameForeground))
	v.main.Add(container.New(layout.NewCustomPaddedLayout(2, 2, theme.InnerPadding(), 0), container.New(&fixedHeight{6}, v.bar)))
	v.main.Add(v.progress)
	v.main.Add(newGap(6))
	v.steps.Set(nil)
	v.main.Add(container.New(layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), 0), v.steps.Content))
	v.Steps(nil)
}

// Steps shows how far the running diagnosis is.
func (v *diagView) Steps(probes []diagnose.Probe) {
	v.probes = probes
	done, running := state.DiagnosisProgress(probes)
	total := max(1, len(probes))
	v.bar.Set(float64(done) / float64(total))
	text := "This takes up to half a minute. Nothing is changed on the server."
	if running != "" {
		text = fmt.Sprintf("%d of %d · %s", done, len(probes), running)
	}
	setInk(v.progress, text)
	v.steps.Set(probes)
	v.relayout()
}

// Fail says why there is no report.
func (v *diagView) Fail(name string, err error, plain bool) {
	v.show("Diagnosis of "+name, diagButtons{again: true, plain: plain})
	advice := client.Explain(err)
	v.main.Add(diagVerdictLine(diagnose.Failure, "The diagnosis did not come to an end."))
	v.main.Add(newInk(joinSentences(advice.Sentence, advice.Next), theme.SizeNameText, theme.ColorNamePlaceHolder))
	if len(v.probes) > 0 {
		v.main.Add(newGap(6))
		v.main.Add(v.steps.Content)
	}
	v.relayout()
}

// Show shows a finished report.
func (v *diagView) Show(name string, r *diagnose.Report, plain bool) {
	v.probes = r.Probes
	v.show("Diagnosis of "+name, diagButtons{again: true, save: true, plain: plain})
	severity, headline, next := state.DiagnosisHeadline(r)
	v.main.Add(diagVerdictLine(severity, headline))
	if next != "" {
		v.main.Add(newInk(next, theme.SizeNameText, theme.ColorNameForeground))
	}
	v.main.Add(newInk(state.DiagnosisFacts(r, v.hands.zone), theme.SizeNameCaptionText, theme.ColorNamePlaceHolder))
	v.main.Add(newGap(8))
	picture := newPathPicture()
	picture.Set(state.Stations(r), diagnose.PathLines(r))
	v.main.Add(container.New(layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), 0), picture))
	if len(r.Methods) > 0 {
		v.main.Add(newInk("Passive: this computer opens the connections for listings and files. Active: the server opens them to this computer.",
			theme.SizeNameCaptionText, theme.ColorNamePlaceHolder))
	}
	v.main.Add(newGap(8))
	v.addVerdicts(r.Verdicts)
	v.addNotes(r.Notes)
	v.addPorts(v.side, r.Ports)
	v.addSteps(r.Probes)
	v.relayout()
}

func (v *diagView) addVerdicts(verdicts []diagnose.Verdict) {
	if len(verdicts) > 0 {
		v.main.Add(diagHeading("What was found"))
	}
	hands := verdictHands{use: v.hands.use, copy: v.copy, escape: v.escape, changed: v.relayout}
	for _, verdict := range verdicts {
		v.main.Add(newVerdictCard(verdict, hands))
	}
}

// addNotes adds what was noted beside the verdicts, such as a stranger who was
// turned away.
func (v *diagView) addNotes(notes []string) {
	if len(notes) == 0 {
		return
	}
	v.main.Add(newGap(4))
	v.main.Add(diagHeading("Also noted"))
	for _, n := range notes {
		v.main.Add(newInk(sentence(client.Printable(n)), theme.SizeNameText, theme.ColorNameForeground))
	}
}

// addPorts adds the plot of the server's ports where there is something to see.
func (v *diagView) addPorts(to *fyne.Container, f diagnose.PortFinding) {
	if len(f.Samples) == 0 {
		return
	}
	to.Add(diagHeading("The ports that the server opens for listings and files"))
	to.Add(newInk(state.PortsSentence(f), theme.SizeNameText, theme.ColorNameForeground))
	if len(f.Samples) > 1 {
		plot := newPortPlot()
		plot.Set(f)
		to.Add(plot)
	}
	to.Add(newGap(8))
}

// addSteps adds the list of what was done.
func (v *diagView) addSteps(probes []diagnose.Probe) {
	if len(probes) == 0 {
		return
	}
	v.steps.Set(probes)
	v.side.Add(diagHeading("What was done: " + state.StepsText(probes)))
	v.side.Add(container.New(layout.NewCustomPaddedLayout(0, 0, theme.InnerPadding(), 0), v.steps.Content))
}

// copied is how long a button says that its text is in the clipboard.
const copied = 2 * time.Second

func (v *diagView) copy(b *pushButton, text string) {
	v.hands.copy(text)
	label := b.Text
	const done = "Copied"
	if label == done {
		return
	}
	b.SetText(done)
	v.hands.after(copied, func() { b.SetText(label) })
}

// relayout gives everything the place it needs now. A wrapped text knows its
// height only once it has its width, so a second look follows the first.
func (v *diagView) relayout() {
	for range 2 {
		v.scroll.Refresh()
	}
}

// diagVerdictLine is a headline with the mark of its severity.
func diagVerdictLine(s diagnose.Severity, text string) fyne.CanvasObject {
	mark := container.New(layout.NewCustomPaddedLayout(7, 0, theme.InnerPadding(), 2), container.New(topLayout{}, severityMark(s, 20)))
	t := newInk(text, theme.SizeNameHeadingText, theme.ColorNameForeground)
	return container.NewBorder(nil, nil, mark, nil, t)
}

// diagHeading stands above a part of the view.
func diagHeading(text string) fyne.CanvasObject {
	t := newInk(text, theme.SizeNameText, theme.ColorNamePlaceHolder)
	style(t).TextStyle.Bold = true
	return t
}

// diagCheck is a box to tick whose Escape belongs to the view.
type diagCheck struct {
	widget.Check

	onEscape func()
}

func newDiagCheck(label string, escape func()) *diagCheck {
	c := &diagCheck{onEscape: escape}
	c.Text = label
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey takes Escape.
func (c *diagCheck) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		c.onEscape()
		return
	}
	c.Check.TypedKey(e)
}
