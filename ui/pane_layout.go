package ui

import "fyne.io/fyne/v2"

// paneLayout puts a bar on top, a foot below, and the files between them, without
// the gaps that Fyne's border leaves.
type paneLayout struct{}

// Layout implements fyne.Layout.
func (paneLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	top, middle, foot := o[0], o[1], o[2]
	head, tail := top.MinSize().Height, foot.MinSize().Height
	top.Resize(fyne.NewSize(size.Width, head))
	foot.Move(fyne.NewPos(0, size.Height-tail))
	foot.Resize(fyne.NewSize(size.Width, tail))
	middle.Move(fyne.NewPos(0, head))
	middle.Resize(fyne.NewSize(size.Width, max(0, size.Height-head-tail)))
}

// MinSize implements fyne.Layout.
func (paneLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, part := range o {
		size.Width = max(size.Width, part.MinSize().Width)
		size.Height += part.MinSize().Height
	}
	return size
}

// paneBarLayout puts small buttons left and right of the path, which is the third.
type paneBarLayout struct{}

const (
	paneBarPad = 3 // around the bar
	paneBarGap = 1 // between two buttons
	panePathAt = 2 // which object is the path
)

// Layout implements fyne.Layout.
func (paneBarLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := size.Height - 2*paneBarPad
	put := func(part fyne.CanvasObject, x, width float32) {
		part.Move(fyne.NewPos(x, paneBarPad))
		part.Resize(fyne.NewSize(width, height))
	}
	left := float32(paneBarPad)
	for _, part := range o[:panePathAt] {
		put(part, left, part.MinSize().Width)
		left += part.MinSize().Width + paneBarGap
	}
	right := size.Width - paneBarPad
	for i := len(o) - 1; i > panePathAt; i-- {
		right -= o[i].MinSize().Width
		put(o[i], right, o[i].MinSize().Width)
		right -= paneBarGap
	}
	put(o[panePathAt], left+2, max(0, right-left-4))
}

// MinSize implements fyne.Layout.
func (paneBarLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(2*paneBarPad+4, 0)
	for _, part := range o {
		size.Width += part.MinSize().Width + paneBarGap
		size.Height = max(size.Height, part.MinSize().Height+2*paneBarPad)
	}
	return size
}
