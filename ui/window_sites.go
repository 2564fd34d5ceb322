package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"portside/client"
	"portside/client/access"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/state"
)

// openSites opens the saved sites, what the keyring has of them, and what is known of
// certificates.
func (w *Window) openSites() {
	var err error
	if w.book, err = sites.Open(w.keptFile("sites.json")); err != nil {
		w.saySites(err)
	}
	w.secrets = w.cfg.Secrets
	if w.secrets == nil {
		w.secrets = secrets.Open(secrets.Options{Backend: noKeyring{}, Now: w.cfg.Now})
	}
	w.openTrust()
	w.access = &access.Access{Secrets: w.secrets, Trust: w.trust}
	w.readSites()
	w.sites.saved = func(id string) (sites.Site, bool) { return w.saved.Load().ByID(id) }
	w.sites.secrets = w.quietly
}

// noKeyring is the keyring of a window that was given none.
type noKeyring struct{}

func (noKeyring) missing(op string) error { return &secrets.Error{Op: op, State: secrets.Missing} }

// Get implements secrets.Backend.
func (k noKeyring) Get(context.Context, string) (string, error) { return "", k.missing("get") }

// Set implements secrets.Backend.
func (k noKeyring) Set(context.Context, string, string, string) error { return k.missing("set") }

// Delete implements secrets.Backend.
func (k noKeyring) Delete(context.Context, string) error { return k.missing("delete") }

func (w *Window) saySites(err error) {
	w.banners.Show(notice{key: "sites", tone: toneWarning, text: sentence(client.Printable(err.Error()))})
}

// content returns the saved sites as they were read last. It reads nothing.
func (w *Window) content() sites.Content { return *w.saved.Load() }

// readSites reads the saved sites as they are in the file now. One reads at a time, so
// that none puts what it read before over what another has read since.
func (w *Window) readSites() sites.Content {
	w.reading.Lock()
	defer w.reading.Unlock()
	content := w.book.Content()
	w.saved.Store(&content)
	return content
}

// reloadSites reads the saved sites again, where they have changed, and shows them.
func (w *Window) reloadSites() {
	w.run(func() {
		w.readSites()
		problem := w.book.Problem()
		w.limitSites(w.ctx)
		w.cfg.Do(func() {
			if problem != nil {
				w.saySites(problem)
			} else {
				w.banners.Hide("sites")
			}
			w.showSites()
		})
	})
}

// showSites brings up to date what shows the saved sites.
func (w *Window) showSites() {
	if w.shown.State == linkIdle {
		w.showWelcome()
	}
	w.menus.update()
}

// sitesChanged is told by the site manager: what it did is in the file.
func (w *Window) sitesChanged() {
	w.reloadSites()
	v := w.link.View()
	if v.Target.Site == nil {
		return
	}
	id := v.Target.Site.ID
	w.run(func() {
		content := w.readSites()
		now, ok := content.ByID(id)
		w.cfg.Do(func() {
			if ok {
				w.adoptSite(now)
			} else {
				w.sites.forget(id)
			}
		})
	})
}

// changeSite changes a saved site as it is in the file now, away from the window; then is
// called with the site as it has become. change runs on another goroutine.
func (w *Window) changeSite(id string, change func(*sites.Site), then func(sites.Site)) {
	w.run(func() {
		s, err := w.book.Update(id, func(s *sites.Site) error {
			change(s)
			return nil
		})
		w.readSites()
		w.cfg.Do(func() {
			if err != nil {
				w.saySites(err)
				return
			}
			then(s)
			w.menus.update()
		})
	})
}

// adoptSite makes the connection know what became of its site, as far as that changes
// nothing about how it was made.
func (w *Window) adoptSite(s sites.Site) {
	if before := w.link.View().Target.Site; before != nil && before.ID == s.ID {
		w.bar.FollowSite(*before, s)
	}
	w.link.Adopt(func(t target) target {
		t, _ = t.with(s) // one that is another server now is not what is connected
		return t
	})
	w.showLink()
	if v := w.link.View(); v.State == linkUp {
		w.sites.learn(v.Target, v.Session.Text, nil)
	}
}

// connectSite connects to a saved site.
func (w *Window) connectSite(s sites.Site) {
	t := targetOf(s)
	w.leaveDiagnosis()
	w.closeManager()
	w.banners.Hide("address")
	w.banners.Hide("required")
	w.bar.SetSite(s)
	if w.picked {
		t.Mode = w.mode
	}
	w.picked, w.mode = false, t.Mode
	w.menus.update()
	w.link.Connect(t)
}

// connectSaved connects to the saved site with that ID.
func (w *Window) connectSaved(id string) {
	if s, ok := w.content().ByID(id); ok {
		w.connectSite(s)
	}
}

// ConnectSite connects to the saved site of that name, "Name" or "Folder/Name".
func (w *Window) ConnectSite(name string) {
	found := w.content().Find(name)
	switch len(found) {
	case 1:
		w.connectSite(found[0])
	case 0:
		w.saySites(fmt.Errorf("there is no saved site named %q", name))
	default:
		var paths []string
		for _, s := range found {
			paths = append(paths, s.Path())
		}
		w.saySites(fmt.Errorf("%q may mean several saved sites: %s", name, strings.Join(paths, ", ")))
	}
}

