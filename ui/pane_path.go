package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

const (
	panePathHeight = 24
	panePathPad    = 6 // beside the text of a step
)

// panePathBar shows the path as steps to click. A click beside them makes it an
// entry, in which the path can be typed.
type panePathBar struct {
	widget.BaseWidget

	p       *Pane
	crumbs  []state.Crumb
	first   int // the first step that there is room for
	steps   []panePathStep
	hovered int // index into steps, -1: none
	entry   *paneEntry
	editing bool
	box     *canvas.Rectangle
	lit     *canvas.Rectangle
}

// panePathStep is one step as it is drawn. crumb is -1 for the "…" that stands
// for the steps there is no room for.
type panePathStep struct {
	crumb int
	x, w  float32
	text  *canvas.Text
	slash *canvas.Text
}

var (
	_ fyne.Tappable      = (*panePathBar)(nil)
	_ desktop.Hoverable  = (*panePathBar)(nil)
	_ desktop.Cursorable = (*panePathBar)(nil)
)

func newPanePathBar(p *Pane) *panePathBar {
	b := &panePathBar{
		p: p, hovered: -1, entry: newPaneEntry(),
		box: canvas.NewRectangle(color.Transparent), lit: canvas.NewRectangle(color.Transparent),
	}
	b.entry.SetPlaceHolder("Path of a folder")
	b.entry.OnSubmitted = func(text string) { b.submit(text) }
	b.entry.onEscape = func() { b.close(true) }
	b.entry.onLost = func() { p.opt.After(0, func() { b.close(false) }) }
	b.entry.Hide()
	b.ExtendBaseWidget(b)
	return b
}

// show shows a raw path of src.
func (b *panePathBar) show(src Source, path, home string) {
	b.crumbs = nil
	if src != nil && path != "" {
		b.crumbs = src.Style().Crumbs(path, home)
	}
	b.Refresh()
}

// label returns what a step is called.
func (b *panePathBar) label(i int) string {
	if i < 0 {
		return state.Ellipsis
	}
	return b.p.src.Text(b.crumbs[i].Name)
}

