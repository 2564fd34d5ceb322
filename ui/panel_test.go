package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/filetable"
	"portside/ui/uitest"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func TestFailedTransfersSayWhyAndOfferWhatHelps(t *testing.T) {
	items := sampleItems(2)
	items[0].State, items[0].Reason = queue.Failed, queue.Reason{Sentence: "Nothing answered.", Connection: true}
	items[1].State, items[1].Reason = queue.Failed, queue.Reason{Sentence: "There is no such file."}
	b := openPanel(t, items...)
	b.reads("Nothing answered.")
	if n := strings.Count(strings.Join(uitest.Texts(b.Canvas()), "|"), "Diagnose"); n != 1 {
		t.Errorf("a diagnosis is offered %d times, want once: a missing file has nothing to do with the connection", n)
	}
	b.ClickText("Diagnose")
	b.sees("the diagnosis", func() bool { return slices.Equal(b.told, []int64{1}) })
	b.ClickText("Retry")
	b.tells("retry [1]")
	b.ClickText("Skip")
	b.tells("skip [1]")
}

func TestAQuestionIsAnsweredBesideTheWork(t *testing.T) {
	items := sampleItems(3)
	items[0].State = queue.Running
	for i := range items[1:] {
		items[i+1].State = queue.NeedsAnswer
		items[i+1].Conflict = &transfers.Conflict{Local: items[i+1].Local, SourceSize: 10, TargetSize: 4}
	}
	b := openPanel(t, items...)
	b.reads("“f000002.bin” exists here, in /home/joe: 4 B there, 10 B new (1 more question)")
	if uitest.HasText(b.Canvas(), "If newer") {
		t.Error("offers to look at times that are not known")
	}
	b.ClickText("For all")
	b.ClickText("Resume")
	b.tells("answer 2")
	if b.q.decision != (transfers.Decision{Action: transfers.Resume, ForAll: true}) {
		t.Errorf("decided %+v", b.q.decision)
	}
	b.q.mu.Lock()
	b.q.items[1].State = queue.Done
	b.q.items[2].Conflict = &transfers.Conflict{
		Local: "/a/f000003.bin", SourceSize: 10, TargetSize: 10, SourceTime: time.Now(), TargetTime: time.Now(),
	}
	b.q.mu.Unlock()
	b.reads("“f000003.bin” exists here")
	if b.p.question.forAll.Checked {
		t.Error("the next question is already answered for all")
	}
	if uitest.HasText(b.Canvas(), "Resume") || !uitest.HasText(b.Canvas(), "If newer") {
		t.Error("a whole file can be resumed, or its time is not asked about")
	}
}

func TestTabsAndSearch(t *testing.T) {
	items := sampleItems(5)
	items[0].State = queue.Running
	items[3].State, items[3].Reason = queue.Failed, queue.Reason{Sentence: "No."}
	items[4].State = queue.Done
	b := openPanel(t, items...)
	names := func() []string {
		var out []string
		for _, text := range uitest.Texts(b.Canvas()) {
			if strings.HasPrefix(text, "f00000") {
				out = append(out, text)
			}
		}
		return out
	}
	want := func(tab string, files ...string) {
		t.Helper()
		if tab != "" {
			b.ClickText(tab)
		}
		b.sees("the files of "+tab, func() bool { return slices.Equal(names(), files) })
	}
	want("", "f000001.bin", "f000002.bin", "f000003.bin", "f000004.bin", "f000005.bin")
	want("Queued 2", "f000002.bin", "f000003.bin")
	want("Running 1", "f000001.bin")
	want("Failed 1", "f000004.bin")
	want("Done 1", "f000005.bin")
	want("All", "f000001.bin", "f000002.bin", "f000003.bin", "f000004.bin", "f000005.bin")
	b.p.search.SetText("03")
	want("", "f000003.bin")
	b.p.search.SetText("nothing like it")
	b.reads("No path here contains “nothing like it”")
}

func TestKeysAndMenuOfTheSelection(t *testing.T) {
	b := openPanel(t, sampleItems(40)...)
	b.ClickText("f000002.bin")
	b.With(fyne.KeyModifierShift, func() { b.Click(b.Find("f000004.bin")) })
	b.Chord(fyne.KeyModifierAlt, fyne.KeyUp)
	b.tells("move 1 [2 3 4]")
	b.Chord(fyne.KeyModifierAlt, fyne.KeyEnd)
	b.tells("move 3 [2 3 4]")
	b.Type(" ")
	b.tells("pause [2 3 4]")
	b.Key(fyne.KeyDelete)
	b.tells("cancel [2 3 4]")
	b.RightClick(b.Find("f000003.bin"))
	b.ClickText("Move to the top")
	b.tells("move 0 [2 3 4]")
	b.RightClick(b.Find("f000006.bin"))
	b.ClickText("Show in its folder")
	b.sees("its folder", func() bool { return slices.Equal(b.told, []int64{-6}) })
	b.RightClick(b.Find("f000006.bin"))
	b.ClickText("Copy what it says")
	if !strings.Contains(b.copied, "/pub/f000006.bin\nto /home/joe/f000006.bin") {
		t.Errorf("copied %q", b.copied)
	}
	b.Key(fyne.KeyHome, fyne.KeyDown)
	b.With(fyne.KeyModifierShift, func() { b.Key(fyne.KeyDown) })
	b.Key(fyne.KeyDelete)
	b.tells("cancel [2 3]")
}

