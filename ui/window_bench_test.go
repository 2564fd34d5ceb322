package ui

import (
	"context"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// BenchmarkNew is how long it takes to make the window of a program that has just
// begun: nothing of fonts and icons is known.
func BenchmarkNew(b *testing.B) {
	home := b.TempDir()
	for b.Loop() {
		b.StopTimer()
		app, win := test.NewApp(), test.NewWindow(nil)
		cfg := Config{ConfigDir: b.TempDir(), LocalDir: home, Do: func(func()) {}}
		b.StartTimer()
		w := New(b.Context(), app, win, cfg)
		win.Resize(fyne.NewSize(1280, 800))
		b.StopTimer()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 10*time.Second)
		if err := w.Close(ctx); err != nil {
			b.Fatal(err)
		}
		cancel()
		win.Close()
		b.StartTimer()
	}
}
