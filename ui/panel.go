package ui

import (
	"context"
	"image/color"
	"slices"
	"time"

	"portside/transfers/queue"
	"portside/ui/state"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panelHooks are what the panel needs of the window. All are called on the Fyne
// goroutine but words, which makes what is used on others.
type panelHooks struct {
	run      func(func())            // does something off the Fyne goroutine, which the window waits for
	do       func(func())            // brings a function to it
	wake     func()                  // asks for a Pull
	words    func() state.PanelWords // how names are written, from now on
	sheets   *sheetBoard
	canvas   fyne.Canvas
	copy     func(text string)
	diagnose func(it queue.Item)
	reveal   func(it queue.Item) // shows where a file is
	login    func(site string)
	fail     func(error)
	arranged func() // opened or closed by hand
	active   func() // there is something to do, first seen since there was nothing
}

// transferPanel is the foot of the window: a line that sums the transfers up, and
// below it, unless it is closed, the list of them with the graph and the limits.
type transferPanel struct {
	Head *fyne.Container // the line, questions and notices; always seen
	Body *fyne.Container // the rest

	hooks panelHooks
	ctx   context.Context
	queue panelQueue // nil: not open yet
	hand  *panelHand

	list     *state.PanelList
	ask      panelAsk
	snap     panelSnap
	sum      state.PanelSum
	pairs    bool // a copy between two servers is listed
	pairsOf  int  // the turn of the list that says so
	looking  bool // a look at the queue is under way
	again    bool // and another one is wanted
	still    time.Time
	headline *canvas.Text
	bar      *thinBar
	fold     *pushButton
	pause    *pushButton
	more     *pushButton
	question *panelQuestion
	notices  *panelNotices
	tabs     []*panelTabButton
	tabRow   *fyne.Container
	search   *inputEntry
	table    *panelTable
	meter    *panelMeter
}

func newTransferPanel(ctx context.Context, hooks panelHooks) *transferPanel {
	p := &transferPanel{
		ctx: ctx, hooks: hooks, list: state.NewPanelList(), bar: newThinBar(), headline: canvas.NewText("No transfers", color.Transparent),
	}
	// What was asked for is done also when the window is about to close, and the
	// queue ends by Close: an item that was stopped is to go on the next time.
	p.hand = newPanelHand(context.WithoutCancel(ctx), func(err error) { hooks.do(func() { hooks.fail(err) }) })
	p.headline.TextStyle.Bold = true
	p.fold = newIconButton(theme.MenuDropUpIcon(), p.toggle)
	p.pause = newQuietButton("Pause", p.pauseOrGoOn)
	p.more = newIconButton(theme.MoreHorizontalIcon(), p.showMore)
	p.question = newPanelQuestion(p.answer)
	p.notices = newPanelNotices(hooks.login, p.tryNow)
	p.table = newPanelTable(p.list)
	p.wireTable()
	p.meter = newPanelMeter(p)
	p.bar.Hide()
	pad := theme.Padding()
	line := container.NewBorder(nil, nil,
		container.NewHBox(p.fold, container.NewCenter(p.headline)), container.NewHBox(p.pause, p.more),
		container.New(layout.NewCustomPaddedLayout(0, 0, 3*pad, 3*pad), p.bar))
	p.Head = container.New(layout.NewCustomPaddedVBoxLayout(0), widget.NewSeparator(), line, p.question.Content, p.notices.Content)
	p.Body = p.arrange()
	p.showHead()
	return p
}

// arrange builds what is below the line.
func (p *transferPanel) arrange() *fyne.Container {
	row := container.NewHBox()
	for i := range state.PanelTabs {
		tab := state.PanelTab(i)
		b := newPanelTabButton(func() { p.show(tab) })
		p.tabs = append(p.tabs, b)
		row.Add(b)
	}
	p.tabRow = row
	p.showTabs()
	p.search = newInputEntry("Search in paths")
	p.search.OnChanged = func(text string) { p.find(text) }
	p.search.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyEscape:
			p.search.SetText("")
			p.table.Focus()
		case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
			p.table.Focus()
		default:
			return false
		}
		return true
	}
	pad := theme.Padding()
	head := container.New(layout.NewCustomPaddedLayout(0, pad, pad, pad),
		container.NewBorder(nil, nil, row, container.New(panelWidth(170), p.search)))
	return container.NewBorder(nil, nil, nil, container.New(panelWidth(panelMeterWidth), p.meter.Content),
		container.NewBorder(head, nil, nil, nil, p.table))
}

