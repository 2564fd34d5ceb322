package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"portside/ui/state"
	"portside/ui/uitest"
)

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
