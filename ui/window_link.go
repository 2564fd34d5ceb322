package ui

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"portside/client"
	"portside/client/sites"
	"portside/ui/state"

	"fyne.io/fyne/v2/theme"
)

// dial opens a session for a target; link and queues call it, on their own
// goroutines.
func (w *Window) dial(ctx context.Context, t target) (Session, error) {
	opt, err := w.options(ctx, t)
	if err != nil {
		return nil, err
	}
	w.watchPorts(t, &opt)
	w.mapping(&opt)
	if !t.Passing && w.prefs.get().Networks {
		opt.Memory = w.memory
	}
	return w.cfg.Dial(ctx, t.addr(), opt)
}

// options returns all that a connection to t takes, with the certificate that somebody
// trusts. It reads files, and may ask the keyring for the password of a proxy.
func (w *Window) options(ctx context.Context, t target) (client.Options, error) {
	opt, err := t.options(w.cfg.Options)
	if !t.Passing { // a server of our own is here
		w.usualOptions(ctx, &opt)
	}
	opt.Trusted = w.trust.Trusted(opt.CertAddr(t.addr()))
	return opt, err
}

// run does something that may take time away from the window, which waits for
// it when it closes.
func (w *Window) run(f func()) {
	w.tasks.Add(1)
	go func() {
		defer w.tasks.Done()
		f()
	}()
}

// Connect connects to an address, such as that of a link, as if it had been typed. It
// never means a saved site, whose password is for that alone.
func (w *Window) Connect(address string) {
	w.bar.SetFields(fields{Address: address})
	w.bar.submitAddress()
}

// connect dials t, after asking for a password where one is missing.
func (w *Window) connect(t target) {
	w.leaveDiagnosis()
	w.closeManager()
	w.banners.Hide("required")
	if !w.picked {
		w.mode = w.recents.Mode(t)
		w.menus.update()
	}
	w.picked, t.Mode = false, w.mode
	if w.isDemo(t) {
		t.Pin, t.Passing = w.demo.Trust, true
	}
	w.banners.Hide("address")
	if t.needsPassword() {
		w.askPassword(t, "")
		return
	}
	w.link.Connect(t)
}

func (w *Window) askPassword(t target, why string) {
	w.sheets.AskPassword(client.Printable(t.URL.User), client.Printable(t.URL.Host), why, func(password string) {
		f := w.bar.Fields()
		f.Password = password
		w.bar.SetFields(f)
		t.Password = password
		w.link.Connect(t)
	})
}

// disconnect ends the connection, not the transfers, which have their own.
func (w *Window) disconnect() { w.link.Disconnect() }

// reconnect dials the last server again and goes back to where the pane was.
func (w *Window) reconnect() {
	t := w.link.View().Target
	if t.URL.Host == "" {
		w.bar.Focus()
		return
	}
	if p := w.remote.Path(); p != "" && w.remote.Source() != nil {
		t.Return = p
	}
	w.leaveDiagnosis()
	t.Mode = w.mode
	w.link.Connect(w.asSaved(t))
}

// asSaved is t with the settings that its site has now, where that is the same server and
// user still.
func (w *Window) asSaved(t target) target {
	if t.Site == nil {
		return t
	}
	s, ok := w.content().ByID(t.Site.ID)
	if !ok {
		return t
	}
	now, same := t.with(s)
	now.Security = s.Security
	if !same || now.addr() != t.addr() {
		return t
	}
	now.own = nil
	return now
}

// tryAgain dials what was dialled last. A saved site is tried as it is now: it may have
// been mended since.
func (w *Window) tryAgain() {
	t := w.link.View().Target
	if s, moved := w.movedSite(t); moved {
		w.connectSite(s)
		return
	}
	w.link.Connect(w.asSaved(t))
}

// askOrTry asks for what a site needs, or connects where it has become another server
// than the one that is asked for.
func (w *Window) askOrTry(t target, ask func()) {
	if s, moved := w.movedSite(t); moved {
		w.connectSite(s)
		return
	}
	ask()
}

// movedSite returns the saved site of t where that is another server or user by now.
func (w *Window) movedSite(t target) (sites.Site, bool) {
	if t.Site == nil {
		return sites.Site{}, false
	}
	s, ok := w.content().ByID(t.Site.ID)
	if !ok {
		return s, false
	}
	_, same := t.with(s)
	return s, !same || targetOf(s).addr() != t.addr()
}

