package ui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"portside/client"
	"portside/client/sitekey"
	"portside/client/sites"
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
	opt, _ := t.settings(client.Options{}) // what is wrong with them ends the dial
	cert, key, authorities := t.files()
	s := sitekey.Of(t.URL, opt, authorities)
	s.ClientCert, s.ClientKey, s.SiteID = cert, key, t.id()
	return s
}

// siteKey names the server of t, the user and all that the connection depends on, as
// the command line does in the same file. It holds no password.
func siteKey(t target) string {
	if t.Passing {
		return demoSite
	}
	return siteOf(t).Encode()
}

// keyTarget reads a key back, without passwords. A key with settings that the window
// does not have is a *foreignSite.
func keyTarget(key string) (target, error) {
	s, err := sitekey.Parse(key)
	if err != nil {
		return target{}, &foreignSite{what: err.Error()}
	}
	if s.Insecure {
		return target{}, &foreignSite{site: s, what: "certificates are not checked there, which the window always does"}
	}
	t := target{URL: client.URL{Host: s.Host, Port: s.Port, User: s.User}, Security: s.Security, Mode: s.Mode}
	plain := sitekey.Site{Host: s.Host, Port: s.Port, User: s.User, Security: s.Security, Mode: s.Mode}
	if s != plain {
		t.Key, t.Pin = &s, s.Pin
	}
	return t, nil
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

// sameSite reports whether two keys are the same server and user, reached in the same
// way and protected alike; the way in which data connections are made may be another,
// and one may know of the saved site and the other not.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	ta, errA := keyTarget(a)
	tb, errB := keyTarget(b)
	return errA == nil && errB == nil && sameConnection(ta, tb)
}

// sameAccount reports whether two keys are the same user of the same server: whose
// connections the server counts together, in whatever way they are protected, and whose
// limit they share. The settings of a site may change while it is connected.
func sameAccount(a, b string) bool {
	if a == b {
		return true
	}
	sa, errA := sitekey.Parse(a)
	sb, errB := sitekey.Parse(b)
	return errA == nil && errB == nil && strings.EqualFold(sa.Host, sb.Host) && sa.Port == sb.Port && sa.User == sb.User
}

// sameConnection is sameSite for targets.
func sameConnection(a, b target) bool {
	sa, sb := siteOf(a), siteOf(b)
	sa.SiteID, sb.SiteID = "", ""
	return sa == sb
}

// siteBook knows how to log in to the sites of the queue, as long as the program
// runs. It is safe for concurrent use.
type siteBook struct {
	// saved returns a saved site as it is now, from memory.
	saved func(id string) (sites.Site, bool)
	// secrets fills in what the keyring has for a saved site.
	secrets func(ctx context.Context, t target) (target, error)

	beside besides // connections that are not the queue's

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
		if key != own && (sameSite(key, own) || b.standsFor(t, key)) {
			b.known[key] = knownSite{t, text}
			out = append(out, key)
		}
	}
	return out
}

// forget drops what is known of logins to a saved site, or with "" of all.
func (b *siteBook) forget(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, k := range b.known {
		if id == "" || k.target.id() == id {
			delete(b.known, key)
		}
	}
}

// standsFor reports whether a login to a saved site may be used for a key that was
// written when the site had other settings: the same server and user, and protection
// that is not weaker.
func (b *siteBook) standsFor(t target, key string) bool {
	if t.Site == nil || key == demoSite {
		return false
	}
	old, err := keyTarget(key)
	return err == nil && old.Key != nil && old.Key.SiteID == t.Site.ID && standsFor(t, old)
}

func standsFor(t, old target) bool {
	return old.Pin == "" && t.addr() == old.addr() && t.URL.User == old.URL.User &&
		(t.Security == old.Security || old.Security == client.SecurityAuto && t.Security != client.SecurityOff || old.Security == client.SecurityOff)
}

// login returns how a session of a site is made: as the user did last, with what the
// keyring has, or without a password where the site takes anybody.
func (b *siteBook) login(ctx context.Context, key string) (target, error) {
	b.mu.Lock()
	known, ok := b.known[key]
	b.mu.Unlock()
	if ok {
		t, missing := b.asNow(known.target)
		if missing && b.secrets != nil {
			return b.secrets(ctx, t)
		}
		return t, nil
	}
	if key == demoSite {
		return target{}, queue.ErrLogin
	}
	t, err := keyTarget(key)
	if err != nil {
		return target{}, err
	}
	if now, ok := b.asSaved(t); ok {
		return b.secrets(ctx, now)
	}
	if t.URL.User != "" && !isAnonymous(t.URL.User) || t.Key != nil && t.Key.Proxy.User != "" {
		return target{}, queue.ErrLogin
	}
	return t, nil
}

