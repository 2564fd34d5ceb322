package ui

import (
	"fmt"
	"testing"

	"portside/ui/uitest"
)

func TestBanners(t *testing.T) {
	a := newBannerArea()
	win := openIn(t, a.Content, 800, 300)
	u := uitest.NewUser(t, win.Canvas())
	resized := 0
	a.OnResize = func() { resized++ }
	done := 0
	a.Show(notice{key: "lost", tone: toneError, text: "first", actions: []action{{"Reconnect", func() { done++ }}}})
	a.Show(notice{key: "lost", tone: toneError, text: "second", actions: []action{{"Reconnect", func() { done++ }}}})
	if uitest.HasText(u.Canvas(), "first") || !uitest.HasText(u.Canvas(), "second") {
		t.Errorf("seen: %q, want the newer notice only", uitest.Texts(u.Canvas()))
	}
	u.ClickText("Reconnect")
	if done != 1 || a.Has("lost") || a.Content.Visible() {
		t.Errorf("after the action: done %d, shown %v, visible %v", done, a.shown, a.Content.Visible())
	}
	if resized != 3 {
		t.Errorf("told of %d new sizes, want 3", resized)
	}
	for i := range bannerMost + 2 {
		a.Show(notice{key: fmt.Sprint(i), text: fmt.Sprint("notice ", i)})
	}
	if len(a.shown) != bannerMost || !a.Has("4") || a.Has("1") {
		t.Errorf("kept %v", a.shown)
	}
	a.Hide("nothing of that name")
	a.Hide("4")
	if a.Has("4") || len(a.shown) != bannerMost-1 {
		t.Errorf("kept %v", a.shown)
	}
}
