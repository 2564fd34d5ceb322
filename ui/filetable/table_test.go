package filetable_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"portside/client/listing"
	"portside/ui/filetable"
	"portside/ui/state"
	"portside/ui/uitest"
)

const (
	ctrl  = fyne.KeyModifierControl
	shift = fyne.KeyModifierShift
)

// bench is a table in a window, somebody to use it, and what it has asked for.
type bench struct {
	t      *testing.T
	table  *filetable.Table
	model  *state.Model
	clock  *uitest.Clock
	user   *uitest.User
	window fyne.Window
	calls  []string
}

// open shows a table of rows beside an entry.
func open(t *testing.T, size fyne.Size, rows ...state.Row) *bench {
	t.Helper()
	test.NewTempApp(t)
	b := &bench{t: t, model: &state.Model{}, clock: uitest.NewClock()}
	b.model.Set(state.NewDirectory(rows), false)
	b.table = filetable.New(b.model)
	b.table.After, b.table.Now = b.clock.After, b.clock.Now
	note := func(format string, args ...any) { b.calls = append(b.calls, fmt.Sprintf(format, args...)) }
	b.table.OnOpen = func(place int) { note("open %s", b.model.Row(place).Name) }
	b.table.OnBack = func() { note("back") }
	b.table.OnRename = func(row state.Row, text string) { note("rename %s to %s", row.Name, text) }
	b.table.OnDelete = func() { note("delete %s", strings.Join(b.selected(), " ")) }
	b.table.OnRefresh = func() { note("refresh") }
	b.table.OnMenu = func(fyne.Position) { note("menu %s", strings.Join(b.selected(), " ")) }
	b.table.OnColumns = func(fyne.Position) { note("columns") }
	b.table.OnSort = func() { note("sort") }
	b.table.OnLayout = func() { note("layout") }
	b.table.OnEscape = func() { note("escape") }
	other := widget.NewEntry()
	other.SetPlaceHolder("elsewhere")
	b.window = test.NewTempWindow(t, container.NewBorder(nil, other, nil, nil, b.table))
	b.window.SetPadded(false)
	b.window.Resize(size)
	b.user = uitest.NewUser(t, b.window.Canvas())
	return b
}

func (b *bench) selected() []string {
	names := []string{}
	for _, r := range b.model.SelectedRows() {
		names = append(names, r.Name)
	}
	return names
}

func (b *bench) wantSelected(what string, want ...string) {
	b.t.Helper()
	if want == nil {
		want = []string{}
	}
	if got := b.selected(); !slices.Equal(got, want) {
		b.t.Errorf("%s: %q is selected, want %q", what, got, want)
	}
}

// wantCalls checks what the table has asked for since the last time.
func (b *bench) wantCalls(what string, want ...string) {
	b.t.Helper()
	if !slices.Equal(b.calls, want) {
		b.t.Errorf("%s: %q, want %q", what, b.calls, want)
	}
	b.calls = nil
}

// row returns the middle of the name of a row.
func (b *bench) row(name string) fyne.Position {
	b.t.Helper()
	return b.user.Find(name)
}

func file(name string, size int64) state.Row {
	return state.Row{Name: name, Text: name, Size: size, Type: listing.File, Mode: 0o644, Owner: "www"}
}

// letters makes rows called a, b, c and so on.
func letters(n int) []state.Row {
	rows := make([]state.Row, n)
	for i := range rows {
		rows[i] = file(string(rune('a'+i))+".txt", int64(1000-i))
	}
	return rows
}

var wide = fyne.NewSize(700, 400)

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

