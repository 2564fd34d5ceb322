package ui

import (
	"image/color"
	"time"

	"portside/ui/filetable"
	"portside/ui/state"
	"portside/ui/themed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panelTable lists transfers. However many there are, it has canvas objects only
// for the rows in view, and asks for those that are not here. Its callbacks may
// be nil.
type panelTable struct {
	widget.BaseWidget

	OnNeed   func()                     // rows in view are not here
	OnMenu   func(abs fyne.Position)    // right click, Menu key; what it is about is selected
	OnDo     func(do panelDo, id int64) // a link in a row, or its cross
	OnKey    func(do panelDo)           // a key that is about the selection
	OnRange  func(first, last int)      // a selection goes over rows that are not here
	OnEscape func()

	After func(d time.Duration, f func()) (stop func()) // f on the Fyne goroutine after d

	list   *state.PanelList
	sites  bool // the column of sites is shown
	pairs  bool // it names two sites in a row
	blank  *canvas.Text
	scroll *container.Scroll
	flat   fyne.CanvasObject // scroll without its shadows
	body   *panelBody
	header *panelHeader
	tip    *panelTip
	look   panelLook
	cols   panelColumns

	focused, shift bool
	hover          int // the row under the pointer, -1: none
	hoverY         float32
}

// A panelDo is what can be done with transfers.
type panelDo uint8

const (
	panelCancel panelDo = iota // what is finished is taken off the list
	panelRetry
	panelSkip
	panelDiagnose
	panelPause // or resume
	panelMoveTop
	panelMoveUp
	panelMoveDown
	panelMoveBottom
)

var (
	_ fyne.Focusable    = (*panelTable)(nil)
	_ fyne.Shortcutable = (*panelTable)(nil)
	_ desktop.Keyable   = (*panelTable)(nil)
)

// Measures of the table.
const (
	panelHeaderHeight = 20
	panelIcon         = 14
	panelPad          = 6
)

func newPanelTable(list *state.PanelList) *panelTable {
	t := &panelTable{list: list, hover: -1, hoverY: -1, blank: canvas.NewText("", color.Transparent)}
	t.After = func(d time.Duration, f func()) func() {
		timer := time.AfterFunc(d, func() { fyne.Do(f) })
		return func() { timer.Stop() }
	}
	t.blank.Alignment = fyne.TextAlignCenter
	t.ExtendBaseWidget(t)
	t.body = newPanelBody(t)
	t.header = newPanelHeader(t)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.scrolled() }
	t.flat = themed.New(t.scroll, panelShadowless{})
	t.tip = newPanelTip(t)
	return t
}

// panelShadowless is the application's theme without the shadows that a scroll
// container draws over its first and last row.
type panelShadowless struct{ splitTheme }

// Color returns the theme's colour, and none for a shadow.
func (s panelShadowless) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if n == theme.ColorNameShadow {
		return color.Transparent
	}
	return s.base().Color(n, v)
}

// Size returns the theme's size.
func (s panelShadowless) Size(n fyne.ThemeSizeName) float32 { return s.base().Size(n) }

// Update shows what has become of the list; blank is said where it is empty. sites has
// the column of sites shown, pairs gives it room for two in a row.
func (t *panelTable) Update(sites, pairs bool, blank string) {
	if t.sites != sites || t.pairs != pairs {
		t.sites, t.pairs = sites, pairs
		t.cols = t.columns(t.Size().Width)
		t.header.Refresh()
	}
	if t.list.Len() > 0 {
		blank = ""
	}
	if t.blank.Text != blank {
		t.blank.Text = blank
		canvas.Refresh(t.blank)
	}
	most := max(0, float32(t.list.Len())*t.pitch()-t.scroll.Size().Height)
	if height := t.body.MinSize().Height; t.body.Size().Height != max(height, t.scroll.Size().Height) || t.scroll.Offset.Y > most {
		t.scroll.Offset.Y = min(t.scroll.Offset.Y, most)
		t.scroll.Refresh()
	}
	t.tip.update()
	t.body.update()
}

