package ui

import (
	"fmt"
	"image/color"
	"path"
	"path/filepath"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/transfers"
	"portside/ui/state"
)

// A transferQueue is what the strip asks of the queue; *transfers.Queue is one.
type transferQueue interface {
	Snapshot() []transfers.Item
	Cancel(id int64) bool
	CancelAll()
	Retry(id int64) bool
	Answer(id int64, d transfers.Decision) bool
	Clear()
}

// stripMost is how many transfers are in sight; the others are scrolled to.
const stripMost = 5

// transferStrip shows the transfers at the foot of the window: a headline with
// the sum, the question about a file that exists, and a line for each. It is
// gone while there is nothing to show.
type transferStrip struct {
	Content *fyne.Container

	OnResize func() // the strip takes another height
	OnActive func() // something was answered, cancelled or retried: look again

	OnDiagnose func(id int64) // of a transfer that failed for its connection

	queue    transferQueue // nil: none yet
	text     func(string) string
	rows     []stripRow
	headline *canvas.Text
	bar      *thinBar
	all      *pushButton
	clear    *pushButton
	list     *widget.List
	room     *fixedHeight
	question *conflictBar
}

func newTransferStrip() *transferStrip {
	s := &transferStrip{bar: newThinBar(), headline: canvas.NewText("", color.Transparent), text: func(raw string) string { return raw }}
	s.headline.TextStyle.Bold = true
	s.list = widget.NewList(func() int { return len(s.rows) },
		func() fyne.CanvasObject { return newStripLine(s.cancel, s.retry, s.diagnose) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			if line, ok := o.(*stripLine); ok && i < len(s.rows) {
				line.Set(s.rows[i])
			}
		})
	s.list.HideSeparators = true
	s.list.OnSelected = func(widget.ListItemID) { s.list.UnselectAll() }
	s.all = newQuietButton("Cancel all", func() {
		if s.queue != nil {
			s.queue.CancelAll()
			s.active()
		}
	})
	s.clear = newQuietButton("Clear", func() {
		if s.queue != nil {
			s.queue.Clear()
			s.active()
		}
	})
	s.question = newConflictBar(func(id int64, d transfers.Decision) {
		if s.queue != nil {
			s.queue.Answer(id, d)
			s.active()
		}
	})
	s.room = &fixedHeight{}
	head := container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding()*2, theme.Padding()*2), container.NewCenter(s.headline)),
		container.NewHBox(s.all, s.clear), s.bar)
	s.Content = container.NewVBox(widget.NewSeparator(), head, s.question.Content, container.New(s.room, s.list))
	s.Content.Hide()
	return s
}

// Use shows the transfers of q, whose raw remote names text decodes.
func (s *transferStrip) Use(q transferQueue, text func(string) string) {
	s.queue, s.text = q, text
}

// Pull shows the present state and reports whether anything is still going on.
func (s *transferStrip) Pull() (busy bool) {
	if s.queue == nil {
		return false
	}
	items := s.queue.Snapshot()
	inOrder(items)
	total := totalOf(items)
	s.rows = s.rows[:0]
	for _, it := range items {
		s.rows = append(s.rows, rowOf(it, s.text))
	}
	s.headline.Text, s.headline.TextSize = total.text, theme.TextSize()
	s.headline.Color = theme.Color(theme.ColorNameForeground)
	s.bar.Hidden = total.fraction < 0
	s.bar.Set(total.fraction)
	s.all.Hidden = total.active == 0
	s.clear.Hidden = total.active == len(items)
	asked := s.question.Set(total.asking, total.askers, s.text)
	height := float32(min(len(items), stripMost)) * (stripLineHeight + theme.Padding())
	if asked || s.room.height != height || s.Content.Hidden != (len(items) == 0) {
		s.room.height = height
		s.Content.Hidden = len(items) == 0
		s.Content.Refresh()
		if s.OnResize != nil {
			s.OnResize()
		}
	} else {
		s.headline.Refresh()
		canvas.Refresh(s.Content)
	}
	s.list.Refresh()
	return total.active > total.askers
}

func (s *transferStrip) cancel(id int64) {
	if s.queue != nil {
		s.queue.Cancel(id)
		s.active()
	}
}

