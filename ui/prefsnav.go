package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/filetable"
)

// prefNav is the list of the sections: one is chosen, by a click or the arrows.
type prefNav struct {
	widget.BaseWidget

	OnChosen func(place int)
	OnEscape func()

	names   []string
	chosen  int
	hover   int
	focused bool
}

var (
	_ fyne.Focusable    = (*prefNav)(nil)
	_ desktop.Hoverable = (*prefNav)(nil)
	_ desktop.Mouseable = (*prefNav)(nil)
)

func newPrefNav(names []string) *prefNav {
	n := &prefNav{names: names, hover: -1}
	n.ExtendBaseWidget(n)
	return n
}

// pitch is how far it is from one section to the next.
func (n *prefNav) pitch() float32 {
	if row := theme.Size(filetable.SizeNameRow); row > 0 {
		return row + 8
	}
	return filetable.RowHeight + 8
}

// Choose shows a section.
func (n *prefNav) Choose(place int) {
	if place < 0 || place >= len(n.names) || place == n.chosen {
		return
	}
	n.chosen = place
	n.Refresh()
	if n.OnChosen != nil {
		n.OnChosen(place)
	}
}

func (n *prefNav) at(y float32) int {
	if place := int(y / n.pitch()); y >= 0 && place < len(n.names) {
		return place
	}
	return -1
}

// MouseDown implements desktop.Mouseable.
func (n *prefNav) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(n); c != nil {
		c.Focus(n)
	}
	n.Choose(n.at(e.Position.Y))
}

// MouseUp implements desktop.Mouseable.
func (n *prefNav) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (n *prefNav) MouseIn(e *desktop.MouseEvent) { n.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (n *prefNav) MouseMoved(e *desktop.MouseEvent) {
	if at := n.at(e.Position.Y); at != n.hover {
		n.hover = at
		n.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (n *prefNav) MouseOut() {
	n.hover = -1
	n.Refresh()
}

// FocusGained implements fyne.Focusable.
func (n *prefNav) FocusGained() { n.focused = true; n.Refresh() }

// FocusLost implements fyne.Focusable.
func (n *prefNav) FocusLost() { n.focused = false; n.Refresh() }

// TypedRune implements fyne.Focusable.
func (n *prefNav) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (n *prefNav) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		n.Choose(n.chosen - 1)
	case fyne.KeyDown:
		n.Choose(n.chosen + 1)
	case fyne.KeyHome:
		n.Choose(0)
	case fyne.KeyEnd:
		n.Choose(len(n.names) - 1)
	case fyne.KeyEscape:
		if n.OnEscape != nil {
			n.OnEscape()
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (n *prefNav) CreateRenderer() fyne.WidgetRenderer {
	r := &prefNavRenderer{n: n}
	for _, name := range n.names {
		back, text := canvas.NewRectangle(color.Transparent), canvas.NewText(name, color.Transparent)
		r.backs, r.texts = append(r.backs, back), append(r.texts, text)
		r.objects = append(r.objects, back, text)
	}
	r.Refresh()
	return r
}

type prefNavRenderer struct {
	n       *prefNav
	backs   []*canvas.Rectangle
	texts   []*canvas.Text
	objects []fyne.CanvasObject
}

func (r *prefNavRenderer) Destroy()                     {}
func (r *prefNavRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *prefNavRenderer) MinSize() fyne.Size {
	return fyne.NewSize(132, float32(len(r.texts))*r.n.pitch())
}

func (r *prefNavRenderer) Layout(size fyne.Size) {
	pitch := r.n.pitch()
	for i, t := range r.texts {
		y := float32(i) * pitch
		r.backs[i].Move(fyne.NewPos(0, y))
		r.backs[i].Resize(fyne.NewSize(size.Width, pitch))
		high := t.MinSize().Height
		t.Move(fyne.NewPos(12, y+float32(int((pitch-high)/2))))
		t.Resize(fyne.NewSize(max(0, size.Width-16), high))
	}
}

func (r *prefNavRenderer) Refresh() {
	for i, t := range r.texts {
		b := r.backs[i]
		t.TextSize, t.Color = theme.TextSize(), theme.Color(theme.ColorNameForeground)
		t.TextStyle.Bold = i == r.n.chosen
		b.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
		b.StrokeWidth, b.StrokeColor = 0, color.Transparent
		switch i {
		case r.n.chosen:
			b.FillColor = theme.Color(theme.ColorNameSelection)
			if r.n.focused {
				b.StrokeWidth, b.StrokeColor = 1, theme.Color(theme.ColorNamePrimary)
			}
		case r.n.hover:
			b.FillColor = theme.Color(theme.ColorNameHover)
		default:
			b.FillColor = color.Transparent
		}
	}
	r.Layout(r.n.Size())
	canvas.Refresh(r.n)
}