func TestPausedOnesGoOnAndFinishedOnesAreTakenOff(t *testing.T) {
	items := sampleItems(2)
	items[0].State, items[1].State = queue.Paused, queue.Done
	b := openPanel(t, items...)
	b.ClickText("f000001.bin")
	b.Type(" ")
	b.tells("resume [1]")
	b.ClickText("f000002.bin")
	b.Key(fyne.KeyDelete)
	b.tells("remove [2]")
}

// TestAMillionIsListedPageByPage has the panel scroll through a list that is never
// fetched as a whole.
func TestAMillionIsListedPageByPage(t *testing.T) {
	b := openPanel(t)
	b.p.Use(&panelSample{rows: 1_000_000})
	b.reads("750,000 to go")
	b.reads("IMG_0000000.jpg")
	b.p.table.scrollTo(1e12)
	b.reads("IMG_0999999.jpg")
	b.p.table.ToTop()
	b.reads("IMG_0000000.jpg")
	if kept := b.p.list.SelectedRows(); len(kept) != 0 {
		t.Errorf("%d rows are selected", len(kept))
	}
}

func TestAllOfALongListIsCancelled(t *testing.T) {
	b := openPanel(t, sampleItems(12_345)...)
	b.reads("f000001.bin")
	if n := b.q.listed(); n > 200 {
		t.Errorf("%d rows were listed to show a dozen", n)
	}
	b.ClickText("f000001.bin")
	b.Chord(ctrl, fyne.KeyA)
	b.Key(fyne.KeyDelete)
	b.tells("cancel 12345")
	b.p.list.SelectOnly(2)
	b.p.table.scrollTo(9000 * filetable.RowHeight)
	b.reads("f009001.bin")
	b.With(fyne.KeyModifierShift, func() { b.Click(b.Find("f009001.bin")) })
	b.sees("a range over rows that were not here", func() bool { return b.p.list.SelectedCount() == 8999 })
}

func TestPauseAndGoOn(t *testing.T) {
	b := openPanel(t, sampleItems(3)...)
	b.ClickText("Pause")
	b.tells("pause all true")
	b.reads("3 to go, paused")
	b.ClickText("Go on")
	b.tells("resume all")
	b.reads("Pause")
	b.Click(centreOf(b.p.more))
	b.ClickText("Pause after the current files")
	b.tells("pause all false")
}

func centreOf(o fyne.CanvasObject) fyne.Position {
	size := o.Size()
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(size.Width/2, size.Height/2)
}

func TestLimitsTakeEffectAtOnce(t *testing.T) {
	b := openPanel(t, sampleItems(1)...)
	b.Click(centreOf(b.p.meter.down.button))
	b.ClickText("1 MB/s")
	b.tells("limits 1000000 0 0 0")
	b.Click(centreOf(b.p.meter.up.button))
	b.ClickText("Other…")
	b.Type("2.5 parsecs")
	b.Key(fyne.KeyReturn)
	b.reads("want a speed such as")
	b.Replace("250 kB/s")
	b.Key(fyne.KeyReturn)
	b.tells("limits 1000000 250000 0 0")
	b.Click(centreOf(b.p.meter.links.button))
	b.ClickText("4 connections")
	b.tells("limits 1000000 250000 4 0")
	b.reads("at most 4")
}

func TestScheduleAndEnding(t *testing.T) {
	b := openPanel(t, sampleItems(1)...)
	b.Click(centreOf(b.p.more))
	b.ClickText("Only at certain times…")
	b.Type("22:00")
	b.Key(fyne.KeyReturn)
	b.reads("want a time of day")
	b.Canvas().Focus(b.p.hooks.sheets.stack[0].inputs[1])
	b.Type("6:30")
	b.Key(fyne.KeyReturn)
	b.tells("schedule 22h0m0s-6h30m0s []")
	for _, it := range b.p.endings() {
		if it.Label == "Run a command…" {
			it.Action()
		}
	}
	b.Type(`notify-send "all done"`)
	b.Key(fyne.KeyReturn)
	b.tells(`when done command ["notify-send" "all done"]`)
}

func TestASiteThatWaitsForALoginSaysSo(t *testing.T) {
	b := openPanel(t, sampleItems(2)...)
	b.q.mu.Lock()
	b.q.sites = []queue.SiteStatus{
		{Site: queue.Site{Key: "joe@srv"}, Unfinished: 2, Stopped: queue.Reason{Sentence: "The password for this server is not known."}},
		{Site: queue.Site{Key: "other"}, Unfinished: 1, Retry: time.Now().Add(time.Hour), Trouble: queue.Reason{Sentence: "It does not answer."}},
	}
	b.q.mu.Unlock()
	b.reads("Log in again to go on.")
	b.ClickText("Log in")
	if !slices.Equal(b.logins, []string{"joe@srv"}) {
		t.Errorf("logged in to %q", b.logins)
	}
	b.ClickText("Try now")
	b.tells("resume site other")
}

