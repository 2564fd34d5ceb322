package ui

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"portside/client"
	"portside/client/sitekey"
	"portside/transfers"
	"portside/transfers/queue"
	"portside/transfers/queue/store"
)

// demoSite is the key of the demo server, which is another one each time that
// the program starts, with the same files.
const demoSite = "demo"

// siteOf is the site that the queue knows t by. How data connections are made is
// no part of it: that is chosen for the window, and found out for each server.
func siteOf(t target) sitekey.Site {
	t.Mode = client.Auto
	return sitekey.Of(t.URL, t.options(client.Options{}), "")
}

// siteKey names the server of t, the user and what protects the connection, as
// the command line does in the same file. It holds no password.
func siteKey(t target) string {
	if t.Passing {
		return demoSite
	}
	return siteOf(t).Encode()
}

// siteTarget reads a key back, without the password and without a certificate
// that was accepted by hand: that was for another time. A key with settings that
// the window does not have is a *foreignSite.
func siteTarget(key string) (t target, pinned bool, err error) {
	s, err := sitekey.Parse(key)
	if err != nil {
		return target{}, false, &foreignSite{what: err.Error()}
	}
	t = target{URL: client.URL{Host: s.Host, Port: s.Port, User: s.User}, Security: s.Security, Mode: s.Mode}
	ours := s
	ours.Account, ours.MaxTLS, ours.CAFile, ours.Insecure, ours.Charset = "", 0, "", false, ""
	ours.PreferActive, ours.ActiveFromServer, ours.TrustPASVAddress = false, false, false
	ours.ActivePorts, ours.ActiveAddress = client.PortRange{}, netip.Addr{}
	if s != ours {
		return target{}, false, &foreignSite{site: s, what: "they have settings that the window does not have"}
	}
	return t, s.Pin != "", nil
}

// A foreignSite is one whose transfers the window leaves to another program, since
// it would run them with other settings, perhaps with weaker protection.
type foreignSite struct {
	site sitekey.Site // empty: the key cannot be read
	what string
}

// Error says so, and who can run them.
func (e *foreignSite) Error() string {
	return "these transfers cannot be run in the window: " + client.Printable(e.what) + ". Run them with: portside-cli queue run"
}

// Is has the queue leave the site alone.
func (e *foreignSite) Is(err error) bool { return err == queue.ErrLogin }

// sameSite reports whether two keys are the same server, user and security; the
// certificate that was accepted by hand may be another, and the way in which data
// connections are made.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	ta, _, errA := siteTarget(a)
	tb, _, errB := siteTarget(b)
	return errA == nil && errB == nil && siteOf(ta) == siteOf(tb)
}

// siteBook knows how to log in to the sites of the queue, as long as the program
// runs. It is safe for concurrent use.
type siteBook struct {
	mu    sync.Mutex // guards what follows
	known map[string]knownSite
}

// A knownSite is a site that was logged in to.
type knownSite struct {
	target target
	text   func(raw string) string // decodes its names
}

// learn remembers a login that worked, for its own key and those of the list that
// mean the same server; it returns these keys.
func (b *siteBook) learn(t target, text func(string) string, keys []string) []string {
	own := siteKey(t)
	t.URL.Path, t.Return = "", ""
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[string]knownSite{}
	}
	out := []string{own}
	b.known[own] = knownSite{t, text}
	for _, key := range keys {
		if key != own && sameSite(key, own) {
			b.known[key] = knownSite{t, text}
			out = append(out, key)
		}
	}
	return out
}

// login returns how a session of a site is made: as the user did last, or without
// a password where the site takes anybody.
func (b *siteBook) login(key string) (target, error) {
	b.mu.Lock()
	known, ok := b.known[key]
	b.mu.Unlock()
	if ok {
		return known.target, nil
	}
	if key == demoSite {
		return target{}, queue.ErrLogin
	}
	t, pinned, err := siteTarget(key)
	if err != nil {
		return target{}, err
	}
	if pinned || t.URL.User != "" && !isAnonymous(t.URL.User) {
		return target{}, queue.ErrLogin
	}
	return t, nil
}

