package ui

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/ui/uitest"
)

// fakeKeyring is a keyring in memory, which can be in trouble.
type fakeKeyring struct {
	mu      sync.Mutex // guards what follows
	items   map[string]string
	labels  map[string]string
	trouble secrets.State // Failed: none
}

func (k *fakeKeyring) err(op string) error {
	if k.trouble != secrets.Failed {
		return &secrets.Error{Op: op, State: k.trouble}
	}
	return nil
}

// Get implements secrets.Backend.
func (k *fakeKeyring) Get(_ context.Context, item string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.err("get"); err != nil {
		return "", err
	}
	if s, ok := k.items[item]; ok {
		return s, nil
	}
	return "", &secrets.Error{Op: "get", State: secrets.NotFound}
}

// Set implements secrets.Backend.
func (k *fakeKeyring) Set(_ context.Context, item, label, secret string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.err("set"); err != nil {
		return err
	}
	k.items[item], k.labels[item] = secret, label
	return nil
}

// Delete implements secrets.Backend.
func (k *fakeKeyring) Delete(_ context.Context, item string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.err("delete"); err != nil {
		return err
	}
	if _, ok := k.items[item]; !ok {
		return &secrets.Error{Op: "delete", State: secrets.NotFound}
	}
	delete(k.items, item)
	return nil
}

func (k *fakeKeyring) held() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.items)
}

// siteBench is a site manager in a window of the test driver, with a person
// before it.
type siteBench struct {
	*uitest.User
	t         *testing.T
	m         *siteManager
	loop      *uitest.Loop
	book      *sites.Book
	keyring   *fakeKeyring
	clock     *uitest.Clock
	dir       string
	connected []sites.Site
	closed    int
	tasks     sync.WaitGroup
}

// openSites opens a site manager on a book with some sites.
func openSites(t *testing.T, change func(*siteBench, *siteDeps), list ...sites.Site) *siteBench {
	t.Helper()
	b := &siteBench{t: t, loop: uitest.NewLoop(t), clock: uitest.NewClock(), dir: t.TempDir(), keyring: &fakeKeyring{items: map[string]string{}, labels: map[string]string{}}}
	lightApp(t)
	win := test.NewTempWindow(t, nil)
	var err error
	if b.book, err = sites.Open(filepath.Join(b.dir, "sites.json")); err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 {
		if _, err = b.book.Add(list...); err != nil {
			t.Fatal(err)
		}
	}
	deps := siteDeps{
		Ctx: t.Context(), Book: b.book, Secrets: secrets.Open(secrets.Options{Backend: b.keyring}), Sheets: newSheetBoard(win.Canvas()),
		Do: b.loop.Do, After: b.clock.After, Now: b.clock.Now,
		Run: func(f func()) {
			b.tasks.Add(1)
			go func() {
				defer b.tasks.Done()
				f()
			}()
		},
		OnConnect: func(s sites.Site) { b.connected = append(b.connected, s) },
		OnClose:   func() { b.closed++ },
		Usual:     func() []exchange.Found { return nil },
	}
	if change != nil {
		change(b, &deps)
	}
	b.m = newSiteManager(deps)
	win.SetPadded(false)
	win.SetContent(b.m.Content)
	win.Canvas().SetOnTypedKey(b.m.TypedKey)
	win.Resize(fyne.NewSize(1000, 640))
	b.User = uitest.NewUser(t, win.Canvas())
	t.Cleanup(func() {
		b.m.Close()
		b.idle()
	})
	b.m.Open("")
	b.idle()
	return b
}

// idle waits until nothing is left to do.
func (b *siteBench) idle() {
	b.t.Helper()
	for range 3 {
		b.loop.Until("the work to be done", func() bool { return b.m.work.Idle() && b.m.keys.work.Idle() })
		b.tasks.Wait()
		b.loop.Drain()
	}
}

func (b *siteBench) reads(s string) {
	b.t.Helper()
	b.loop.Until("the text "+s, func() bool { return uitest.HasText(b.Canvas(), s) })
}

func (b *siteBench) press(s string) {
	b.t.Helper()
	b.loop.Until("the text "+s, func() bool { return slices.Contains(uitest.Texts(b.Canvas()), s) })
	b.ClickText(s)
	b.idle()
}

// site returns the one site of that name in the book.
func (b *siteBench) site(name string) sites.Site {
	b.t.Helper()
	found := b.book.Content().Find(name)
	if len(found) != 1 {
		b.t.Fatalf("the book has %d sites %q: %v", len(found), name, b.paths())
	}
	return found[0]
}

// paths are the paths of the sites in the book, in order.
func (b *siteBench) paths() []string {
	out := []string{}
	for _, s := range b.book.Content().Sites {
		out = append(out, s.Path())
	}
	return out
}

// row is the middle of the row of the tree that has the name.
func (b *siteBench) row(name string) fyne.Position {
	b.t.Helper()
	for i := range b.m.model.Len() {
		if r := b.m.model.Row(i); r.Name == name {
			origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.m.tree.scroll)
			return origin.AddXY(siteLeft(r.Depth)+60, (float32(i)+0.5)*siteRowHeight-b.m.tree.scroll.Offset.Y)
		}
	}
	b.t.Fatalf("no row %q", name)
	return fyne.Position{}
}

// into types a text into a field of the form.
func (b *siteBench) into(key, text string) {
	b.t.Helper()
	b.m.form.Focus(key)
	b.Replace(text)
}

func named(name string, folder ...string) sites.Site {
	return sites.Site{Name: name, Host: strings.ToLower(name) + ".example.org", User: "anna", Folder: folder}
}

// Label gives an item another name for people, as the system's keyrings can.
func (k *fakeKeyring) Label(_ context.Context, item, label string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.items[item]; !ok {
		return &secrets.Error{Op: "label", State: secrets.NotFound}
	}
	k.labels[item] = label
	return nil
}