// panelWidth gives its object a fixed width.
type panelWidth float32

// Layout fills the room.
func (w panelWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is the fixed width.
func (w panelWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(float32(w), 0)
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Use shows the transfers of q.
func (p *transferPanel) Use(q panelQueue) {
	p.queue = q
	p.hooks.wake()
}

// Open reports whether more than the line is shown.
func (p *transferPanel) Open() bool { return p.ask.open }

// SetOpen shows more than the line, or no longer; the window lays it out.
func (p *transferPanel) SetOpen(open bool) {
	p.ask.open = open
	p.fold.SetIcon(theme.MenuDropUpIcon())
	if open {
		p.fold.SetIcon(theme.MenuDropDownIcon())
	}
	p.hooks.wake()
}

func (p *transferPanel) toggle() {
	p.SetOpen(!p.ask.open)
	p.hooks.arranged()
}

// show turns to a tab.
func (p *transferPanel) show(tab state.PanelTab) {
	if p.ask.tab != tab {
		p.ask.tab = tab
		p.anew()
	}
}

// find shows only paths that hold text.
func (p *transferPanel) find(text string) {
	if p.ask.text != text {
		p.ask.text = text
		p.anew()
	}
}

// anew lists other rows.
func (p *transferPanel) anew() {
	p.ask.turn++
	p.list.Forget()
	p.table.ToTop()
	p.showTabs()
	p.table.Update(p.several(), false, "")
	p.hooks.wake()
}

// Pull looks at the queue, off the Fyne goroutine, and reports whether it wants
// to look again soon.
func (p *transferPanel) Pull() (busy bool) {
	if p.queue == nil {
		return false
	}
	if p.looking {
		p.again = true
		return true
	}
	p.looking, p.again = true, false
	first, last := p.table.View()
	const around = state.PanelPage / 2
	ask := p.ask
	ask.quiet = !p.hand.Busy()
	ask.want = p.list.Want(first-around, last+around)
	q, words := p.queue, p.hooks.words()
	p.hooks.run(func() {
		snap := lookPanel(p.ctx, q, ask, words)
		p.hooks.do(func() {
			p.looking = false
			p.Show(snap, words.Now)
			if p.again || p.lacks() {
				p.hooks.wake()
			}
		})
	})
	return p.busy(words.Now)
}

func (p *transferPanel) lacks() bool {
	first, last := p.table.View()
	return p.ask.open && p.list.Lacks(first, last)
}

// panelAfter is how long the panel goes on looking after the last byte, so that
// the graph comes to rest.
const panelAfter = 5 * time.Second

func (p *transferPanel) busy(now time.Time) bool {
	moves := p.sum.Moves || p.hand.Busy() || len(p.snap.notices) > 0 && p.retries()
	if moves {
		p.still = now
	}
	return moves || now.Sub(p.still) < panelAfter && p.snap.counts.Down+p.snap.counts.Up >= 1
}

// retries reports whether a site is connected to again by itself, of which the
// notice counts the seconds.
func (p *transferPanel) retries() bool {
	for _, n := range p.snap.notices {
		if !n.Stopped {
			return true
		}
	}
	return false
}

// Show shows what a look at the queue has found.
func (p *transferPanel) Show(s panelSnap, now time.Time) {
	if !s.ask.quiet || s.ask.deeds != p.ask.deeds { // it may be older than what was chosen since
		s.limits, s.schedule, s.whenDone = p.snap.limits, p.snap.schedule, p.snap.whenDone
	}
	p.snap = s
	p.summarise()
	resized := p.question.Set(s.asking, s.question)
	resized = p.notices.Set(s.notices) || resized
	if resized {
		p.Head.Refresh()
	}
	if s.err != nil && p.ctx.Err() == nil {
		p.hooks.fail(s.err)
	}
	if !p.ask.open || !s.ask.open {
		return
	}
	p.showTabs()
	p.meter.Set(s)
	if s.ask.turn != p.ask.turn {
		return // other rows are wanted by now
	}
	p.list.Set(s.top, s.ask.want, s.rows, s.total)
	p.notePairs(s)
	p.table.Update(p.pairs || p.several(), p.pairs, p.ask.tab.Blank(p.ask.text))
}

// Note takes over counts that are newer than the last look.
func (p *transferPanel) Note(c queue.Counts) {
	p.snap.counts = c
	p.summarise()
}

func (p *transferPanel) summarise() {
	before := p.sum.Active
	p.sum = state.PanelHeadline(p.snap.counts, p.snap.paused, p.snap.format)
	p.showHead()
	if before == 0 && p.sum.Active > 0 {
		p.hooks.active()
	}
}

// Works reports whether something runs, or will without anybody's help.
func (p *transferPanel) Works() bool {
	return p.sum.Moves || state.PanelStarts(p.snap.counts, p.snap.paused, p.snap.sites)
}

// notePairs notes whether a copy is listed. One that was scrolled out of sight counts as
// long as the list is the same.
func (p *transferPanel) notePairs(s panelSnap) {
	isCopy := func(r state.PanelRow) bool { return r.Sign == state.PanelCopy }
	listed := slices.ContainsFunc(s.top, isCopy) || slices.ContainsFunc(s.rows, isCopy)
	p.pairs = listed || p.pairs && p.pairsOf == s.ask.turn && s.total > len(s.rows)
	p.pairsOf = s.ask.turn
}

// several reports whether rows say of which site they are.
func (p *transferPanel) several() bool {
	n := 0
	for _, s := range p.snap.sites {
		if s.Unfinished > 0 || s.Connections > 0 {
			n++
		}
	}
	return n > 1
}

func (p *transferPanel) showHead() {
	h := p.headline
	ink := theme.Color(theme.ColorNameForeground)
	if p.sum.Active == 0 {
		ink = theme.Color(theme.ColorNamePlaceHolder)
	}
	if p.sum.Text == "" {
		p.sum.Text = "No transfers"
	}
	changed := false
	if h.Text != p.sum.Text || h.Color != ink || h.TextSize != theme.TextSize() {
		h.Text, h.Color, h.TextSize = p.sum.Text, ink, theme.TextSize()
		changed = true
	}
	if hide := p.sum.Fraction < 0; p.bar.Hidden != hide {
		p.bar.Hidden = hide
		changed = true
	}
	p.bar.Set(p.sum.Fraction)
	label := "Pause"
	if p.snap.paused {
		label = "Go on"
	}
	if p.pause.Text != label {
		p.pause.SetText(label)
	}
	if hide := p.sum.Active == 0 && !p.snap.paused; p.pause.Hidden != hide {
		p.pause.Hidden = hide
		changed = true
	}
	if changed {
		p.Head.Refresh()
	}
}

func (p *transferPanel) showTabs() {
	changed := false
	for i, b := range p.tabs {
		tab := state.PanelTab(i)
		changed = b.Set(tab.Label(p.snap.counts), tab == p.ask.tab, tab == state.PanelFailed && tab.Number(p.snap.counts) > 0) || changed
	}
	if changed {
		p.tabRow.Refresh()
	}
}

// Close ends what the panel does to the queue.
func (p *transferPanel) Close() { p.hand.Close() }
