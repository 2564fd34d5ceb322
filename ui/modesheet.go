package ui

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/listing"
	"portside/transfers/queue"
	"portside/ui/state"
)

const errMode = errSay("Type three octal digits, such as 644 or 755.")

// parseMode reads permission bits in octal: three digits, or four with the bits that the
// boxes do not have.
func parseMode(text string) (uint32, error) {
	text = strings.TrimSpace(text)
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil || n > 0o7777 || len(text) < 3 || len(text) > 4 {
		return 0, errMode
	}
	return uint32(n), nil
}

// modeBoxes are nine check boxes and a number, which say the same.
type modeBoxes struct {
	number *inputEntry
	boxes  [9]*modeBox // from the highest bit: owner, group, others
	grid   *fyne.Container
	follow bool // the boxes follow the number, and do not change it
}

func newModeBoxes() *modeBoxes {
	m := &modeBoxes{number: newInputEntry("")}
	m.grid = container.NewGridWithColumns(4)
	for i := range m.boxes {
		if i%3 == 0 {
			m.grid.Add(widget.NewLabel([...]string{"Owner", "Group", "Others"}[i/3]))
		}
		m.boxes[i] = newModeBox([...]string{"Read", "Write", "Execute"}[i%3], m.ticked)
		m.grid.Add(m.boxes[i])
	}
	m.number.OnChanged = func(string) { m.typed() }
	return m
}

// typed shows the number in the boxes; none is ticked where it is no number.
func (m *modeBoxes) typed() {
	mode, _ := parseMode(m.number.Text)
	m.follow = true
	defer func() { m.follow = false }()
	for i, b := range m.boxes {
		b.SetChecked(mode&(0o400>>i) != 0)
	}
}

// ticked writes the boxes as a number, and keeps what they do not say.
func (m *modeBoxes) ticked(bool) {
	if m.follow {
		return
	}
	mode, _ := parseMode(m.number.Text)
	mode &^= 0o777
	for i, b := range m.boxes {
		if b.Checked {
			mode |= 0o400 >> i
		}
	}
	m.number.SetText(fmt.Sprintf("%03o", mode))
}

// modeBox is a check box whose Return and Escape belong to the sheet.
type modeBox struct {
	widget.Check

	answer func(yes bool)
}

func newModeBox(text string, changed func(bool)) *modeBox {
	b := &modeBox{}
	b.Text, b.OnChanged = text, changed
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements fyne.Focusable.
func (b *modeBox) TypedKey(e *fyne.KeyEvent) {
	switch {
	case b.answer == nil:
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		b.answer(true)
		return
	case e.Name == fyne.KeyEscape:
		b.answer(false)
		return
	}
	b.Check.TypedKey(e)
}

// modeNow says which permissions rows have, and what the number begins with: those of
// files, since a folder's are not for what is in it.
func modeNow(rows []state.Row) (said, start string) {
	files := true
	for _, r := range rows {
		files = files && !r.IsDir()
		switch {
		case r.Mode&listing.ModeUnknown != 0:
			return "Now unknown", ""
		case r.Mode != rows[0].Mode:
			return "Now not all the same", ""
		}
	}
	start = fmt.Sprintf("%03o", rows[0].Mode&0o7777)
	if said = "Now " + start; !files {
		start = ""
	}
	return said, start
}

// askMode asks for the permissions of rows, and queues the change: a folder with
// all that is in it may take a while.
func (w *Window) askMode(rows []state.Row) {
	m := newModeBoxes()
	said, start := modeNow(rows)
	m.number.SetText(start)
	body := container.New(flowLayout{gap: theme.Padding()},
		newInk(said, theme.SizeNameText, theme.ColorNamePlaceHolder),
		container.NewBorder(nil, nil, widget.NewLabel("In octal digits"), nil, m.number),
		m.grid) // Tab goes from the number on to the boxes
	for _, r := range rows {
		if r.IsDir() {
			body.Add(paragraph("Files in a folder get them too; folders can be entered by those who may read them."))
			break
		}
	}
	var mode uint32
	s := &sheet{
		title: "Permissions of " + state.Describe(rows), width: 440, confirm: "Set", inputs: []*inputEntry{m.number}, focus: m.number,
		body: body,
		check: func() (err error) {
			mode, err = parseMode(m.number.Text)
			return err
		},
		done: func(ok bool) {
			if !ok || !w.ready() {
				return
			}
			var jobs []queue.Job
			for _, r := range rows {
				jobs = append(jobs, queue.Job{Kind: queue.Chmod, Remote: w.remote.Join(r), Dir: r.IsDir(), Mode: mode})
			}
			w.addJobs(jobs)
		},
	}
	for _, b := range m.boxes {
		b.answer = s.answer
	}
	w.sheets.Show(s)
	m.number.OnChanged = func(text string) {
		m.typed()
		if _, err := parseMode(text); err == nil && s.problem.Visible() {
			s.say("") // it is right now
		}
	}
	m.number.selectAll()
}
