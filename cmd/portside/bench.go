package main

import (
	"context"
	"fmt"
	"io"

	"fyne.io/fyne/v2"

	"portside/ui"
)

// bench measures what the flags ask for.
func bench(ctx context.Context, win fyne.Window, opt options) (fmt.Stringer, error) {
	if opt.benchPanel > 0 {
		return ui.BenchPanel(ctx, win, opt.benchPanel)
	}
	return ui.BenchTable(ctx, win, opt.benchTable)
}

// benchTable opens a window with two big folders, or a list of transfers,
// measures them and prints the figures.
func benchTable(ctx context.Context, a fyne.App, win fyne.Window, opt options, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	win.Resize(opt.size)
	done := make(chan error, 1)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			report, err := bench(ctx, win, opt)
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
