package state

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue"
)

var panelNoon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func plainWords() PanelWords {
	return PanelWords{
		Text: func(_, raw string) string { return raw }, Site: func(key string) string { return key }, Now: panelNoon,
	}
}

// TestPanelHeld has copies from srv to isle.
func TestPanelHeld(t *testing.T) {
	later := panelNoon.Add(9 * time.Second)
	for _, c := range []struct {
		name    string
		state   queue.State
		due     time.Time
		stopped map[string]string // kinds of reasons
		foreign bool
		want    string
	}{
		{"between two tries", queue.Waiting, later, map[string]string{"isle": "login"}, false, "Waits for the password of isle"},
		{"no password known", queue.Waiting, later, map[string]string{"isle": "other"}, false, "Waits for the password of isle"},
		{"before its first try", queue.Queued, time.Time{}, map[string]string{"srv": "login"}, false, "Waits for the password of srv"},
		{"a certificate", queue.Waiting, later, map[string]string{"isle": "tls"}, false, "Waits for a login to isle"},
		{"another program's", queue.Waiting, later, map[string]string{"isle": "other"}, true, "Trying again in 0:09. Writing: no."},
		{"after the login", queue.Waiting, later, nil, false, "Trying again in 0:09. Writing: no."},
		{"at another time", queue.Queued, panelNoon.Add(48 * time.Hour), map[string]string{"isle": "login"}, false, "Starts at " + Time(panelNoon.Add(48*time.Hour).Local())},
		{"done", queue.Done, time.Time{}, map[string]string{"isle": "login"}, false, "Done"},
	} {
		words := plainWords()
		words.Foreign = func(string) bool { return c.foreign }
		words.Stopped = func(key string) queue.Reason { return queue.Reason{Kind: c.stopped[key]} }
		it := queue.Item{Kind: queue.Copy, Site: "srv", ToSite: "isle", Remote: "/a", State: c.state, Due: c.due, Reason: queue.Reason{Sentence: "Writing: no."}}
		row := PanelRowOf(it, words)
		if row.Said != c.want {
			t.Errorf("%s: %q, want %q", c.name, row.Said, c.want)
		}
		if held := strings.HasPrefix(c.want, "Waits for "); held != slices.Contains(row.Whole, c.want+".") || held == slices.Contains(row.Whole, "Writing: no.") {
			t.Errorf("%s: whole %q", c.name, row.Whole)
		}
	}
}

// What is said of the try before is over once it runs again.
func TestARunningRowTellsNoOldReason(t *testing.T) {
	row := PanelRowOf(queue.Item{Remote: "/a", State: queue.Running, Tries: 2, Reason: queue.Reason{Sentence: "Writing: no.", Next: "Wait."}}, plainWords())
	if slices.Contains(row.Whole, "Writing: no.") || slices.Contains(row.Whole, "Wait.") {
		t.Errorf("whole: %q", row.Whole)
	}
}