// EditPath makes the path an entry that has the keyboard.
func (p *Pane) EditPath() {
	if p.src == nil {
		return
	}
	b := p.bar
	b.editing = true
	b.entry.SetText(p.src.Text(p.path))
	b.entry.Show()
	b.Refresh()
	p.focus(b.entry)
	b.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func (b *panePathBar) submit(text string) {
	raw, err := b.raw(strings.TrimSpace(text))
	b.close(true)
	if err != nil {
		b.p.alert.Say(b.p.src.Explain(err))
		return
	}
	b.p.Go(raw)
}

// close makes the entry steps again; keyed gives the keyboard to the files.
func (b *panePathBar) close(keyed bool) {
	if !b.editing {
		return
	}
	b.editing = false
	b.entry.Hide()
	b.Refresh()
	if keyed {
		b.p.Focus()
	}
}

// raw returns the raw path that a typed text means. The part of it that still
// reads as the path that is shown keeps its bytes, whatever they are.
func (b *panePathBar) raw(text string) (string, error) {
	src, p := b.p.src, b.p
	style := src.Style()
	if text == "~" || strings.HasPrefix(text, "~/") {
		rest, err := src.Encode(strings.TrimPrefix(text, "~"))
		return style.Resolve(p.home, strings.TrimPrefix(rest, "/")), err
	}
	for at := p.path; at != ""; at = style.Parent(at) {
		shown := src.Text(at)
		if text == shown {
			return at, nil
		}
		if rest, below := strings.CutPrefix(text, shown+"/"); below && shown != "/" {
			raw, err := src.Encode(rest)
			return style.Resolve(at, raw), err
		}
		if style.Parent(at) == at {
			break
		}
	}
	raw, err := src.Encode(text)
	return style.Resolve(p.path, raw), err
}

// Tapped implements fyne.Tappable.
func (b *panePathBar) Tapped(e *fyne.PointEvent) {
	i := b.at(e.Position.X)
	switch {
	case i < 0:
		b.p.EditPath()
	case b.steps[i].crumb < 0:
		b.showFolded(e)
	default:
		b.p.Go(b.crumbs[b.steps[i].crumb].Path)
		b.p.Focus()
	}
}

// showFolded shows the steps that there is no room for.
func (b *panePathBar) showFolded(e *fyne.PointEvent) {
	var items []*fyne.MenuItem
	for i := range b.first {
		items = append(items, fyne.NewMenuItem(b.label(i), func() {
			b.p.Go(b.crumbs[i].Path)
			b.p.Focus()
		}))
	}
	if c := b.p.canvas(); c != nil {
		at := e.AbsolutePosition.Subtract(e.Position).AddXY(0, b.Size().Height)
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
	}
}

func (b *panePathBar) at(x float32) int {
	for i, s := range b.steps {
		if x >= s.x && x < s.x+s.w {
			return i
		}
	}
	return -1
}

// MouseIn implements desktop.Hoverable.
func (b *panePathBar) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (b *panePathBar) MouseMoved(e *desktop.MouseEvent) {
	i := b.at(e.Position.X)
	if b.hovered == i && i >= 0 {
		return
	}
	b.hovered = i
	switch {
	case b.p.src == nil:
	case i < 0 || b.steps[i].crumb < 0:
		b.p.status.Hint("Click to edit the path (Ctrl+L)")
	default:
		b.p.status.Hint("Go to " + b.p.src.Text(b.crumbs[b.steps[i].crumb].Path))
	}
	b.Refresh()
}

// MouseOut implements desktop.Hoverable.
func (b *panePathBar) MouseOut() {
	b.hovered = -1
	b.p.status.Hint("")
	b.Refresh()
}

// Cursor implements desktop.Cursorable.
func (b *panePathBar) Cursor() desktop.Cursor {
	switch {
	case b.p.src == nil || b.editing:
		return desktop.DefaultCursor
	case b.hovered >= 0:
		return desktop.PointerCursor
	default:
		return desktop.TextCursor
	}
}

// CreateRenderer implements fyne.Widget.
func (b *panePathBar) CreateRenderer() fyne.WidgetRenderer {
	r := &panePathRenderer{b: b}
	r.Refresh()
	return r
}

type panePathRenderer struct {
	b       *panePathBar
	objects []fyne.CanvasObject
	filled  fyne.Size // for which the objects were made
}

func (r *panePathRenderer) MinSize() fyne.Size {
	return fyne.NewSize(60, max(panePathHeight, r.b.entry.themed.MinSize().Height))
}
func (r *panePathRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *panePathRenderer) Destroy()                     {}

// Layout makes the objects anew for another size only: new objects make Fyne lay
// out their parent again, so that it would never come to rest.
func (r *panePathRenderer) Layout(size fyne.Size) {
	if size != r.filled {
		r.Refresh()
	}
}

func (r *panePathRenderer) Refresh() {
	b := r.b
	size := b.Size()
	r.filled = size
	b.box.FillColor = theme.Color(theme.ColorNameInputBackground)
	b.box.StrokeColor, b.box.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1
	b.box.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	b.box.Resize(size)
	b.lit.CornerRadius = 3
	b.lit.FillColor = color.Transparent
	r.objects = append(r.objects[:0], b.box, b.lit)
	b.steps = b.steps[:0]
	if b.editing {
		b.entry.themed.Resize(size)
		r.objects = append(r.objects, b.entry.themed)
	} else {
		r.layoutSteps(size)
	}
	canvas.Refresh(b)
}

// layoutSteps puts the last steps that there is room for side by side.
func (r *panePathRenderer) layoutSteps(size fyne.Size) {
	b := r.b
	textSize := theme.Size(theme.SizeNameText)
	width := func(text string) float32 { return fyne.MeasureText(text, textSize, fyne.TextStyle{}).Width }
	slash := width("/")
	room := size.Width - 2*panePathPad
	b.first = len(b.crumbs)
	for used := float32(0); b.first > 0; b.first-- {
		used += width(b.label(b.first-1)) + 2*panePathPad + slash
		folded := float32(0)
		if b.first > 1 {
			folded = width(state.Ellipsis) + 2*panePathPad + slash
		}
		if used+folded > room && b.first < len(b.crumbs) {
			break
		}
	}
	x := float32(2)
	add := func(crumb int, text string) {
		text = state.CutMiddle(text, max(0, size.Width-x-2*panePathPad), width)
		s := panePathStep{crumb: crumb, x: x, text: canvas.NewText(text, theme.Color(theme.ColorNamePlaceHolder))}
		if crumb == len(b.crumbs)-1 {
			s.text.Color = theme.Color(theme.ColorNameForeground)
		}
		s.text.TextSize = textSize
		min := s.text.MinSize()
		s.w = min.Width + 2*panePathPad
		s.text.Resize(min)
		top := float32(int((size.Height - min.Height) / 2))
		s.text.Move(fyne.NewPos(float32(int(x+panePathPad)), top))
		r.objects = append(r.objects, s.text)
		if i := len(b.steps); i == b.hovered {
			b.lit.FillColor = theme.Color(theme.ColorNameHover)
			b.lit.Move(fyne.NewPos(x, 2))
			b.lit.Resize(fyne.NewSize(s.w, size.Height-4))
		}
		x += s.w
		if crumb < len(b.crumbs)-1 && b.label(crumb) != "/" {
			s.slash = canvas.NewText("/", theme.Color(theme.ColorNameDisabled))
			s.slash.TextSize = textSize
			s.slash.Resize(s.slash.MinSize())
			s.slash.Move(fyne.NewPos(float32(int(x)), top))
			r.objects = append(r.objects, s.slash)
			x += slash
		}
		b.steps = append(b.steps, s)
	}
	if b.first > 0 && len(b.crumbs) > 0 {
		add(-1, state.Ellipsis)
	}
	for i := b.first; i < len(b.crumbs); i++ {
		add(i, b.label(i))
	}
}
