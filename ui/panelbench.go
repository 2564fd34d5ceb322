package ui

import (
	"context"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"portside/transfers/queue"
	"portside/ui/filetable"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// A PanelReport is what BenchPanel measured.
type PanelReport struct {
	Rows       int
	FirstFrame time.Duration // from opening the panel to the first frame with rows in it
	Wheel      float64       // frames a second while the list moves as under a wheel, three rows a frame
	Page       float64       // the same with a whole page a frame, as when the scroll bar is dragged
	Live       float64       // frames a second while it moves and ten transfers are running
}

// String writes the report in lines.
func (r PanelReport) String() string {
	return fmt.Sprintf("transfers: %s\nfirst rows visible: %d ms\nscrolling by wheel: %.0f frames/s\nscrolling by pages: %.0f frames/s\nscrolling by wheel while ten are running: %.0f frames/s",
		state.Count(int64(r.Rows)), r.FirstFrame.Milliseconds(), r.Wheel, r.Page, r.Live)
}

// BenchPanel shows a panel with so many made-up transfers in win, measures how
// smoothly it scrolls, and returns. It is called off the Fyne goroutine while win
// is shown.
func BenchPanel(ctx context.Context, win fyne.Window, rows int) (PanelReport, error) {
	report := PanelReport{Rows: rows}
	probe := newPaneProbe()
	wait := func() error {
		select {
		case <-probe.painted:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	q := &panelSample{rows: rows}
	var p *transferPanel
	var beat *pulse
	fyne.DoAndWait(func() {
		p = newTransferPanel(ctx, panelHooks{
			run: func(f func()) { go f() }, do: fyne.Do, sheets: newSheetBoard(win.Canvas()), canvas: win.Canvas(),
			wake: func() {
				if beat != nil {
					beat.Wake()
				}
			},
			words: func() state.PanelWords { return samplePanelWords(time.Now()) }, fail: func(error) {}, arranged: func() {}, active: func() {},
		})
		beat = newPulse(pulseEvery, fyne.Do, func() bool { p.Pull(); return true })
		win.SetContent(container.NewStack(container.NewBorder(p.Head, nil, nil, nil, p.Body), container.NewWithoutLayout(probe.raster)))
		p.SetOpen(true)
	})
	defer p.Close()
	defer beat.Close()
	start := time.Now()
	fyne.Do(func() { p.Use(q) })
	for shown := false; !shown; {
		fyne.DoAndWait(func() { shown = p.list.Len() > 0 && !p.lacks(); probe.raster.Refresh() })
		if err := wait(); err != nil {
			return report, err
		}
	}
	report.FirstFrame = time.Since(start)
	scroll := func(pixels float32) (float64, error) {
		const long = 3 * time.Second
		frames, start := 0, time.Now()
		for ; time.Since(start) < long; frames++ {
			fyne.Do(func() {
				p.table.ScrollBy(pixels)
				probe.raster.Refresh()
			})
			if err := wait(); err != nil {
				return 0, err
			}
		}
		return float64(frames) / time.Since(start).Seconds(), nil
	}
	var err error
	if report.Wheel, err = scroll(3 * filetable.RowHeight); err != nil {
		return report, err
	}
	if report.Page, err = scroll(p.table.Size().Height); err != nil {
		return report, err
	}
	q.running.Store(10)
	fyne.DoAndWait(p.table.ToTop)
	report.Live, err = scroll(3 * filetable.RowHeight)
	return report, err
}

func samplePanelWords(now time.Time) state.PanelWords {
	return state.PanelWords{
		Text: func(_, raw string) string { return raw }, Site: func(key string) string { return key }, Now: now,
	}
}

// panelSample is a queue of made-up transfers, as long as wanted, of which none
// is anywhere before it is listed. What is done to it has no effect.
type panelSample struct {
	panelSteer
	rows    int
	running atomic.Int64
	site    string
}

func (q *panelSample) count(s queue.State) int {
	n := 0
	for i := range 20 {
		if sampleState(i) == s {
			n++
		}
	}
	return q.rows * n / 20
}

// sampleState makes the list end in what is over.
func sampleState(twentieth int) queue.State {
	switch {
	case twentieth < 14:
		return queue.Queued
	case twentieth < 15:
		return queue.Paused
	case twentieth < 16:
		return queue.Failed
	default:
		return queue.Done
	}
}

func (q *panelSample) Counts(context.Context) (queue.Counts, error) {
	c := queue.Counts{States: map[queue.State]int{queue.Running: int(q.running.Load())}, Left: 72 * time.Second, BytesLeft: 3_400_000_000, BytesDone: 1_900_000_000}
	for _, s := range []queue.State{queue.Queued, queue.Paused, queue.Failed, queue.Done} {
		c.States[s] = q.count(s)
	}
	if q.running.Load() > 0 {
		c.Down, c.MeanDown, c.Up, c.MeanUp = 41_000_000, 38_000_000, 1_200_000, 900_000
	}
	return c, nil
}

func (q *panelSample) Active() []queue.Item {
	items := make([]queue.Item, q.running.Load())
	now := time.Now()
	for i := range items {
		items[i] = q.item(i, queue.Running)
		items[i].ID = int64(1_000_000_000 + i)
		items[i].Rate = 4_100_000 * (1 + math.Sin(float64(now.UnixMilli())/900+float64(i))/4)
		items[i].Bytes = now.UnixMilli() * 4100 * int64(i+1) / 3 % items[i].Total
		items[i].Left = time.Duration(float64(items[i].Total-items[i].Bytes) / items[i].Rate * float64(time.Second))
	}
	return items
}

func (q *panelSample) item(i int, s queue.State) queue.Item {
	name := fmt.Sprintf("IMG_%07d.jpg", i)
	if i%10 == 3 {
		name = fmt.Sprintf("%07d %s.tar.gz", i, strings.Repeat("a long description of it ", 3))
	}
	it := queue.Item{
		ID: int64(i + 1), State: s, Site: q.site, Remote: path.Join("/pub/pictures", name), Local: "/home/anna/pictures/" + name,
		Total: int64(i%977+1) * 51_013, Left: -1, Added: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	if i%7 == 5 {
		it.Kind = queue.Upload
	}
	if s == queue.Failed {
		it.Reason = queue.Reason{Kind: "denied", Sentence: "The server refused “" + name + "”: permission denied.", Next: "Ask the server's owner for the right to read it."}
		if i%2 == 0 {
			it.Reason = queue.Reason{Sentence: "The data connection could not be made: nothing answered within 15 seconds.", Connection: true}
		}
	}
	return it
}

func (q *panelSample) List(_ context.Context, f queue.Filter, offset, limit int) ([]queue.Item, int, error) {
	var items []queue.Item
	place := 0
	for _, s := range []queue.State{queue.Queued, queue.Paused, queue.Failed, queue.Done} {
		n := q.count(s)
		if !slices.Contains(f.States, s) {
			continue
		}
		for i := max(0, offset-place); i < n && len(items) < limit; i++ {
			items = append(items, q.item(place+i, s))
		}
		place += n
	}
	return items, place, nil
}

func (q *panelSample) Items(_ context.Context, ids ...int64) ([]queue.Item, error) {
	var items []queue.Item
	for _, id := range ids {
		items = append(items, q.item(int(id-1), queue.Queued))
	}
	return items, nil
}

func (q *panelSample) Sites(context.Context) ([]queue.SiteStatus, error) {
	return []queue.SiteStatus{{Site: queue.Site{Key: q.site, Name: q.site}, Connections: int(q.running.Load()), Limit: 8, Unfinished: q.rows}}, nil
}

func (q *panelSample) Graph() []queue.Sample {
	now := time.Now()
	out := make([]queue.Sample, 240)
	for i := range out {
		at := now.Add(time.Duration(i-239) * time.Second / 2)
		x := float64(at.UnixMilli()) / 1000
		out[i] = queue.Sample{At: at, Down: 41e6 * (1 + 0.2*math.Sin(x/3) + 0.1*math.Sin(x*2)), Up: 9e6 * (1 + 0.3*math.Sin(x/5))}
	}
	return out
}
func (q *panelSample) Trouble() queue.Reason    { return queue.Reason{} }
func (q *panelSample) Paused() bool             { return false }
func (q *panelSample) Limits() queue.Limits     { return queue.Limits{Down: 60_000_000, PerSite: 8} }
func (q *panelSample) Schedule() queue.Schedule { return queue.Schedule{} }
func (q *panelSample) WhenDone() queue.WhenDone { return queue.WhenDone{} }
