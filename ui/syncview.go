package ui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/transfers"
	"portside/ui/state"
)

// syncHands are what the view of a synchronisation asks of the window.
type syncHands struct {
	close, cancel, compare, apply, diagnose, stale func()

	now func() time.Time
}

// A syncStage says what the view is about.
type syncStage uint8

const (
	syncIdle      syncStage = iota // nothing was compared yet
	syncComparing                  //
	syncPreview                    // what would be done
	syncApplying                   //
	syncFinished                   //
	syncTrouble                    // the comparison has failed
)

// syncEdge is how far the texts of the view are from its edge.
const syncEdge = 8

// syncView shows two folders, what would make one like the other, and then how
// that goes. It takes the place of the panes.
type syncView struct {
	Content *fyne.Container

	hands   syncHands
	stage   syncStage
	options *syncOptions
	table   *syncTable
	model   *state.Sync
	format  state.Format // of sizes
	follow  bool         // the row that is under way is kept in view
	unread  unread       // the preview

	head     *fyne.Container
	title    *widget.Label
	cancel   *pushButton
	apply    *pushButton
	compare  *pushButton
	diagnose *pushButton
	summary  *widget.RichText
	bar      *thinBar
	status   *fyne.Container
	chips    *fyne.Container
	message  *widget.RichText
	hint     *widget.RichText
	empty    *fyne.Container
	detail   *syncDetail
	body     *fyne.Container
	lower    *fyne.Container
}

func newSyncView(hands syncHands) *syncView {
	v := &syncView{hands: hands, title: widget.NewLabel("Synchronise"), bar: newThinBar(), summary: newSyncLine(), detail: newSyncDetail()}
	v.unread.now = hands.now
	v.title.TextStyle.Bold = true
	v.title.Truncation = fyne.TextTruncateEllipsis
	quiet := func(label string, icon fyne.Resource, do func()) *pushButton {
		b := newQuietButton(label, do)
		b.Icon, b.onEscape = icon, v.escape
		return b
	}
	strong := func(label string, do func()) *pushButton {
		b := newPushButton(label, do)
		b.Importance, b.onEscape = widget.HighImportance, v.escape
		return b
	}
	back := quiet("Back", theme.NavigateBackIcon(), v.escape)
	v.cancel = quiet("Cancel", theme.CancelIcon(), func() { v.hands.cancel() })
	v.diagnose = quiet("Diagnose", nil, func() { v.hands.diagnose() })
	v.compare = strong("Compare", func() { v.hands.compare() })
	v.apply = strong("Synchronise", v.carryOut)
	v.head = container.New(layout.NewCustomPaddedLayout(2, 2, 0, syncEdge),
		container.NewBorder(nil, nil, back, container.NewHBox(v.diagnose, v.cancel, v.compare), v.title))

	v.options = newSyncOptions(v.escape, func() { v.hands.compare() }, func() { v.hands.stale() })
	v.options.onResize = v.relayout
	v.table = newSyncTable()
	v.table.OnEscape, v.table.OnToggle = v.escape, v.ticked
	v.table.OnCursor, v.table.OnScroll = v.showDetail, func() { v.follow = false }
	v.message = newInk("", theme.SizeNameHeadingText, theme.ColorNameForeground)
	v.hint = newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder)
	pad := theme.Padding()
	v.empty = container.New(layout.NewCustomPaddedLayout(4*pad, 0, syncEdge-theme.InnerPadding(), syncEdge), container.New(flowLayout{gap: 4}, v.message, v.hint))
	v.chips = container.NewHBox()
	v.status = container.New(layout.NewCustomPaddedLayout(0, pad, syncEdge, syncEdge), container.New(flowLayout{gap: 2},
		container.New(trailingLayout{gap: 2 * pad}, tightLine(v.summary), v.apply), v.bar, v.chips))
	v.lower = container.NewBorder(nil, v.detail, nil, nil, v.table)
	v.body = container.NewStack(v.empty, v.lower)
	top := container.NewStack(newSurface(theme.ColorNameBackground), container.New(flowLayout{}, v.head, widget.NewSeparator(), v.options.Content, v.status))
	v.Content = container.NewStack(newSurface(theme.ColorNameInputBackground), container.NewBorder(top, nil, nil, nil, v.body))
	v.Content.Hide()
	v.Idle()
	return v
}

