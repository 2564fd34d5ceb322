package ui

import "fyne.io/fyne/v2"

// fixedHeight gives its one object all the width and a height of its own.
type fixedHeight struct{ height float32 }

// Layout fills the room.
func (f *fixedHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is the fixed height.
func (f *fixedHeight) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, f.height) }
