package ui

import (
	"context"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/ui/state"
)

// A DragBoard lets rows be dragged from one of its panes to another, or to a
// folder in the same one's list. Its Layer is drawn above everything else.
type DragBoard struct {
	panes []*Pane
	layer *fyne.Container
	ghost *paneGhost

	from *Pane // where the rows come from; nil: nothing is dragged
	rows []state.Row
	over *Pane // whose target is marked
	at   fyne.Position
	stop func() // stops the clock that goes on scrolling at the edge of a list
}

// paneEdgePause is the time between two rows when a list scrolls under a drag.
const paneEdgePause = 60 * time.Millisecond

// NewDragBoard ties panes together.
func NewDragBoard(panes ...*Pane) *DragBoard {
	b := &DragBoard{panes: panes, ghost: newPaneGhost()}
	b.layer = container.NewWithoutLayout(b.ghost)
	for _, p := range panes {
		p.drag = b
		p.table.OnDragStart = func(rows []state.Row) bool { return b.start(p, rows) }
		p.table.OnDrag = b.move
		p.table.OnDrop = b.drop
		p.table.OnDragStop = b.end
	}
	return b
}

// Layer returns what has to lie on top of the window's content.
func (b *DragBoard) Layer() fyne.CanvasObject { return b.layer }

func (b *DragBoard) start(p *Pane, rows []state.Row) bool {
	if p.src == nil || p.path == "" || p.opt.OnDrop == nil {
		return false
	}
	b.from, b.rows = p, rows
	return true
}

// move follows the mouse.
func (b *DragBoard) move(abs fyne.Position) {
	if b.from == nil {
		return
	}
	b.at = abs
	if b.stop == nil {
		b.scrollOn()
	}
	over, place, ok := b.target(abs)
	if b.over != nil && b.over != over {
		b.over.table.UnmarkDrop()
	}
	b.over = over
	verb := ""
	if ok {
		over.table.MarkDrop(place)
		verb = b.from.opt.Transfer
		if over == b.from {
			verb = "Move"
		}
	} else if over != nil {
		over.table.UnmarkDrop()
	}
	b.ghost.say(verb, state.Describe(b.rows))
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.layer)
	at := abs.Subtract(origin).AddXY(14, 14)
	size, room := b.ghost.MinSize(), b.layer.Size()
	at.X = max(2, min(at.X, room.Width-size.Width-2))
	at.Y = max(2, min(at.Y, room.Height-size.Height-2))
	b.ghost.Resize(size)
	b.ghost.Move(at)
	b.ghost.Show()
}

// scrollOn scrolls the list under the mouse while it is held near an edge.
func (b *DragBoard) scrollOn() {
	b.stop = nil
	for _, p := range b.panes {
		if b.from != nil && p.path != "" && p.table.Visible() && p.Contains(b.at) && p.table.EdgeScroll(b.at) {
			b.stop = p.opt.After(paneEdgePause, func() {
				b.scrollOn()
				b.move(b.at)
			})
			return
		}
	}
}

// target returns the pane at abs, the row that a drop would go into or -1, and
// whether a drop would do anything there.
func (b *DragBoard) target(abs fyne.Position) (over *Pane, place int, ok bool) {
	for _, p := range b.panes {
		if p.Contains(abs) {
			over = p
		}
	}
	if over == nil || over.path == "" || !over.table.Visible() {
		return over, -1, false
	}
	place = over.folderAt(abs)
	if over != b.from {
		return over, place, true
	}
	if place < 0 {
		return over, -1, false
	}
	name := over.model.Row(place).Name
	for _, row := range b.rows {
		if row.Name == name {
			return over, -1, false // into itself
		}
	}
	return over, place, true
}

// drop hands the rows over. Within one pane it moves them into the folder.
func (b *DragBoard) drop(abs fyne.Position) {
	from, rows := b.from, b.rows
	over, place, ok := b.target(abs)
	b.end()
	if from == nil || !ok {
		return
	}
	dir := over.dirAt(place)
	if over == from {
		from.moveInto(rows, dir)
		return
	}
	from.opt.OnDrop(from, over, rows, dir)
}

// end forgets what is dragged. The pane that it was taken from has the keyboard
// again, which Fyne takes away where the button is let go.
func (b *DragBoard) end() {
	if b.from != nil {
		b.from.focusAgain()
	}
	if b.over != nil {
		b.over.table.UnmarkDrop()
	}
	if b.stop != nil {
		b.stop()
	}
	b.from, b.rows, b.over, b.stop = nil, nil, nil, nil
	b.ghost.Hide()
}

