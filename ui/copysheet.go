package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client/sites"
	"portside/ui/state"
)

// Measures of the sheet that asks where to copy to.
const (
	copyWidth = 520
	copyTree  = 8*siteRowHeight + 4
	copyLines = 54 // three lines of text: what is said may take as many
)

// copyHands are what the sheet asks of the window.
type copyHands struct {
	line  func(s sites.Site, folder string) (what, there string) // what will happen
	check func(s sites.Site, folder string) error                // nil, or says why not
	copy  func(s sites.Site, folder string)
}

// copySheet asks for the site, and the folder there, that something is copied to.
type copySheet struct {
	hands  copyHands
	model  *state.SiteTree
	tree   *siteTree
	search *inputEntry
	folder *inputEntry
	line   *widget.RichText // what will happen
	there  *widget.RichText // with what is there already
	shown  string           // ID of the site that the folder belongs to; "": none yet
	sheet  *sheet
}

// newCopySheet returns the question. current is the ID of the site that is connected.
func newCopySheet(content sites.Content, current string, hands copyHands) *copySheet {
	c := &copySheet{hands: hands, model: state.NewSiteTree(), folder: newInputEntry("The folder that the site opens after login")}
	c.model.Set(content)
	c.line = newInk("", theme.SizeNameText, theme.ColorNameForeground)
	c.there = newInk("", theme.SizeNameText, theme.ColorNamePlaceHolder)
	c.folder.OnChanged = func(string) { c.tell() }
	c.buildTree(current)
	c.sheet = &sheet{
		width: copyWidth, confirm: "Copy", body: c.body(), inputs: []*inputEntry{c.folder}, focus: c.tree,
		check: c.check,
		done: func(ok bool) {
			if s, chosen := c.site(); ok && chosen {
				c.hands.copy(s, c.folder.Text)
			}
		},
	}
	c.first(func(id string) bool { return id != current })
	if c.model.Chosen() < 0 {
		c.first(func(string) bool { return true })
	}
	return c
}

// buildTree makes the list of sites, and the search above it.
func (c *copySheet) buildTree(current string) {
	c.tree = newSiteTree(c.model)
	c.tree.current = current
	c.tree.OnChoose = c.chosen
	c.tree.OnOpen = func() { c.sheet.answer(true) }
	c.tree.OnEscape = func() { c.sheet.answer(false) }
	c.tree.OnType = func(r rune) {
		c.focus(c.search)
		c.search.TypedRune(r)
	}
	c.search = newInputEntry("Search")
	c.search.ActionItem = widget.NewIcon(theme.NewColoredResource(theme.SearchIcon(), theme.ColorNamePlaceHolder))
	c.search.OnChanged = c.find
	c.search.OnSubmitted = func(string) { c.sheet.answer(true) }
	c.search.onKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyEscape:
			if c.search.Text == "" {
				c.sheet.answer(false)
			} else {
				c.search.SetText("")
			}
		case fyne.KeyDown, fyne.KeyUp:
			c.focus(c.tree)
			c.tree.TypedKey(k)
		default:
			return false
		}
		return true
	}
}

func (c *copySheet) body() fyne.CanvasObject {
	tree := newFramed(container.NewStack(newSurface(theme.ColorNameInputBackground),
		container.New(layout.NewCustomPaddedLayout(2, 2, 1, 1), c.tree)))
	label := widget.NewLabel("Folder there")
	return container.New(flowLayout{gap: theme.Padding()},
		c.search, container.New(&fixedHeight{height: copyTree}, tree),
		container.NewBorder(nil, nil, label, nil, c.folder),
		container.New(roomLayout{copyLines}, container.New(flowLayout{gap: -theme.InnerPadding()}, c.line, c.there)))
}

// first chooses the first site of which ok holds.
func (c *copySheet) first(ok func(id string) bool) {
	for i := range c.model.Len() {
		if r := c.model.Row(i); !r.IsFolder() && ok(r.ID) {
			c.tree.Choose(i)
			return
		}
	}
}

func (c *copySheet) focus(f fyne.Focusable) {
	if c.sheet.board != nil {
		c.sheet.board.canvas.Focus(f)
	}
}

// site returns the chosen site.
func (c *copySheet) site() (sites.Site, bool) {
	at := c.model.Chosen()
	if at < 0 || c.model.Row(at).IsFolder() {
		return sites.Site{}, false
	}
	return c.model.Content().ByID(c.model.Row(at).ID)
}

// find searches, and chooses what is found first.
func (c *copySheet) find(text string) {
	c.model.Search(text)
	c.tree.Reload()
	if _, ok := c.site(); !ok && c.model.Searching() {
		c.first(func(string) bool { return true })
	}
	c.tree.Reveal()
	c.tell()
}

// chosen fills in the start folder of another site.
func (c *copySheet) chosen() {
	if s, ok := c.site(); ok && s.ID != c.shown {
		c.shown = s.ID
		c.folder.SetText(s.RemoteDir)
	}
	c.tell()
}

// tell says what will happen.
func (c *copySheet) tell() {
	text, there := "Choose a site.", ""
	switch s, ok := c.site(); {
	case ok:
		text, there = c.hands.line(s, c.folder.Text)
	case c.model.Searching() && c.model.Matches() == 0:
		text = "Nothing is found. The search looks at names, hosts, users, folders and notes."
	}
	setInk(c.line, text)
	setInk(c.there, there)
	if s := c.sheet; s != nil && s.popup != nil {
		s.say("") // what was wrong may be right now; it also gives the text its room
	}
}

func (c *copySheet) check() error {
	s, ok := c.site()
	if !ok {
		return errSay("Choose a site first.")
	}
	return c.hands.check(s, c.folder.Text)
}

// errSay is an error whose text is a sentence to be shown as it is.
type errSay string

// Error returns the sentence.
func (e errSay) Error() string { return string(e) }

// roomLayout gives its one object all the width, and a height that it does not go below.
type roomLayout struct{ least float32 }

// Layout fills the room.
func (l roomLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

// MinSize is what the object needs at its width.
func (l roomLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, l.least)
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}
