package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// keysPage is the section of the keyboard: all that keys do, and other keys for
// what the window does.
type keysPage struct {
	Content *fyne.Container

	v      *prefsView
	search *inputEntry
	list   *fyne.Container
	shown  string // what the list was made from
}

func newKeysPage(v *prefsView) *keysPage {
	k := &keysPage{v: v, search: newPrefEntry("Search: a key, or what it does", false, v.hands.close), list: container.New(flowLayout{gap: 2})}
	k.search.OnChanged = func(string) { k.fill() }
	k.Content = container.New(flowLayout{gap: 8},
		newInkTight("Press a key’s button to choose another. A key that does something else already is refused, and its action named.", theme.SizeNameCaptionText, theme.ColorNamePlaceHolder),
		container.New(narrow{prefControlWidth}, k.search), k.list)
	k.fill()
	return k
}

// newInkTight is a text that begins where the things below it do.
func newInkTight(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName) fyne.CanvasObject {
	return tightLine(newInk(text, size, ink))
}

// Show shows the keys that are in force.
func (k *keysPage) Show() {
	if k.shown != k.state() {
		k.fill()
	}
}

func (k *keysPage) state() string {
	var b strings.Builder
	p := k.v.hands.prefs()
	for _, a := range state.KeyActions() {
		b.WriteString(p.KeysText(a) + "\n")
	}
	return b.String()
}

