package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"
)

func TestPaneDragToOther(t *testing.T) {
	b, _ := openTree(t, "/home/a", "/home/b", "/home/c")
	b.right.SetSource(newFakeTree("/home/target/", "/home/file"), "")
	b.idle()
	b.calls = nil
	b.user.ClickText("a")
	b.user.With(paneShift, func() { b.user.Click(b.user.Find("b")) })
	b.user.DragTo(b.user.Find("a"), fyne.NewPos(700, 300))
	b.wantSeen("the ghost", "Upload", "2 files")
	b.user.Release(desktop.MouseButtonPrimary)
	b.wantUnseen("the ghost", "2 files")
	b.wantCalls("dropped on the pane", "drop Local Remote /home a b")
	b.user.Drag(b.user.Find("c"), b.user.Find("target"))
	b.wantCalls("dropped on a folder", "drop Local Remote /home/target c")
	b.user.Drag(b.user.Find("c"), b.user.Find("file"))
	b.wantCalls("dropped on a file", "drop Local Remote /home c")
	b.user.Drag(b.user.Find("file"), fyne.NewPos(200, 300))
	b.wantCalls("the other way", "drop Remote Local /home file")
	b.user.DragTo(b.user.Find("c"), fyne.NewPos(700, 300))
	b.user.Key(fyne.KeyEscape)
	b.user.Release(desktop.MouseButtonPrimary)
	b.wantCalls("Escape")
	b.right.SetSource(nil, "")
	b.user.Drag(b.user.Find("c"), fyne.NewPos(700, 300))
	b.wantCalls("dropped where nothing is connected")
}

func TestPaneDragWithin(t *testing.T) {
	b, tree := openTree(t, "/home/docs/", "/home/a", "/home/b")
	b.user.Drag(b.user.Find("a"), b.user.Find("b"))
	b.user.Drag(b.user.Find("a"), fyne.NewPos(200, 300))
	b.user.Drag(b.user.Find("docs"), b.user.Find("docs").AddXY(30, 2))
	b.wantCalls("dropped where it would change nothing")
	if b.question != "" {
		t.Errorf("asked %q", b.question)
	}
	b.user.Drag(b.user.Find("a"), b.user.Find("docs"))
	if !strings.HasPrefix(b.question, "Move “a” into “docs”?") {
		t.Fatalf("asked %q", b.question)
	}
	b.yes()
	b.idle()
	if got := tree.made("rename"); !slices.Equal(got, []string{"rename /home/a /home/docs/a"}) {
		t.Errorf("asked for %q", got)
	}
}

func TestPaneDropFromDesktop(t *testing.T) {
	b, _ := openTree(t, "/home/docs/", "/home/a")
	uris := []fyne.URI{storage.NewFileURI("/x/1"), storage.NewFileURI("/x/2")}
	if b.left.AcceptDrop(fyne.NewPos(700, 200), uris) {
		t.Error("a drop on the other pane is taken")
	}
	if !b.left.AcceptDrop(fyne.NewPos(200, 300), uris) {
		t.Error("a drop on the pane is not taken")
	}
	b.wantCalls("a drop", "desktop Local /home 2")
	b.left.AcceptDrop(b.user.Find("docs"), uris)
	b.wantCalls("a drop on a folder", "desktop Local /home/docs 2")
}

func TestPaneDragScrollsAtTheEdge(t *testing.T) {
	b, _ := openTree(t, "/home/a")
	tree := newFakeTree()
	for i := range 100 {
		tree.add(fmt.Sprintf("/home/folder %02d/", i))
	}
	b.right.SetSource(tree, "")
	b.idle()
	b.calls = nil
	table := b.right.Table()
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(table)
	low := origin.AddXY(100, table.Size().Height-5)
	b.user.DragTo(b.user.Find("a"), low)
	began := table.Offset()
	for range 10 {
		b.clock.Advance(paneEdgePause)
	}
	if got := table.Offset() - began; got < 150 || got > 250 {
		t.Errorf("ten pauses scroll by %v, want about ten rows", got)
	}
	b.user.Move(origin.AddXY(100, table.Size().Height/2))
	b.clock.Advance(paneEdgePause)
	at := table.Offset()
	for range 5 {
		b.clock.Advance(paneEdgePause)
	}
	if table.Offset() != at {
		t.Error("it goes on in the middle of the list")
	}
	b.user.Move(low)
	b.user.Release(desktop.MouseButtonPrimary)
	if len(b.calls) != 1 || !strings.HasPrefix(b.calls[0], "drop Local Remote /home/folder ") {
		t.Errorf("dropped as %q", b.calls)
	}
	at = table.Offset()
	b.clock.Advance(paneEdgePause)
	if table.Offset() != at {
		t.Error("it goes on after the drop")
	}
}
