package ui

import (
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/sites"
	"portside/ui/themed"
)

// suggestMost is how many addresses are offered while one is typed.
const suggestMost = 8

// connectBar is the row that says where to go: address, user, password, port
// and security, and the button that connects. Return in any of them connects.
type connectBar struct {
	Content fyne.CanvasObject
	Layer   fyne.CanvasObject // floats above the window: the offered addresses

	OnConnect    func(target)
	OnSite       func(sites.Site) // a saved site was chosen
	OnSites      func()           // the button that opens the sites
	OnCancel     func()           // the button while a dial is under way
	OnDisconnect func()           // the button while connected
	OnProblem    func(error)
	Suggest      func(text string, limit int) []string

	// SuggestSites returns saved sites whose names hold a text, those that begin with it
	// first; FindSite the one that it names. nil: there are none.
	SuggestSites func(text string, limit int) []sites.Site
	FindSite     func(text string) (sites.Site, bool)

	address, user, password, port *inputEntry
	security                      *returnSelect
	button, menu                  *pushButton
	offers                        *offerList
	state                         linkState
	filling                       bool            // texts are being set by the program
	usual                         client.Security // where nothing says another
	bound                         fields          // what belongs together: as filled in, or as last connected to
	live                          fields          // what the fields said of the server that is connected
}

// securityNames are the choices in the order of client.Security.
func securityNames() []string {
	return []string{"TLS if offered", "No TLS", "TLS required", "Implicit TLS"}
}

