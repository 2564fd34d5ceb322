package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// A User is a person's hands: one mouse and one keyboard at a canvas.
type User struct {
	t      testing.TB
	c      fyne.Canvas
	mods   fyne.KeyModifier
	pos    fyne.Position
	button desktop.MouseButton
	over   desktop.Hoverable

	pressed      fyne.CanvasObject
	dragged      fyne.Draggable
	draggedStart fyne.Position // of the dragged object, when it began
	dragOffset   fyne.Position
	dragPos      fyne.Position
	dragging     bool
}

// NewUser returns a user of c with the mouse in the upper left corner.
func NewUser(t testing.TB, c fyne.Canvas) *User { return &User{t: t, c: c} }

// Canvas returns what the user looks at.
func (u *User) Canvas() fyne.Canvas { return u.c }

func draggable(o fyne.CanvasObject) bool {
	_, ok := o.(fyne.Draggable)
	return ok
}

func (u *User) clickable(o fyne.CanvasObject) bool {
	switch o.(type) {
	case fyne.Tappable, fyne.SecondaryTappable, fyne.DoubleTappable, fyne.Focusable, desktop.Mouseable:
		return true
	}
	return u.dragging && draggable(o)
}

// Move moves the mouse to pos; with a button down it drags, once it has moved two
// pixels from where the button went down.
func (u *User) Move(pos fyne.Position) {
	previous := u.pos
	u.pos = pos
	if u.button != 0 && u.button != desktop.MouseButtonSecondary && !u.dragging {
		u.beginDrag(previous)
	}
	o, at := object(u.c, pos, func(o fyne.CanvasObject) bool {
		_, ok := o.(desktop.Hoverable)
		return ok
	})
	hovered, _ := o.(desktop.Hoverable)
	isDragged := func(x any) bool { return u.dragged != nil && x == any(u.dragged) }
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: pos, Position: at}, Button: u.button}
	switch {
	case hovered != nil && !isDragged(hovered) && hovered == u.over:
		hovered.MouseMoved(e)
	case hovered != nil && !isDragged(hovered):
		u.leave()
		hovered.MouseIn(e)
		u.over = hovered
	case u.over != nil && !isDragged(u.over):
		u.leave()
	}
	if u.dragged == nil || u.button == desktop.MouseButtonSecondary {
		return
	}
	moved := u.draggedStart.Subtract(u.dragged.(fyne.CanvasObject).Position())
	u.dragged.Dragged(&fyne.DragEvent{
		PointEvent: fyne.PointEvent{AbsolutePosition: pos, Position: pos.Subtract(u.dragOffset).Add(moved)},
		Dragged:    fyne.NewDelta(pos.X-u.dragPos.X, pos.Y-u.dragPos.Y),
	})
	u.dragPos = pos
}

func (u *User) leave() {
	if u.over != nil {
		u.over.MouseOut()
		u.over = nil
	}
}

func (u *User) beginDrag(from fyne.Position) {
	const threshold = 2
	if d := u.pos.Subtract(u.dragPos); max(d.X, -d.X) < threshold && max(d.Y, -d.Y) < threshold {
		return
	}
	o, at := object(u.c, from, draggable)
	if o == nil {
		return
	}
	u.dragged, _ = o.(fyne.Draggable)
	u.dragOffset = from.Subtract(at)
	u.draggedStart = o.Position()
	u.dragging = true
}

// Press presses a mouse button where the mouse is.
func (u *User) Press(b desktop.MouseButton) { u.press(b, true) }

// Release lets a mouse button go.
func (u *User) Release(b desktop.MouseButton) { u.press(b, false) }