// pitch is how far it is from one row to the next.
func (t *panelTable) pitch() float32 {
	if t.look.row > 0 {
		return t.look.row
	}
	return filetable.RowHeight
}

// View returns the places in view, the last not included.
func (t *panelTable) View() (first, last int) {
	top := t.scroll.Offset.Y
	first = max(0, int(top/t.pitch()))
	return first, first + int(t.scroll.Size().Height/t.pitch()) + 2
}

// ToTop scrolls to the first row.
func (t *panelTable) ToTop() { t.scrollTo(0) }

// ScrollBy scrolls by so many pixels, within bounds.
func (t *panelTable) ScrollBy(dy float32) { t.scrollTo(t.scroll.Offset.Y + dy) }

func (t *panelTable) scrollTo(top float32) {
	most := max(0, float32(t.list.Len())*t.pitch()-t.scroll.Size().Height)
	t.scroll.ScrollToOffset(fyne.NewPos(0, min(max(0, top), most)))
	t.scrolled() // ScrollToOffset does not call OnScrolled
}

func (t *panelTable) scrolled() {
	t.tip.hide()
	if t.hoverY >= 0 {
		t.hover = t.body.rowAt(t.hoverY + t.scroll.Offset.Y)
	}
	t.body.update()
	first, last := t.View()
	if t.OnNeed != nil && t.list.Lacks(first, last) {
		t.OnNeed()
	}
}

// reveal scrolls as little as is needed to bring a row in view.
func (t *panelTable) reveal(place int) {
	y, top, height := float32(place)*t.pitch(), t.scroll.Offset.Y, t.scroll.Size().Height
	switch {
	case y < top:
		t.scrollTo(y)
	case y+t.pitch() > top+height:
		t.scrollTo(y + t.pitch() - height)
	}
}

// Focus gives the table the keyboard.
func (t *panelTable) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
}

// CreateRenderer implements fyne.Widget.
func (t *panelTable) CreateRenderer() fyne.WidgetRenderer {
	t.look = newPanelLook()
	r := &panelTableRenderer{t: t, ground: newSurface(theme.ColorNameInputBackground), ring: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.ground, t.flat, t.blank, t.header, r.ring, t.tip}
	return r
}

type panelTableRenderer struct {
	t       *panelTable
	ground  *surface
	ring    *canvas.Rectangle // its colour is that of an edge that has the keyboard
	objects []fyne.CanvasObject
}

func (r *panelTableRenderer) Layout(size fyne.Size) {
	t := r.t
	t.cols = t.columns(size.Width)
	r.ground.Resize(size)
	t.header.Resize(fyne.NewSize(size.Width, panelHeaderHeight))
	t.flat.Move(fyne.NewPos(0, panelHeaderHeight))
	t.flat.Resize(fyne.NewSize(size.Width, max(0, size.Height-panelHeaderHeight)))
	t.blank.TextSize, t.blank.Color = t.look.size, t.look.dim
	t.blank.Move(fyne.NewPos(0, panelHeaderHeight+max(4, (size.Height-panelHeaderHeight-t.look.height)/2)))
	t.blank.Resize(fyne.NewSize(size.Width, t.look.height))
	r.placeRing()
	t.header.Refresh()
	t.tip.hide()
	t.body.update()
	first, last := t.View()
	if t.OnNeed != nil && t.list.Lacks(first, last) {
		t.OnNeed()
	}
}

// placeRing marks the table that has the keyboard by its upper edge: an outline
// would be painted in its whole area in every frame.
func (r *panelTableRenderer) placeRing() {
	r.ring.Resize(fyne.NewSize(r.t.Size().Width, 1))
	r.ring.Move(fyne.NewPos(0, panelHeaderHeight-1))
	r.ring.FillColor = r.t.look.line
	if r.t.focused {
		r.ring.FillColor = r.t.look.accent
	}
}

func (r *panelTableRenderer) MinSize() fyne.Size {
	return fyne.NewSize(300, panelHeaderHeight+2*r.t.pitch())
}

