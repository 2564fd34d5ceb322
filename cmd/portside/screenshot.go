package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"portside/ui"
)

// How a screenshot waits for the window: it looks every shotPause until
// shotSame pictures in a row are the same and nothing is going on any more, or
// until shotPatience is over.
const (
	shotPause    = 250 * time.Millisecond
	shotSame     = 3
	shotPatience = 30 * time.Second
)

// A shooter takes the picture of a window once it has settled, saves it, and
// quits the program. The zero value has nothing to do.
type shooter struct {
	running sync.WaitGroup
	path    string
	err     error
}

// start begins to watch the window.
func (s *shooter) start(ctx context.Context, win fyne.Window, w *ui.Window, path string) {
	s.path = path
	s.running.Go(func() {
		picture := settled(ctx, win, w)
		if picture == nil {
			s.err = ctx.Err()
		} else {
			s.err = savePNG(path, picture)
		}
		fyne.Do(w.Quit)
	})
}

// wait waits for the picture and says where it is.
func (s *shooter) wait(out io.Writer) error {
	s.running.Wait()
	if s.path == "" {
		return nil
	}
	if s.err != nil {
		return fmt.Errorf("screenshot: %w", s.err)
	}
	fmt.Fprintln(out, "Screenshot:", s.path)
	return nil
}

// settled returns the picture of the window once it stays the same, nil where
// ctx ended before.
func settled(ctx context.Context, win fyne.Window, w *ui.Window) image.Image {
	var last *image.NRGBA
	same := 0
	tick := time.NewTicker(shotPause)
	defer tick.Stop()
	for end := time.Now().Add(shotPatience); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		looked := make(chan image.Image, 1)
		idle := false
		fyne.Do(func() {
			idle = w.Settled()
			if idle {
				win.Canvas().Unfocus() // a blinking cursor never settles
			}
			looked <- win.Canvas().Capture()
		})
		select {
		case <-ctx.Done():
			return nil
		case captured := <-looked:
			picture := copyOf(captured)
			if idle && samePicture(last, picture) {
				same++
			} else {
				same = 0
			}
			last = picture
		}
		if same >= shotSame-1 {
			break
		}
	}
	if last == nil {
		return nil
	}
	return last
}

func samePicture(a, b *image.NRGBA) bool {
	return a != nil && b != nil && a.Rect == b.Rect && bytes.Equal(a.Pix, b.Pix)
}

// copyOf is the picture in a form that can be compared.
func copyOf(picture image.Image) *image.NRGBA {
	out := image.NewNRGBA(picture.Bounds())
	draw.Draw(out, out.Rect, picture, out.Rect.Min, draw.Src)
	return out
}

func savePNG(path string, picture image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, picture); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