func TestPanelRow(t *testing.T) {
	file := queue.Item{ID: 7, Site: "srv", Remote: "/pub/video.mp4", Local: "/home/joe/video.mp4", Total: 40e6, Left: -1}
	with := func(change func(*queue.Item)) queue.Item {
		it := file
		change(&it)
		return it
	}
	for _, c := range []struct {
		name string
		in   queue.Item
		want PanelRow
	}{
		{
			"moving file",
			with(func(it *queue.Item) {
				it.State, it.Bytes, it.Rate, it.Left = queue.Running, 30e6, 2e6, 5*time.Second
			}),
			PanelRow{Name: "video.mp4", Fraction: 0.75, Percent: "75 %", Size: "40 MB", Speed: "2.0 MB/s", Left: "0:05 left"},
		},
		{
			"moving file of unknown size",
			with(func(it *queue.Item) { it.State, it.Bytes, it.Total = queue.Running, 30e6, -1 }),
			PanelRow{Name: "video.mp4", Size: "30 MB"},
		},
		{"waiting", file, PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Waiting", Tone: PanelQuiet}},
		{
			"starts later",
			with(func(it *queue.Item) { it.Due = panelNoon.Add(48 * time.Hour) }),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Starts at " + Time(panelNoon.Add(48*time.Hour).Local()), Tone: PanelQuiet},
		},
		{
			"folder being listed",
			with(func(it *queue.Item) {
				it.Kind, it.Dir, it.Local, it.Total, it.State, it.Children = queue.Upload, true, "/home/joe/site", 0, queue.Scanning, 240
			}),
			PanelRow{Sign: PanelUp, Name: "site/", Folder: true, Fraction: -1, Said: "Looking through the folder: 240 entries", Tone: PanelQuiet},
		},
		{
			"trying again",
			with(func(it *queue.Item) {
				it.State, it.Due = queue.Waiting, panelNoon.Add(9*time.Second)
				it.Reason = queue.Reason{Sentence: "The connection was lost.", Connection: true}
			}),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Trying again in 0:09. The connection was lost.", Tone: PanelCareful, Diagnose: true},
		},
		{
			"failed",
			with(func(it *queue.Item) {
				it.State, it.Reason = queue.Failed, queue.Reason{Sentence: "The server says no.", Next: "Ask it nicely."}
			}),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "The server says no.", Tone: PanelBad, Retry: true},
		},
		{
			"failed for its connection",
			with(func(it *queue.Item) {
				it.State, it.Reason = queue.Failed, queue.Reason{Sentence: "Nothing answered.", Connection: true}
			}),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Nothing answered.", Tone: PanelBad, Retry: true, Diagnose: true},
		},
		{
			"done",
			with(func(it *queue.Item) {
				it.State, it.Started, it.Ended = queue.Done, panelNoon, panelNoon.Add(10*time.Second)
			}),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Done, 4.0 MB/s on average", Tone: PanelGood},
		},
		{
			"saved under another name",
			with(func(it *queue.Item) { it.State, it.Note = queue.Done, "saved as video (1).mp4" }),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Done, saved as video (1).mp4", Tone: PanelGood},
		},
		{
			"tree being deleted",
			with(func(it *queue.Item) {
				it.Kind, it.Dir, it.Remote, it.State, it.Total = queue.Delete, true, "/pub/old/", queue.Running, 0
			}),
			PanelRow{Sign: PanelDelete, Name: "old/", Folder: true, Fraction: -1, Said: "Being deleted"},
		},
		{
			"permissions set",
			with(func(it *queue.Item) { it.Kind, it.State, it.Total = queue.Chmod, queue.Done, -1 }),
			PanelRow{Sign: PanelMode, Name: "video.mp4", Fraction: -1, Said: "Permissions set", Tone: PanelGood},
		},
		{
			"copy between servers",
			with(func(it *queue.Item) { it.Kind, it.ToSite, it.ToRemote = queue.Copy, "other", "/in/v.mp4" }),
			PanelRow{Sign: PanelCopy, Name: "video.mp4", Site: "srv › other", Fraction: -1, Size: "40 MB", Said: "Waiting", Tone: PanelQuiet},
		},
		{
			"cancelled",
			with(func(it *queue.Item) { it.State = queue.Cancelled }),
			PanelRow{Name: "video.mp4", Fraction: -1, Size: "40 MB", Said: "Cancelled", Tone: PanelQuiet, Retry: true},
		},
	} {
		got := PanelRowOf(c.in, plainWords())
		c.want.ID, c.want.State = 7, c.in.State
		if c.want.Site == "" {
			c.want.Site = "srv"
		}
		whole := got.Whole
		got.Whole = nil
		if !equalRows(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
		if c.in.Reason.Next != "" && !slices.Contains(whole, c.in.Reason.Next) {
			t.Errorf("%s: %q is not told in %q", c.name, c.in.Reason.Next, whole)
		}
	}
}

func equalRows(a, b PanelRow) bool {
	a.Whole, b.Whole = nil, nil
	return a.ID == b.ID && a.Sign == b.Sign && a.Name == b.Name && a.Folder == b.Folder && a.Site == b.Site &&
		a.Fraction == b.Fraction && a.Percent == b.Percent && a.Size == b.Size && a.Speed == b.Speed && a.Left == b.Left &&
		a.Said == b.Said && a.Tone == b.Tone && a.State == b.State && a.Retry == b.Retry && a.Diagnose == b.Diagnose
}

func TestHostileNamesInThePanelAreHarmless(t *testing.T) {
	it := queue.Item{
		Remote: "/pub/evil\x1b[2J\u202egnp.exe", Local: "/tmp/a\nb", State: queue.Failed,
		Reason: queue.Reason{Sentence: "550 \x1b]0;pwned\x07"}, Conflict: &transfers.Conflict{Local: "/tmp/\x1b[2J", SourceSize: -1, TargetSize: -1},
	}
	row := PanelRowOf(it, plainWords())
	all := append([]string{row.Name, row.Said, PanelQuestion(it, 1, plainWords())}, row.Whole...)
	for _, s := range all {
		if strings.ContainsAny(s, "\x1b\x07\n\u202e") {
			t.Errorf("shown: %q", s)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "", 0: "0:00 left", 12 * time.Second: "0:12 left", 72 * time.Second: "1:12 left",
		3723 * time.Second: "1:02:03 left", 200 * time.Hour: "days left",
	} {
		if got := TimeLeft(d); got != want {
			t.Errorf("TimeLeft(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestPanelQuestion(t *testing.T) {
	c := transfers.Conflict{
		Local: "/home/joe/" + strings.Repeat("x", 300) + ".tar.gz", Remote: "/pub/a.txt",
		SourceSize: 10, TargetSize: 4, SourceTime: panelNoon,
	}
	got := PanelQuestion(queue.Item{Kind: queue.Download, Conflict: &c}, 3, plainWords())
	for _, want := range []string{"x.tar.gz” exists here", "4 B there, 10 B of ", "(2 more questions)"} {
		if !strings.Contains(got, want) {
			t.Errorf("question %q, want it to hold %q", got, want)
		}
	}
	if len(got) > 200 {
		t.Errorf("the question is %d bytes long: %q", len(got), got)
	}
	got = PanelQuestion(queue.Item{Kind: queue.Upload, Conflict: &c}, 1, plainWords())
	if !strings.HasPrefix(got, "“a.txt” exists on the server, in /pub: ") {
		t.Errorf("question %q", got)
	}
	got = PanelQuestion(queue.Item{Kind: queue.Copy, Site: "srv", ToSite: "isle", Conflict: &c}, 1, plainWords())
	if !strings.HasPrefix(got, "“a.txt” exists on isle, in /pub: ") {
		t.Errorf("question %q", got)
	}
	if got = PanelQuestion(queue.Item{}, 1, plainWords()); got != "" {
		t.Errorf("asked %q about nothing", got)
	}
}

func TestPanelMatches(t *testing.T) {
	it := queue.Item{Remote: "/pub/Photos/a.JPG", Local: "/home/joe/a.JPG"}
	for text, want := range map[string]bool{"": true, "photos": true, "JOE": true, "b.jpg": false} {
		if got := PanelMatches(it, text, plainWords()); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
