package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// prefsHands are what the settings ask of the window.
type prefsHands struct {
	prefs  func() *state.Prefs
	change func(func(p *state.Prefs)) // takes effect at once, and is kept
	close  func()
	sheets *sheetBoard
	extra  func(v *prefsView, s state.PrefSection) []*prefRow // rows that are not kept in the file of the settings
	reset  func(s state.PrefSection)                          // what extra shows
}

// prefsView is the settings: the sections left, their fields right. It takes the
// place of the panes. What is chosen takes effect at once.
type prefsView struct {
	Content *fyne.Container

	hands   prefsHands
	section state.PrefSection
	nav     *prefNav
	rows    []*prefRow
	keys    *keysPage // of the section of that name; nil in others
	page    *fyne.Container
	scroll  *container.Scroll
}

func newPrefsView(hands prefsHands) *prefsView {
	v := &prefsView{hands: hands, page: container.New(flowLayout{gap: 9})}
	var names []string
	for s := range state.PrefSections {
		names = append(names, state.PrefSection(s).String())
	}
	v.nav = newPrefNav(names)
	v.nav.OnChosen = func(place int) { v.turn(state.PrefSection(place)) }
	v.nav.OnEscape = func() { v.hands.close() }
	v.Content = container.NewStack()
	v.build()
	v.Content.Hide()
	return v
}

// build puts the view together anew, as when the density changes.
func (v *prefsView) build() {
	title := widget.NewLabel("Settings")
	title.TextStyle.Bold = true
	back := newQuietButton("Back", v.hands.close)
	back.Icon, back.onEscape = theme.NavigateBackIcon(), v.hands.close
	reset := newQuietButton("Reset this section", v.reset)
	reset.onEscape = v.hands.close
	head := container.New(layout.NewCustomPaddedLayout(2, 2, 0, syncEdge), container.NewBorder(nil, nil, back, reset, title))
	v.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(14, 16, 18, 18), v.page))
	left := container.New(layout.NewCustomPaddedLayout(10, 10, 6, 6), v.nav)
	v.Content.Objects = []fyne.CanvasObject{
		newSurface(theme.ColorNameInputBackground),
		container.NewBorder(
			container.NewStack(newSurface(theme.ColorNameBackground), container.New(flowLayout{}, head, widget.NewSeparator())), nil,
			container.NewBorder(nil, nil, nil, widget.NewSeparator(), container.NewStack(newSurface(theme.ColorNameBackground), left)), nil,
			v.scroll),
	}
	v.fill()
	v.Content.Refresh()
}

// Rebuild puts the view together anew, with other measures; what had the keyboard
// has it again. Of a view that is not there yet there is nothing to do.
func (v *prefsView) Rebuild() {
	if v == nil {
		return
	}
	key := ""
	c := fyne.CurrentApp().Driver().CanvasForObject(v.Content)
	for _, r := range v.rows {
		if c != nil && r.focus != nil && c.Focused() == r.focus {
			key = r.key
		}
	}
	at := v.scroll.Offset
	v.build()
	v.scroll.ScrollToOffset(at)
	for _, r := range v.rows {
		if c != nil && key != "" && r.key == key {
			c.Focus(r.focus)
		}
	}
}

// Visible reports whether the view is in the place of the panes.
func (v *prefsView) Visible() bool { return v != nil && v.Content.Visible() }

// Focus is what has the keyboard when the settings are opened.
func (v *prefsView) Focus() fyne.Focusable { return v.nav }

// TypedKey takes the keys that nothing in the view has taken.
func (v *prefsView) TypedKey(e *fyne.KeyEvent) { v.nav.TypedKey(e) }

// turn shows a section from its top.
func (v *prefsView) turn(s state.PrefSection) {
	v.section = s
	v.fill()
	v.scroll.ScrollToTop()
}

// Open shows a section.
func (v *prefsView) Open(s state.PrefSection) {
	v.nav.Choose(int(s))
	v.fill()
}

// reset gives the section its defaults.
func (v *prefsView) reset() {
	fresh := state.NewPrefs()
	v.hands.change(func(p *state.Prefs) {
		for _, f := range state.PrefFields() {
			if f.Section == v.section {
				_ = p.Set(&f, fresh.Text(&f)) // a default can always be used
			}
		}
		if v.section == state.PrefKeyboard {
			p.Keys = nil
		}
	})
	v.hands.reset(v.section)
	v.fill()
}

