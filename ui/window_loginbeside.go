package ui

import (
	"context"
	"errors"
	"slices"

	"portside/client"
	"portside/client/access"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/transfers/queue"
)

// A besideLogin is a login to a server that the window does not show: transfers need it,
// and the server that is shown stays.
type besideLogin struct {
	target target
	note   string                                   // said while it is tried
	failed string                                   // said before why it did not work
	then   func(t target, text func(string) string) // after it has worked
}

// askBeside asks for what a login takes, and tries it.
func (w *Window) askBeside(l besideLogin, questions []access.Question) {
	if l.target.Site == nil {
		why := ""
		if len(questions) > 0 {
			why = questions[0].Reason
		}
		w.sheets.AskPassword(client.Printable(l.target.URL.User), client.Printable(l.target.URL.Host), why, func(password string) {
			l.target.Password = password
			w.tryBeside(l)
		})
		return
	}
	w.sheets.AskSecrets(secretsAsk{target: l.target, questions: questions, verb: "Log in", done: func(t target) {
		l.target = t
		w.tryBeside(l)
	}})
}

// tryBeside tries what was typed, so that only what has worked is kept and used.
func (w *Window) tryBeside(l besideLogin) {
	w.banners.Show(notice{key: "copy", tone: toneInfo, text: l.note})
	w.run(func() {
		whole, err := w.resolve(w.ctx, l.target)
		kept := ""
		var text func(string) string
		if err == nil {
			var s Session
			if s, err = w.dialBeside(w.ctx, whole); err == nil {
				text = s.Text
				_ = s.Close()
				if whole.Site != nil {
					kept = w.keepSecrets(w.ctx, whole)
				}
			}
		}
		w.cfg.Do(func() {
			w.banners.Hide("copy")
			l.target = whole
			if err != nil {
				w.besideFailed(l, err)
				return
			}
			if kept != "" {
				w.banners.Show(notice{key: "keyring", tone: toneInfo, text: kept})
			}
			whole.Keep = keptSecrets{}
			w.sites.learn(whole, text, nil)
			l.then(whole, text)
		})
	})
}

// besideFailed asks again where that helps, and else says why nothing goes on.
func (w *Window) besideFailed(l besideLogin, err error) {
	if missing, ok := errors.AsType[*secretsNeeded](err); ok {
		w.askBeside(l, missing.questions)
		return
	}
	if cert, ok := errors.AsType[*client.CertError](err); ok {
		w.judgeCertificate(l.target.addr(), cert, func() { w.tryBeside(l) })
		return
	}
	advice := client.Explain(err)
	if advice.Kind != client.KindLogin || l.target.URL.User == "" {
		w.banners.Show(notice{key: "copy", tone: toneError, text: joinSentences(l.failed, advice.Sentence, advice.Next)})
		return
	}
	w.refusedBeside(l)
}

// refusedBeside asks for a password in place of one that the server has refused.
func (w *Window) refusedBeside(l besideLogin) {
	const reason = "The server did not accept the user name or the password."
	l.target.Password, l.target.Keep = "", keptSecrets{}
	if l.target.Site == nil {
		w.askBeside(l, []access.Question{{Kind: secrets.Password, Reason: reason}})
		return
	}
	site := *l.target.Site
	w.run(func() {
		w.access.Refused(site, secrets.Password)
		q := access.Question{
			Kind: secrets.Password, State: w.secrets.State(w.ctx), Each: site.Logon == sites.LogonAsk, Reason: reason,
		}
		w.cfg.Do(func() { w.askBeside(l, []access.Question{q}) })
	})
}

// loginBeside logs in to a site whose transfers wait for it, while the window shows
// another server. It asks for a password where one is missing.
func (w *Window) loginBeside(t target) {
	l := besideLogin{
		target: t, note: "Logging in to " + t.name() + " for the transfers that wait.",
		failed: "The transfers of " + t.name() + " go on waiting",
		then: func(t target, text func(string) string) {
			w.letGoOn(t, text)
			w.editsUp(t, text)
		},
	}
	if t.needsPassword() {
		w.askBeside(l, nil)
		return
	}
	w.tryBeside(l)
}

// letGoOn lets the transfers of a server go on that was logged in to.
func (w *Window) letGoOn(t target, text func(string) string) {
	w.sites.learn(t, text, nil) // before anything is added for it
	w.panel.hand.Do(func(ctx context.Context) error {
		q := w.queue.get()
		if q == nil {
			return nil
		}
		list, err := q.Sites(ctx)
		if err != nil {
			return err
		}
		keys := make([]string, len(list))
		for i, s := range list {
			keys[i] = s.Key
		}
		keys = w.sites.learn(t, text, keys)
		for _, key := range keys {
			q.ResumeSite(key)
		}
		return retryCopies(ctx, q, keys)
	})
}

// retryCopies has copies to sites that were logged in to go on now, which else wait for
// the time of their next try.
func retryCopies(ctx context.Context, q *queue.Queue, keys []string) error {
	items, _, err := q.List(ctx, queue.Filter{States: []queue.State{queue.Waiting}}, 0, copiesMost)
	if err != nil {
		return err
	}
	var ids []int64
	for _, it := range items {
		if it.Kind == queue.Copy && slices.Contains(keys, it.ToSite) {
			ids = append(ids, it.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return q.Retry(ctx, ids...)
}

// withDemo starts the demo server, where it does not run yet, for something else than to
// show it.
func (w *Window) withDemo(then func(target)) {
	if w.demo == nil && (w.cfg.Demo == nil || w.starting) {
		return
	}
	w.starting = w.demo == nil
	start := w.starting
	w.run(func() {
		var demo *DemoServer
		var err error
		if start {
			demo, err = w.cfg.Demo(w.ctx)
		}
		w.cfg.Do(func() {
			w.starting = false
			if demo != nil {
				w.demo = demo
			}
			var t target
			if err == nil {
				_, t, err = w.demoTarget()
			}
			if err != nil {
				w.banners.Show(notice{key: "copy", tone: toneError, text: sentence(client.Printable(err.Error()))})
				return
			}
			then(t)
		})
	})
}