func TestSelectWithTheKeyboard(t *testing.T) {
	b := open(t, wide, letters(26)...)
	b.table.Focus()
	b.user.Key(fyne.KeyDown, fyne.KeyDown)
	b.wantSelected("down, down", "c.txt")
	b.user.Chord(shift, fyne.KeyDown)
	b.user.Chord(shift, fyne.KeyDown)
	b.wantSelected("Shift and down", "c.txt", "d.txt", "e.txt")
	b.user.Chord(shift, fyne.KeyUp)
	b.wantSelected("Shift and up", "c.txt", "d.txt")
	b.user.Chord(ctrl, fyne.KeyDown)
	b.wantSelected("Ctrl moves the cursor only", "c.txt", "d.txt")
	b.user.Chord(ctrl, fyne.KeyDown)
	b.user.Chord(ctrl, fyne.KeySpace)
	b.wantSelected("Ctrl and Space", "c.txt", "d.txt", "f.txt")
	b.user.Chord(ctrl|shift, fyne.KeyDown)
	b.wantSelected("Ctrl, Shift and down", "c.txt", "d.txt", "f.txt", "g.txt")
	b.user.Key(fyne.KeyEnd)
	b.wantSelected("End", "z.txt")
	if b.table.Offset() == 0 {
		t.Error("End does not scroll")
	}
	b.user.Chord(shift, fyne.KeyHome)
	if got := len(b.selected()); got != 26 {
		t.Errorf("Shift and Home select %d", got)
	}
	b.user.Key(fyne.KeyHome, fyne.KeyPageDown)
	page := b.model.Cursor()
	if page < 8 || page > 20 {
		t.Errorf("a page is %d rows", page)
	}
	b.user.Key(fyne.KeyPageUp)
	b.wantSelected("and back", "a.txt")
	b.user.Key(fyne.KeyUp)
	b.wantSelected("no further", "a.txt")
	b.user.Chord(ctrl, fyne.KeyA)
	if got := len(b.selected()); got != 26 {
		t.Errorf("Ctrl and A select %d", got)
	}
}

func TestCommandKeys(t *testing.T) {
	b := open(t, wide, letters(5)...)
	b.table.Focus()
	b.user.Key(fyne.KeyDelete)
	b.wantCalls("Delete takes the row of the cursor", "delete a.txt")
	b.user.Key(fyne.KeyDown, fyne.KeyReturn, fyne.KeyBackspace, fyne.KeyF5, desktop.KeyMenu, fyne.KeyEscape)
	b.wantCalls("keys", "open b.txt", "back", "refresh", "menu b.txt", "escape")
	var seen []string
	b.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyL, Modifier: ctrl}, func(s fyne.Shortcut) {
		seen = append(seen, "canvas "+s.ShortcutName())
	})
	b.table.Forward = func(s fyne.Shortcut) { uitest.CanvasShortcut(b.window.Canvas(), s) }
	b.table.OnShortcut = func(s fyne.Shortcut) bool {
		seen = append(seen, "own "+s.ShortcutName())
		return strings.HasSuffix(s.ShortcutName(), "+T")
	}
	b.user.Chord(ctrl, fyne.KeyL)
	b.user.Chord(ctrl, fyne.KeyT)
	if want := []string{"own CustomDesktop:Control+L", "canvas CustomDesktop:Control+L", "own CustomDesktop:Control+T"}; !slices.Equal(seen, want) {
		t.Errorf("shortcuts went to %q, want %q", seen, want)
	}
}

func TestEmptyTable(t *testing.T) {
	b := open(t, wide)
	b.table.Focus()
	b.user.Key(fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeyReturn, fyne.KeyDelete, fyne.KeyF2, fyne.KeyBackspace)
	b.user.Chord(ctrl, fyne.KeySpace)
	b.user.Chord(ctrl, fyne.KeyA)
	b.user.Type("x ")
	b.user.Click(fyne.NewPos(100, 100))
	b.user.Drag(fyne.NewPos(100, 100), fyne.NewPos(200, 200))
	b.wantCalls("a table without rows", "back")
}

func TestSortByHeader(t *testing.T) {
	b := open(t, wide, letters(5)...)
	b.user.Click(b.row("b.txt"))
	b.user.ClickText("Size")
	b.wantCalls("a click on a title", "sort")
	if got := b.model.Row(0).Name; got != "e.txt" {
		t.Errorf("the smallest comes first, got %s", got)
	}
	b.user.ClickText("Size")
	if by, down := b.model.Sorting(); by != state.ColumnSize || !down {
		t.Errorf("a second click gives %v %v", by, down)
	}
	b.wantSelected("the selection stays", "b.txt")
	b.user.ClickText("Name")
	if by, down := b.model.Sorting(); by != state.ColumnName || down {
		t.Errorf("another column gives %v %v", by, down)
	}
	b.calls = nil
	b.user.RightClick(b.user.Find("Modified"))
	b.wantCalls("the right button on the header", "columns")
}