// siteNamed returns the one saved site that a typed text names, ignoring case.
func (w *Window) siteNamed(text string) (sites.Site, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return sites.Site{}, false
	}
	found := w.content().Find(text)
	// An ID names a site too, but nobody types one.
	found = slices.DeleteFunc(found, func(s sites.Site) bool { return strings.EqualFold(s.ID, text) && !strings.EqualFold(s.Name, text) })
	if len(found) != 1 {
		return sites.Site{}, false
	}
	return found[0], true
}

// siteConnected notes that a saved site was connected to, keeps what the user wanted to
// be kept, and looks at what the connection has shown.
func (w *Window) siteConnected(v linkView[Session]) {
	t := v.Target
	s := *t.Site
	first := s.Used.IsZero()
	w.noteSecurity(v, first)
	keeping := t.Keep
	if keeping.any() {
		w.link.Adopt(func(t target) target {
			t.Keep = keptSecrets{}
			return t
		})
	}
	now := w.cfg.Now()
	w.run(func() {
		kept := w.keepSecrets(w.ctx, t)
		if err := w.book.Touch(s.ID, now); err != nil && !errors.Is(err, sites.ErrGone) {
			w.cfg.Do(func() { w.saySites(err) })
		}
		content := w.readSites()
		w.cfg.Do(func() {
			if kept != "" {
				w.banners.Show(notice{key: "keyring", tone: toneInfo, text: kept})
			}
			if fresh, ok := content.ByID(s.ID); ok && first {
				w.adoptUsed(fresh)
			}
			w.showSites()
		})
	})
}

// adoptUsed notes in the connection's site that it was used, so that the next connection
// is not taken for the first.
func (w *Window) adoptUsed(s sites.Site) {
	w.link.Adopt(func(t target) target {
		if t.Site != nil && t.Site.ID == s.ID {
			site := *t.Site
			site.Used = s.Used
			t.Site = &site
		}
		return t
	})
}

// ForgetPasswords asks, and then removes every password from the keyring and from memory.
func (w *Window) ForgetPasswords() {
	w.sheets.Confirm("Forget all passwords?", "Every password that Portside has put into the keyring is removed from it. The sites stay, and ask for their passwords the next time.",
		"Forget all passwords", w.forgetPasswords)
}

func (w *Window) forgetPasswords() {
	w.sites.forget("")
	w.run(func() {
		ctx, cancel := context.WithTimeout(w.ctx, askedPatience)
		defer cancel()
		n, err := w.secrets.ForgetAll(secrets.WithPatience(ctx, askedPatience))
		w.cfg.Do(func() {
			if err != nil {
				w.banners.Show(notice{key: "keyring", tone: toneWarning, text: secrets.Sentence(err)})
				return
			}
			w.banners.Show(notice{key: "keyring", tone: toneInfo, text: state.Counted(n, "password was", "passwords were") + " removed from the keyring."})
		})
	})
}

// RemoveLeftovers looks for secrets in the keyring that belong to no site any more, and
// offers to remove them.
func (w *Window) RemoveLeftovers() {
	w.run(func() {
		ctx, cancel := context.WithTimeout(w.ctx, askedPatience)
		defer cancel()
		var known []string
		for _, s := range w.book.Content().Sites {
			known = append(known, s.ID)
		}
		left, err := w.secrets.Leftovers(secrets.WithPatience(ctx, askedPatience), known)
		if problem := w.book.Problem(); err == nil && problem != nil {
			err = problem // sites that cannot be read are no reason to remove their passwords
		}
		w.cfg.Do(func() { w.offerLeftovers(left, err) })
	})
}

// leftoverText names a secret whose site is gone.
func leftoverText(l secrets.Leftover) string {
	if l.Name == "" {
		return "a " + l.Kind.Words() + " without a name"
	}
	return "“" + client.Printable(l.Name) + "”"
}

func (w *Window) offerLeftovers(left []secrets.Leftover, err error) {
	switch {
	case err != nil:
		w.banners.Show(notice{key: "keyring", tone: toneWarning, text: sentence(secrets.Sentence(err))})
		return
	case len(left) == 0:
		w.banners.Show(notice{key: "keyring", tone: toneInfo, text: "The keyring holds nothing of Portside's that belongs to no site."})
		return
	}
	var names []string
	for _, l := range left {
		names = append(names, leftoverText(l))
	}
	const most = 8
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	w.sheets.Confirm("Remove "+state.Counted(len(left), "leftover", "leftovers")+" from the keyring?",
		"The sites that these belonged to are gone: "+strings.Join(names, ", ")+".", "Remove", func() {
			w.run(func() {
				ctx, cancel := context.WithTimeout(w.ctx, askedPatience)
				defer cancel()
				err := w.secrets.RemoveLeftovers(secrets.WithPatience(ctx, askedPatience), left)
				w.cfg.Do(func() {
					n := notice{key: "keyring", tone: toneInfo, text: state.Counted(len(left), "leftover was", "leftovers were") + " removed from the keyring."}
					if err != nil {
						n.tone, n.text = toneWarning, secrets.Sentence(err)
					}
					w.banners.Show(n)
				})
			})
		})
}
