package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// paneButton is a small flat button with a picture. It does not take the
// keyboard from the files, and says in the status line what it does.
type paneButton struct {
	widget.BaseWidget

	icon    fyne.Resource
	hint    string
	say     func(hint string)
	tapped  func()
	on      bool
	hovered bool
	back    *canvas.Rectangle
	image   *canvas.Image
}

var (
	_ fyne.Tappable     = (*paneButton)(nil)
	_ desktop.Hoverable = (*paneButton)(nil)
)

func newPaneButton(icon fyne.Resource, hint string, say func(string), tapped func()) *paneButton {
	b := &paneButton{
		icon: icon, hint: hint, say: say, tapped: tapped, on: true,
		back: canvas.NewRectangle(color.Transparent), image: canvas.NewImageFromResource(icon),
	}
	b.image.FillMode = canvas.ImageFillContain
	b.ExtendBaseWidget(b)
	return b
}

// enable lets the button be pressed, or not.
func (b *paneButton) enable(on bool) {
	if b.on != on {
		b.on = on
		b.Refresh()
	}
}

// become gives the button another picture and hint.
func (b *paneButton) become(icon fyne.Resource, hint string) {
	if b.hint == hint {
		return
	}
	b.icon, b.hint = icon, hint
	if b.hovered {
		b.say(hint)
	}
	b.Refresh()
}

// Tapped implements fyne.Tappable.
func (b *paneButton) Tapped(*fyne.PointEvent) {
	if b.on {
		b.tapped()
	}
}

// MouseIn implements desktop.Hoverable.
func (b *paneButton) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.say(b.hint)
	b.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (b *paneButton) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *paneButton) MouseOut() {
	b.hovered = false
	b.say("")
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *paneButton) CreateRenderer() fyne.WidgetRenderer {
	r := &paneButtonRenderer{b}
	r.Refresh()
	return r
}

type paneButtonRenderer struct{ b *paneButton }

func (r *paneButtonRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(24) }
func (r *paneButtonRenderer) Destroy()           {}

func (r *paneButtonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.back, r.b.image}
}

func (r *paneButtonRenderer) Layout(size fyne.Size) {
	const icon = 16
	r.b.back.Resize(size)
	r.b.image.Resize(fyne.NewSquareSize(icon))
	r.b.image.Move(fyne.NewPos(float32(int((size.Width-icon)/2)), float32(int((size.Height-icon)/2))))
}

func (r *paneButtonRenderer) Refresh() {
	b := r.b
	name := theme.ColorNamePlaceHolder
	b.back.FillColor = color.Transparent
	switch {
	case !b.on:
		name = theme.ColorNameDisabled
	case b.hovered:
		name = theme.ColorNameForeground
		b.back.FillColor = theme.Color(theme.ColorNameHover)
	}
	b.back.CornerRadius = theme.Size(theme.SizeNameButtonRadius)
	b.image.Resource = theme.NewColoredResource(b.icon, name)
	b.image.Refresh()
	b.back.Refresh()
}
