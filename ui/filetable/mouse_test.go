package filetable_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

func TestSelectWithTheMouse(t *testing.T) {
	b := open(t, wide, letters(8)...)
	b.user.Click(b.row("b.txt"))
	b.wantSelected("a click", "b.txt")
	if !b.table.Focused() {
		t.Error("a click does not take the focus")
	}
	b.user.With(shift, func() { b.user.Click(b.row("d.txt")) })
	b.wantSelected("Shift", "b.txt", "c.txt", "d.txt")
	b.user.With(ctrl, func() { b.user.Click(b.row("g.txt")) })
	b.wantSelected("Ctrl adds", "b.txt", "c.txt", "d.txt", "g.txt")
	b.user.With(ctrl, func() { b.user.Click(b.row("c.txt")) })
	b.wantSelected("Ctrl takes away", "b.txt", "d.txt", "g.txt")
	b.user.With(ctrl|shift, func() { b.user.Click(b.row("a.txt")) })
	b.wantSelected("Ctrl and Shift add a range", "a.txt", "b.txt", "c.txt", "d.txt", "g.txt")
	b.user.RightClick(b.row("d.txt"))
	b.wantSelected("the right button keeps the selection it is in", "a.txt", "b.txt", "c.txt", "d.txt", "g.txt")
	b.wantCalls("and asks for the menu", "menu a.txt b.txt c.txt d.txt g.txt")
	b.user.Click(b.row("d.txt"))
	b.wantSelected("a click within the selection leaves one", "d.txt")
	b.user.RightClick(b.row("f.txt"))
	b.wantSelected("the right button selects what it is not in", "f.txt")
	b.user.Click(fyne.NewPos(100, 330))
	b.wantSelected("a click on empty space")
}

func TestDoubleClick(t *testing.T) {
	b := open(t, wide, letters(4)...)
	click := func(name string) { b.user.Click(b.row(name)) }
	click("b.txt")
	click("b.txt")
	b.wantCalls("two clicks", "open b.txt")
	click("b.txt")
	b.wantCalls("a third one")
	click("c.txt")
	click("d.txt")
	b.wantCalls("two clicks on two rows")
	b.clock.Advance(time.Second)
	click("d.txt")
	b.wantCalls("two slow clicks")
	b.user.With(ctrl, func() { click("a.txt"); click("a.txt") })
	b.wantCalls("two clicks with Ctrl")
}

func TestLongNamesAndTip(t *testing.T) {
	long := "a name that is much too long for its column, whatever one does about it, even twice over and then some more of it.tar.gz"
	link := state.Row{Name: "link", Text: "link", Target: "../over/there", Type: listing.Link}
	b := open(t, wide, file(long, 123_456), link)
	var cut string
	for _, text := range uitest.Texts(b.window.Canvas()) {
		if strings.Contains(text, state.Ellipsis) {
			cut = text
		}
	}
	if !strings.HasPrefix(cut, "a name") || !strings.HasSuffix(cut, "tar.gz") {
		t.Fatalf("the name is cut to %q", cut)
	}
	// The tip may break the name into lines, where a space goes.
	seen := func() string { return strings.ReplaceAll(strings.Join(uitest.Texts(b.window.Canvas()), ""), " ", "") }
	tip := func(text string) bool { return strings.Contains(seen(), strings.ReplaceAll(text, " ", "")) }
	b.user.Move(b.row(cut))
	if tip(long) {
		t.Error("the tip comes at once")
	}
	b.clock.Advance(time.Second)
	if !tip(long) {
		t.Errorf("no tip with the whole name in %q", seen())
	}
	b.user.Move(b.row("123 kB"))
	if tip(long) {
		t.Error("the tip stays")
	}
	b.clock.Advance(time.Second)
	if !tip("123,456 bytes") {
		t.Errorf("no tip with the size in %q", seen())
	}
	b.user.Move(b.row("link"))
	b.clock.Advance(time.Second)
	if !tip("link leads to ../over/there") {
		t.Errorf("no tip with where the link leads in %q", seen())
	}
	b.user.Key(fyne.KeyDown)
	b.user.Move(fyne.NewPos(100, 300))
	b.clock.Advance(time.Second)
	if tip("over/there") {
		t.Error("the tip stays over empty space")
	}
}

