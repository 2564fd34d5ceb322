package ui

import (
	"context"
	"errors"
	"strings"

	"portside/client"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/ui/state"
)

// siteKeys stand between the password fields of the form and the keyring. No call
// to the keyring is made on the Fyne goroutine, and no password that is kept is
// ever shown: only whether there is one.
type siteKeys struct {
	m     *siteManager
	work  *siteWork       // of its own: a keyring that hangs must not keep sites from being saved
	asked context.Context // for what the user has typed: the keyring may ask to be unlocked
	last  context.Context // also while the program ends; a call is bounded by the store's patience
	turn  int             // counts what was asked, so that a late answer is known
	of    string          // ID of the site that was looked at last
	fresh string          // its ID, once a password was typed for it
}

func newSiteKeys(m *siteManager) *siteKeys {
	return &siteKeys{
		m: m, work: &siteWork{run: m.deps.Run, do: m.deps.Do}, asked: secrets.WithPatience(m.deps.Ctx, secrets.AskedPatience),
		last: context.WithoutCancel(m.deps.Ctx),
	}
}

// siteKeyState is what is known of one secret.
type siteKeyState struct {
	kind     secrets.Kind
	err      error // of Get
	inMemory bool
	why      string // it is in memory only
}

// siteKeySaid is what the form says of a secret: in its empty field, and below it.
type siteKeySaid struct {
	kind         secrets.Kind
	prompt, text string
	kept         bool // there is something to forget
}

// said says how things stand.
func (s siteKeyState) said() siteKeySaid {
	switch {
	case s.inMemory:
		text := "Kept in memory until Portside ends."
		if s.why != "" {
			text += " " + s.why
		}
		return siteKeySaid{s.kind, "in memory, type to replace", text, true}
	case s.err == nil:
		return siteKeySaid{s.kind, "stored in the keyring", "Stored in the keyring. What you type here replaces it.", true}
	case errors.Is(s.err, secrets.ErrNotFound):
		return siteKeySaid{s.kind, "will be asked", "Goes into the keyring once you leave the field. Left empty, it is asked for when the site connects.", false}
	}
	return siteKeySaid{s.kind, "will be asked", "It is asked for when the site connects. " + secrets.Sentence(s.err), false}
}

// wanted are the kinds of secrets that the shown site may have.
func (k *siteKeys) wanted() []secrets.Kind {
	f := k.m.forms[k.m.shown]
	if f == nil {
		return nil
	}
	var out []secrets.Kind
	for key, r := range k.m.form.rows {
		if _, is := r.input.(*siteSecretInput); is && (f.Shown(key) || r.field.Secret == secrets.Password) {
			out = append(out, r.field.Secret)
		}
	}
	return out
}

// Look finds out what is kept of the shown site, and says so.
func (k *siteKeys) Look() {
	store, id := k.m.deps.Secrets, k.m.shown
	if store == nil || id == "" {
		return
	}
	if k.of != id {
		k.of, k.fresh = id, ""
	}
	kinds := k.wanted()
	var looking []siteKeySaid
	for _, kind := range kinds {
		looking = append(looking, siteKeySaid{kind: kind, text: "Looking into the keyring…"})
	}
	k.m.form.Say(looking...)
	k.turn++
	turn := k.turn
	k.m.deps.Run(func() {
		var states []siteKeyState
		for _, kind := range kinds {
			states = append(states, k.state(k.m.deps.Ctx, secrets.Key{Site: id, Kind: kind}))
		}
		k.m.deps.Do(func() {
			if k.turn == turn && k.m.shown == id {
				k.show(states...)
			}
		})
	})
}

// state looks for one secret. What it is, is forgotten at once.
func (k *siteKeys) state(ctx context.Context, key secrets.Key) siteKeyState {
	s := siteKeyState{kind: key.Kind}
	if _, s.inMemory = k.m.deps.Secrets.Remembered(key); s.inMemory {
		return s
	}
	_, s.err = k.m.deps.Secrets.Get(ctx, key)
	return s
}

func (k *siteKeys) show(states ...siteKeyState) {
	var said []siteKeySaid
	for _, s := range states {
		said = append(said, s.said())
	}
	k.m.form.Say(said...)
}

// PutPassword takes a password that came with an address.
func (k *siteKeys) PutPassword(secret string) { k.Put(secrets.Password, secret) }

