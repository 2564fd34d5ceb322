// Package uitest drives a window of Fyne's test driver as a person does: it
// replays mouse buttons, modifiers, keys and shortcuts by the rules of the
// desktop driver, which the test driver's own helpers leave out, and it finds
// things by the text that is seen.
//
// Import it only from tests: Fyne's test package replaces the current app.
package uitest

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// visit is called for every visible object with its absolute position and the
// part of the canvas that it is clipped to.
type visit func(o fyne.CanvasObject, pos fyne.Position, clip rect)

type rect struct {
	fyne.Position
	fyne.Size
}

func (r rect) holds(p fyne.Position) bool {
	return p.X >= r.X && p.Y >= r.Y && p.X < r.X+r.Width && p.Y < r.Y+r.Height
}

// walk visits o and what is in it, in the order of painting.
func walk(o fyne.CanvasObject, offset fyne.Position, clip rect, f visit) {
	if o == nil || reflect.ValueOf(o).IsNil() || !o.Visible() {
		return
	}
	pos := offset.Add(o.Position())
	if _, scrolls := o.(*container.Scroll); scrolls {
		clip = rect{pos, o.Size()}
	}
	f(o, pos, clip)
	switch w := o.(type) {
	case *fyne.Container:
		for _, child := range w.Objects {
			walk(child, pos, clip, f)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(w).Objects() {
			walk(child, pos, clip, f)
		}
	}
}

// walkTop visits the topmost overlay, or else the content: an overlay keeps all
// input from what is below.
func walkTop(c fyne.Canvas, f visit) {
	clip := rect{Size: c.Size()}
	if top := c.Overlays().Top(); top != nil {
		walk(top, fyne.Position{}, clip, f)
		return
	}
	walk(c.Content(), fyne.Position{}, clip, f)
}

// object returns the topmost visible object at pos that matches, and where in it
// pos is.
func object(c fyne.Canvas, pos fyne.Position, match func(fyne.CanvasObject) bool) (fyne.CanvasObject, fyne.Position) {
	var found fyne.CanvasObject
	var at fyne.Position
	walkTop(c, func(o fyne.CanvasObject, p fyne.Position, clip rect) {
		if clip.holds(pos) && (rect{p, o.Size()}).holds(pos) && match(o) {
			found, at = o, pos.Subtract(p)
		}
	})
	return found, at
}

// Texts returns every text that is seen, in the order of painting.
func Texts(c fyne.Canvas) []string {
	var out []string
	walkTop(c, func(o fyne.CanvasObject, p fyne.Position, clip rect) {
		if t, ok := o.(*canvas.Text); ok && t.Text != "" && clip.holds(p.AddXY(0, t.Size().Height/2)) {
			out = append(out, t.Text)
		}
	})
	return out
}

// HasText reports whether a text that is seen contains s.
func HasText(c fyne.Canvas, s string) bool {
	for _, t := range Texts(c) {
		if strings.Contains(t, s) {
			return true
		}
	}
	return false
}

// PosOf returns the middle of the first text that is seen and equals s.
func PosOf(c fyne.Canvas, s string) (middle fyne.Position, ok bool) {
	walkTop(c, func(o fyne.CanvasObject, p fyne.Position, clip rect) {
		t, is := o.(*canvas.Text)
		if !is || ok || t.Text != s {
			return
		}
		width := t.MinSize().Width
		x := p.X + width/2
		switch t.Alignment {
		case fyne.TextAlignCenter:
			x = p.X + t.Size().Width/2
		case fyne.TextAlignTrailing:
			x = p.X + t.Size().Width - width/2
		}
		at := fyne.NewPos(x, p.Y+t.Size().Height/2)
		if clip.holds(at) {
			middle, ok = at, true
		}
	})
	return middle, ok
}

// Entry returns the entry that is seen with that prompt in it, or nil.
func Entry(c fyne.Canvas, prompt string) *widget.Entry {
	var found *widget.Entry
	walkTop(c, func(o fyne.CanvasObject, _ fyne.Position, _ rect) {
		if e, ok := o.(*widget.Entry); ok && e.PlaceHolder == prompt {
			found = e
		}
	})
	return found
}
