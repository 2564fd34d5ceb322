package ui

import (
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
)

// suggestMost is how many addresses are offered while one is typed.
const suggestMost = 8

// connectBar is the row that says where to go: address, user, password, port
// and security, and the button that connects. Return in any of them connects.
type connectBar struct {
	Content fyne.CanvasObject
	Layer   fyne.CanvasObject // floats above the window: the offered addresses

	OnConnect    func(target)
	OnCancel     func() // the button while a dial is under way
	OnDisconnect func() // the button while connected
	OnProblem    func(error)
	Suggest      func(text string, limit int) []string

	address, user, password, port *inputEntry
	security                      *returnSelect
	button                        *pushButton
	offers                        *offerList
	state                         linkState
	filling                       bool   // texts are being set by the program
	bound                         fields // what belongs together: as filled in, or as last connected to
}

// securityNames are the choices in the order of client.Security.
func securityNames() []string {
	return []string{"TLS if offered", "No TLS", "TLS required", "Implicit TLS"}
}

func newConnectBar() *connectBar {
	b := &connectBar{
		address:  newInputEntry("Server: ftp.example.org or ftp://…"),
		user:     newInputEntry("User (anonymous)"),
		password: newSecretEntry("Password"),
		port:     newInputEntry("Port"),
		security: newReturnSelect(securityNames()),
	}
	b.security.SetSelectedIndex(0)
	b.button = newPushButton("Connect", b.press)
	b.button.Importance = widget.HighImportance
	b.offers = newOfferList(b.take)
	b.Layer = b.offers.layer
	b.address.ActionItem = newIconButton(theme.MenuDropDownIcon(), b.showAll)
	b.address.OnChanged = func(text string) {
		if !b.filling {
			b.part(text)
			b.offer(text)
		}
	}
	b.address.onKey = b.addressKey
	b.address.onFocus = func(gained bool) {
		if !gained && !b.offers.held {
			b.offers.hide()
			b.tidy()
		}
	}
	for _, e := range []*inputEntry{b.address, b.user, b.password, b.port} {
		e.OnSubmitted = func(string) { b.submit() }
	}
	b.security.onReturn = b.submit
	b.Content = container.New(&connectBarLayout{}, b.address, b.user, b.password, b.port,
		newFramed(b.security), b.button)
	return b
}

// Fields returns what was typed.
func (b *connectBar) Fields() fields {
	return fields{
		Address: b.address.Text, User: b.user.Text, Password: b.password.Text, Port: b.port.Text,
		Security: client.Security(max(0, b.security.SelectedIndex())),
	}
}

// SetFields shows f.
func (b *connectBar) SetFields(f fields) {
	b.filling = true
	defer func() { b.filling = false }()
	set := func(e *inputEntry, text string) {
		if e.Text != text {
			e.SetText(text)
		}
	}
	set(b.address, f.Address)
	set(b.user, f.User)
	set(b.password, f.Password)
	set(b.port, f.Port)
	b.security.SetSelectedIndex(int(f.Security))
	b.bound = f
}

// part takes user, password and port away once another server is being typed
// than they belong to: a password must not reach a server it was not meant for.
// What was typed since stays.
func (b *connectBar) part(address string) {
	if b.bound.Address == "" || hostOf(address) == hostOf(b.bound.Address) {
		return
	}
	old := b.bound
	b.bound = fields{}
	f := b.Fields()
	if f.User == old.User && f.Password == old.Password && f.Port == old.Port {
		b.user.SetText("")
		b.password.SetText("")
		b.port.SetText("")
		b.security.SetSelectedIndex(int(client.SecurityAuto))
	}
}