// Put keeps a secret of the shown site: at once in memory, and in the keyring as
// soon as that has taken it.
func (k *siteKeys) Put(kind secrets.Kind, secret string) {
	f, store := k.m.forms[k.m.shown], k.m.deps.Secrets
	if f == nil || store == nil {
		return
	}
	d := f.Draft()
	key := secrets.Key{Site: d.ID, Kind: kind}
	if kind == secrets.Password {
		k.fresh = d.ID
	}
	store.Remember(key, secret)
	if d.Logon == sites.LogonAsk && kind == secrets.Password {
		return
	}
	k.m.form.Say(siteKeySaid{kind: kind, text: "Storing it in the keyring…"})
	k.turn++
	turn := k.turn
	k.work.Add(func() func() { // one after the other: the last one typed counts
		kept, err := store.Set(k.asked, key, d.Path(), secret)
		if k.asked.Err() != nil && kept != secrets.InKeyring { // the program ends, and what was typed last is kept all the same
			kept, err = store.Set(k.last, key, d.Path(), secret)
		}
		return func() {
			if k.turn != turn || k.m.shown != d.ID {
				return
			}
			s := siteKeyState{kind: kind, inMemory: kept != secrets.InKeyring, why: secrets.Sentence(err)}
			k.show(s)
		}
	})
}

// Forget removes one secret of the shown site.
func (k *siteKeys) Forget(kind secrets.Kind) {
	id, store := k.m.shown, k.m.deps.Secrets
	if store == nil || id == "" {
		return
	}
	k.turn++
	turn := k.turn
	k.work.Add(func() func() {
		key := secrets.Key{Site: id, Kind: kind}
		err := store.DeleteOne(k.m.deps.Ctx, key)
		s := siteKeyState{kind: kind, err: err}
		if err == nil {
			s = k.state(k.m.deps.Ctx, key)
		}
		return func() {
			if k.turn == turn && k.m.shown == id {
				k.show(s)
			}
		}
	})
}

// Moved says that the password that is kept goes to another server from now on, which the
// user may not want. One that was typed just now is meant for it.
func (k *siteKeys) Moved(f *state.SiteForm) {
	from, to := f.Opened().Host, f.Draft().Host
	if k.m.shown != f.ID() || k.fresh == f.ID() || from == "" || strings.EqualFold(from, to) || !k.m.form.Keeps(secrets.Password) {
		return
	}
	k.m.notice.Say("The password that is stored for "+client.Printable(from)+" goes to "+client.Printable(to)+" now.", true,
		siteNoticeAction{"Forget the password", func() {
			k.m.notice.Hide()
			if k.m.shown == f.ID() {
				k.Forget(secrets.Password)
			}
		}})
}

// Remove removes all secrets of a site that is gone for good. It may be called from any
// goroutine.
func (k *siteKeys) Remove(id string) {
	k.behind(func(ctx context.Context, s *secrets.Store) error { return s.Delete(ctx, id) })
}

// Drop removes the secrets for which a site has no use any more, such as the
// password of one that is to be asked for each time. It is done once the form is
// left, since until then the change can be undone.
func (k *siteKeys) Drop(f *state.SiteForm) {
	k.drop(f.ID(), f.Dropped())
}

// drop removes some secrets of a site. It may be called from any goroutine.
func (k *siteKeys) drop(id string, kinds []secrets.Kind) {
	for _, kind := range kinds {
		k.behind(func(ctx context.Context, s *secrets.Store) error {
			return s.DeleteOne(ctx, secrets.Key{Site: id, Kind: kind})
		})
	}
}

// Copy gives one site what another one has.
func (k *siteKeys) Copy(from, to string) {
	k.behind(func(ctx context.Context, s *secrets.Store) error { return s.Copy(ctx, from, to) })
}

// Relabel gives the secrets of a site the name that it has now.
func (k *siteKeys) Relabel(id string) {
	s, ok := k.m.book.ByID(id)
	if f := k.m.forms[id]; f != nil {
		s, ok = f.Draft(), true
	}
	if ok {
		k.behind(func(ctx context.Context, store *secrets.Store) error { return store.Relabel(ctx, id, s.Path()) })
	}
}

// behind does something with the keyring. What fails is said where the user can
// do something about it: a secret that stays though its site is gone.
func (k *siteKeys) behind(do func(context.Context, *secrets.Store) error) {
	store := k.m.deps.Secrets
	if store == nil {
		return
	}
	k.work.Add(func() func() {
		err := do(k.last, store)
		return func() {
			switch secrets.StateOf(err) {
			case secrets.Works, secrets.NotFound, secrets.Missing:
			default:
				k.m.notice.Say(secrets.Sentence(err), true)
			}
			if k.m.shown != "" {
				k.Look()
			}
		}
	})
}
