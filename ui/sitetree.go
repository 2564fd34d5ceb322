package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
	"portside/ui/themed"
)

// siteTree shows the tree of sites. It has canvas objects only for the rows in
// view, and knows nothing of the book: what is done to a row, it tells.
type siteTree struct {
	widget.BaseWidget

	OnChoose func()                            // another row is chosen
	OnOpen   func()                            // Return or a double click on a site
	OnRename func()                            // F2
	OnDelete func()                            // Delete
	OnEscape func()                            //
	OnUndo   func()                            // Ctrl+Z
	OnShift  func(by int)                      // Alt with an arrow: up or down in the folder
	OnType   func(r rune)                      // a character, for the search
	OnMenu   func(at fyne.Position)            // the context menu of the chosen row, or of none
	OnDrop   func(from int, to state.SiteDrop) // a row was dragged there
	Forward  func(fyne.Shortcut)               // shortcuts that are not the tree's; nil: to the canvas

	model   *state.SiteTree
	hover   int
	focused bool
	current string // ID of the site that is connected; "": none
	clicks  siteClicks
	drag    siteDrag

	look   siteLook
	icons  *siteIcons
	body   *siteBody
	scroll *container.Scroll
	flat   fyne.CanvasObject
}

var (
	_ fyne.Focusable    = (*siteTree)(nil)
	_ fyne.Shortcutable = (*siteTree)(nil)
)

func newSiteTree(model *state.SiteTree) *siteTree {
	t := &siteTree{model: model, hover: -1, icons: newSiteIcons(), drag: siteDrag{from: -1}}
	t.ExtendBaseWidget(t)
	t.body = newSiteBody(t)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.body.update() }
	t.flat = themed.New(t.scroll, syncFlatTheme{})
	return t
}

// Reload shows what has become of the model.
func (t *siteTree) Reload() {
	most := max(0, float32(t.model.Len())*siteRowHeight-t.scroll.Size().Height)
	t.scroll.Offset.Y = min(t.scroll.Offset.Y, most)
	t.scroll.Refresh()
	t.body.update()
}

// Choose chooses the row at a place, brings it in view and tells.
func (t *siteTree) Choose(row int) {
	t.model.Choose(row)
	t.Reveal()
	t.tell(t.OnChoose)
}

// Reveal brings the chosen row in view.
func (t *siteTree) Reveal() {
	row := t.model.Chosen()
	y, top, height := float32(row)*siteRowHeight, t.scroll.Offset.Y, t.scroll.Size().Height
	switch {
	case row < 0 || height <= 0:
	case y < top:
		t.scroll.ScrollToOffset(fyne.NewPos(0, y))
	case y+siteRowHeight > top+height:
		t.scroll.ScrollToOffset(fyne.NewPos(0, y+siteRowHeight-height))
	}
	t.body.update()
}

func (t *siteTree) tell(f func()) {
	if f != nil {
		f()
	}
}

// Focus gives the tree the keyboard.
func (t *siteTree) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
}

// FocusGained implements fyne.Focusable.
func (t *siteTree) FocusGained() {
	t.focused = true
	if t.model.Chosen() < 0 && t.model.Len() > 0 {
		t.Choose(0)
	}
	t.body.update()
}

// FocusLost implements fyne.Focusable.
func (t *siteTree) FocusLost() {
	t.focused = false
	t.endDrag()
	t.body.update()
}

// TypedRune implements fyne.Focusable: typing searches.
func (t *siteTree) TypedRune(r rune) {
	if t.OnType != nil && r != ' ' {
		t.OnType(r)
	}
}

// TypedKey implements fyne.Focusable.
func (t *siteTree) TypedKey(e *fyne.KeyEvent) {
	at, last := t.model.Chosen(), t.model.Len()-1
	page := max(1, int(t.scroll.Size().Height/siteRowHeight)-1)
	to := at
	switch e.Name {
	case fyne.KeyEscape:
		if t.drag.on {
			t.endDrag()
			return
		}
		t.tell(t.OnEscape)
	case fyne.KeyReturn, fyne.KeyEnter:
		t.open(at)
	case fyne.KeyF2:
		t.tell(t.OnRename)
	case fyne.KeyDelete:
		t.tell(t.OnDelete)
	case desktop.KeyMenu:
		t.menuKey(at)
	case fyne.KeyLeft:
		if !t.setOpen(at, false) {
			to = t.model.Parent(at)
		}
	case fyne.KeyRight:
		if !t.setOpen(at, true) && at >= 0 && t.model.Row(at).IsFolder() && at < last && t.model.Row(at+1).Depth > t.model.Row(at).Depth {
			to = at + 1
		}
	case fyne.KeyUp:
		to--
	case fyne.KeyDown:
		to++
	case fyne.KeyPageUp:
		to -= page
	case fyne.KeyPageDown:
		to += page
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = last
	}
	if to = min(max(to, 0), last); to != at && last >= 0 && t.moves(e.Name) {
		t.Choose(to)
	}
}