func (s *transferStrip) retry(id int64) {
	if s.queue != nil {
		s.queue.Retry(id)
		s.active()
	}
}

func (s *transferStrip) diagnose(id int64) {
	if s.OnDiagnose != nil {
		s.OnDiagnose(id)
	}
}

func (s *transferStrip) active() {
	if s.OnActive != nil {
		s.OnActive()
	}
}

// fixedHeight gives its one object all the width and a height of its own.
type fixedHeight struct{ height float32 }

// Layout fills the room.
func (f *fixedHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is the fixed height.
func (f *fixedHeight) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, f.height) }

// conflictBar asks what to do about a target that exists. Other transfers go on
// meanwhile, and further questions wait behind this one.
type conflictBar struct {
	Content *fyne.Container

	answer  func(id int64, d transfers.Decision)
	id      int64
	asked   bool
	text    *widget.Label
	forAll  *widget.Check
	resume  *pushButton
	buttons *fyne.Container
}

func newConflictBar(answer func(id int64, d transfers.Decision)) *conflictBar {
	b := &conflictBar{answer: answer, text: widget.NewLabel(""), forAll: widget.NewCheck("For all", nil)}
	b.text.Truncation = fyne.TextTruncateEllipsis
	button := func(label string, what transfers.Exists) *pushButton {
		return newPushButton(label, func() {
			if b.asked {
				b.answer(b.id, transfers.Decision{Action: what, ForAll: b.forAll.Checked})
			}
		})
	}
	b.resume = button("Resume", transfers.Resume)
	b.buttons = container.NewHBox(b.forAll, button("Overwrite", transfers.Overwrite), b.resume,
		button("Keep both", transfers.RenameNew), button("Skip", transfers.Skip))
	icon := widget.NewIcon(theme.NewWarningThemedResource(theme.QuestionIcon()))
	row := container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding()*2, 0), container.NewCenter(icon)),
		b.buttons, b.text)
	b.Content = container.NewStack(newTinted(theme.ColorNameWarning), row)
	b.Content.Hide()
	return b
}

// Set asks about it, or nothing where it is nil; waiting is how many questions
// there are. It reports whether the bar came or went.
func (b *conflictBar) Set(it *transfers.Item, waiting int, text func(string) string) (changed bool) {
	b.asked = it != nil && it.Conflict != nil
	if b.asked {
		if b.id != it.ID {
			b.id = it.ID
			b.forAll.SetChecked(false)
		}
		b.text.SetText(conflictText(*it.Conflict, waiting, text))
		resumable := it.Conflict.TargetSize > 0 && it.Conflict.TargetSize < it.Conflict.SourceSize
		if b.resume.Hidden == resumable {
			b.resume.Hidden = !resumable
			b.buttons.Refresh()
		}
	}
	changed = b.Content.Hidden == b.asked
	b.Content.Hidden = !b.asked
	return changed
}

// conflictText says what is there and what would come.
func conflictText(c transfers.Conflict, waiting int, text func(string) string) string {
	name, dir, where := filepath.Base(c.Local), filepath.Dir(c.Local), "on this computer"
	if c.Direction == transfers.Uploading {
		remote := text(c.Remote)
		name, dir, where = path.Base(remote), path.Dir(remote), "on the server"
	}
	s := fmt.Sprintf("“%s” exists %s, in %s", shortName(name), where, shortName(dir))
	if c.TargetSize >= 0 && c.SourceSize >= 0 {
		s += fmt.Sprintf(": %s there, %s new", sizeAndTime(c.TargetSize, state.Time(c.TargetTime.Local())), sizeAndTime(c.SourceSize, state.Time(c.SourceTime.Local())))
	}
	if waiting > 1 {
		s += " (" + state.Counted(waiting-1, "more question", "more questions") + ")"
	}
	return s
}

// shortName leaves room for what is said besides a name.
func shortName(name string) string {
	const most = 32
	return state.CutMiddle(client.Printable(name), most, func(s string) float32 { return float32(utf8.RuneCountInString(s)) })
}

func sizeAndTime(size int64, at string) string {
	if at == "" {
		return state.Size(size)
	}
	return state.Size(size) + " of " + at
}
