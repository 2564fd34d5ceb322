package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
)

// The second click of a double click on Compare changes nothing: the list has to be
// there for a moment before it can be carried out, and the button is elsewhere.
func TestADoubleClickOnCompareChangesNothing(t *testing.T) {
	b, srv := openSync(t, map[string]string{"a.txt": "1"}, sameFile("/gone.txt", "old"))
	b.w.sync.options.remove.SetChecked(true)
	now := time.Now()
	b.w.sync.unread.now = func() time.Time { return now }
	at := centreOf(b.w.sync.compare)
	b.Click(at)
	b.reads("Synchronise: 1 change, delete 1")
	if near := centreOf(b.w.sync.apply); near.Y-at.Y < b.w.sync.compare.Size().Height {
		t.Errorf("the button is at %v, beside what was clicked at %v", near, at)
	}
	now = now.Add(readTime - time.Millisecond)
	b.ClickText("Synchronise: 1 change, delete 1")
	b.Chord(ctrl, fyne.KeyReturn) // which repeats while it is held
	if !b.w.sync.At(syncPreview) || !srv.Exists("/gone.txt") || srv.Exists("/a.txt") {
		t.Fatal("it was carried out before anybody can have read it")
	}
	b.Click(at) // compares again
	b.sees("the preview", func() bool { return b.w.sync.At(syncPreview) })
	now = now.Add(readTime)
	b.ClickText("Synchronise: 1 change, delete 1")
	b.reads("Done: 1 new, 1 deleted")
}