// moves reports whether a key moves the cursor.
func (t *siteTree) moves(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyRight:
		return true
	case fyne.KeyLeft:
		return t.model.Parent(t.model.Chosen()) >= 0
	}
	return false
}

// open connects to a site, and opens or closes a folder.
func (t *siteTree) open(row int) {
	switch {
	case row < 0:
	case !t.model.Row(row).IsFolder():
		t.tell(t.OnOpen)
	default:
		t.setOpen(row, !t.model.Row(row).Open)
	}
}

func (t *siteTree) setOpen(row int, open bool) bool {
	if !t.model.SetOpen(row, open) {
		return false
	}
	if t.model.Chosen() < 0 { // it was in the folder that is closed now
		t.Choose(row)
	}
	t.Reload()
	return true
}

// menuKey opens the menu at the chosen row.
func (t *siteTree) menuKey(row int) {
	if t.OnMenu == nil {
		return
	}
	t.Reveal()
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	t.OnMenu(origin.AddXY(60, (float32(max(0, row))+0.5)*siteRowHeight-t.scroll.Offset.Y))
}

// TypedShortcut implements fyne.Shortcutable; what is not the tree's goes to the
// canvas, which the driver does not ask after a widget.
func (t *siteTree) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutUndo:
		t.tell(t.OnUndo)
		return
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierAlt && t.OnShift != nil {
			switch s.KeyName {
			case fyne.KeyUp:
				t.OnShift(-1)
				return
			case fyne.KeyDown:
				t.OnShift(1)
				return
			}
		}
	}
	if t.Forward != nil {
		t.Forward(s)
		return
	}
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(t).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// CreateRenderer implements fyne.Widget.
func (t *siteTree) CreateRenderer() fyne.WidgetRenderer {
	t.look = newSiteLook()
	return &siteTreeRenderer{t}
}

type siteTreeRenderer struct{ t *siteTree }

func (r *siteTreeRenderer) Layout(size fyne.Size) {
	r.t.flat.Resize(size)
	r.t.body.update()
}

func (r *siteTreeRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 3*siteRowHeight) }
func (r *siteTreeRenderer) Destroy()           {}

func (r *siteTreeRenderer) Refresh() {
	r.t.look = newSiteLook()
	r.t.body.forget()
	r.t.body.update()
	canvas.Refresh(r.t)
}

func (r *siteTreeRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.t.flat} }

// siteIcons are the pictures in the rows, made once so that rows can compare them.
type siteIcons struct {
	open, closed, folder, mark fyne.Resource
}

func newSiteIcons() *siteIcons {
	return &siteIcons{
		open:   syncDrawing("site-open", `M3.5 5.5L8 10L12.5 5.5L13.6 6.6L8 12.2L2.4 6.6Z`, theme.ColorNamePlaceHolder),
		closed: syncDrawing("site-closed", `M5.5 3.5L10 8L5.5 12.5L6.6 13.6L12.2 8L6.6 2.4Z`, theme.ColorNamePlaceHolder),
		folder: theme.NewColoredResource(theme.Icon(theme.IconNameFolder), theme.ColorNamePlaceHolder),
		mark:   syncDrawing("site-mark", `M8 2L15 14H1ZM7 6V10H9V6ZM7 11V13H9V11Z`, theme.ColorNameWarning),
	}
}

// siteColour is the colour of a name in sites.Colours, in a shade that can be
// seen on the ground of lists, light or dark.
func siteColour(name string) color.Color {
	light, dark := uint32(0), uint32(0)
	switch name {
	case "red":
		light, dark = 0xc8372d, 0xe8635a
	case "orange":
		light, dark = 0xd4700b, 0xee964a
	case "yellow":
		light, dark = 0xc79a00, 0xe3c33c
	case "green":
		light, dark = 0x2c8a4b, 0x5cbf7d
	case "blue":
		light, dark = 0x2f6fd0, 0x6aa2f0
	case "magenta":
		light, dark = 0xa845b0, 0xcf7ed6
	case "cyan":
		light, dark = 0x0d8fa3, 0x45c2d4
	case "grey":
		light, dark = 0x7a868c, 0x9aa6ac
	default:
		return color.Transparent
	}
	r, g, b, _ := theme.Color(theme.ColorNameInputBackground).RGBA()
	if r+g+b > 3*0x7fff {
		return rgb(light)
	}
	return rgb(dark)
}
