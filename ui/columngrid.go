package ui

import "fyne.io/fyne/v2"

// columnGrid sets objects in rows of columns: the first has a width of its own, the
// others share the rest. Wrapped texts get their width before they are asked for
// their height.
type columnGrid struct {
	columns int
	first   float32
	least   float32 // width that the others have at least, each; 0: none
}

// Layout implements fyne.Layout.
func (l *columnGrid) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := max(0, (size.Width-l.first)/float32(l.columns-1))
	y := float32(0)
	for at := 0; at < len(objects); at += l.columns {
		x, height := float32(0), float32(0)
		for i, o := range objects[at:min(at+l.columns, len(objects))] {
			width := rest
			if i == 0 {
				width = l.first
			}
			o.Move(fyne.NewPos(x, y))
			height = max(height, fit(o, width))
			x += width
		}
		y += height
	}
}

// MinSize implements fyne.Layout: the height is the one that the last width led to.
func (l *columnGrid) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(l.first+float32(l.columns-1)*l.least, 0)
	for at := 0; at < len(objects); at += l.columns {
		height := float32(0)
		for _, o := range objects[at:min(at+l.columns, len(objects))] {
			height = max(height, o.MinSize().Height)
		}
		size.Height += height
	}
	return size
}

// besideLayout puts its first object at the left of the second, which wraps.
type besideLayout struct{}

// Layout implements fyne.Layout.
func (besideLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := objects[0].MinSize()
	objects[0].Move(fyne.Position{})
	objects[0].Resize(left)
	objects[1].Move(fyne.NewPos(left.Width, 0))
	fit(objects[1], size.Width-left.Width)
}

// MinSize implements fyne.Layout.
func (besideLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	left, right := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(left.Width+right.Width, max(left.Height, right.Height))
}

// cappedLayout gives its one object, a scroll, the height of what is in it, up to a
// bound.
type cappedLayout struct {
	inner fyne.CanvasObject
	most  func() float32
}

// Layout implements fyne.Layout.
func (l *cappedLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize implements fyne.Layout.
func (l *cappedLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	inner := l.inner.MinSize()
	return fyne.NewSize(0, min(inner.Height, max(80, l.most())))
}
