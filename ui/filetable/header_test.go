package filetable_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"portside/client/listing"
	"portside/ui/state"
	"portside/ui/uitest"
)

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
