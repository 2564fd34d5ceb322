package ui

import (
	"image/color"

	"portside/transfers"
	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panelQuestion asks what to do about a target that exists. Other transfers go on
// meanwhile, and further questions wait behind this one.
type panelQuestion struct {
	Content *fyne.Container

	answer  func(id int64, d transfers.Decision)
	id      int64
	asked   bool
	text    *widget.Label
	forAll  *widget.Check
	resume  *pushButton
	newer   *pushButton
	buttons *fyne.Container
}

func newPanelQuestion(answer func(id int64, d transfers.Decision)) *panelQuestion {
	b := &panelQuestion{answer: answer, text: widget.NewLabel(""), forAll: widget.NewCheck("For all", nil)}
	b.text.Truncation = fyne.TextTruncateEllipsis
	button := func(label string, what transfers.Exists) *pushButton {
		return newPushButton(label, func() {
			if b.asked {
				b.asked = false // until the queue has heard it
				b.answer(b.id, transfers.Decision{Action: what, ForAll: b.forAll.Checked})
			}
		})
	}
	b.resume, b.newer = button("Resume", transfers.Resume), button("If newer", transfers.Newer)
	b.buttons = container.NewHBox(b.forAll, button("Overwrite", transfers.Overwrite), b.newer, b.resume,
		button("Keep both", transfers.RenameNew), button("Skip", transfers.Skip))
	icon := widget.NewIcon(theme.NewWarningThemedResource(theme.QuestionIcon()))
	mark := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding()*2, 0), container.NewCenter(icon))
	row := container.New(&panelWrap{from: 900}, container.NewBorder(nil, nil, mark, nil, b.text), b.buttons)
	b.Content = container.NewStack(newTinted(theme.ColorNameWarning), row)
	b.Content.Hide()
	return b
}

// Set asks about it, or nothing where text is empty. It reports whether the bar
// came, went or changed its height.
func (b *panelQuestion) Set(it queue.Item, text string) (changed bool) {
	b.asked = text != "" && it.Conflict != nil
	if b.asked {
		if b.id != it.ID {
			b.id = it.ID
			b.forAll.SetChecked(false)
		}
		b.text.SetText(text)
		c := it.Conflict
		resumable := c.TargetSize > 0 && c.TargetSize < c.SourceSize
		dated := !c.SourceTime.IsZero() && !c.TargetTime.IsZero()
		if b.resume.Hidden == resumable || b.newer.Hidden == dated {
			b.resume.Hidden, b.newer.Hidden = !resumable, !dated
			b.buttons.Refresh()
		}
	}
	changed = b.Content.Hidden == b.asked
	b.Content.Hidden = !b.asked
	return changed
}

// panelWrap puts a text and its buttons side by side where there is room, and else
// the buttons below, at the right.
type panelWrap struct {
	from  float32 // width from which there is one line
	width float32
}

// Layout places the two.
func (l *panelWrap) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	text, buttons := o[0], o[1]
	need := buttons.MinSize()
	right := fyne.NewPos(max(0, size.Width-need.Width-theme.Padding()), 0)
	if size.Width >= l.from {
		text.Move(fyne.NewPos(0, 0))
		text.Resize(fyne.NewSize(right.X, size.Height))
		buttons.Move(right)
		buttons.Resize(fyne.NewSize(need.Width, size.Height))
		return
	}
	first := text.MinSize().Height
	text.Move(fyne.NewPos(0, 0))
	text.Resize(fyne.NewSize(size.Width, first))
	buttons.Move(fyne.NewPos(right.X, first))
	buttons.Resize(fyne.NewSize(min(need.Width, size.Width), need.Height))
}

// MinSize is one line or two, by the last width.
func (l *panelWrap) MinSize(o []fyne.CanvasObject) fyne.Size {
	text, buttons := o[0].MinSize(), o[1].MinSize()
	if l.width >= l.from || l.width == 0 {
		return fyne.NewSize(text.Width+60, max(text.Height, buttons.Height))
	}
	return fyne.NewSize(buttons.Width, text.Height+buttons.Height)
}

// panelNotices say which sites hold up the queue.
type panelNotices struct {
	Content *fyne.Container

	login, tryNow func(site string)
	shown         []state.PanelNotice
	labels        []*widget.Label
}

// panelNoticesMost is how many sites are named; the others wait for their turn.
const panelNoticesMost = 2

func newPanelNotices(login, tryNow func(site string)) *panelNotices {
	n := &panelNotices{login: login, tryNow: tryNow, Content: container.New(layout.NewCustomPaddedVBoxLayout(0))}
	n.Content.Hide()
	return n
}

// Set shows notices and reports whether the area has changed its height.
func (n *panelNotices) Set(list []state.PanelNotice) (changed bool) {
	list = list[:min(len(list), panelNoticesMost)]
	same := len(list) == len(n.shown)
	for i := range list {
		same = same && list[i].Site == n.shown[i].Site && list[i].Stopped == n.shown[i].Stopped
	}
	n.shown = list
	if same {
		for i, l := range n.labels {
			if l.Text != list[i].Text {
				l.SetText(list[i].Text)
			}
		}
		return false
	}
	n.Content.RemoveAll()
	n.labels = nil
	for _, notice := range list {
		n.Content.Add(n.bar(notice))
	}
	n.Content.Hidden = len(list) == 0
	return true
}