// fill lists what matches the search.
func (k *keysPage) fill() {
	p := k.v.hands.prefs()
	k.shown = k.state()
	k.list.RemoveAll()
	group := "-"
	for _, a := range p.FindKeys(k.search.Text) {
		where := "Everywhere"
		if a.ID == "" && a.Where != "" {
			where = a.Where
		}
		if where != group {
			group = where
			h := newInk(where, theme.SizeNameText, theme.ColorNamePlaceHolder)
			style(h).TextStyle.Bold = true
			k.list.Add(tightLine(h))
		}
		k.list.Add(k.row(p, a))
	}
	if len(k.list.Objects) == 0 {
		k.list.Add(newInkTight("No key and no action matches.", theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	k.list.Refresh()
	k.v.scroll.Refresh()
}

// row shows one action with its key.
func (k *keysPage) row(p *state.Prefs, a state.KeyAction) fyne.CanvasObject {
	label := widget.NewLabel(a.Label)
	label.Truncation = fyne.TextTruncateEllipsis
	if a.ID == "" {
		keys := widget.NewLabel(strings.Join(a.Keys, ", "))
		keys.TextStyle.Bold = true
		return container.New(keyRowLayout{}, label, keys)
	}
	b := newPushButton(p.KeysText(a), func() { k.ask(a) })
	b.onEscape = k.v.hands.close
	row := container.New(keyRowLayout{}, label, b)
	if _, changed := p.Keys[a.ID]; changed {
		reset := newQuietButton("Usual: "+a.Keys[0], func() {
			k.v.hands.change(func(p *state.Prefs) {
				if err := p.ResetKey(a.ID); err != nil {
					k.refuse(err)
				}
			})
		})
		reset.onEscape = k.v.hands.close
		row.Add(reset)
	}
	return row
}

func (k *keysPage) refuse(err error) {
	k.v.hands.sheets.Show(&sheet{title: "The key cannot be used", body: paragraph(sentence(err.Error())), cancel: "Close"})
}

// keyRowLayout has a label, a key beside it, and what may follow.
type keyRowLayout struct{}

const (
	keyLabelWidth = 290
	keyKeyWidth   = 150
)

// Layout implements fyne.Layout.
func (keyRowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := -theme.InnerPadding()
	for i, o := range objects {
		least := o.MinSize()
		width := least.Width
		switch i {
		case 0:
			width = keyLabelWidth
		case 1:
			width = max(width, keyKeyWidth)
		}
		o.Resize(fyne.NewSize(width, least.Height))
		o.Move(fyne.NewPos(x, (size.Height-least.Height)/2))
		x += width + theme.Padding()
	}
}

// MinSize implements fyne.Layout.
func (keyRowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(keyLabelWidth+keyKeyWidth, 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// ask waits for the keys that an action is to have.
func (k *keysPage) ask(a state.KeyAction) {
	catch := newKeyCatcher()
	s := &sheet{
		title: "Press the keys for “" + a.Label + "”", width: 420, focus: catch,
		body: container.New(flowLayout{}, paragraph("Hold Ctrl or Alt, and press another key. Escape leaves it as it is."), catch),
	}
	set := func(c state.Chord) error {
		var err error
		k.v.hands.change(func(p *state.Prefs) { err = p.SetKey(a.ID, c) })
		return err
	}
	s.extra = []sheetChoice{{"No key", func() { _ = set(state.Chord{}) }}}
	catch.onChord = func(c state.Chord) {
		if err := set(c); err != nil {
			s.say(sentence(err.Error()))
			return
		}
		s.answer(false)
	}
	catch.onEscape = func() { s.answer(false) }
	k.v.hands.sheets.Show(s)
}

// keyCatcher shows the keys that are held, and tells the chord once its key is
// let go: until then the window's own shortcuts must find the sheet open.
type keyCatcher struct {
	widget.Label

	onChord  func(state.Chord)
	onEscape func()
	held     state.Chord // what is held down, without a key
	pressed  state.Chord // with the key that is down; its modifiers may be let go before it
}

func newKeyCatcher() *keyCatcher {
	c := &keyCatcher{}
	c.Alignment = fyne.TextAlignCenter
	c.TextStyle.Bold = true
	c.SizeName = theme.SizeNameHeadingText
	c.Text = "…"
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements fyne.Focusable.
func (c *keyCatcher) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (c *keyCatcher) FocusLost() { c.held, c.pressed = state.Chord{}, state.Chord{} }

// TypedRune implements fyne.Focusable.
func (c *keyCatcher) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (c *keyCatcher) TypedKey(*fyne.KeyEvent) {}

// TypedShortcut implements fyne.Shortcutable: shortcuts end here.
func (c *keyCatcher) TypedShortcut(fyne.Shortcut) {}

// AcceptsTab implements fyne.Tabbable.
func (c *keyCatcher) AcceptsTab() bool { return true }

// modifier returns what a key holds down, nil for one that is no modifier.
func (c *keyCatcher) modifier(name fyne.KeyName) *bool {
	control := []fyne.KeyName{desktop.KeyControlLeft, desktop.KeyControlRight}
	if ctrl == fyne.KeyModifierSuper { // a Mac
		control = []fyne.KeyName{desktop.KeySuperLeft, desktop.KeySuperRight}
	}
	switch {
	case slices.Contains(control, name):
		return &c.held.Ctrl
	case name == desktop.KeyAltLeft || name == desktop.KeyAltRight:
		return &c.held.Alt
	case name == desktop.KeyShiftLeft || name == desktop.KeyShiftRight:
		return &c.held.Shift
	}
	return nil
}

// KeyDown implements desktop.Keyable.
func (c *keyCatcher) KeyDown(e *fyne.KeyEvent) {
	if m := c.modifier(e.Name); m != nil {
		*m = true
	} else if e.Name != "" && e.Name != fyne.KeyUnknown {
		c.pressed = c.held
		c.pressed.Key = string(e.Name)
	}
	c.show()
}

// KeyUp implements desktop.Keyable.
func (c *keyCatcher) KeyUp(e *fyne.KeyEvent) {
	if m := c.modifier(e.Name); m != nil {
		*m = false
		c.show()
		return
	}
	chord := c.pressed
	if chord.Key == "" || string(e.Name) != chord.Key {
		return
	}
	c.pressed = state.Chord{}
	if chord == (state.Chord{Key: string(fyne.KeyEscape)}) {
		c.onEscape()
		return
	}
	c.onChord(chord)
}

func (c *keyCatcher) show() {
	shown := c.pressed
	if shown.Key == "" {
		shown = c.held
		shown.Key = "…"
	}
	c.SetText(shown.String())
}