func TestResizeColumn(t *testing.T) {
	b := open(t, wide, letters(5)...)
	size := b.user.Find("996 B") // in the column before
	edge, modified := b.leftEdge("Modified"), b.user.Find("Modified")
	b.user.Drag(fyne.NewPos(edge, modified.Y), fyne.NewPos(edge-40, modified.Y))
	if got := b.user.Find("Modified").X; got != modified.X-40 {
		t.Errorf("the title went by %v, want -40", got-modified.X)
	}
	if got := b.user.Find("996 B").X; got != size.X-40 {
		t.Errorf("the column before went by %v, want -40: the name makes room", got-size.X)
	}
	b.wantCalls("resizing", "layout")
	if by, _ := b.model.Sorting(); by != state.ColumnName {
		t.Error("resizing sorts")
	}
	layout := b.table.Layout()
	b.window.Resize(fyne.NewSize(900, 400))
	if got := b.table.Layout(); got != layout || got.Width[state.ColumnModified] == 0 {
		t.Errorf("the widths changed with the window: %v, want %v", got, layout)
	}
	b.user.Drag(fyne.NewPos(b.leftEdge("Modified"), modified.Y), fyne.NewPos(2, modified.Y))
	if _, ok := uitest.PosOf(b.window.Canvas(), "a.txt"); !ok {
		t.Error("a column can take all the room of the names")
	}
}

// leftEdge returns where the column of a title begins.
func (b *bench) leftEdge(title string) float32 {
	b.t.Helper()
	pos := b.user.Find(title)
	over := func(x float32) bool {
		b.user.Move(fyne.NewPos(x, pos.Y))
		return b.table.HeaderCursor() == desktop.HResizeCursor
	}
	for x := pos.X; x > pos.X-200; x-- {
		if over(x) {
			return x - 4 // from the right end of what can be grabbed to its middle
		}
	}
	b.t.Fatalf("no edge to grab before %q", title)
	return 0
}

