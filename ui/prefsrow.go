package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// Measures of the settings in device-independent pixels.
const (
	prefLabelWidth   = 176
	prefControlWidth = 330
	prefHelpWidth    = 660
)

// A prefRow is one setting: what it is called, what it is set with, what it means,
// and what is wrong with what was typed.
type prefRow struct {
	Content *fyne.Container

	key     string
	label   *widget.RichText
	control fyne.CanvasObject
	focus   fyne.Focusable // nil: nothing can be typed or pressed
	help    *widget.RichText
	problem *widget.RichText
	update  func(p *state.Prefs) // shows what is in force
	needs   func(p *state.Prefs) bool
}

func newPrefRow(key, label, help string, control fyne.CanvasObject) *prefRow {
	r := &prefRow{
		key: key, control: control,
		label:   newInk(label, theme.SizeNameText, theme.ColorNameForeground),
		help:    newInk(help, theme.SizeNameCaptionText, theme.ColorNamePlaceHolder),
		problem: newInk("", theme.SizeNameCaptionText, theme.ColorNameError),
	}
	r.problem.Hide()
	r.help.Hidden = help == ""
	r.Content = container.New(prefRowLayout{}, r.label, r.control, r.help, r.problem)
	return r
}

// say shows what is wrong with what was typed; "" nothing.
func (r *prefRow) say(text string) (resized bool) {
	resized = r.problem.Hidden == (text != "")
	r.problem.Hidden = text == ""
	setInk(r.problem, text)
	return resized
}

// prefRowLayout puts a label left of a control, and texts below the control.
type prefRowLayout struct{}

// Layout implements fyne.Layout.
func (prefRowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	label, control := objects[0], objects[1]
	inner := theme.InnerPadding()
	height := fit(label, prefLabelWidth)
	room := max(0, size.Width-prefLabelWidth)
	least := control.MinSize()
	width := min(room, max(prefControlWidth, least.Width))
	if _, ok := control.(*fyne.Container); ok {
		width = room
	}
	control.Resize(fyne.NewSize(width, least.Height))
	tall := max(control.MinSize().Height, least.Height)
	control.Resize(fyne.NewSize(width, tall))
	top := max(0, (tall-height)/2)
	if tall > 2*height {
		top = 0
	}
	label.Move(fyne.NewPos(-inner, top))
	x := float32(prefLabelWidth)
	switch control.(type) { // what is seen of them begins where the others do
	case *diagCheck:
		x -= inner + 1
	case *widget.Label:
		x -= inner
	}
	control.Move(fyne.NewPos(x, 0))
	y := max(tall, height)
	for _, text := range objects[2:] {
		if !text.Visible() {
			continue
		}
		high := fit(text, min(room+inner, prefHelpWidth))
		text.Move(fyne.NewPos(prefLabelWidth-inner, y-inner+2))
		y += high - 2*inner + 2
	}
}

// MinSize implements fyne.Layout.
func (prefRowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	inner := theme.InnerPadding()
	size := fyne.NewSize(prefLabelWidth+200, max(objects[0].MinSize().Height, objects[1].MinSize().Height))
	for _, text := range objects[2:] {
		if text.Visible() {
			size.Height += text.MinSize().Height - 2*inner + 2
		}
	}
	return size
}

// newPrefChoice is a choice whose Escape belongs to the settings, and what shows the
// value that is in force.
func newPrefChoice(f *state.PrefField, escape func(), set func(value string)) (*syncSelect, func(p *state.Prefs)) {
	labels := make([]string, len(f.Options))
	for i, o := range f.Options {
		labels[i] = o.Label
	}
	s := newSyncSelect(labels, escape)
	quiet := false
	s.OnChanged = func(string) {
		if i := s.SelectedIndex(); i >= 0 && !quiet {
			set(f.Options[i].Value)
		}
	}
	return s, func(p *state.Prefs) {
		for i, o := range f.Options {
			if o.Value == p.Text(f) && s.SelectedIndex() != i {
				quiet = true
				s.SetSelectedIndex(i)
				quiet = false
			}
		}
	}
}

// newPrefEntry is an entry of the settings: what is typed takes effect while it is
// typed, as far as it can be used.
func newPrefEntry(prompt string, secret bool, escape func()) *inputEntry {
	e := newInputEntry(prompt)
	e.Password = secret
	e.onKey = func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyEscape {
			escape()
			return true
		}
		return false
	}
	return e
}

// narrow gives its one object a width of its own, at the left.
type narrow struct{ width float32 }

// Layout implements fyne.Layout.
func (n narrow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for i, o := range objects {
		width := o.MinSize().Width
		if i == 0 {
			width = n.width
		}
		high := min(size.Height, o.MinSize().Height)
		o.Resize(fyne.NewSize(min(width, max(0, size.Width-x)), high))
		o.Move(fyne.NewPos(x, (size.Height-high)/2))
		x += width + theme.Padding()
	}
}

// MinSize implements fyne.Layout.
func (n narrow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for i, o := range objects {
		least := o.MinSize()
		if i == 0 {
			least.Width = n.width
		}
		size = fyne.NewSize(size.Width+least.Width, max(size.Height, least.Height))
	}
	return size
}