func (n *panelNotices) bar(notice state.PanelNotice) fyne.CanvasObject {
	label := widget.NewLabel(notice.Text)
	label.Truncation = fyne.TextTruncateEllipsis
	n.labels = append(n.labels, label)
	ink, icon := theme.ColorNameWarning, theme.NewWarningThemedResource(theme.WarningIcon())
	b := newPushButton("Try now", func() { n.tryNow(notice.Site) })
	if notice.Stopped {
		b = newPushButton("Log in", func() { n.login(notice.Site) })
		icon = theme.NewWarningThemedResource(theme.LoginIcon())
	}
	if notice.Foreign {
		b.Hide()
	}
	mark := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding()*2, 0), container.NewCenter(widget.NewIcon(icon)))
	right := container.New(layout.NewCustomPaddedLayout(0, 0, 0, theme.Padding()), b)
	return container.NewStack(newTinted(ink), container.NewBorder(nil, nil, mark, right, label))
}

// panelTabButton chooses what is listed.
type panelTabButton struct {
	widget.BaseWidget

	tapped         func()
	chosen, alarm  bool
	hovered, keyed bool
	back           *canvas.Rectangle
	label          *canvas.Text
}

var (
	_ fyne.Tappable     = (*panelTabButton)(nil)
	_ fyne.Focusable    = (*panelTabButton)(nil)
	_ desktop.Hoverable = (*panelTabButton)(nil)
)

func newPanelTabButton(tapped func()) *panelTabButton {
	b := &panelTabButton{tapped: tapped, back: canvas.NewRectangle(color.Transparent), label: canvas.NewText("", color.Transparent)}
	b.label.Alignment = fyne.TextAlignCenter
	b.ExtendBaseWidget(b)
	return b
}

// Set shows a label, whether it is chosen, and whether it is about trouble. It
// reports whether anything has changed.
func (b *panelTabButton) Set(label string, chosen, alarm bool) bool {
	if b.label.Text == label && b.chosen == chosen && b.alarm == alarm {
		return false
	}
	b.label.Text, b.chosen, b.alarm = label, chosen, alarm
	b.Refresh()
	return true
}

// CreateRenderer implements fyne.Widget.
func (b *panelTabButton) CreateRenderer() fyne.WidgetRenderer {
	r := &panelTabRenderer{b}
	r.paint()
	return r
}

type panelTabRenderer struct{ b *panelTabButton }

func (r *panelTabRenderer) paint() {
	b := r.b
	b.label.TextSize, b.label.Color = theme.TextSize(), theme.Color(theme.ColorNameForeground)
	b.label.TextStyle.Bold = b.chosen
	b.back.FillColor, b.back.CornerRadius = color.Transparent, theme.Size(theme.SizeNameButtonRadius)
	b.back.StrokeWidth, b.back.StrokeColor = 0, color.Transparent
	switch {
	case b.chosen:
		b.back.FillColor = theme.Color(theme.ColorNameButton)
	case b.hovered:
		b.back.FillColor = theme.Color(theme.ColorNameHover)
	}
	if b.keyed {
		b.back.StrokeWidth, b.back.StrokeColor = 1, theme.Color(theme.ColorNamePrimary)
	}
	if !b.chosen {
		b.label.Color = theme.Color(theme.ColorNamePlaceHolder)
	}
	if b.alarm {
		b.label.Color = theme.Color(theme.ColorNameError)
	}
}

func (r *panelTabRenderer) Layout(size fyne.Size) {
	r.b.back.Resize(size)
	height := r.b.label.MinSize().Height
	r.b.label.Move(fyne.NewPos(0, (size.Height-height)/2))
	r.b.label.Resize(fyne.NewSize(size.Width, height))
}

func (r *panelTabRenderer) MinSize() fyne.Size {
	bold := fyne.MeasureText(r.b.label.Text, theme.TextSize(), fyne.TextStyle{Bold: true})
	return fyne.NewSize(bold.Width+5*theme.Padding(), bold.Height+2*theme.Padding())
}
func (r *panelTabRenderer) Destroy() {}
func (r *panelTabRenderer) Refresh() {
	r.paint()
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *panelTabRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.back, r.b.label}
}

// Tapped implements fyne.Tappable.
func (b *panelTabButton) Tapped(*fyne.PointEvent) { b.tapped() }

// TypedKey implements fyne.Focusable.
func (b *panelTabButton) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeySpace {
		b.tapped()
	}
}

// TypedRune implements fyne.Focusable.
func (b *panelTabButton) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (b *panelTabButton) FocusGained() { b.keyed = true; b.Refresh() }

// FocusLost implements fyne.Focusable.
func (b *panelTabButton) FocusLost() { b.keyed = false; b.Refresh() }

// MouseIn implements desktop.Hoverable.
func (b *panelTabButton) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (b *panelTabButton) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (b *panelTabButton) MouseOut() { b.hovered = false; b.Refresh() }
