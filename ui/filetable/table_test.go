package filetable_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	uitest.App(t)
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
