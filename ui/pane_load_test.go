package ui

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

func TestPaneStaleAnswers(t *testing.T) {
	b, tree := openTree(t, "/home/slow/old", "/home/quick/new")
	release := tree.hold("list /home/slow")
	b.left.Go("/home/slow")
	b.left.Go("/home/quick")
	b.wantPath("the last question counts", "/home/quick")
	b.loop.Until("the first one to end", func() bool { return slices.Contains(tree.cancelled(), "list /home/slow") })
	release()
	b.loop.Drain()
	b.wantPath("a late answer changes nothing", "/home/quick")
	b.wantSeen("what is shown", "new")

	other := newFakeTree("/home/other")
	release = tree.hold("list /home")
	b.left.Go("/home")
	b.left.SetSource(other, "")
	b.wantPath("another source", "/home")
	release()
	b.loop.Drain()
	b.wantSeen("shows its own", "other")
	b.wantUnseen("and not the old one's", "quick")
}

func TestPaneBusyAndCancel(t *testing.T) {
	b, tree := openTree(t, "/home/slow/x", "/home/b.txt")
	tree.hold("list /home/slow")
	b.left.Go("/home/slow")
	b.wantSeen("at first the old folder stays", "b.txt", "Listing…")
	b.clock.Advance(time.Second)
	b.wantSeen("then the pane says what it waits for", "Opening “/home/slow”…", "Cancel")
	b.wantUnseen("in the place of the files", "b.txt")
	b.user.ClickText("Cancel")
	b.wantPath("cancelling", "/home")
	b.wantSeen("brings the old folder back", "b.txt", "1 folder, 1 file")
	b.loop.Until("the listing to be told", func() bool { return len(tree.cancelled()) == 1 })
	if !b.left.Table().Focused() {
		t.Error("the files do not get the keyboard back")
	}
	b.wantCalls("cancelling is no error")
	b.left.Go("/home/slow")
	b.user.Key(fyne.KeyEscape)
	b.wantPath("Escape", "/home")
}

func TestPaneFailure(t *testing.T) {
	b, tree := openTree(t, "/home/private/x", "/home/b.txt")
	tree.failWith("list /home/private", errFake)
	b.left.Go("/home/private")
	b.idle()
	b.wantSeen("a failure", "It did not work: the fake refuses.", "Do something else.", "Retry", "Back to “home”", "private")
	b.wantUnseen("in the place of the files", "b.txt")
	b.wantCalls("the window is told", "error the fake refuses")
	b.user.ClickText("Back to “home”")
	b.wantPath("back", "/home")
	b.wantSeen("the files are back", "b.txt")
	b.left.Go("/home/private")
	b.idle()
	tree.failWith("list /home/private", nil)
	b.user.ClickText("Retry")
	b.wantPath("trying again", "/home/private")
	b.wantSeen("shows it", "x")
	if !b.left.Table().Focused() {
		t.Error("the files do not get the keyboard back")
	}
}

func TestPaneRefreshFails(t *testing.T) {
	b, tree := openTree(t, "/home/b.txt")
	tree.failWith("list /home", errFake)
	b.user.Key(fyne.KeyF5)
	b.idle()
	b.wantSeen("what was listed stays", "b.txt", "It did not work: the fake refuses.")
	b.wantCalls("the window is told", "error the fake refuses")
	tree.failWith("list /home", fs.ErrNotExist)
	b.user.Key(fyne.KeyF5)
	b.idle()
	b.wantUnseen("a folder that is gone", "b.txt")
	b.wantSeen("a folder that is gone", "Retry")
}

func TestPaneCardKeys(t *testing.T) {
	b, tree := openTree(t, "/home/private/x", "/home/b.txt")
	tree.failWith("list /home/private", errFake)
	b.left.Go("/home/private")
	b.idle()
	tree.failWith("list /home/private", nil)
	b.user.Key(fyne.KeyReturn)
	b.wantPath("Return tries again", "/home/private")
	tree.failWith("list /home", errFake)
	b.left.Up()
	b.idle()
	b.user.Key(fyne.KeyEscape)
	b.wantSeen("Escape leads back", "x")
	tree.failWith("list /home", nil)
	tree.hold("list /home")
	b.left.Up()
	b.clock.Advance(time.Second)
	b.user.Key(fyne.KeyEscape)
	b.wantPath("Escape cancels", "/home/private")
	b.wantSeen("Escape cancels", "x")
}

func TestPaneFirstListingFails(t *testing.T) {
	b := newPaneBench(t)
	tree := newFakeTree("/home/a")
	tree.failWith("list /home", errFake)
	b.left.SetSource(tree, "")
	b.idle()
	b.wantSeen("the first folder", "It did not work", "Folder above")
	b.user.ClickText("Folder above")
	b.wantPath("the folder above", "/")
	b.left.SetSource(nil, "")
	b.wantSeen("no source", "Not connected")
	b.wantPath("no source", "")
	b.left.Up()
	b.left.Back()
	b.left.Home()
	b.left.Relist()
	b.left.NewFolder()
	b.left.DeleteSelected()
	b.left.RenameSelected()
	b.left.CopyURL()
	b.left.EditPath()
	b.user.RightClick(fyne.NewPos(100, 200))
	b.idle()
}

func TestPaneRefreshKeepsSelection(t *testing.T) {
	b, tree := openTree(t, "/home/a", "/home/b", "/home/c")
	b.user.ClickText("b")
	tree.mu.Lock()
	tree.add("/home/aa")
	tree.mu.Unlock()
	b.user.Key(fyne.KeyF5)
	b.idle()
	b.wantSeen("listed again", "aa", "1 selected")
	b.wantSelected("the selection stays", "b")
}

func TestPaneCloseWaits(t *testing.T) {
	b, tree := openTree(t, "/home/slow/")
	tree.hold("list /home/slow")
	b.left.Go("/home/slow")
	b.loop.Until("the listing to begin", func() bool { return slices.Contains(tree.made("list"), "list /home/slow") })
	b.left.Close()
	if got := tree.cancelled(); !slices.Equal(got, []string{"list /home/slow"}) {
		t.Errorf("Close returned while %v had ended", got)
	}
	b.left.Close()
}

func TestPaneContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	loop := uitest.NewLoop(t)
	tree := newFakeTree("/home/slow/")
	tree.hold("list /home")
	p := NewPane(PaneOptions{Context: ctx, Do: loop.Do, After: uitest.NewClock().After})
	p.SetSource(tree, "")
	cancel(errors.New("the window is closed"))
	p.Close()
	if got := len(tree.cancelled()); got > 1 {
		t.Errorf("%d listings ended", got)
	}
}

func TestPaneManyRows(t *testing.T) {
	b := newPaneBench(t)
	tree := newFakeTree()
	rows := make([]state.Row, 100_000)
	for i := range rows {
		name := fmt.Sprintf("file %06d", i)
		rows[i] = state.Row{Name: name, Text: name, Size: 10, Type: listing.File}
	}
	tree.folders["/home"] = rows
	b.left.SetSource(tree, "")
	b.idle()
	b.wantSeen("100,000 rows", "file 000000", "100,000 files, 1.0 MB")
	b.left.Focus()
	b.user.Chord(paneCtrl, fyne.KeyA)
	b.wantSeen("all selected", "100,000 selected, 1.0 MB")
	b.user.Key(fyne.KeyEnd)
	b.wantSeen("the end", "file 099999")
}
