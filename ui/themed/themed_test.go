package themed_test

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/themed"
)

// wide is the theme of the application with a wide padding inside.
type wide struct{ fyne.Theme }

func (w wide) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNameInnerPadding {
		return 50
	}
	return w.Theme.Size(n)
}

func (w wide) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return w.Theme.Color(n, v)
}

// counted is a label that counts how often it is refreshed.
type counted struct {
	widget.Label

	times int
}

func (c *counted) Refresh() {
	c.times++
	c.Label.Refresh()
}

func TestAnAreaHasItsThemeAndIsSeenWhileItsContentIs(t *testing.T) {
	app := test.NewTempApp(t)
	plain := widget.NewLabel("text").MinSize()
	c := &counted{}
	c.Text = "text"
	c.ExtendBaseWidget(c)
	a := themed.New(c, wide{app.Settings().Theme()})
	test.NewTempWindow(t, a)
	if got := a.MinSize(); got.Height < plain.Height+50 {
		t.Errorf("a label is %v high, and %v without the theme", got.Height, plain.Height)
	}
	before := c.times
	a.Refresh()
	if c.times == before {
		t.Error("the content was not refreshed")
	}
	c.Hide()
	before = c.times
	a.Refresh()
	if a.Visible() || c.times != before {
		t.Errorf("with a hidden content it is seen: %v, refreshed %d times", a.Visible(), c.times-before)
	}
	c.Show()
	if !a.Visible() {
		t.Error("it is not seen with its content")
	}
}
