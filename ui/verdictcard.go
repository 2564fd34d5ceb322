package ui

import (
	"image"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/diagnose"
	"portside/ui/state"
)

// verdictHands are what the buttons of a card do.
type verdictHands struct {
	use     func(mode string)                // takes a mode over for the site; nil: nothing to take it over for
	copy    func(b *pushButton, text string) // to the clipboard, and says so on b
	escape  func()
	changed func() // the card takes another height
}

// severityInk is the colour of a severity.
func severityInk(s diagnose.Severity) fyne.ThemeColorName {
	switch s {
	case diagnose.OK:
		return theme.ColorNameSuccess
	case diagnose.Note:
		return theme.ColorNamePrimary
	case diagnose.Warning:
		return theme.ColorNameWarning
	case diagnose.Failure:
	}
	return theme.ColorNameError
}

// severityMark paints a tick, an i, an exclamation mark in a triangle, or a
// cross in a disc: each has a shape of its own.
func severityMark(s diagnose.Severity, side float32) *canvas.Raster {
	r := canvas.NewRaster(func(w, h int) image.Image {
		b := newBrush(w, h, float32(w)/16)
		paintSeverity(b, s)
		return b.img
	})
	r.SetMinSize(fyne.NewSquareSize(side))
	return r
}

// paintSeverity paints the mark into a square of 16.
func paintSeverity(b *brush, s diagnose.Severity) {
	ink, ground := theme.Color(severityInk(s)), theme.Color(theme.ColorNameInputBackground)
	middle := spot{8, 8}
	if s == diagnose.Warning {
		b.shape(spot{8, 0.8}, spot{15.6, 14.8}, spot{0.4, 14.8})
		b.paint(ink)
		b.line(spot{8, 5}, spot{8, 10.2}, 1.9, ground)
		b.disc(spot{8, 12.5}, 1.1, ground)
		return
	}
	b.disc(middle, 7.6, ink)
	switch s {
	case diagnose.OK:
		b.stroke(spot{4.2, 8.2}, spot{7.2, 11.2}, 1.9)
		b.paint(ground)
		b.stroke(spot{6.6, 11.2}, spot{12, 5.2}, 1.9)
		b.paint(ground)
	case diagnose.Note:
		b.disc(spot{8, 4.6}, 1.2, ground)
		b.line(spot{8, 7}, spot{8, 12}, 1.9, ground)
	case diagnose.Warning, diagnose.Failure:
		b.cross(middle, 3.1, 1.9, ground)
	}
}

// newVerdictCard shows a verdict: the sentence first, what it means, who must
// act, what can be done, and the proof on demand.
func newVerdictCard(v diagnose.Verdict, hands verdictHands) fyne.CanvasObject {
	sentence := newInk(client.Printable(v.Sentence), theme.SizeNameText, theme.ColorNameForeground)
	style(sentence).TextStyle.Bold = v.Severity > diagnose.OK
	evidence := newEvidence(v.Evidence)
	toggle := newQuietButton("", nil)
	label := func() {
		toggle.Icon, toggle.Text = theme.MenuExpandIcon(), "Evidence"
		if evidence.Visible() {
			toggle.Icon = theme.MenuDropDownIcon()
		}
		toggle.Refresh()
	}
	toggle.OnTapped = func() {
		evidence.Hidden = !evidence.Hidden
		label()
		hands.changed()
	}
	toggle.onEscape = hands.escape
	toggle.Hidden = len(v.Evidence) == 0
	label()

	body := container.New(flowLayout{})
	head := container.NewBorder(nil, nil, nil, container.New(topLayout{}, toggle), sentence)
	body.Add(head)
	if v.Meaning != "" {
		body.Add(newInk(client.Printable(v.Meaning), theme.SizeNameText, theme.ColorNameForeground))
	}
	if by := verdictBy(v); by != "" {
		body.Add(newInk(by, theme.SizeNameCaptionText, theme.ColorNamePlaceHolder))
	}
	if row := verdictButtons(v, hands); row != nil {
		edge := theme.InnerPadding()
		body.Add(container.New(layout.NewCustomPaddedLayout(2, edge, edge, edge), row))
	}
	body.Add(evidence)
	mark := container.New(layout.NewCustomPaddedLayout(6, 0, 14, 4), container.New(topLayout{}, severityMark(v.Severity, 16)))
	row := container.NewBorder(nil, nil, mark, nil, body)
	if v.Severity == diagnose.OK {
		return container.NewStack(newSurface(theme.ColorNameInputBackground), row)
	}
	ground := newTinted(severityInk(v.Severity))
	ground.alpha = 0x14 // it is large, and has buttons on it
	return container.NewStack(newSurface(theme.ColorNameInputBackground), ground, row)
}

// verdictBy says who must act, and how sure the verdict is where it is not certain.
func verdictBy(v diagnose.Verdict) string {
	var parts []string
	if v.Severity > diagnose.OK {
		parts = append(parts, state.ActorText(v.Actor))
	}
	if sure := state.ConfidenceText(v.Confidence); sure != "" {
		parts = append(parts, sure+", not certain")
	}
	return strings.Join(parts, " · ")
}

func verdictButtons(v diagnose.Verdict, hands verdictHands) fyne.CanvasObject {
	row := container.NewHBox()
	add := func(label string, main bool, do func(b *pushButton)) {
		b := newPushButton(label, nil)
		if main {
			b.Importance = widget.HighImportance
		}
		b.OnTapped = func() { do(b) }
		b.onEscape = hands.escape
		row.Add(b)
	}
	if label := state.ModeButton(v.Mode); label != "" && hands.use != nil && v.Severity > diagnose.OK {
		add(label, v.Severity > diagnose.Note, func(*pushButton) { hands.use(v.Mode) })
	}
	if v.ForAdmin != "" {
		add("Copy for the firewall administrator", false, func(b *pushButton) { hands.copy(b, v.ForAdmin) })
	}
	if v.ForProvider != "" {
		add("Copy for the hosting provider", false, func(b *pushButton) { hands.copy(b, v.ForProvider) })
	}
	if len(row.Objects) == 0 {
		return nil
	}
	return row
}

// newEvidence lists the proof of a verdict; it is hidden at first.
func newEvidence(lines []string) *fyne.Container {
	list := container.New(flowLayout{})
	for _, line := range lines {
		t := newInk("– "+client.Printable(line), theme.SizeNameText, theme.ColorNamePlaceHolder)
		list.Add(t)
	}
	list.Hide()
	return list
}

// topLayout keeps its object at the top, at the height that it needs.
type topLayout struct{}

// Layout implements fyne.Layout.
func (topLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
	}
}

// MinSize implements fyne.Layout.
func (topLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}