func (r *panelTableRenderer) Refresh() {
	before := r.t.pitch()
	r.t.look = newPanelLook()
	r.ground.Refresh()
	r.t.body.forget()
	r.Layout(r.t.Size())
	if r.t.pitch() != before {
		r.t.scroll.Offset.Y *= r.t.pitch() / before
		r.t.scroll.Refresh()
	}
	canvas.Refresh(r.t)
}
func (r *panelTableRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *panelTableRenderer) Destroy()                     { r.t.tip.hide() }

// A panelLook is the theme as the table uses it.
type panelLook struct {
	text, dim, accent, line, bar  color.Color
	good, careful, bad            color.Color
	selected, idle, hover, header color.Color
	tip                           color.Color
	size, small, height, top      float32
	smallHeight                   float32
	row                           float32 // from one row to the next; even: heights of a million rows are then exact
}

func newPanelLook() panelLook {
	l := panelLook{
		text: theme.Color(theme.ColorNameForeground), dim: theme.Color(theme.ColorNamePlaceHolder),
		accent: theme.Color(theme.ColorNamePrimary), line: theme.Color(theme.ColorNameSeparator),
		bar: theme.Color(theme.ColorNameSeparator), good: theme.Color(theme.ColorNameSuccess),
		careful: theme.Color(theme.ColorNameWarning), bad: theme.Color(theme.ColorNameError),
		selected: theme.Color(theme.ColorNameSelection), header: theme.Color(theme.ColorNameHeaderBackground),
		tip:  theme.Color(theme.ColorNameOverlayBackground),
		size: theme.Size(theme.SizeNameText), small: theme.Size(theme.SizeNameCaptionText),
	}
	l.idle, l.hover = fade(l.text, 0x1c), fade(l.text, 0x0c)
	l.height = fyne.MeasureText("Mg", l.size, fyne.TextStyle{}).Height
	l.smallHeight = fyne.MeasureText("Mg", l.small, fyne.TextStyle{}).Height
	if l.row = theme.Size(filetable.SizeNameRow); l.row <= 0 {
		l.row = filetable.RowHeight
	}
	l.top = float32(int((l.row - l.height) / 2))
	return l
}

// tone returns the colour of a tone.
func (l *panelLook) tone(t state.PanelTone) color.Color {
	switch t {
	case state.PanelQuiet:
		return l.dim
	case state.PanelGood:
		return l.good
	case state.PanelCareful:
		return l.careful
	case state.PanelBad:
		return l.bad
	default:
		return l.text
	}
}

// panelColumns are where the columns are: left edge and width each.
type panelColumns struct {
	name, site, size, bar, percent, speed, left, said, cross panelColumn
	links                                                    bool // there is room for the links of failed rows
}

type panelColumn struct{ x, w float32 }

// columns lays the columns out. Name and site take what the numbers leave; what
// is said instead of numbers has their room.
func (t *panelTable) columns(width float32) panelColumns {
	const size, percent, speed, left, cross, scrollBar = 62, 40, 76, 76, 20, 10
	var c panelColumns
	zone := max(300, min(580, float32(int(width*0.5))))
	x := width - scrollBar - cross
	c.cross = panelColumn{x, cross}
	c.left = panelColumn{x - left, left - panelPad}
	c.speed = panelColumn{c.left.x - speed, speed - panelPad}
	c.percent = panelColumn{c.speed.x - percent, percent - panelPad}
	c.said = panelColumn{x - zone, zone}
	c.bar = panelColumn{x - zone, c.percent.x - (x - zone) - panelPad}
	c.size = panelColumn{c.said.x - size - 2*panelPad, size}
	nameAt := float32(panelPad + panelIcon + panelPad)
	end := c.size.x - panelPad
	w := min(150, (end-nameAt)*0.38)
	if t.pairs {
		w = min(320, (end-nameAt)*0.5)
	}
	if t.sites && w > 80 {
		c.site = panelColumn{end - w, w}
		end = c.site.x - panelPad
	}
	c.name = panelColumn{nameAt, max(0, end-nameAt)}
	c.links = zone >= 420
	return c
}
