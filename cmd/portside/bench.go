package main

import (
	"context"
	"fmt"
	"io"

	"fyne.io/fyne/v2"

	"portside/ui"
)

// benchTable opens a window with two big folders, measures them and prints the
// figures.
func benchTable(ctx context.Context, a fyne.App, win fyne.Window, opt options, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	win.Resize(opt.size)
	done := make(chan error, 1)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			report, err := ui.BenchTable(ctx, win, opt.benchTable)
			if err == nil {
				_, err = fmt.Fprintln(out, report)
			}
			done <- err
			fyne.Do(a.Quit)
		}()
	})
	a.Settings().SetTheme(ui.NewTheme(opt.theme))
	win.ShowAndRun()
	cancel()
	return <-done
}
