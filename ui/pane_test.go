package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/storage"

	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

const (
	paneCtrl  = fyne.KeyModifierControl
	paneShift = fyne.KeyModifierShift
	paneAlt   = fyne.KeyModifierAlt
)

func TestPaneShowsFolder(t *testing.T) {
	b, _ := openTree(t, "/home/b.txt", "/home/a.txt", "/home/docs/", "/home/.rc")
	b.wantSeen("the home folder", "a.txt", "b.txt", "docs", "1 folder, 2 files, 2.0 kB, 1 hidden", "home")
	b.wantUnseen("a dot file", ".rc")
	b.user.Chord(paneCtrl, fyne.KeyH)
	b.wantSeen("shown on demand", ".rc", "1 folder, 3 files, 3.0 kB")
	b.user.ClickText("a.txt")
	b.wantSeen("a selection", "1 selected, 1.0 kB")
}

func TestPaneNavigation(t *testing.T) {
	b, _ := openTree(t, "/home/docs/old/x.txt", "/home/b.txt")
	b.user.Key(fyne.KeyHome, fyne.KeyReturn)
	b.wantPath("Enter", "/home/docs")
	b.wantSelected("a folder gone into", "")
	b.user.Key(fyne.KeyReturn)
	b.wantPath("Enter again", "/home/docs/old")
	b.user.Key(fyne.KeyBackspace)
	b.wantPath("Backspace", "/home/docs")
	b.wantSelected("the folder that one comes from", "old")
	b.user.Chord(paneAlt, fyne.KeyLeft)
	b.wantPath("back", "/home/docs/old")
	b.user.Chord(paneAlt, fyne.KeyLeft)
	b.user.Chord(paneAlt, fyne.KeyLeft)
	b.wantPath("twice, the second at once", "/home/docs")
	b.user.Chord(paneAlt, fyne.KeyRight)
	b.wantPath("forward", "/home/docs/old")
	b.user.ClickText("home")
	b.wantPath("a click on a step of the path", "/home")
	b.wantSelected("the step on the way", "docs")
	if !b.left.Table().Focused() {
		t.Error("a click on the path leaves the files without the keyboard")
	}
	b.user.Chord(paneAlt, fyne.KeyUp)
	b.user.Key(fyne.KeyBackspace)
	b.wantPath("no higher than the root", "/")
	b.user.Chord(paneAlt, fyne.KeyHome)
	b.wantPath("home", "/home")
	b.user.ClickText("b.txt")
	b.calls = nil
	b.user.Key(fyne.KeyReturn)
	b.wantCalls("Enter on a file", "transfer Local b.txt")
}

func TestPaneButtons(t *testing.T) {
	b, tree := openTree(t, "/home/docs/")
	press := func(button *paneButton) {
		t.Helper()
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(button)
		b.user.Click(at.AddXY(12, 12))
		b.idle()
	}
	tools := b.left.tools
	press(tools.back)
	b.wantPath("back with no past", "/home")
	press(tools.up)
	b.wantPath("up", "/")
	b.wantSeen("a hint on the button", "Up to the folder above")
	press(tools.up)
	b.wantPath("up from the root", "/")
	press(tools.back)
	b.wantPath("back", "/home")
	press(tools.forward)
	b.wantPath("forward", "/")
	press(tools.home)
	b.wantPath("home", "/home")
	before := len(tree.made("list"))
	press(tools.refresh)
	if got := len(tree.made("list")); got != before+1 {
		t.Errorf("the button lists %d times", got-before)
	}
	if !b.left.Table().Focused() {
		t.Error("the button takes the keyboard from the files")
	}
}

func TestPaneEditPath(t *testing.T) {
	b, _ := openTree(t, "/home/docs/x", "/home/caf\xe9/y", "/etc/z")
	edit := func(text string) {
		t.Helper()
		b.user.Chord(paneCtrl, fyne.KeyL)
		b.user.Type(text)
	}
	for _, c := range []struct{ text, want string }{
		{"/etc", "/etc"},
		{"~", "/home"},
		{"docs", "/home/docs"},
		{"..", "/home"},
		{"café", "/home/caf\xe9"},
		{"~/docs/../docs", "/home/docs"},
		{" / ", "/"},
		{"/home/café", "/home/caf\xe9"},
	} {
		edit(c.text)
		b.user.Key(fyne.KeyReturn)
		b.wantPath(fmt.Sprintf("typing %q", c.text), c.want)
		if !b.left.Table().Focused() {
			t.Errorf("after typing %q the files do not have the keyboard", c.text)
		}
	}
	edit("nonsense")
	b.user.Key(fyne.KeyEscape)
	b.wantPath("Escape", "/home/caf\xe9")
	b.wantSeen("and the steps are back", "café")
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.left.bar)
	b.user.Click(at.AddXY(b.left.bar.Size().Width-10, 10))
	if b.user.Canvas().Focused() != fyne.Focusable(b.left.bar.entry) {
		t.Error("a click beside the steps does not let the path be edited")
	}
	b.user.ClickText("y")
	b.clock.Advance(time.Millisecond)
	b.wantSeen("a click elsewhere ends it", "home")
	edit("日本")
	b.user.Key(fyne.KeyReturn)
	b.wantSeen("what the character set lacks", "It did not work")
}

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

