package secrets

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// A Leftover is a secret in the keyring whose site is gone.
type Leftover struct {
	Key
	Name  string    // of the site, as it was known; may be empty
	Since time.Time // when it was put there; zero: not known
	Own   bool      // the index knows it. Another one may be of a Portside with other settings
}

// everything returns what of this program is in the keyring: what the index says and
// what a search finds. Where the keyring can be searched, what it does not hold is not
// there, and goes from the index.
func (s *Store) everything(ctx context.Context) (map[Key]Leftover, error) {
	entries, err := s.index.load()
	if err != nil && !errors.Is(err, errNoIndex) {
		entries = nil // the search is what is left
	}
	all := make(map[Key]Leftover, len(entries))
	for k, e := range entries {
		all[k] = Leftover{Key: k, Name: e.Name, Since: e.Since, Own: true}
	}
	if err = s.ready(ctx); err != nil {
		return all, err
	}
	l, ok := s.backend.(lister)
	if !ok {
		return all, nil
	}
	items, err := l.List(ctx)
	if err != nil {
		return all, err
	}
	found := make(map[Key]bool, len(items))
	for _, it := range items {
		k, isKey := parseItem(it.item)
		if !isKey {
			continue
		}
		found[k] = true
		if _, known := all[k]; !known {
			all[k] = Leftover{Key: k, Name: nameIn(it.label, k.Kind)}
		}
	}
	var gone []Key
	for k := range all {
		if !found[k] {
			gone = append(gone, k)
			delete(all, k)
		}
	}
	_ = s.index.remove(gone...) // they are found gone again
	return all, nil
}

// Leftovers returns the secrets of sites that are not among the known, in order of
// name. Read the sites anew before, and do not ask where they could not be read: all
// would be leftovers then. Where the keyring is in trouble, what the index knows comes
// with the error.
func (s *Store) Leftovers(ctx context.Context, known []string) ([]Leftover, error) {
	all, err := s.list(ctx)
	for _, site := range append([]string{ForAll}, known...) {
		for _, kind := range Kinds() {
			delete(all, Key{Site: site, Kind: kind})
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Leftover) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Site, b.Site), cmp.Compare(a.Kind, b.Kind))
	}), err
}

func (s *Store) list(ctx context.Context) (map[Key]Leftover, error) {
	result := make(chan map[Key]Leftover, 1)
	err := s.gate.do(ctx, "list", func(ctx context.Context) error {
		all, err := s.everything(ctx)
		result <- all
		return err
	}, nil)
	select {
	case all := <-result:
		return all, err
	default: // it was given up
		return map[Key]Leftover{}, err
	}
}

// RemoveLeftovers removes them from the keyring. Each takes its own time, so that many
// are no trouble.
func (s *Store) RemoveLeftovers(ctx context.Context, list []Leftover) error {
	keys := make([]Key, 0, len(list))
	for _, one := range list {
		keys = append(keys, one.Key)
	}
	_, err := s.removeAll(ctx, keys)
	return err
}

// ForgetAll removes every secret, in memory and in the keyring, and returns how many
// were removed from the keyring, also with an error. Each takes its own time.
func (s *Store) ForgetAll(ctx context.Context) (n int, err error) {
	s.mu.Lock()
	clear(s.memory)
	for k := range s.turns {
		s.turns[k]++
	}
	s.mu.Unlock()
	all, err := s.list(ctx)
	if err != nil {
		if len(all) == 0 && StateOf(err) == Missing {
			return 0, nil // there is no keyring, and nothing was ever put into one
		}
		return 0, err
	}
	n, err = s.removeAll(ctx, slices.Collect(maps.Keys(all)))
	sw, ok := s.backend.(sweeper)
	if err != nil || !ok {
		return n, err
	}
	return n, s.gate.do(ctx, "delete", sw.Sweep, nil)
}

// removeAll removes secrets from the keyring until there is trouble, and those that are
// gone from the index.
func (s *Store) removeAll(ctx context.Context, keys []Key) (n int, err error) {
	for i, k := range keys {
		err = s.gate.do(ctx, "delete", func(ctx context.Context) error {
			if i == 0 {
				if trouble := s.ready(ctx); trouble != nil {
					return trouble
				}
			}
			return s.backend.Delete(ctx, k.item())
		}, nil)
		if err != nil && !errors.Is(err, ErrNotFound) {
			break
		}
		n++
		err = nil
	}
	_ = s.index.remove(keys[:n]...) // entries too many are leftovers that are gone
	return n, err
}
