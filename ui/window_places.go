package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"portside/ui/themed"
)

// viewPlaces are where the views come to stand that take the place of the panes,
// the one above the other. Each view is made when it is first wanted: the window
// is there sooner without them.
type viewPlaces struct {
	sync, manager, prefs, diagnosis *fyne.Container
}

func newViewPlaces() viewPlaces {
	return viewPlaces{sync: container.NewStack(), manager: container.NewStack(), prefs: container.NewStack(), diagnosis: container.NewStack()}
}

// put gives a view its place, with lines as faint as elsewhere in the window.
func (p *viewPlaces) put(place *fyne.Container, view fyne.CanvasObject) {
	place.Add(themed.New(view, splitTheme{}))
}