func TestPaneNewFolder(t *testing.T) {
	b, tree := openTree(t, "/home/New folder/", "/home/a.txt")
	b.user.Chord(paneCtrl|paneShift, fyne.KeyN)
	if b.nameFor != "New folder 2" {
		t.Errorf("%q is suggested", b.nameFor)
	}
	for _, name := range []string{"", "a/b", "..", "a.txt", "日本"} {
		if b.check(name) == nil {
			t.Errorf("the name %q is allowed", name)
		}
	}
	if err := b.check("été"); err != nil {
		t.Errorf("a good name is refused: %v", err)
	}
	b.named("été")
	b.idle()
	if got := tree.made("mkdir"); !slices.Equal(got, []string{"mkdir /home/\xe9t\xe9"}) {
		t.Errorf("asked for %q", got)
	}
	b.wantSelected("the new folder", "\xe9t\xe9")
	b.wantSeen("the new folder", "été")
	tree.failWith("mkdir /home/x", errFake)
	b.left.NewFolder()
	b.named("x")
	b.idle()
	b.wantSeen("a refusal", "It did not work: the fake refuses. Do something else.", "été")
	b.wantCalls("is told", "error the fake refuses")
	b.user.Key(fyne.KeyEscape)
	b.wantUnseen("Escape puts it away", "It did not work")
}

func TestPaneRename(t *testing.T) {
	b, tree := openTree(t, "/home/na\xefve.txt", "/home/z")
	b.user.Key(fyne.KeyHome, fyne.KeyF2)
	b.user.Type("wise")
	b.user.Key(fyne.KeyReturn)
	b.idle()
	if got := tree.made("rename"); !slices.Equal(got, []string{"rename /home/na\xefve.txt /home/wise.txt"}) {
		t.Errorf("asked for %q", got)
	}
	b.wantSelected("the renamed file", "wise.txt")
	b.user.Key(fyne.KeyF2)
	b.user.Replace("z")
	b.wantSeen("a name that is taken", "“z” exists already")
	b.user.Key(fyne.KeyReturn)
	b.idle()
	if got := len(tree.made("rename")); got != 1 {
		t.Errorf("%d renames", got)
	}
}

func TestPaneDelete(t *testing.T) {
	b, tree := openTree(t, "/home/docs/x", "/home/a", "/home/b", "/home/c")
	b.user.ClickText("a")
	b.user.Key(fyne.KeyDelete)
	if want := "Delete “a”? | It is in “/home” on this computer, 1.0 kB. This cannot be undone. | Delete"; b.question != want {
		t.Errorf("asked %q, want %q", b.question, want)
	}
	if got := tree.made("delete"); got != nil {
		t.Errorf("%q before the answer", got)
	}
	b.user.Chord(paneCtrl, fyne.KeyA)
	b.user.Chord(paneShift, fyne.KeyDelete)
	if want := "Delete 1 folder and 3 files? | They are in “/home” on this computer; folders are deleted with everything in them. This cannot be undone. | Delete"; b.question != want {
		t.Errorf("asked %q, want %q", b.question, want)
	}
	b.yes()
	b.idle()
	if got := len(tree.made("delete")); got != 4 {
		t.Errorf("%d are deleted", got)
	}
	b.wantSeen("afterwards", "This folder is empty", "Empty folder")
}

func TestPaneDeleteCancelAndFailure(t *testing.T) {
	b, tree := openTree(t, "/home/a", "/home/b", "/home/c")
	tree.hold("delete /home/b")
	b.user.Chord(paneCtrl, fyne.KeyA)
	b.user.Key(fyne.KeyDelete)
	b.yes()
	b.loop.Until("the second file", func() bool { return len(tree.made("delete")) == 2 })
	b.loop.Drain()
	b.wantSeen("what is being done", "Deleting")
	b.left.NewFolder()
	b.named("later")
	b.wantSeen("another change meanwhile", "Wait until it is done")
	b.user.Key(fyne.KeyEscape)
	b.idle()
	b.wantCalls("cancelling is no error")
	b.wantSeen("what is left", "b", "c")
	if _, ok := uitest.PosOf(b.user.Canvas(), "a"); ok {
		t.Error("what is gone is still seen")
	}
	tree.mu.Lock()
	delete(tree.gates, "delete /home/b")
	tree.mu.Unlock()
	tree.failWith("delete /home/b", errFake)
	b.user.Chord(paneCtrl, fyne.KeyA)
	b.user.Key(fyne.KeyDelete)
	b.yes()
	b.idle()
	b.wantCalls("a refusal", "error the fake refuses")
	b.wantSeen("a refusal", "It did not work")
}