// Contains reports whether an absolute position is in the pane.
func (p *Pane) Contains(abs fyne.Position) bool {
	origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	at, size := abs.Subtract(origin), p.Size()
	return p.Visible() && at.X >= 0 && at.Y >= 0 && at.X < size.Width && at.Y < size.Height
}

// folderAt returns the place of the folder row at abs, or -1.
func (p *Pane) folderAt(abs fyne.Position) int {
	place := p.table.RowAt(abs)
	if place >= 0 && !p.model.Row(place).IsDir() {
		return -1
	}
	return place
}

// dirAt returns the raw path of the folder in a row, or of the pane with -1.
func (p *Pane) dirAt(place int) string {
	if place < 0 {
		return p.path
	}
	return p.Join(*p.model.Row(place))
}

// AcceptDrop takes files that were dropped from the desktop at an absolute
// position, and reports whether they are in the pane.
func (p *Pane) AcceptDrop(abs fyne.Position, uris []fyne.URI) bool {
	if !p.Contains(abs) {
		return false
	}
	if p.opt.OnDropURIs != nil && p.src != nil && p.path != "" && len(uris) > 0 {
		p.opt.OnDropURIs(p, uris, p.dirAt(p.folderAt(abs)))
	}
	return true
}

// moveInto asks and then moves rows into a folder of the same tree.
func (p *Pane) moveInto(rows []state.Row, dir string) {
	if p.opt.Confirm == nil {
		return
	}
	style := p.src.Style()
	into := p.src.Text(style.Base(dir))
	type step struct{ from, to string }
	steps := make([]step, len(rows))
	for i, row := range rows {
		steps[i] = step{p.Join(row), style.Join(dir, row.Name)}
	}
	title := "Move " + state.Describe(rows) + " into “" + into + "”?"
	p.opt.Confirm(title, "From “"+p.src.Text(p.path)+"” "+p.opt.Where+" into the folder “"+into+"” in it.", "Move", func() {
		p.change("Moving "+state.Describe(rows)+"…", nil, func(ctx context.Context, src Source) error {
			for _, s := range steps {
				if err := src.Rename(ctx, s.from, s.to); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// paneGhost is what is seen of rows that are being dragged.
type paneGhost struct {
	widget.BaseWidget
	back       *canvas.Rectangle
	verb, what *canvas.Text
}

func newPaneGhost() *paneGhost {
	g := &paneGhost{
		back: canvas.NewRectangle(color.Transparent),
		verb: canvas.NewText("", color.Transparent), what: canvas.NewText("", color.Transparent),
	}
	g.ExtendBaseWidget(g)
	g.Hide()
	return g
}

// say shows what is dragged, and what a drop would do, if anything.
func (g *paneGhost) say(verb, what string) {
	if g.verb.Text != verb || g.what.Text != what {
		g.verb.Text, g.what.Text = verb, what
		g.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (g *paneGhost) CreateRenderer() fyne.WidgetRenderer {
	r := &paneGhostRenderer{g}
	r.Refresh()
	return r
}

type paneGhostRenderer struct{ g *paneGhost }

const paneGhostPad = 8

func (r *paneGhostRenderer) Destroy() {}

func (r *paneGhostRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.g.back, r.g.verb, r.g.what}
}

func (r *paneGhostRenderer) MinSize() fyne.Size {
	verb, what := r.g.verb.MinSize(), r.g.what.MinSize()
	width := what.Width + 2*paneGhostPad
	if r.g.verb.Text != "" {
		width += verb.Width + 5
	}
	return fyne.NewSize(float32(int(width+1)), what.Height+paneGhostPad)
}

func (r *paneGhostRenderer) Layout(size fyne.Size) {
	g := r.g
	g.back.Resize(size)
	x := float32(paneGhostPad)
	for _, t := range []*canvas.Text{g.verb, g.what} {
		t.Resize(t.MinSize())
		t.Move(fyne.NewPos(float32(int(x)), paneGhostPad/2))
		if t.Text != "" {
			x += t.MinSize().Width + 5
		}
	}
}

func (r *paneGhostRenderer) Refresh() {
	g := r.g
	g.back.FillColor = theme.Color(theme.ColorNameOverlayBackground)
	g.back.StrokeWidth, g.back.CornerRadius = 1, 4
	g.back.StrokeColor = theme.Color(theme.ColorNameInputBorder)
	g.verb.Color, g.what.Color = theme.Color(theme.ColorNamePrimary), theme.Color(theme.ColorNameForeground)
	g.verb.TextStyle.Bold = true
	if g.verb.Text != "" {
		g.back.StrokeColor = theme.Color(theme.ColorNamePrimary)
	}
	g.verb.TextSize, g.what.TextSize = theme.Size(theme.SizeNameText), theme.Size(theme.SizeNameText)
	r.Layout(g.Size())
	canvas.Refresh(g)
}