// openDemo starts the demo server, once, and connects to it.
func (w *Window) openDemo() {
	if w.demo != nil {
		w.connectDemo()
		return
	}
	if w.cfg.Demo == nil || w.starting {
		return
	}
	w.starting = true
	w.showState(remoteCard{busy: true, title: "Starting the demo server"})
	w.run(func() {
		demo, err := w.cfg.Demo(w.ctx)
		w.cfg.Do(func() {
			w.starting = false
			if err != nil {
				w.showFailure(err, action{"Try again", w.openDemo})
				return
			}
			w.demo = demo
			w.connectDemo()
		})
	})
}

// OpenDemo starts the embedded demo server and connects to it.
func (w *Window) OpenDemo() { w.openDemo() }

func (w *Window) connectDemo() {
	f, t, err := w.demoTarget()
	if err != nil {
		w.showFailure(err)
		return
	}
	w.bar.SetFields(f)
	w.connect(t)
}

// demoTarget is how the demo server is connected to.
func (w *Window) demoTarget() (fields, target, error) {
	f, err := fields{Address: w.demo.Address, Password: w.demo.Password, Security: w.demo.Security}.spread()
	if err != nil {
		return f, target{}, err
	}
	t, err := f.target()
	t.Pin, t.Passing = w.demo.Trust, true
	return f, t, err
}

// isDemo reports whether t is the demo server of this program.
func (w *Window) isDemo(t target) bool {
	if w.demo == nil {
		return false
	}
	u, err := client.ParseURL(w.demo.Address)
	return err == nil && u.Addr() == t.addr()
}

// showLink shows the state of the link. It runs after every change, and may run
// late, when the next change is there already.
func (w *Window) showLink() {
	v, before := w.link.View(), w.shown
	if v.Change == before.Change && before.Change > 0 {
		return
	}
	w.shown = v
	w.bar.SetState(v.State)
	if v.State != linkLost {
		w.banners.Hide("lost")
	}
	if v.Target.addr() != before.Target.addr() {
		w.banners.Hide("ports")
	}
	switch v.State {
	case linkIdle:
		w.endPair("")
		w.banners.Hide("required")
		w.win.SetTitle("Portside")
		w.banners.Hide("plain")
		w.remote.SetSource(nil, "")
		w.showWelcome()
	case linkConnecting:
		w.showState(remoteCard{
			busy: true, title: "Connecting to " + v.Target.name(),
			buttons: []action{{"Cancel", w.link.Disconnect}},
		})
	case linkUp:
		w.win.SetTitle(v.Target.name() + " – Portside")
		if before.Session != v.Session {
			w.showConnected(v)
		}
	case linkLost:
		w.banners.Show(notice{
			key: "lost", tone: toneError, text: lostText(v),
			actions: []action{{"Reconnect", w.reconnect}, w.diagnoseAction()},
		})
	case linkFailed:
		w.remote.SetSource(nil, "")
		w.showDialFailure(v)
	}
	w.afterLink(v, before)
	w.showChip()
	w.showButtons()
	w.showSyncButton()
	w.menus.update()
	if w.then && (v.State == linkUp || v.State == linkFailed && state.ConnectionTrouble(v.Err)) {
		w.then = false
		w.diagnose(v.Target)
	}
}

// focusPane gives a pane the keyboard. Before it was painted for the first time
// it does not know its canvas, but ours does.
func (w *Window) focusPane(p *Pane) {
	p.Focus()
	w.remoteBody.Refresh() // makes what is in the pane known
	if t := p.Table(); t.Visible() {
		w.win.Canvas().Focus(t)
	}
}

// paneFailed looks at what a pane could not do: without a connection there is
// only one thing to do about it.
func (w *Window) paneFailed(p *Pane, err error) {
	if w.pairFailed(p, err) {
		return
	}
	if p != w.remote || w.shown.State != linkLost {
		return
	}
	w.showState(remoteCard{
		icon: theme.NewErrorThemedResource(theme.ErrorIcon()), title: "The connection was lost",
		text: lostText(w.shown), buttons: []action{{"Reconnect", w.reconnect}, w.diagnoseAction()},
	})
}

