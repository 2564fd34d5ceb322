package ui

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"portside/client"
	"portside/client/ftptest"
	"portside/client/secrets"
	"portside/client/sites"
)

// ring is a keyring in memory, which may hang.
type ring struct {
	mu    sync.Mutex // guards items
	items map[string]string
	hang  bool
}

func (r *ring) enter(ctx context.Context) error {
	if r.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	r.mu.Lock()
	return nil
}

func (r *ring) Get(ctx context.Context, item string) (string, error) {
	if err := r.enter(ctx); err != nil {
		return "", err
	}
	defer r.mu.Unlock()
	if s, ok := r.items[item]; ok {
		return s, nil
	}
	return "", &secrets.Error{Op: "get", State: secrets.NotFound}
}

func (r *ring) Set(ctx context.Context, item, _, secret string) error {
	if err := r.enter(ctx); err != nil {
		return err
	}
	defer r.mu.Unlock()
	if r.items == nil {
		r.items = map[string]string{}
	}
	r.items[item] = secret
	return nil
}

func (r *ring) Delete(ctx context.Context, item string) error {
	if err := r.enter(ctx); err != nil {
		return err
	}
	defer r.mu.Unlock()
	delete(r.items, item)
	return nil
}

func (r *ring) holds() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]string{}
	for k, v := range r.items {
		out[k] = v
	}
	return out
}

// withSites is a window's configuration with saved sites and a keyring.
func withSites(t *testing.T, dir string, r secrets.Backend, list ...sites.Site) func(*Config) {
	t.Helper()
	book, err := sites.Open(filepath.Join(dir, "sites.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 {
		if _, err = book.Add(list...); err != nil {
			t.Fatal(err)
		}
	}
	return func(c *Config) {
		c.ConfigDir = dir
		if r != nil {
			c.Secrets = secrets.Open(secrets.Options{Backend: r, Index: filepath.Join(dir, "keyring.json")})
		}
	}
}

const harbourID = "0123456789abcdef"

// harbour is a saved site for a test server.
func harbour(srv *ftptest.Server, change func(*sites.Site)) sites.Site {
	u, err := client.ParseURL(srv.URL)
	if err != nil {
		panic(err)
	}
	s := sites.Site{ID: harbourID, Name: "Harbour", Folder: []string{"Work"}, Host: u.Host, Port: u.Port, User: "joe"}
	if change != nil {
		change(&s)
	}
	return s
}

func passwordItem() string { return harbourID + "/" + secrets.Password.String() }

// kept returns a saved site as the file has it.
func (b *bench) keptSite(dir string) sites.Site {
	b.t.Helper()
	book, err := sites.Open(filepath.Join(dir, "sites.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, s := range book.Content().Sites {
		return s
	}
	return sites.Site{}
}
