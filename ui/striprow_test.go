package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portside/transfers"
	"portside/ui/uitest"
)

func same(s string) string { return s }

func TestRowOf(t *testing.T) {
	job := transfers.Job{Remote: "/pub/video.mp4", Local: "/home/joe/video.mp4"}
	folder := transfers.Job{Direction: transfers.Uploading, Remote: "/pub/site", Local: "/home/joe/site", Dir: true}
	for _, c := range []struct {
		name string
		in   transfers.Item
		want stripRow
	}{
		{
			"moving file",
			transfers.Item{ID: 7, Job: job, State: transfers.Running, Bytes: 30e6, Total: 40e6, Rate: 2e6, Left: 5 * time.Second},
			stripRow{
				id: 7, name: "video.mp4", fraction: 0.75, percent: "75 %", amount: "30 MB of 40 MB", rate: "2.0 MB/s", left: "0:05 left",
				ink: theme.ColorNameForeground,
			},
		},
		{
			"moving file of unknown size",
			transfers.Item{Job: job, State: transfers.Running, Bytes: 30e6, Total: -1, Left: -1},
			stripRow{name: "video.mp4", amount: "30 MB", ink: theme.ColorNameForeground},
		},
		{
			"moving folder",
			transfers.Item{Job: folder, State: transfers.Running, Bytes: 1e6, Total: 4e6, Files: 3, FilesTotal: 240, Left: -1, Current: "/pub/site/css/a.css"},
			stripRow{up: true, name: "site/…/a.css", fraction: 0.25, percent: "25 %", amount: "3 of 240 files", ink: theme.ColorNameForeground},
		},
		{
			"done folder",
			transfers.Item{Job: folder, State: transfers.Done, Summary: transfers.Summary{Files: 2, Skipped: 1, Bytes: 4e6}},
			stripRow{up: true, name: "site/", fraction: -1, verdict: "Done, 2 files, 4.0 MB, 1 skipped", ink: theme.ColorNameSuccess, finished: true},
		},
		{
			"failed",
			transfers.Item{Job: job, State: transfers.Failed, Err: errors.New("the roof is on fire")},
			stripRow{name: "video.mp4", fraction: -1, verdict: "The roof is on fire.", ink: theme.ColorNameError, retry: true, finished: true},
		},
		{
			"cancelled",
			transfers.Item{Job: job, State: transfers.Cancelled},
			stripRow{name: "video.mp4", fraction: -1, verdict: "Cancelled", ink: theme.ColorNamePlaceHolder, retry: true, finished: true},
		},
	} {
		if got := rowOf(c.in, same); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestNamesAreDecodedAndSafe(t *testing.T) {
	it := transfers.Item{Job: transfers.Job{Remote: "/pub/caf\xe9\x1b[2J"}}
	got := rowOf(it, readable).name
	if got == "" || slices.Contains([]byte(got), 0x1b) || got[:5] != "caf\u00e9" {
		t.Errorf("name %q", got)
	}
}

func TestLeftText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "", 0: "0:00 left", 12 * time.Second: "0:12 left", 72 * time.Second: "1:12 left",
		3723 * time.Second: "1:02:03 left", 200 * time.Hour: "days left",
	} {
		if got := leftText(d); got != want {
			t.Errorf("leftText(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestTotals(t *testing.T) {
	items := []transfers.Item{
		{State: transfers.Running, Bytes: 10e6, Total: 40e6, Rate: 1e6},
		{State: transfers.Queued, Total: -1, Job: transfers.Job{Size: 10e6}},
		{State: transfers.Failed},
		{State: transfers.Done},
		{ID: 5, State: transfers.NeedsAnswer, Job: transfers.Job{Size: 0}},
	}
	got := totalOf(items)
	if got.active != 3 || got.failed != 1 || got.askers != 1 || got.asking == nil || got.asking.ID != 5 {
		t.Errorf("%+v", got)
	}
	if got.fraction >= 0 {
		t.Errorf("a bar of %v though one size is not known", got.fraction)
	}
	got = totalOf(items[:4])
	if got.fraction != 0.2 || got.text != "2 transfers to go, 1 failed · 1.0 MB/s · 0:40 left" {
		t.Errorf("%+v", got)
	}
	if got := totalOf(items[2:4]); got.text != "1 transfer done, 1 failed" || got.active != 0 {
		t.Errorf("%+v", got)
	}
}

func TestOrder(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	items := []transfers.Item{
		{ID: 1, State: transfers.Done, Ended: at},
		{ID: 2, State: transfers.Queued},
		{ID: 3, State: transfers.Running},
		{ID: 4, State: transfers.Done, Ended: at.Add(time.Second)},
		{ID: 5, State: transfers.NeedsAnswer},
		{ID: 6, State: transfers.Failed},
	}
	inOrder(items)
	var got []int64
	for _, it := range items {
		got = append(got, it.ID)
	}
	if want := []int64{5, 3, 6, 2, 4, 1}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

// fakeQueue is a queue that holds still and notes what it is told.
type fakeQueue struct {
	items                       []transfers.Item
	cancelled, retried, answers []int64
	decision                    transfers.Decision
}

func (q *fakeQueue) Snapshot() []transfers.Item { return slices.Clone(q.items) }
func (q *fakeQueue) Cancel(id int64) bool       { q.cancelled = append(q.cancelled, id); return true }
func (q *fakeQueue) CancelAll()                 { q.items = nil }
func (q *fakeQueue) Retry(id int64) bool        { q.retried = append(q.retried, id); return true }
func (q *fakeQueue) Clear()                     { q.items = nil }
func (q *fakeQueue) Answer(id int64, d transfers.Decision) bool {
	q.answers, q.decision = append(q.answers, id), d
	return true
}

func openStrip(t *testing.T, items ...transfers.Item) (*uitest.User, *transferStrip, *fakeQueue) {
	t.Helper()
	s, q := newTransferStrip(), &fakeQueue{items: items}
	win := openIn(t, s.Content, 1000, 300)
	s.OnResize = func() { win.Resize(fyne.NewSize(1000, 300)); win.Content().Refresh() }
	s.Use(q, same)
	return uitest.NewUser(t, win.Canvas()), s, q
}

func TestStripIsGoneWithoutTransfers(t *testing.T) {
	_, s, q := openStrip(t)
	if s.Pull() || s.Content.Visible() {
		t.Error("an empty strip is seen, or busy")
	}
	q.items = []transfers.Item{{ID: 1, State: transfers.Running}}
	if !s.Pull() || !s.Content.Visible() {
		t.Error("a transfer that runs is not seen, or leaves the strip idle")
	}
	q.items = nil
	if s.Pull() || s.Content.Visible() {
		t.Error("the strip stayed")
	}
}

func TestAQuestionKeepsNobodyAwake(t *testing.T) {
	u, s, q := openStrip(t, transfers.Item{ID: 9, State: transfers.NeedsAnswer, Conflict: &transfers.Conflict{
		Remote: "/pub/a.txt", Local: "/home/joe/a.txt", SourceSize: 10, TargetSize: 4,
	}})
	if s.Pull() {
		t.Error("the strip is busy though it only waits for an answer")
	}
	if !uitest.HasText(u.Canvas(), "“a.txt” exists on this computer") {
		t.Fatalf("seen: %q", uitest.Texts(u.Canvas()))
	}
	u.ClickText("Resume")
	if !slices.Equal(q.answers, []int64{9}) || q.decision != (transfers.Decision{Action: transfers.Resume}) {
		t.Errorf("answered %v with %+v", q.answers, q.decision)
	}
}

func TestResumeIsOfferedForWhatIsSmallerOnly(t *testing.T) {
	u, s, _ := openStrip(t, transfers.Item{ID: 9, State: transfers.NeedsAnswer, Conflict: &transfers.Conflict{
		Remote: "/pub/a.txt", Local: "/home/joe/a.txt", SourceSize: 10, TargetSize: 10,
	}})
	s.Pull()
	if uitest.HasText(u.Canvas(), "Resume") {
		t.Error("a whole file can be resumed")
	}
}

func TestALongNameLeavesRoomInAQuestion(t *testing.T) {
	c := transfers.Conflict{
		Local:      "/home/joe/" + strings.Repeat("x", 300) + ".tar.gz",
		SourceSize: 10, TargetSize: 4, SourceTime: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
	}
	got := conflictText(c, 3, same)
	for _, want := range []string{"x.tar.gz”", "4 B there, 10 B of ", "(2 more questions)"} {
		if !strings.Contains(got, want) {
			t.Errorf("question %q, want it to hold %q", got, want)
		}
	}
	if len(got) > 200 {
		t.Errorf("the question is %d bytes long: %q", len(got), got)
	}
}
