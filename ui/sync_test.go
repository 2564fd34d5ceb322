package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/ftptest"
	"portside/transfers"
	"portside/ui/state"
	"portside/ui/uitest"
)

// at is the time that the files of these tests have on both sides.
func syncTime() time.Time { return time.Date(2026, 11, 2, 14, 3, 0, 0, time.UTC) }

// write makes local files.
func (b *bench) write(files map[string]string) {
	b.t.Helper()
	for name, text := range files {
		at := filepath.Join(b.home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
		if err := os.Chtimes(at, syncTime(), syncTime()); err != nil {
			b.t.Fatal(err)
		}
	}
}

// openSync opens a window with local files on a server, and the view in it.
func openSync(t *testing.T, local map[string]string, opt ...ftptest.Option) (*bench, *ftptest.Server) {
	t.Helper()
	srv := ftptest.NewServer(t, opt...)
	b := openWindow(t, nil)
	b.write(local)
	b.connect(srv.URL)
	b.isUp()
	b.press("Synchronise…")
	b.reads("What would change?")
	return b, srv
}

// sameFile is a file of the server with the time of these tests.
func sameFile(name, text string) ftptest.Option {
	return ftptest.FileAt(name, text, syncTime(), 0o644)
}

// refuse refuses a verb for a path.
func refuse(verb, path string, code int) ftptest.Option {
	return ftptest.Handle(verb, func(c *ftptest.Conn, arg string) bool {
		if !strings.HasSuffix(arg, path) {
			return false
		}
		c.Reply(code, "Not for you.")
		return true
	})
}

// rowOf finds a row of the preview by its path.
func (b *bench) rowOf(path string) (int, state.SyncRow) {
	b.t.Helper()
	m := b.w.sync.model
	for i := range m.Len() {
		if r := m.Row(i); !r.Head && r.Path == path {
			return i, r
		}
	}
	b.t.Fatalf("no row %q", path)
	return 0, state.SyncRow{}
}

// tick clicks the box of a row.
func (b *bench) tick(path string) {
	b.t.Helper()
	row, _ := b.rowOf(path)
	t := b.w.sync.table
	t.ScrollTo(row)
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(t.scroll)
	b.Click(origin.AddXY(syncBoxLeft+4, (float32(row)+0.5)*syncRowHeight-t.scroll.Offset.Y))
}

// carryOut waits for the button and clicks it, after the time that reading takes.
func (b *bench) carryOut(label string) {
	b.t.Helper()
	b.reads(label)
	b.wait(readTime)
	b.press(label)
}

func (b *bench) wantTick(path string, want state.SyncTick) {
	b.t.Helper()
	if _, r := b.rowOf(path); r.Tick != want {
		b.t.Errorf("the box of %q is %d, want %d", path, r.Tick, want)
	}
}

func TestSynchroniseToTheServer(t *testing.T) {
	b, srv := openSync(t,
		map[string]string{"a.txt": "new", "sub/b.txt": "in a new folder", "sub/c.txt": "also", "same.txt": "same", "both.txt": "longer than before"},
		sameFile("/same.txt", "same"), sameFile("/both.txt", "short"), sameFile("/gone.txt", "old"))
	if b.w.win.Canvas().Focused() != b.w.sync.compare {
		t.Errorf("the keyboard is at %T, want the button", b.w.win.Canvas().Focused())
	}
	b.Key(fyne.KeyReturn)
	b.reads("4 new, 1 changed, 1 the same, 1 left alone; 40 B to send")
	b.reads("Synchronise: 5 changes")
	b.reads("the size differs")
	b.reads("not in the source")
	if uitest.HasText(b.Canvas(), "same.txt") {
		t.Error("what is the same is shown")
	}
	if srv.Exists("/a.txt") {
		t.Fatal("something was sent before anybody said so")
	}
	b.tick("sub/")
	b.wantTick("sub/b.txt", state.SyncOff)
	b.tick("sub/c.txt") // takes its folder along
	b.wantTick("sub/", state.SyncOn)
	b.wantTick("sub/b.txt", state.SyncOff)
	b.reads("Synchronise: 4 changes")
	b.wait(readTime)
	b.Chord(ctrl, fyne.KeyReturn)
	b.reads("Done: 3 new, 1 changed; 25 B in ")
	for name, want := range map[string]string{"/a.txt": "new", "/sub/c.txt": "also", "/both.txt": "longer than before", "/gone.txt": "old"} {
		if got := string(srv.File(name)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if srv.Exists("/sub/b.txt") {
		t.Error("what was left out was sent")
	}
	b.reads("Left out")
	b.press("Compare again")
	b.reads("1 new, ")
	b.Key(fyne.KeyEscape)
	b.reads("both.txt")
	if b.w.sync.Visible() {
		t.Error("Escape left the view open")
	}
	b.sees("the panes", func() bool { return countTexts(b, "sub") == 2 })
}

func TestSynchroniseDeletesOnlyWhatIsSaid(t *testing.T) {
	b, srv := openSync(t, map[string]string{"a.txt": "1"},
		sameFile("/a.txt", "1"), sameFile("/old/x.txt", "2"), sameFile("/old/deep/y.txt", "3"), sameFile("/other.txt", "4"))
	b.w.sync.options.remove.SetChecked(true)
	b.press("Compare")
	b.reads("5 to delete, 1 the same")
	b.reads("Delete on the server")
	b.reads("Synchronise: delete 5")
	if b.w.sync.apply.Importance != widget.WarningImportance {
		t.Error("the button that deletes looks like any other")
	}
	b.tick("old/deep/y.txt")
	for path, want := range map[string]state.SyncTick{"old/": state.SyncOff, "old/deep/": state.SyncOff, "old/x.txt": state.SyncOn, "other.txt": state.SyncOn} {
		b.wantTick(path, want)
	}
	b.carryOut("Synchronise: delete 2")
	b.reads("Done: 2 deleted")
	if !srv.Exists("/old/deep/y.txt") || srv.Exists("/old/x.txt") || srv.Exists("/other.txt") {
		t.Errorf("left on the server: %q, %q", srv.Names("/"), srv.Names("/old"))
	}
	b.press("Back")
	b.Chord(ctrlShift, fyne.KeyS)
	b.w.Synchronise() // the menu's shortcut belongs to the desktop driver
	if b.w.sync.options.remove.Checked {
		t.Error("deletion is still on when the view is opened again")
	}
}

func TestSynchroniseToThisComputer(t *testing.T) {
	b, _ := openSync(t, map[string]string{"mine.txt": "m"}, sameFile("/docs/a.txt", "from the server"), sameFile("/b.tmp", "t"))
	b.w.sync.options.way.SetSelected(syncDown)
	b.w.sync.options.exclude.SetText("*.tmp, *.bak")
	b.press("Compare")
	b.reads("2 new, 2 left alone; 15 B to fetch")
	b.press("Left alone 2")
	b.reads("excluded")
	b.press("Overview 4")
	b.carryOut("Synchronise: 2 changes")
	b.reads("Done: 2 new; 15 B in ")
	if got, err := os.ReadFile(filepath.Join(b.home, "docs", "a.txt")); err != nil || string(got) != "from the server" {
		t.Errorf("a.txt is %q, %v", got, err)
	}
	b.press("Compare again")
	b.reads("There is nothing to do.")
	b.w.sync.options.exclude.SetText("a[") // forgets the comparison and says what is wrong
	b.reads("What would change?")
	b.reads("a bracket is not closed")
	b.press("Compare")
	if b.w.sync.Busy() {
		t.Error("compares with a pattern that nobody understands")
	}
}

func TestSynchroniseWithNothingToDo(t *testing.T) {
	b, _ := openSync(t, map[string]string{"a.txt": "1", "b/c.txt": "2"}, sameFile("/a.txt", "1"), sameFile("/b/c.txt", "2"))
	b.press("Compare")
	b.reads("Both sides are the same.")
	b.reads("2 files were compared.")
	if uitest.HasText(b.Canvas(), "Synchronise:") {
		t.Error("there is a button for nothing")
	}
}

func TestSynchroniseFromAnEmptyFolder(t *testing.T) {
	b, srv := openSync(t, nil, sameFile("/a.txt", "1"))
	b.w.sync.options.remove.SetChecked(true)
	b.press("Compare")
	b.reads("The source folder is empty, so that everything in the target would be deleted.")
	b.reads("Check that it is the right folder")
	if uitest.HasText(b.Canvas(), "Synchronise:") || !srv.Exists("/a.txt") {
		t.Error("it could be done all the same")
	}
}

func TestSynchroniseWithAnIncompleteListing(t *testing.T) {
	b, _ := openSync(t, map[string]string{"keep/a.txt": "1", "b.txt": "2"}, sameFile("/b.txt", "2"), sameFile("/keep/old.txt", "3"),
		refuse("MLSD", "/keep", 550), refuse("LIST", "/keep", 550))
	b.w.sync.options.remove.SetChecked(true)
	b.press("Compare")
	b.reads("Not compared")
	b.reads("nothing is deleted there, since it could not be listed")
	if uitest.HasText(b.Canvas(), "old.txt") {
		t.Error("something is to be deleted in a folder that could not be listed")
	}
}

func TestSynchroniseSaysWhatFailed(t *testing.T) {
	b, srv := openSync(t, map[string]string{"a.txt": "1", "locked/b.txt": "2"}, ftptest.Dir("/locked"), refuse("STOR", "/locked/b.txt", 553), sameFile("/old.txt", "3"))
	b.w.sync.options.remove.SetChecked(true)
	b.press("Compare")
	b.carryOut("Synchronise: 2 changes, delete 1")
	b.reads("Not all was done: 1 new, 1 failed, 1 not done")
	b.press("Problems 2")
	b.reads("nothing was deleted, since 1 transfer failed")
	_, r := b.rowOf("locked/b.txt")
	if r.Status != state.SyncFailed || r.Why == "" {
		t.Errorf("the row says %+v", r)
	}
	if !srv.Exists("/old.txt") {
		t.Error("something was deleted though a transfer had failed")
	}
}

func TestSynchroniseOverTheOnlyConnection(t *testing.T) {
	b, srv := openSync(t, map[string]string{"a.txt": "1", "b.txt": "2"}, ftptest.MaxConns(1), ftptest.Dir("/x"))
	b.press("Compare")
	b.carryOut("Synchronise: 2 changes")
	b.reads("Done: 2 new")
	b.isUp()
	if string(srv.File("/b.txt")) != "2" {
		t.Error("b.txt did not arrive")
	}
}

func TestAComparisonAndARunCanBeCancelled(t *testing.T) {
	hold := make(chan struct{})
	srv := ftptest.NewServer(t, ftptest.Bandwidth(1<<20))
	dials := 0
	b := openWindow(t, func(c *Config) {
		c.Dial = func(ctx context.Context, addr string, opt client.Options) (Session, error) {
			if dials++; dials == 2 {
				<-ctx.Done() // the comparison's
				close(hold)
				return nil, ctx.Err()
			}
			return client.Dial(ctx, addr, opt)
		}
	})
	b.write(map[string]string{"big.bin": strings.Repeat("x", 8<<20)})
	b.connect(srv.URL)
	b.isUp()
	b.w.Synchronise()
	b.press("Compare")
	b.reads("Comparing the folders")
	b.Key(fyne.KeyEscape)
	b.reads("What would change?")
	<-hold
	if !b.w.sync.Visible() {
		t.Error("Escape closed the view instead of ending the comparison")
	}
	b.press("Compare")
	b.carryOut("Synchronise: 1 change")
	b.sees("bytes that move", func() bool {
		_, r := b.rowOf("big.bin")
		return r.Status == state.SyncRunning && strings.HasSuffix(r.Word, " %") && r.Word != "0 %"
	})
	b.Key(fyne.KeyEscape)
	b.reads("Stop synchronising?")
	b.press("Stop")
	b.reads("Cancelled: 1 not done")
	b.press("Back")
	b.sees("the panes", func() bool { return !b.w.sync.Visible() && b.w.panes.Visible() })
}

func TestDiagnosisAndSynchronisationShareTheirPlace(t *testing.T) {
	b, _ := openSync(t, map[string]string{"a.txt": "1"})
	b.press("Compare")
	b.reads("Synchronise: 1 change")
	b.w.showDiagnosis(true)
	if b.w.sync.Visible() || b.w.panes.Visible() {
		t.Error("two things are in one place")
	}
	b.w.closeDiagnosis()
	b.reads("Synchronise: 1 change") // as before
	b.w.showPane(b.w.local)
	if b.w.sync.Visible() || !b.w.panes.Visible() {
		t.Error("the panes did not come back")
	}
}

func TestThePreviewByKeyboard(t *testing.T) {
	local := map[string]string{}
	for i := range 60 {
		local[fmt.Sprintf("file %02d.txt", i)] = "x"
	}
	b, _ := openSync(t, local)
	b.Chord(ctrl, fyne.KeyReturn)
	b.reads("Synchronise: 60 changes")
	if b.w.win.Canvas().Focused() != b.w.sync.table {
		t.Fatalf("the keyboard is at %T, want the rows", b.w.win.Canvas().Focused())
	}
	b.reads("The box takes all of them, or none.")
	b.Key(fyne.KeyDown)
	b.Type(" ")
	b.reads("Synchronise: 59 changes")
	b.wantTick("file 00.txt", state.SyncOff)
	b.Key(fyne.KeyEnd)
	b.reads("file 59.txt")
	b.Type(" ")
	b.reads("Synchronise: 58 changes")
	b.Key(fyne.KeyHome)
	b.Type(" ") // the head: some are ticked, so all are now
	b.reads("Synchronise: 60 changes")
	b.Type(" ")
	b.reads("Synchronise: nothing chosen")
	if !b.w.sync.apply.Disabled() {
		t.Error("nothing can be carried out")
	}
	if !slices.Contains(uitest.Texts(b.Canvas()), "none chosen") {
		t.Error("the head does not say that nothing is chosen")
	}
}

func TestQuittingAsksWhileFoldersAreSynchronised(t *testing.T) {
	b, _ := openSync(t, map[string]string{"big.bin": strings.Repeat("x", 8<<20)}, ftptest.Bandwidth(1<<20))
	b.press("Compare")
	b.carryOut("Synchronise: 1 change")
	b.w.endOrAsk()
	b.reads("Folders are being synchronised.")
	b.Key(fyne.KeyEscape)
	b.press("Cancel")
	b.reads("Cancelled: ")
}

// BenchmarkPreview10000 builds the preview of ten thousand entries and shows it.
func BenchmarkPreview10000(b *testing.B) {
	plan := bigPlan(10_000)
	table := newSyncTable()
	for b.Loop() {
		table.Set(state.NewSync(plan, true), false)
	}
}

// bigPlan is a plan of n entries of all kinds.
func bigPlan(n int) *transfers.MirrorPlan {
	p := &transfers.MirrorPlan{}
	for i := range n {
		e := transfers.MirrorEntry{Action: transfers.MirrorNew, Path: fmt.Sprintf("dir %03d/file %06d.jpg", i/100, i), Size: int64(i) * 999}
		switch i % 100 {
		case 0:
			e = transfers.MirrorEntry{Action: transfers.MirrorMakeDir, Path: fmt.Sprintf("dir %03d", i/100), Dir: true}
		case 7, 19:
			e.Action, e.Why = transfers.MirrorChanged, "time"
		case 99:
			e.Action = transfers.MirrorDelete
		case 50:
			e.Action, e.Why = transfers.MirrorSkip, "excluded"
		}
		p.Entries = append(p.Entries, e)
	}
	return p
}

// A window that is closed does not wait for files under way.
func TestClosingEndsASynchronisation(t *testing.T) {
	b, _ := openSync(t, map[string]string{"big.bin": strings.Repeat("x", 64<<20)}, ftptest.Bandwidth(1<<20))
	b.press("Compare")
	b.carryOut("Synchronise: 1 change")
	b.sees("bytes that move", func() bool { _, r := b.rowOf("big.bin"); return r.Status == state.SyncRunning })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := b.w.Close(ctx); err != nil {
		t.Error(err)
	}
}

// Who types an address goes on typing it when a comparison ends.
func TestAComparisonLeavesTheKeyboardWhereSomebodyTypes(t *testing.T) {
	b, _ := openSync(t, map[string]string{"a.txt": "1"})
	b.press("Compare")
	b.w.bar.Focus()
	b.reads("Synchronise: 1 change")
	if b.w.win.Canvas().Focused() != b.w.bar.address {
		t.Errorf("the keyboard is at %T", b.w.win.Canvas().Focused())
	}
}