func hostOf(address string) string {
	u, err := client.ParseURL(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// SetState makes the button mean what can be done now.
func (b *connectBar) SetState(s linkState) {
	b.state = s
	text, importance := "Connect", widget.HighImportance
	switch s {
	case linkConnecting:
		text, importance = "Cancel", widget.MediumImportance
	case linkUp:
		text, importance = "Disconnect", widget.MediumImportance
	case linkIdle, linkLost, linkFailed:
	}
	if b.button.Text != text || b.button.Importance != importance {
		b.button.Text, b.button.Importance = text, importance
		b.button.Refresh()
	}
}

// Focus puts the cursor into the address, ready to be replaced.
func (b *connectBar) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.address); c != nil {
		c.Focus(b.address)
		b.address.selectAll()
	}
}

// FocusPassword puts the cursor into the password.
func (b *connectBar) FocusPassword() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b.password); c != nil {
		c.Focus(b.password)
		b.password.selectAll()
	}
}

func (b *connectBar) press() {
	switch b.state {
	case linkConnecting:
		b.OnCancel()
	case linkUp:
		b.OnDisconnect()
	case linkIdle, linkLost, linkFailed:
		b.submit()
	}
}

// submit connects to what the fields say.
func (b *connectBar) submit() {
	b.offers.hide()
	b.tidy()
	t, err := b.Fields().target()
	if err != nil {
		b.OnProblem(err)
		if errors.Is(err, errNoAddress) {
			b.Focus()
		}
		return
	}
	b.bound = b.Fields()
	b.OnConnect(t)
}

// tidy spreads a pasted URL over the fields, so that its password is out of
// sight. A text that is no address stays as it is.
func (b *connectBar) tidy() {
	if f, err := b.Fields().spread(); err == nil {
		b.SetFields(f)
	}
}

// take accepts an offered address: its parts replace all fields.
func (b *connectBar) take(address string) {
	b.offers.hide()
	f, err := fields{Address: address}.spread()
	if err != nil {
		b.OnProblem(err)
		return
	}
	if old := b.Fields(); old.User == f.User && old.Address == f.Address {
		f.Password = old.Password
	}
	b.SetFields(f)
	if f.User != "" && f.Password == "" && !isAnonymous(f.User) {
		b.FocusPassword()
		return
	}
	b.submit()
}

func (b *connectBar) offer(text string) {
	if b.Suggest == nil {
		return
	}
	if text == "" {
		b.offers.hide()
		return
	}
	b.offers.show(b.Suggest(text, suggestMost), b.address)
}

// showAll offers every address that is known; a second press hides them.
func (b *connectBar) showAll() {
	if b.offers.visible() || b.Suggest == nil {
		b.offers.hide()
		return
	}
	b.Focus()
	b.offers.show(b.Suggest("", recentKeep), b.address)
}

func (b *connectBar) addressKey(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyDown:
		if !b.offers.visible() && b.Suggest != nil {
			text := b.address.Text
			list := b.Suggest(text, suggestMost)
			if len(list) == 0 || slices.Equal(list, []string{text}) {
				list = b.Suggest("", suggestMost)
			}
			b.offers.show(list, b.address)
			return true
		}
		b.offers.step(1)
	case fyne.KeyUp:
		b.offers.step(-1)
	case fyne.KeyEscape:
		b.offers.hide()
	case fyne.KeyReturn, fyne.KeyEnter:
		if chosen, ok := b.offers.chosen(); ok {
			b.take(chosen)
			return true
		}
		return false
	default:
		return false
	}
	return true
}

// connectBarLayout gives the address what the others leave.
type connectBarLayout struct{}

// widths of user, password, port, security and button.
func connectBarWidths(total float32) [5]float32 {
	if total < 860 {
		return [5]float32{104, 104, 52, 118, 88}
	}
	return [5]float32{136, 136, 58, 124, 92}
}

// MinSize is what a narrow window needs.
func (*connectBarLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(160, 0)
	for _, w := range connectBarWidths(0) {
		size.Width += w + theme.Padding()
	}
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// Layout puts all in a row of one height.
func (*connectBarLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Padding() * 2
	widths := connectBarWidths(size.Width)
	first := size.Width
	for _, w := range widths {
		first -= w + gap
	}
	x := float32(0)
	for i, o := range objects {
		w := first
		if i > 0 {
			w = widths[i-1]
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w + gap
	}
}
