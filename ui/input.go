package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// inputEntry is a one-line entry whose keys can be looked at first, and that
// says when it gains and loses the focus.
type inputEntry struct {
	widget.Entry

	onKey   func(*fyne.KeyEvent) (taken bool) // nil: none
	onFocus func(gained bool)                 // nil: nobody asks

	// onReveal brings the entry, which has the focus now, into view; nil: it always is.
	// At a press that waits for the release: what moves under the mouse between them
	// lets Fyne take the release for a click elsewhere.
	onReveal func()
	pressed  bool
}

func newInputEntry(placeHolder string) *inputEntry {
	e := &inputEntry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.PlaceHolder = placeHolder
	e.ExtendBaseWidget(e)
	return e
}

// newSecretEntry returns an entry that shows dots, and the text on demand.
func newSecretEntry(placeHolder string) *inputEntry {
	e := newInputEntry(placeHolder)
	e.Password = true
	return e
}

// TypedKey asks onKey first.
func (e *inputEntry) TypedKey(k *fyne.KeyEvent) {
	if e.onKey != nil && e.onKey(k) {
		return
	}
	e.Entry.TypedKey(k)
}

// MouseDown waits with onReveal.
func (e *inputEntry) MouseDown(m *desktop.MouseEvent) {
	e.pressed = true
	e.Entry.MouseDown(m)
}

// MouseUp is the moment for onReveal.
func (e *inputEntry) MouseUp(m *desktop.MouseEvent) {
	e.Entry.MouseUp(m)
	if e.pressed && e.onReveal != nil {
		e.onReveal()
	}
	e.pressed = false
}

// FocusGained tells onFocus.
func (e *inputEntry) FocusGained() {
	e.Entry.FocusGained()
	if e.onReveal != nil && !e.pressed {
		e.onReveal()
	}
	if e.onFocus != nil {
		e.onFocus(true)
	}
}

// FocusLost tells onFocus.
func (e *inputEntry) FocusLost() {
	e.Entry.FocusLost()
	e.pressed = false
	if e.onFocus != nil {
		e.onFocus(false)
	}
}

// selectAll marks the whole text, so that typing replaces it.
func (e *inputEntry) selectAll() { e.TypedShortcut(&fyne.ShortcutSelectAll{}) }

// pushButton is a button that Return presses too, once it has the focus.
type pushButton struct {
	widget.Button

	onEscape func() // nil: nothing
}

func newPushButton(label string, tapped func()) *pushButton {
	b := &pushButton{}
	b.Text, b.OnTapped = label, tapped
	b.ExtendBaseWidget(b)
	return b
}

// MinSize leaves some air beside the label of a button that has a face.
func (b *pushButton) MinSize() fyne.Size {
	size := b.Button.MinSize()
	if b.Importance != widget.LowImportance {
		size.Width = max(size.Width+4*theme.Padding(), 76)
	}
	return size
}

// newQuietButton is for actions beside the main ones: text with no
// face.
func newQuietButton(label string, tapped func()) *pushButton {
	b := newPushButton(label, tapped)
	b.Importance = widget.LowImportance
	return b
}

// newIconButton is a button with a picture only.
func newIconButton(icon fyne.Resource, tapped func()) *pushButton {
	b := newQuietButton("", tapped)
	b.Icon = icon
	return b
}

// TypedKey presses on Return and Enter as on Space.
func (b *pushButton) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeyEscape:
		if b.onEscape != nil {
			b.onEscape()
		}
	default:
		b.Button.TypedKey(e)
	}
}

// returnSelect is a choice from a list in which Return means the same as in the
// entries beside it.
type returnSelect struct {
	widget.Select

	onReturn func()
}

func newReturnSelect(options []string) *returnSelect {
	s := &returnSelect{}
	s.Options = options
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey takes Return and Enter.
func (s *returnSelect) TypedKey(e *fyne.KeyEvent) {
	if s.onReturn != nil && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter) {
		s.onReturn()
		return
	}
	s.Select.TypedKey(e)
}