// fill makes the rows of the section.
func (v *prefsView) fill() {
	v.page.RemoveAll()
	v.rows, v.keys = nil, nil
	title := newInk(v.section.String(), theme.SizeNameHeadingText, theme.ColorNameForeground)
	v.page.Add(tightLine(title))
	for _, f := range state.PrefFields() {
		if f.Section != v.section {
			continue
		}
		if f.Group != "" {
			v.group(f.Group)
		}
		v.add(v.field(&f))
	}
	for _, r := range v.hands.extra(v, v.section) {
		v.add(r)
	}
	if v.section == state.PrefKeyboard {
		v.keys = newKeysPage(v)
		v.page.Add(v.keys.Content)
	}
	v.Show()
	v.scroll.Refresh()
}

// group adds a heading.
func (v *prefsView) group(name string) {
	h := newInk(name, theme.SizeNameText, theme.ColorNamePlaceHolder)
	style(h).TextStyle.Bold = true
	if len(v.page.Objects) > 1 {
		v.page.Add(container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), widget.NewSeparator()))
	}
	v.page.Add(tightLine(h))
}

func (v *prefsView) add(r *prefRow) {
	if r.key == "" && r.control == nil {
		v.group(r.label.Segments[0].(*widget.TextSegment).Text)
		return
	}
	v.rows = append(v.rows, r)
	v.page.Add(r.Content)
}

// Show shows what is in force, as after it was changed elsewhere.
func (v *prefsView) Show() {
	if v == nil {
		return
	}
	p := v.hands.prefs()
	resized := false
	for _, r := range v.rows {
		if r.update != nil {
			r.update(p)
		}
		if hide := r.needs != nil && !r.needs(p); hide != r.Content.Hidden {
			r.Content.Hidden = hide
			resized = true
		}
	}
	if v.keys != nil {
		v.keys.Show()
	}
	if resized {
		v.relayout()
	}
}

func (v *prefsView) relayout() {
	v.page.Refresh()
	v.scroll.Refresh()
}

// field makes the row of a setting that is kept in the file.
func (v *prefsView) field(f *state.PrefField) *prefRow {
	escape := v.hands.close
	set := func(value string) { v.hands.change(func(p *state.Prefs) { _ = p.Set(f, value) }) }
	var r *prefRow
	switch f.Kind {
	case state.PrefSwitch:
		c := newDiagCheck(f.Label, escape)
		r = newPrefRow(f.Key, "", f.Help, c)
		r.focus = c
		quiet := false
		c.OnChanged = func(on bool) {
			if !quiet {
				set(map[bool]string{true: "true", false: "false"}[on])
			}
		}
		r.update = func(p *state.Prefs) {
			quiet = true
			c.SetChecked(p.Text(f) == "true")
			quiet = false
		}
	case state.PrefChoice:
		s, update := newPrefChoice(f, escape, set)
		r = newPrefRow(f.Key, f.Label, f.Help, newFramed(s))
		r.focus, r.update = s, update
	case state.PrefText, state.PrefNumber:
		r = v.entryRow(f)
	}
	r.needs = f.Needs
	return r
}

// entryRow makes the row of a text or a number.
func (v *prefsView) entryRow(f *state.PrefField) *prefRow {
	e := newPrefEntry(f.Prompt, false, v.hands.close)
	var control fyne.CanvasObject = e
	if f.Kind == state.PrefNumber {
		control = container.New(narrow{64}, e, widget.NewLabel(f.Unit))
	}
	r := newPrefRow(f.Key, f.Label, f.Help, control)
	r.focus = e
	quiet := false
	e.OnChanged = func(text string) {
		if quiet {
			return
		}
		trial := v.hands.prefs().Clone()
		problem := ""
		if err := trial.Set(f, text); err != nil {
			problem = sentence(err.Error())
		}
		if r.say(problem) {
			v.relayout()
		}
		if problem == "" {
			v.hands.change(func(p *state.Prefs) { _ = p.Set(f, text) })
		}
	}
	r.update = func(p *state.Prefs) {
		now := p.Text(f)
		if strings.TrimSpace(e.Text) == now || r.problem.Visible() {
			return
		}
		quiet = true
		e.SetText(now)
		quiet = false
	}
	return r
}
