package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portside/client"
	"portside/ui/state"
)

// Measures of the tree in device-independent pixels.
const (
	siteRowHeight = 22
	siteEdge      = 6
	siteIndent    = 16
	siteArrow     = 16
	siteIcon      = 16
	siteDot       = 9
	siteScroll    = 8
)

// siteLeft is where a row of that depth begins.
func siteLeft(depth int) float32 {
	const deepest = 8 // further down the names are worth more than the steps
	return siteEdge + float32(min(depth, deepest))*siteIndent
}

// A siteLook is the colours and measures of a theme as the tree uses them.
type siteLook struct {
	text, dim, hover, chosen, idle color.Color
	size, top, height              float32
}

func newSiteLook() siteLook {
	l := siteLook{
		text: theme.Color(theme.ColorNameForeground), dim: theme.Color(theme.ColorNamePlaceHolder),
		hover: theme.Color(theme.ColorNameHover), chosen: theme.Color(theme.ColorNameSelection), size: theme.TextSize(),
	}
	l.idle = fade(l.text, 0x1c)
	l.height = fyne.MeasureText("Mg", l.size, fyne.TextStyle{}).Height
	l.top = float32(math.Round(float64(siteRowHeight-l.height) / 2))
	return l
}

// A siteRowView is the canvas objects of one row in view.
type siteRowView struct {
	back         *canvas.Rectangle
	arrow, icon  *canvas.Image
	mark         *canvas.Image
	dot          *canvas.Circle
	name, detail *canvas.Text
	objects      []fyne.CanvasObject
}

func newSiteRowView() *siteRowView {
	v := &siteRowView{
		back: canvas.NewRectangle(color.Transparent), arrow: canvas.NewImageFromResource(nil), icon: canvas.NewImageFromResource(nil),
		mark: canvas.NewImageFromResource(nil), dot: canvas.NewCircle(color.Transparent),
		name: canvas.NewText("", color.Transparent), detail: canvas.NewText("", color.Transparent),
	}
	for _, i := range []*canvas.Image{v.arrow, v.icon, v.mark} {
		i.FillMode = canvas.ImageFillContain
		i.Resize(fyne.NewSquareSize(siteIcon))
	}
	v.arrow.Resize(fyne.NewSquareSize(12))
	v.dot.Resize(fyne.NewSquareSize(siteDot))
	return v
}

// show makes v row r at y.
func (v *siteRowView) show(b *siteBody, r state.SiteRow, y float32, fill color.Color) []fyne.CanvasObject {
	t := b.t
	v.objects = v.objects[:0]
	width := b.Size().Width
	if fill != nil {
		v.back.FillColor = fill
		v.back.Move(fyne.NewPos(0, y))
		v.back.Resize(fyne.NewSize(width, siteRowHeight))
		v.objects = append(v.objects, v.back)
	}
	x, middle := siteLeft(r.Depth), y+(siteRowHeight-siteIcon)/2
	if r.IsFolder() {
		arrow := t.icons.closed
		if r.Open {
			arrow = t.icons.open
		}
		v.picture(v.arrow, arrow, fyne.NewPos(x+2, y+(siteRowHeight-12)/2))
		v.picture(v.icon, t.icons.folder, fyne.NewPos(x+siteArrow, middle))
	} else {
		v.showDot(r.Colour, fyne.NewPos(x+siteArrow+(siteIcon-siteDot)/2, y+(siteRowHeight-siteDot)/2))
	}
	x += siteArrow + siteIcon + 5
	room := width - siteScroll - x
	if r.Marked {
		room -= siteIcon + 4
		v.picture(v.mark, t.icons.mark, fyne.NewPos(width-siteScroll-siteIcon, middle))
	}
	v.texts(t, r, x, y, room)
	return v.objects
}

// showDot shows the colour of a site: a ring where it has none.
func (v *siteRowView) showDot(name string, at fyne.Position) {
	v.dot.FillColor, v.dot.StrokeWidth = siteColour(name), 0
	if name == "" {
		v.dot.StrokeColor, v.dot.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1.5
	}
	v.dot.Move(at)
	v.objects = append(v.objects, v.dot)
}

// texts writes the name, and what is said beside it where there is room.
func (v *siteRowView) texts(t *siteTree, r state.SiteRow, x, y, room float32) {
	look := &t.look
	bold := fyne.TextStyle{Bold: r.ID != "" && r.ID == t.current}
	width := func(s string) float32 { return fyne.MeasureText(s, look.size, bold).Width }
	name := client.Printable(r.Name)
	if name == "" {
		name = "(no name yet)"
	}
	detail := client.Printable(r.Detail)
	v.name.Text, v.name.Color, v.name.TextSize = state.CutMiddle(name, room, width), look.text, look.size
	v.name.TextStyle = bold
	taken := width(v.name.Text)
	v.name.Move(fyne.NewPos(x, y+look.top))
	v.name.Resize(fyne.NewSize(taken, look.height))
	v.objects = append(v.objects, v.name)
	const gap, least = 8, 40
	if left := room - taken - gap; detail != "" && (left >= least || left >= width(detail)) {
		v.detail.Text, v.detail.Color, v.detail.TextSize = state.CutEnd(detail, left, width), look.dim, look.size
		v.detail.Move(fyne.NewPos(x+taken+gap, y+look.top))
		v.detail.Resize(fyne.NewSize(left, look.height))
		v.objects = append(v.objects, v.detail)
	}
}

// picture shows an icon at a place.
func (v *siteRowView) picture(i *canvas.Image, what fyne.Resource, at fyne.Position) {
	if i.Resource != what {
		i.Resource = what
		i.Refresh()
	}
	i.Move(at)
	v.objects = append(v.objects, i)
}