// SetFormat changes how sizes are written.
func (v *syncView) SetFormat(f state.Format) {
	if v == nil {
		return // it gets its format when it is made
	}
	v.format = f
	if v.model != nil {
		v.model.SetFormat(f)
		v.table.Reload(v.Busy())
	}
}

// Visible reports whether the view is in the place of the panes.
func (v *syncView) Visible() bool { return v != nil && v.Content.Visible() }

// At reports whether the view is about that stage.
func (v *syncView) At(stage syncStage) bool { return v != nil && v.stage == stage }

// Busy reports whether something runs.
func (v *syncView) Busy() bool { return v.At(syncComparing) || v.At(syncApplying) }

// escape gives up a comparison, and else closes the view.
func (v *syncView) escape() {
	if v.stage == syncComparing {
		v.hands.cancel()
		return
	}
	v.hands.close()
}

// TypedKey takes the keys that nothing in the view has taken.
func (v *syncView) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		v.escape()
		return
	}
	v.table.TypedKey(e)
}

// Focus is what has the keyboard in this stage.
func (v *syncView) Focus() fyne.Focusable {
	switch v.stage {
	case syncIdle, syncTrouble:
		return v.compare
	case syncComparing:
		return v.cancel
	case syncPreview, syncApplying, syncFinished:
	}
	if v.lower.Visible() {
		return v.table
	}
	return v.compare
}

// show is what every stage begins with.
func (v *syncView) show(stage syncStage, summary string) {
	v.stage = stage
	v.showCompare()
	v.cancel.Hidden = !v.Busy()
	v.apply.Hidden = stage != syncPreview
	v.diagnose.Hidden = true
	v.options.Enable(!v.Busy())
	style(v.summary).ColorName = theme.ColorNameForeground
	v.setSummary(summary)
	v.bar.Hidden = !v.Busy()
	v.status.Hidden = summary == ""
	v.relayout()
}

// setSummary says how things stand, in as many lines as it takes.
func (v *syncView) setSummary(text string) { setInk(v.summary, text) }

// say shows a message in the place of the table.
func (v *syncView) say(message, hint string) {
	setInk(v.message, message)
	setInk(v.hint, hint)
	v.hint.Hidden = hint == ""
	v.empty.Show()
	v.lower.Hide()
	v.chips.Hide()
}

func (v *syncView) relayout() {
	v.head.Refresh()
	v.Content.Refresh()
}

// Idle waits for the comparison to be asked for.
func (v *syncView) Idle() {
	v.model = nil
	v.table.Set(nil, true)
	v.say("What would change?", "The two folders are compared with all that is in them. Nothing is changed before you have seen the list.")
	v.show(syncIdle, "")
}

// Comparing shows a comparison that begins now.
func (v *syncView) Comparing() {
	v.Idle()
	v.say("Comparing the folders", "Nothing is changed yet.")
	v.bar.Set(0)
	v.show(syncComparing, "Connecting")
}

// Fail says why there is no preview.
func (v *syncView) Fail(err error) {
	advice := transfers.Explain(err)
	v.say(sentence(advice.Sentence), joinSentences(advice.Next))
	v.show(syncTrouble, "")
	v.diagnose.Hidden = !state.ConnectionTrouble(err)
	v.head.Refresh()
}

// Preview shows what would be done.
func (v *syncView) Preview(s *state.Sync) {
	v.model, v.stage = s, syncPreview
	v.unread.Shown()
	s.SetFormat(v.format)
	v.table.Set(s, false)
	v.list(s)
	if v.empty.Visible() {
		v.show(syncPreview, "")
		v.apply.Hide()
		return
	}
	v.show(syncPreview, s.Summary())
	v.ticked()
}