func newConnectBar() *connectBar {
	b := &connectBar{
		address:  newInputEntry("Server or saved site"),
		user:     newInputEntry("User (anonymous)"),
		password: newSecretEntry("Password"),
		port:     newInputEntry("Port"),
		security: newReturnSelect(securityNames()),
	}
	b.security.SetSelectedIndex(0)
	b.security.OnChanged = func(string) { b.changed() }
	b.button = newPushButton("Connect", b.press)
	b.button.Importance = widget.HighImportance
	b.menu = newQuietButton("Sites", func() {
		if b.OnSites != nil {
			b.OnSites()
		}
	})
	b.menu.Icon, b.menu.IconPlacement = theme.MenuDropDownIcon(), widget.ButtonIconTrailingText
	b.offers = newOfferList()
	b.Layer = b.offers.layer
	b.address.ActionItem = newIconButton(theme.MenuDropDownIcon(), b.showAll)
	b.address.OnChanged = func(text string) {
		if !b.filling {
			b.part(text)
			b.offer(text)
		}
		b.changed()
	}
	for _, e := range []*inputEntry{b.user, b.password, b.port} {
		e.OnChanged = func(string) { b.changed() }
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
	b.Content = themed.New(container.New(&connectBarLayout{}, b.menu, b.address, b.user, b.password, b.port,
		newFramed(b.security), b.button), connectBarTheme{})
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
	before := b.Fields()
	b.filling = true
	defer func() {
		b.filling = false
		if b.live == before {
			b.live = b.Fields() // the same server, written in another way
		}
		b.showButton()
	}()
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

// SetSite shows a saved site: its name, and what it says about the login. Its password
// is not shown, and not there.
func (b *connectBar) SetSite(s sites.Site) {
	b.offers.hide()
	f := fields{Address: s.Name, User: s.User, Security: s.Security}
	if s.Port != 0 {
		f.Port = strconv.Itoa(int(s.Port))
	}
	if found, ok := b.site(s.Path()); ok && found.ID == s.ID {
		if _, ok = b.site(s.Name); !ok {
			f.Address = s.Path() // others have the same name
		}
	}
	b.SetFields(f)
}

// FollowSite shows what became of a saved site, where the bar still shows it as it was.
func (b *connectBar) FollowSite(before, now sites.Site) {
	if shown := b.bound.Address; b.Fields() == b.bound && (shown == before.Name || shown == before.Path()) {
		b.SetSite(now)
	}
}

// SetSecurity shows another choice of TLS.
func (b *connectBar) SetSecurity(sec client.Security) {
	b.security.SetSelectedIndex(int(sec))
	b.bound = b.Fields()
}

// site returns the saved site that a text names.
func (b *connectBar) site(text string) (sites.Site, bool) {
	if b.FindSite == nil || strings.Contains(text, "://") {
		return sites.Site{}, false
	}
	return b.FindSite(text)
}

// part takes user, password and port away once another server is being typed
// than they belong to: a password must not reach a server it was not meant for.
// What was typed since stays.
func (b *connectBar) part(address string) {
	if b.bound.Address == "" || address == b.bound.Address {
		return
	}
	if _, saved := b.site(b.bound.Address); !saved && hostOf(address) == hostOf(b.bound.Address) {
		return
	}
	old := b.bound
	b.bound = fields{}
	f := b.Fields()
	if f.User == old.User && f.Password == old.Password && f.Port == old.Port {
		b.user.SetText("")
		b.password.SetText("")
		b.port.SetText("")
		b.security.SetSelectedIndex(int(b.usual))
	}
}

func hostOf(address string) string {
	u, err := client.ParseURL(address)
	if err != nil {
		return ""
	}
	return u.Host
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

// submit connects to what the fields say: to a saved site where the address is its name
// and the other fields say nothing else.
func (b *connectBar) submit() {
	b.offers.hide()
	if s, ok := b.site(b.address.Text); ok {
		b.submitSite(s)
		return
	}
	b.submitAddress()
}

// submitSite connects to a saved site, or to its server where other fields say that
// something is to be different.
func (b *connectBar) submitSite(s sites.Site) {
	f := b.Fields()
	own := f.User == "" || f.User == s.User
	own = own && f.Password == "" && (f.Security == client.SecurityAuto || f.Security == s.Security)
	if port := strings.TrimSpace(f.Port); port != "" && own {
		own = strings.HasSuffix(s.Addr(), ":"+port)
	}
	if own {
		b.OnSite(s)
		return
	}
	f.Address = urlText(client.URL{Host: s.Host})
	f.Address = strings.TrimPrefix(f.Address, "ftp://")
	if f.Port == "" && s.Port != 0 {
		f.Port = strconv.Itoa(int(s.Port))
	}
	b.SetFields(f)
	b.submitAddress()
}

// submitAddress connects to the server that the fields name.
func (b *connectBar) submitAddress() {
	b.offers.hide()
	b.spread()
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

// tidy spreads a pasted URL over the fields, so that its password is out of sight. The
// name of a saved site stays as it is, whatever it looks like.
func (b *connectBar) tidy() {
	if _, saved := b.site(b.address.Text); !saved {
		b.spread()
	}
}

// spread does it. A text that is no address stays as it is.
func (b *connectBar) spread() {
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
	b.submitAddress() // no saved site, whatever that is called
}

func (b *connectBar) offer(text string) {
	if b.Suggest == nil {
		return
	}
	if text == "" {
		b.offers.hide()
		return
	}
	b.offers.show(b.offered(text, suggestMost), b.address)
	if list := b.offers.rows; len(list) > 0 && list[0].offer.begins && !strings.ContainsAny(text, ".:/@") {
		b.offers.point(0) // Return connects to the site whose name is being typed
	}
}

// offered are the saved sites and the addresses that go on with a text.
func (b *connectBar) offered(text string, limit int) []offer {
	var out []offer
	if b.SuggestSites != nil {
		low := strings.ToLower(strings.TrimSpace(text))
		for _, s := range b.SuggestSites(text, limit) {
			out = append(out, offer{
				text: client.Printable(s.Path()), note: client.Printable(targetOf(s).server()), colour: s.Colour,
				begins: low != "" && strings.HasPrefix(strings.ToLower(s.Name), low),
				take:   func() { b.OnSite(s) },
			})
		}
	}
	for _, a := range b.Suggest(text, limit) {
		out = append(out, offer{text: a, take: func() { b.take(a) }})
	}
	return out[:min(len(out), limit)]
}

// showAll offers every address that is known; a second press hides them.
func (b *connectBar) showAll() {
	if b.offers.visible() || b.Suggest == nil {
		b.offers.hide()
		return
	}
	b.Focus()
	b.offers.show(b.offered("", recentKeep), b.address)
}

func (b *connectBar) addressKey(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyDown:
		if !b.offers.visible() && b.Suggest != nil {
			text := b.address.Text
			list := b.offered(text, suggestMost)
			if len(list) == 0 || len(list) == 1 && list[0].text == text {
				list = b.offered("", suggestMost)
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
		if b.offers.take() {
			return true
		}
		return false
	default:
		return false
	}
	return true
}
