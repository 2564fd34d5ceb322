package ui

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"portside/ui/filetable"
	"portside/ui/state"
)

// Measures of the preview in device-independent pixels.
const (
	syncRowHeight  = filetable.RowHeight + syncRowMore // where the theme does not say
	syncRowMore    = 2                                 // what rows have more than those of files
	syncIconSize   = 16
	syncBoxLeft    = 8
	syncIconLeft   = 32
	syncWordLeft   = 54
	syncPathLeft   = 146
	syncSizeWidth  = 72
	syncCellPad    = 8
	syncScrollRoom = 10
)

// syncColumns are where the columns of the preview are.
type syncColumns struct{ pathEnd, sizeEnd, whyLeft, whyEnd float32 }

// syncColumnsIn lays the columns out; what is narrow keeps the path.
func syncColumnsIn(width float32) syncColumns {
	whyWidth := min(max(width*0.3, 150), 420)
	if width < 640 {
		whyWidth = max(width*0.22, 90)
	}
	end := width - syncScrollRoom
	why := float32(int(end - whyWidth))
	return syncColumns{pathEnd: why - syncSizeWidth - syncCellPad, sizeEnd: why - syncCellPad, whyLeft: why + syncCellPad, whyEnd: end}
}

// A syncLook is the colours and measures of a theme as the preview uses them.
type syncLook struct {
	text, dim, warning, trouble, good, accent color.Color
	head, hover, cursor, idle                 color.Color
	size, top, height                         float32
	row                                       float32 // from one row to the next
}

func newSyncLook() syncLook {
	l := syncLook{
		text: theme.Color(theme.ColorNameForeground), dim: theme.Color(theme.ColorNamePlaceHolder),
		warning: theme.Color(theme.ColorNameWarning), trouble: theme.Color(theme.ColorNameError),
		good: theme.Color(theme.ColorNameSuccess), accent: theme.Color(theme.ColorNamePrimary),
		head: theme.Color(theme.ColorNameHeaderBackground), hover: theme.Color(theme.ColorNameHover),
		cursor: theme.Color(theme.ColorNameSelection), size: theme.TextSize(),
	}
	l.idle = fade(l.text, 0x1c)
	l.height = fyne.MeasureText("Mg", l.size, fyne.TextStyle{}).Height
	if l.row = theme.Size(filetable.SizeNameRow); l.row <= 0 {
		l.row = filetable.RowHeight
	}
	l.row += syncRowMore
	l.top = float32(math.Round(float64(l.row-l.height) / 2))
	return l
}

// A syncRowView is the canvas objects of one row in view.
type syncRowView struct {
	back       *canvas.Rectangle
	box, icon  *canvas.Image
	word, size syncCell
	path, why  syncCell
	objects    []fyne.CanvasObject
}

// A syncCell is one text, and from what it was made.
type syncCell struct {
	text  *canvas.Text
	whole string
	room  float32
}

func newSyncRowView() *syncRowView {
	v := &syncRowView{
		back: canvas.NewRectangle(color.Transparent),
		box:  canvas.NewImageFromResource(nil), icon: canvas.NewImageFromResource(nil),
	}
	for _, i := range []*canvas.Image{v.box, v.icon} {
		i.FillMode = canvas.ImageFillContain
		i.Resize(fyne.NewSquareSize(syncIconSize))
	}
	for _, c := range []*syncCell{&v.word, &v.size, &v.path, &v.why} {
		c.text = canvas.NewText("", color.Transparent)
	}
	v.size.text.Alignment = fyne.TextAlignTrailing
	return v
}

