package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/ui/state"
)

// An importRowView is the canvas objects of one row in view.
type importRowView struct {
	back    *canvas.Rectangle
	box     *canvas.Image
	texts   [4]*canvas.Text
	objects []fyne.CanvasObject
}

func newImportRowView() *importRowView {
	v := &importRowView{back: canvas.NewRectangle(color.Transparent), box: canvas.NewImageFromResource(nil)}
	v.box.FillMode = canvas.ImageFillContain
	v.box.Resize(fyne.NewSquareSize(syncIconSize))
	for i := range v.texts {
		v.texts[i] = canvas.NewText("", color.Transparent)
	}
	return v
}

// show makes v the row at a place.
func (v *importRowView) show(b *importBody, row int) []fyne.CanvasObject {
	t := b.t
	look, y := &t.look, float32(row)*syncRowHeight
	r := t.list.Row(row)
	v.objects = v.objects[:0]
	var fill color.Color
	switch {
	case row == t.cursor && t.focused:
		fill = look.cursor
	case row == t.cursor:
		fill = look.idle
	case row == t.hover:
		fill = look.hover
	}
	if fill != nil {
		v.back.FillColor = fill
		v.back.Move(fyne.NewPos(0, y))
		v.back.Resize(fyne.NewSize(b.Size().Width, syncRowHeight))
		v.objects = append(v.objects, v.back)
	}
	if r.Box {
		tick := state.SyncOff
		if r.Chosen {
			tick = state.SyncOn
		}
		if icon := t.icons.boxes[tick]; v.box.Resource != icon {
			v.box.Resource = icon
			v.box.Refresh()
		}
		v.box.Move(fyne.NewPos(syncBoxLeft, y+(syncRowHeight-syncIconSize)/2))
		v.objects = append(v.objects, v.box)
	}
	ink, second := look.text, look.dim
	switch {
	case !r.Chosen && r.Doubt, r.Chosen && r.Lost > 0:
		second = look.warning
	case r.Chosen:
		second = look.text
	}
	if !r.Chosen {
		ink = look.dim
	}
	ends := importColumns(b.Size().Width)
	for i, c := range []struct {
		text string
		ink  color.Color
	}{{r.Name, ink}, {r.Folder, look.dim}, {r.Host, ink}, {r.Outcome, second}} {
		v.cell(look, v.texts[i], client.Printable(c.text), ends[i], ends[i+1]-syncCellPad, y, c.ink, i < 3)
	}
	return v.objects
}

func (v *importRowView) cell(look *syncLook, t *canvas.Text, text string, left, right, y float32, ink color.Color, middle bool) {
	if text == "" {
		return
	}
	width := func(s string) float32 { return fyne.MeasureText(s, look.size, fyne.TextStyle{}).Width }
	if middle {
		t.Text = state.CutMiddle(text, right-left, width)
	} else {
		t.Text = state.CutEnd(text, right-left, width)
	}
	t.Color, t.TextSize = ink, look.size
	t.Move(fyne.NewPos(left, y+look.top))
	t.Resize(fyne.NewSize(right-left, look.height))
	v.objects = append(v.objects, t)
}

// importHead names the columns.
type importHead struct {
	widget.BaseWidget

	t *importTable
}

// CreateRenderer returns the titles.
func (h *importHead) CreateRenderer() fyne.WidgetRenderer {
	r := &importHeadRenderer{h: h, back: canvas.NewRectangle(color.Transparent), base: canvas.NewRectangle(color.Transparent)}
	for _, title := range []string{"Name", "Folder", "Host", "What becomes of it"} {
		r.titles = append(r.titles, canvas.NewText(title, color.Transparent))
	}
	r.Refresh()
	return r
}

type importHeadRenderer struct {
	h          *importHead
	back, base *canvas.Rectangle
	titles     []*canvas.Text
}

func (r *importHeadRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.base.Move(fyne.NewPos(0, size.Height-1))
	r.base.Resize(fyne.NewSize(size.Width, 1))
	ends := importColumns(size.Width)
	for i, t := range r.titles {
		height := t.MinSize().Height
		t.Move(fyne.NewPos(ends[i], float32(int((size.Height-height)/2))))
		t.Resize(fyne.NewSize(ends[i+1]-ends[i], height))
	}
}

func (r *importHeadRenderer) MinSize() fyne.Size { return fyne.NewSize(1, syncHeaderHeight) }
func (r *importHeadRenderer) Destroy()           {}

func (r *importHeadRenderer) Refresh() {
	r.back.FillColor, r.base.FillColor = theme.Color(theme.ColorNameHeaderBackground), theme.Color(theme.ColorNameSeparator)
	for _, t := range r.titles {
		t.Color, t.TextSize = theme.Color(theme.ColorNamePlaceHolder), theme.CaptionTextSize()
	}
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

func (r *importHeadRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.back, r.base}
	for _, t := range r.titles {
		objects = append(objects, t)
	}
	return objects
}
