package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
)

// AskCertificate shows a certificate that could not be verified and what is
// wrong with it. accept is called where the user wants to connect this once
// with exactly this certificate; Return does not do that, it takes a press of
// the button.
func (b *sheetBoard) AskCertificate(e *client.CertError, now time.Time, accept func()) {
	grid := container.New(layout.NewFormLayout())
	for _, f := range certFacts(e) {
		name := newInk(f.name, theme.SizeNameText, theme.ColorNamePlaceHolder)
		name.Wrapping = fyne.TextWrapOff
		value := widget.NewLabel(f.value)
		value.Wrapping = fyne.TextWrapWord
		if f.mono {
			value.TextStyle.Monospace = true
			value.SizeName = theme.SizeNameCaptionText
			value.Wrapping = fyne.TextWrapOff
		}
		grid.Add(name)
		grid.Add(value)
	}
	body := container.NewVBox(
		paragraph(certProblem(e, now)),
		grid,
		paragraph("Connect only if the server is your own, or if its owner gave you this fingerprint. "+
			"Otherwise somebody in between could read your password and your files."),
	)
	b.Show(&sheet{
		title: "The certificate of " + client.Printable(e.Host) + " cannot be verified", body: body, width: 540,
		extra: []sheetChoice{{"Connect this once with this certificate", accept}},
	})
}