// list shows the table, or that there is nothing in it.
func (v *syncView) list(s *state.Sync) {
	nothing := s.Nothing()
	if nothing != "" && s.Len() == 0 {
		hint := ""
		if n := s.Totals(false).Same; n > 0 {
			hint = state.Counted(n, "file was compared.", "files were compared.")
		}
		v.say(nothing, hint)
		return
	}
	v.empty.Hide()
	v.lower.Show()
	v.showFilters()
}

// showFilters offers the filters that let something through.
func (v *syncView) showFilters() {
	v.chips.Show()
	choices := v.model.Filters()
	v.chips.RemoveAll()
	for _, c := range choices {
		b := newQuietButton(fmt.Sprintf("%s %s", c.Label, state.Count(int64(c.Count))), func() {
			v.model.Show(c.Filter)
			v.table.Set(v.model, v.stage != syncPreview)
			v.showFilters()
		})
		b.onEscape = v.escape
		if c.Filter == v.model.Filter() {
			b.Importance = widget.MediumImportance
		}
		v.chips.Add(b)
	}
}

// Applying shows a run that begins now.
func (v *syncView) Applying() {
	v.stage = syncApplying
	v.model.Show(state.SyncShowAll)
	v.table.Set(v.model, true)
	v.follow = true
	v.showFilters()
	v.bar.Set(0)
	v.show(syncApplying, "Connecting")
}

// Progress shows how far a run or a comparison is.
func (v *syncView) Progress(p transfers.Progress, over []state.SyncEvent, running map[string]float64, took time.Duration) {
	switch v.stage {
	case syncComparing:
		if p.Folders > 0 {
			v.setSummary(state.SyncLooked(p))
		}
		return
	case syncApplying:
	default:
		return
	}
	for path, part := range running {
		v.model.Running(path, part)
	}
	failed := v.model.Failed()
	for _, e := range over {
		v.model.Over(e)
	}
	if v.model.Failed() != failed {
		v.showFilters()
	}
	if text, fraction := state.SyncProgress(p, took, v.format); text != "" {
		if n := v.model.Failed(); n > 0 {
			text += ", " + state.Count(int64(n)) + " failed"
		}
		v.setSummary(text)
		v.bar.Set(fraction)
	}
	if at := v.model.FirstRunning(); v.follow && at >= 0 {
		v.table.ScrollTo(at)
	}
	v.table.Update()
}

// Finish shows what a run has done; err is what ended it early or is incomplete.
func (v *syncView) Finish(sum transfers.Summary, before int, err error, cancelled bool, took time.Duration) {
	v.model.Finish(sum, before)
	text := "Done: "
	switch {
	case cancelled:
		text = "Cancelled: "
	case err != nil:
		text = "Not all was done: "
	}
	v.table.Reload(true)
	v.list(v.model)
	text += v.model.Finished(sum, took)
	v.show(syncFinished, text)
	if err == nil || cancelled {
		return
	}
	if v.model.Failed() == 0 { // no row says why
		advice := transfers.Explain(err)
		text = joinSentences(text, advice.Sentence, advice.Next)
	}
	style(v.summary).ColorName = theme.ColorNameError
	v.setSummary(text)
	v.summary.Refresh()
	v.diagnose.Hidden = !state.ConnectionTrouble(err)
	v.relayout()
}

// showDetail says in full what a row says in short.
func (v *syncView) showDetail(row int) {
	if v.model == nil || row < 0 || row >= v.model.Len() {
		v.detail.Set("", "")
		return
	}
	r := v.model.Row(row)
	switch {
	case r.Head && v.stage != syncPreview:
		v.detail.Set(r.Word, "")
		return
	case r.Head:
		v.detail.Set(r.Word, "The box takes all of them, or none. Space ticks too.")
		return
	}
	what := joinSentences(r.Why, r.Next)
	switch {
	case what == "":
		what = sentence(r.Word)
	case strings.HasSuffix(r.Why, "."): // it may begin with a name
		what = strings.TrimSuffix(r.Why+" "+joinSentences(r.Next), " ")
	}
	v.detail.Set(r.Path, what)
}
