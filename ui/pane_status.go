package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// paneStatus is the line below the files: on the left what there is, or what the
// button under the mouse does; on the right what is being done, with a button
// that cancels it.
type paneStatus struct {
	widget.BaseWidget

	text, hint, doing string
	left, right       *canvas.Text
	edge              *canvas.Rectangle
	cancel            *paneButton
}

func newPaneStatus(cancel func()) *paneStatus {
	s := &paneStatus{
		left: canvas.NewText("", color.Transparent), right: canvas.NewText("", color.Transparent),
		edge: canvas.NewRectangle(color.Transparent),
	}
	s.cancel = newPaneButton(theme.CancelIcon(), "Cancel (Escape)", s.Hint, cancel)
	s.ExtendBaseWidget(s)
	return s
}

// Say shows what there is.
func (s *paneStatus) Say(text string) {
	if s.text != text {
		s.text = text
		s.Refresh()
	}
}

// Hint shows a hint in its place, until it is empty.
func (s *paneStatus) Hint(hint string) {
	if s.hint != hint {
		s.hint = hint
		s.Refresh()
	}
}

// Busy shows what is being done; nothing where it is empty.
func (s *paneStatus) Busy(doing string) {
	if s.doing != doing {
		s.doing = doing
		s.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (s *paneStatus) CreateRenderer() fyne.WidgetRenderer {
	r := &paneStatusRenderer{s: s}
	r.Refresh()
	return r
}

type paneStatusRenderer struct {
	s       *paneStatus
	objects []fyne.CanvasObject
}

const paneStatusHeight = 22

func (r *paneStatusRenderer) MinSize() fyne.Size           { return fyne.NewSize(60, paneStatusHeight) }
func (r *paneStatusRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *paneStatusRenderer) Destroy()                     {}
func (r *paneStatusRenderer) Layout(fyne.Size)             { r.Refresh() }

func (r *paneStatusRenderer) Refresh() {
	s, size := r.s, r.s.Size()
	const pad, button = 8, 20
	s.edge.FillColor = theme.Color(theme.ColorNameSeparator)
	s.edge.Resize(fyne.NewSize(size.Width, 1))
	r.objects = append(r.objects[:0], s.edge)
	put := func(t *canvas.Text, text string, ink fyne.ThemeColorName, room float32) {
		t.TextSize, t.Color = theme.Size(theme.SizeNameCaptionText), theme.Color(ink)
		t.Text = state.CutMiddle(text, max(0, room), func(s string) float32 {
			return fyne.MeasureText(s, t.TextSize, t.TextStyle).Width
		})
		t.Resize(t.MinSize())
		r.objects = append(r.objects, t)
	}
	end := size.Width - pad
	if s.doing != "" {
		s.cancel.Resize(fyne.NewSquareSize(button))
		s.cancel.Move(fyne.NewPos(size.Width-button-2, 1))
		put(s.right, s.doing, theme.ColorNamePrimary, size.Width*0.6)
		end = size.Width - button - 6 - s.right.Size().Width
		s.right.Move(fyne.NewPos(float32(int(end)), r.top(s.right)))
		end -= pad
		r.objects = append(r.objects, s.cancel)
	}
	text := s.text
	if s.hint != "" {
		text = s.hint
	}
	put(s.left, text, theme.ColorNamePlaceHolder, end-pad)
	s.left.Move(fyne.NewPos(pad, r.top(s.left)))
	canvas.Refresh(s)
}

func (r *paneStatusRenderer) top(t *canvas.Text) float32 {
	return float32(int((paneStatusHeight-t.Size().Height)/2 + 1))
}
