package ui

import (
	"image/color"

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

// The directions, as the choice between the folders words them.
const (
	syncUp   = "to the server"
	syncDown = "to this computer"
)

// syncOptions are the two folders and what is asked about them.
type syncOptions struct {
	Content *fyne.Container

	onChange func() // what was compared is out of date
	onResize func() // the options take another height
	quiet    bool   // the program changes something
	near     *syncPlace
	far      *syncPlace
	way      *syncSelect
	left     *widget.Icon // arrows beside it
	right    *widget.Icon
	rule     *syncSelect
	remove   *diagCheck
	exclude  *inputEntry
	problem  *widget.RichText
	trouble  fyne.CanvasObject
	rules    []transfers.MirrorCompare // of rule's options
}

func newSyncOptions(escape, enter, change func()) *syncOptions {
	o := &syncOptions{onChange: change, near: newSyncPlace(), far: newSyncPlace()}
	o.way = newSyncSelect([]string{syncUp, syncDown}, escape)
	o.rule = newSyncSelect(nil, escape)
	o.remove = newDiagCheck("Delete what the source lacks", escape)
	o.exclude = newInputEntry("Leave out, such as *.tmp, .git/")
	o.exclude.onKey = func(e *fyne.KeyEvent) bool {
		switch e.Name {
		case fyne.KeyEscape:
			escape()
		case fyne.KeyReturn, fyne.KeyEnter:
			enter()
		default:
			return false
		}
		return true
	}
	o.problem = newInk("", theme.SizeNameCaptionText, theme.ColorNameError)
	o.trouble = tightLine(o.problem)
	o.trouble.Hide()
	changed := func() {
		o.check()
		if !o.quiet {
			o.onChange()
		}
	}
	o.left, o.right = widget.NewIcon(nil), widget.NewIcon(theme.NavigateNextIcon())
	o.way.OnChanged = func(string) {
		o.showArrow()
		changed()
	}
	o.rule.OnChanged = func(string) { changed() }
	o.remove.OnChanged = func(bool) { changed() }
	o.exclude.OnChanged = func(string) { changed() }

	pad := 2 * theme.Padding()
	places := container.New(&syncSides{gap: 3 * pad}, o.near, container.NewHBox(o.left, newFramed(o.way), o.right), o.far)
	byLabel := newInk("Compare by", theme.SizeNameText, theme.ColorNamePlaceHolder)
	byLabel.Wrapping = fyne.TextWrapOff
	by := container.New(layout.NewCustomPaddedLayout(0, 0, -theme.InnerPadding(), 0), byLabel) // where the texts above begin
	line := container.NewBorder(nil, nil, container.NewHBox(by, newFramed(o.rule), o.remove), nil, o.exclude)
	o.Content = container.New(layout.NewCustomPaddedLayout(pad, pad, syncEdge, syncEdge), container.NewVBox(places, line, o.trouble))
	return o
}

// Set shows the folders and which rules there are. Deletion is off again.
func (o *syncOptions) Set(near, far, server string, hash bool) {
	o.quiet = true
	o.near.Set("This computer", near)
	o.far.Set(server, far)
	names := []string{"Time and size", "Newer", "Size"}
	o.rules = []transfers.MirrorCompare{transfers.CompareTime, transfers.CompareNewer, transfers.CompareSize}
	if hash {
		names, o.rules = append(names, "Checksum"), append(o.rules, transfers.CompareHash)
	}
	o.rule.Options = names
	if o.rule.SelectedIndex() < 0 {
		o.rule.SetSelectedIndex(0)
	}
	if o.way.SelectedIndex() < 0 {
		o.way.SetSelectedIndex(0)
	}
	o.remove.SetChecked(false)
	o.rule.Refresh()
	o.quiet = false
}

// Enable lets the options be changed, or not.
func (o *syncOptions) Enable(on bool) {
	for _, w := range []fyne.Disableable{o.way, o.rule, o.remove, o.exclude} {
		switch {
		case on && w.Disabled():
			w.Enable()
		case !on && !w.Disabled():
			w.Disable()
		}
	}
}

// check says what is wrong with the patterns, and reports whether nothing is.
func (o *syncOptions) check() bool {
	err := transfers.CheckExclude(state.SplitPatterns(o.exclude.Text))
	if err != nil {
		setInk(o.problem, client.Printable(sentence(err.Error())))
	}
	switch {
	case err != nil && !o.trouble.Visible():
		o.trouble.Show()
	case err == nil && o.trouble.Visible():
		o.trouble.Hide()
	default:
		return err == nil
	}
	o.onResize()
	return err == nil
}

// showArrow points to the target.
func (o *syncOptions) showArrow() {
	if o.Upload() {
		o.left.SetResource(nil)
		o.right.SetResource(theme.NavigateNextIcon())
		return
	}
	o.left.SetResource(theme.NavigateBackIcon())
	o.right.SetResource(nil)
}

// Upload reports whether the server is the target.
func (o *syncOptions) Upload() bool { return o.way.SelectedIndex() != 1 }

// Request fills in what was chosen; it reports false where that makes no sense.
func (o *syncOptions) Request(r *syncRequest) bool {
	r.upload = o.Upload()
	if i := o.rule.SelectedIndex(); i >= 0 && i < len(o.rules) {
		r.compare = o.rules[i]
	}
	r.remove = o.remove.Checked
	r.exclude = state.SplitPatterns(o.exclude.Text)
	return o.check()
}

// syncSelect is a choice whose Escape belongs to the view.
type syncSelect struct {
	widget.Select

	onEscape func()
}

func newSyncSelect(options []string, escape func()) *syncSelect {
	s := &syncSelect{onEscape: escape}
	s.Options = options
	s.ExtendBaseWidget(s)
	return s
}

// MinSize has room for every option: Fyne's own has room for none.
func (s *syncSelect) MinSize() fyne.Size {
	size := s.Select.MinSize()
	for _, o := range s.Options {
		text := fyne.MeasureText(o, theme.TextSize(), fyne.TextStyle{}).Width
		size.Width = max(size.Width, text+theme.IconInlineSize()+6*theme.InnerPadding())
	}
	return size
}

// TypedKey takes Escape, and opens on Return.
func (s *syncSelect) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		s.onEscape()
	case fyne.KeyReturn, fyne.KeyEnter:
		s.Select.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	default:
		s.Select.TypedKey(e)
	}
}

