package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/access"
	"portside/client/clientcert"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/transfers/queue"
)

// askedPatience is how long the keyring may take where the user is waiting for just that,
// and may have to unlock it.
const askedPatience = 60 * time.Second

// keptSecrets says which secrets of a target go to the keyring once they have worked.
type keptSecrets struct{ Password, Proxy, Passphrase bool }

func (k keptSecrets) any() bool { return k != keptSecrets{} }

// secret returns where a target has a secret.
func (t *target) secret(kind secrets.Kind) (text *string, keep *bool) {
	switch kind {
	case secrets.ProxyPassword:
		return &t.ProxyPassword, &t.Keep.Proxy
	case secrets.CertPassphrase:
		return &t.Passphrase, &t.Keep.Passphrase
	default:
		return &t.Password, &t.Keep.Password
	}
}

// A secretsNeeded says that somebody has to be asked before a saved site can be
// connected to.
type secretsNeeded struct{ questions []access.Question }

// Error says so.
func (e *secretsNeeded) Error() string {
	if len(e.questions) == 1 {
		return "the " + e.questions[0].Kind.Words() + " is not known"
	}
	return "the passwords are not known"
}

// Is has the queue wait for a login.
func (e *secretsNeeded) Is(err error) bool { return err == queue.ErrLogin }

// resolve fills in what the keyring has for a saved site; what is there already counts
// more. It is bounded in time, and runs off the Fyne goroutine.
func (w *Window) resolve(ctx context.Context, t target) (target, error) {
	if t.Site == nil {
		return t, nil
	}
	if t.patient {
		ctx = secrets.WithPatience(ctx, askedPatience)
	}
	t.patient = false
	base := w.cfg.Options
	base.Password, base.Proxy.Password = t.Password, t.ProxyPassword
	res, err := w.access.Options(ctx, *t.Site, base)
	if err != nil {
		return t, err
	}
	if t.Passphrase != "" && asks(res.Missing, secrets.CertPassphrase) {
		err = res.Answer(secrets.CertPassphrase, t.Passphrase)
		switch {
		case errors.Is(err, clientcert.ErrPassphrase):
			t.Passphrase = ""
			for i := range res.Missing {
				if res.Missing[i].Kind == secrets.CertPassphrase {
					res.Missing[i].Reason = "That passphrase does not open the client certificate."
				}
			}
		case err != nil:
			return t, err
		}
	}
	t.Password, t.ProxyPassword = res.Options.Password, res.Options.Proxy.Password
	if len(res.Options.Certificates) > 0 {
		t.own = &res.Options.Certificates[0]
	}
	if len(res.Missing) > 0 {
		return t, &secretsNeeded{questions: res.Missing}
	}
	return t, nil
}

// asks reports whether a secret of that kind is among those to be asked for.
func asks(list []access.Question, kind secrets.Kind) bool {
	return slices.ContainsFunc(list, func(q access.Question) bool { return q.Kind == kind })
}

// quietly is resolve for the queue, which asks nobody.
func (w *Window) quietly(ctx context.Context, t target) (target, error) { return w.resolve(ctx, t) }

// keepSecrets puts the secrets of a target that has just worked where the user wants them.
// It returns what there is to say about that.
func (w *Window) keepSecrets(ctx context.Context, t target) string {
	now, ok := w.book.Content().ByID(t.Site.ID)
	t, same := t.with(now)
	if !ok || !same {
		return "" // the site is gone, or another server's
	}
	var said string
	for _, kind := range secrets.Kinds() {
		text, keep := t.secret(kind)
		if !*keep || *text == "" {
			continue
		}
		if kept, why := w.access.Keep(ctx, *t.Site, kind, *text); kept != secrets.InKeyring {
			said = notKept(kind, why)
		}
	}
	return said
}

// notKept makes a sentence about what is not in the keyring one that says what it is about.
func notKept(kind secrets.Kind, why string) string {
	if rest, ok := strings.CutPrefix(why, "It "); ok {
		return "The " + kind.Words() + " " + rest
	}
	return why
}

// A secretsAsk is a question for one or more secrets of a saved site.
type secretsAsk struct {
	target    target
	questions []access.Question
	verb      string
	done      func(target)
}

