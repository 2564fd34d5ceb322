package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/state"
	"portside/ui/themed"
)

// siteFormHands are what the form asks of those around it.
type siteFormHands struct {
	edited  func()                                               // something was typed
	settled func()                                               // somebody is done with a field
	escape  func()                                               //
	enter   func()                                               // Return in a line
	focus   func(fyne.Focusable)                                 // gives the keyboard
	browse  func(title string, dir bool, done func(path string)) // nil: paths are typed only
	secret  func(kind secrets.Kind, secret string)               // a password was typed
	forget  func(kind secrets.Kind)                              //
}

// siteForm is the form of one site, in sections of which one is shown.
type siteForm struct {
	Content *fyne.Container

	hands   siteFormHands
	model   *state.SiteForm // nil: nothing is shown
	filling bool            // texts are being set by the program
	section state.SiteSection
	tabs    []*pushButton
	rows    map[string]*siteFormRow
	boxes   []*fyne.Container // of the sections
	scroll  *container.Scroll
	mark    fyne.Resource
}

// A siteInput is what a field is filled in with.
type siteInput interface {
	Object() fyne.CanvasObject
	Show(text string)
	Focus() fyne.Focusable
}

// siteFormRow is a field of the form: what it is called, the input, and a line
// that explains it or says what is wrong.
type siteFormRow struct {
	field  state.SiteField
	input  siteInput
	hint   *widget.RichText
	object *fyne.Container
	said   string // about a secret, in place of a hint
	shown  string // in hint
}

func newSiteForm(hands siteFormHands) *siteForm {
	f := &siteForm{hands: hands, rows: map[string]*siteFormRow{}, mark: newSiteIcons().mark}
	tabs := container.New(siteTabsLayout{})
	for i, name := range state.SiteSections() {
		b := newQuietButton(name, func() { f.Section(state.SiteSection(i)) })
		b.onEscape = hands.escape
		f.tabs = append(f.tabs, b)
		tabs.Add(b)
		f.boxes = append(f.boxes, container.New(flowLayout{gap: 7}))
	}
	for _, field := range state.SiteFields() {
		f.add(field)
	}
	stack := container.New(&siteTopLayout{})
	for i, b := range f.boxes {
		b.Hidden = i != 0
		stack.Add(b)
	}
	f.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(6, 14, syncEdge, syncEdge+6), stack))
	head := container.NewVBox(container.New(layout.NewCustomPaddedLayout(0, 2, 2, 0), tabs), widget.NewSeparator())
	f.Content = container.NewBorder(head, nil, nil, nil, themed.New(f.scroll, syncFlatTheme{}))
	f.showTabs()
	return f
}

// siteTabsLayout puts buttons in a row. A button keeps its width when it is the
// chosen one, or has a mark.
type siteTabsLayout struct{}

func (siteTabsLayout) width(o fyne.CanvasObject) float32 {
	const air = 30 // beside the words: for a mark, or nothing
	if b, is := o.(*pushButton); is {
		return fyne.MeasureText(b.Text, theme.TextSize(), fyne.TextStyle{Bold: true}).Width + air
	}
	return o.MinSize().Width
}

// Layout implements fyne.Layout.
func (l siteTabsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		w := l.width(o)
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w
	}
}

// MinSize implements fyne.Layout.
func (l siteTabsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		size = fyne.NewSize(size.Width+l.width(o), max(size.Height, o.MinSize().Height))
	}
	return size
}

// siteTopLayout gives the one visible object all the width, and what height it
// then needs.
type siteTopLayout struct{}

// Layout implements fyne.Layout.
func (siteTopLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			fit(o, size.Width)
		}
	}
}

// MinSize implements fyne.Layout.
func (siteTopLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.Size{}
	for _, o := range objects {
		if o.Visible() {
			size = size.Max(o.MinSize())
		}
	}
	return size
}

// add makes the row of a field.
func (f *siteForm) add(field state.SiteField) {
	r := &siteFormRow{field: field, hint: newInk("", theme.SizeNameCaptionText, theme.ColorNamePlaceHolder)}
	r.input = f.inputFor(field)
	label := newInk(field.Label, theme.SizeNameText, theme.ColorNameForeground)
	label.Wrapping = fyne.TextWrapWord
	if field.Kind == state.SiteCheck {
		setInk(label, "")
	}
	r.object = container.New(&siteRowLayout{short: field.Short, check: field.Kind == state.SiteCheck}, label, r.input.Object(), tightLine(r.hint))
	f.rows[field.Key] = r
	box := f.boxes[field.Section]
	if field.Heading != "" {
		box.Add(newGap(2))
		box.Add(tightLine(headingInk(field.Heading)))
	}
	box.Add(r.object)
}

func headingInk(text string) *widget.RichText {
	t := newInk(text, theme.SizeNameText, theme.ColorNamePlaceHolder)
	style(t).TextStyle.Bold = true
	return t
}

// Measures of the form.
const (
	siteLabelWidth = 136
	siteInputWidth = 460
	siteShortWidth = 120
)

// siteRowLayout puts a label beside an input, and a line below the input.
type siteRowLayout struct{ short, check bool }

func (l *siteRowLayout) inputWidth(width float32) float32 {
	most := float32(siteInputWidth)
	if l.short {
		most = siteShortWidth
	}
	return min(most, width)
}

