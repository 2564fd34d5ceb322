package ui

import (
	"time"

	"fyne.io/fyne/v2"
)

// readTime is how long a list is on the screen before it can be carried out. The
// second click of a double click, or a key that repeats, comes too soon for anybody
// to have read it.
const readTime = time.Second

// unread knows since when a list is shown that can be carried out.
type unread struct {
	now   func() time.Time
	since time.Time
}

// Shown says that the list is there from now on.
func (u *unread) Shown() { u.since = u.now() }

// Yet reports whether the list has not been there for long enough to be read.
func (u *unread) Yet() bool { return u.now().Sub(u.since) < readTime }

// trailingLayout puts a second object at the right of a first, which takes the rest
// of the width, both in the middle of the height. A wrapped text gets its width
// before it is asked for its height.
type trailingLayout struct{ gap float32 }

// Layout implements fyne.Layout.
func (l trailingLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, second := objects[0], objects[1]
	width := size.Width
	if second.Visible() {
		least := second.MinSize()
		second.Resize(least)
		second.Move(fyne.NewPos(size.Width-least.Width, float32(int((size.Height-least.Height)/2))))
		width -= least.Width + l.gap
	}
	height := fit(first, max(0, width))
	first.Move(fyne.NewPos(0, float32(int((size.Height-height)/2))))
}

// MinSize implements fyne.Layout: the height is the one that the last width led to.
func (l trailingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	if objects[1].Visible() {
		least := objects[1].MinSize()
		size = fyne.NewSize(size.Width+l.gap+least.Width, max(size.Height, least.Height))
	}
	return size
}
