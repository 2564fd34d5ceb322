package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// newSyncLine is a bold text in as many lines as it takes, to go into tightLine.
func newSyncLine() *widget.RichText {
	t := newInk("", theme.SizeNameText, theme.ColorNameForeground)
	style(t).TextStyle.Bold = true
	return t
}

// tightLine takes away the room that Fyne leaves around a text.
func tightLine(t *widget.RichText) fyne.CanvasObject {
	pad := theme.InnerPadding()
	return container.New(layout.NewCustomPaddedLayout(1-pad, 1-pad, -pad, -pad), t)
}

// syncDetail is the two lines below a preview that say in full what the row with
// the cursor says in short.
type syncDetail struct {
	widget.BaseWidget

	back, line  *canvas.Rectangle
	name, what  *canvas.Text
	path, whole string
}

func newSyncDetail() *syncDetail {
	d := &syncDetail{
		back: canvas.NewRectangle(color.Transparent), line: canvas.NewRectangle(color.Transparent),
		name: canvas.NewText("", color.Transparent), what: canvas.NewText("", color.Transparent),
	}
	d.ExtendBaseWidget(d)
	return d
}

// Set says something about a path.
func (d *syncDetail) Set(path, what string) {
	if d.path == path && d.whole == what {
		return
	}
	d.path, d.whole = path, what
	d.Refresh()
}

// CreateRenderer returns the lines.
func (d *syncDetail) CreateRenderer() fyne.WidgetRenderer {
	r := &syncDetailRenderer{d}
	r.paint()
	return r
}

type syncDetailRenderer struct{ d *syncDetail }

func (r *syncDetailRenderer) paint() {
	d := r.d
	d.back.FillColor, d.line.FillColor = theme.Color(theme.ColorNameBackground), theme.Color(theme.ColorNameSeparator)
	d.name.Color, d.name.TextSize = theme.Color(theme.ColorNameForeground), theme.TextSize()
	d.what.Color, d.what.TextSize = theme.Color(theme.ColorNamePlaceHolder), theme.TextSize()
}

func (r *syncDetailRenderer) Layout(size fyne.Size) {
	d := r.d
	const left, top = syncEdge, 3
	d.back.Resize(size)
	d.line.Resize(fyne.NewSize(size.Width, 1))
	width := func(t *canvas.Text) func(string) float32 {
		return func(s string) float32 { return fyne.MeasureText(s, t.TextSize, t.TextStyle).Width }
	}
	room := max(0, size.Width-2*left)
	d.name.Text = state.CutMiddle(d.path, room, width(d.name))
	d.what.Text = state.CutEnd(d.whole, room, width(d.what))
	height := d.name.MinSize().Height
	d.name.Move(fyne.NewPos(left, top))
	d.name.Resize(fyne.NewSize(room, height))
	d.what.Move(fyne.NewPos(left, top+height))
	d.what.Resize(fyne.NewSize(room, height))
}

func (r *syncDetailRenderer) MinSize() fyne.Size {
	return fyne.NewSize(100, 6+2*fyne.MeasureText("Mg", theme.TextSize(), fyne.TextStyle{}).Height)
}
func (r *syncDetailRenderer) Destroy() {}

func (r *syncDetailRenderer) Refresh() {
	r.paint()
	r.Layout(r.d.Size())
	canvas.Refresh(r.d)
}

func (r *syncDetailRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.d.back, r.d.line, r.d.name, r.d.what}
}
