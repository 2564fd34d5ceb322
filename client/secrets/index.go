package secrets

import (
	"cmp"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"portside/client/keep"
)

// indexVersion is the version of keyring.json.
const indexVersion = 1

// maxIndex bounds the entries; the oldest go.
const maxIndex = 100_000

// An index is the file that says which secrets this program has put into the keyring.
// The zero value is none.
type index struct{ path string }

type indexContent struct {
	Items []entry `json:"items"`
}

// An entry is a secret's name; never the secret.
type entry struct {
	Key
	Name  string    `json:"name,omitempty"` // of the site, when it was put there
	For   string    `json:"for,omitempty"`  // whom it is for, as Bind was told; empty: not known
	Since time.Time `json:"since"`
}

// DefaultIndex is the usual path of the index, keyring.json beside the other files.
func DefaultIndex() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "portside", "keyring.json"), nil
}

func (x index) file() keep.File { return keep.File{Path: x.path, Version: indexVersion} }

// change applies f to the entries. A damaged file has been set aside, and a new one is
// begun.
func (x index) change(f func(map[Key]entry) (changed bool)) error {
	if x.path == "" {
		return nil
	}
	update := func() error {
		return keep.Update(x.file(), func(c *indexContent) error {
			entries := c.byKey()
			if !f(entries) {
				return keep.ErrUnchanged
			}
			c.Items = sorted(entries)
			return nil
		})
	}
	err := update()
	if damaged, ok := errors.AsType[*keep.DamagedError](err); ok && damaged.Aside != "" {
		err = update()
	}
	return err
}

func (c indexContent) byKey() map[Key]entry {
	entries := make(map[Key]entry, len(c.Items))
	for _, e := range c.Items {
		if e.check() == nil {
			e.Name = plainName(e.Name)
			entries[e.Key] = e
		}
	}
	return entries
}

func sorted(entries map[Key]entry) []entry {
	list := slices.SortedFunc(maps.Values(entries), func(a, b entry) int { return b.Since.Compare(a.Since) })
	list = list[:min(len(list), maxIndex)]
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Kind, b.Kind)) })
	return list
}

func (x index) add(k Key, name string, now time.Time) error {
	return x.change(func(entries map[Key]entry) bool {
		name = plainName(name)
		if old, ok := entries[k]; ok && old.Name == name && old.For == "" {
			return false
		}
		entries[k] = entry{Key: k, Name: name, Since: now.UTC().Truncate(time.Second)}
		return true
	})
}

func (x index) bind(whom map[Key]string) error {
	return x.change(func(entries map[Key]entry) (changed bool) {
		for k, w := range whom {
			if e, ok := entries[k]; ok && e.For != w {
				e.For = w
				entries[k] = e
				changed = true
			}
		}
		return changed
	})
}

func (x index) remove(keys ...Key) error {
	return x.change(func(entries map[Key]entry) bool {
		before := len(entries)
		for _, k := range keys {
			delete(entries, k)
		}
		return len(entries) != before
	})
}

func (x index) rename(site, name string) error {
	return x.change(func(entries map[Key]entry) (changed bool) {
		for k, e := range entries {
			if k.Site == site && e.Name != plainName(name) {
				e.Name = plainName(name)
				entries[k] = e
				changed = true
			}
		}
		return changed
	})
}

// load returns the entries, none where there is no file yet. After an error, also that
// there is no index, nothing is known.
func (x index) load() (entries map[Key]entry, err error) {
	if x.path == "" {
		return nil, errNoIndex
	}
	c, err := keep.Load[indexContent](x.file())
	return c.byKey(), err
}

var errNoIndex = errors.New("there is no index")

// without reports whether the index is sure that the keyring holds none of the keys.
func (x index) without(keys ...Key) bool {
	entries, err := x.load()
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(keys, func(k Key) bool { _, ok := entries[k]; return ok })
}

// name is the site's name in the index, "" where it is not there.
func (x index) name(k Key) string {
	entries, _ := x.load() // empty then
	return entries[k].Name
}