func (u *User) press(b desktop.MouseButton, down bool) {
	u.dragPos = u.pos
	o, at := object(u.c, u.pos, u.clickable)
	e := &fyne.PointEvent{AbsolutePosition: u.pos, Position: at}
	u.mouseable(o, &desktop.MouseEvent{PointEvent: *e, Button: b, Modifier: u.mods}, down)
	u.unfocusUnder(o)
	if down {
		u.button |= b
		u.pressed = o
		return
	}
	u.button &^= b
	wasDragging := u.dragging
	if u.dragged != nil {
		if u.dragging {
			u.dragged.DragEnd()
		}
		if any(u.over) == any(u.dragged) && o != fyne.CanvasObject(u.dragged.(fyne.CanvasObject)) {
			u.leave()
		}
		u.dragged, u.dragging = nil, false
	}
	if o == nil || o != u.pressed {
		return
	}
	if s, ok := o.(fyne.SecondaryTappable); ok && b == desktop.MouseButtonSecondary {
		s.TappedSecondary(e)
		return
	}
	if tap, ok := o.(fyne.Tappable); ok && b == desktop.MouseButtonPrimary && !wasDragging {
		tap.Tapped(e)
	}
}

// mouseable hands a button on: what is dragged gets the release.
func (u *User) mouseable(o fyne.CanvasObject, e *desktop.MouseEvent, down bool) {
	m, ok := o.(desktop.Mouseable)
	if !ok {
		return
	}
	if down {
		m.MouseDown(e)
		return
	}
	if d, is := u.dragged.(desktop.Mouseable); is {
		e.Position = e.AbsolutePosition.Subtract(u.dragOffset)
		m = d
	}
	m.MouseUp(e)
}

// unfocusUnder takes the focus away where o is not it, unless it is under the mouse.
func (u *User) unfocusUnder(o fyne.CanvasObject) {
	focused := u.c.Focused()
	if f, ok := o.(fyne.Focusable); ok && f == focused {
		return
	}
	if fo, ok := focused.(fyne.CanvasObject); ok {
		if hit, _ := object(u.c, u.pos, func(x fyne.CanvasObject) bool { return x == fo }); hit != nil {
			return
		}
	}
	u.c.Unfocus()
}

// Click clicks at pos with the primary button.
func (u *User) Click(pos fyne.Position) {
	u.Move(pos)
	u.Press(desktop.MouseButtonPrimary)
	u.Release(desktop.MouseButtonPrimary)
}

// RightClick clicks at pos with the secondary button.
func (u *User) RightClick(pos fyne.Position) {
	u.Move(pos)
	u.Press(desktop.MouseButtonSecondary)
	u.Release(desktop.MouseButtonSecondary)
}

// ClickText clicks the text s; the test ends where it is not seen.
func (u *User) ClickText(s string) {
	u.t.Helper()
	u.Click(u.Find(s))
}

// Find returns the middle of the text s; the test ends where it is not seen.
func (u *User) Find(s string) fyne.Position {
	u.t.Helper()
	pos, ok := PosOf(u.c, s)
	if !ok {
		u.t.Fatalf("text %q is not seen; there is %q", s, Texts(u.c))
	}
	return pos
}

// Drag presses the primary button at from, moves to to in steps, and lets go.
func (u *User) Drag(from, to fyne.Position) {
	u.DragTo(from, to)
	u.Release(desktop.MouseButtonPrimary)
}

// DragTo is Drag without letting go.
func (u *User) DragTo(from, to fyne.Position) {
	u.Move(from)
	u.Press(desktop.MouseButtonPrimary)
	const steps = 6
	for i := 1; i <= steps; i++ {
		part := float32(i) / steps
		u.Move(fyne.NewPos(from.X+(to.X-from.X)*part, from.Y+(to.Y-from.Y)*part))
	}
}

// Scroll turns the wheel at pos.
func (u *User) Scroll(pos fyne.Position, dx, dy float32) {
	u.Move(pos)
	o, at := object(u.c, pos, func(o fyne.CanvasObject) bool {
		_, ok := o.(fyne.Scrollable)
		return ok
	})
	if s, ok := o.(fyne.Scrollable); ok {
		s.Scrolled(&fyne.ScrollEvent{
			PointEvent: fyne.PointEvent{AbsolutePosition: pos, Position: at}, Scrolled: fyne.NewDelta(dx, dy),
		})
	}
}