func TestColumnsGiveWay(t *testing.T) {
	b := open(t, wide, letters(3)...)
	for _, c := range []struct {
		width float32
		want  string
	}{
		{700, "Name Size Modified Permissions Owner"},
		{520, "Name Size Modified Permissions"},
		{420, "Name Size Modified"},
		{300, "Name Size"},
		{200, "Name"},
	} {
		b.window.Resize(fyne.NewSize(c.width, 300))
		var got []string
		for _, text := range uitest.Texts(b.window.Canvas()) {
			if strings.Contains("Name Size Modified Permissions Owner", text) {
				got = append(got, text)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v pixels: %q, want %q", c.width, got, c.want)
		}
	}
	b.window.Resize(wide)
	b.table.SetColumnShown(state.ColumnModified, false)
	if uitest.HasText(b.window.Canvas(), "Modified") || !uitest.HasText(b.window.Canvas(), "Owner") {
		t.Error("hiding a column hides another one")
	}
}

func TestColumnsWithoutContentsGiveWay(t *testing.T) {
	plain := file("plain", 1)
	plain.Mode, plain.Owner = listing.ModeUnknown, ""
	b := open(t, wide, plain)
	seen := func() bool { return uitest.HasText(b.window.Canvas(), "Permissions") }
	if seen() || uitest.HasText(b.window.Canvas(), "Owner") {
		t.Error("columns are shown that have nothing to show")
	}
	for _, step := range []struct {
		rows []state.Row
		want bool
	}{{[]state.Row{plain, file("with", 1)}, true}, {nil, true}, {[]state.Row{plain}, false}, {nil, false}} {
		b.model.Set(state.NewDirectory(step.rows), false)
		b.table.Reload(true)
		if seen() != step.want {
			t.Errorf("with %d rows the permissions are shown: %v", len(step.rows), seen())
		}
	}
	if b.table.Layout().Hidden[state.ColumnMode] {
		t.Error("the column is hidden as if by hand")
	}
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

func TestTypeToFind(t *testing.T) {
	b := open(t, wide, file("alpha", 1), file("beta", 1), file("betamax", 1), file("gamma", 1), file("my file", 1))
	b.table.Focus()
	b.user.Type("b")
	b.wantSelected("b", "beta")
	b.user.Type("b")
	b.wantSelected("the same again goes on", "betamax")
	b.clock.Advance(3 * time.Second)
	b.user.Type("betam")
	b.wantSelected("a longer beginning", "betamax")
	if !uitest.HasText(b.window.Canvas(), "betam") {
		t.Error("what is typed is not seen")
	}
	b.user.Key(fyne.KeyBackspace)
	b.wantCalls("Backspace corrects what is typed")
	b.user.Type("x")
	if !uitest.HasText(b.window.Canvas(), "no such name") {
		t.Error("that nothing is found is not seen")
	}
	b.user.Key(fyne.KeyEscape)
	b.wantCalls("Escape ends it")
	b.user.Key(fyne.KeyBackspace)
	b.wantCalls("after that Backspace goes up again", "back")
	b.user.Type("my ")
	b.user.Type("f")
	b.wantSelected("a name with a space", "my file")
	b.clock.Advance(3 * time.Second)
	if _, seen := uitest.PosOf(b.window.Canvas(), "my f"); seen {
		t.Error("what was typed is not forgotten")
	}
	b.user.Type(" ")
	b.wantSelected("Space alone toggles")
}

func TestRename(t *testing.T) {
	b := open(t, wide, file("photo.tar.gz", 1), file("z", 2))
	b.table.CheckName = func(name string) error {
		if strings.Contains(name, "/") {
			return errors.New("a name cannot hold “/”")
		}
		return nil
	}
	b.table.Focus()
	b.user.Key(fyne.KeyDown, fyne.KeyUp, fyne.KeyF2)
	entry, ok := b.window.Canvas().Focused().(interface{ SelectedText() string })
	if !ok {
		t.Fatalf("no entry has the focus but %T", b.window.Canvas().Focused())
	}
	if got := entry.SelectedText(); got != "photo" {
		t.Errorf("%q is selected, want the stem", got)
	}
	b.user.Type("picture")
	b.user.Key(fyne.KeyReturn)
	b.wantCalls("a new stem", "rename photo.tar.gz to picture.tar.gz")
	if !b.table.Focused() || b.table.Renaming() {
		t.Error("the table does not take the focus back")
	}
	b.user.Key(fyne.KeyF2)
	b.user.Type("x")
	b.user.Key(fyne.KeyEscape)
	b.wantCalls("Escape changes nothing")
	if !b.table.Focused() {
		t.Error("the table does not take the focus back after Escape")
	}
	b.user.Key(fyne.KeyF2)
	b.user.Type("a/b")
	if !uitest.HasText(b.window.Canvas(), "a name cannot hold “/”") {
		t.Error("why a name is refused is not seen")
	}
	b.user.Key(fyne.KeyReturn)
	b.wantCalls("a refused name changes nothing")
	b.user.Key(fyne.KeyF2, fyne.KeyReturn)
	b.wantCalls("the same name changes nothing")
	b.user.Key(fyne.KeyF2)
	b.user.Type("elsewhere")
	entryElsewhere := uitest.Entry(b.window.Canvas(), "elsewhere")
	b.window.Canvas().Focus(entryElsewhere)
	b.clock.Advance(time.Millisecond)
	b.wantCalls("leaving the entry keeps the name", "rename photo.tar.gz to elsewhere.tar.gz")
	if b.window.Canvas().Focused() != fyne.Focusable(entryElsewhere) {
		t.Error("the table steals the focus")
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

func TestFocusIsSeen(t *testing.T) {
	b := open(t, wide, letters(3)...)
	b.user.Click(b.row("b.txt"))
	focused := test.RenderToMarkup(b.window.Canvas())
	b.window.Canvas().Unfocus()
	if test.RenderToMarkup(b.window.Canvas()) == focused {
		t.Error("a table without the focus looks as with it")
	}
}

func TestManyRows(t *testing.T) {
	rows := make([]state.Row, 100_000)
	for i := range rows {
		rows[i] = file(fmt.Sprintf("file %06d.txt", i), int64(i))
	}
	b := open(t, wide, rows...)
	if n := len(uitest.Texts(b.window.Canvas())); n > 200 {
		t.Errorf("%d texts are drawn: rows out of view have objects", n)
	}
	b.table.Focus()
	b.user.Key(fyne.KeyEnd)
	if !uitest.HasText(b.window.Canvas(), "file 099999.txt") {
		t.Error("the last row is not seen at the end")
	}
	b.user.Chord(shift, fyne.KeyHome)
	if b.model.SelectedCount() != 100_000 || !uitest.HasText(b.window.Canvas(), "file 000000.txt") {
		t.Errorf("%d rows are selected", b.model.SelectedCount())
	}
	b.user.Scroll(b.row("file 000003.txt"), 0, -205)
	if b.table.Offset() != 205 || uitest.HasText(b.window.Canvas(), "file 000003.txt") {
		t.Errorf("the wheel scrolls to %v", b.table.Offset())
	}
	b.model.Set(state.NewDirectory(letters(3)), false)
	b.table.Reload(false)
	if b.table.Offset() != 0 || !uitest.HasText(b.window.Canvas(), "a.txt") {
		t.Error("fewer rows leave the view beyond them")
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
