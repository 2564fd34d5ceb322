package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paneAlert says in a strip below the files what went wrong, until it is put away.
type paneAlert struct {
	widget.BaseWidget

	text    *widget.RichText
	buttons *fyne.Container
	content *fyne.Container
	changed func() // the strip came or went
}

func newPaneAlert() *paneAlert {
	a := &paneAlert{text: newInk("", theme.SizeNameText, theme.ColorNameForeground), buttons: container.NewHBox()}
	icon := widget.NewIcon(theme.NewColoredResource(theme.WarningIcon(), theme.ColorNameError))
	away := newIconButton(theme.CancelIcon(), a.Hide)
	a.content = container.NewStack(newTinted(theme.ColorNameError), container.NewBorder(nil, nil,
		container.NewHBox(paneSpace(6), container.NewCenter(icon)), container.NewHBox(container.NewCenter(a.buttons), container.NewCenter(away)), a.text))
	a.ExtendBaseWidget(a)
	a.Hide()
	return a
}

// CreateRenderer implements fyne.Widget.
func (a *paneAlert) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(a.content) }

// Say shows a sentence, the next step, which may be empty, and buttons.
func (a *paneAlert) Say(sentence, next string, choices ...paneChoice) {
	if next != "" {
		sentence += " " + next
	}
	setInk(a.text, sentence)
	a.buttons.RemoveAll()
	for _, c := range choices {
		a.buttons.Add(newPushButton(c.label, func() {
			a.Hide()
			c.do()
		}))
	}
	a.Show()
	a.Refresh()
	a.tell()
}

// Hide implements fyne.CanvasObject.
func (a *paneAlert) Hide() {
	if !a.Hidden {
		a.BaseWidget.Hide()
		a.tell()
	}
}

func (a *paneAlert) tell() {
	if a.changed != nil {
		a.changed()
	}
}

// paneSpace is empty space of that width.
func paneSpace(width float32) fyne.CanvasObject {
	return container.New(paneFixed{fyne.NewSize(width, 1)})
}

// paneFilter is the strip in which a part of names is typed, to show only those.
type paneFilter struct {
	widget.BaseWidget

	p       *Pane
	entry   *paneEntry
	content *fyne.Container
}

func newPaneFilter(p *Pane) *paneFilter {
	f := &paneFilter{p: p, entry: newPaneEntry()}
	f.entry.SetPlaceHolder("Part of a name")
	f.entry.OnChanged = f.apply
	f.entry.OnSubmitted = func(string) { p.Focus() }
	f.entry.onEscape = f.Close
	f.entry.onDown = p.Focus
	icon := widget.NewIcon(theme.NewColoredResource(theme.SearchIcon(), theme.ColorNamePlaceHolder))
	f.content = container.NewBorder(nil, nil,
		container.NewHBox(paneSpace(2), container.NewCenter(icon)),
		newPaneButton(theme.CancelIcon(), "Show all names again (Escape)", func(s string) { p.status.Hint(s) }, f.Close),
		f.entry.themed)
	f.ExtendBaseWidget(f)
	f.BaseWidget.Hide()
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *paneFilter) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(f.content) }

// Open shows the strip and gives it the keyboard.
func (f *paneFilter) Open() {
	if f.p.path == "" {
		return
	}
	f.Show()
	f.p.content.Refresh()
	f.p.focus(f.entry)
	f.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// Close shows all names again.
func (f *paneFilter) Close() {
	f.Hide()
	f.p.model.SetFilter("")
	f.p.table.Reload(false)
	f.p.show()
	f.p.Focus()
}

// Hide implements fyne.CanvasObject. It leaves the filter of the model alone.
func (f *paneFilter) Hide() {
	if f.Hidden {
		return
	}
	f.BaseWidget.Hide()
	f.entry.OnChanged = nil
	f.entry.SetText("")
	f.entry.OnChanged = f.apply
	f.p.content.Refresh()
}

func (f *paneFilter) apply(text string) {
	f.p.model.SetFilter(text)
	f.p.table.Reload(true)
	f.p.show()
}