// Layout implements fyne.Layout.
func (l *siteRowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	label, input, hint := objects[0], objects[1], objects[2]
	pad := theme.InnerPadding()
	room := max(0, size.Width-siteLabelWidth)
	label.Move(fyne.NewPos(-pad, 0))
	fit(label, siteLabelWidth+pad-4)
	input.Move(fyne.NewPos(siteLabelWidth, 0))
	height := fit(input, l.inputWidth(room))
	indent := float32(0)
	if l.check {
		indent = theme.IconInlineSize() + 2*pad - 2 // below the words beside the box
		input.Move(fyne.NewPos(siteLabelWidth-pad, 0))
	}
	hint.Move(fyne.NewPos(siteLabelWidth+indent, height+1))
	fit(hint, min(siteInputWidth+60, room)-indent)
}

// MinSize implements fyne.Layout: the height is the one that the last width led to.
func (l *siteRowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := objects[1].MinSize().Height
	if objects[2].Visible() {
		height += 1 + objects[2].MinSize().Height
	}
	return fyne.NewSize(siteLabelWidth+150, max(height, objects[0].MinSize().Height))
}

// Show shows a form, nil for none. The section stays.
func (f *siteForm) Show(model *state.SiteForm) {
	if f.model != model {
		f.scroll.Offset = fyne.Position{}
		for _, r := range f.rows {
			r.said = ""
		}
	}
	f.model = model
	f.fill()
}

// fill shows what the model has in every field.
func (f *siteForm) fill() {
	if f.model == nil {
		return
	}
	f.filling = true
	for key, r := range f.rows {
		if b, is := r.input.(*siteBookmarkList); is {
			b.Set(f.model.Draft().Bookmarks)
			continue
		}
		r.input.Show(f.model.Text(key))
	}
	f.filling = false
	f.explain()
}

// explain says in each line what there is to say, and shows the fields that have
// a meaning now.
func (f *siteForm) explain() {
	if f.model == nil {
		return
	}
	problems := f.model.Problems()
	changed := false
	for key, r := range f.rows {
		if hidden := !f.model.Shown(key); r.object.Hidden != hidden {
			r.object.Hidden, changed = hidden, true
		}
		text, ink := f.model.Hint(key), theme.ColorNamePlaceHolder
		if r.said != "" {
			text = r.said
		}
		if p := problems[key]; p != "" && f.model.Complains(key) {
			text, ink = sentence(p), theme.ColorNameError
		}
		if s := style(r.hint); s.ColorName != ink {
			s.ColorName = ink
			r.hint.Refresh()
		}
		if r.shown != text {
			r.shown, changed = text, true
			setInk(r.hint, text)
		}
	}
	f.showTabs()
	if changed {
		f.relayout()
	}
}

// showTabs shows which section is open, and where something has to be mended.
func (f *siteForm) showTabs() {
	for i, b := range f.tabs {
		importance := widget.LowImportance
		if state.SiteSection(i) == f.section {
			importance = widget.MediumImportance
		}
		var icon fyne.Resource
		if f.model != nil && f.model.ProblemIn(state.SiteSection(i)) {
			icon = f.mark
		}
		if b.Importance != importance || b.Icon != icon {
			b.Importance, b.Icon = importance, icon
			b.Refresh()
		}
	}
}

// relayout gives everything the place it needs now. A wrapped text knows its
// height only once it has its width, so a second look follows the first.
func (f *siteForm) relayout() {
	for range 2 {
		f.scroll.Refresh()
	}
}

// Section opens a section.
func (f *siteForm) Section(s state.SiteSection) {
	if s == f.section {
		return
	}
	f.section = s
	for i, b := range f.boxes {
		b.Hidden = state.SiteSection(i) != s
	}
	f.scroll.Offset = fyne.Position{}
	f.showTabs()
	f.Content.Refresh()
	f.relayout()
}

// Focus puts the cursor into a field, with all of it marked. The form may have come
// into view a moment ago, and not know yet on which canvas it is: who gives the
// keyboard does.
func (f *siteForm) Focus(key string) {
	r := f.rows[key]
	f.Section(r.field.Section)
	f.hands.focus(r.input.Focus())
	if e, is := r.input.Focus().(*inputEntry); is {
		e.selectAll()
	}
}

// FocusProblem puts the cursor into the first field that has to be mended.
func (f *siteForm) FocusProblem() {
	f.model.Complain()
	f.explain()
	problems := f.model.Problems()
	for _, field := range state.SiteFields() {
		if problems[field.Key] != "" {
			f.Focus(field.Key)
			return
		}
	}
}

// Say says how secrets stand, below their fields and in them.
func (f *siteForm) Say(list ...siteKeySaid) {
	for _, said := range list {
		for _, r := range f.rows {
			if s, is := r.input.(*siteSecretInput); is && r.field.Secret == said.kind {
				r.said = said.text
				s.Say(said.prompt, said.kept)
			}
		}
	}
	f.explain()
}

// TakeSecrets hands over the passwords that were typed, and empties their fields.
func (f *siteForm) TakeSecrets() {
	for _, r := range f.rows {
		if s, is := r.input.(*siteSecretInput); is {
			s.take()
		}
	}
}

// put takes in what was typed into a field.
func (f *siteForm) put(key, text string) {
	if f.filling || f.model == nil {
		return
	}
	f.model.Set(key, text)
	f.hands.edited()
	f.explain()
}

// choose takes in what was chosen, which is final.
func (f *siteForm) choose(key, text string) {
	if f.filling || f.model == nil {
		return
	}
	f.put(key, text)
	f.hands.settled()
}

// bookmarks takes in the list of bookmarks.
func (f *siteForm) bookmarks(b []sites.Bookmark) {
	if f.filling || f.model == nil {
		return
	}
	f.model.SetBookmarks(b)
	f.hands.edited()
	f.explain()
}

func (f *siteForm) settle() {
	if !f.filling && f.model != nil {
		f.hands.settled()
	}
}
