package ui

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"

	"portside/client"
	"portside/transfers"
	"portside/transfers/queue"
)

// demoSite is the key of the demo server, which is another one each time that
// the program starts, with the same files.
const demoSite = "demo"

// siteKey names the server of t, the user and what protects the connection, so
// that no session made under weaker security stands for another. It holds no
// password, and is kept in the queue's file.
func siteKey(t target) string {
	if t.Passing {
		return demoSite
	}
	v := url.Values{"security": {t.Security.String()}}
	if t.Pin != "" {
		v.Set("pin", t.Pin)
	}
	u := client.URL{Host: t.URL.Host, Port: t.URL.Port, User: t.URL.User, Security: t.Security}
	return urlText(u) + "?" + v.Encode()
}

// siteTarget reads a key back, without the password and without a certificate
// that was accepted by hand: that was for another time.
func siteTarget(key string) (t target, pinned, ok bool) {
	base, query, found := strings.Cut(key, "?")
	if !found {
		return target{}, false, false
	}
	v, err := url.ParseQuery(query)
	if err != nil {
		return target{}, false, false
	}
	u, err := client.ParseURL(base)
	if err != nil {
		return target{}, false, false
	}
	security, err := client.ParseSecurity(v.Get("security"))
	if err != nil {
		return target{}, false, false
	}
	return target{URL: u, Security: security}, v.Get("pin") != "", true
}

// sameSite reports whether two keys are the same server, user and security; the
// certificate that was accepted by hand may be another.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	ta, _, okA := siteTarget(a)
	tb, _, okB := siteTarget(b)
	return okA && okB && ta == tb
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
	t, pinned, ok := siteTarget(key)
	if !ok || pinned || t.URL.User != "" && !isAnonymous(t.URL.User) {
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
	t, _, _ := siteTarget(key)
	return t
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
	t := b.target(key)
	if t.URL.Host == "" {
		return client.Printable(key)
	}
	return t.name()
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
		q, damage, err := queue.Open(ctx, opt)
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

// sayQueue says what is wrong with the queue's file.
func (w *Window) sayQueue(text string) {
	w.cfg.Do(func() { w.banners.Show(notice{key: "queue", tone: toneWarning, text: text}) })
}