// TestWhatWaitsForALoginIsQueued has copies that are tried again by the clock, in vain as
// long as nobody logs in to their target.
func TestWhatWaitsForALoginIsQueued(t *testing.T) {
	items := sampleItems(3)
	for i := range items[:2] {
		items[i].Kind, items[i].ToSite, items[i].State = queue.Copy, "isle", queue.Waiting
		items[i].Due = time.Now().Add(10 * time.Second)
		items[i].Reason = queue.Reason{Sentence: "Writing: passwords have to be asked for."}
	}
	b := openPanel(t, items...)
	b.reads("Running 2")
	b.q.mu.Lock()
	b.q.sites = []queue.SiteStatus{{Site: queue.Site{Key: "isle"}, Stopped: queue.Reason{Kind: "login", Sentence: "No."}}}
	b.q.mu.Unlock()
	b.reads("Queued 3")
	b.reads("Waits for the password of isle")
	if uitest.HasText(b.Canvas(), "Running 2") || uitest.HasText(b.Canvas(), "Retry") || uitest.HasText(b.Canvas(), "Trying again") {
		t.Errorf("shown: %q", uitest.Texts(b.Canvas()))
	}
	if b.p.sum.Moves {
		t.Error("something is said to go on by itself")
	}
	b.ClickText("Running")
	b.reads("Nothing is running")
	b.ClickText("Queued 3")
	b.reads("f000002.bin")
	b.q.mu.Lock()
	b.q.items[1].ToSite = "other" // this one is tried again by itself
	b.q.mu.Unlock()
	b.reads("Running 2")
}

// TestACopyShowsItsSites has no site that anything is left to do for.
func TestACopyShowsItsSites(t *testing.T) {
	items := sampleItems(3)
	b := openPanel(t, items...)
	b.reads("f000002.bin")
	if b.p.table.cols.site.w > 0 {
		t.Fatal("the sites are shown where there is one")
	}
	b.q.mu.Lock()
	b.q.items[1].Kind, b.q.items[1].Site, b.q.items[1].ToSite = queue.Copy, "demo@127.0.0.1:2121", "Second server"
	b.q.mu.Unlock()
	b.sees("the column", func() bool { return b.p.table.cols.site.w > 0 })
	cols := b.p.table.columns(1280)
	need := fyne.MeasureText("demo@127.0.0.1:2121 › Second server", theme.TextSize(), fyne.TextStyle{}).Width
	if cols.name.w < 200 || cols.site.w < need {
		t.Errorf("the name has %v, the sites %v and need %v", cols.name.w, cols.site.w, need)
	}
}

func TestTheLineStaysWhenThePanelIsClosed(t *testing.T) {
	b := openPanel(t, sampleItems(3)...)
	if b.q.listed() == 0 {
		t.Fatal("nothing was listed while it was open")
	}
	b.Click(centreOf(b.p.fold))
	if b.p.Open() || b.arrange != 1 {
		t.Errorf("open %v, arranged %d times", b.p.Open(), b.arrange)
	}
	b.sees("the look that was under way", func() bool { return !b.p.snap.ask.open })
	b.q.listed()
	b.q.mu.Lock()
	b.q.items = append(b.q.items, sampleItems(1)...)
	b.q.mu.Unlock()
	b.reads("4 to go")
	if n := b.q.listed(); n > 0 {
		t.Errorf("%d rows were listed that nobody sees", n)
	}
}

func TestWhatTheQueueRefusesIsSaid(t *testing.T) {
	b := openPanel(t, sampleItems(1)...)
	b.q.mu.Lock()
	b.q.fail = errors.New("the disk is full")
	b.q.mu.Unlock()
	b.p.cancelAll()
	b.sees("the error", func() bool { return len(b.errs) == 1 })
}

func TestThePointerTellsTheWhole(t *testing.T) {
	b := openPanel(t, sampleItems(3)...)
	var tips []func()
	b.p.table.After = func(_ time.Duration, f func()) func() {
		tips = append(tips, f)
		return func() {}
	}
	b.Move(b.Find("f000002.bin"))
	if len(tips) != 1 {
		t.Fatalf("%d tips are due", len(tips))
	}
	tips[0]()
	b.reads("/pub/f000002.bin")
	b.reads("to /home/joe/f000002.bin")
	b.Move(b.Find("Progress"))
	if uitest.HasText(b.Canvas(), "/pub/f000002.bin") {
		t.Error("the tip stayed")
	}
}

func TestTheTipGoesWithItsRow(t *testing.T) {
	b := openPanel(t, sampleItems(3)...)
	var show func()
	b.p.table.After = func(_ time.Duration, f func()) func() {
		show = f
		return func() {}
	}
	b.Move(b.Find("f000002.bin"))
	show()
	b.reads("/pub/f000002.bin")
	b.q.mu.Lock()
	b.q.items = b.q.items[1:] // what is below moves up under the pointer
	b.q.mu.Unlock()
	b.p.hooks.wake()
	b.sees("the tip gone", func() bool { return !b.p.table.tip.Visible() })
}
