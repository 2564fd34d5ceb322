package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// sheetBoard shows sheets, the questions that have to be answered before
// anything else, one above the other. Escape cancels the topmost and Return
// confirms it wherever the focus is: Fyne's own dialogs do neither.
type sheetBoard struct {
	canvas fyne.Canvas
	stack  []*sheet
	below  func(*fyne.KeyEvent) // what the canvas did with keys before
	// onEmpty is told that the last question was answered. nil: nobody.
	onEmpty func()
}

func newSheetBoard(c fyne.Canvas) *sheetBoard { return &sheetBoard{canvas: c} }

// Open reports whether a sheet is shown, so that window shortcuts, which fire
// through modal overlays, can be held back.
func (b *sheetBoard) Open() bool { return len(b.stack) > 0 }

// A sheet is one question.
type sheet struct {
	title   string
	body    fyne.CanvasObject
	width   float32         // 0: 420
	confirm string          // label of the button that confirms; "" leaves it out
	danger  bool            // confirming destroys something
	cancel  string          // label of the button that cancels; "" is "Cancel"
	safe    bool            // cancelling is what is advised: its button is the strong one
	alarm   bool            // the title is a warning
	tall    bool            // the body scrolls where the window is too low for it
	check   func() error    // nil, or says why confirming is not possible yet
	allow   func() error    // nil, or says why an extra answer is not possible yet
	done    func(yes bool)  // called once, after the sheet is gone
	focus   fyne.Focusable  // nil: none, Return confirms
	inputs  []*inputEntry   // whose Return and Escape belong to the sheet
	problem *widget.Label   // what check said
	button  *pushButton     // confirms
	popup   *widget.PopUp   // while shown
	before  fyne.Focusable  // had the focus
	extra   []sheetChoice   // further answers, left of the others
	board   *sheetBoard     // shows it
	tail    *fyne.Container // buttons
}

// A sheetChoice is an answer besides confirming and cancelling.
type sheetChoice struct {
	label string
	do    func()
}

// Show shows s above everything.
func (b *sheetBoard) Show(s *sheet) {
	s.board, s.before = b, b.canvas.Focused()
	if len(b.stack) == 0 {
		b.below = b.canvas.OnTypedKey()
		b.canvas.SetOnTypedKey(b.key)
	}
	b.stack = append(b.stack, s)
	for _, e := range s.inputs {
		e.OnSubmitted = func(string) { s.answer(true) }
		e.onKey = func(k *fyne.KeyEvent) bool {
			if k.Name == fyne.KeyEscape {
				s.answer(false)
				return true
			}
			return false
		}
	}
	s.popup = widget.NewModalPopUp(s.content(), b.canvas)
	width := s.width
	if width == 0 {
		width = 420
	}
	s.fit(min(width, b.canvas.Size().Width-40)) // before it is shown, so that it does not move
	s.popup.Show()
	s.fit(s.popup.Content.Size().Width)
	if s.focus != nil {
		b.canvas.Focus(s.focus)
	}
}

// fit gives the sheet a width and the height that it then needs, in the middle of the
// window. A wrapped text knows its height only once it has its width.
func (s *sheet) fit(width float32) {
	const rounds = 4 // texts in a grid in a scroll take two
	for range rounds {
		height := s.popup.MinSize().Height
		s.popup.Resize(fyne.NewSize(width, height))
		if s.popup.MinSize().Height == height {
			break
		}
	}
	if top := s.board.canvas.Overlays().Top(); top != nil && s.popup.Visible() {
		top.Refresh() // moves it to the middle
	}
}

// CancelAll answers every sheet with no.
func (b *sheetBoard) CancelAll() {
	for len(b.stack) > 0 {
		b.stack[len(b.stack)-1].answer(false)
	}
}

func (b *sheetBoard) key(e *fyne.KeyEvent) {
	if len(b.stack) == 0 {
		return
	}
	top := b.stack[len(b.stack)-1]
	switch e.Name {
	case fyne.KeyEscape:
		top.answer(false)
	case fyne.KeyReturn, fyne.KeyEnter:
		top.answer(true)
	}
}

func (b *sheetBoard) remove(s *sheet) {
	for i, o := range b.stack {
		if o == s {
			b.stack = append(b.stack[:i], b.stack[i+1:]...)
			break
		}
	}
	if len(b.stack) == 0 {
		b.canvas.SetOnTypedKey(b.below)
	}
}

// answer closes the sheet and tells it.
func (s *sheet) answer(yes bool) {
	if yes && s.confirm == "" {
		yes = false
	}
	if yes && s.check != nil {
		if err := s.check(); err != nil {
			s.say(err.Error())
			return
		}
	}
	if !s.close() {
		return
	}
	if s.done != nil {
		s.done(yes)
	}
	s.board.tellEmpty()
}