// keyring returns how the keyring stands, as far as the questions tell.
func (a secretsAsk) keyring() secrets.State {
	for _, q := range a.questions {
		if q.State != secrets.NotFound && q.State != secrets.Works {
			return q.State
		}
	}
	return secrets.Works
}

// storable reports whether an answer may be kept: not where the site wants to be asked
// each time.
func (a secretsAsk) storable() bool {
	return slices.ContainsFunc(a.questions, func(q access.Question) bool { return !q.Each })
}

// AskSecrets shows why something has to be asked, and asks.
func (b *sheetBoard) AskSecrets(a secretsAsk) {
	t := a.target
	body := container.New(flowLayout{gap: theme.Padding()})
	s := &sheet{title: "Log in to " + t.name(), body: body, width: 460, confirm: a.verb}
	body.Add(newInk(client.Printable(loginAs(t)), theme.SizeNameText, theme.ColorNamePlaceHolder))
	entries := make([]*inputEntry, len(a.questions))
	said := ""
	for i, q := range a.questions {
		if q.Reason != said {
			body.Add(newInk(client.Printable(q.Reason), theme.SizeNameText, theme.ColorNameForeground))
		}
		said = q.Reason
		entries[i] = newSecretEntry(capital(q.Kind.Words()))
		body.Add(entries[i])
	}
	s.inputs, s.focus = entries, entries[0]
	store := widget.NewCheck("Store it in the keyring", nil)
	store.SetChecked(a.storable())
	switch state := a.keyring(); {
	case !a.storable():
	case state == secrets.Works:
		body.Add(store)
	default:
		body.Add(newInk("What you type is kept until Portside ends, and written nowhere.", theme.SizeNameText, theme.ColorNamePlaceHolder))
		if state == secrets.Locked || state == secrets.TimedOut {
			s.extra = []sheetChoice{{"Ask the keyring again", func() {
				t.patient = true
				a.done(t)
			}}}
		}
	}
	s.check = func() error {
		for i, e := range entries {
			if e.Text == "" {
				return fmt.Errorf("Type the %s.", a.questions[i].Kind.Words()) //nolint:revive,staticcheck // a sentence to be shown
			}
		}
		return nil
	}
	s.done = func(ok bool) {
		if !ok {
			return
		}
		for i, q := range a.questions {
			text, keep := t.secret(q.Kind)
			*text, *keep = entries[i].Text, store.Checked && !q.Each
		}
		a.done(t)
	}
	b.Show(s)
}

// capital begins a text with a capital letter.
func capital(s string) string { return strings.TrimSuffix(sentence(s), ".") }

// loginAs is who logs in where.
func loginAs(t target) string {
	if t.URL.User == "" {
		return "Server " + t.addr()
	}
	return "User " + t.URL.User + " at " + t.addr()
}

// askAgain asks for the password of a saved site that the server has refused.
func (w *Window) askAgain(t target) {
	site := *t.Site
	t.Password, t.Keep = "", keptSecrets{}
	w.run(func() {
		w.access.Refused(site, secrets.Password)
		q := access.Question{
			Kind: secrets.Password, State: w.secrets.State(w.ctx), Each: site.Logon == sites.LogonAsk,
			Reason: "The server did not accept the user name or the password.",
		}
		w.cfg.Do(func() {
			if v := w.link.View(); v.State == linkFailed && v.Target.id() == site.ID && !w.sheets.Open() {
				w.sheets.AskSecrets(secretsAsk{target: t, questions: []access.Question{q}, verb: "Connect", done: w.link.Connect})
			}
		})
	})
}

// showSecretsNeeded asks for what is missing, over a card that says so.
func (w *Window) showSecretsNeeded(v linkView[Session], e *secretsNeeded) {
	ask := func() {
		w.sheets.AskSecrets(secretsAsk{target: v.Target, questions: e.questions, verb: "Connect", done: w.link.Connect})
	}
	w.showState(remoteCard{
		title: v.Target.name(), hint: "A password is needed to log in.",
		buttons: []action{{"Enter the password", func() { w.askOrTry(v.Target, ask) }}, {"Cancel", w.link.Disconnect}},
	})
	ask()
}