func TestDrag(t *testing.T) {
	b := open(t, wide, letters(6)...)
	var log []string
	allow := true
	b.table.OnDragStart = func(rows []state.Row) bool {
		log = append(log, fmt.Sprint("start ", len(rows)))
		return allow
	}
	moves := 0
	b.table.OnDrag = func(fyne.Position) { moves++ }
	b.table.OnDrop = func(p fyne.Position) { log = append(log, fmt.Sprint("drop ", p.X, " ", p.Y)) }
	b.table.OnDragStop = func() { log = append(log, "stop") }
	want := func(what string, lines ...string) {
		t.Helper()
		if !slices.Equal(log, lines) {
			t.Errorf("%s: %q, want %q", what, log, lines)
		}
		log = nil
	}
	to := fyne.NewPos(600, 300)
	b.user.Drag(b.row("c.txt"), to)
	want("an unselected row is selected and dragged", "start 1", "drop 600 300")
	if moves < 3 {
		t.Errorf("%d moves are told", moves)
	}
	b.user.Click(b.row("b.txt"))
	b.user.With(shift, func() { b.user.Click(b.row("d.txt")) })
	b.user.Drag(b.row("c.txt"), to)
	want("a selection is dragged whole", "start 3", "drop 600 300")
	b.wantSelected("and stays", "b.txt", "c.txt", "d.txt")
	b.user.DragTo(b.row("c.txt"), to)
	b.user.Key(fyne.KeyEscape)
	b.user.Release(desktop.MouseButtonPrimary)
	want("Escape", "start 3", "stop")
	allow = false
	b.user.Drag(b.row("c.txt"), to)
	want("a refused drag", "start 3")
	b.user.Drag(fyne.NewPos(200, 300), b.row("e.txt"))
	want("empty space drags nothing")
	b.wantSelected("but selects", "e.txt", "f.txt")
}

func TestDropMark(t *testing.T) {
	b := open(t, wide, letters(6)...)
	at := b.row("c.txt")
	if got := b.table.RowAt(at); got != 2 {
		t.Errorf("RowAt = %d, want 2", got)
	}
	for _, p := range []fyne.Position{{X: 100, Y: 4}, {X: 100, Y: 330}, {X: -5, Y: 50}, {X: 100, Y: 5000}} {
		if got := b.table.RowAt(p); got != -1 {
			t.Errorf("RowAt(%v) = %d", p, got)
		}
	}
	plain := test.RenderToMarkup(b.window.Canvas())
	b.table.MarkDrop(2)
	row := test.RenderToMarkup(b.window.Canvas())
	b.table.MarkDrop(-1)
	pane := test.RenderToMarkup(b.window.Canvas())
	b.table.UnmarkDrop()
	if row == plain || pane == plain || row == pane {
		t.Error("the target of a drop is not seen")
	}
	if test.RenderToMarkup(b.window.Canvas()) != plain {
		t.Error("the target of a drop is seen afterwards")
	}
}

func TestHoverFollowsScrolling(t *testing.T) {
	b := open(t, wide, letters(26)...)
	b.user.Move(b.row("c.txt"))
	if got := b.table.Hovered(); got != 2 {
		t.Errorf("row %d is under the mouse, want 2", got)
	}
	b.user.Scroll(b.row("c.txt"), 0, -40)
	if got := b.table.Hovered(); got != 4 {
		t.Errorf("row %d is under the mouse after scrolling, want 4", got)
	}
	b.user.Move(fyne.NewPos(100, 2))
	if got := b.table.Hovered(); got != -1 {
		t.Errorf("row %d is under the mouse over the header", got)
	}
}
