package ui

import (
	"context"

	"fyne.io/fyne/v2/container"

	"portside/client"
	"portside/client/secrets"
	"portside/ui/state"
)

// SetUsual changes the security that an address begins with; one that is typed
// already keeps its own.
func (b *connectBar) SetUsual(sec client.Security) {
	if b.address.Text == "" && b.security.SelectedIndex() == int(b.usual) {
		b.security.SetSelectedIndex(int(sec))
	}
	b.usual = sec
}

// usualOptions completes what a connection is made with by what the settings say
// where the target has nothing of its own. It may ask the keyring, and runs off
// the Fyne goroutine.
func (w *Window) usualOptions(ctx context.Context, opt *client.Options) {
	p := w.prefs.get()
	p.Dial(opt)
	if opt.Proxy.Kind != client.ProxyNone {
		return
	}
	if opt.Proxy = p.ProxyFor(); opt.Proxy.User == "" {
		return
	}
	if p.ProxyPasswordFor != p.ProxyWhom() {
		return // the stored password was typed for another one
	}
	// Without the keyring the proxy is asked without a password, and says so.
	opt.Proxy.Password, _ = w.secrets.Get(ctx, proxyKey())
}

func proxyKey() secrets.Key { return secrets.Key{Site: secrets.ForAll, Kind: secrets.ProxyPassword} }

// proxyRows are the password of the proxy, which is in the keyring.
func (w *Window) proxyRows(v *prefsView) []*prefRow {
	e := newPrefEntry("unchanged", true, v.hands.close)
	var r *prefRow
	keep := func() {
		password := e.Text
		if password == "" {
			return
		}
		e.SetText("")
		w.changePrefs(func(p *state.Prefs) { p.ProxyPasswordFor = p.ProxyWhom() })
		w.run(func() {
			ctx, cancel := context.WithTimeout(w.ctx, askedPatience)
			defer cancel()
			_, err := w.secrets.Set(secrets.WithPatience(ctx, askedPatience), proxyKey(), "Proxy for all connections", password)
			said := "It is in the keyring now."
			if err != nil {
				said = "It is kept until Portside ends, and written nowhere. " + secrets.Sentence(err)
			}
			w.cfg.Do(func() {
				setInk(r.help, said)
				v.relayout()
			})
		})
	}
	e.OnSubmitted = func(string) { keep() }
	store, forget := newPushButton("Store", keep), newPushButton("Forget", func() {
		w.run(func() {
			ctx, cancel := context.WithTimeout(w.ctx, askedPatience)
			defer cancel()
			err := w.secrets.Delete(secrets.WithPatience(ctx, askedPatience), secrets.ForAll)
			said := "The keyring does not have it any more."
			if err != nil {
				said = secrets.Sentence(err)
			}
			w.cfg.Do(func() {
				setInk(r.help, said)
				v.relayout()
			})
		})
	})
	store.onEscape, forget.onEscape = v.hands.close, v.hands.close
	r = newPrefRow("", "Proxy password", "For the proxy and the user above; another one needs its own. It goes into the keyring of this computer, and into no file.",
		container.New(narrow{200}, e, store, forget))
	r.focus = e
	r.needs = func(p *state.Prefs) bool { return (p.Proxy == "socks5" || p.Proxy == "http") && p.ProxyUser != "" }
	return []*prefRow{r}
}