// syncPlace is one of the two folders: whose it is, and its path.
type syncPlace struct {
	widget.BaseWidget

	whose, path *canvas.Text
	whole       string
}

func newSyncPlace() *syncPlace {
	p := &syncPlace{whose: canvas.NewText("", color.Transparent), path: canvas.NewText("", color.Transparent)}
	p.path.TextStyle.Bold = true
	p.ExtendBaseWidget(p)
	return p
}

// Set shows a folder.
func (p *syncPlace) Set(whose, path string) {
	p.whose.Text, p.whole = whose, path
	p.Refresh()
}

// CreateRenderer returns the two lines.
func (p *syncPlace) CreateRenderer() fyne.WidgetRenderer {
	r := &syncPlaceRenderer{p}
	r.paint()
	return r
}

type syncPlaceRenderer struct{ p *syncPlace }

func (r *syncPlaceRenderer) paint() {
	p := r.p
	p.whose.Color, p.whose.TextSize = theme.Color(theme.ColorNamePlaceHolder), theme.CaptionTextSize()
	p.path.Color, p.path.TextSize = theme.Color(theme.ColorNameForeground), theme.TextSize()
}

func (r *syncPlaceRenderer) Layout(size fyne.Size) {
	p := r.p
	p.path.Text = state.CutMiddle(p.whole, size.Width, func(s string) float32 {
		return fyne.MeasureText(s, p.path.TextSize, p.path.TextStyle).Width
	})
	height := p.whose.MinSize().Height
	p.whose.Move(fyne.NewPos(0, 0))
	p.whose.Resize(fyne.NewSize(size.Width, height))
	p.path.Move(fyne.NewPos(0, height))
	p.path.Resize(fyne.NewSize(size.Width, p.path.MinSize().Height))
}

func (r *syncPlaceRenderer) MinSize() fyne.Size {
	return fyne.NewSize(80, r.p.whose.MinSize().Height+r.p.path.MinSize().Height)
}
func (r *syncPlaceRenderer) Destroy() {}

func (r *syncPlaceRenderer) Refresh() {
	r.paint()
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *syncPlaceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.whose, r.p.path}
}

// syncSides gives two objects the same width, with a third between them.
type syncSides struct{ gap float32 }

// Layout implements fyne.Layout.
func (l *syncSides) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	middle := objects[1].MinSize().Width
	side := float32(int((size.Width - middle - 2*l.gap) / 2))
	x := []float32{0, side + l.gap, side + middle + 2*l.gap}
	for i, o := range objects {
		width := side
		if i == 1 {
			width = middle
		}
		height := min(o.MinSize().Height, size.Height)
		o.Move(fyne.NewPos(x[i], float32(int((size.Height-height)/2))))
		o.Resize(fyne.NewSize(width, height))
	}
}

// MinSize implements fyne.Layout.
func (l *syncSides) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(2*l.gap, 0)
	for _, o := range objects {
		least := o.MinSize()
		size = fyne.NewSize(size.Width+least.Width, max(size.Height, least.Height))
	}
	return size
}
