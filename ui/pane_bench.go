package ui

import (
	"context"
	"fmt"
	"image"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"portside/client/listing"
	"portside/ui/state"
)

// A TableReport is what BenchTable measured.
type TableReport struct {
	Rows       int
	FirstFrame time.Duration // from the end of the listing to the first frame with rows in it, ordering included
	Wheel      float64       // frames a second while one big folder moves as under a wheel, three rows a frame
	Both       float64       // the same with a second big folder beside it
	Page       float64       // as Both, with a whole page a frame, as when the scroll bar is dragged
}

// String writes the report in lines.
func (r TableReport) String() string {
	return fmt.Sprintf("rows: %s\nfirst rows visible: %d ms after the listing\nscrolling by wheel: %.0f frames/s\nscrolling by wheel beside a second such folder: %.0f frames/s\nscrolling by pages beside a second such folder: %.0f frames/s",
		state.Count(int64(r.Rows)), r.FirstFrame.Milliseconds(), r.Wheel, r.Both, r.Page)
}

// BenchTable fills two panes in win with rows rows, measures how soon they are
// seen and how smoothly one of them scrolls, and returns. It is called off the
// Fyne goroutine while win is shown, and leaves the panes in it.
func BenchTable(ctx context.Context, win fyne.Window, rows int) (TableReport, error) {
	report := TableReport{Rows: rows}
	probe := newPaneProbe()
	source := paneBenchSource{LocalSource: NewLocalSource(), rows: paneBenchRows(rows), listed: make(chan time.Time, 2)}
	var left, right *Pane
	shown := make(chan struct{}, 2)
	fyne.DoAndWait(func() {
		opt := PaneOptions{Context: ctx, OnPath: func(*Pane, string) { shown <- struct{}{} }}
		left, right = NewPane(opt), NewPane(opt) //nolint:contextcheck // opt has it
		win.SetContent(container.NewStack(container.NewHSplit(left, right), container.NewWithoutLayout(probe.raster)))
		left.SetSource(source, "/")
	})
	defer left.Close()
	defer right.Close()
	wait := func(c <-chan struct{}) error {
		select {
		case <-c:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := wait(shown); err != nil {
		return report, err
	}
	fyne.Do(probe.raster.Refresh)
	if err := wait(probe.painted); err != nil {
		return report, err
	}
	report.FirstFrame = time.Since(<-source.listed)
	scroll := func(pixels float32) (float64, error) {
		const long = 3 * time.Second
		frames, start := 0, time.Now()
		for ; time.Since(start) < long; frames++ {
			fyne.Do(func() {
				left.table.ScrollBy(pixels)
				probe.raster.Refresh()
			})
			if err := wait(probe.painted); err != nil {
				return 0, err
			}
		}
		return float64(frames) / time.Since(start).Seconds(), nil
	}
	var err error
	const wheel = 60
	if report.Wheel, err = scroll(wheel); err != nil {
		return report, err
	}
	fyne.DoAndWait(func() { right.SetSource(source, "/") })
	if err = wait(shown); err != nil {
		return report, err
	}
	if report.Both, err = scroll(wheel); err != nil {
		return report, err
	}
	report.Page, err = scroll(left.table.Size().Height)
	return report, err
}

// paneProbe is a pixel that tells when it is painted. It has to be the last thing
// in the window, so that everything else is painted by then.
type paneProbe struct {
	raster  *canvas.Raster
	painted chan struct{}
}

func newPaneProbe() *paneProbe {
	p := &paneProbe{painted: make(chan struct{}, 1)}
	p.raster = canvas.NewRaster(func(w, h int) image.Image {
		select {
		case p.painted <- struct{}{}:
		default:
		}
		return image.NewRGBA(image.Rect(0, 0, w, h))
	})
	p.raster.Resize(fyne.NewSquareSize(1))
	return p
}

// paneBenchSource is a Source with one big folder.
type paneBenchSource struct {
	*LocalSource
	rows   []state.Row
	listed chan time.Time // when List returned
}

// List implements SourceBrowser.
func (s paneBenchSource) List(context.Context, string) (Listing, error) {
	s.listed <- time.Now()
	return Listing{Rows: s.rows}, nil
}

// paneBenchRows makes rows whose names are short and long, as in a big folder.
func paneBenchRows(n int) []state.Row {
	long := strings.Repeat("a long description of it ", 3)
	rows := make([]state.Row, n)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		mixed := i * 7919 % max(n, 1)
		r := state.Row{
			Name: fmt.Sprintf("IMG_%06d.jpg", mixed), Size: int64(mixed) * 1013, Mode: 0o644, Owner: "www:www-data",
			ModTime: start.Add(time.Duration(mixed) * time.Minute), Type: listing.File,
		}
		switch i % 10 {
		case 3:
			r.Name = fmt.Sprintf("%06d %s.tar.gz", mixed, long)
		case 7:
			r.Name, r.Type, r.Mode = fmt.Sprintf("folder %06d", mixed), listing.Dir, 0o755
		}
		r.Text = r.Name
		rows[i] = r
	}
	return rows
}
