package uitest

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// App returns the application of the tests. There is one for all tests of a
// process, as a program has one: for each application, and each time that its
// theme is set, Fyne reads its fonts and icons anew, which takes longer than most
// tests. So a theme is to be set only where it is not the one that is there.
func App(t testing.TB) fyne.App {
	t.Helper()
	app := fyne.CurrentApp()
	if app == nil {
		app = test.NewApp()
	}
	app.Clipboard().SetContent("")
	t.Cleanup(func() { app.Lifecycle().SetOnEnteredForeground(nil) })
	return app
}
