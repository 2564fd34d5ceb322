package uitest

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Seen is a text that is seen, with the middle of its letters.
type Seen struct {
	Text string  `json:"text"`
	X    float32 `json:"x"`
	Y    float32 `json:"y"`
}

// Dump returns every text that is seen and where, in the order of painting.
func Dump(c fyne.Canvas) []Seen {
	out := []Seen{}
	walkTop(c, func(o fyne.CanvasObject, p fyne.Position, clip rect) {
		t, is := o.(*canvas.Text)
		if !is || t.Text == "" {
			return
		}
		width := t.MinSize().Width
		x := p.X + width/2
		switch t.Alignment {
		case fyne.TextAlignCenter:
			x = p.X + t.Size().Width/2
		case fyne.TextAlignTrailing:
			x = p.X + t.Size().Width - width/2
		}
		at := fyne.NewPos(x, p.Y+t.Size().Height/2)
		if clip.holds(at) {
			out = append(out, Seen{Text: t.Text, X: at.X, Y: at.Y})
		}
	})
	return out
}
