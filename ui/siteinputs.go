package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/state"
)

// inputFor makes the input of a field.
func (f *siteForm) inputFor(field state.SiteField) siteInput {
	key := field.Key
	switch field.Kind {
	case state.SiteChoice:
		return newSiteChoice(field.Choices, f.hands.escape, func(s string) { f.choose(key, s) })
	case state.SiteCheck:
		return newSiteTick(field.Label, f.hands.escape, func(on bool) {
			text := ""
			if on {
				text = "yes"
			}
			f.choose(key, text)
		})
	case state.SiteLines:
		return newSiteLines(field.Prompt, f.hands.escape, func(s string) { f.put(key, s) }, f.settle)
	case state.SiteSecret:
		s := newSiteSecretInput(field.Secret, f.hands, func() bool { return f.filling })
		s.entry.onReveal = func() { f.reveal(s.entry) }
		return s
	case state.SiteFile, state.SiteDir:
		return f.pathInput(field)
	case state.SiteColour:
		return newSiteColours(f.hands.escape, func(s string) { f.choose(key, s) })
	case state.SiteBookmarks:
		return newSiteBookmarkList(f)
	case state.SiteText:
	}
	return f.lineInput(field)
}

// siteLine is an input of one line.
type siteLine struct {
	entry  *inputEntry
	object fyne.CanvasObject
}

func (l *siteLine) Object() fyne.CanvasObject { return l.object }
func (l *siteLine) Focus() fyne.Focusable     { return l.entry }

// Show sets the text, unless it is there already: that would move the cursor.
func (l *siteLine) Show(text string) {
	if l.entry.Text != text {
		l.entry.SetText(text)
	}
}

// lineEntry is an entry whose Return, Escape and loss of the keyboard are the
// form's.
func (f *siteForm) lineEntry(prompt string, changed func(string)) *inputEntry {
	e := newInputEntry(prompt)
	e.OnChanged = changed
	e.OnSubmitted = func(string) { f.hands.enter() }
	e.onKey = func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyEscape {
			f.hands.escape()
			return true
		}
		return false
	}
	e.onFocus = func(gained bool) {
		if !gained {
			f.settle()
		}
	}
	e.onReveal = func() { f.reveal(e) }
	return e
}

// reveal scrolls the form so that what has the keyboard is seen.
func (f *siteForm) reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	if driver.CanvasForObject(o) == nil {
		return
	}
	const hint = 24
	y := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(f.scroll).Y
	height := f.scroll.Size().Height
	switch bottom := y + o.Size().Height + hint; {
	case y < 0:
		f.scroll.ScrollToOffset(fyne.NewPos(0, max(0, f.scroll.Offset.Y+y-4)))
	case bottom > height && height > 0:
		f.scroll.ScrollToOffset(fyne.NewPos(0, f.scroll.Offset.Y+bottom-height))
	}
}

func (f *siteForm) lineInput(field state.SiteField) *siteLine {
	e := f.lineEntry(field.Prompt, func(s string) { f.put(field.Key, s) })
	return &siteLine{entry: e, object: e}
}

// pathInput is a line with a button beside it that asks for a file or a folder.
func (f *siteForm) pathInput(field state.SiteField) *siteLine {
	l := f.lineInput(field)
	if f.hands.browse == nil {
		return l
	}
	dir := field.Kind == state.SiteDir
	icon := theme.FileIcon()
	if dir {
		icon = theme.FolderOpenIcon()
	}
	b := newIconButton(icon, func() {
		f.hands.browse(field.Label, dir, func(path string) {
			l.entry.SetText(path)
			f.settle()
		})
	})
	b.onEscape = f.hands.escape
	l.object = container.NewBorder(nil, nil, nil, b, l.entry)
	return l
}

// siteChoice is a choice from a list.
type siteChoice struct {
	choice *syncSelect
	object fyne.CanvasObject
}

func newSiteChoice(options []string, escape func(), changed func(string)) *siteChoice {
	c := &siteChoice{choice: newSyncSelect(options, escape)}
	c.choice.OnChanged = changed
	c.object = container.NewHBox(newFramed(c.choice))
	return c
}

func (c *siteChoice) Object() fyne.CanvasObject { return c.object }
func (c *siteChoice) Focus() fyne.Focusable     { return c.choice }

// Show chooses.
func (c *siteChoice) Show(text string) {
	if c.choice.Selected != text {
		c.choice.SetSelected(text)
	}
}

// siteTick is a box to tick.
type siteTick struct {
	check  *diagCheck
	object fyne.CanvasObject
}

func newSiteTick(label string, escape func(), changed func(bool)) *siteTick {
	t := &siteTick{check: newDiagCheck(label, escape)}
	t.check.OnChanged = changed
	t.object = container.NewHBox(t.check)
	return t
}