// show makes v row r at y.
func (v *syncRowView) show(b *syncBody, r *state.SyncRow, y float32, fill color.Color) []fyne.CanvasObject {
	look := &b.t.look
	v.objects = v.objects[:0]
	if fill != nil {
		v.back.FillColor = fill
		v.back.Move(fyne.NewPos(0, y))
		v.back.Resize(fyne.NewSize(b.Size().Width, b.t.pitch()))
		v.objects = append(v.objects, v.back)
	}
	iconTop := y + (b.t.pitch()-syncIconSize)/2
	if r.Tick != state.SyncNoBox && !b.t.busy {
		v.picture(v.box, b.t.icons.boxes[r.Tick], fyne.NewPos(syncBoxLeft, iconTop))
	}
	if !r.Head {
		v.picture(v.icon, b.t.icons.of(r), fyne.NewPos(syncIconLeft, iconTop))
	}
	v.texts(b, r, y, look)
	return v.objects
}

// picture shows an icon at a place.
func (v *syncRowView) picture(i *canvas.Image, what fyne.Resource, at fyne.Position) {
	if i.Resource != what {
		i.Resource = what
		i.Refresh()
	}
	i.Move(at)
	v.objects = append(v.objects, i)
}

// texts writes the cells.
func (v *syncRowView) texts(b *syncBody, r *state.SyncRow, y float32, look *syncLook) {
	c := &b.t.columns
	ink, second := look.text, look.dim
	switch {
	case r.Status == state.SyncFailed:
		second = look.trouble
	case r.Status == state.SyncUndone:
		second = look.warning
	case r.Head && r.Group == state.SyncDeletes, r.Group == state.SyncDeletes && r.Tick == state.SyncOn && r.Status == state.SyncWaiting:
		ink = look.warning
	case r.Tick == state.SyncOff, r.Group >= state.SyncLeft, r.Note:
		ink = look.dim
	}
	bold := fyne.TextStyle{Bold: r.Head}
	if r.Head {
		title := r.Word + "  " + r.Path
		v.cell(b, &v.word, title, syncIconLeft, c.pathEnd, y, ink, bold, state.CutEnd)
		v.cell(b, &v.size, r.Size, c.pathEnd, c.sizeEnd, y, look.dim, fyne.TextStyle{}, state.CutEnd)
		v.cell(b, &v.why, r.Why, c.whyLeft, c.whyEnd, y, look.dim, fyne.TextStyle{}, state.CutEnd)
		return
	}
	wordInk := ink
	switch r.Status {
	case state.SyncFailed:
		wordInk = look.trouble
	case state.SyncDone:
		wordInk = look.good
	case state.SyncUndone:
		wordInk = look.warning
	case state.SyncRunning:
		wordInk = look.accent
	case state.SyncWaiting:
	}
	v.cell(b, &v.word, r.Word, syncWordLeft, syncPathLeft-syncCellPad, y, wordInk, fyne.TextStyle{}, state.CutEnd)
	v.cell(b, &v.path, r.Path, syncPathLeft, c.pathEnd, y, ink, fyne.TextStyle{}, state.CutMiddle)
	v.cell(b, &v.size, r.Size, c.pathEnd, c.sizeEnd, y, look.dim, fyne.TextStyle{}, state.CutEnd)
	v.cell(b, &v.why, r.Why, c.whyLeft, c.whyEnd, y, second, fyne.TextStyle{}, state.CutEnd)
}

// A syncCut shortens a text.
type syncCut func(text string, limit float32, width func(string) float32) string

// cell writes one text between left and right.
func (v *syncRowView) cell(b *syncBody, c *syncCell, whole string, left, right, y float32, ink color.Color, style fyne.TextStyle, cut syncCut) {
	look := &b.t.look
	room := right - left
	if whole != c.whole || room != c.room || c.text.TextSize != look.size || c.text.TextStyle != style {
		c.whole, c.room, c.text.TextSize, c.text.TextStyle = whole, room, look.size, style
		c.text.Text = b.fit(syncFit{whole, room, style.Bold}, cut)
	}
	if c.text.Text == "" {
		return
	}
	c.text.Color = ink
	c.text.Move(fyne.NewPos(left, y+look.top))
	c.text.Resize(fyne.NewSize(room, look.height))
	v.objects = append(v.objects, c.text)
}
