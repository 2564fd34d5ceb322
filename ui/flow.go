package ui

import "fyne.io/fyne/v2"

// flowLayout puts objects one below the other. Unlike Fyne's box it gives a
// wrapped text its width before it asks for its height.
type flowLayout struct{ gap float32 }

// Layout implements fyne.Layout.
func (l flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(0, y))
		y += fit(o, size.Width) + l.gap
	}
}

// MinSize implements fyne.Layout.
func (l flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if size.Height > 0 {
			size.Height += l.gap
		}
		least := o.MinSize()
		size = fyne.NewSize(max(size.Width, least.Width), size.Height+least.Height)
	}
	return size
}

// fit gives o a width and the height that it then needs, which it returns.
func fit(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.Size().Height))
	height := o.MinSize().Height
	o.Resize(fyne.NewSize(width, height))
	return height
}

// columnsLayout puts two objects side by side where there is room, and else one
// below the other.
type columnsLayout struct {
	from  float32 // width from which there are two columns
	share float32 // of the first column, from 0 to 1
	gap   float32
	wide  bool
}

// Layout implements fyne.Layout.
func (l *columnsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.wide = size.Width >= l.from && len(objects) > 1 && objects[1].Visible()
	x, y := float32(0), float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		width := size.Width
		if l.wide {
			width = float32(int((size.Width - l.gap) * l.share))
			if i > 0 {
				width = size.Width - l.gap - width
			}
		}
		o.Move(fyne.NewPos(x, y))
		height := fit(o, width)
		if l.wide {
			x += width + l.gap
		} else {
			y += height + l.gap
		}
	}
}

// MinSize implements fyne.Layout: the height is the one that the last width led to.
func (l *columnsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		size.Width = max(size.Width, least.Width)
		if l.wide {
			size.Height = max(size.Height, least.Height)
		} else {
			if size.Height > 0 {
				size.Height += l.gap
			}
			size.Height += least.Height
		}
	}
	return size
}
