package ui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A tone says how much a banner matters.
type tone uint8

// The tones.
const (
	toneInfo tone = iota
	toneWarning
	toneError
)

func (t tone) ink() fyne.ThemeColorName {
	switch t {
	case toneError:
		return theme.ColorNameError
	case toneWarning:
		return theme.ColorNameWarning
	default:
		return theme.ColorNamePrimary
	}
}

func (t tone) icon() fyne.Resource {
	switch t {
	case toneError:
		return theme.NewErrorThemedResource(theme.ErrorIcon())
	case toneWarning:
		return theme.NewWarningThemedResource(theme.WarningIcon())
	default:
		return theme.NewPrimaryThemedResource(theme.InfoIcon())
	}
}

// An action is a button with what it does.
type action struct {
	label string
	do    func()
}

// A notice is what one banner says. key names its subject: a newer notice on
// the same subject takes the place of the older.
type notice struct {
	key     string
	tone    tone
	text    string
	actions []action // each closes the banner first
	lasting bool     // it does not go for a newer one
}

// bannerMost is how many banners there can be; the oldest goes for a new one, unless it
// is lasting.
const bannerMost = 3

// bannerArea shows notices inside the window, one below the other, newest last.
type bannerArea struct {
	Content  *fyne.Container
	OnResize func() // the area takes another height
	shown    []notice
}

func newBannerArea() *bannerArea {
	a := &bannerArea{Content: container.NewVBox()}
	a.Content.Hide()
	return a
}

// Show shows n in place of the notice with the same key.
func (a *bannerArea) Show(n notice) {
	at := slices.IndexFunc(a.shown, func(o notice) bool { return o.key == n.key })
	if at >= 0 {
		a.shown[at] = n
	} else {
		a.shown = append(a.shown, n)
		if oldest := slices.IndexFunc(a.shown, func(o notice) bool { return !o.lasting }); len(a.shown) > bannerMost &&
			oldest >= 0 && oldest < len(a.shown)-1 {
			a.shown = slices.Delete(a.shown, oldest, oldest+1)
		}
	}
	a.rebuild()
}

// Hide takes the notice with that key away, if there is one.
func (a *bannerArea) Hide(key string) {
	before := len(a.shown)
	a.shown = slices.DeleteFunc(a.shown, func(o notice) bool { return o.key == key })
	if len(a.shown) != before {
		a.rebuild()
	}
}

// Has reports whether a notice with that key is shown.
func (a *bannerArea) Has(key string) bool {
	return slices.ContainsFunc(a.shown, func(o notice) bool { return o.key == key })
}

func (a *bannerArea) rebuild() {
	a.Content.RemoveAll()
	for _, n := range a.shown {
		a.Content.Add(a.banner(n))
	}
	a.Content.Hidden = len(a.shown) == 0
	a.Content.Refresh()
	if a.OnResize != nil {
		a.OnResize()
	}
}

func (a *bannerArea) banner(n notice) fyne.CanvasObject {
	label := widget.NewLabel(n.text)
	label.Wrapping = fyne.TextWrapWord
	buttons := container.NewHBox()
	for _, act := range n.actions {
		b := newPushButton(act.label, func() {
			a.Hide(n.key)
			act.do()
		})
		buttons.Add(b)
	}
	buttons.Add(newIconButton(theme.CancelIcon(), func() { a.Hide(n.key) }))
	icon := widget.NewIcon(n.tone.icon())
	row := container.NewBorder(nil, nil,
		container.NewCenter(container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding()*2, 0), icon)),
		container.NewCenter(buttons), label)
	return container.NewStack(newTinted(n.tone.ink()), row)
}

// tinted is a wash of a colour, with a solid edge on the left.
type tinted struct {
	widget.BaseWidget

	ink   fyne.ThemeColorName
	alpha uint8 // of the wash
	wash  *canvas.Rectangle
	edge  *canvas.Rectangle
}

func newTinted(ink fyne.ThemeColorName) *tinted {
	t := &tinted{ink: ink, alpha: 0x20, wash: canvas.NewRectangle(color.Transparent), edge: canvas.NewRectangle(color.Transparent)}
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer returns the wash and its edge.
func (t *tinted) CreateRenderer() fyne.WidgetRenderer {
	r := &tintedRenderer{t}
	r.paint()
	return r
}

type tintedRenderer struct{ t *tinted }

func (r *tintedRenderer) paint() {
	ink := theme.Color(r.t.ink)
	r.t.edge.FillColor = ink
	r.t.wash.FillColor = fade(ink, r.t.alpha)
}

func (r *tintedRenderer) Layout(size fyne.Size) {
	r.t.wash.Resize(size)
	r.t.edge.Resize(fyne.NewSize(3, size.Height))
}
func (r *tintedRenderer) MinSize() fyne.Size { return fyne.NewSize(3, 24) }
func (r *tintedRenderer) Destroy()           {}
func (r *tintedRenderer) Refresh() {
	r.paint()
	canvas.Refresh(r.t)
}

func (r *tintedRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.wash, r.t.edge}
}

// fade returns c as a veil.
func fade(c color.Color, alpha uint8) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: alpha}
}
