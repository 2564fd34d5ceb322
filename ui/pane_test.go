package ui

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"portside/client/listing"
	"portside/ui/state"
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