func TestPaneLinks(t *testing.T) {
	b, tree := openTree(t, "/home/real/x")
	tree.folders["/home"] = append(tree.folders["/home"],
		state.Row{Name: "todir", Text: "todir", Type: listing.Link}, state.Row{Name: "tofile", Text: "tofile", Type: listing.Link})
	tree.folders["/home/todir"] = []state.Row{{Name: "inside", Text: "inside"}}
	b.left.Relist()
	b.idle()
	open := func(name string) {
		b.user.ClickText(name)
		b.user.Key(fyne.KeyReturn)
		b.idle()
	}
	open("todir")
	b.wantPath("a link to a folder", "/home/todir")
	b.left.Up()
	b.idle()
	b.calls = nil
	open("tofile")
	b.wantPath("a link to a file", "/home")
	b.wantCalls("is transferred", "transfer Local tofile")
}

func TestPaneMenu(t *testing.T) {
	b, tree := openTree(t, "/home/docs/x", "/home/a", "/home/b")
	b.user.RightClick(b.user.Find("a"))
	b.wantSeen("the menu of a file", "Upload", "Upload to…", "Rename", "Delete", "New folder…", "Copy path", "Copy URL")
	b.wantUnseen("the menu of a file", "Open")
	b.user.ClickText("Upload to…")
	b.wantCalls("a choice", "transfer to Local a")
	b.user.With(paneCtrl, func() { b.user.Click(b.user.Find("b")) })
	b.user.RightClick(b.user.Find("b"))
	b.wantUnseen("the menu of two", "Rename")
	b.user.ClickText("Copy URL")
	if got := fyne.CurrentApp().Clipboard().Content(); got != "ftp://fake/home/a\nftp://fake/home/b" {
		t.Errorf("copied %q", got)
	}
	b.user.RightClick(b.user.Find("docs"))
	b.user.ClickText("Open")
	b.wantPath("Open", "/home/docs")
	b.user.RightClick(fyne.NewPos(200, 300))
	b.wantUnseen("the menu of the folder", "Upload", "Delete")
	b.user.ClickText("Copy path")
	if got := fyne.CurrentApp().Clipboard().Content(); got != "/home/docs" {
		t.Errorf("copied %q", got)
	}
	before := len(tree.made("list"))
	b.user.RightClick(fyne.NewPos(200, 300))
	b.user.ClickText("List again")
	b.idle()
	if len(tree.made("list")) != before+1 {
		t.Error("List again does not")
	}
}

func TestPaneColumnsMenu(t *testing.T) {
	b, _ := openTree(t, "/home/a")
	b.user.RightClick(b.user.Find("Modified"))
	b.user.ClickText("Permissions")
	for range 2 { // the left pane and the right one
		b.user.Move(fyne.NewPos(5, 5))
	}
	titles := 0
	for _, text := range uitest.Texts(b.user.Canvas()) {
		if text == "Permissions" {
			titles++
		}
	}
	if titles > 1 {
		t.Error("the column is still seen in both panes")
	}
	if !b.left.Table().Layout().Hidden[state.ColumnMode] {
		t.Error("the column is not hidden")
	}
}

func TestPaneFilter(t *testing.T) {
	b, _ := openTree(t, "/home/apple", "/home/banana", "/home/grape", "/home/docs/x")
	b.user.Chord(paneCtrl, fyne.KeyF)
	b.user.Type("AP")
	b.wantSeen("the filter", "apple", "grape", "2 of 4 shown")
	b.wantUnseen("the filter", "banana")
	b.user.Type("x")
	b.wantSeen("without a match", "No name contains “APx”")
	b.user.Key(fyne.KeyBackspace, fyne.KeyReturn)
	if !b.left.Table().Focused() {
		t.Error("Enter does not go to the files")
	}
	b.user.Chord(paneCtrl, fyne.KeyA)
	b.wantSelected("all that is shown", "apple grape")
	b.user.Key(fyne.KeyEscape)
	b.wantSeen("Escape", "banana", "docs")
	b.wantSelected("what was selected stays so", "apple grape")
	b.user.Chord(paneCtrl, fyne.KeyF)
	b.user.Type("doc")
	b.user.Key(fyne.KeyDown, fyne.KeyHome, fyne.KeyReturn)
	b.wantPath("Enter", "/home/docs")
	b.wantSeen("another folder is not filtered", "x")
}

func TestPaneBlankStates(t *testing.T) {
	b, tree := openTree(t, "/home/.rc", "/home/empty/")
	b.left.Go("/home/empty")
	b.idle()
	b.wantSeen("an empty folder", "This folder is empty", "Drop files here")
	tree.folders["/home"] = tree.folders["/home"][:1]
	b.left.Go("/home")
	b.idle()
	b.wantSeen("hidden files only", "Only hidden files are here", "1 hidden")
}

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