// tellEmpty tells that there is no question any more, where that is so.
func (b *sheetBoard) tellEmpty() {
	if len(b.stack) == 0 && b.onEmpty != nil {
		b.onEmpty()
	}
}

// close takes the sheet away and reports whether it was there.
func (s *sheet) close() bool {
	if s.popup == nil {
		return false
	}
	s.popup.Hide()
	s.popup = nil
	s.board.remove(s)
	if s.before != nil {
		s.board.canvas.Focus(s.before)
	}
	return true
}

func (s *sheet) say(text string) {
	s.problem.SetText(text)
	s.problem.Hidden = text == ""
	if s.popup != nil {
		s.popup.Content.Refresh() // gives the text its width
		s.fit(s.popup.Content.Size().Width)
	}
}

func (s *sheet) content() fyne.CanvasObject {
	title := widget.NewLabel(s.title)
	title.TextStyle.Bold = true
	title.SizeName = theme.SizeNameSubHeadingText
	title.Wrapping = fyne.TextWrapWord
	if s.alarm {
		title.Importance = widget.DangerImportance
	}
	s.problem = widget.NewLabel("")
	s.problem.Importance = widget.DangerImportance
	s.problem.Wrapping = fyne.TextWrapWord
	s.problem.Hide()
	s.tail = s.buttons()
	inner := container.NewVBox(title)
	switch {
	case s.tall:
		const around = 170 // title, buttons and edges
		most := func() float32 { return s.board.canvas.Size().Height - around }
		inner.Add(container.New(&cappedLayout{s.body, most}, container.NewVScroll(s.body)))
	case s.body != nil:
		inner.Add(s.body)
	}
	inner.Add(s.problem)
	inner.Add(newGap(theme.Padding()))
	edge := theme.InnerPadding() // texts have it, buttons have not
	inner.Add(container.New(layout.NewCustomPaddedLayout(0, edge, edge, edge), s.tail))
	pad := theme.Padding() * 3
	return container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), inner)
}

func (s *sheet) buttons() *fyne.Container {
	row := container.New(layout.NewCustomPaddedHBoxLayout(theme.Padding() * 2))
	for _, c := range s.extra {
		b := newPushButton(c.label, func() {
			if s.allow != nil {
				if err := s.allow(); err != nil {
					s.say(err.Error())
					return
				}
			}
			if s.close() {
				c.do()
				s.board.tellEmpty()
			}
		})
		b.onEscape = func() { s.answer(false) }
		row.Add(b)
	}
	row.Add(layout.NewSpacer())
	label := s.cancel
	if label == "" {
		label = "Cancel"
	}
	no := newPushButton(label, func() { s.answer(false) })
	no.onEscape = func() { s.answer(false) }
	if s.safe {
		no.Importance = widget.HighImportance
	}
	row.Add(no)
	if s.confirm != "" {
		s.button = newPushButton(s.confirm, func() { s.answer(true) })
		s.button.onEscape = no.onEscape
		s.button.Importance = widget.HighImportance
		if s.danger {
			s.button.Importance = widget.DangerImportance
		}
		row.Add(s.button)
	}
	return row
}

// paragraph is a wrapped text for the body of a sheet.
func paragraph(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// Confirm asks before something that cannot be undone.
func (b *sheetBoard) Confirm(title, sentence, verb string, yes func()) {
	b.Show(&sheet{title: title, body: paragraph(sentence), confirm: verb, danger: true, done: func(ok bool) {
		if ok {
			yes()
		}
	}})
}

// AskName asks for a name until check, which may be nil, finds nothing wrong
// with it.
func (b *sheetBoard) AskName(title, name string, check func(string) error, done func(string)) {
	e := newInputEntry("Name")
	e.SetText(name)
	b.Show(&sheet{
		title: title, body: e, confirm: "Create", width: 360, inputs: []*inputEntry{e}, focus: e,
		check: func() error {
			if check == nil {
				return nil
			}
			return check(e.Text)
		},
		done: func(ok bool) {
			if ok {
				done(e.Text)
			}
		},
	})
	e.selectAll()
}

// AskPassword asks for the password of a user at a server.
func (b *sheetBoard) AskPassword(user, server, why string, done func(password string)) {
	e := newSecretEntry("Password")
	body := container.NewVBox()
	if why != "" {
		body.Add(paragraph(why))
	}
	body.Add(e)
	b.Show(&sheet{
		title: "Password of " + user + " at " + server, body: body, confirm: "Connect", width: 380,
		inputs: []*inputEntry{e}, focus: e,
		done: func(ok bool) {
			if ok {
				done(e.Text)
			}
		},
	})
}
