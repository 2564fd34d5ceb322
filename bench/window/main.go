// Command window measures the file table in a real window: how soon the first
// rows of a big folder are seen, and how many frames a second it scrolls. It
// needs a display; `make bench` runs it on a virtual one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"portside/ui"
)

// Targets of the window.
const (
	targetFirst = 500 * time.Millisecond
	targetRate  = 50 // frames a second
	patience    = 2 * time.Minute
)

func main() {
	rows := flag.Int("rows", 100_000, "entries of the folder")
	flag.Parse()
	a := app.NewWithID("org.portside.bench")
	win := a.NewWindow("Portside")
	win.Resize(fyne.NewSize(1280, 800))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	var report ui.TableReport
	var err error
	done := make(chan struct{})
	a.Lifecycle().SetOnStarted(func() {
		go func() { // ends before main does
			defer close(done)
			report, err = ui.BenchTable(ctx, win, *rows)
			fyne.Do(a.Quit)
		}()
	})
	win.ShowAndRun()
	cancel()
	<-done
	if err != nil {
		fmt.Fprintln(os.Stderr, "window:", err)
		os.Exit(1)
	}
	fmt.Printf("\nthe window, %d rows in each of two panes\n", report.Rows)
	fmt.Printf("%-46s %9d ms            at most %d: %s\n", "first rows visible after the listing",
		report.FirstFrame.Milliseconds(), targetFirst.Milliseconds(), verdict(report.FirstFrame <= targetFirst))
	fmt.Printf("%-46s %9.0f frames/s      at least %d: %s\n", "scrolling by the wheel", report.Wheel, targetRate, verdict(report.Wheel >= targetRate))
	fmt.Printf("%-46s %9.0f frames/s      at least %d: %s\n", "scrolling by pages", report.Page, targetRate, verdict(report.Page >= targetRate))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}
