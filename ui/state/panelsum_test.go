package state

import (
	"slices"
	"testing"
	"time"

	"portside/transfers/queue"
)

type states = map[queue.State]int

func TestPanelHeadline(t *testing.T) {
	for _, c := range []struct {
		name     string
		in       queue.Counts
		paused   bool
		text     string
		fraction float64
		moves    bool
	}{
		{"nothing", queue.Counts{Left: -1}, false, "No transfers", -1, false},
		{
			"at work",
			queue.Counts{
				States: states{queue.Running: 2, queue.Queued: 10}, BytesLeft: 3_400_000_000, BytesDone: 1_133_333_333,
				Down: 40e6, Up: 1e6, Left: 72 * time.Second,
			},
			false, "12 to go · 3.4 GB · 41 MB/s · 1:12 left", 1_133_333_333.0 / 4_533_333_333.0, true,
		},
		{
			"sizes not all known",
			queue.Counts{States: states{queue.Queued: 3, queue.Failed: 1}, BytesLeft: 10e6, Unknown: 2, Left: -1},
			false, "3 to go · at least 10 MB · 1 failed", 0, false,
		},
		{
			"folders not looked through yet",
			queue.Counts{States: states{queue.Running: 3}, BytesLeft: 10e6, Unknown: 1, Down: 1e6, Left: 10 * time.Second},
			false, "3 to go · at least 10 MB · 1.0 MB/s", 0, true,
		},
		{"paused", queue.Counts{States: states{queue.Queued: 1200}, Left: -1}, true, "1,200 to go, paused", -1, false},
		{
			"over",
			queue.Counts{States: states{queue.Done: 12, queue.Failed: 2, queue.Skipped: 1, queue.Cancelled: 3}, Left: -1},
			false, "12 done · 2 failed · 1 skipped · 3 cancelled", -1, false,
		},
	} {
		got := PanelHeadline(c.in, c.paused, Format{})
		if got.Text != c.text || got.Fraction != c.fraction || got.Moves != c.moves {
			t.Errorf("%s: %+v, want %q, %v, %v", c.name, got, c.text, c.fraction, c.moves)
		}
	}
}

func TestPanelTabs(t *testing.T) {
	c := queue.Counts{States: states{
		queue.Queued: 120_000, queue.Paused: 3, queue.NeedsAnswer: 1, queue.Running: 4, queue.Scanning: 1, queue.Waiting: 2,
		queue.Failed: 5, queue.Done: 1_250_000, queue.Skipped: 1,
	}}
	var got []string
	for tab := range PanelTabs {
		got = append(got, PanelTab(tab).Label(c))
	}
	if want := []string{"All", "Queued 120k", "Running 7", "Failed 5", "Done 1.2M"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	all := 0
	for _, n := range c.States {
		all += n
	}
	if n := PanelAll.Number(c); n != all {
		t.Errorf("All holds %d, want %d", n, all)
	}
	sum := 0
	for tab := PanelQueued; int(tab) < PanelTabs; tab++ {
		sum += tab.Number(c)
	}
	if sum != all {
		t.Errorf("the tabs hold %d in sum, want %d: each item is on one of them", sum, all)
	}
}

func TestPanelNotices(t *testing.T) {
	login := queue.Reason{Kind: "login", Sentence: "The password for this server is not known."}
	sites := []queue.SiteStatus{
		{Site: queue.Site{Key: "idle"}, Stopped: login},
		{Site: queue.Site{Key: "joe@a"}, Stopped: login, Unfinished: 12},
		{Site: queue.Site{Key: "b"}, Unfinished: 1, Retry: panelNoon.Add(12 * time.Second), Trouble: queue.Reason{Sentence: "It does not answer."}},
		{Site: queue.Site{Key: "c"}, Unfinished: 1},
	}
	got := PanelNotices(sites, queue.Reason{}, plainWords())
	want := []PanelNotice{
		{Site: "joe@a", Stopped: true, Text: "joe@a: The password for this server is not known. 12 transfers wait. Log in again to go on."},
		{Site: "b", Text: "b: It does not answer. Connecting again in 0:12."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	got = PanelNotices(nil, queue.Reason{Sentence: "The disk is full.", Next: "Make room."}, plainWords())
	if len(got) != 1 || got[0].Text != "The disk is full. Make room." || got[0].Site != "" {
		t.Errorf("%+v", got)
	}
}

func TestPanelStarts(t *testing.T) {
	free := []queue.SiteStatus{{Unfinished: 1}}
	stopped := []queue.SiteStatus{{Unfinished: 1, Stopped: queue.Reason{Sentence: "no"}}, {Unfinished: 0}}
	waits := queue.Counts{States: states{queue.Queued: 1}}
	for _, c := range []struct {
		name   string
		counts queue.Counts
		paused bool
		sites  []queue.SiteStatus
		want   bool
	}{
		{"a site that works", waits, false, free, true},
		{"paused", waits, true, free, false},
		{"a site that waits for a login", waits, false, stopped, false},
		{"just added", waits, false, nil, true},
		{"nothing waits", queue.Counts{States: states{queue.Done: 4}}, false, free, false},
	} {
		if got := PanelStarts(c.counts, c.paused, c.sites); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestPanelConnections(t *testing.T) {
	sites := []queue.SiteStatus{{Connections: 3}, {Connections: 1}}
	for _, c := range []struct {
		limit      int
		open, most string
	}{{8, "4 open", "at most 8"}, {0, "4 open", "at most 10"}} {
		if open, most := PanelConnections(sites, queue.Limits{Parallel: c.limit}); open != c.open || most != c.most {
			t.Errorf("%d: %q, %q", c.limit, open, most)
		}
	}
}

func TestGraph(t *testing.T) {
	samples := []queue.Sample{
		{At: panelNoon.Add(-3 * time.Minute), Down: 9e9},
		{At: panelNoon.Add(-2 * time.Minute), Down: 0},
		{At: panelNoon.Add(-time.Minute), Down: 40e6, Up: 10e6},
		{At: panelNoon, Down: 20e6},
	}
	g := GraphOf(samples, panelNoon, queue.Limits{Down: 50e6, Up: 900e9})
	if len(g.Down) != 3 || g.Top != 100e6 {
		t.Fatalf("%+v", g)
	}
	if g.Down[1] != (GraphPoint{0.5, 0.4}) || g.Up[1] != (GraphPoint{0.5, 0.1}) || g.Down[2].X != 1 {
		t.Errorf("%+v", g)
	}
	if !slices.Equal(g.Limits, []GraphLine{{Y: 0.5}}) {
		t.Errorf("limits %+v: one far above must not press the curve flat", g.Limits)
	}
	if g := GraphOf(nil, panelNoon, queue.Limits{}); g.Top <= 0 || g.Moved {
		t.Errorf("an empty graph: %+v", g)
	}
}
