package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// remoteState is what fills the remote side while there is no listing to show:
// a picture, a headline, a sentence, and what can be done.
type remoteState struct {
	Content *fyne.Container

	column *fyne.Container
	busy   *widget.Activity
}

func newRemoteState() *remoteState {
	s := &remoteState{column: container.NewVBox(), busy: widget.NewActivity()}
	s.Content = container.NewStack(newSurface(theme.ColorNameInputBackground),
		container.NewVScroll(container.NewCenter(container.New(&columnLayout{width: 380}, s.column))))
	return s
}

// A remoteCard is the content of a remoteState.
type remoteCard struct {
	icon    fyne.Resource // nil: none
	busy    bool
	title   string
	text    string
	hint    string
	links   []action // one below the other, as a list
	heading string   // above the links
	buttons []action // side by side; the first is the main one
}

// Show replaces what is shown.
func (s *remoteState) Show(c remoteCard) {
	s.column.RemoveAll()
	switch {
	case c.busy:
		s.busy.Start()
		s.column.Add(container.NewCenter(container.New(squareLayout(28), s.busy)))
	case c.icon != nil:
		img := canvas.NewImageFromResource(c.icon)
		img.FillMode = canvas.ImageFillContain
		s.column.Add(container.NewCenter(container.New(squareLayout(56), img)))
	}
	if !c.busy {
		s.busy.Stop()
	}
	add := func(text string, size fyne.ThemeSizeName, bold bool, dim bool) {
		if text == "" {
			return
		}
		ink := theme.ColorNameForeground
		if dim {
			ink = theme.ColorNamePlaceHolder
		}
		l := newInk(text, size, ink)
		style(l).TextStyle.Bold, style(l).Alignment = bold, fyne.TextAlignCenter
		s.column.Add(l)
	}
	add(c.title, theme.SizeNameSubHeadingText, true, false)
	add(c.text, theme.SizeNameText, false, false)
	add(c.hint, theme.SizeNameText, false, true)
	if len(c.buttons) > 0 {
		row := container.New(layout.NewCustomPaddedHBoxLayout(2*theme.Padding()), layout.NewSpacer())
		for i, a := range c.buttons {
			b := newPushButton(a.label, a.do)
			if i == 0 && !c.busy {
				b.Importance = widget.HighImportance
			}
			row.Add(b)
		}
		row.Add(layout.NewSpacer())
		s.column.Add(newGap(6))
		s.column.Add(row)
	}
	if len(c.links) > 0 {
		s.column.Add(newGap(10))
		add(c.heading, theme.SizeNameCaptionText, false, true)
		for _, a := range c.links {
			link := widget.NewHyperlink(a.label, nil)
			link.OnTapped = a.do
			s.column.Add(container.NewCenter(link))
		}
	}
	s.Content.Refresh()
}

// Stop ends the animation, when something else is shown.
func (s *remoteState) Stop() { s.busy.Stop() }

// newGap is an empty space of a height.
func newGap(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, height))
	return r
}

// columnLayout keeps a column of text readable: so wide and no wider.
type columnLayout struct{ width float32 }

// Layout fills the column.
func (l *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is the width of the column and the height that its texts have in it.
func (l *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(l.width, 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// squareLayout gives its object a fixed square.
type squareLayout float32

// Layout fills the square.
func (l squareLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is the square.
func (l squareLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(float32(l)) }