// lostText says that the connection is gone, and why where the server said so.
func lostText[S liveSession](v linkView[S]) string {
	text := "The connection to " + v.Target.name() + " was lost."
	var lost *client.LostError
	if errors.As(v.Err, &lost) && lost.Last != nil {
		text += " The server said: " + client.Printable(readable(lost.Last.Text())) + "."
	}
	return text
}

// showConnected shows the server's files and remembers its address.
func (w *Window) showConnected(v linkView[Session]) {
	s := v.Session
	w.state.Stop()
	w.state.Content.Hide()
	w.welcome.Content.Hide()
	w.remote.Show()
	url := v.Target.URL
	url.Security = v.Target.Security
	w.remote.SetSource(NewRemoteSource(s, RemoteOptions{URL: url}), v.Target.start(s))
	w.beginFolders(v.Target)
	w.focusPane(w.remote)
	w.noteNetwork(v)
	w.siteUp(v)
	if v.Target.Site != nil {
		w.siteConnected(v)
		return
	}
	w.noteSecurity(v, false)
	if v.Target.Passing || !w.prefs.get().Recents {
		return
	}
	w.run(func() {
		if err := w.recents.Add(v.Target, w.cfg.Now()); err != nil {
			w.cfg.Do(func() { w.banners.Show(notice{key: "recent", tone: toneWarning, text: sentence(err.Error())}) })
		}
	})
}

// showDialFailure says why there is no connection and what can be done.
func (w *Window) showDialFailure(v linkView[Session]) {
	var cert *client.CertError
	var missing *secretsNeeded
	switch {
	case errors.As(v.Err, &cert):
		w.showCertFailure(v.Target, cert)
		return
	case errors.As(v.Err, &missing):
		w.showSecretsNeeded(v, missing)
		return
	}
	again := action{"Try again", w.tryAgain}
	if client.Explain(v.Err).Kind == client.KindLogin && v.Target.Site != nil {
		w.showFailure(v.Err, action{"Enter the password", func() { w.askOrTry(v.Target, func() { w.askAgain(v.Target) }) }}, again)
		w.askAgain(v.Target)
		return
	}
	if client.Explain(v.Err).Kind == client.KindLogin && v.Target.URL.User != "" {
		w.showFailure(v.Err, action{"Enter the password", func() { w.askPassword(v.Target, "") }}, again)
		return
	}
	if state.ConnectionTrouble(v.Err) {
		w.showFailure(v.Err, again, w.diagnoseAction())
		return
	}
	w.showFailure(v.Err, again)
}

// showState fills the remote side with a card.
func (w *Window) showState(c remoteCard) {
	w.state.Show(c)
	w.welcome.Content.Hide()
	w.remote.Hide()
	w.state.Content.Show()
}

func (w *Window) showFailure(err error, buttons ...action) {
	advice := client.Explain(err)
	w.showState(remoteCard{
		icon: theme.NewErrorThemedResource(theme.ErrorIcon()), title: "No connection",
		text: advice.Sentence, hint: advice.Next, buttons: buttons,
	})
}

// showChip keeps the mode chip true.
func (w *Window) showChip() {
	v := w.shown
	name := "Server"
	if v.Target.URL.Host != "" && v.State != linkIdle {
		name = v.Target.name()
	}
	if w.serverName.Text != name {
		w.serverName.SetText(name)
	}
	hide := v.State != linkUp
	resized := w.chip.Hidden != hide
	w.chip.Hidden = hide
	if !hide {
		info := v.Session.Info()
		known := w.known
		if w.knownAddr != v.Target.addr() {
			known = state.Known{}
		}
		resized = w.chip.Set(state.ChipText(info, v.Target.Mode, known), info.TLS != nil) || resized
	}
	if resized {
		w.remoteHead.Refresh()
	}
}

// remoteText decodes a raw remote name with the session that is there.
func (w *Window) remoteText(raw string) string {
	if s := w.shown.Session; s != nil {
		return s.Text(raw)
	}
	return readable(raw)
}

// sentence makes an error's text one: a capital first, a full stop at the end.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	s = string(unicode.ToUpper(r)) + s[n:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}

// joinSentences says one thing after the other.
func joinSentences(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, sentence(p))
		}
	}
	return strings.Join(out, " ")
}
