// Package themed gives a part of a window a theme of its own, as Fyne's
// ThemeOverride does, without its price: that walks through all that is in it,
// and forgets every text and icon that was measured, whenever something around it
// is refreshed. An Area does so once, and again when the theme of the application
// changes.
package themed

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// An Area shows its content in a theme. What is put into the content later has
// the theme of the application. It is seen while its content is.
type Area struct {
	widget.BaseWidget

	Content fyne.CanvasObject
	Theme   fyne.Theme

	over *container.ThemeOverride
}

// New returns an area of content in a theme, which asks for the theme of the
// application whenever it is asked itself.
func New(content fyne.CanvasObject, theme fyne.Theme) *Area {
	a := &Area{Content: content, Theme: theme}
	inner := container.NewStack()
	a.over = container.NewThemeOverride(inner, theme)
	inner.Objects = []fyne.CanvasObject{content} // the theme reaches it when the override is first laid out
	a.ExtendBaseWidget(a)
	return a
}

// Visible reports whether the area is seen: where its content is hidden, it is too.
func (a *Area) Visible() bool { return a.BaseWidget.Visible() && a.Content.Visible() }

// Refresh shows what has become of the content, where it is seen.
func (a *Area) Refresh() {
	if a.Visible() {
		a.Content.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (a *Area) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(a.over)
}