// asNow returns a login that worked with the settings that its site has now, where that is
// the same server still, and not protected less. It says whether secrets may be missing,
// since the site has got another proxy or certificate.
func (b *siteBook) asNow(t target) (now target, missing bool) {
	if t.Site == nil || b.saved == nil {
		return t, false
	}
	s, ok := b.saved(t.Site.ID)
	if !ok || !standsFor(targetOf(s), t) {
		return t, false
	}
	now, ok = t.with(s)
	if !ok {
		return t, false
	}
	now.Security, now.Mode = s.Security, s.Mode
	return now, s.Proxy.User != "" && now.ProxyPassword == "" || s.ClientCert != "" && now.own == nil
}

// asSaved returns the saved site that a key belongs to, with the settings that it has
// now; not where it has become another server, or is protected less.
func (b *siteBook) asSaved(t target) (target, bool) {
	if t.Key == nil || t.Key.SiteID == "" || b.saved == nil {
		return target{}, false
	}
	s, ok := b.saved(t.Key.SiteID)
	if !ok {
		return target{}, false
	}
	now := targetOf(s)
	return now, standsFor(now, t)
}

// target returns what is known of a site, be it without its password.
func (b *siteBook) target(key string) target {
	b.mu.Lock()
	known, ok := b.known[key]
	b.mu.Unlock()
	if ok {
		return known.target
	}
	t, err := keyTarget(key)
	if err != nil {
		return target{}
	}
	if now, ok := b.asSaved(t); ok {
		return now
	}
	return t
}

// foreign reports whether the window cannot run the transfers of a site.
func (b *siteBook) foreign(key string) bool {
	_, err := keyTarget(key)
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

// rules changes how files are transferred for a saved site.
func (b *siteBook) rules(key string, opt *transfers.Options) {
	s, ok := b.savedOf(key)
	if !ok {
		return
	}
	opt.TempUpload = opt.TempUpload || s.TempUpload
	if rule, err := transfers.ParseExists(s.Exists); err == nil && s.Exists != "" && opt.Exists == transfers.Ask {
		opt.Exists = rule
	}
}

// savedOf returns the saved site of a key.
func (b *siteBook) savedOf(key string) (sites.Site, bool) {
	s, err := sitekey.Parse(key)
	if err != nil || s.SiteID == "" || b.saved == nil {
		return sites.Site{}, false
	}
	return b.saved(s.SiteID)
}

// queueSite is how the queue is told of a site.
func (b *siteBook) queueSite(key string) queue.Site {
	q := queue.Site{Key: key, Name: b.name(key)}
	if s, ok := b.savedOf(key); ok {
		q.MaxConnections, q.Down, q.Up = s.MaxConnections, s.DownLimit, s.UpLimit
	}
	return q
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

// limitSites tells the queue what the saved sites say about numbers and speeds.
func (w *Window) limitSites(ctx context.Context) {
	q := w.queue.get()
	if q == nil {
		return
	}
	w.limiting.Lock()
	defer w.limiting.Unlock()
	list, err := q.Sites(ctx)
	for _, s := range list {
		if want := w.sites.queueSite(s.Key); err == nil && want != s.Site {
			err = q.AddSite(ctx, want)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.sayQueue(sentence(client.Printable(err.Error())))
	}
}

// openQueue opens the queue, off the Fyne goroutine: a long one is read from the
// disk. Where its file cannot be used, transfers live as long as the program.
func (w *Window) openQueue() {
	opt := queue.Options{
		Path: w.cfg.QueueFile,
		Dial: func(ctx context.Context, site string) (transfers.RemoteCloser, error) {
			t, err := w.sites.login(ctx, site)
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
		Beside:      w.sites.beside.count,
		Transfer:    transfers.Options{Times: true},
		ForSite:     w.transferRules,
		Held:        true, // until the limits of its sites are known
		DialRetries: -1,   // a site waits until it works, or somebody logs in
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
		w.limitSites(ctx)
		q.Start()
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
