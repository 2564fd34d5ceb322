package ui

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"portside/client/ftptest"
	"portside/ui/uitest"
)

// takeOver hands o to the window as another start of the program does.
func (b *bench) takeOver(o Opening) {
	b.t.Helper()
	done := make(chan error, 1)
	go func() { done <- b.w.TakeOver(b.t.Context(), o) }()
	var err error
	over := false
	b.sees("what was handed over taken", func() bool {
		select {
		case err = <-done:
			over = true
		default:
		}
		return over
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestTakesOverAnAddress(t *testing.T) {
	srv := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	other := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/b.txt", "hello"))
	b := openWindow(t, nil)
	b.takeOver(Opening{Address: with(srv.URL, "joe", "s3cret")})
	b.isUp()
	b.reads("a.txt")
	b.takeOver(Opening{Address: with(other.URL, "joe", "s3cret")}) // an idle connection is replaced
	b.reads("b.txt")
	if b.w.sheets.Open() {
		t.Error("it asked before an idle connection was replaced")
	}
}

// A connection that is at work is not left before the user says so.
func TestTakingOverAsks(t *testing.T) {
	slow := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/a.txt", "hello"))
	other := ftptest.NewServer(t, ftptest.User("joe", "s3cret"), ftptest.File("/b.txt", "hello"))
	b := openWindow(t, nil)
	b.connect(with(slow.URL, "joe", "s3cret"))
	b.isUp()
	b.w.remote.op.cancel = func() {} // it deletes something
	o := Opening{Address: with(other.URL, "joe", "s3cret")}
	b.takeOver(o)
	b.reads("The connection to joe@127.0.0.1")
	for _, text := range uitest.Texts(b.Canvas()) {
		if strings.Contains(text, "s3cret") {
			t.Errorf("the question shows the password: %q", text)
		}
	}
	b.Key(fyne.KeyReturn) // meant for something else
	if b.w.shown.Target.addr() != slow.Addr || b.w.shown.State != linkUp {
		t.Error("it was left although the user said no")
	}
	b.takeOver(o)
	b.reads("The connection to joe@127.0.0.1")
	b.press("Open")
	b.reads("b.txt")
}

// What was given up meanwhile is not done when the window comes to itself.
func TestTakingOverIsGivenUp(t *testing.T) {
	b := openWindow(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.w.TakeOver(ctx, Opening{Address: "ftp://127.0.0.1:1/"}); err == nil {
		t.Error("a window that does nothing has taken it")
	}
	b.loop.Drain()
	if v := b.w.link.View(); v.State != linkIdle || v.Target.URL.Host != "" {
		t.Errorf("it connected to %q all the same", v.Target.URL.Host)
	}
}

// Whatever is asked already is answered first, and one question about what was handed
// over is enough.
func TestTakingOverWhileSomethingIsAsked(t *testing.T) {
	b := openWindow(t, nil)
	yes := false
	b.w.sheets.Confirm("Something else?", "It is still open.", "Yes", func() { yes = true })
	b.takeOver(Opening{Import: "/nothing/of/this/name"})
	b.reads("Open the sites of a file?")
	b.takeOver(Opening{Site: "another"})
	b.reads("Open “another”?")
	if n := len(b.w.sheets.stack); n != 2 || uitest.HasText(b.Canvas(), "the sites of a file") {
		t.Errorf("%d questions: %q", n, uitest.Texts(b.Canvas()))
	}
	b.Key(fyne.KeyEscape)
	b.Key(fyne.KeyReturn)
	if !yes || b.w.sheets.Open() || b.w.handed != nil {
		t.Error("the question that was there before is not answered")
	}
}

// What was compared is not thrown away without a question.
func TestTakingOverAsksInAPreview(t *testing.T) {
	b, srv := openSync(t, map[string]string{"a.txt": "hello"})
	b.press("Compare")
	b.sees("the preview", func() bool { return b.w.sync.At(syncPreview) })
	b.takeOver(Opening{Address: srv.URL})
	b.reads("Folders were compared, and nothing of it was done yet.")
	b.Key(fyne.KeyEscape)
	if !b.w.sync.At(syncPreview) {
		t.Error("the preview is gone")
	}
}