// target returns what is known of a site, be it without its password.
func (b *siteBook) target(key string) target {
	b.mu.Lock()
	known, ok := b.known[key]
	b.mu.Unlock()
	if ok {
		return known.target
	}
	t, _, err := siteTarget(key)
	if err != nil {
		return target{}
	}
	return t
}

// foreign reports whether the window cannot run the transfers of a site.
func (b *siteBook) foreign(key string) bool {
	_, _, err := siteTarget(key)
	return err != nil && key != demoSite
}

// text decodes a raw name of a site.
func (b *siteBook) text(key, raw string) string {
	b.mu.Lock()
	known := b.known[key]
	b.mu.Unlock()
	if known.text != nil {
		return known.text(raw)
	}
	return readable(raw)
}

// name is what the window calls a site.
func (b *siteBook) name(key string) string {
	if key == demoSite {
		return "Demo server"
	}
	if t := b.target(key); t.URL.Host != "" {
		return t.name()
	}
	if s, err := sitekey.Parse(key); err == nil {
		return s.Name()
	}
	return client.Printable(key)
}

// queueBox holds the queue once it is open.
type queueBox struct {
	mu sync.Mutex // guards q
	q  *queue.Queue
}

func (b *queueBox) set(q *queue.Queue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.q = q
}

func (b *queueBox) get() *queue.Queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.q
}

var errNoQueue = errors.New("the transfer queue is not open")

// Close stops what runs and keeps the rest for the next time.
func (b *queueBox) Close(ctx context.Context) error {
	if q := b.get(); q != nil {
		return q.Close(ctx)
	}
	return nil
}

// openQueue opens the queue, off the Fyne goroutine: a long one is read from the
// disk. Where its file cannot be used, transfers live as long as the program.
func (w *Window) openQueue() {
	opt := queue.Options{
		Path: w.cfg.QueueFile,
		Dial: func(ctx context.Context, site string) (transfers.RemoteCloser, error) {
			t, err := w.sites.login(site)
			if err != nil {
				return nil, err
			}
			return w.dial(ctx, t)
		},
		Lend: func(site string) transfers.RemoteCloser {
			if v := w.link.View(); v.State == linkUp && sameSite(siteKey(v.Target), site) {
				return v.Session
			}
			return nil
		},
		Transfer:    transfers.Options{Times: true},
		DialRetries: -1, // a site waits until it works, or somebody logs in
		OnChange:    w.wake,
		OnDone:      func(it queue.Item) { w.stale.note(it) },
		OnIdle:      func(t queue.Totals) { w.cfg.Do(func() { w.allDone(t) }) },
	}
	w.panel.hand.Do(func(ctx context.Context) error {
		q, damage, err := openPatiently(ctx, opt)
		if err != nil && opt.Path != "" {
			w.sayQueue(noQueueText(err))
			opt.Path = ""
			q, damage, err = queue.Open(ctx, opt)
		}
		if err != nil {
			return err
		}
		if damage != nil {
			w.sayQueue(damageText(damage))
		}
		w.queue.set(q)
		w.cfg.Do(func() { w.panel.Use(q) })
		return nil
	})
}

// How long the queue's file is waited for, which another program may be about to
// give back, and how often it is tried.
const (
	openWithin = time.Second
	openEvery  = 50 * time.Millisecond
)

// openPatiently opens the queue, and waits a moment where another program has its
// file.
func openPatiently(ctx context.Context, opt queue.Options) (*queue.Queue, *store.Damage, error) {
	over := time.NewTimer(openWithin)
	defer over.Stop()
	tick := time.NewTicker(openEvery)
	defer tick.Stop()
	for {
		q, damage, err := queue.Open(ctx, opt)
		if _, held := errors.AsType[*store.HeldError](err); !held {
			return q, damage, err
		}
		select {
		case <-tick.C:
		case <-over.C:
			return nil, nil, err
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		}
	}
}

// sayQueue says what is wrong with the queue's file.
func (w *Window) sayQueue(text string) {
	w.cfg.Do(func() { w.banners.Show(notice{key: "queue", tone: toneWarning, text: text}) })
}