func (t *siteTick) Object() fyne.CanvasObject { return t.object }
func (t *siteTick) Focus() fyne.Focusable     { return t.check }

// Show ticks or not.
func (t *siteTick) Show(text string) { t.check.SetChecked(text != "") }

// siteText is an entry of several lines. Escape is the form's, and Tab leaves it.
type siteText struct {
	widget.Entry

	onEscape, onLost func()
}

var _ fyne.Tabbable = (*siteText)(nil)

// siteLines is an input of several lines.
type siteLines struct{ entry *siteText }

func newSiteLines(prompt string, escape func(), changed func(string), lost func()) *siteLines {
	t := &siteText{onEscape: escape, onLost: lost}
	t.MultiLine = true
	t.Wrapping = fyne.TextWrapWord
	t.PlaceHolder = prompt
	t.OnChanged = changed
	t.ExtendBaseWidget(t)
	t.SetMinRowsVisible(4)
	return &siteLines{entry: t}
}

func (l *siteLines) Object() fyne.CanvasObject { return l.entry }
func (l *siteLines) Focus() fyne.Focusable     { return l.entry }

// Show sets the text, unless it is there already.
func (l *siteLines) Show(text string) {
	if l.entry.Text != text {
		l.entry.SetText(text)
	}
}

// AcceptsTab implements fyne.Tabbable: Tab goes to the next field.
func (t *siteText) AcceptsTab() bool { return false }

// TypedKey takes Escape.
func (t *siteText) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		t.onEscape()
		return
	}
	t.Entry.TypedKey(e)
}

// FocusLost tells.
func (t *siteText) FocusLost() {
	t.Entry.FocusLost()
	t.onLost()
}

// siteSecretInput takes a password. It never shows one that is kept.
type siteSecretInput struct {
	kind   secrets.Kind
	entry  *inputEntry
	forget *pushButton
	object fyne.CanvasObject
	given  func(secrets.Kind, string)
}

func newSiteSecretInput(kind secrets.Kind, hands siteFormHands, filling func() bool) *siteSecretInput {
	s := &siteSecretInput{kind: kind, entry: newSecretEntry(""), given: hands.secret}
	s.forget = newQuietButton("Forget", func() {
		s.entry.SetText("")
		hands.forget(kind)
	})
	s.forget.onEscape = hands.escape
	s.forget.Hide()
	s.entry.OnSubmitted = func(string) {
		s.take()
		hands.enter()
	}
	s.entry.onKey = func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyEscape {
			hands.escape()
			return true
		}
		return false
	}
	s.entry.onFocus = func(gained bool) {
		if !gained && !filling() {
			s.take()
		}
	}
	s.object = container.NewBorder(nil, nil, nil, s.forget, s.entry)
	return s
}

func (s *siteSecretInput) Object() fyne.CanvasObject { return s.object }
func (s *siteSecretInput) Focus() fyne.Focusable     { return s.entry }

// Show empties the field: nothing that is kept is ever shown.
func (s *siteSecretInput) Show(string) {}

// Say says in the empty field how things stand.
func (s *siteSecretInput) Say(prompt string, kept bool) {
	s.entry.SetPlaceHolder(prompt)
	if s.forget.Hidden == kept {
		s.forget.Hidden = !kept
		s.object.Refresh()
	}
}

// take hands over what was typed, and empties the field.
func (s *siteSecretInput) take() {
	if text := s.entry.Text; text != "" {
		s.entry.SetText("")
		s.given(s.kind, text)
	}
}

// siteColours are the colours of sites to choose from, as dots.
type siteColours struct {
	dots   []*siteColourDot
	object fyne.CanvasObject
}

func newSiteColours(escape func(), changed func(string)) *siteColours {
	c := &siteColours{}
	row := container.NewHBox()
	for _, name := range append([]string{""}, sites.Colours()...) {
		d := newSiteDot(name, escape, func() {
			c.Show(name)
			changed(name)
		})
		c.dots = append(c.dots, d)
		row.Add(d)
	}
	c.object = row
	return c
}

func (c *siteColours) Object() fyne.CanvasObject { return c.object }

// Focus is the chosen colour.
func (c *siteColours) Focus() fyne.Focusable {
	for _, d := range c.dots {
		if d.chosen {
			return d
		}
	}
	return c.dots[0]
}

// Show chooses a colour.
func (c *siteColours) Show(name string) {
	for _, d := range c.dots {
		d.choose(d.name == name)
	}
}

// Keeps reports whether the form says that there is a secret of that kind.
func (f *siteForm) Keeps(kind secrets.Kind) bool {
	for _, r := range f.rows {
		if s, is := r.input.(*siteSecretInput); is && r.field.Secret == kind {
			return !s.forget.Hidden
		}
	}
	return false
}
