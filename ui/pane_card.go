package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A paneChoice is a button of a card.
type paneChoice struct {
	label string
	do    func()
}

// paneCard stands in the place of the files while a folder is being listed, or
// where that failed: a sentence, the next step, and buttons.
type paneCard struct {
	widget.BaseWidget

	back    *canvas.Rectangle
	box     *fyne.Container
	buttons []*pushButton
	busy    *widget.ProgressBarInfinite
}

func newPaneCard() *paneCard {
	c := &paneCard{back: canvas.NewRectangle(color.Transparent), box: container.NewVBox(), busy: widget.NewProgressBarInfinite()}
	c.busy.Stop()
	c.ExtendBaseWidget(c)
	c.Hide()
	return c
}

// Busy says what is being waited for. Escape does the last choice.
func (c *paneCard) Busy(sentence string, choices ...paneChoice) {
	c.busy.Start()
	c.fill(choices, newPaneSaying(sentence, theme.ColorNamePlaceHolder),
		container.NewCenter(container.New(paneFixed{fyne.NewSize(180, 4)}, c.busy)))
}

// Fail says what went wrong, and what to do about it. Escape does the last choice
// where there are several: it leads back.
func (c *paneCard) Fail(icon fyne.Resource, sentence, next string, choices ...paneChoice) {
	c.busy.Stop()
	image := canvas.NewImageFromResource(theme.NewColoredResource(icon, theme.ColorNameError))
	image.FillMode = canvas.ImageFillContain
	image.SetMinSize(fyne.NewSquareSize(26))
	parts := []fyne.CanvasObject{container.NewCenter(image), newPaneSaying(sentence, theme.ColorNameForeground)}
	if next != "" {
		parts = append(parts, newPaneSaying(next, theme.ColorNamePlaceHolder))
	}
	c.fill(choices, parts...)
}

func (c *paneCard) fill(choices []paneChoice, parts ...fyne.CanvasObject) {
	c.buttons = nil
	row := container.NewHBox()
	for i, choice := range choices {
		b := newPushButton(choice.label, choice.do)
		if i == 0 {
			b.Importance = widget.HighImportance
		}
		if last := choices[len(choices)-1]; len(choices) > 1 || c.busy.Running() {
			b.onEscape = last.do
		}
		c.buttons = append(c.buttons, b)
		row.Add(b)
	}
	if len(choices) > 0 {
		parts = append(parts, paneGap(6), container.NewCenter(row))
	}
	c.box.Objects = parts
	c.box.Refresh()
	c.Refresh()
}

// Hide implements fyne.CanvasObject; nothing moves out of sight.
func (c *paneCard) Hide() {
	c.busy.Stop()
	c.BaseWidget.Hide()
}

// focusCard gives the card's first button the keyboard.
func (p *Pane) focusCard() {
	if len(p.card.buttons) > 0 {
		p.focus(p.card.buttons[0])
	}
}

// CreateRenderer implements fyne.Widget.
func (c *paneCard) CreateRenderer() fyne.WidgetRenderer {
	r := &paneCardRenderer{c}
	r.Refresh()
	return r
}

type paneCardRenderer struct{ c *paneCard }

func (r *paneCardRenderer) MinSize() fyne.Size { return fyne.NewSize(60, 40) }
func (r *paneCardRenderer) Destroy()           { r.c.busy.Stop() }

func (r *paneCardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.back, r.c.box}
}

func (r *paneCardRenderer) Layout(size fyne.Size) {
	r.c.back.Resize(size)
	const widest, margin = 400, 16
	width := max(0, min(size.Width-2*margin, widest))
	r.c.box.Resize(fyne.NewSize(width, r.c.box.Size().Height)) // wrapped texts know their height by their width
	height := r.c.box.MinSize().Height
	r.c.box.Resize(fyne.NewSize(width, height))
	// A little above the middle is where the eye looks for it.
	r.c.box.Move(fyne.NewPos(float32(int((size.Width-width)/2)), float32(int(max(margin, (size.Height-height)*0.42)))))
}

func (r *paneCardRenderer) Refresh() {
	r.c.back.FillColor = theme.Color(theme.ColorNameInputBackground)
	r.c.back.Refresh()
	r.c.box.Refresh()
	r.Layout(r.c.Size())
}

// newPaneSaying is a centred, wrapped text.
func newPaneSaying(text string, ink fyne.ThemeColorName) *widget.RichText {
	t := newInk(text, theme.SizeNameText, ink)
	style(t).Alignment = fyne.TextAlignCenter
	return t
}

// paneFixed lays everything out at one size.
type paneFixed struct{ size fyne.Size }

// MinSize implements fyne.Layout.
func (f paneFixed) MinSize([]fyne.CanvasObject) fyne.Size { return f.size }

// Layout implements fyne.Layout.
func (f paneFixed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// paneGap is empty space of that height.
func paneGap(height float32) fyne.CanvasObject {
	gap := canvas.NewRectangle(color.Transparent)
	gap.SetMinSize(fyne.NewSize(1, height))
	return gap
}

// paneBlank says in the middle of an empty list why it is empty. The mouse goes
// through it.
type paneBlank struct {
	widget.BaseWidget
	title, hint *canvas.Text
}

func newPaneBlank() *paneBlank {
	b := &paneBlank{title: canvas.NewText("", color.Transparent), hint: canvas.NewText("", color.Transparent)}
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// Say shows a title and below it a hint, which may be empty.
func (b *paneBlank) Say(title, hint string) {
	b.title.Text, b.hint.Text = title, hint
	b.Show()
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *paneBlank) CreateRenderer() fyne.WidgetRenderer {
	r := &paneBlankRenderer{b}
	r.Refresh()
	return r
}

type paneBlankRenderer struct{ b *paneBlank }

func (r *paneBlankRenderer) MinSize() fyne.Size { return fyne.Size{} }
func (r *paneBlankRenderer) Destroy()           {}

func (r *paneBlankRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.title, r.b.hint}
}

func (r *paneBlankRenderer) Layout(size fyne.Size) {
	y := float32(int(max(30, size.Height*0.38)))
	for _, t := range []*canvas.Text{r.b.title, r.b.hint} {
		min := t.MinSize()
		t.Resize(min)
		t.Move(fyne.NewPos(float32(int((size.Width-min.Width)/2)), y))
		y += min.Height + 4
	}
}

func (r *paneBlankRenderer) Refresh() {
	r.b.title.Color, r.b.hint.Color = theme.Color(theme.ColorNamePlaceHolder), theme.Color(theme.ColorNamePlaceHolder)
	r.b.title.TextSize, r.b.hint.TextSize = theme.Size(theme.SizeNameText), theme.Size(theme.SizeNameCaptionText)
	r.b.title.TextStyle.Bold = true
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}
