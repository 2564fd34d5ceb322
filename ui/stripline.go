package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// stripLine is one row of the transfers strip: direction, name, bar, numbers
// in columns, and a button that cancels, or that tries again.
type stripLine struct {
	widget.BaseWidget

	row    stripRow
	cancel func(id int64)
	retry  func(id int64)

	icon                                       *canvas.Image
	name, percent, amount, rate, left, verdict *canvas.Text
	bar                                        *thinBar
	button                                     *pushButton
	diagnose                                   *pushButton
}

func newStripLine(cancel, retry, diagnose func(id int64)) *stripLine {
	l := &stripLine{
		cancel: cancel, retry: retry,
		icon: canvas.NewImageFromResource(nil), bar: newThinBar(),
		name: canvas.NewText("", color.Transparent), percent: canvas.NewText("", color.Transparent), amount: canvas.NewText("", color.Transparent),
		rate: canvas.NewText("", color.Transparent), left: canvas.NewText("", color.Transparent), verdict: canvas.NewText("", color.Transparent),
	}
	l.icon.FillMode = canvas.ImageFillContain
	for _, t := range []*canvas.Text{l.percent, l.amount, l.rate, l.left} {
		t.Alignment = fyne.TextAlignTrailing
	}
	l.button = newIconButton(theme.CancelIcon(), func() {
		if l.row.finished {
			l.retry(l.row.id)
		} else {
			l.cancel(l.row.id)
		}
	})
	l.diagnose = newQuietButton("Diagnose", func() { diagnose(l.row.id) })
	l.ExtendBaseWidget(l)
	return l
}

// Set shows r.
func (l *stripLine) Set(r stripRow) {
	if l.row == r {
		return
	}
	l.row = r
	l.Refresh()
}

// CreateRenderer returns the columns.
func (l *stripLine) CreateRenderer() fyne.WidgetRenderer { return &stripLineRenderer{l: l} }

type stripLineRenderer struct{ l *stripLine }

const (
	stripLineHeight = 22
	stripIcon       = 14
	stripPercent    = 42
	stripAmount     = 124
	stripRate       = 74
	stripLeft       = 80
	stripButton     = 26
)

func (r *stripLineRenderer) MinSize() fyne.Size { return fyne.NewSize(300, stripLineHeight) }
func (r *stripLineRenderer) Destroy()           {}

// Layout puts the columns from the right; the name takes two fifths.
func (r *stripLineRenderer) Layout(size fyne.Size) {
	l, pad := r.l, theme.Padding()*2
	place := func(o fyne.CanvasObject, x, w, h float32) {
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(max(0, w), h))
	}
	text := l.name.MinSize().Height
	place(l.icon, pad, stripIcon, stripIcon)
	nameAt := pad + stripIcon + pad
	x := size.Width - stripButton - pad
	place(l.button, x, stripButton, stripLineHeight)
	numbersAt := max(nameAt+120, size.Width*2/5)
	said := x
	if l.row.diagnose {
		said -= l.diagnose.MinSize().Width + pad
		place(l.diagnose, said, l.diagnose.MinSize().Width, stripLineHeight)
	}
	place(l.verdict, numbersAt, said-numbersAt-pad, text)
	for _, c := range []struct {
		o fyne.CanvasObject
		w float32
	}{{l.left, stripLeft}, {l.rate, stripRate}, {l.amount, stripAmount}, {l.percent, stripPercent}} {
		x -= c.w
		place(c.o, x, c.w, text)
	}
	place(l.bar, numbersAt, x-numbersAt, thinBarHeight+4)
	place(l.name, nameAt, numbersAt-nameAt-pad, text)
	r.fill()
}

// fill sets texts, cut to the room they have.
func (r *stripLineRenderer) fill() {
	l, row := r.l, r.l.row
	size := theme.TextSize()
	set := func(t *canvas.Text, s string, ink fyne.ThemeColorName) {
		t.TextSize, t.Color = size, theme.Color(ink)
		t.Text = state.CutMiddle(s, t.Size().Width, func(s string) float32 {
			return fyne.MeasureText(s, size, t.TextStyle).Width
		})
	}
	set(l.name, row.name, theme.ColorNameForeground)
	moving := row.verdict == ""
	set(l.verdict, row.verdict, row.ink)
	set(l.percent, row.percent, theme.ColorNameForeground)
	set(l.amount, row.amount, theme.ColorNamePlaceHolder)
	set(l.rate, row.rate, theme.ColorNameForeground)
	set(l.left, row.left, theme.ColorNamePlaceHolder)
	l.verdict.Hidden = moving
	for _, o := range []*canvas.Text{l.percent, l.amount, l.rate, l.left} {
		o.Hidden = !moving
	}
	l.bar.Hidden = !moving
	l.bar.Set(max(0, row.fraction))
	icon := theme.DownloadIcon()
	if row.up {
		icon = theme.UploadIcon()
	}
	if l.icon.Resource != icon {
		l.icon.Resource = icon
		l.icon.Refresh()
	}
	r.fillButton()
}

func (r *stripLineRenderer) fillButton() {
	l := r.l
	l.button.Hidden = l.row.finished && !l.row.retry
	l.diagnose.Hidden = !l.row.diagnose
	icon := theme.CancelIcon()
	if l.row.finished {
		icon = theme.ViewRefreshIcon()
	}
	if l.button.Icon != icon {
		l.button.Icon = icon
		l.button.Refresh()
	}
}

func (r *stripLineRenderer) Refresh() {
	r.Layout(r.l.Size())
	canvas.Refresh(r.l)
}

func (r *stripLineRenderer) Objects() []fyne.CanvasObject {
	l := r.l
	return []fyne.CanvasObject{l.icon, l.name, l.bar, l.percent, l.amount, l.rate, l.left, l.verdict, l.button, l.diagnose}
}
